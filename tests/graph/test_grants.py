"""Rights over many objects: one edge for each object, or one target set."""

from __future__ import annotations

import networkx as nx
import pytest
from handwritten.admins import custom, granted, may, over_group, role
from handwritten.orgs import snapshot_of

from oktahound import attack_view, build_graph
from oktahound.entities import Application, CustomRole, Group, GroupMembership, Resource, ResourceSet, User
from oktahound.errors import ConfigurationError
from oktahound.graph.grants import COVERS, TARGET_SET, Grant, Targets
from oktahound.graph.rules.builtin_right_kinds import HELP_DESK_ADMIN

ANN, BEN = User(id="00uAnn"), User(id="00uBen")
CAT, DAN = User(id="00uCat"), User(id="00uDan", status="SUSPENDED")
STAFF, PULLED = Group(id="00gStaff"), Group(id="00gPulled", type="APP_GROUP")
BOT = Application(id="0oaBot", client_type="service", grant_types=("client_credentials",))
ORG = (
    ANN,
    BEN,
    CAT,
    DAN,
    STAFF,
    PULLED,
    BOT,
    GroupMembership(id=CAT.id, group_id=STAFF.id),
    CustomRole(id="cr01"),
    ResourceSet(id="iam1"),
    Resource(id="ire1", resource_set_id="iam1", link="https://contoso.okta.com/api/v1/users"),
)


def shared(*rows):
    return build_graph(snapshot_of(*ORG, *rows), permissions="targets")


def sets(graph):
    return {node for node, kind in graph.nodes(data="kind") if kind == TARGET_SET}


def reach(graph):
    """Return the reachable Okta nodes of each Okta node."""
    attackable = attack_view(graph)
    middle = sets(graph)
    return {
        (start, end)
        for start in attackable
        if start not in middle
        for end in nx.descendants(attackable, start)
        if end not in middle
    }


def test_targets_are_sorted_without_duplicates():
    assert Targets(["b", "a", "b"]).ids == ("a", "b")
    assert Targets.of(["b", "a"], {"b": {"x": 1}}.get).edge_properties == {"b": {"x": 1}}


def test_the_same_set_has_the_same_digest_and_another_has_another():
    marked = Targets.of(["a", "b"], {"b": {"x": 1}}.get)
    assert Targets(["a", "b"]).digest == Targets(["b", "a"]).digest
    assert (
        len({Targets(["a", "b"]).digest, Targets(["a"]).digest, Targets(["ab"]).digest, marked.digest}) == 4
    )


def test_a_grant_is_one_edge_for_each_target_with_the_properties_of_both():
    targets = Targets.of(["a", "b"], {"b": {"inactive": "off"}}.get)
    edges = list(Grant(HELP_DESK_ADMIN, "h", targets, {"usable": True}).edges())
    assert edges == [
        HELP_DESK_ADMIN("h", "a", usable=True),
        HELP_DESK_ADMIN("h", "b", usable=True, inactive="off"),
    ]
    assert list(Grant(HELP_DESK_ADMIN, "h", Targets(["a"])).edges()) == [HELP_DESK_ADMIN("h", "a")]


def test_the_reason_of_the_holder_takes_precedence():
    targets = Targets.of(["a"], {"a": {"inactive": "target"}}.get)
    (edge,) = Grant(HELP_DESK_ADMIN, "h", targets, {"inactive": "holder"}).edges()
    assert edge.properties == {"active": False, "inactiveReason": "holder"}


def test_holders_of_one_right_over_the_same_objects_share_a_node():
    graph = shared(role(ANN, "HELP_DESK_ADMIN"), role(BEN, "HELP_DESK_ADMIN", "ra2"))
    (middle,) = sets(graph)
    assert graph.nodes[middle] == {
        "kind": TARGET_SET,
        "oktaDomain": "contoso.okta.com",
        "environmentid": "00oOrg",
        "name": "2 targets of Okta_HelpDeskAdmin",
        "right": "Okta_HelpDeskAdmin",
        "size": 2,
    }
    assert set(graph.in_edges(middle, keys=True)) == {
        (ANN.id, middle, "Okta_HelpDeskAdmin"),
        (BEN.id, middle, "Okta_HelpDeskAdmin"),
    }
    assert {
        (end, tuple(sorted(properties.items()))) for _, end, properties in graph.out_edges(middle, data=True)
    } == {
        (CAT.id, ()),
        (DAN.id, (("active", False), ("inactiveReason", "the user is SUSPENDED"))),
    }
    assert not any(kind == "Okta_HelpDeskAdmin" and end == CAT.id for _, end, kind in graph.edges(keys=True))


def test_another_right_or_another_set_has_a_separate_node():
    narrowed = role(BEN, "HELP_DESK_ADMIN", "ra2")
    graph = shared(role(ANN, "HELP_DESK_ADMIN"), narrowed, over_group(narrowed, STAFF.id))
    assert len(sets(graph)) == 2
    graph = shared(
        role(ANN, "HELP_DESK_ADMIN"),
        custom(BEN, "cr01", "iam1"),
        *may("cr01", "okta.users.credentials.manage"),
    )
    assert {graph.nodes[node]["right"] for node in sets(graph)} == {
        "Okta_HelpDeskAdmin",
        "Okta_ResetPassword",
        "Okta_ResetFactors",
    }


def test_properties_of_holder_and_target_are_on_separate_edges():
    graph = shared(*granted(BOT, "okta.groups.manage"), role(BOT, "GROUP_MEMBERSHIP_ADMIN"))
    (middle,) = sets(graph)
    assert graph.edges[BOT.id, middle, "Okta_GroupMembershipAdmin"] == {"usable": True}
    assert graph.edges[middle, STAFF.id, COVERS.name] == {}
    assert graph.edges[middle, PULLED.id, COVERS.name]["active"] is False


@pytest.mark.parametrize(
    "rows",
    [
        (role(ANN, "HELP_DESK_ADMIN"),),
        (role(ANN, "ORG_ADMIN"), role(BEN, "USER_ADMIN")),
        (role(STAFF, "GROUP_MEMBERSHIP_ADMIN"),),
        (role(BOT, "HELP_DESK_ADMIN"),),
        (role(BOT, "HELP_DESK_ADMIN"), *granted(BOT, "okta.users.manage")),
        (custom(ANN, "cr01", "iam1"), *may("cr01", "okta.users.manage")),
        (role(ANN, "SUPER_ADMIN"), role(DAN, "APP_ADMIN")),
    ],
)
def test_reachability_is_the_same_in_both_forms(rows):
    assert reach(shared(*rows)) == reach(build_graph(snapshot_of(*ORG, *rows)))


def test_edges_from_target_sets_are_traversable():
    assert COVERS.traversable
    assert COVERS.starts == {TARGET_SET}


@pytest.mark.parametrize("form", ["both", "", None])
def test_an_unknown_form_of_permissions_is_an_error(form):
    with pytest.raises(ConfigurationError, match="'edges' or 'targets'"):
        build_graph(snapshot_of(), permissions=form)
