"""oktahound: read an Okta organization into typed entities and a graph of its attack surface.

There are three layers: a client for Okta's Management API, typed entities of its responses, and a graph of
nodes and edges that any tool can query::

    import oktahound

    client = oktahound.OktaClient("https://contoso.okta.com", oktahound.ApiToken("00..."))
    snapshot = oktahound.collect(client)
    graph = oktahound.build_graph(snapshot)

Each name is imported on first use: a program that loads a saved snapshot does not import the HTTP client,
and a program that reads a real org does not import the simulated one.
"""

from __future__ import annotations

import importlib
from importlib import metadata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from oktahound import analysis, bloodhound, entities, errors, plot, sim, sinks
    from oktahound.client import ApiToken, AsyncOktaClient, OktaClient, PrivateKeyJwt
    from oktahound.collecting import Progress, collect, collect_async
    from oktahound.entities import ApiServiceIntegration, ClientSecret, OAuthScope, Organization, User
    from oktahound.errors import OktaHoundError
    from oktahound.graph import attack_view, build_graph
    from oktahound.reporting import report
    from oktahound.sinks import write_opengraph
    from oktahound.snapshot import Gap, GapReason, Snapshot

    __version__: str

__all__ = [
    "ApiServiceIntegration",
    "ApiToken",
    "AsyncOktaClient",
    "ClientSecret",
    "Gap",
    "GapReason",
    "OAuthScope",
    "OktaClient",
    "OktaHoundError",
    "Organization",
    "PrivateKeyJwt",
    "Progress",
    "Snapshot",
    "User",
    "analysis",
    "attack_view",
    "bloodhound",
    "build_graph",
    "collect",
    "collect_async",
    "entities",
    "errors",
    "plot",
    "report",
    "sim",
    "sinks",
    "write_opengraph",
]

_HOMES = {
    "client": ("ApiToken", "AsyncOktaClient", "OktaClient", "PrivateKeyJwt"),
    "collecting": ("Progress", "collect", "collect_async"),
    "entities": ("ApiServiceIntegration", "ClientSecret", "OAuthScope", "Organization", "User"),
    "errors": ("OktaHoundError",),
    "graph": ("attack_view", "build_graph"),
    "reporting": ("report",),
    "sinks": ("write_opengraph",),
    "snapshot": ("Gap", "GapReason", "Snapshot"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}
_PARTS = frozenset({*_HOMES, "analysis", "bloodhound", "plot", "sim"})


def __getattr__(name: str) -> Any:
    if name in _HOME_OF:
        value = getattr(importlib.import_module(f"oktahound.{_HOME_OF[name]}"), name)
    elif name == "__version__":
        value = metadata.version("oktahound")
    elif name in _PARTS:
        value = importlib.import_module(f"oktahound.{name}")
    else:
        raise AttributeError(f"module 'oktahound' has no attribute {name!r}")
    # Later uses find it without this function.
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
