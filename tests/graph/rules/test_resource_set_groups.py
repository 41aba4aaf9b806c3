"""The groups through which users are in resource sets, on small orgs."""

from __future__ import annotations

from typing import Any

import pytest
from handwritten.admins import gap
from handwritten.orgs import content, snapshot_of

from oktahound import User, build_graph
from oktahound.entities import Entity, Group, GroupMembership, Resource, ResourceSet

API = "https://contoso.okta.com/api/v1"
MEMBERS = "Okta_ResourceSetContainsMembersOf"
INDIRECT = "Okta_ResourceSetContainsIndirect"
ORG = (
    User(id="00u1"),
    User(id="00u2"),
    Group(id="00g1"),
    GroupMembership(id="00u1", group_id="00g1"),
    GroupMembership(id="00u2", group_id="00g1"),
    GroupMembership(id="00uGone", group_id="00g1"),
    ResourceSet(id="iam1"),
)


def member(link: str | None = f"{API}/groups/00g1/users", **facts: Any) -> Resource:
    return Resource(id="ire1", resource_set_id="iam1", link=link, **facts)


def edges_to_members(*rows: Entity, **about: Any) -> set[tuple[str, str]]:
    graph = build_graph(snapshot_of(*rows, **about), indirect_members=True)
    return {(kind, end) for _, end, kind in graph.edges(keys=True) if kind in (MEMBERS, INDIRECT)}


BOTH = {(MEMBERS, "00g1"), (INDIRECT, "00u1"), (INDIRECT, "00u2")}


@pytest.mark.parametrize(
    "resource", [member(), member(None, orn="orn:okta:directory:00oOrg:groups:00g1:contained_resources")]
)
def test_a_set_that_covers_the_members_of_a_group_names_the_group_and_the_users(resource: Resource):
    assert edges_to_members(*ORG, resource) == BOTH


@pytest.mark.parametrize("link", [f"{API}/groups/00g1", f"{API}/users/00u1", f"{API}/users", f"{API}/groups"])
def test_direct_members_of_a_set_are_not_indirect(link: str):
    assert edges_to_members(*ORG, member(link)) == set()


def test_a_group_that_was_not_collected_is_not_named():
    assert edges_to_members(*(row for row in ORG if type(row) is not Group), member()) == BOTH - {
        (MEMBERS, "00g1")
    }


def test_excluded_users_are_not_in_it():
    out = ("orn:okta:directory:00oOrg:users:00u2",)
    assert edges_to_members(*ORG, member(excluded=out)) == BOTH - {(INDIRECT, "00u2")}
    assert edges_to_members(*ORG, member(excluded=("nonsense",))) == {(MEMBERS, "00g1")}


def test_missing_memberships_give_fewer_edges_and_the_rule_is_unsure():
    kept = tuple(row for row in ORG if getattr(row, "group_id", None) is None)
    graph = build_graph(snapshot_of(*kept, member(), gaps=(gap(GroupMembership),)), indirect_members=True)
    assert "resource_set_contains_members" in graph.graph["unsure"]
    assert edges_to_members(*kept, member(), gaps=(gap(GroupMembership),)) == {(MEMBERS, "00g1")}


def test_the_option_adds_these_edges_and_changes_nothing_else():
    org = snapshot_of(*ORG, member())
    without, with_them = build_graph(org), build_graph(org, indirect_members=True)
    assert (without.graph["indirect_members"], with_them.graph["indirect_members"]) == (False, True)
    (nodes, edges, _), (more_nodes, more_edges, _) = content(without), content(with_them)
    assert nodes == more_nodes
    assert {
        key: properties for key, properties in more_edges.items() if key[2] not in (MEMBERS, INDIRECT)
    } == edges
    assert len(more_edges) == len(edges) + 3
