"""The endpoints of a simulated org, with one module for each topic."""

from __future__ import annotations

from oktahound.sim.routes.api_services import API_SERVICES
from oktahound.sim.routes.apps import APPS
from oktahound.sim.routes.boundaries import BOUNDARIES
from oktahound.sim.routes.clients import CLIENTS
from oktahound.sim.routes.directory import DIRECTORY
from oktahound.sim.routes.federation import FEDERATION
from oktahound.sim.routes.groups import GROUPS
from oktahound.sim.routes.iam import IAM
from oktahound.sim.routes.logs import LOGS
from oktahound.sim.routes.organization import ORGANIZATION
from oktahound.sim.routes.roles import ROLES
from oktahound.sim.routes.users import USERS
from oktahound.sim.routes.workloads import WORKLOADS
from oktahound.sim.routing import Route

__all__ = ["ROUTES"]

ROUTES: tuple[Route, ...] = (
    *ORGANIZATION,
    *USERS,
    *API_SERVICES,
    *GROUPS,
    *APPS,
    *CLIENTS,
    *ROLES,
    *IAM,
    *DIRECTORY,
    *FEDERATION,
    *LOGS,
    *BOUNDARIES,
    *WORKLOADS,
)
"""The endpoints. Add a new one to the tuple of its module; the conformance test finds it here."""
