"""Findings about policies: the sign-in policy of the admin console, and routing to a directory."""

from __future__ import annotations

from collections.abc import Iterator

from oktahound.analysis.findings.inspection import Inspection
from oktahound.analysis.findings.model import Finding
from oktahound.analysis.zone_limits import ADMIN_CONSOLE, ZoneLimits
from oktahound.entities import Application, Policy, PolicyMapping, PolicyRule
from oktahound.graph.lifecycle import may_be_active, status_assumptions
from oktahound.scopes import Severity

__all__ = ["AdminConsoleOnDefaultPolicy", "AdminConsoleSharesPolicy", "KerberosSignIn"]


class _ConsolePolicyFinding(Finding):
    SUBJECT = "Policies"
    READS = (Policy, PolicyMapping, Application)


def _console_policies(org: Inspection) -> Iterator[tuple[Policy, Application, list[str]]]:
    """Yield the active policies of admin consoles, each with its other applications."""
    apps, policies = org.by_id(Application), org.by_id(Policy)
    mapped: dict[str, set[str]] = {}
    for row in org.rows(PolicyMapping):
        if row.application_id is not None:
            mapped.setdefault(row.policy_id, set()).add(row.application_id)
    for policy_id, ids in sorted(mapped.items()):
        policy = policies.get(policy_id)
        if policy is None or not may_be_active(policy):
            continue
        for app_id in sorted(ids):
            if app_id in apps and apps[app_id].app_type == ADMIN_CONSOLE:
                yield policy, apps[app_id], sorted(ids - {app_id})


def _zones(org: Inspection, policy: Policy) -> tuple[str, ...]:
    """Return the network zones that limit a policy, as evidence."""
    limit = ZoneLimits(org.graph).of(policy.id) if policy.id in org.graph else None
    return (f"users sign in {limit}",) if limit else ()


class AdminConsoleSharesPolicy(_ConsolePolicyFinding):
    """The sign-in policy of the admin console also applies to other applications."""

    TITLE = "Admin console shares its sign-in policy with other applications"
    MEANING = "A rule that is relaxed for another application also relaxes the sign-in to the admin console."
    WHAT_TO_DO = "Give the admin console a separate policy that requires a phishing-resistant factor."
    SEVERITY = Severity.MEDIUM
    SEVERITY_REASON = "It weakens a control as soon as the policy is changed for another purpose."

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each such policy."""
        for policy, console, others in _console_policies(org):
            if others:
                named = ", ".join(map(org.name, others[:10]))
                seen = (f"console: {org.name(console.id)}", f"{len(others)} others: {named}")
                yield cls.at(org, policy.id, *seen, *_zones(org, policy), rests_on=(console.id, *others))


class AdminConsoleOnDefaultPolicy(_ConsolePolicyFinding):
    """The admin console uses a policy that Okta created."""

    TITLE = "Admin console uses a default sign-in policy"
    MEANING = "Default policies are for ordinary applications, and also apply to applications added later."
    WHAT_TO_DO = "Give the admin console a separate policy that requires a phishing-resistant factor."
    SEVERITY = Severity.LOW
    SEVERITY_REASON = "The default may be strict enough: the requirements of its rules are not read."

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each such policy."""
        for policy, console, _ in _console_policies(org):
            if policy.system:
                seen = (f"console: {org.name(console.id)}", *_zones(org, policy))
                yield cls.at(org, policy.id, *seen, rests_on=(console.id,))


class KerberosSignIn(Finding):
    """A routing rule accepts Kerberos tickets of a directory."""

    TITLE = "Kerberos tickets of a directory are accepted"
    MEANING = (
        "An attacker with the key of the service account in the directory can sign in to Okta as any user of "
        "the directory."
    )
    WHAT_TO_DO = "Rotate the service account's password, restrict access to it, or disable agentless sign-on."
    SEVERITY = Severity.MEDIUM
    SEVERITY_REASON = "An attack needs a key of the directory, which its administrators and backups have."
    SUBJECT = "Policies"
    READS = (PolicyRule,)

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each routing policy with an active rule of that kind."""
        found: dict[str, list[PolicyRule]] = {}
        for rule in org.rows(PolicyRule):
            if "AgentlessDSSO" in (rule.provider_types or ()) and may_be_active(rule):
                found.setdefault(rule.policy_id, []).append(rule)
        for policy, rules in found.items():
            seen = (f"rule {rule.name or rule.id}" for rule in rules)
            yield cls.at(org, policy, *seen, assumptions=status_assumptions(*rules))
