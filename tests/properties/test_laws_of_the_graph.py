"""Properties of the graph of every org, however incomplete its snapshot is."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import attrs
import networkx as nx
import pytest
from example_counts import examples
from handwritten.orgs import content, snapshot_of
from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st

from oktahound import Gap, GapReason, Snapshot, User, attack_view, build_graph
from oktahound.entities import ENTITIES, GroupMembership, RoleAssignment
from oktahound.graph import EDGE_KINDS
from oktahound.graph.org_index import OrgIndex
from properties.graphs import COVERS, TARGET_SET, active, edges_of, graph_of, reach
from properties.losses import with_losses
from properties.orgs import orgs

pairs = orgs().flatmap(lambda whole: st.tuples(st.just(whole), with_losses(whole)))
losses_too = st.one_of(orgs(), orgs().flatmap(with_losses))


@given(losses_too, st.randoms(use_true_random=False))
@examples(4)
def test_the_order_of_rows_does_not_change_the_graph(org: Snapshot, random: Any):
    def shuffled(rows: Iterable[Any]) -> tuple[Any, ...]:
        mixed = list(rows)
        random.shuffle(mixed)
        return tuple(mixed)

    turned = attrs.evolve(org, **{cls.PLURAL: shuffled(org.rows(cls)) for cls in ENTITIES})
    for form in ("edges", "targets"):
        assert content(graph_of(turned, form)) == content(graph_of(org, form))


@given(losses_too)
@examples(4)
def test_every_edge_has_two_nodes_and_only_unread_objects_are_placeholders(org: Snapshot):
    graph, index = build_graph(org), OrgIndex(org)
    read = {org.organization.id: "Okta_Organization"}
    read |= {
        node: cls.KIND
        for cls in ENTITIES
        if cls.KIND and not cls.PART
        for row in org.rows(cls)
        if (node := row.node_id(index))
    }
    for node, said in graph.nodes(data=True):
        if said.get("foreign"):
            continue
        assert said["oktaDomain"] == "contoso.okta.com"
        assert said["environmentid"] == "00oOrg"
        if node in read:
            assert said["kind"] == read[node]
            assert said.get("collected", True)
        elif said["kind"] != "Okta_Role":
            assert said.keys() == {"kind", "collected", "oktaDomain", "environmentid"}
            assert said["collected"] is False
    assert read.keys() <= set(graph)


@given(losses_too)
@examples(4)
def test_every_edge_has_a_known_kind_with_allowed_ends(org: Snapshot):
    graph = graph_of(org)
    for start, kind, end in edges_of(graph):
        known = EDGE_KINDS[kind]
        assert graph.nodes[start]["kind"] in known.starts
        assert graph.nodes[end]["kind"] in known.ends


@given(losses_too, st.sampled_from(["edges", "targets"]))
@examples(4)
def test_attributes_are_ready_for_json(org: Snapshot, form: Any):
    graph = graph_of(org, form)
    for said in [*dict(graph.nodes(data=True)).values(), *edges_of(graph).values()]:
        for name, value in said.items():
            assert type(name) is str
            items = value if type(value) is list else [value]
            assert {type(item) for item in items} <= {str, int, bool}
            assert type(value) is not list or {type(item) for item in items} <= {str}
            assert name != "active" or value is False


@given(losses_too)
@examples(3)
def test_a_loaded_snapshot_is_equal_and_has_the_same_graph(org: Snapshot):
    with tempfile.TemporaryDirectory() as folder:
        org.save(Path(folder) / "contoso.okta")
        loaded = Snapshot.load(Path(folder) / "contoso.okta")
    assert loaded == org
    assert content(graph_of(loaded)) == content(graph_of(org))


@given(pairs)
@examples(4)
def test_a_gap_never_adds_an_edge(pair: tuple[Snapshot, Snapshot]):
    whole, lossy = (graph_of(each) for each in pair)
    assert active(lossy) <= active(whole)
    assert set(attack_view(lossy).edges(keys=True)) <= set(attack_view(whole).edges(keys=True))
    assert set(edges_of(lossy)) <= set(edges_of(whole))


@given(pairs)
@examples(4)
def test_a_gap_never_makes_an_edge_more_certain(pair: tuple[Snapshot, Snapshot]):
    whole, lossy = (edges_of(graph_of(each)) for each in pair)
    for key, said in lossy.items():
        if said.get("active", True):
            assert said.keys() >= whole[key].keys() & {"assumption", "conditional", "usable"}
            assert said.get("usable") in (whole[key].get("usable"), "unknown")


@given(pairs)
@examples(4)
def test_a_gap_never_adds_a_path_through_target_sets(pair: tuple[Snapshot, Snapshot]):
    whole, lossy = (reach(graph_of(each, "targets")) for each in pair)
    assert [(node, found - whole[node]) for node, found in lossy.items() if found - whole[node]] == []


@given(losses_too)
@examples(4)
def test_target_sets_reach_the_same_nodes_as_single_edges(org: Snapshot):
    assert reach(graph_of(org, "targets")) == reach(graph_of(org, "edges"))


@given(losses_too)
@examples(4)
def test_edges_of_target_sets_grow_with_admins_plus_targets(org: Snapshot):
    single, shared = (graph_of(org, form) for form in ("edges", "targets"))
    drawn = edges_of(single)
    for node, said in shared.nodes(data=True):
        if said["kind"] == TARGET_SET:
            right = said["right"]
            holders = {start for start, _, kind in shared.in_edges(node, keys=True) if kind == right}
            targets = {end for _, end, kind in shared.out_edges(node, keys=True) if kind == COVERS}
            assert shared.in_degree(node) == len(holders) > 0
            assert shared.out_degree(node) == len(targets) == said["size"] > 0
            assert all((holder, right, target) in drawn for holder in holders for target in targets)


def test_a_right_over_all_users_has_admins_plus_targets_edges():
    users = [User(id=f"00u{number}") for number in range(40)]
    admins = [
        RoleAssignment(id="ra1", holder_id=user.id, holder_type="USER", type="ORG_ADMIN", status="ACTIVE")
        for user in users[:10]
    ]
    single, shared = (
        build_graph(snapshot_of(*users, *admins), permissions=form) for form in ("edges", "targets")
    )

    def count(graph: nx.MultiDiGraph, *kinds: str) -> int:
        return sum(kind in kinds for *_, kind in graph.edges(keys=True))

    assert count(single, "Okta_OrgAdmin") == 10 * 30
    assert count(shared, "Okta_OrgAdmin", COVERS) == 10 + 30
    assert reach(shared) == reach(single)


def test_the_law_of_gaps_detects_an_added_edge():
    """Without its gap, a missing listing looks like an org without admins, and adds rights over all users."""
    helper = RoleAssignment(
        id="ra1", holder_id="00u1", holder_type="USER", type="HELP_DESK_ADMIN", status="ACTIVE"
    )
    boss = RoleAssignment(id="ra2", holder_id="00u2", holder_type="USER", type="SUPER_ADMIN", status="ACTIVE")
    rows = (User(id="00u1"), User(id="00u2"), helper)
    whole, silent = build_graph(snapshot_of(*rows, boss)), build_graph(snapshot_of(*rows))
    incomplete = build_graph(
        snapshot_of(*rows, gaps=(Gap(entity="RoleAssignment", reason=GapReason.FORBIDDEN, request="GET …"),))
    )
    assert not active(silent) <= active(whole)
    assert active(incomplete) <= active(whole)


@pytest.mark.deep
def test_generated_orgs_contain_all_that_the_laws_need():
    """If the strategy no longer generated these objects, the laws would always pass."""
    seen: set[str] = set()
    outward = {"User", "Computer", "AZUser", "AZTenant", "AZGroup", "GH_User", "GH_Organization"}
    inward = {name for name, kind in EDGE_KINDS.items() if outward.isdisjoint(kind.starts | kind.ends)}
    wanted = {name for name in inward if name.startswith("Okta_")}
    only_look = settings(max_examples=50, database=None, phases=[Phase.generate])

    @only_look
    @given(orgs())
    def look_at_orgs(whole: Snapshot) -> None:
        seen.update(kind for _, kind, _ in active(build_graph(whole, indirect_members=True)))

    @seed(1)
    @only_look
    @given(pairs)
    def look_at_losses(pair: tuple[Snapshot, Snapshot]) -> None:
        whole, lossy = pair
        seen.update(f"lost {cls.__name__}" for cls in ENTITIES if len(lossy.rows(cls)) < len(whole.rows(cls)))
        seen.update(name for name in ("withheld", "unsure") if build_graph(lossy).graph[name])

    # The examples of one run resemble each other, so that a rare kind comes sooner in a few short ones.
    for number in range(40):
        if not wanted <= seen:
            seed(number)(look_at_orgs)()
    look_at_losses()
    assert wanted <= seen
    assert {f"lost {cls.__name__}" for cls in (User, GroupMembership, RoleAssignment)} <= seen
    assert {"withheld", "unsure"} <= seen
