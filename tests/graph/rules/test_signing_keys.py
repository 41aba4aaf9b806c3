"""Signing keys: the applications that use them, and the service providers that accept them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import networkx as nx
import pytest
from handwritten.admins import over_app, role
from handwritten.orgs import NOON, snapshot_of

from oktahound import attack_view, build_graph
from oktahound.entities import (
    Application,
    Entity,
    SamlSettings,
    SigningKey,
    User,
)

ANN = User(id="00uAnn", login="ann@contoso.com", status="ACTIVE")
WIKI = Application(
    id="0oaWiki", app_type="wiki_1", sign_on_mode="SAML_2_0", status="ACTIVE", signing_key_id="key1"
)
GITHUB = Application(
    id="0oaGithub",
    app_type="githubcloud",
    sign_on_mode="SAML_2_0",
    status="ACTIVE",
    setting_github_org="contoso",
    signing_key_id="key1",
)
OFFICE = Application(
    id="0oaOffice",
    app_type="office365",
    sign_on_mode="WS_FEDERATION",
    status="ACTIVE",
    microsoft_tenant_id="11111111-2222-4333-8444-555555555555",
    signing_key_id="key1",
)
BY_HAND = SamlSettings(
    id="0", app_id=WIKI.id, sso_acs_url="https://wiki.example/acs", audience="https://wiki.example"
)
KEY = "key1@contoso.okta.com"
TENANT = "AZTenant(11111111-2222-4333-8444-555555555555)"
GITHUB_ACS = "okta:saml:acs:0oaGithub:0"


def graph_of(*rows: Entity, **about: Any) -> nx.MultiDiGraph:
    return build_graph(snapshot_of(*rows, **about), saml=True)


def edges_by_ends(graph: nx.MultiDiGraph, kind: str) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (start, end): properties
        for start, end, key, properties in graph.edges(keys=True, data=True)
        if key == kind
    }


def test_the_key_of_an_application_is_known_without_reading_keys():
    graph = graph_of(WIKI, BY_HAND)
    assert edges_by_ends(graph, "OktaHound_SignsWith") == {(WIKI.id, KEY): {"inUse": True}}
    assert graph.nodes[KEY] | {} == {
        "kind": "OktaHound_SigningKey",
        "oktaDomain": "contoso.okta.com",
        "environmentid": "00oOrg",
        "name": "key1",
        "displayName": "key1",
        "keyId": "key1",
    }


def test_keys_have_their_expiry_for_any_order_of_applications():
    rows = [
        SigningKey(id="key1", app_id=app, kty="RSA", use="sig", thumbprint="t", expires_at=NOON, created=NOON)
        for app in (WIKI.id, GITHUB.id)
    ]
    rows[1] = attrs.evolve(rows[1], created=NOON + timedelta(days=1))
    for keys in (rows, rows[::-1]):
        about = graph_of(WIKI, GITHUB, *keys).nodes[KEY]
        assert (about["expiresAt"], about["keyType"], about["thumbprint"]) == (
            "2026-06-01T12:00:00.000Z",
            "RSA",
            "t",
        )


def test_an_unused_key_of_an_application_is_not_trusted_by_its_service_provider():
    spare = SigningKey(id="key2", app_id=GITHUB.id)
    graph = graph_of(GITHUB, spare)
    properties = edges_by_ends(graph, "OktaHound_SignsWith")
    assert {key: each["inUse"] for key, each in properties.items()} == {
        (GITHUB.id, KEY): True,
        (GITHUB.id, "key2@contoso.okta.com"): False,
    }
    assert {start for start, _ in edges_by_ends(graph, "OktaHound_SpeaksTo")} == {KEY}


def test_a_shared_key_is_accepted_by_the_service_providers_of_all_its_applications():
    graph = graph_of(WIKI, BY_HAND, GITHUB, OFFICE)
    ends = {end for _, end in edges_by_ends(graph, "OktaHound_SpeaksTo")}
    assert {"okta:saml:acs:0oaWiki:0", GITHUB_ACS, TENANT} <= ends
    assert len(ends) == 4
    assert all(nx.has_path(attack_view(graph), WIKI.id, end) for end in ends)


def test_an_administrator_of_the_lesser_application_reaches_the_other_service_provider():
    admin = role(ANN, "APP_ADMIN")
    target = over_app(admin, WIKI.id)
    graph = graph_of(ANN, WIKI, BY_HAND, OFFICE, admin, target)
    way = nx.shortest_path(attack_view(graph), ANN.id, TENANT)
    assert way == [ANN.id, WIKI.id, KEY, TENANT]
    apart = graph_of(ANN, attrs.evolve(WIKI, signing_key_id="key2"), BY_HAND, OFFICE, admin, target)
    assert not nx.has_path(attack_view(apart), ANN.id, TENANT)


def test_edges_of_catalogue_applications_have_an_assumption():
    (properties,) = edges_by_ends(graph_of(GITHUB), "OktaHound_SignsWith").values()
    assert "catalogue" in properties["assumption"]


def test_an_inactive_application_has_inactive_edges():
    graph = graph_of(attrs.evolve(GITHUB, status="INACTIVE"))
    assert all(each["active"] is False for each in edges_by_ends(graph, "OktaHound_SignsWith").values())
    assert all(each["active"] is False for each in edges_by_ends(graph, "OktaHound_SpeaksTo").values())
    assert nx.descendants(attack_view(graph), GITHUB.id) == set()


@pytest.mark.parametrize("mode", ["OPENID_CONNECT", "AUTO_LOGIN", "BOOKMARK", None])
def test_keys_of_other_sign_on_modes_are_left_out(mode: str | None):
    graph = graph_of(attrs.evolve(GITHUB, sign_on_mode=mode), SigningKey(id="key1", app_id=GITHUB.id))
    assert KEY not in graph


def test_a_key_of_an_application_that_was_not_read_is_left_out():
    assert KEY not in graph_of(SigningKey(id="key1", app_id="0oaGone"))
