"""Hostile ids: unusual, colliding, or like the derived ids of oktahound."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from handwritten.orgs import snapshot_of

from hostile.corruption import TEXTS
from hostile.test_values_through_everything import answering, users
from oktahound import GapReason, attack_view, build_graph, collect, write_opengraph
from oktahound.entities import (
    Application,
    ClientSecret,
    Entity,
    Group,
    GroupMembership,
    Policy,
    Resource,
    ResourceSet,
    RoleAssignment,
    User,
)
from oktahound.graph import graph_rows
from oktahound.sinks import arrow

ODD = [text for name, text in TEXTS.items() if name not in ("empty", "half a pair")]


@pytest.mark.parametrize("id_", ODD, ids=lambda each: ascii(each)[:16])
def test_an_unusual_id_is_accepted(id_: str, tmp_path: Path) -> None:
    found = users(json.dumps([{"id": id_}, {"id": "00u1"}]).encode())
    assert {user.id for user in found.users} == {id_, "00u1"}
    graph = build_graph(found)
    assert graph.nodes[id_]["kind"] == "Okta_User"
    write_opengraph(found, tmp_path)
    arrow.write_parquet(found, tmp_path / "tables")


@pytest.mark.parametrize("id_", ["", None, 0, 7, [], {}, True])
def test_an_invalid_id_loses_its_row(id_: Any) -> None:
    found = users(json.dumps([{"id": id_}, {"id": "00u1"}]).encode())
    assert [user.id for user in found.users] == ["00u1"]
    assert [(gap.reason, gap.where) for gap in found.gaps] == [(GapReason.RECORD, "users[0].id")]


@pytest.mark.parametrize(
    "id_", ["../apps", "a/b?c#d", "%2e%2e", "a\r\nHost: evil", "\x00", "..", "x" * 9_000]
)
def test_an_id_stays_inside_its_path_segment(id_: str) -> None:
    asked: list[str] = []
    body = json.dumps([{"id": id_, "_embedded": {"stats": {"usersCount": 1}}}]).encode()
    with answering(body, "/api/v1/groups", asked) as client:
        found = collect(client, only=[Group, GroupMembership])
    assert [group.id for group in found.groups] == [id_]
    below = {path for path in asked if path not in ("/api/v1/org", "/api/v1/groups")}
    assert all(path.startswith("/api/v1/groups/") and path.endswith("/users") for path in below)
    assert all(path.count("/") == 5 for path in below)
    assert not found.is_whole(GroupMembership) or below


def test_two_objects_with_one_id_are_one_object_and_a_gap() -> None:
    found = users(b'[{"id":"00u1","profile":{"login":"a"}},{"id":"00u1","profile":{"login":"b"}}]')
    assert len(found.users) == 1
    assert [gap.reason for gap in found.gaps] == [GapReason.CONFLICT]


MADE_UP = ["00oOrg", "SUPER_ADMIN@contoso.okta.com", "ra1_00uAnn", "0oa1_pool", "AZUser:{}", "k1_0oaApp"]


@pytest.mark.parametrize("id_", MADE_UP)
def test_an_id_like_a_derived_key_adds_no_path(id_: str) -> None:
    ann = User(id="00uAnn", status="ACTIVE")
    secret = ClientSecret(id="ocs1", owner_id="0oaApp", status="ACTIVE")
    rows: tuple[Entity, ...] = (
        ann,
        Application(id="0oaApp", client_type="service", status="ACTIVE"),
        secret,
        RoleAssignment(id="ra1", holder_id=ann.id, holder_type="USER", type="REPORT_ADMIN", status="ACTIVE"),
    )
    hostile: tuple[Entity, ...] = (Group(id=id_, name="x"), Policy(id=id_), User(id=id_, status="ACTIVE"))
    honest = attack_view(build_graph(snapshot_of(*rows)))
    spoilt = attack_view(build_graph(snapshot_of(*rows, *hostile)))
    for start in ("00uAnn", "ocs1", "0oaApp"):
        reached = nx.descendants(spoilt, start) - {id_}
        assert reached == nx.descendants(honest, start) - {id_}


def test_cycles_of_managers_and_groups_terminate() -> None:
    rows = [
        {"id": "00u1", "profile": {"login": "a@x", "managerId": "b@x"}},
        {"id": "00u2", "profile": {"login": "b@x", "managerId": "a@x"}},
        {"id": "00u3", "profile": {"login": "c@x", "managerId": "c@x"}},
    ]
    graph = build_graph(users(json.dumps(rows).encode()))
    managed = {(start, end) for start, end, kind in graph.edges(keys=True) if kind == "Okta_ManagerOf"}
    assert {("00u1", "00u2"), ("00u2", "00u1")} <= managed


HOSTS = "https://evil.example/api/v1"


@pytest.mark.parametrize(
    "link",
    [
        "https://contoso.okta.com/api/v1/iam/resource-sets/iam1",
        "https://contoso.okta.com/api/v1/iam/resource-sets/iam1/resources",
        "javascript:alert(1)",
        "file:///etc/passwd",
        f"{HOSTS}/groups/../../users",
        f"{HOSTS}//users",
        f"{HOSTS}/users/00u1/00u2",
        "https://[broken/api/v1/users",
        "/api/v1/users" + "/x" * 10_000,
    ],
    ids=lambda each: each[:40],
)
def test_a_link_in_a_set_to_another_host_is_unresolved(link: str) -> None:
    rows = (User(id="00u1"), User(id="00u2"), Group(id="00g1"), ResourceSet(id="iam1"))
    graph = build_graph(snapshot_of(*rows, Resource(id="ire1", resource_set_id="iam1", link=link)))
    held = {end for _, end, kind in graph.edges(keys=True) if kind == "Okta_ResourceSetContains"}
    assert held == set()
    assert graph.graph["unmatched"]


def test_a_graph_with_unusual_ids_has_a_node_for_each_row(tmp_path: Path) -> None:
    snapshot = snapshot_of(*(User(id=each) for each in ODD), *(Group(id=f"{each}g") for each in ODD))
    graph = build_graph(snapshot)
    rows = list(graph_rows(snapshot))
    assert len(rows) == len(graph) + graph.number_of_edges()
    export = write_opengraph(snapshot, tmp_path)
    ids = [node["id"] for node in json.loads(export.files[0].path.read_text("utf-8"))["graph"]["nodes"]]
    assert len(ids) == len(set(ids)) == len(graph)
