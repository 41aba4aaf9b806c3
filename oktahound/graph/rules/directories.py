"""Directory agents, agent pools, and the applications that represent directories."""

from __future__ import annotations

from collections.abc import Iterator

from oktahound.entities import Agent, AgentPool, Application
from oktahound.graph.model import Edge, EdgeKind, rule
from oktahound.graph.org_index import OrgIndex

__all__ = ["AGENT_MEMBER_OF", "AGENT_POOL_FOR", "RULES"]

AGENT_MEMBER_OF = EdgeKind(
    "Okta_AgentMemberOf",
    starts={"Okta_Agent"},
    ends={"Okta_AgentPool"},
    traversable=True,
    why="Any agent of a pool may receive the sign-ins that the pool serves.",
    abuse="Capture passwords and answer sign-ins on the server that runs the agent.",
    cut="Remove the agent from the pool, or protect its server like a domain controller.",
    same_tier=True,
)

AGENT_POOL_FOR = EdgeKind(
    "Okta_AgentPoolFor",
    starts={"Okta_AgentPool"},
    ends={"Okta_Application"},
    traversable=True,
    why="The pool connects the application to the directory, for imports and for sign-ins.",
    abuse="Approve sign-ins of directory users, or import changed users and groups into Okta by the agent.",
    cut="Switch off delegated authentication and imports, or protect every server of the pool.",
    same_tier=True,
)


@rule(AGENT_MEMBER_OF, needs=(AgentPool, Agent))
def agent_member_of(org: OrgIndex) -> Iterator[Edge]:
    """Agents are members of the pool in which Okta lists them."""
    for agent in org.rows(Agent):
        yield AGENT_MEMBER_OF(agent.id, AgentPool(id=agent.pool_id).node_id(org))


@rule(AGENT_POOL_FOR, needs=(AgentPool, Application))
def agent_pool_for(org: OrgIndex) -> Iterator[Edge]:
    """A directory pool has the id of the application that it serves.

    Pools of other types serve no application. An LDAP pool counts if the application with its id was read.
    """
    apps = org.by_id(Application)
    for pool in org.rows(AgentPool):
        type_ = (pool.type or "").casefold()
        if type_ == "ad" or (type_ == "ldap" and pool.id in apps):
            yield AGENT_POOL_FOR(pool.node_id(org), pool.id)


RULES = (agent_member_of, agent_pool_for)
