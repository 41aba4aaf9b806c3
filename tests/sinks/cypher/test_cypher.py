"""The embedded Cypher database: its content, query results, and the translation of Neo4j's Cypher."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs
import networkx as nx
import pytest
from example_counts import examples
from handwritten.orgs import snapshot_of
from hypothesis import given
from properties.orgs import orgs

import oktahound
from oktahound import Gap, GapReason, Snapshot, User, build_graph
from oktahound.analysis import Question, questions
from oktahound.errors import ConfigurationError
from oktahound.graph import EDGE_KINDS, EdgeRow, NodeRow
from oktahound.sinks import check_sink
from oktahound.sinks.cypher import CypherDatabase, load_cypher, open_cypher, translate, write_cypher

NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    org = oktahound.sim.SimulatedOrg(seed=11, users=15)
    with oktahound.OktaClient(org.url, oktahound.ApiToken(org.api_token), transport=org.transport) as client:
        return oktahound.collect(client, mfa="all")


@pytest.fixture(scope="module")
def graph(snapshot: Snapshot) -> nx.MultiDiGraph:
    return build_graph(snapshot)


@pytest.fixture(scope="module")
def database(snapshot: Snapshot) -> Iterator[CypherDatabase]:
    with load_cypher(snapshot) as database:
        yield database


@pytest.fixture(scope="module")
def small() -> Iterator[CypherDatabase]:
    graph = nx.MultiDiGraph()
    graph.add_node("a", kind="Okta_User", name="Ann", status="ACTIVE", created="2026-01-15T12:25:42.000Z")
    graph.add_node("g", kind="Okta_Group", name="G")
    graph.add_node("r", kind="Okta_RoleAssignment", type="SUPER_ADMIN")
    graph.add_node("x", kind="AZGroup", name="Engineering")
    graph.add_edge("a", "g", "Okta_MemberOf")
    graph.add_edge("g", "r", "Okta_HasRoleAssignment", mode="odd")
    with load_cypher(graph) as database:
        yield database


def in_python(question: Question, graph: nx.MultiDiGraph) -> list[Any]:
    answer = question.ask(graph, now=NOW)
    return sorted((match.nodes, tuple((e.start, e.kind, e.end) for e in match.steps)) for match in answer)


def in_cypher(question: Question, database: CypherDatabase) -> list[Any]:
    found: list[Any] = []
    for text in question.to_cypher(now=NOW):
        for row in database.query(text):
            if question.returns is not None:
                found.append(((row[question.returns]["id"],), ()))
            else:
                path = row["p"]
                edges = tuple((edge["start"], edge["kind"], edge["end"]) for edge in path["edges"])
                found.append((tuple(node["id"] for node in path["nodes"]), edges))
    return sorted(found)


@pytest.mark.parametrize(
    "question", [*questions, *questions.privilege_zone_rules], ids=lambda question: question.name
)
def test_both_engines_give_the_same_rows(
    question: Question, database: CypherDatabase, graph: nx.MultiDiGraph
) -> None:
    assert in_cypher(question, database) == in_python(question, graph)


# A database takes seconds to fill; the simulated organization above has every kind of edge.
@pytest.mark.deep
@examples(2)
@given(orgs())
def test_both_engines_give_the_same_rows_on_generated_orgs(org: Snapshot) -> None:
    graph = build_graph(org)
    with load_cypher(graph) as database:
        for question in questions:
            assert in_cypher(question, database) == in_python(question, graph), question.name


def rows_in(folder: Path) -> Iterator[NodeRow | EdgeRow]:
    with open_cypher(folder) as database:
        # A query over all labels at once returns every column of the database with each node.
        for label in database.labels:
            for row in database.query(f"MATCH (n:`{label}`) RETURN n"):
                node = dict(row["n"])
                key, kind, hidden = node.pop("id"), node.pop("kind"), node.pop("properties", {})
                yield NodeRow(key, kind, node | hidden)
        for row in database.query("MATCH (a)-[r]->(b) RETURN a.id AS source, r, b.id AS target"):
            edge = dict(row["r"])
            kind, hidden = EDGE_KINDS[edge.pop("kind")], edge.pop("properties", {})
            if edge["active"]:
                del edge["active"]
            yield EdgeRow(kind, row["source"], row["target"], edge | hidden)


def spelled_out(row: NodeRow | EdgeRow) -> NodeRow | EdgeRow:
    """Escape lone surrogates, as in Arrow tables."""

    def change(value: Any) -> Any:
        if isinstance(value, str):
            return value.encode("utf-8", "backslashreplace").decode()
        if isinstance(value, list):
            return [change(each) for each in value]
        if isinstance(value, dict):
            return {change(name): change(each) for name, each in value.items()}
        return value

    ends = {name: change(getattr(row, name)) for name in ("id", "start", "end") if hasattr(row, name)}
    return row._replace(**ends, attributes=change(dict(row.attributes)))


def test_the_database_passes_check_sink() -> None:
    check_sink(write_cypher, rows_in, kept=spelled_out)


def test_a_written_database_has_the_metadata_of_the_graph(tmp_path: Path) -> None:
    unread = Gap(entity="Group", reason=GapReason.FORBIDDEN, request="GET /api/v1/groups")
    snapshot = attrs.evolve(snapshot_of(User(id="00u1", login="ann")), gaps=(unread,))
    path = write_cypher(snapshot, tmp_path / "out")
    with open_cypher(path) as database:
        assert database.about == build_graph(snapshot).graph
        assert database.about["gaps"]
        with pytest.raises(ConfigurationError, match="read-only"):
            database.query("CREATE (:Okta_User {id: 'new'})")


@pytest.mark.parametrize("damage", ["absent", "no database"])
def test_a_file_that_is_no_database_is_refused(damage: str, tmp_path: Path) -> None:
    file = tmp_path / "graph.lbug"
    if damage == "no database":
        file.write_bytes(b"something else")
    with pytest.raises(ConfigurationError, match=r"graph\.lbug"):
        open_cypher(tmp_path)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("MATCH (u:Okta_User) RETURN u.name AS x", ["Ann"]),
        ("MATCH (n:Okta) RETURN n.id AS x ORDER BY x", ["a", "g", "r"]),
        ("MATCH (n:!Okta) RETURN n.id AS x", ["x"]),
        ("MATCH (n:Okta:Okta_User) RETURN n.id AS x", ["a"]),
        ("MATCH (n:Okta&!Okta_User) RETURN n.id AS x ORDER BY x", ["g", "r"]),
        ("MATCH (n:Okta_User|AZGroup) RETURN n.id AS x ORDER BY x", ["a", "x"]),
        ("MATCH (n:Okta_User {name: 'Ann'}) RETURN n.id AS x", ["a"]),
        ("MATCH (n) WHERE n:Okta_User OR n:AZGroup RETURN n.id AS x ORDER BY x", ["a", "x"]),
        ("MATCH (n) WHERE NOT (n:Okta) RETURN n.id AS x", ["x"]),
        ("MATCH (n) WHERE n.objectid = 'a' RETURN n.name AS x", ["Ann"]),
        ("MATCH (n) WHERE n.name = '(m:Okta_Nothing)' RETURN n.name AS x", []),
        ("MATCH (a)-[r]->(b) RETURN type(r) AS x ORDER BY x", ["Okta_HasRoleAssignment", "Okta_MemberOf"]),
        ("MATCH p=shortestPath((u:Okta_User)-[*1..]->(r:Okta_RoleAssignment)) RETURN length(p) AS x", [2]),
        ("MATCH p=allShortestPaths((u:Okta_User)-[:Okta_MemberOf*]->(g)) RETURN length(p) AS x", [1]),
        ("MATCH p=shortestPath((u:Okta_User)-[*1..1]->(r:Okta_RoleAssignment)) RETURN length(p) AS x", []),
        ("MATCH (u:Okta_User) WHERE datetime(u.created) < datetime() - duration('P9D') RETURN u.id AS x",
         ["a"]),
        ("MATCH (u:Okta_User) WHERE u.created < '2026-01-16' RETURN u.id AS x", ["a"]),
        ("MATCH (u:Okta_User) // (n:Okta_Nothing)\nRETURN u.id AS x", ["a"]),
        ("MATCH (n:Okta_Device) RETURN n.id AS x", []),
        ("MATCH (n:Okta_User)-[:Okta_SuperAdmin]->(m:Okta_User) RETURN n.id AS x", []),
    ],
)  # fmt: skip
def test_cypher_for_neo4j_is_translated_and_answered(
    text: str, rows: list[Any], small: CypherDatabase
) -> None:
    assert [row["x"] for row in small.query(text)] == rows


def test_values_are_plain_python_objects(small: CypherDatabase) -> None:
    (row,) = small.query("MATCH p=(u:Okta_User)-[:Okta_MemberOf]->()-[r]->() RETURN u, r, p")
    assert row["u"] == {"kind": "Okta_User", "id": "a", "name": "Ann", "status": "ACTIVE",
                        "created": "2026-01-15T12:25:42.000Z"}  # fmt: skip
    assert row["r"] == {"kind": "Okta_HasRoleAssignment", "active": True, "mode": "odd"}
    assert [node["id"] for node in row["p"]["nodes"]] == ["a", "g", "r"]
    assert [(edge["start"], edge["end"]) for edge in row["p"]["edges"]] == [("a", "g"), ("g", "r")]


def test_parameters_and_data_frames(small: CypherDatabase) -> None:
    pandas = pytest.importorskip("pandas")
    result = small.query(
        "MATCH (u:Okta_User) WHERE u.name = $name RETURN u.id AS id, u.name AS name", name="Ann"
    )
    frame = result.to_dataframe()
    assert isinstance(frame, pandas.DataFrame)
    assert frame.to_dict("records") == [{"id": "a", "name": "Ann"}]
    assert result.columns == ("id", "name")
    assert repr(result) == "<1 rows: id, name>"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("MATCH (n:Okta_Usr) RETURN n", "'Okta_Usr'; did you mean Okta_User"),
        ("MATCH (n:Okta_User&Okta_Group) RETURN n", "a node has only one kind"),
        ("MATCH (n:Okta_User) RETURN n.nosuch", "nosuch"),
        ("MATCH p=shortestPath((n:Okta_User) RETURN p", "not closed"),
        ("MATCH (n:Okta_User", "the query failed"),
        ("RETURN 1; RETURN 2", "one statement"),
    ],
)
def test_invalid_input_is_an_error_that_names_the_problem(
    text: str, words: str, small: CypherDatabase
) -> None:
    with pytest.raises(ConfigurationError, match=words):
        small.query(text)


def test_labels_are_quoted_and_texts_are_unchanged() -> None:
    assert translate("MATCH (n:Group) WHERE n.x = ':Okta' RETURN n", ["Group"]) == (
        "MATCH (n:`Group`) WHERE n.x = ':Okta' RETURN n"
    )
