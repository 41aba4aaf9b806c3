"""Findings about inline hooks and AI agents, for snapshots that were read with trust boundaries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from oktahound.analysis.findings.controllers import controllers
from oktahound.analysis.findings.inspection import Inspection
from oktahound.analysis.findings.model import Finding
from oktahound.entities import AiAgent, AiAgentOwners, InlineHook, RoleAssignment
from oktahound.graph.lifecycle import may_be_active, status_assumptions
from oktahound.graph.rules.hooks import HOOK_ALTERS_ASSERTION, HOOK_ALTERS_TOKENS, HOOK_SEES_PASSWORD
from oktahound.graph.rules.user_hooks import HOOK_ALTERS_IMPORT, HOOK_ALTERS_REGISTRATION, HOOK_SEES_CODE
from oktahound.scopes import Severity

__all__ = ["AiAgentTakesOverOrganization", "AiAgentWithoutOwner", "InlineHookUnderOthers"]

_HOOK_KINDS = frozenset(
    kind.name
    for kind in (
        HOOK_ALTERS_ASSERTION,
        HOOK_ALTERS_TOKENS,
        HOOK_SEES_PASSWORD,
        HOOK_ALTERS_IMPORT,
        HOOK_ALTERS_REGISTRATION,
        HOOK_SEES_CODE,
    )
)
_SHOWN = 10


class InlineHookUnderOthers(Finding):
    """Principals without the super administrator role can change a hook that affects sign-ins."""

    TITLE = "Inline hook that affects sign-ins can be changed by less privileged principals"
    MEANING = (
        "The principals shown can point the hook to another server, which can then change assertions, "
        "tokens or imported users, or receive passwords or one-time codes."
    )
    WHAT_TO_DO = (
        "Revoke the right over hooks, or remove the hook from the applications and rules that use it."
    )
    SEVERITY = Severity.HIGH
    SEVERITY_REASON = "The server of the hook controls sign-ins, or receives the credentials."
    SUBJECT = "Hooks"
    NEEDS_SCOPES = True
    READS = (InlineHook, RoleAssignment)

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each such hook."""
        for hook in org.rows(InlineHook):
            affected = _affected(org, hook.id) if may_be_active(hook) else {}
            held = [each for each in controllers(org, hook.id) if each.node not in org.super_administrators]
            if affected and held:
                seen = [f"{org.name(each.node)} -[{each.kind}]-> {hook.name or hook.id}" for each in held]
                seen = seen[:_SHOWN] + ([f"and {len(seen) - _SHOWN} more"] if len(seen) > _SHOWN else [])
                doubts = (each.assumption for each in held if each.assumption)
                # The finding needs only the most certain of the edges from the hook.
                unsure = min(affected.values(), key=lambda each: (each is not None, each or ""))
                assumed: dict[str, None] = dict.fromkeys((*doubts, *status_assumptions(hook)))
                if unsure:
                    assumed[unsure] = None
                yield cls.at(
                    org,
                    hook.id,
                    f"server: {hook.host or 'not read'}",
                    f"affects: {_listed(list(affected))}",
                    *seen,
                    assumptions=assumed,
                )

    @classmethod
    def undecided(cls, org: Inspection) -> Iterable[str]:
        """Return the rules of the graph whose edges may be missing."""
        return org.path_gaps


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _affected(org: Inspection, hook: str) -> dict[str, str | None]:
    """Return the assumption of each active edge from a hook, by the name of the affected object, sorted."""
    out = org.graph.out_edges(hook, keys=True, data=True) if hook in org.graph else ()
    found = {
        org.name(end): attributes.get("assumption")
        for _, end, kind, attributes in out
        if kind in _HOOK_KINDS and attributes.get("active", True)
    }
    return dict(sorted(found.items()))


class AiAgentTakesOverOrganization(Finding):
    """An AI agent has an attack path to the organization."""

    TITLE = "AI agent can take control of the organization"
    MEANING = "An attacker who controls or misleads the agent can follow the path shown."
    WHAT_TO_DO = "Remove the connection of the agent at the start of the path, or narrow its scopes."
    SEVERITY = Severity.CRITICAL
    SEVERITY_REASON = "The path ends in control of the whole organization."
    SUBJECT = "AI agents"
    NEEDS_SCOPES = True
    READS = (AiAgent,)

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each such agent, with the shortest path."""
        for agent in org.rows(AiAgent):
            if agent.id in org.paths_to_organization.nodes:
                yield cls.along(org, agent.id, org.paths_to_organization.path(agent.id))

    @classmethod
    def undecided(cls, org: Inspection) -> Iterable[str]:
        """Return the rules of the graph whose edges may be missing."""
        return org.path_gaps


class AiAgentWithoutOwner(Finding):
    """No user or group owns an AI agent."""

    TITLE = "AI agent without an owner"
    MEANING = "No user or group is responsible for the agent, its keys and its connections."
    WHAT_TO_DO = "Assign at least two owners, as Okta recommends, or deactivate the agent."
    SEVERITY = Severity.LOW
    SEVERITY_REASON = "It gives no access, but connections that are no longer needed stay in place."
    SUBJECT = "AI agents"
    READS = (AiAgent, AiAgentOwners)

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each agent that may be active, if all owners were read."""
        if not org.known(AiAgentOwners):
            return
        owned = {row.id for row in org.rows(AiAgentOwners) if row.are_named}
        for agent in org.rows(AiAgent):
            if agent.id not in owned and may_be_active(agent):
                status = f"status: {agent.status or 'not read'}"
                yield cls.at(org, agent.id, status, assumptions=status_assumptions(agent))
