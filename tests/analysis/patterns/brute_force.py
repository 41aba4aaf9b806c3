"""A second, slow implementation of pattern matching, which tries every trail of the graph."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import product

import networkx as nx

from oktahound.analysis.patterns import AnyOf, Condition, PathPattern, Question

Trail = tuple[tuple[str, ...], tuple[tuple[str, str, str], ...]]


def answers(graph: nx.MultiDiGraph, question: Question, now: datetime) -> list[Trail]:
    """Return nodes and edges of every match, for each returned path of a question."""
    found = []
    for path in question.paths:
        trails = {
            trail
            for hops in product(*(range(step.least, step.most + 1) for step in path.steps))
            for trail in _trails(graph, path, hops)
            if _holds(graph, path, hops, trail, question, now)
        }
        found += sorted(trails)
    return found


def _trails(graph: nx.MultiDiGraph, path: PathPattern, hops: tuple[int, ...]) -> Iterator[Trail]:
    """Yield every trail whose edges match the steps; the nodes are tested afterwards."""
    wanted = [step for step, count in zip(path.steps, hops, strict=True) for _ in range(count)]
    trails: list[Trail] = [((node,), ()) for node in graph]
    every_edge = list(graph.edges(keys=True))
    for step in wanted:
        longer = []
        for nodes, edges in trails:
            for start, end, kind in every_edge:
                edge = (start, kind, end)
                if edge in edges or (step.kinds and kind not in step.kinds):
                    continue
                if step.direction != "in" and start == nodes[-1]:
                    longer.append(((*nodes, end), (*edges, edge)))
                if step.direction != "out" and end == nodes[-1] and (step.direction == "in" or start != end):
                    longer.append(((*nodes, start), (*edges, edge)))
        trails = longer
    yield from trails


def _holds(graph, path, hops, trail, question, now) -> bool:
    places = [0]
    for count in hops:
        places.append(places[-1] + count)
    nodes = [trail[0][place] for place in places]
    for test, node in zip(path.nodes, nodes, strict=True):
        kind = graph.nodes[node]["kind"]
        if test.kinds and kind not in test.kinds:
            return False
        if test.okta is True and not kind.startswith("Okta_"):
            return False
        if test.okta is False and kind.startswith(("Okta_", "OktaHound_", "SAML_")):
            return False
    named = {test.name: node for test, node in zip(path.nodes, nodes, strict=True) if test.name}
    return all(
        _true(graph.nodes[named[condition.name]], condition, now, question.parameters)
        for condition in question.where
        if condition.name in named
    )


def _true(attributes, condition, now, parameters) -> bool:
    if isinstance(condition, AnyOf):
        return any(_true(attributes, each, now, parameters) for each in condition.conditions)
    assert isinstance(condition, Condition)
    value = attributes.get(condition.prop)
    wanted = condition.value
    if isinstance(wanted, str) and wanted.startswith("$"):
        wanted = parameters[wanted[1:]]
    if condition.operator == "is_null":
        return value is None
    if value is None:
        return False
    return {
        "not_null": lambda: True,
        "eq": lambda: value == wanted,
        "ne": lambda: value != wanted,
        "in": lambda: value in wanted,
        "older_than_days": lambda: datetime.fromisoformat(value) <= now - timedelta(days=wanted),
    }[condition.operator]()
