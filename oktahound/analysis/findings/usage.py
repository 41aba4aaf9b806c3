"""Findings from the System Log: what machine clients did, and what was done to them."""

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
"""A network counts as new if it was first seen so many days after the client's first event in the window."""

FAILURES_A_DAY = 10
"""So many failed token requests on one day, and more than tokens, look like probing."""


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
    """A client asked for no token in the whole window, and can still get one."""

    TITLE = "Client is dormant and can still authenticate"
    MEANING = "Nobody would notice if it were removed, and nobody notices if somebody else uses its secret."
    WHAT_TO_DO = "Ask its owner, deactivate its secrets and keys, and remove the client after some time."
    SEVERITY = Severity.MEDIUM
    SEVERITY_REASON = "Access that nobody needs can only be misused, but it takes a secret that leaked."
    READS = (ClientActivity, ApiServiceIntegration, Application, ClientSecret)

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """One for each such integration or application. API tokens can read without leaving an event."""
        for each in _clients(org):
            if each.dormant and (open_by := _opened_by(org, each)):
                yield cls.at(org, each.client, f"no token in {each.days} days", *open_by)


def _opened_by(org: Inspection, client: ClientUsage) -> tuple[str, ...]:
    if client.kind == Application.__name__:
        active = may_be_active(org.by_id(Application)[client.client])
        return ("the application is active",) if active else ()
    secrets = [secret for secret in org.of(ClientSecret, client.client) if may_be_active(secret)]
    return tuple(org.name(secret.id) for secret in secrets)


class _NotAskedFor(UsageFinding):
    """Base class: scopes that were not asked for in the window."""

    GRAVE: ClassVar[bool]

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """One for each client with such scopes."""
        for each in _clients(org):
            scopes = [
                f"{scope}: {_severity(scope).value}"
                for scope in each.of_state(UsageState.NOT_ASKED_FOR)
                if (_severity(scope).weight >= Severity.HIGH.weight) is cls.GRAVE
            ]
            if scopes:
                yield cls.at(org, each.client, *scopes, f"not asked for in {each.days} days")


def _severity(scope: OAuthScope) -> Severity:
    return Reach(scopes=[scope]).severity


class GraveScopesNotAskedFor(_NotAskedFor):
    """A client did not ask for scopes of high or critical severity in the whole window."""

    TITLE = "Grave scopes were granted and not asked for"
    MEANING = (
        "A scope that was not asked for was not used. "
        "Whoever gets hold of the client's secret can still use it."
    )
    WHAT_TO_DO = "Revoke the scopes, or ask the vendor for an integration without them: see right_size()."
    SEVERITY = Severity.HIGH
    SEVERITY_REASON = "Each of the scopes alone gives control of a part of the organization."
    GRAVE = True


class ScopesNotAskedFor(_NotAskedFor):
    """A client did not ask for scopes of medium or lower severity in the whole window."""

    TITLE = "Scopes were granted and not asked for"
    MEANING = "A scope that was not asked for was not used. It only adds to what a leaked secret is worth."
    WHAT_TO_DO = "Revoke the scopes, or ask the vendor for an integration without them: see right_size()."
    SEVERITY = Severity.LOW
    SEVERITY_REASON = "None of the scopes gives control of more than a small part of the organization."
    GRAVE = False


class NewNetwork(UsageFinding):
    """A client's requests began to come from a network that was not seen before in the window."""

    TITLE = "Client moved to a network that was not seen before"
    MEANING = "A vendor may have moved. Or somebody else has the secret and uses it from elsewhere."
    WHAT_TO_DO = "Ask the vendor whether the network is theirs. If not, rotate the secret at once."
    SEVERITY = Severity.MEDIUM
    SEVERITY_REASON = (
        "A change of network is what the use of a stolen secret looks like, and often is harmless."
    )

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """One for each client that was active before, of which the days before are known."""
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
    """Many token requests of a client failed on one day, more than succeeded."""

    TITLE = "Failed token requests look like probing"
    MEANING = (
        "Somebody tries which scopes the client has, or which secret it takes. Or it is badly configured."
    )
    WHAT_TO_DO = (
        "Look up the addresses in the System Log, and rotate the secret if they are not the vendor's."
    )
    SEVERITY = Severity.MEDIUM
    SEVERITY_REASON = "The requests failed; who makes them knows the client's id and perhaps its secret."

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """One for each such client."""
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
    """Base class: something that was done to a client."""

    READS: ClassVar[tuple[type[Entity], ...]] = (ClientAdministration,)
    EVENT: ClassVar[str]

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """One for each client that this was done to."""
        found: dict[str, list[str]] = {}
        for row in sorted(
            org.rows_index.rows(ClientAdministration), key=lambda row: (row.day, row.client_id)
        ):
            for change in row.changes:
                if change.event_type == cls.EVENT and change.result in ("SUCCESS", None):
                    told = cls.told(org, change.actor_id or "", change.actor_name or "somebody")
                    if told is not None:
                        detail = "" if change.detail is None else f": {change.detail}"
                        found.setdefault(row.client_id, []).append(
                            f"{told} on {time_text(change.last_at)}{detail}"
                        )
        for client in sorted(found):
            if client in org.graph:
                yield cls.at(org, client, *found[client])

    @classmethod
    def told(cls, org: Inspection, actor: str, name: str) -> str | None:  # noqa: ARG003 - others look into the org
        """Words for who did it; None if that is no finding."""
        return f"by {name} ({actor})" if actor else f"by {name}"


class SecretRead(_Administration):
    """Somebody looked at a client's secret."""

    TITLE = "Secret of a client was read by somebody"
    MEANING = "Who has seen the secret can act as the client from anywhere, and Okta logs no reads of it."
    WHAT_TO_DO = "Ask who read it what for. Rotate the secret if the answer is not good."
    SEVERITY = Severity.MEDIUM
    SEVERITY_REASON = "It takes an administrator to read it, and then leaves their control."
    EVENT = "app.oauth2.client.read_client_secret"


class RoleGrantedToClient(_Administration):
    """An admin role was granted to a client."""

    TITLE = "Admin role was granted to a client"
    MEANING = (
        "With a role, an application acts beyond what anybody has signed in for. It lasts until revoked."
    )
    WHAT_TO_DO = "Check that the role is needed, and narrow it to the resources that the client works on."
    SEVERITY = Severity.MEDIUM
    SEVERITY_REASON = "A role can reach as far as the scopes of the client let it, up to everything."
    EVENT = "app.oauth2.client.privilege.grant"


class AuthorizedByGoneUser(_Administration):
    """An integration was authorized by a user who was deactivated or deleted since."""

    TITLE = "Integration was authorized by a user who is gone"
    MEANING = "Who authorized it saw its secret, and nobody may know any more what it is for."
    WHAT_TO_DO = "Rotate the secret, and name somebody who is responsible for the integration."
    SEVERITY = Severity.MEDIUM
    SEVERITY_REASON = "A secret left the organization with a person, and can still be used."
    READS = (ClientAdministration, User)
    EVENT = "integration.api_service.lifecycle.authorize"

    @classmethod
    def told(cls, org: Inspection, actor: str, name: str) -> str | None:
        """Why the user is gone; None if they are not known to be."""
        reason = org.gone(actor) if actor else None
        return None if reason is None else f"by {name}: {reason}"
