"""The System Log of a simulated org: events, filter language, behaviours of clients, and the listing."""

from __future__ import annotations

from oktahound.sim.logs.behaviours import Behaviour
from oktahound.sim.logs.events import Origin
from oktahound.sim.logs.system_log import SystemLog

__all__ = ["Behaviour", "Origin", "SystemLog"]
