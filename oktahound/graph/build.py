"""From a snapshot to a graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import networkx as nx

from oktahound.entities import ENTITIES, Entity, time_text
from oktahound.errors import KindError
from oktahound.graph.model import Edge, Rule
from oktahound.graph.nodes import add_nodes, placeholder
from oktahound.graph.rules import RULES
from oktahound.graph.view import OrgView
from oktahound.snapshot import Snapshot

__all__ = ["build_graph"]


def build_graph(snapshot: Snapshot) -> nx.MultiDiGraph[str]:
    """The graph of an org's attack surface.

    Args:
        snapshot: what was read.

    Returns:
        A `networkx.MultiDiGraph`. Node keys are Okta's ids; node attributes are ``kind`` and the model's
        properties, JSON-ready; a property that was not read is absent. The key of an edge is its kind; its
        attributes are only what that edge carries. ``graph.graph`` holds

        - ``organization``, ``oktaDomain``, ``collectedAt``: what it is a graph of;
        - ``gaps``: what was not read (a list of dicts);
        - ``notAsked``: entities that the collection left out on purpose;
        - ``unsure``: rules that ran on incomplete data, so that edges may be missing, each with the
          entities that were incomplete;
        - ``withheld``: rules that did not run, because with incomplete data they would draw false edges.

    Raises:
        KindError: a rule drew an edge of a kind that it does not declare.
    """
    view = OrgView(snapshot)
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    add_nodes(graph, view)
    withheld = {each.name: missing for each in RULES if (missing := _incomplete(snapshot, each.absent))}
    running = [each for each in RULES if each.name not in withheld]
    _draw(graph, view, running)
    graph.graph.update(
        organization=snapshot.organization.id,
        oktaDomain=snapshot.domain,
        collectedAt=time_text(snapshot.collected_at),
        gaps=[gap.as_dict() for gap in snapshot.gaps],
        notAsked=[cls.__name__ for cls in ENTITIES if cls.__name__ not in snapshot.asked],
        unsure={each.name: missing for each in running if (missing := _incomplete(snapshot, each.needs))},
        withheld=withheld,
    )
    return graph


def _incomplete(snapshot: Snapshot, classes: Iterable[type[Entity]]) -> list[str]:
    return [cls.__name__ for cls in classes if not snapshot.is_whole(cls)]



def _draw(graph: nx.MultiDiGraph[str], view: OrgView, rules: Iterable[Rule]) -> None:
    """Add every rule's edges; give every end that was not collected a node of its own."""
    known = set(graph)
    add = graph.add_edge
    carrying: set[tuple[str, str, str]] = set()
    for each in rules:
        emits = each.emits
        for edge in each.body(view):
            kind, start, end, properties = edge
            if kind not in emits:
                raise KindError(f"rule {each.name} drew an edge of {kind!r}, which it does not declare")
            if start not in known or end not in known:
                _stand_in(graph, view, known, edge)
            if properties is None and not carrying:
                add(start, end, kind.name)
            else:
                _add_with_care(graph, edge, carrying)


def _stand_in(graph: nx.MultiDiGraph[str], view: OrgView, known: set[str], edge: Edge) -> None:
    for node, kinds in ((edge.start, edge.kind.starts), (edge.end, edge.kind.ends)):
        if node not in known:
            graph.add_node(node, **placeholder(_kind_of(node, kinds), view))
            known.add(node)


def _add_with_care(graph: nx.MultiDiGraph[str], edge: Edge, carrying: set[tuple[str, str, str]]) -> None:
    """Add an edge where one of its kind may stand already between the same nodes.

    An edge can have several causes. One that holds without conditions makes the edge unconditional; of two
    that carry something, the stronger one counts. Which came first does not matter.
    """
    key = (edge.start, edge.end, edge.kind.name)
    if key in carrying:
        if edge.properties is None:
            graph.remove_edge(*key)
            graph.add_edge(*key)
            carrying.discard(key)
        else:
            _merge(graph.edges[key], edge.properties)
    elif edge.properties is None:
        graph.add_edge(*key)
    elif not graph.has_edge(*key):
        graph.add_edge(*key, **edge.properties)
        carrying.add(key)


def _merge(known: dict[str, Any], other: Mapping[str, Any]) -> None:
    """Two causes of one edge. The stronger one counts; which came first does not."""
    weaker, stronger = sorted((dict(known), dict(other)), key=_strength)
    if _strength(weaker)[0] == _strength(stronger)[0]:
        stronger = {**weaker, **stronger}
    known.clear()
    known.update(stronger)


def _strength(properties: dict[str, Any]) -> tuple[tuple[bool, bool], str]:
    return (properties.get("active", True), "assumption" not in properties), repr(sorted(properties.items()))


# Okta's ids begin with the type of their object. It is not documented, but every recorded id does; it
# only decides the kind of a placeholder where the edge itself leaves a choice.
_PREFIXES = {"00u": "Okta_User", "00g": "Okta_Group", "0oa": "Okta_Application"}


def _kind_of(node_id: str, allowed: frozenset[str]) -> str:
    likely = _PREFIXES.get(node_id[:3])
    return likely if likely in allowed else min(allowed)
