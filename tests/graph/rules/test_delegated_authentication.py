"""Delegated authentication: the passwords that directory agents receive."""

from __future__ import annotations

from typing import Any

import attrs
import networkx as nx
import pytest
from handwritten.admins import edges_by_ends
from handwritten.orgs import snapshot_of

from oktahound import attack_view, build_graph
from oktahound.entities import Agent, AgentPool, Application, AppUser, Entity, User

ANN = User(id="00uAnn", status="ACTIVE", credential_provider_type="ACTIVE_DIRECTORY")
POOL = AgentPool(id="0oaAd", type="AD", operational_status="OPERATIONAL")
AD = Application(id="0oaAd", app_type="active_directory", status="ACTIVE")
ASSIGNED = AppUser(id="00uAnn", app_id="0oaAd", status="ACTIVE")
SEES = "OktaHound_SeesTypedPassword"


def graph_of(*rows: Entity, **about: Any) -> nx.MultiDiGraph:
    return build_graph(snapshot_of(*rows, **about), trust_boundaries=True)


def test_agents_of_the_directory_receive_the_passwords_of_its_users():
    graph = graph_of(ANN, POOL, AD, ASSIGNED, Agent(id="a53", pool_id="0oaAd", name="DC1"))
    assert set(edges_by_ends(graph, SEES)) == {("0oaAd_pool", "00uAnn")}
    assert "delegated authentication" in edges_by_ends(graph, SEES)["0oaAd_pool", "00uAnn"]["assumption"]
    assert "00uAnn" in nx.descendants(attack_view(graph), "a53")


def test_the_feature_that_collectors_read_as_delegated_authentication_is_part_of_the_assumption():
    by_feature = attrs.evolve(AD, features=("OUTBOUND_DEL_AUTH",))
    (properties,) = edges_by_ends(graph_of(ANN, POOL, by_feature, ASSIGNED), SEES).values()
    assert properties["assumption"].startswith("the feature OUTBOUND_DEL_AUTH")


@pytest.mark.parametrize(
    "rows",
    [
        (attrs.evolve(ANN, credential_provider_type="OKTA"), POOL, AD, ASSIGNED),
        (ANN, attrs.evolve(POOL, type="Radius"), AD, ASSIGNED),
        (ANN, POOL, ASSIGNED),
        (ANN, POOL, AD),
    ],
)
def test_agents_receive_only_passwords_of_the_directory(rows):
    assert edges_by_ends(graph_of(*rows), SEES) == {}


def test_ended_assignments_and_inactive_pools_add_no_path():
    for rows in (
        (ANN, POOL, AD, attrs.evolve(ASSIGNED, status="REVOKED")),
        (ANN, attrs.evolve(POOL, operational_status="INACTIVE"), AD, ASSIGNED),
    ):
        (properties,) = edges_by_ends(graph_of(*rows), SEES).values()
        assert properties["active"] is False
