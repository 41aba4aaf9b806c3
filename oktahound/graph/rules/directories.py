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
    why="Any agent of a pool may be handed the sign-ins that the pool serves.",
    abuse="Capture passwords and answer sign-ins on the server that runs the agent.",
    cut="Remove the agent from the pool, or protect its server like a domain controller.",
    same_tier=True,
)

AGENT_POOL_FOR = EdgeKind(
    "Okta_AgentPoolFor",
    starts={"Okta_AgentPool"},
    ends={"Okta_Application"},
    traversable=True,
    why="The pool is the application's way to the directory, for what it imports and for who signs in.",
    abuse="Answer sign-ins of directory users, or feed changed users and groups into Okta through the agent.",
    cut="Switch off delegated authentication and imports, or protect every server of the pool.",
    same_tier=True,
)


@rule(AGENT_MEMBER_OF, needs=(AgentPool, Agent))
def agent_member_of(org: OrgIndex) -> Iterator[Edge]:
    """Agents are members of the pool that Okta lists them in."""
    for agent in org.rows(Agent):
        yield AGENT_MEMBER_OF(agent.id, AgentPool(id=agent.pool_id).node_id(org))


@rule(AGENT_POOL_FOR, needs=(AgentPool, Application))
def agent_pool_for(org: OrgIndex) -> Iterator[Edge]:
    """A directory pool has the id of the application that it serves.

    Pools of other types serve no application; one of LDAP counts where such an application was read.
    """
    apps = org.by_id(Application)
    for pool in org.rows(AgentPool):
        type_ = (pool.type or "").casefold()
        if type_ == "ad" or (type_ == "ldap" and pool.id in apps):
            yield AGENT_POOL_FOR(pool.node_id(org), pool.id)


RULES = (agent_member_of, agent_pool_for)
