"""Findings from the System Log: the activity of machine clients, and administrative changes to them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import ClassVar

from oktahound.analysis.findings.inspection import Inspection
from oktahound.analysis.findings.model import Finding
from oktahound.analysis.usage.answers import LogEvidence
from oktahound.analysis.usage.model import ClientUsage, UsageState
from oktahound.entities import (
    ApiServiceIntegration,
    Application,
    ClientActivity,
    ClientAdministration,
    ClientSecret,
    Entity,
    User,
    time_text,
)
from oktahound.errors import ConfigurationError
from oktahound.graph import OrgIndex
from oktahound.graph.lifecycle import may_be_active
from oktahound.scopes import OAuthScope, Reach, Severity

__all__ = [
    "AuthorizedByGoneUser",
    "DormantClient",
    "FailuresLikeProbing",
    "GraveScopesNotAskedFor",
    "NewNetwork",
    "RoleGrantedToClient",
    "ScopesNotAskedFor",
    "SecretRead",
    "UsageFinding",
]

BASELINE_DAYS = 7
"""A network is new if it first occurs this many days after the client's first event in the window."""

FAILURES_A_DAY = 10
"""Minimum number of failed token requests on one day, and more than tokens, that look like probing."""


class UsageFinding(Finding):
    """Base class of findings from the System Log."""

    SUBJECT = "Machine clients in the System Log"
    READS: ClassVar[tuple[type[Entity], ...]] = (ClientActivity,)


def _evidence(index: OrgIndex) -> LogEvidence | None:
    try:
        return LogEvidence(index.snapshot)
    except ConfigurationError:  # the log was not read
        return None


def _usages(index: OrgIndex) -> tuple[ClientUsage, ...]:
    evidence = index.once(_evidence)
    return () if evidence is None else tuple(evidence.clients())


def _clients(org: Inspection) -> Iterator[ClientUsage]:
    for each in org.rows_index.once(_usages):
        if each.client in org.graph:
            yield each


class DormantClient(UsageFinding):
    """A client requested no token in the whole window, but can still get one."""

    TITLE = "Client is dormant but can still authenticate"
    MEANING = "The client seems not to be needed, and use of its secret by an attacker may go unnoticed."
    WHAT_TO_DO = "Ask its owner, deactivate its secrets and keys, and remove the client after some time."
    SEVERITY = Severity.MEDIUM
    SEVERITY_REASON = "Unneeded access can only be misused, but an attack needs a leaked secret."
    READS = (ClientActivity, ApiServiceIntegration, Application, ClientSecret)

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each such integration or application. API tokens can read without an event."""
        for each in _clients(org):
            if each.dormant and (credentials := _credentials_of(org, each)):
                yield cls.at(org, each.client, f"no token in {each.days} days", *credentials)


def _credentials_of(org: Inspection, client: ClientUsage) -> tuple[str, ...]:
    if client.kind == Application.__name__:
        active = may_be_active(org.by_id(Application)[client.client])
        return ("the application is active",) if active else ()
    secrets = [secret for secret in org.of(ClientSecret, client.client) if may_be_active(secret)]
    return tuple(org.name(secret.id) for secret in secrets)


class _NotAskedFor(UsageFinding):
    """Base class: scopes that were granted to a client but not requested in the window."""

    GRAVE: ClassVar[bool]

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each client with such scopes."""
        for each in _clients(org):
            scopes = [
                f"{scope}: {_severity(scope).value}"
                for scope in each.of_state(UsageState.NOT_ASKED_FOR)
                if (_severity(scope).weight >= Severity.HIGH.weight) is cls.GRAVE
            ]
            if scopes:
                yield cls.at(org, each.client, *scopes, f"not requested in {each.days} days")


def _severity(scope: OAuthScope) -> Severity:
    return Reach(scopes=[scope]).severity


class GraveScopesNotAskedFor(_NotAskedFor):
    """A client did not request scopes of high or critical severity in the whole window."""

    TITLE = "Severe scopes were granted but not requested"
    MEANING = (
        "A scope that was not requested was not used, but anyone who obtains the client's secret can use it."
    )
    WHAT_TO_DO = "Revoke the scopes, or ask the vendor for an integration without them: see right_size()."
    SEVERITY = Severity.HIGH
    SEVERITY_REASON = "Each of the scopes alone gives control of a part of the organization."
    GRAVE = True


class ScopesNotAskedFor(_NotAskedFor):
    """A client did not request scopes of medium or lower severity in the whole window."""

    TITLE = "Scopes were granted but not requested"
    MEANING = (
        "A scope that was not requested was not used. It only increases the damage that a leaked secret can "
        "do."
    )
    WHAT_TO_DO = "Revoke the scopes, or ask the vendor for an integration without them: see right_size()."
    SEVERITY = Severity.LOW
    SEVERITY_REASON = "None of the scopes gives control of more than a small part of the organization."
    GRAVE = False


