"""Texts, numbers and nesting from attackers pass through the whole library, or are reported as gaps."""

from __future__ import annotations

import json
import re
from pathlib import Path

import httpx
import networkx as nx
import pytest

from hostile.corruption import JOINED_TEXTS, collected
from oktahound import ApiToken, GapReason, OktaClient, Snapshot, build_graph, collect, write_opengraph
from oktahound.clock import ScaledClock
from oktahound.entities import Application, Group, User
from oktahound.graph import graph_rows
from oktahound.sim import SimulatedOrg
from oktahound.sinks import arrow
from oktahound.sinks.text import printable


@pytest.fixture(scope="module", params=JOINED_TEXTS)
def snapshot(request: pytest.FixtureRequest) -> Snapshot:
    text = JOINED_TEXTS[request.param]
    return collected(lambda _, value: text if isinstance(value, str) else value)


@pytest.fixture(scope="module")
def written(snapshot: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder to which the snapshot was saved and exported."""
    folder = tmp_path_factory.mktemp("written")
    write_everything(snapshot, folder)
    return folder


@pytest.fixture(scope="module")
def whole() -> Snapshot:
    """Return the snapshot of the organization with its own texts."""
    return collected(lambda _, value: value)


@pytest.fixture(scope="module")
def files_of_whole(whole: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The paths of all files that the organization with its own texts is saved in."""
    folder = tmp_path_factory.mktemp("whole")
    write_everything(whole, folder)
    return paths_below(folder)


def write_everything(snapshot: Snapshot, folder: Path) -> None:
    """Save and export a snapshot."""
    snapshot.save(folder / "hostile.okta")
    write_opengraph(snapshot, folder / "opengraph", own_kinds=True, active_directory=True)
    arrow.write_parquet(snapshot, folder / "tables", trust_boundaries=True, saml=True)


def paths_below(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def test_a_text_is_kept_unchanged(snapshot: Snapshot, whole: Snapshot) -> None:
    (kept,) = {user.last_name for user in snapshot.users}
    # A lone surrogate is no character.
    assert kept in {re.sub("[\ud800-\udfff]", "\ufffd", text) for text in JOINED_TEXTS.values()}
    # All objects have ids, so that all rows are kept.
    assert len(snapshot.users) == len(whole.users)
    assert len(snapshot.applications) == len(whole.applications)


def test_a_snapshot_with_hostile_texts_is_equal_after_loading(snapshot: Snapshot, written: Path) -> None:
    assert Snapshot.load(written / "hostile.okta") == snapshot


def test_file_names_contain_no_text_that_was_read(written: Path, files_of_whole: set[str]) -> None:
    assert paths_below(written) == files_of_whole


def test_bloodhounds_files_contain_every_node_and_edge(snapshot: Snapshot, tmp_path: Path) -> None:
    graph = build_graph(snapshot)
    export = write_opengraph(graph, tmp_path, include_inactive=True)
    (main, hybrid) = (json.loads(file.path.read_text("utf-8"))["graph"] for file in export.files)
    left_out = sum(each.count for each in export.left_out if each.kind in {kind for *_, kind in graph.edges})
    assert len(main["edges"]) + len(hybrid["edges"]) + left_out == graph.number_of_edges()
    ours = [node for node, about in graph.nodes(data=True) if not about.get("foreign")]
    assert len({node["id"] for node in main["nodes"]}) == len(ours)


def test_the_tables_contain_every_node_and_edge(snapshot: Snapshot, written: Path) -> None:
    graph = build_graph(snapshot, trust_boundaries=True, saml=True)
    tables = arrow.read_parquet(written / "tables")
    names = {row["id"]: row["name"] for row in tables.nodes.to_pylist()}
    assert names == {printable(node): printable(about.get("name")) for node, about in graph.nodes(data=True)}
    assert tables.edges.num_rows == graph.number_of_edges()


def test_the_graph_is_the_same_in_json(snapshot: Snapshot) -> None:
    graph = build_graph(snapshot, scopes=True, trust_boundaries=True, saml=True)
    again = nx.node_link_graph(json.loads(json.dumps(nx.node_link_data(graph, edges="edges"))), edges="edges")
    assert dict(again.nodes(data=True)) == dict(graph.nodes(data=True))
    assert len(list(graph_rows(again))) == len(graph) + graph.number_of_edges()


def answering(body: bytes, path: str = "/api/v1/users", asked: list[str] | None = None) -> OktaClient:
    """A client of an org that answers one listing with these bytes; `asked` hears of every path."""
    org = SimulatedOrg.empty()

    class Answering(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if asked is not None:
                asked.append(request.url.raw_path.decode().partition("?")[0])
            if request.url.path == path:
                return httpx.Response(200, headers={"content-type": "application/json"}, content=body)
            return await org.transport.handle_async_request(request)

    # Pages that are not JSON are requested again, after pauses.
    return OktaClient(org.url, ApiToken(org.api_token), transport=Answering(), clock=ScaledClock(3600))


def users(body: bytes) -> Snapshot:
    with answering(body) as client:
        return collect(client, only=[User])


BIG = b"9" * 5_000

NUMBERS = [
    BIG,
    b"1e400",
    b"-1e400",
    b"1E-999",
    b"NaN",
    b"Infinity",
    b"-0.0",
    b"9223372036854775808",
    b"0.1e1",
]


@pytest.mark.parametrize("number", NUMBERS, ids=lambda each: each[:12].decode())
@pytest.mark.parametrize("field", ["login", "createdAt", "nobody reads it"])
def test_a_huge_number_loses_its_field_at_most(number: bytes, field: str) -> None:
    spelt = json.dumps(field).encode()
    found = users(b'[{"id":"00u1","profile":{%s:%s},"created":%s},{"id":"00u2"}]' % (spelt, number, number))
    lost = {gap.reason for gap in found.gaps}
    if number in (b"NaN", b"Infinity"):  # not JSON
        assert (found.users, lost) == ((), {GapReason.PROTOCOL})
    else:
        assert [user.id for user in found.users] == ["00u1", "00u2"]
        assert lost == {GapReason.FIELD}


def test_a_huge_number_of_members_in_the_statistics_is_a_gap() -> None:
    body = b'[{"id":"00g1","_embedded":{"stats":{"usersCount":%s}}}]' % BIG
    with answering(body, "/api/v1/groups") as client:
        found = collect(client, only=[Group])
    assert [group.id for group in found.groups] == ["00g1"]
    assert [gap.reason for gap in found.gaps] == [GapReason.FIELD]


@pytest.mark.parametrize("depth", [200, 900, 5_000, 100_000])
@pytest.mark.parametrize("field", ["nobody reads it", "profile", "id"])
def test_deep_nesting_loses_its_page_at_most(depth: int, field: str) -> None:
    nested = b"[" * depth + b"]" * depth
    found = users(b'[{"id":"00u1"},{"id":"00u2",%s:%s}]' % (json.dumps(field).encode(), nested))
    assert found.gaps or [user.id for user in found.users] == ["00u1", "00u2"]
    assert {user.id for user in found.users} <= {"00u1", "00u2"}


def test_the_last_value_of_a_duplicate_key_counts() -> None:
    found = users(b'[{"id":"00u1","id":"00u2","profile":{"login":"a","login":"b"}}]')
    assert [(user.id, user.login) for user in found.users] == [("00u2", "b")]


@pytest.mark.parametrize(
    "key", ["__class__", "__init__", "__dict__", "self", "cls", "kind", "id ", "\ud800", ""]
)
def test_keys_with_a_meaning_in_python_or_graphs_are_ignored(key: str) -> None:
    row = {"id": "00u1", "profile": {"login": "ann", key: "x"}, key: {"login": "x"}}
    found = users(json.dumps([row]).encode())
    assert [(user.id, user.login) for user in found.users] == [("00u1", "ann")]
    assert build_graph(found).nodes["00u1"]["kind"] == "Okta_User"


SETTINGS = (
    "status",
    "name",
    "label",
    "oktaDomain",
    "environmentid",
    "kind",
    "id",
    "collected",
    "foreign",
    "active",
)


@pytest.mark.parametrize("name", SETTINGS)
def test_no_setting_of_an_application_replaces_a_property_of_the_node(name: str) -> None:
    row = {"id": "0oa1", "label": "Payroll", "status": "ACTIVE", "settings": {"app": {name: "HOSTILE"}}}
    plain = {**row, "settings": {"app": {}}}
    nodes = []
    for each in (row, plain):
        with answering(json.dumps([each]).encode(), "/api/v1/apps") as client:
            nodes.append(build_graph(collect(client, only=[Application])).nodes["0oa1"])
    assert nodes[0] == nodes[1]


def many(field: bytes, item: bytes, count: int) -> bytes:
    return b'[{"id":"0oa1",%s:[%s]}]' % (field, b",".join([item] * count))


def test_a_list_of_a_million_items_is_read() -> None:
    with answering(many(b'"features"', b'"GROUP_PUSH"', 1_000_000), "/api/v1/apps") as client:
        found = collect(client, only=[Application])
    assert len(found.applications[0].features or ()) == 1_000_000
