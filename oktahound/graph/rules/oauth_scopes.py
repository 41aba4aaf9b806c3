"""OAuth scopes: the clients that hold them, and the objects that each scope controls.

These kinds of nodes and edges are specific to oktahound. They are not part of the model that other tools
share.

Every power has one kind of edge, from the scope to the objects that it controls. It is not documented whether
Okta's protection of administrators stops a client without an admin role. So edges to administrators have that
assumption, and all edges have it if it is unknown who is an administrator. A gap never adds an edge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from oktahound.entities import (
    ApiServiceIntegration,
    Application,
    ClientActivity,
    ConsentGrant,
    Entity,
    time_text,
)
from oktahound.graph import scope_targets
from oktahound.graph.grants import COVERS, Grant, Targets
from oktahound.graph.lifecycle import grant_state, state_of
from oktahound.graph.model import Edge, EdgeKind, Rule, rule
from oktahound.graph.org_index import OrgIndex
from oktahound.graph.scope_nodes import OAUTH_SCOPE, granted_scopes, scope_node
from oktahound.scopes import Power, Severity, power

__all__ = ["HAS_SCOPE", "POWER_EDGES", "SCOPE_RULES"]

HAS_SCOPE = EdgeKind(
    "OktaHound_HasScope",
    starts={"Okta_ApiServiceIntegration", "Okta_Application"},
    ends={OAUTH_SCOPE},
    traversable=True,
    why="An API service integration acts with its scopes alone, on the whole org; it needs no admin role.",
    abuse="Request access tokens with the scope and call the API operations that it permits.",
    cut="Revoke the scope, or replace the integration with one that needs fewer scopes.",
    same_tier=True,
)

_WITHIN_ROLE = "an application acts within an admin role or a user's rights, which have their own edges"


@rule(HAS_SCOPE, needs=(ApiServiceIntegration,))
def integration_scopes(org: OrgIndex) -> Iterator[Edge]:
    """The scopes that an integration was granted."""
    for integration in org.rows(ApiServiceIntegration):
        for scope in integration.oauth_scopes or ():
            node = scope_node(scope, org)
            yield HAS_SCOPE(integration.id, node, lastAskedFor=_last_requested(org, integration.id, scope))


@rule(HAS_SCOPE, needs=(ConsentGrant, Application))
def application_scopes(org: OrgIndex) -> Iterator[Edge]:
    """The scopes granted to an application. They limit its role and give nothing alone: not traversable."""
    for grant in org.rows(ConsentGrant):
        if grant.scope_id is not None and grant.is_active:
            yield HAS_SCOPE(
                grant.app_id,
                scope_node(grant.scope_id, org),
                **state_of(grant_state(grant.status), {"inactive": _WITHIN_ROLE}),
                lastAskedFor=_last_requested(org, grant.app_id, grant.scope_id),
            )


def _last_requested(org: OrgIndex, client: str, scope: str) -> str | None:
    """Return the time of the client's last token with this scope in the System Log; None if there is none."""
    return org.once(_last_requests).get((client, scope))


def _last_requests(org: OrgIndex) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for row in org.rows(ClientActivity):
        for each in row.scopes:
            key = row.client_id, each.scope.text
            found[key] = max(found.get(key, ""), time_text(each.last_at))
    return found


def _kind_of(power: Power, ends: Iterable[str], traversable: bool) -> EdgeKind:
    name = "".join(word.capitalize() for word in power.name.split("-"))
    return EdgeKind(
        f"OktaHound_{name}",
        starts={OAUTH_SCOPE},
        ends=ends,
        traversable=traversable,
        why=power.sentence,
        abuse=power.abuse,
        cut=power.cut,
        # A scope applies to the whole org. With a critical power over an object of tier zero, its holder is
        # part of tier zero.
        same_tier=power.severity is Severity.CRITICAL,
    )


