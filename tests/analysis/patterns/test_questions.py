"""The forty-five questions: their content, and that the engine agrees with a brute-force search."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import networkx as nx
import pytest
from analysis.patterns.brute_force import answers
from each_case import for_each
from hypothesis import given
from hypothesis import strategies as st
from properties.orgs import orgs

import oktahound
from oktahound import Snapshot, build_graph
from oktahound.analysis import AnyOf, Condition, Question, Questions, load_questions, questions
from oktahound.errors import ConfigurationError
from oktahound.graph import EDGE_KINDS

NOW = datetime(2026, 6, 1, tzinfo=UTC)
every_question = pytest.mark.parametrize("question", [*questions, *questions.privilege_zone_rules],
                                         ids=lambda each: each.name)  # fmt: skip


def matches_of(answer):
    return [(match.nodes, tuple((e.start, e.kind, e.end) for e in match.steps)) for match in answer]


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    org = oktahound.sim.SimulatedOrg(seed=11, users=15)
    with oktahound.OktaClient(org.url, oktahound.ApiToken(org.api_token), transport=org.transport) as client:
        return oktahound.collect(client, mfa="all")


@pytest.fixture(scope="module")
def org_graph(snapshot: Snapshot) -> nx.MultiDiGraph:
    return build_graph(snapshot)


@pytest.fixture(scope="module")
def shared_targets(snapshot: Snapshot) -> nx.MultiDiGraph:
    return build_graph(snapshot, permissions="targets")


def test_there_are_forty_five_questions_and_three_rules() -> None:
    assert len(questions) == 45
    assert len({each.name for each in questions}) == 45
    assert [each.name for each in questions.privilege_zone_rules] == [
        "organization", "tier0-principals", "tier0-devices"
    ]  # fmt: skip
    assert {each.category for each in questions} == set(questions.categories)
    assert sum(len(questions.of(category)) for category in questions.categories) == 45


@for_each([*questions, *questions.privilege_zone_rules], name=lambda each: each.name)
def test_a_question_has_known_kinds_and_a_text(question: Question) -> None:
    assert question.edge_kinds <= set(EDGE_KINDS)
    assert question.text[0].isupper()
    assert question.text[-1] in ".?"
    assert questions[question.name] is question if question in questions else True


@every_question
def test_the_engine_agrees_with_brute_force_on_a_simulated_org(
    question: Question, org_graph: nx.MultiDiGraph
) -> None:
    kinds = question.edge_kinds
    foreign = {node for node, kind in org_graph.nodes(data="kind") if not kind.startswith("Okta_")}
    # Brute force tries every edge at every step, so it gets only the edges that can match.
    small = nx.MultiDiGraph()
    small.add_nodes_from(org_graph.nodes(data=True))
    small.add_edges_from(
        edge for edge in org_graph.edges(keys=True) if edge[2] in kinds or foreign & set(edge[:2])
    )
    expected = answers(small, question, NOW)
    answer = question.ask(org_graph, now=NOW)
    if question.returns is None:
        assert matches_of(answer) == expected
    else:
        assert question.paths[0].nodes[0].name == question.returns
        assert [match.nodes[0] for match in answer] == sorted({nodes[0] for nodes, _ in expected})


@given(orgs(), st.sampled_from([*questions]))
def test_both_forms_of_permissions_give_the_same_answers(org: Snapshot, question: Question) -> None:
    plain = question.ask(build_graph(org))
    shared = question.ask(build_graph(org, permissions="targets"))
    assert matches_of(plain) == matches_of(shared)
    assert [(m.assumptions, m.inactive) for m in plain] == [(m.assumptions, m.inactive) for m in shared]
    assert plain.undecided == shared.undecided


# Few kinds and few nodes, so that generated patterns often match.
NODES = ["Okta_User", "Okta_Group", "Okta_Application", "User", "OktaHound_OAuthScope"]
EDGES = ["Okta_MemberOf", "Okta_AppAssignment", "Okta_HasRole"]


@st.composite
def graphs(draw: st.DrawFn) -> nx.MultiDiGraph:
    graph = nx.MultiDiGraph(collectedAt="2026-06-01T00:00:00.000Z")
    keys = "abcde"[: draw(st.integers(1, 5))]
    for key in keys:
        graph.add_node(key, kind=draw(st.sampled_from(NODES)))
        if (rank := draw(st.none() | st.integers(0, 2))) is not None:
            graph.nodes[key]["rank"] = rank
        if (age := draw(st.none() | st.integers(0, 3))) is not None:
            graph.nodes[key]["created"] = (NOW - timedelta(days=age)).isoformat()
    for start, end, kind in draw(
        st.lists(st.tuples(st.sampled_from(keys), st.sampled_from(keys), st.sampled_from(EDGES)), max_size=8)
    ):
        graph.add_edge(start, end, kind)
    return graph


def node_texts() -> st.SearchStrategy[str]:
    return st.sampled_from(["", ":Okta", ":!Okta", *(f":{kind}" for kind in NODES), ":Okta_User|Okta_Group"])


def edge_texts() -> st.SearchStrategy[str]:
    kinds = st.sampled_from(["", *(f":{kind}" for kind in EDGES), ":Okta_MemberOf|Okta_HasRole"])
    hops = st.sampled_from(["", "*1..2", "*2", "*2..3"])
    forms = st.sampled_from(["-[{}{}]->", "<-[{}{}]-", "-[{}{}]-"])
    return st.builds(lambda form, kind, hop: form.format(kind, hop), forms, kinds, hops)


conditions = st.one_of(
    st.builds(lambda op, value: Condition("n0", "rank", op, value), st.sampled_from(["eq", "ne"]),
              st.integers(0, 2)),
    st.builds(lambda op: Condition("n0", "rank", op), st.sampled_from(["is_null", "not_null"])),
    st.builds(lambda days: Condition("n0", "created", "older_than_days", days), st.integers(0, 3)),
    st.builds(lambda values: Condition("n0", "rank", "in", values), st.lists(st.integers(0, 2))),
    st.just(AnyOf((Condition("n0", "rank", "is_null"), Condition("n0", "rank", "eq", 1)))),
)  # fmt: skip


@st.composite
def generated_questions(draw: st.DrawFn) -> Question:
    text = f"(n0{draw(node_texts())})"
    for place in range(draw(st.integers(0, 2))):
        text += f"{draw(edge_texts())}(n{place + 1}{draw(node_texts())})"
    return Question(name="made", category="made", text="Made?", paths=[text],
                    where=draw(st.lists(conditions, max_size=2)))  # fmt: skip


@given(graphs(), generated_questions())
def test_the_engine_agrees_with_brute_force_on_generated_patterns(
    graph: nx.MultiDiGraph, question: Question
) -> None:
    assert matches_of(question.ask(graph)) == answers(graph, question, NOW)


def test_ages_are_relative_to_the_time_of_the_collection(org_graph: nx.MultiDiGraph) -> None:
    question = questions["privileged-users-old-passwords-indirect"]
    read = datetime.fromisoformat(org_graph.graph["collectedAt"])
    assert matches_of(question.ask(org_graph)) == matches_of(question.ask(org_graph, now=read))
    assert not question.ask(org_graph, days=100_000)
    assert len(question.ask(org_graph, days=0)) >= len(question.ask(org_graph))


def test_a_graph_without_a_collection_time_needs_now(org_graph: nx.MultiDiGraph) -> None:
    undated = org_graph.copy()
    del undated.graph["collectedAt"]
    question = questions["stale-privileged-accounts-indirect"]
    with pytest.raises(ConfigurationError, match="now="):
        question.ask(undated)
    assert matches_of(question.ask(undated, now=NOW)) == matches_of(question.ask(org_graph, now=NOW))


def test_nodes_without_the_compared_property_are_counted_and_reported() -> None:
    graph = nx.MultiDiGraph()
    graph.add_node("a", kind="Okta_User", status="ACTIVE")
    graph.add_node("b", kind="Okta_User")
    answer = Question(name="q", category="c", text="Not active?", paths=["(user:Okta_User)"],
                      where=[Condition("user", "status", "ne", "ACTIVE")]).ask(graph)  # fmt: skip
    assert len(answer) == 0
    assert answer.undecided == {("user", "status"): ("b",)}
    assert answer.missing == ("1 nodes (user) have no status, so it could not be compared",)
    assert "there may be more" in repr(answer)
    assert "there may be more" in answer._repr_html_()


def test_the_answer_lists_rules_that_lacked_data() -> None:
    graph = nx.MultiDiGraph(unsure={"member_of": ["GroupMembership"], "device_of": ["DeviceUser"]},
                            withheld={"manager_of": ["User"]})  # fmt: skip
    assert questions["group-members"].ask(graph).missing == (
        "rule member_of is unsure: GroupMembership not fully read",
    )
    assert questions["org-chart"].ask(graph).missing == ("rule manager_of was withheld: User not fully read",)


def test_an_answer_converts_to_rows_a_data_frame_a_subgraph_and_html(
    org_graph: nx.MultiDiGraph, shared_targets: nx.MultiDiGraph
) -> None:
    pandas = pytest.importorskip("pandas")
    answer = questions["role-app-admins"].ask(shared_targets)
    assert len(answer) > 0
    row = answer.rows[0]
    assert list(row) == ["id", "path", "nodes", "edges", "admin", "app", "inactive", "assumptions"]
    assert row["app"] == answer[0].named["app"]
    assert org_graph.nodes[row["admin"]]["name"] in row["path"]
    frame = answer.to_dataframe()
    assert isinstance(frame, pandas.DataFrame)
    assert frame["admin"].tolist() == [match.named["admin"] for match in answer]
    subgraph = answer.subgraph
    assert {node for match in answer for node in match.nodes} == set(subgraph)
    assert all(subgraph.nodes[node] == org_graph.nodes[node] for node in subgraph)
    assert "<table>" in answer._repr_html_()
    assert repr(answer).startswith(f"<{len(answer)} matches of role-app-admins")


def test_a_limited_answer_states_the_number_of_omitted_matches(org_graph: nx.MultiDiGraph) -> None:
    question = questions["group-members"]
    whole = question.ask(org_graph)
    cut = question.ask(org_graph, limit=3)
    assert list(cut) == list(whole[:3])
    assert cut.left_out == len(whole) - 3
    assert f"{len(whole)} matches" in repr(cut)


def test_hostile_names_are_escaped() -> None:
    graph = nx.MultiDiGraph()
    graph.add_node("u", kind="Okta_User", name="<script>\x1b[31m")
    graph.add_node("g", kind="Okta_Group", name="g")
    graph.add_edge("u", "g", "Okta_MemberOf")
    answer = questions["group-members"].ask(graph)
    assert "<script>" not in answer._repr_html_()
    assert "\x1b" not in repr(answer)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: questions["group-member"], "Did you mean 'group-members'"),
        (lambda: questions["group-members"].ask(nx.MultiDiGraph(), weeks=3), "no parameter 'weeks'"),
        (lambda: questions["group-members"].ask(nx.MultiDiGraph(), limit=-1), "limit="),
        (lambda: questions[0].ask(nx.MultiDiGraph(), now=NOW.replace(tzinfo=None)), "time zone"),
        (lambda: Question(name="q", category="c", text="?", paths=[]), "no path"),
        (lambda: Question(name="q", category="c", text="?", paths="(a)",
                          where=[Condition("b", "x", "eq", 1)]), "named 'b'"),
        (lambda: Question(name="q", category="c", text="?", paths="(a)", returns="b"), "named 'b'"),
        (lambda: Question(name="q", category="c", text="?", paths="(a)",
                          where=[Condition("a", "x", "eq", "$y")]), "no parameter is named 'y'"),
        (lambda: Condition("a", "x", "like", 1), "unknown operator 'like'; the operators are eq"),
        (lambda: Condition("a", "x", "eq"), "needs a value"),
        (lambda: Condition("a", "x", "is_null", 1), "takes no value"),
        (lambda: Condition("a", "x", "in", "abc"), "needs a list"),
        (lambda: Condition("a", "x", "older_than_days", "ten"), "days"),
        (lambda: AnyOf((Condition("a", "x", "eq", 1), Condition("b", "x", "eq", 1))), "concern one node"),
        (lambda: load_questions("= 3"), "not valid TOML"),
        (lambda: load_questions("[[questions]]\nname='x'"), "'questions'"),
        (lambda: load_questions("[[question]]\nname='x'\ncategory='c'\npaths=['(a)']"), "'x'.*text"),
        (lambda: load_questions("[[question]]\nname='x'\ncategory='c'\ntext='?'\npaths=['(a']"),
         "'x'.*position 1"),
        (lambda: load_questions("[[question]]\nname='x'\ncategory='c'\ntext='?'\npaths=['(a)']\n"
                                "where=[{node='a', op='eq'}]"), "'x'.*lacks 'property'"),
        (lambda: Questions([questions[0], questions[0]]), "two questions"),
    ],
)  # fmt: skip
def test_invalid_input_is_an_error_that_names_the_problem(make, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        make()
