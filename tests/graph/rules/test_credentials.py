"""Tokens, secrets and keys, and their owners."""

from __future__ import annotations

from datetime import timedelta

import networkx as nx
import pytest
from handwritten.admins import edges_by_ends, gap, graph_of, not_read
from handwritten.orgs import NOON, edges

from oktahound import attack_view
from oktahound.entities import ApiServiceIntegration, ApiToken, Application, ClientSecret, JsonWebKey, User

ANN = User(id="00uAnn", status="ACTIVE")
APP = Application(id="0oaApp", client_type="service", status="ACTIVE")
FALCON = ApiServiceIntegration(id="0oaFalcon")
EXPIRED = {"active": False, "inactiveReason": "the API token has expired"}


def test_a_token_acts_as_its_user():
    graph = graph_of(ANN, ApiToken(id="00T1", user_id=ANN.id))
    assert edges_by_ends(graph, "Okta_ApiTokenFor") == {("00T1", ANN.id): {}}
    assert nx.has_path(attack_view(graph), "00T1", ANN.id)


@pytest.mark.parametrize("user_id", [None, ""])
def test_a_token_without_an_owner_gives_no_edge(user_id):
    assert edges(ApiToken(id="00T1", user_id=user_id)) == set()


def test_a_token_of_a_user_who_was_not_collected_leads_to_a_placeholder():
    graph = graph_of(ApiToken(id="00T1", user_id="00uGone"))
    assert set(edges_by_ends(graph, "Okta_ApiTokenFor")) == {("00T1", "00uGone")}
    assert graph.nodes["00uGone"]["kind"] == "Okta_User"


@pytest.mark.parametrize(
    ("expires_at", "properties"),
    [
        (None, {}),
        (NOON + timedelta(seconds=1), {}),
        (NOON, EXPIRED),
        (NOON - timedelta(days=30), EXPIRED),
    ],
)
def test_a_token_that_was_expired_at_collection_has_an_inactive_edge(expires_at, properties):
    graph = graph_of(ANN, ApiToken(id="00T1", user_id=ANN.id, expires_at=expires_at))
    assert edges_by_ends(graph, "Okta_ApiTokenFor") == {("00T1", ANN.id): properties}
    assert attack_view(graph).has_edge("00T1", ANN.id) is not bool(properties)


def test_secrets_lead_to_applications_and_to_integrations():
    rows = (
        APP,
        FALCON,
        ClientSecret(id="ocs1", owner_id=APP.id, status="ACTIVE"),
        ClientSecret(id="ocs2", owner_id=FALCON.id, status="ACTIVE"),
        ClientSecret(id="ocs3", owner_id="0oaGone"),
    )
    graph = graph_of(*rows)
    assert edges_by_ends(graph, "Okta_SecretOf") == {
        ("ocs1", APP.id): {},
        ("ocs2", FALCON.id): {},
        ("ocs3", "0oaGone"): not_read("Okta_Application"),
    }
    assert graph.nodes["0oaGone"]["kind"] == "Okta_Application"


@pytest.mark.parametrize(
    ("status", "properties"),
    [
        ("ACTIVE", {}),
        (None, {}),
        ("INACTIVE", {"active": False, "inactiveReason": "the secret is INACTIVE"}),
        (
            "NEVER_SEEN",
            {"assumption": "the secret may be inactive: its status 'NEVER_SEEN' is unknown to oktahound"},
        ),
    ],
)
def test_a_secret_shows_whether_it_is_active(status, properties):
    graph = graph_of(APP, ClientSecret(id="ocs1", owner_id=APP.id, status=status))
    assert edges_by_ends(graph, "Okta_SecretOf") == {("ocs1", APP.id): properties}


@pytest.mark.parametrize(
    ("facts", "counts"),
    [
        ({"use": "sig", "kty": "RSA"}, True),
        ({"use": None, "kty": "RSA"}, True),
        ({"use": None, "kty": "EC"}, True),
        ({"use": None, "kty": None}, True),
        ({"use": "enc", "kty": "RSA"}, False),
        ({"use": "sig", "kty": "oct"}, False),
    ],
)
def test_only_signing_keys_authenticate_an_application(facts, counts):
    graph = graph_of(APP, JsonWebKey(id="pks1", kid="k", app_id=APP.id, **facts))
    assert edges_by_ends(graph, "Okta_KeyOf") == ({("pks1", APP.id): {}} if counts else {})
    assert graph.nodes["pks1"]["kind"] == "Okta_JWK"


def test_a_key_without_an_id_has_a_node_for_each_application():
    other = Application(id="0oaOther")
    keys = (JsonWebKey(id="k", kid="k", app_id=APP.id), JsonWebKey(id="k", kid="k", app_id=other.id))
    assert edges(APP, other, *keys) == {
        ("k_0oaApp", "Okta_KeyOf", "0oaApp"),
        ("k_0oaOther", "Okta_KeyOf", "0oaOther"),
    }


def test_a_key_with_and_without_its_id_is_one_node():
    bare = JsonWebKey(id="k", kid="k", app_id=APP.id)
    graph = graph_of(APP, bare, JsonWebKey(id="pks1", kid="k", app_id=APP.id))
    assert set(edges_by_ends(graph, "Okta_KeyOf")) == {("pks1", APP.id)}
    assert "k_0oaApp" not in graph


def test_an_inactive_key_has_an_inactive_edge():
    graph = graph_of(APP, JsonWebKey(id="pks1", app_id=APP.id, status="INACTIVE"))
    assert edges_by_ends(graph, "Okta_KeyOf") == {
        ("pks1", APP.id): {"active": False, "inactiveReason": "the key is INACTIVE"}
    }


@pytest.mark.parametrize(
    ("cls", "rule"),
    [
        (ApiToken, "api_token_for"),
        (ClientSecret, "secret_of"),
        (ApiServiceIntegration, "secret_of"),
        (Application, "secret_of"),
        (JsonWebKey, "key_of"),
        (Application, "key_of"),
    ],
)
def test_credentials_are_unsure_if_they_or_their_owners_have_gaps(cls, rule):
    assert graph_of(gaps=(gap(cls),)).graph["unsure"][rule] == [cls.__name__]
