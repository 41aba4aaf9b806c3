"""The creators of integrations."""

from __future__ import annotations

import pytest
from handwritten.admins import edges_by_ends, gap, graph_of, not_read

from oktahound import attack_view
from oktahound.entities import ApiServiceIntegration, Application, User

ANN = User(id="00uAnn")


def test_a_creator_is_linked_whether_collected_or_not():
    rows = (
        ANN,
        ApiServiceIntegration(id="0oa1", created_by=ANN.id),
        ApiServiceIntegration(id="0oa2", created_by="00uGone"),
        ApiServiceIntegration(id="0oa3", created_by=None),
        ApiServiceIntegration(id="0oa4", created_by=""),
    )
    graph = graph_of(*rows)
    assert edges_by_ends(graph, "Okta_CreatorOf") == {
        ("00uAnn", "0oa1"): {},
        ("00uGone", "0oa2"): not_read("Okta_User"),
    }
    assert graph.nodes["00uGone"]["kind"] == "Okta_User"
    assert graph.nodes["0oa2"]["createdBy"] == "00uGone"
    assert not attack_view(graph).has_edge("00uAnn", "0oa1")


def test_an_application_that_created_one_keeps_its_own_kind():
    graph = graph_of(Application(id="0oaApp"), ApiServiceIntegration(id="0oa1", created_by="0oaApp"))
    assert set(edges_by_ends(graph, "Okta_CreatorOf")) == {("0oaApp", "0oa1")}
    assert graph.nodes["0oaApp"]["kind"] == "Okta_Application"


@pytest.mark.parametrize("cls", [ApiServiceIntegration, User])
def test_creators_are_unsure_if_integrations_or_users_have_gaps(cls):
    assert graph_of(gaps=(gap(cls),)).graph["unsure"]["creator_of"] == [cls.__name__]
