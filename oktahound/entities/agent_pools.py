"""Agent pools and agents, which connect on-premises directories to the org."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import attrs

from oktahound.entities.parsers import moment_of_milliseconds
from oktahound.entities.schema import Context, Derived, Entity, Parent, Wire
from oktahound.entities.sources import Embedded, Endpoint

__all__ = ["Agent", "AgentPool"]


@attrs.frozen(kw_only=True, repr=False)
class AgentPool(Entity):
    """A pool of agents that serve one directory or purpose.

    The pool of a directory has the id of the application that represents the directory. `type` is kept as
    Okta sends it. Okta uses both ``Radius`` and ``RADIUS``: compare it casefolded.
    """

    KIND = "Okta_AgentPool"
    PLURAL = "agent_pools"
    # The limit is per type of pool, is 5 by default, and has no documented maximum.
    SOURCES = (
        Endpoint("/api/v1/agentPools", scope="okta.agentPools.read", params={"limitPerPoolType": 200}),
    )
    DERIVED = (Derived("displayName", "The name.", lambda pool, context: pool.name),)

    id: str
    """The id of the pool. For a directory it is the id of the `Application` that represents the directory."""
    name: str | None = None
    """The name, such as that of the domain."""
    type: str | None = None
    """The kind of agents: `AD`, `IWA`, `LDAP`, `MFA`, `OPP`, `RUM` or `Radius`, in the letter case that Okta
    sends."""
    operational_status: str | None = None
    """`OPERATIONAL`, `DEGRADED`, `DISRUPTED` or `INACTIVE`."""
    inactive_agents: int | None = None
    """The number of inactive agents."""
    disrupted_agents: int | None = None
    """The number of disrupted agents."""

    def node_id(self, context: Context) -> str:  # noqa: ARG002 - see Entity
        """Return the id with a suffix. The id without it is that of the application."""
        return f"{self.id}_pool"


@attrs.frozen(kw_only=True, repr=False)
class Agent(Entity):
    """One installed agent. An agent of Active Directory has the name of its server."""

    KIND = "Okta_Agent"
    PLURAL = "agents"
    OWNER = ("pool_id",)
    # Okta sends a list, although its examples show a single object.
    SOURCES = (Embedded(AgentPool, "agents"),)
    DERIVED = (Derived("displayName", "The name.", lambda agent, context: agent.name),)

    pool_id: Annotated[str, Parent(prop="poolId")]
    """The id of the `AgentPool`."""
    pool_name: Annotated[str | None, Parent("name", prop="poolName")] = None
    """The name of the pool."""
    pool_type: Annotated[str | None, Parent("type")] = None
    """The type of the pool."""
    name: str | None = None
    """The name of the agent. For Active Directory it is the host name of its server."""
    type: str | None = None
    """The kind of agent, as in `AgentPool`."""
    version: str | None = None
    """The installed version."""
    operational_status: str | None = None
    """`OPERATIONAL`, `DEGRADED`, `DISRUPTED` or `INACTIVE`."""
    update_status: str | None = None
    """The state of the last automatic update, such as `Success` or `Failed`."""
    is_hidden: Annotated[bool | None, Wire(prop="")] = None
    """Whether the admin console hides it."""
    last_connection: Annotated[datetime | None, Wire(read=moment_of_milliseconds)] = None
    """The time at which the agent last contacted Okta."""
