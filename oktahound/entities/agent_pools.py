"""Directory agents and the pools they form: where an on-premises network meets the org."""

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
    """Agents that serve one directory or purpose.

    A directory's pool has the id of the application that stands for the directory. `type` is kept as
    Okta writes it, which is ``Radius`` here and ``RADIUS`` there: compare it casefolded.
    """

    KIND = "Okta_AgentPool"
    PLURAL = "agent_pools"
    # The limit is per type of pool, is 5 when nothing is said, and has no documented maximum.
    SOURCES = (
        Endpoint("/api/v1/agentPools", scope="okta.agentPools.read", params={"limitPerPoolType": 200}),
    )
    DERIVED = (Derived("displayName", "The name.", lambda pool, context: pool.name),)

    name: str | None = None
    type: str | None = None
    operational_status: str | None = None
    inactive_agents: int | None = None
    disrupted_agents: int | None = None

    def node_id(self, context: Context) -> str:  # noqa: ARG002 - see Entity
        """The id with a suffix: the bare id is that of the application."""
        return f"{self.id}_pool"


@attrs.frozen(kw_only=True, repr=False)
class Agent(Entity):
    """One installed agent. Agents of Active Directory carry the name of their server."""

    KIND = "Okta_Agent"
    PLURAL = "agents"
    OWNER = ("pool_id",)
    # Okta sends a list; its own examples show a single object.
    SOURCES = (Embedded(AgentPool, "agents"),)
    DERIVED = (Derived("displayName", "The name.", lambda agent, context: agent.name),)

    pool_id: Annotated[str, Parent(prop="poolId")]
    pool_name: Annotated[str | None, Parent("name", prop="poolName")] = None
    pool_type: Annotated[str | None, Parent("type")] = None
    name: str | None = None
    type: str | None = None
    version: str | None = None
    operational_status: str | None = None
    update_status: str | None = None
    is_hidden: Annotated[bool | None, Wire(prop="")] = None
    last_connection: Annotated[datetime | None, Wire(read=moment_of_milliseconds)] = None
