"""Questions get the same answers from a compact graph, from networkx's, and from a snapshot."""

from __future__ import annotations

import pytest
from example_counts import examples
from handwritten import tiers
from handwritten.orgs import snapshot_of
from hypothesis import given
from properties.losses import with_losses
from properties.orgs import orgs

import oktahound.analysis.source_graph
from oktahound import build_graph
from oktahound.analysis import (
    blast_radius,
    choke_points,
    diff,
    findings,
    questions,
    riskiest,
    tier_zero,
    who_can_reach,
)
from oktahound.analysis.traversal import traversal_of
from oktahound.graph import compact_graph


def summary(radius) -> tuple:
    paths = {node: radius.path(node) for node in radius.nodes}
    return repr(radius), radius.nodes, radius.certain, radius.by_kind, radius.totals, radius.missing, paths


def answers(graph) -> list:
    """Return the results of all path analyses for some nodes."""
    given = [riskiest(graph).to_rows(), tier_zero(graph).to_rows(), choke_points(graph).to_rows()]
    found = findings(graph)
    given += [choke_points(graph).outside, list(found), found.not_checked]
    some = sorted(graph)[:: len(graph) // 10 + 1]
    return given + [summary(ask(graph, node)) for node in some for ask in (blast_radius, who_can_reach)]


@given(tiers.graphs())
@examples(10)
def test_path_analyses_give_the_same_answers(graph):
    graph.graph.update(scopes=True, collectedAt="2026-06-01T12:00:00.000Z", notAsked=[], gaps=[])
    graph.graph.update(withheld={}, unsure={})
    compact = compact_graph(graph)
    assert answers(compact) == answers(graph)
    for node in graph:
        for without in (frozenset(), frozenset(sorted(graph)[:2]) - {node}):
            expected = traversal_of(graph).closure([node], without=without)
            assert traversal_of(compact).closure([node], without=without) == expected


@given(orgs().flatmap(with_losses))
@examples(2)
def test_analyses_of_a_whole_org_give_the_same_answers(org):
    expected = build_graph(org, scopes=True, permissions="targets")
    assert answers(compact_graph(org, scopes=True, permissions="targets")) == answers(expected)


@given(orgs(), orgs())
@examples(2)
def test_a_snapshot_gets_the_same_answers_without_numpy(old, new):
    def ask() -> list:
        found = findings(new)
        return [
            list(found),
            found.not_checked,
            diff(old, new),
            summary(who_can_reach(new, new.organization.id)),
            [each.ask(new).rows for each in questions],
        ]

    with_numpy = ask()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(oktahound.analysis.source_graph, "has_numpy", lambda: False)
        assert ask() == with_numpy


@pytest.mark.parametrize("ask", [findings, riskiest, tier_zero, choke_points, lambda org: diff(org, org)])
def test_questions_about_a_snapshot_build_no_networkx_graph(ask, monkeypatch):
    monkeypatch.setattr(oktahound.analysis.source_graph, "build_graph", None)
    ask(snapshot_of(*tiers.ORG))
