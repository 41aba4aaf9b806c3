"""Identity providers: the users they can sign in as, and the groups they assign."""

from __future__ import annotations

import pytest
from handwritten.admins import edges_by_ends, gap, graph_of, not_read

from oktahound import attack_view
from oktahound.entities import Group, IdentityProvider, IdentityProviderUser, User

ANN = User(id="00uAnn")


def test_a_provider_can_sign_in_as_the_users_linked_to_it():
    rows = (
        ANN,
        IdentityProvider(id="0oaIdp"),
        IdentityProviderUser(id=ANN.id, idp_id="0oaIdp", external_id="ann@corp"),
        IdentityProviderUser(id="00uGone", idp_id="0oaIdp"),
    )
    graph = graph_of(*rows)
    assert edges_by_ends(graph, "Okta_IdentityProviderFor") == {
        ("0oaIdp", ANN.id): {"externalId": "ann@corp"},
        ("0oaIdp", "00uGone"): not_read("Okta_User"),
    }
    assert attack_view(graph).has_edge("0oaIdp", ANN.id)
    assert graph.nodes["00uGone"]["kind"] == "Okta_User"


def test_an_inactive_provider_signs_no_user_in():
    rows = (
        ANN,
        Group(id="00g1"),
        IdentityProvider(id="0oaIdp", status="INACTIVE", group_assignments=("00g1",)),
        IdentityProviderUser(id=ANN.id, idp_id="0oaIdp", external_id="ann@corp"),
    )
    graph = graph_of(*rows)
    inactive = {"active": False, "inactiveReason": "the identity provider is INACTIVE"}
    assert edges_by_ends(graph, "Okta_IdentityProviderFor") == {
        ("0oaIdp", ANN.id): {"externalId": "ann@corp", **inactive}
    }
    assert edges_by_ends(graph, "Okta_IdpGroupAssignment") == {("0oaIdp", "00g1"): inactive}


@pytest.mark.parametrize(
    ("action", "found"),
    [
        ("NONE", {}),
        ("ASSIGN", {("0oaIdp", "00gAssigned"): {"action": "ASSIGN", "sourceAttributeName": "groups"}}),
        ("APPEND", {("0oaIdp", "00gFiltered"): {"action": "APPEND", "sourceAttributeName": "groups"}}),
        ("SYNC", {("0oaIdp", "00gFiltered"): {"action": "SYNC", "sourceAttributeName": "groups"}}),
        (
            None,
            {
                ("0oaIdp", "00gAssigned"): {"sourceAttributeName": "groups"},
                ("0oaIdp", "00gFiltered"): {"sourceAttributeName": "groups"},
            },
        ),
    ],
)
def test_the_group_action_determines_the_edges_to_groups(action, found):
    idp = IdentityProvider(
        id="0oaIdp",
        group_action=action,
        group_assignments=("00gAssigned",),
        group_filter=("00gFiltered",),
        group_source_attribute="groups",
    )
    graph = graph_of(idp, Group(id="00gAssigned"), Group(id="00gFiltered"))
    assert edges_by_ends(graph, "Okta_IdpGroupAssignment") == found
    assert not attack_view(graph).has_edge("0oaIdp", "00gAssigned")


def test_a_group_in_both_lists_has_one_edge_and_may_be_a_placeholder():
    idp = IdentityProvider(id="0oaIdp", group_assignments=("00g1", "00g1"), group_filter=("00g1",))
    graph = graph_of(idp)
    assert edges_by_ends(graph, "Okta_IdpGroupAssignment") == {("0oaIdp", "00g1"): not_read("Okta_Group")}
    assert (graph.nodes["00g1"]["kind"], graph.nodes["00g1"]["collected"]) == ("Okta_Group", False)


@pytest.mark.parametrize(
    ("cls", "rules"),
    [
        (IdentityProvider, {"identity_provider_for", "idp_group_assignment"}),
        (IdentityProviderUser, {"identity_provider_for"}),
    ],
)
def test_providers_are_unsure_if_they_or_their_users_have_gaps(cls, rules):
    unsure = graph_of(gaps=(gap(cls),)).graph["unsure"]
    assert {"identity_provider_for", "idp_group_assignment"} & set(unsure) == rules
