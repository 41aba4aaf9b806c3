"""A simulated Okta organization that runs in this process, for tests, documentation and demos.

`SimulatedOrg` responds over an httpx transport with Okta's documents, paging, headers, rate limits,
authentication and errors. To a client it behaves like Okta, and no socket is opened.
"""

from __future__ import annotations

from oktahound.sim.apps import OAuthSettings
from oktahound.sim.credentials import ServiceApp
from oktahound.sim.faults import Denial, Fault
from oktahound.sim.ids import SECRET_MARKER
from oktahound.sim.integrations import FALCON_SHIELD_SCOPES, RegisteredIntegration
from oktahound.sim.limits import RateLimits, Window
from oktahound.sim.logs import Behaviour, Origin, SystemLog
from oktahound.sim.org import SimulatedOrg
from oktahound.sim.saml import SamlSignOn
from oktahound.sim.server import Received
from oktahound.sim.virtual import VirtualClock
from oktahound.sim.world import Collection, World

__all__ = [
    "FALCON_SHIELD_SCOPES",
    "SECRET_MARKER",
    "Behaviour",
    "Collection",
    "Denial",
    "Fault",
    "OAuthSettings",
    "Origin",
    "RateLimits",
    "Received",
    "RegisteredIntegration",
    "SamlSignOn",
    "ServiceApp",
    "SimulatedOrg",
    "SystemLog",
    "VirtualClock",
    "Window",
    "World",
]


def __dir__() -> list[str]:
    return sorted(__all__)
