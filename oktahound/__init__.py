"""oktahound: read an Okta organization into typed entities and a graph of its attack surface.

Three layers: a client that reads Okta's Management API, entities that say what its answers mean, and a
graph of nodes and edges that any tool can query::

    import oktahound

    client = oktahound.OktaClient("https://contoso.okta.com", oktahound.ApiToken("00..."))
    snapshot = oktahound.collect(client)
    graph = oktahound.build_graph(snapshot)
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from oktahound import entities, errors
from oktahound.client import ApiToken, AsyncOktaClient, OktaClient, PrivateKeyJwt
from oktahound.collect import Progress, collect, collect_async
from oktahound.entities import ApiServiceIntegration, ClientSecret, OAuthScope, Organization, User
from oktahound.errors import OktaHoundError
from oktahound.graph import attack_view, build_graph
from oktahound.snapshot import Gap, GapReason, Snapshot

if TYPE_CHECKING:
    from types import ModuleType

    from oktahound import sim

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
    "attack_view",
    "build_graph",
    "collect",
    "collect_async",
    "entities",
    "errors",
    "sim",
]

# Imported when they are first named: who reads a real org does not pay for a simulated one.
_ON_DEMAND = frozenset({"sim"})


def __getattr__(name: str) -> ModuleType:
    if name in _ON_DEMAND:
        return importlib.import_module(f"oktahound.{name}")
    raise AttributeError(f"module 'oktahound' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
