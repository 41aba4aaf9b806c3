"""Findings about directory agents and their pools."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar

from oktahound.analysis.findings.inspection import Inspection
from oktahound.analysis.findings.model import Finding
from oktahound.entities import Agent, AgentPool, Entity
from oktahound.scopes import Severity

__all__ = [
    "AgentNotOperational",
    "PoolTakesOverOrganization",
    "SingleAgentPool",
]

_SILENT_DAYS = 7


class _DirectoryFinding(Finding):
    """Base class of findings about directory agents."""

    SUBJECT = "Directory agents"
    READS: ClassVar[tuple[type[Entity], ...]] = (AgentPool, Agent)


class PoolTakesOverOrganization(_DirectoryFinding):
    """There is an attack path from an agent pool to the organization."""

    TITLE = "Directory agents can take control of the organization"
    MEANING = (
        "An attacker who controls a server with an agent of the pool can follow the path to control of Okta."
    )
    WHAT_TO_DO = (
        "Protect the servers like domain controllers, and assign no roles to users and groups that the "
        "directory manages."
    )
    SEVERITY = Severity.HIGH
    SEVERITY_REASON = (
        "The path ends in control of the organization, but it starts on a server inside the company."
    )
    NEEDS_SCOPES = True
    READS = (AgentPool,)

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each such pool, with the shortest path."""
        for pool in org.nodes_of("Okta_AgentPool"):
            if pool in org.paths_to_organization.nodes:
                yield cls.along(org, pool, org.paths_to_organization.path(pool))

    @classmethod
    def undecided(cls, org: Inspection) -> Iterable[str]:
        """Return the rules whose edges may be missing."""
        return org.path_gaps


class AgentNotOperational(_DirectoryFinding):
    """An agent is not operational, or did not connect for a week."""

    TITLE = "Directory agent does not work"
    MEANING = "A forgotten agent still has a token and a place in the pool, on an unmaintained server."
    WHAT_TO_DO = "Repair the agent, or remove it from Okta and uninstall it."
    SEVERITY = Severity.LOW
    SEVERITY_REASON = "The agent serves no sign-ins now, but its token may still be on the server."

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each such agent."""
        for agent in org.rows(Agent):
            status, days = agent.operational_status, org.days_since(agent.last_connection)
            seen = []
            if status is not None and status.upper() != "OPERATIONAL":
                seen.append(f"status {status}")
            if days is not None and days > _SILENT_DAYS:
                seen.append(f"last connection {days} days ago")
            if seen:
                yield cls.at(org, agent.id, *seen, f"pool: {agent.pool_name or agent.pool_id}")


class SingleAgentPool(_DirectoryFinding):
    """A pool for a directory has one agent."""

    TITLE = "Directory depends on a single agent"
    MEANING = "When the agent's server fails, directory users cannot sign in."
    WHAT_TO_DO = "Install a second agent on another server."
    SEVERITY = Severity.LOW
    SEVERITY_REASON = "It is a risk for availability, and gives an attacker no access."

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each such pool of which all agents were read."""
        for pool in org.rows(AgentPool):
            agents = org.of(Agent, pool.id)
            if (
                len(agents) == 1
                and org.known(Agent, pool.id)
                and (pool.type or "").casefold() in ("ad", "ldap")
            ):
                node = pool.node_id(org.rows_index)
                yield cls.at(org, node, f"agent: {agents[0].name or agents[0].id}")
