"""Nodes by id, by entity, and by name."""

from __future__ import annotations

import networkx as nx
import pytest

import oktahound
from oktahound import User
from oktahound.analysis import blast_radius
from oktahound.analysis.node_lookup import node_key
from oktahound.entities import ApiServiceIntegration, GroupMembership, JsonWebKey
from oktahound.errors import ConfigurationError


@pytest.fixture
def graph() -> nx.MultiDiGraph:
    graph = nx.MultiDiGraph()
    graph.add_node("00u1", kind="Okta_User", name="ann@contoso.com", displayName="Ann")
    graph.add_node("00u2", kind="Okta_User", name="bob@contoso.com", displayName="Twin")
    graph.add_node("00u3", kind="Okta_User", name="carl@contoso.com", displayName="Twin")
    graph.add_node("0oa1", kind="Okta_ApiServiceIntegration", name="Falcon")
    graph.add_node("0oa2_kid", kind="Okta_JWK", name="kid")
    graph.add_node("set", kind="OktaHound_TargetSet", name="Falcon")
    return graph


@pytest.mark.parametrize(
    ("node", "key"),
    [
        ("00u1", "00u1"),
        ("ann@contoso.com", "00u1"),
        ("ANN@contoso.com", "00u1"),
        ("Ann", "00u1"),
        ("Falcon", "0oa1"),
        (User(id="00u2"), "00u2"),
        (ApiServiceIntegration(id="0oa1"), "0oa1"),
        (JsonWebKey(id="kid", app_id="0oa2"), "0oa2_kid"),
    ],
)
def test_a_node_is_found(node: object, key: str, graph: nx.MultiDiGraph) -> None:
    assert node_key(graph, node) == key


@pytest.mark.parametrize(
    ("node", "words"),
    [
        ("Twin", r"2 nodes are named 'Twin': 00u2 \(Okta_User\), 00u3 \(Okta_User\)"),
        ("bob@contoso.co", "no node 'bob@contoso.co'. Did you mean 'bob@contoso.com'"),
        ("zzz", r"no node 'zzz'\. Pass the key of a node"),
        (User(id="00u9"), "no node for User.*the entity's snapshot"),
        (GroupMembership(id="00u1", group_id="g"), "a GroupMembership has no node"),
        (None, "not NoneType"),
        (
            oktahound.ApiToken("00secret"),
            "not oktahound.ApiToken, the credential; the entity is oktahound.entities",
        ),
    ],
)
def test_no_match_or_several_matches_are_an_error(node: object, words: str, graph: nx.MultiDiGraph) -> None:
    with pytest.raises(ConfigurationError, match=words):
        node_key(graph, node)


def test_an_exact_name_wins_over_other_letter_cases(graph: nx.MultiDiGraph) -> None:
    graph.add_node("0oa3", kind="Okta_Application", name="FALCON")
    assert node_key(graph, "FALCON") == "0oa3"


def test_path_analyses_accept_names(graph: nx.MultiDiGraph) -> None:
    graph.graph["scopes"] = True
    radius = blast_radius(graph, "Falcon")
    assert radius.node == "0oa1"
    assert repr(radius).startswith("<Radius: Falcon reaches nothing")
