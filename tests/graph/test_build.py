"""The graph of an org with integrations, as literals."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import networkx as nx
import pytest
from each_case import for_each
from handwritten.orgs import NOON, content, edges, snapshot_of

from oktahound import (
    ApiServiceIntegration,
    ClientSecret,
    Gap,
    GapReason,
    OAuthScope,
    User,
    attack_view,
    build_graph,
)
from oktahound.entities import ENTITIES, time_text
from oktahound.errors import KindError
from oktahound.graph import EDGE_KINDS, RULES, EdgeKind, is_traversable, optional_parts, rule

ANN = User(id="00uAnn", login="ann@contoso.com", status="ACTIVE", display_name="Ann")
BOB = User(id="00uBob", login="bob@contoso.com", status="DEPROVISIONED")
FALCON = ApiServiceIntegration(
    id="0oaFalcon",
    name="Falcon Shield",
    app_type="falconshieldapiservice",
    oauth_scopes=(OAuthScope("okta.logs.read"), OAuthScope("okta.users.read")),
    created_at=datetime(2026, 1, 15, 12, 25, 42, tzinfo=UTC),
    created_by="00uAnn",
    config_guide_url="https://docs.example.com/guide",
)
LIVE = ClientSecret(id="ocsLive", owner_id="0oaFalcon", status="ACTIVE", secret_hash="h4sh")
FEW = frozenset({"Organization", "User", "ApiServiceIntegration", "ClientSecret"})
DEAD = ClientSecret(id="ocsDead", owner_id="0oaFalcon", status="INACTIVE")


def test_edges_of_an_integration():
    assert edges(ANN, FALCON, LIVE, DEAD, but="", asked=FEW) == {
        ("00oOrg", "Okta_Contains", "00uAnn"),
        ("00oOrg", "Okta_Contains", "0oaFalcon"),
        ("00uAnn", "Okta_CreatorOf", "0oaFalcon"),
        ("ocsLive", "Okta_SecretOf", "0oaFalcon"),
        ("ocsDead", "Okta_SecretOf", "0oaFalcon"),
    }


def test_the_node_of_an_integration_has_the_properties_of_the_model():
    graph = build_graph(snapshot_of(ANN, FALCON))
    assert graph.nodes["0oaFalcon"] == {
        "kind": "Okta_ApiServiceIntegration",
        "name": "Falcon Shield",
        "displayName": "Falcon Shield",
        "oktaDomain": "contoso.okta.com",
        "environmentid": "00oOrg",
        "appType": "falconshieldapiservice",
        "oauthScopes": ["okta.logs.read", "okta.users.read"],
        "createdAt": "2026-01-15T12:25:42.000Z",
        "createdBy": "00uAnn",
    }
    assert all(type(scope) is str for scope in graph.nodes["0oaFalcon"]["oauthScopes"])


def test_the_organization_is_named_by_its_host_and_marked_as_visited():
    node = build_graph(snapshot_of()).nodes["00oOrg"]
    assert (node["kind"], node["name"], node["displayName"]) == (
        "Okta_Organization",
        "contoso.okta.com",
        "Contoso",
    )
    assert node["collected"] is True


@pytest.mark.parametrize(
    ("status", "enabled"),
    [
        *(
            (status, True)
            for status in ("ACTIVE", "LOCKED_OUT", "PROVISIONED", "RECOVERY", "PASSWORD_EXPIRED")
        ),
        *((status, False) for status in ("STAGED", "SUSPENDED", "DEPROVISIONED")),
        ("SOMETHING_NEW", True),
    ],
)
def test_the_property_enabled_of_users(status, enabled):
    assert build_graph(snapshot_of(User(id="00u1", status=status))).nodes["00u1"]["enabled"] is enabled


def test_a_property_that_was_not_read_is_absent():
    node = build_graph(snapshot_of(User(id="00u1"), asked=frozenset({"Organization", "User"}))).nodes["00u1"]
    assert node == {
        "kind": "Okta_User",
        "displayName": "00u1",
        "oktaDomain": "contoso.okta.com",
        "environmentid": "00oOrg",
        "mfaCollected": False,
    }


def test_a_secret_is_not_named_by_its_hash():
    node = build_graph(snapshot_of(FALCON, LIVE)).nodes["ocsLive"]
    assert node["name"] == node["displayName"] == "secret ocsLive of Falcon Shield"
    assert node["secretHash"] == "h4sh"


def test_an_inactive_secret_has_an_inactive_edge():
    graph = build_graph(snapshot_of(FALCON, LIVE, DEAD))
    assert graph.edges["ocsLive", "0oaFalcon", "Okta_SecretOf"] == {}
    assert graph.edges["ocsDead", "0oaFalcon", "Okta_SecretOf"] == {
        "active": False,
        "inactiveReason": "the secret is INACTIVE",
    }
    attack = attack_view(graph)
    assert nx.has_path(attack, "ocsLive", "0oaFalcon")
    assert not nx.has_path(attack, "ocsDead", "0oaFalcon")
    assert "ocsDead" in attack


def test_having_created_an_integration_is_not_a_path():
    graph = build_graph(snapshot_of(ANN, FALCON))
    assert graph.has_edge("00uAnn", "0oaFalcon", "Okta_CreatorOf")
    assert not attack_view(graph).has_edge("00uAnn", "0oaFalcon")
    assert not is_traversable("Okta_CreatorOf")
    assert is_traversable("Okta_SecretOf")


def test_a_creator_who_was_not_collected_becomes_a_placeholder():
    graph = build_graph(snapshot_of(FALCON))
    assert graph.nodes["00uAnn"] == {
        "kind": "Okta_User",
        "collected": False,
        "oktaDomain": "contoso.okta.com",
        "environmentid": "00oOrg",
    }


def test_a_secret_whose_integration_was_not_collected_leads_to_a_placeholder_of_its_kind():
    orphan = build_graph(snapshot_of(ClientSecret(id="ocs1", owner_id="xyz")))
    assert orphan.nodes["xyz"]["kind"] in EDGE_KINDS["Okta_SecretOf"].ends


def test_an_integration_without_a_creator_has_no_creator_edge():
    assert edges(ApiServiceIntegration(id="0oa1"), ApiServiceIntegration(id="0oa2", created_by="")) == set()


def test_the_graph_has_metadata_of_the_organization():
    gap = Gap(entity="User", reason=GapReason.FORBIDDEN, request="GET /api/v1/users", status=403)
    everything_but = frozenset(cls.__name__ for cls in ENTITIES) - {"ClientSecret"}
    about = build_graph(snapshot_of(FALCON, gaps=(gap,), asked=everything_but)).graph
    assert about["organization"] == "00oOrg"
    assert about["oktaDomain"] == "contoso.okta.com"
    assert about["collectedAt"] == "2026-06-01T12:00:00.000Z"
    assert about["gaps"] == [gap.as_dict()]
    assert about["notAsked"] == ["ClientSecret"]
    assert about["unsure"]["creator_of"] == ["User"]
    assert about["unsure"]["secret_of"] == ["ClientSecret"]


def test_the_whole_graph_is_ready_for_json():
    graph = build_graph(snapshot_of(ANN, BOB, FALCON, LIVE, DEAD))
    assert json.loads(json.dumps(nx.node_link_data(graph, edges="edges")))["graph"] == graph.graph


def test_a_rule_that_concludes_from_absence_is_withheld_when_there_are_gaps(monkeypatch):
    alone = EdgeKind(
        "Test_Alone", starts={"Okta_User"}, ends={"Okta_User"}, traversable=True, why="For this test."
    )

    @rule(alone, needs=(User,), absent=(ApiServiceIntegration,))
    def lonely(view):
        """Users of an org without integrations."""
        if not view.rows(ApiServiceIntegration):
            for user in view.rows(User):
                yield alone(user.id, user.id)

    monkeypatch.setattr(optional_parts, "RULES", (lonely,))
    assert edges(ANN) == {("00uAnn", "Test_Alone", "00uAnn")}
    refused = Gap(entity="ApiServiceIntegration", reason=GapReason.FORBIDDEN, request="GET …")
    graph = build_graph(snapshot_of(ANN, gaps=(refused,)))
    assert graph.number_of_edges() == 0
    assert graph.graph["withheld"] == {"lonely": ["ApiServiceIntegration"]}
    assert graph.graph["unsure"] == {}
    unasked = build_graph(snapshot_of(ANN, asked=frozenset({"User", "Organization"})))
    assert unasked.graph["withheld"] == {"lonely": ["ApiServiceIntegration"]}


def test_a_field_that_was_left_unread_withholds_nothing():
    fault = Gap(
        entity="User", reason=GapReason.FIELD, request="GET /api/v1/users", where="users[0].profile.title"
    )
    assert build_graph(snapshot_of(ANN, gaps=(fault,))).graph["unsure"] == {}


def test_a_rule_that_emits_an_undeclared_kind_is_an_error(monkeypatch):
    @rule(EDGE_KINDS["Okta_SecretOf"], needs=())
    def liar(view):
        """Emit another kind than declared."""
        yield EDGE_KINDS["Okta_Contains"]("a", "b")

    monkeypatch.setattr(optional_parts, "RULES", (liar,))
    with pytest.raises(KindError, match="liar"):
        build_graph(snapshot_of())


@pytest.mark.parametrize("turned", [False, True])
def test_if_an_edge_has_two_sources_the_stronger_one_counts(monkeypatch, turned):
    kind = EdgeKind(
        "Test_Two", starts={"Okta_User"}, ends={"Okta_User"}, traversable=True, why="For this test."
    )
    causes = [
        [("a", {}), ("a", {"inactive": "off"})],
        [("b", {"inactive": "off"}), ("b", {"mode": "SAML_2_0"})],
        [("c", {"inactive": "off"}), ("c", {"inactive": "gone"})],
        [("d", {"assumption": "perhaps"}), ("d", {"mode": "x"})],
    ]

    @rule(kind, needs=())
    def twice(view):
        """Emit every edge twice, with different reasons."""
        for pair in causes:
            for start, properties in reversed(pair) if turned else pair:
                yield kind(start, "z", **properties)

    monkeypatch.setattr(optional_parts, "RULES", (twice,))
    graph = build_graph(snapshot_of(*(User(id=each) for each in "abcdz")))
    found = {start: dict(properties) for start, _, properties in graph.edges(data=True)}
    assert found == {
        "a": {},
        "b": {"mode": "SAML_2_0"},
        "c": {"active": False, "inactiveReason": "off"},
        "d": {"mode": "x"},
    }


def test_the_order_of_rows_does_not_change_the_graph():
    rows = (ANN, BOB, FALCON, LIVE, DEAD)
    assert content(build_graph(snapshot_of(*rows))) == content(build_graph(snapshot_of(*reversed(rows))))


def test_an_edge_of_an_unknown_kind_is_not_in_the_attack_view():
    graph = build_graph(snapshot_of(ANN, FALCON))
    graph.add_edge("00uAnn", "0oaFalcon", "Elsewhere_Controls")
    assert not attack_view(graph).has_edge("00uAnn", "0oaFalcon")


def test_every_rule_and_every_kind_has_a_reason():
    for each in RULES:
        assert each.why.endswith("."), each.name
    for kind in EDGE_KINDS.values():
        assert kind.why.endswith("."), kind
        assert kind.name in repr(kind)
        assert ("not traversable" in repr(kind)) is not kind.traversable


@for_each(EDGE_KINDS.values(), name=lambda kind: kind.name)
def test_every_kind_has_texts_about_abuse_and_remedy(kind):
    for text in (kind.abuse, kind.cut):
        assert text.endswith("."), kind
        assert text.count(". ") <= 1, kind


def test_names_of_rules_are_unique():
    names = [each.name for each in RULES]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (NOON, "2026-06-01T12:00:00.000Z"),
        (NOON.replace(microsecond=123999), "2026-06-01T12:00:00.123Z"),
        (NOON.astimezone(timezone(timedelta(hours=-3))), "2026-06-01T12:00:00.000Z"),
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00.000Z"),
    ],
)
def test_times_are_shown_in_utc_with_milliseconds(moment, text):
    assert time_text(moment) == text
