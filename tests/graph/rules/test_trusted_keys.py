"""Keys of identity providers: whose assertions Okta accepts, and who can replace a provider's key."""

from __future__ import annotations

from typing import Any

import networkx as nx
import pytest
from handwritten.admins import custom, edges_by_ends, gap, granted, may, role
from handwritten.orgs import NOON, snapshot_of

import oktahound
from oktahound import ApiToken, OktaClient, attack_view, build_graph
from oktahound.analysis import who_can_reach
from oktahound.entities import (
    AdminAssignee,
    Application,
    CustomRole,
    Entity,
    IdentityProvider,
    IdentityProviderUser,
    Resource,
    ResourceSet,
    TrustedKey,
    User,
)
from oktahound.sim import SimulatedOrg

ANN, BOB = User(id="00uAnn", login="ann@contoso.com"), User(id="00uBob", login="bob@contoso.com")
HQ = IdentityProvider(id="0oaHq", name="HQ", type="SAML2", status="ACTIVE", trust_key_id="kid1")
KEY = "trusted:kid1@contoso.okta.com"
SIGNS, MANAGES = "OktaHound_SignsFor", "OktaHound_ManageIdentityProvider"
IN_SET = (ResourceSet(id="iam1"), Resource(id="r1", resource_set_id="iam1", link="/api/v1/idps/0oaHq"))


def graph_of(*rows: Entity, **about: Any) -> nx.MultiDiGraph:
    return build_graph(snapshot_of(*rows, **about), saml=True)


def test_a_key_signs_for_each_provider_that_names_it():
    other = IdentityProvider(id="0oaB", type="SAML2", status="INACTIVE", trust_key_id="kid1")
    link = IdentityProviderUser(id=ANN.id, idp_id=HQ.id, external_id="a")
    graph = graph_of(HQ, other, ANN, link, TrustedKey(id="kid1", kty="RSA", expires_at=NOON))
    assert graph.nodes[KEY]["expiresAt"] == "2026-06-01T12:00:00.000Z"
    found = edges_by_ends(graph, SIGNS)
    assert found[KEY, HQ.id] == {}
    assert found[KEY, "0oaB"]["active"] is False
    assert nx.descendants(attack_view(graph), KEY) == {HQ.id, ANN.id}
    assert edges_by_ends(graph, "OktaHound_Contains") == {("00oOrg", KEY): {}}


def test_an_unread_key_has_no_expiry_and_an_unused_key_is_a_node():
    graph = graph_of(HQ, TrustedKey(id="kid2"))
    assert "expiresAt" not in graph.nodes[KEY]
    assert "trusted:kid2@contoso.okta.com" in graph


def test_organization_administrators_replace_keys_with_an_assumption():
    graph = graph_of(
        HQ, ANN, AdminAssignee(id=ANN.id), role(ANN, "ORG_ADMIN"), BOB, role(BOB, "APP_ADMIN", "ra2")
    )
    found = edges_by_ends(graph, MANAGES)
    assert set(found) == {(ANN.id, HQ.id)}
    assert "collectors" in found[ANN.id, HQ.id]["assumption"]


@pytest.mark.parametrize("permission", ["okta.identityProviders.manage", "okta.identityProviders.read"])
def test_a_custom_role_replaces_the_keys_of_providers_in_its_set(permission):
    elsewhere = IdentityProvider(id="0oaB", type="SAML2", status="ACTIVE")
    rows = (HQ, elsewhere, ANN, AdminAssignee(id=ANN.id), CustomRole(id="cr01"), *IN_SET)
    graph = graph_of(*rows, custom(ANN, "cr01", "iam1"), *may("cr01", permission))
    assert set(edges_by_ends(graph, MANAGES)) == (
        {(ANN.id, HQ.id)} if permission.endswith("manage") else set()
    )


def test_an_incomplete_set_gives_no_scope():
    rows = (HQ, ANN, AdminAssignee(id=ANN.id), CustomRole(id="cr01"), *IN_SET, custom(ANN, "cr01", "iam1"))
    lost = gap(Resource, parent="iam1")
    assert (
        edges_by_ends(graph_of(*rows, *may("cr01", "okta.identityProviders.manage"), gaps=(lost,)), MANAGES)
        == {}
    )


def test_a_service_application_needs_the_scope_beside_the_role():
    app = Application(id="0oa1", client_type="service", grant_types=("client_credentials",))
    with_scope = graph_of(HQ, app, role(app, "ORG_ADMIN"), *granted(app, "okta.idps.manage"))
    assert edges_by_ends(with_scope, MANAGES)["0oa1", HQ.id]["usable"] is True
    assert edges_by_ends(graph_of(HQ, app, role(app, "ORG_ADMIN")), MANAGES)["0oa1", HQ.id]["active"] is False


def test_analysis_includes_saml_trust_for_snapshots_with_keys():
    org = SimulatedOrg.empty()
    ann, bob = org.add_user("ann@contoso.com"), org.add_user("bob@contoso.com")
    key = org.add_trusted_key()
    org.add_identity_provider("HQ", type="SAML2", users={bob: "b"}, key=key)
    org.assign_role(ann, "ORG_ADMIN")
    with OktaClient(org.url, ApiToken(org.api_token), transport=org.transport) as client:
        with_keys, without = oktahound.collect(client, signing_keys=True), oktahound.collect(client)
    assert with_keys.gaps == ()
    node = f"trusted:{key}@{org.domain}"
    assert node in who_can_reach(with_keys, bob).nodes
    assert node not in who_can_reach(without, bob).nodes
    assert node in who_can_reach(build_graph(without, scopes=True, saml=True), bob).nodes
