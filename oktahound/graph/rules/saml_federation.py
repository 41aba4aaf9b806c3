"""SAML federation: assertions of applications to service providers, and of identity providers to Okta.

There are no edges for facts that Okta's responses do not contain: metadata documents are not read,
expressions are not evaluated, and catalogue entries do not show the URL to which they send assertions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from oktahound.entities import (
    AccountMatching,
    AcsEndpoint,
    Application,
    AppUser,
    AttributeStatement,
    IdentityProvider,
    IdentityProviderUser,
    SamlSettings,
    User,
)
from oktahound.graph.lifecycle import State, node_state, relation_state, state_of
from oktahound.graph.model import Edge, rule
from oktahound.graph.org_index import OrgIndex
from oktahound.graph.rules.saml_kinds import (
    ELIGIBLE_FOR,
    HAS_ACCOUNT,
    HAS_ACCOUNT_RESOLUTION_RULE,
    HAS_ACCOUNT_RESOLUTION_VALUE,
    HAS_ASSERTION_CONSUMER_SERVICE,
    HAS_CLAIM_MAPPING,
    HAS_CLAIM_VALUE,
    IMPLEMENTS,
    ISSUES_AS,
    ISSUES_ASSERTIONS_TO,
    TRUSTS_ISSUER,
    USES_ACCOUNT_RESOLUTION_FIELD,
)
from oktahound.graph.saml import ids
from oktahound.graph.saml.claims import FAMILIES, Claim, claims_of, family_of, family_values, value_of
from oktahound.graph.saml.inbound import account_state, linked_values, resolution_of, saml_providers
from oktahound.graph.saml.routes import federated_apps, issuer_of, routes_of

__all__ = ["RULES"]

_ASSIGNED = frozenset({"ACTIVE", "PROVISIONED"})
_CANNOT_SIGN_IN = frozenset({"SUSPENDED", "DEPROVISIONED", "STAGED", "LOCKED_OUT"})
_LINKS = "/api/v1/idps/{id}/users"


@rule(IMPLEMENTS, needs=(Application, IdentityProvider))
def saml_roles(org: OrgIndex) -> Iterator[Edge]:
    """The federation provider of each application, and the service provider of each identity provider."""
    for app in federated_apps(org):
        yield IMPLEMENTS(app.id, ids.provider_node(app.id))
    for idp in saml_providers(org):
        yield IMPLEMENTS(idp.id, ids.service_provider_node(idp.id))


@rule(ISSUES_AS, ISSUES_ASSERTIONS_TO, needs=(Application, SamlSettings, AcsEndpoint))
def assertion_routes(org: OrgIndex) -> Iterator[Edge]:
    """The issuer of assertions and the endpoints to which they are sent, if the settings prove them."""
    for app in federated_apps(org):
        provider = ids.provider_node(app.id)
        if issuer_of(org, app).entity_id is not None:
            yield ISSUES_AS(provider, ids.issuer_node(app.id))
        for route in routes_of(org, app).routes:
            yield ISSUES_ASSERTIONS_TO(provider, ids.acs_node(app.id, route.index))


@rule(HAS_CLAIM_MAPPING, needs=(Application, SamlSettings, AttributeStatement))
def claim_mappings(org: OrgIndex) -> Iterator[Edge]:
    """The subject of assertions, and each attribute statement."""
    for app in federated_apps(org):
        for claim in claims_of(org, app):
            yield HAS_CLAIM_MAPPING(ids.provider_node(app.id), ids.claim_node(app.id, claim.index))


@rule(
    ELIGIBLE_FOR,
    HAS_CLAIM_VALUE,
    needs=(Application, AppUser, User, SamlSettings, AttributeStatement),
)
def assertions_about_users(org: OrgIndex) -> Iterator[Edge]:
    """Assigned users who can sign in, with the values that assertions about them contain."""
    users = org.by_id(User)
    for app in federated_apps(org):
        app_state = node_state(org, app.id)
        if "inactive" in app_state:
            continue
        claims = claims_of(org, app)
        for assignment in org.of(AppUser, app.key):
            user, assigned = users.get(assignment.id), relation_state(assignment.status)
            is_assigned = assignment.status in _ASSIGNED or "assumption" in assigned
            if user is not None and is_assigned and user.status not in _CANNOT_SIGN_IN:
                yield from _about_user(app, user, assignment, claims, state_of(app_state, assigned))


def _about_user(
    app: Application, user: User, assignment: AppUser, claims: tuple[Claim, ...], state: State
) -> Iterator[Edge]:
    values: dict[str, list[str]] = {"match_values": []}
    sources: list[str] = []
    incomplete = set() if claims else set(FAMILIES)
    for claim in claims:
        family, value = family_of(claim), value_of(claim, user, assignment)
        compared = family_values(family, value) if family in FAMILIES and value is not None else None
        if family in FAMILIES and compared is None:
            incomplete.add(family)
        if value is None:
            continue
        if family in FAMILIES or family == "subject":
            values["match_values"].append(value)
            sources.append(claim.source_property or "")
        if compared is not None:
            values.setdefault(family or "", []).append(compared)
        if family is None or family == "transient":
            field = "unsafe_match_values" if family == "transient" else "canonical_match_values"
            yield HAS_CLAIM_VALUE(
                user.id,
                ids.claim_node(app.id, claim.index),
                match_values=[value],
                **_lists({field: [value]}),
                source_property=claim.source_property,
                **state,
            )
    subject = next((claim for claim in claims if claim.type == "name_id"), None)
    yield ELIGIBLE_FOR(
        user.id,
        ids.provider_node(app.id),
        **_lists(values),
        incomplete_match_value_fields=[name for name in FAMILIES if name in incomplete] or None,
        source_property=subject.source_property if subject else None,
        source_properties=list(dict.fromkeys(sources)) or None,
        assignment_source=assignment.scope,
        **state,
    )


def _lists(values: Mapping[str, Iterable[str]]) -> dict[str, Any]:
    """Convert to lists without duplicates, and leave out empty lists."""
    found = {name: list(dict.fromkeys(each)) for name, each in values.items()}
    return {name: each for name, each in found.items() if each}


@rule(TRUSTS_ISSUER, HAS_ASSERTION_CONSUMER_SERVICE, needs=(IdentityProvider,))
def inbound_trust(org: OrgIndex) -> Iterator[Edge]:
    """The issuer that the organization trusts, and the endpoint at which it receives assertions.

    The endpoint is the one to which Okta links. It belongs to the organization's entity id at the provider.
    Without that id there is no edge.
    """
    for idp in saml_providers(org):
        provider = ids.service_provider_node(idp.id)
        if idp.issuer:
            yield TRUSTS_ISSUER(provider, ids.trusted_issuer_node(org.domain, idp.issuer))
        if idp.acs_url and idp.trust_audience:
            yield HAS_ASSERTION_CONSUMER_SERVICE(provider, ids.own_acs_node(idp.id))


@rule(
    HAS_ACCOUNT_RESOLUTION_RULE,
    USES_ACCOUNT_RESOLUTION_FIELD,
    HAS_ACCOUNT_RESOLUTION_VALUE,
    needs=(IdentityProvider, AccountMatching, User),
)
def account_resolution(org: OrgIndex) -> Iterator[Edge]:
    """The rule by which assertions select users, if the settings prove one, and the value for each user."""
    for idp in saml_providers(org):
        if resolution_of(org, idp).expression is not None:
            yield HAS_ACCOUNT_RESOLUTION_RULE(ids.service_provider_node(idp.id), ids.rule_node(idp.id))
            yield USES_ACCOUNT_RESOLUTION_FIELD(ids.rule_node(idp.id), ids.field_node(idp.id))
            for user in org.rows(User):
                if user.login:
                    yield HAS_ACCOUNT_RESOLUTION_VALUE(
                        user.id,
                        ids.field_node(idp.id),
                        match_values=[user.login],
                        canonical_match_values=[user.login.casefold()],
                    )


@rule(HAS_ACCOUNT, needs=(IdentityProvider, IdentityProviderUser, AccountMatching, User))
def inbound_accounts(org: OrgIndex) -> Iterator[Edge]:
    """The users who are linked to an active identity provider, and those whom its rule can select."""
    users = org.by_id(User)
    for idp in saml_providers(org):
        state = node_state(org, idp.id)
        if "inactive" in state:
            continue
        provider, linked = ids.service_provider_node(idp.id), set()
        for link in org.of(IdentityProviderUser, idp.key):
            values = linked_values(idp, link)
            if values["match_values"]:
                linked.add(link.id)
                yield HAS_ACCOUNT(
                    provider,
                    link.id,
                    **_lists(values),
                    account_state=account_state(users.get(link.id)),
                    direct_binding=True,
                    direct_binding_source=_LINKS,
                    **state,
                )
        if resolution_of(org, idp).expression is not None:
            for user in org.rows(User):
                if user.login and user.id not in linked:
                    yield HAS_ACCOUNT(
                        provider,
                        user.id,
                        match_values=[user.login],
                        account_state=account_state(user),
                        direct_binding=False,
                        source_property="login",
                        **state,
                    )


RULES = (
    saml_roles,
    assertion_routes,
    claim_mappings,
    assertions_about_users,
    inbound_trust,
    account_resolution,
    inbound_accounts,
)
