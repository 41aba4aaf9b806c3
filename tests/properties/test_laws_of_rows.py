"""The rows of a graph equal the graph, whether they come from a snapshot or from networkx."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import networkx as nx
import pytest
from example_counts import examples
from handwritten.orgs import content, snapshot_of
from hypothesis import given
from hypothesis import strategies as st

from oktahound import ApiToken, OktaClient, Snapshot, build_graph, collect, write_opengraph
from oktahound.entities import (
    Application,
    AppUser,
    Device,
    Group,
    GroupMembership,
    JsonWebKey,
    RoleAssignment,
    User,
)
from oktahound.errors import ConfigurationError, KindError
from oktahound.graph import EDGE_KINDS, EdgeRow, Foreign, GraphRows, NodeRow, graph_rows, rule_groups
from oktahound.sim import SimulatedOrg
from properties.losses import with_losses
from properties.orgs import GROUPS, USERS, orgs

any_org = st.one_of(orgs(), orgs().flatmap(with_losses))
forms = st.sampled_from(["edges", "targets"])


def graph_of_rows(rows: GraphRows) -> nx.MultiDiGraph:
    """Build a graph from rows, and check the promises of `GraphRows`."""
    graph = nx.MultiDiGraph()
    edges_began = False
    for row in rows:
        if isinstance(row, NodeRow):
            assert row.id not in graph
            assert "kind" not in row.attributes
            assert (
                not edges_began
                or row.attributes.get("collected") is False
                or "size" in row.attributes
                or row.attributes.get("foreign")
            )
            graph.add_node(row.id)
            graph.nodes[row.id].update(row.attributes, kind=row.kind)
        else:
            edges_began = True
            assert isinstance(row, EdgeRow)
            assert EDGE_KINDS[row.kind.name] is row.kind
            assert {row.start, row.end} <= set(graph)
            assert not graph.has_edge(row.start, row.end, row.kind.name)
            graph.add_edge(row.start, row.end, row.kind.name)
            graph.edges[row.start, row.end, row.kind.name].update(row.attributes)
    graph.graph.update(rows.about)
    return graph


def resolver(choices: dict[int, str | None]) -> Any:
    """Return a resolver for some objects, which gives some the same id, and some an id of this org."""

    def resolve(foreign: Foreign) -> str | None:
        return choices[len(foreign.key) % len(choices)]

    return resolve


resolvers = st.none() | st.lists(
    st.sampled_from([None, "THERE-1", "THERE-2", "00u1", "00uGone"]), min_size=1, max_size=4
).map(lambda found: resolver(dict(enumerate(found))))


@given(any_org, forms, st.booleans(), resolvers)
@examples(4)
def test_the_rows_of_a_snapshot_equal_its_graph(org: Snapshot, form: Any, scopes: bool, resolve: Any):
    graph = build_graph(org, permissions=form, scopes=scopes, resolve=resolve)
    rows = graph_rows(org, permissions=form, scopes=scopes, resolve=resolve)
    assert content(graph_of_rows(rows)) == content(graph)


@given(any_org, forms, st.booleans())
@examples(4)
def test_the_rows_of_a_graph_equal_the_graph(org: Snapshot, form: Any, scopes: bool):
    graph = build_graph(org, permissions=form, scopes=scopes, trust_boundaries=scopes)
    assert content(graph_of_rows(graph_rows(graph))) == content(graph)


@given(any_org, st.data())
@examples(4)
def test_duplicate_rows_change_nothing(org: Snapshot, data: st.DataObject):
    """A snapshot that was made by hand may hold a row twice, and edges must still come once."""
    twice = data.draw(st.sampled_from([User, GroupMembership, AppUser, JsonWebKey, Device, Group]))
    doubled = attrs.evolve(org, **{twice.PLURAL: org.rows(twice) * 2})
    rows = graph_rows(doubled, scopes=True)
    assert content(graph_of_rows(rows)) == content(build_graph(doubled, scopes=True))


@given(any_org)
@examples(4)
def test_rows_can_be_iterated_again(org: Snapshot):
    rows = graph_rows(org)
    assert content(graph_of_rows(rows)) == content(graph_of_rows(rows))


@pytest.fixture(scope="module")
def simulated() -> Snapshot:
    org = SimulatedOrg(seed=5, users=24)
    with OktaClient(org.url, ApiToken(org.api_token), transport=org.transport) as client:
        return collect(client, trust_boundaries=True)


@pytest.mark.parametrize("form", ["edges", "targets"])
@pytest.mark.parametrize("scopes", [False, True])
def test_the_rows_of_a_simulated_org_equal_its_graph(simulated: Snapshot, form: Any, scopes: bool):
    parts = {"scopes": scopes, "trust_boundaries": True}
    graph = build_graph(simulated, permissions=form, **parts)
    rows = graph_rows(simulated, permissions=form, **parts)
    assert content(graph_of_rows(rows)) == content(graph)


def test_an_edge_from_several_rules_comes_once_with_merged_properties():
    everyone = Group(id="00gAll", name="Everyone", type="BUILT_IN")
    roles = [
        RoleAssignment(id=f"ra{type_}", holder_id="00u1", holder_type="USER", type=type_, status="ACTIVE")
        for type_ in ("ORG_ADMIN", "ORG_ADMIN", "USER_ADMIN")
    ]
    org = snapshot_of(
        *(User(id=user) for user in USERS),
        everyone,
        Application(id="0oa1", implicit_assignment=True),
        *(GroupMembership(id=user, group_id=GROUPS[0]) for user in USERS * 2),
        *roles,
    )
    assert content(graph_of_rows(graph_rows(org))) == content(build_graph(org))


def test_grants_and_plain_edges_of_one_group_of_rules_are_merged():
    """`rule` can mix both, so the stream has to merge them."""
    from oktahound.graph import OrgIndex
    from oktahound.graph.grants import Grant, Targets
    from oktahound.graph.model import EdgeKind, rule
    from oktahound.graph.optional_parts import select_parts
    from oktahound.graph.stream import Stream

    kind = EdgeKind("Okta_Rights", {"Okta_User"}, {"Okta_User"}, traversable=True, why="a test")

    @rule(kind, needs=())
    def both(org):
        """A test."""
        yield kind("00u1", "00u2", assumption="a")
        yield Grant(kind, "00u1", Targets(("00u2", "00u3")), {"assumption": "b"})
        yield kind("00u1", "00u3")
        yield kind("00u4", "00u3", conditional=True)
        yield kind("00u4", "00u3")

    org = OrgIndex(snapshot_of(*(User(id=f"00u{number}") for number in range(1, 5))))
    stream = Stream(org, (both,), share_targets=False, resolve=None, selected=select_parts({}))
    drawn = [(row.start, row.end, dict(row.attributes)) for row in stream if isinstance(row, EdgeRow)]
    assert sorted(drawn, key=str) == [
        ("00u1", "00u2", {"assumption": "b"}),
        ("00u1", "00u3", {}),
        ("00u4", "00u3", {}),
    ]


@pytest.mark.parametrize("wrong", [{"permissions": "targets"}, {"scopes": True}, {"resolve": {}}])
def test_options_for_a_snapshot_are_refused_for_a_graph(wrong: Any):
    with pytest.raises(ConfigurationError, match="apply to a snapshot only"):
        graph_rows(nx.MultiDiGraph(), **wrong)


def test_an_unknown_form_is_refused():
    with pytest.raises(ConfigurationError, match="'edges' or 'targets'"):
        graph_rows(snapshot_of(), permissions="both")  # type: ignore[arg-type]


@pytest.mark.parametrize("graph", [nx.Graph(), nx.DiGraph(), nx.MultiGraph()])
def test_other_graphs_than_directed_multigraphs_are_refused(graph: Any):
    with pytest.raises(ConfigurationError, match="MultiDiGraph"):
        graph_rows(graph)


def test_a_graph_with_unknown_kinds_is_refused():
    graph = build_graph(snapshot_of(User(id="00u1")))
    graph.add_edge("00u1", "00oOrg", "AZOwns")
    with pytest.raises(KindError, match="AZOwns"):
        list(graph_rows(graph))
    graph.remove_edge("00u1", "00oOrg", "AZOwns")
    graph.add_node("bare")
    with pytest.raises(KindError, match="'bare' has no kind"):
        list(graph_rows(graph))


def test_groups_of_rules_share_no_kind_and_keep_the_order():
    from oktahound.graph import RULES, SCOPE_RULES

    found = rule_groups.independent_groups((*RULES, *SCOPE_RULES))
    kinds = [frozenset().union(*(rule.emits for rule in family)) for family in found]
    assert sum(map(len, kinds)) == len(frozenset().union(*kinds))
    assert sorted(map(id, (rule for family in found for rule in family))) == sorted(
        map(id, (*RULES, *SCOPE_RULES))
    )
    for family in found:
        order = [(*RULES, *SCOPE_RULES).index(rule) for rule in family]
        assert order == sorted(order)


def peak(work: Callable[[], object]) -> int:
    """Return the additional peak memory of a piece of work in bytes."""
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        work()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "rows",
    [
        # Rights are admins times targets; memberships are as many as their rows.
        [
            RoleAssignment(
                id="ra1", holder_id=f"00u{number}", holder_type="USER", type="ORG_ADMIN", status="ACTIVE"
            )
            for number in range(30)
        ],
        [
            GroupMembership(id=f"00u{number}", group_id=f"00g{group}")
            for number in range(1_000)
            for group in range(15)
        ],
    ],
    ids=["grants", "plain edges"],
)
def test_a_stream_needs_a_fraction_of_the_memory_of_the_graph(rows: list[Any], tmp_path: Path):
    org = snapshot_of(*(User(id=f"00u{number}") for number in range(1_000)), *rows)
    write_opengraph(snapshot_of(), tmp_path)  # what an export caches for the process is not of the org
    # The graph takes 3 MB or more, and the buffers of an export about 0.8 MB.
    graph = peak(lambda: build_graph(org))
    assert peak(lambda: sum(1 for _ in graph_rows(org))) < graph / 4
    assert peak(lambda: write_opengraph(org, tmp_path)) < graph / 2