def _kind_and_rule(
    name: str,
    end: str,
    targets: Callable[[OrgIndex, Power], Targets],
    needs: tuple[type[Entity], ...] = (),
    *,
    traversable: bool = True,
) -> tuple[EdgeKind, Rule]:
    """Create the edge kind of a power and the rule for its edges."""
    of = power(name)
    kind = _kind_of(of, {end}, traversable)
    # A set of targets can be shared only if the set node may have edges to their kinds.
    shared = kind.ends <= COVERS.ends and traversable

    def body(org: OrgIndex) -> Iterator[Edge | Grant]:
        scopes = [scope for scope in granted_scopes(org) if scope.includes(of.scope)]
        objects = targets(org, of) if scopes else Targets(())
        for scope in scopes if objects.ids else ():
            grant = Grant(kind, scope_node(scope, org), objects)
            if shared:
                yield grant
            else:
                yield from grant.edges()

    body.__doc__ = of.sentence
    entities = (ApiServiceIntegration, ConsentGrant, *needs)
    return kind, Rule(of.name.replace("-", "_"), frozenset({kind}), entities, (), body)


_KINDS_AND_RULES = (
    _kind_and_rule("resets-credentials", "Okta_User", scope_targets.users, scope_targets.USERS),
    _kind_and_rule("resets-factors", "Okta_User", scope_targets.users, scope_targets.USERS),
    _kind_and_rule("adds-members", "Okta_Group", scope_targets.groups, scope_targets.GROUPS),
    _kind_and_rule(
        "adds-directory-members", "Okta_Group", scope_targets.directory_groups, scope_targets.GROUPS
    ),
    _kind_and_rule("grants-roles", "Okta_Organization", scope_targets.organization),
    _kind_and_rule("manages-devices", "Okta_Device", scope_targets.devices, scope_targets.DEVICES),
    _kind_and_rule("manages-apps", "Okta_Application", scope_targets.applications, scope_targets.APPS),
    _kind_and_rule(
        "mints-client-secrets", "Okta_Application", scope_targets.oauth_clients, scope_targets.APPS
    ),
    _kind_and_rule(
        "mints-integration-secrets",
        "Okta_ApiServiceIntegration",
        scope_targets.integrations,
    ),
    _kind_and_rule(
        "widens-scopes",
        "Okta_Application",
        scope_targets.oauth_clients,
        scope_targets.APPS,
        # More scopes only help an attacker who controls the application.
        traversable=False,
    ),
    _kind_and_rule(
        "updates-agents",
        "Okta_AgentPool",
        scope_targets.agent_pools,
        scope_targets.AGENTS,
        # It controls when an agent is updated, but not its content.
        traversable=False,
    ),
    _kind_and_rule(
        "reads-app-secrets",
        "Okta_ClientSecret",
        scope_targets.application_secrets,
        scope_targets.SECRETS,
    ),
    _kind_and_rule("adds-identity-providers", "Okta_User", scope_targets.users, scope_targets.USERS),
    _kind_and_rule(
        "controls-identity-providers",
        "Okta_IdentityProvider",
        scope_targets.identity_providers,
        scope_targets.PROVIDERS,
    ),
    _kind_and_rule("rewrites-policies", "Okta_Policy", scope_targets.policies, scope_targets.POLICIES),
    _kind_and_rule(
        "alters-tokens",
        "Okta_AuthorizationServer",
        scope_targets.authorization_servers,
        scope_targets.SERVERS,
    ),
)


POWER_EDGES: tuple[EdgeKind, ...] = tuple(kind for kind, _ in _KINDS_AND_RULES)
"""The kinds of edges from scopes to controlled objects, one for each power over objects of the graph."""

SCOPE_RULES: tuple[Rule, ...] = (
    integration_scopes,
    application_scopes,
    *(power_rule for _, power_rule in _KINDS_AND_RULES),
)
"""The rules that run only if the graph contains scopes."""
