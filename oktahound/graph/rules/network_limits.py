"""Network zones that limit credentials, clients and policies, and streams of the System Log.

Okta's API description has a network condition on API tokens, OAuth clients and the rules of seven types of
policies (`PolicyNetworkCondition`): included zones, excluded zones, or ``ALL_ZONES``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from oktahound.entities import (
    ApiServiceIntegration,
    ApiToken,
    Application,
    ConsentGrant,
    LogStream,
    NetworkZone,
    OAuthScope,
    Policy,
    PolicyRule,
)
from oktahound.graph.lifecycle import policy_rule_state, state_of
from oktahound.graph.model import Edge, EdgeKind, rule
from oktahound.graph.org_index import OrgIndex
from oktahound.graph.scope_nodes import OAUTH_SCOPE, granted_scopes, scope_node

__all__ = ["LIMITED_TO_ZONE", "MANAGE_LOG_STREAM", "RULES", "RULES_WITH_SCOPES"]

LIMITED_TO_ZONE = EdgeKind(
    "OktaHound_LimitedToZone",
    starts={"Okta_ApiToken", "Okta_Application", "Okta_Policy"},
    ends={"OktaHound_NetworkZone"},
    traversable=False,
    why="Settings of the credential, client or policy refer to the zone, which makes theft harder.",
    abuse="Gives no right. An attacker needs an address in the zone, or must add one to it.",
    cut="Keep the limit, and keep zones small.",
)
MANAGE_LOG_STREAM = EdgeKind(
    "OktaHound_ManageLogStream",
    starts={OAUTH_SCOPE},
    ends={"OktaHound_LogStream"},
    traversable=False,
    why="The scope can stop or redirect the stream, so that its readers get no further events.",
    abuse="Stop the stream before an attack.",
    cut="Revoke the scope, and alert when the stream stops.",
)


_ALL_ZONES = "ALL_ZONES"
_EACH_ZONE = "ALL_ZONES means every network zone of the organization that is not a blocklist"


@rule(LIMITED_TO_ZONE, needs=(NetworkZone, ApiToken, Application))
def credential_limited_to_zone(org: OrgIndex) -> Iterator[Edge]:
    """API tokens and OAuth clients whose settings include or exclude zones."""
    holders: list[ApiToken | Application] = [*org.rows(ApiToken), *org.rows(Application)]
    for each in holders:
        if each.network_connection == "ZONE":
            # A zone that is both included and excluded is excluded.
            excluded = dict(_zones(each.network_exclude, org))
            included = dict(_zones(each.network_include, org))
            for zone, assumption in {**included, **excluded}.items():
                is_excluded = True if zone in excluded else None
                yield LIMITED_TO_ZONE(each.id, zone, excluded=is_excluded, assumption=assumption)


@rule(LIMITED_TO_ZONE, needs=(NetworkZone, Policy, PolicyRule))
def policy_limited_to_zone(org: OrgIndex) -> Iterator[Edge]:
    """Policies whose rules refer to zones.

    The edge has the property `partial` unless every rule that does not deny access applies only in zones.
    Otherwise the policy allows access from other networks as well.
    """
    for policy in org.rows(Policy):
        rules = org.of(PolicyRule, policy.key)
        partial = None if _is_bound(rules) and org.known(PolicyRule, policy.key) else True
        by_zone: dict[str, list[tuple[PolicyRule, bool, str | None]]] = {}
        for each in rules:
            if each.network_connection == "ZONE":
                denies = each.access == "DENY"
                for zone, assumption in _zones(each.network_include, org):
                    by_zone.setdefault(zone, []).append((each, denies, assumption))
                for zone, assumption in _zones(each.network_exclude, org):
                    by_zone.setdefault(zone, []).append((each, not denies, assumption))
        for zone, uses in by_zone.items():
            states = [
                state_of(policy_rule_state(each.status), assumption=assumption)
                for each, _, assumption in uses
            ]
            # One rule that is active is enough.
            state = min(states, key=lambda each: ("inactive" in each, each.get("assumption", "")))
            yield LIMITED_TO_ZONE(
                policy.id,
                zone,
                rules=sorted({each.name or each.id for each, *_ in uses}),
                excluded=True if all(is_excluded for _, is_excluded, _ in uses) else None,
                partial=partial,
                **state,
            )


def _zones(ids: Iterable[str] | None, org: OrgIndex) -> list[tuple[str, str | None]]:
    """Return the zones in a condition, each with its assumption."""
    found: dict[str, str | None] = {}
    for each in ids or ():
        if each == _ALL_ZONES:
            usable = sorted(zone.id for zone in org.rows(NetworkZone) if zone.usage != "BLOCKLIST")
            found |= {zone: _EACH_ZONE for zone in usable if zone not in found}
        else:
            found[each] = None
    return list(found.items())


def _is_bound(rules: Sequence[PolicyRule]) -> bool:
    """Whether each rule that may be active and does not deny access applies in included zones only."""
    admitting = [
        each for each in rules if each.access != "DENY" and "inactive" not in policy_rule_state(each.status)
    ]
    return bool(admitting) and all(
        each.network_connection == "ZONE" and each.network_include for each in admitting
    )


@rule(MANAGE_LOG_STREAM, needs=(LogStream, ApiServiceIntegration, ConsentGrant))
def scope_manages_log_stream(org: OrgIndex) -> Iterator[Edge]:
    """The scope okta.logStreams.manage, over every stream."""
    for scope in granted_scopes(org):
        if scope.includes(OAuthScope("okta.logStreams.manage")):
            for stream in org.rows(LogStream):
                yield MANAGE_LOG_STREAM(scope_node(scope, org), stream.id)


RULES = (credential_limited_to_zone, policy_limited_to_zone)

RULES_WITH_SCOPES = (scope_manages_log_stream,)
"""Rules with edges from OAuth scopes. They run only if the graph contains scopes."""