class NewNetwork(UsageFinding):
    """A client's requests came from a network that did not occur before in the window."""

    TITLE = "Client uses a new network"
    MEANING = "The vendor may have changed its network, or an attacker may be using a stolen secret."
    WHAT_TO_DO = "Ask the vendor whether the network is theirs. If not, rotate the secret immediately."
    SEVERITY = Severity.MEDIUM
    SEVERITY_REASON = "The use of a stolen secret looks like this, but a new network is often harmless."

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each client that was active before, if its earlier networks are known completely."""
        evidence = org.rows_index.once(_evidence)
        if evidence is None:
            return
        for each in _clients(org):
            rows = evidence.rows(each.client)
            first = date.fromisoformat(rows[0].id) if rows else evidence.until.date()
            recent = (first + timedelta(days=BASELINE_DAYS)).isoformat()
            before = [row for row in rows if row.id < recent]
            known = {network.place for row in before for network in row.networks}
            new = {
                network.place: f"{network.place}, {network.address}, first on {row.id}"
                + (", a proxy" if network.proxy else "")
                for row in reversed(rows)
                if row.id >= recent
                for network in row.networks
                if network.place not in known
            }
            if before and new and not any(row.networks_left_out for row in before):
                yield cls.at(org, each.client, *(new[place] for place in sorted(new)))


class FailuresLikeProbing(UsageFinding):
    """Many token requests of a client failed on one day, and more failed than succeeded."""

    TITLE = "Failed token requests look like probing"
    MEANING = (
        "An attacker may be testing the scopes or the secret of the client, or the client is misconfigured."
    )
    WHAT_TO_DO = (
        "Look up the addresses in the System Log, and rotate the secret if they are not the vendor's."
    )
    SEVERITY = Severity.MEDIUM
    SEVERITY_REASON = "The requests failed, but their sender has the client's id and perhaps its secret."

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each such client."""
        evidence = org.rows_index.once(_evidence)
        for each in _clients(org) if evidence is not None else ():
            days = []
            for row in evidence.rows(each.client) if evidence is not None else ():
                count = sum(failure.count for failure in row.failures) + row.failures_left_out
                if count >= max(FAILURES_A_DAY, row.token_grants + 1):
                    reasons = ", ".join(failure.name for failure in row.failures)
                    days.append(f"{row.id}: {count} failures ({reasons}), {row.token_grants} tokens")
            if days:
                yield cls.at(org, each.client, *days)


class _Administration(UsageFinding):
    """Base class: an administrative change to a client."""

    READS: ClassVar[tuple[type[Entity], ...]] = (ClientAdministration,)
    EVENT: ClassVar[str]

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each changed client."""
        found: dict[str, list[str]] = {}
        for row in sorted(
            org.rows_index.rows(ClientAdministration), key=lambda row: (row.day, row.client_id)
        ):
            for change in row.changes:
                if change.event_type == cls.EVENT and change.result in ("SUCCESS", None):
                    by_actor = cls.actor_text(
                        org, change.actor_id or "", change.actor_name or "an unknown actor"
                    )
                    if by_actor is not None:
                        detail = "" if change.detail is None else f": {change.detail}"
                        found.setdefault(row.client_id, []).append(
                            f"{by_actor} on {time_text(change.last_at)}{detail}"
                        )
        for client in sorted(found):
            if client in org.graph:
                yield cls.at(org, client, *found[client])

    @classmethod
    def actor_text(cls, org: Inspection, actor: str, name: str) -> str | None:  # noqa: ARG003 - others look into the org
        """Return a text that names the actor; None if the event is not a finding."""
        return f"by {name} ({actor})" if actor else f"by {name}"


class SecretRead(_Administration):
    """An administrator viewed a client's secret."""

    TITLE = "Secret of a client was viewed"
    MEANING = "Anyone who has seen the secret can act as the client from anywhere. Its reads are not logged."
    WHAT_TO_DO = "Ask the actor for the reason. Rotate the secret if there is no good reason."
    SEVERITY = Severity.MEDIUM
    SEVERITY_REASON = "Only an administrator can view the secret, but a copy of it cannot be controlled."
    EVENT = "app.oauth2.client.read_client_secret"


class RoleGrantedToClient(_Administration):
    """An admin role was granted to a client."""

    TITLE = "Admin role was granted to a client"
    MEANING = "With a role, an application acts without a signed-in user. The role lasts until it is revoked."
    WHAT_TO_DO = "Check that the role is needed, and narrow it to the resources that the client uses."
    SEVERITY = Severity.MEDIUM
    SEVERITY_REASON = "The role can reach everything that the scopes of the client permit."
    EVENT = "app.oauth2.client.privilege.grant"


class AuthorizedByGoneUser(_Administration):
    """The user who authorized an integration has since been deactivated or deleted."""

    TITLE = "Integration was authorized by a user who has left"
    MEANING = "The user saw the secret, and the purpose of the integration may be unknown now."
    WHAT_TO_DO = "Rotate the secret, and name a responsible owner for the integration."
    SEVERITY = Severity.MEDIUM
    SEVERITY_REASON = "A person outside the organization may have the secret, which still works."
    READS = (ClientAdministration, User)
    EVENT = "integration.api_service.lifecycle.authorize"

    @classmethod
    def actor_text(cls, org: Inspection, actor: str, name: str) -> str | None:
        """Return the reason why the user is no longer active; None if the user may be active."""
        reason = org.why_inactive(actor) if actor else None
        return None if reason is None else f"by {name}: {reason}"
