"""How far somebody gets from a node of the graph, and who gets to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import attrs
import networkx as nx

from oktahound.analysis.missing_data import missing_data
from oktahound.analysis.node_lookup import node_key
from oktahound.analysis.paths import Path, Walk
from oktahound.analysis.tables import cell, details, frame, table
from oktahound.entities import Entity
from oktahound.graph import build_graph
from oktahound.graph.grants import TARGET_SET
from oktahound.snapshot import Snapshot

__all__ = ["Radius", "blast_radius", "graph_of", "who_can_reach"]

_PRINCIPALS = ("Okta_User", "Okta_ApiServiceIntegration")
_COUNTED = (*_PRINCIPALS, "Okta_Group", "Okta_Application")


def blast_radius(graph: nx.MultiDiGraph[str] | Snapshot, node: str | Entity) -> Radius:
    """What becomes reachable to whoever controls a node: an integration whose secret leaked, a user, a key.

    Args:
        graph: a graph, best built with ``scopes=True``; or a snapshot, of which such a graph is built.
        node: a node key, the entity behind it, or its name where one node has that name.

    Raises:
        ConfigurationError: the graph has no such node, or several; the message lists them.
    """
    return _radius(graph, node, backwards=False)


def who_can_reach(graph: nx.MultiDiGraph[str] | Snapshot, node: str | Entity) -> Radius:
    """Who can get to a node: the same question backwards.

    Args:
        graph: a graph, best built with ``scopes=True``; or a snapshot, of which such a graph is built.
        node: a node key, the entity behind it, or its name where one node has that name.

    Raises:
        ConfigurationError: the graph has no such node, or several; the message lists them.
    """
    return _radius(graph, node, backwards=True)


def graph_of(source: nx.MultiDiGraph[str] | Snapshot) -> nx.MultiDiGraph[str]:
    """The graph itself, or the graph of a snapshot with scopes, and sets of targets to keep it small."""
    if isinstance(source, Snapshot):
        return build_graph(source, scopes=True, permissions="targets")
    return source


def _radius(source: nx.MultiDiGraph[str] | Snapshot, node: str | Entity, *, backwards: bool) -> Radius:
    graph = graph_of(source)
    key = node_key(graph, node)
    return Radius(graph=graph, node=key, backwards=backwards, walk=Walk(graph, key, backwards=backwards))


@attrs.frozen(kw_only=True, repr=False, eq=False, slots=False)
class Radius:
    """What is reached from a node, or what reaches it, each with one shortest path that is explained.

    Attributes:
        graph: the graph that was asked.
        node: key of the node.
        backwards: whether it is about who reaches the node.
        walk: all paths, those to nodes that only stand for a set of targets included.
    """

    graph: nx.MultiDiGraph[str]
    node: str
    backwards: bool
    walk: Walk

    @cached_property
    def nodes(self) -> frozenset[str]:
        """Keys of all nodes that are reached, or that reach; without the node itself.

        Nodes that only stand for a set of targets are not among them; paths may lead through them.
        """
        return frozenset(node for node in self.walk.nodes if node != self.node and self._is_object(node))

    @cached_property
    def certain(self) -> frozenset[str]:
        """Those among them that need no assumption."""
        return self.nodes & self.walk.certain

    @cached_property
    def by_kind(self) -> Mapping[str, tuple[str, ...]]:
        """The nodes by kind, both sorted."""
        found: dict[str, list[str]] = {}
        for node in sorted(self.nodes):
            found.setdefault(self._kind(node), []).append(node)
        return {kind: tuple(found[kind]) for kind in sorted(found)}

    @property
    def principals(self) -> tuple[str, ...]:
        """Users and API service integrations: who can act."""
        return tuple(node for kind in _PRINCIPALS for node in self.by_kind.get(kind, ()))

    @property
    def groups(self) -> tuple[str, ...]:
        """Groups."""
        return self.by_kind.get("Okta_Group", ())

    @property
    def applications(self) -> tuple[str, ...]:
        """Applications."""
        return self.by_kind.get("Okta_Application", ())

    @property
    def organization(self) -> Path | None:
        """The path between the node and the organization itself, if there is one: control of everything."""
        found = self.by_kind.get("Okta_Organization", ())
        return self.path(found[0]) if found else None

    @cached_property
    def totals(self) -> Mapping[str, int]:
        """How many nodes of each kind the graph has, the node itself aside."""
        counts = Counter(self._kind(node) for node in self.graph if node != self.node)
        return dict(sorted(counts.items()))

    @property
    def share(self) -> float:
        """How much of the org it is, 0 to 1: of its users, integrations, groups and applications."""
        total = sum(self.totals.get(kind, 0) for kind in _COUNTED)
        return sum(len(self.by_kind.get(kind, ())) for kind in _COUNTED) / total if total else 0.0

    @property
    def missing(self) -> tuple[str, ...]:
        """Why there may be more: rules that lacked data, and scopes that the graph was built without."""
        return missing_data(self.graph)

    def path(self, node: str | Entity) -> Path:
        """One shortest path: from this node to that one, or from that one to this when asked backwards.

        It is free of assumptions whenever there is such a path.

        Raises:
            KeyError: there is none.
        """
        return self.walk.path(node.id if isinstance(node, Entity) else node)

    def to_dataframe(self) -> Any:
        """A pandas DataFrame, one row for each node: key, kind, name, steps, path, assumptions.

        Raises:
            ConfigurationError: pandas is not installed.
        """
        return frame(
            ("node", "kind", "name", "steps", "path", "assumptions"), map(self._row, sorted(self.nodes))
        )

    def _row(self, node: str) -> list[object]:
        path = self.path(node)
        return [node, self._kind(node), self._name(node), len(path), str(path), list(path.assumptions)]

    def _is_object(self, node: str) -> bool:
        return self._kind(node) != TARGET_SET

    def _kind(self, node: str) -> str:
        return str(self.graph.nodes[node].get("kind", ""))

    def _name(self, node: str) -> str:
        return str(self.graph.nodes[node].get("name", node))

    def _counts(self) -> list[tuple[str, int, int]]:
        return [(kind, len(nodes), self.totals[kind]) for kind, nodes in self.by_kind.items()]

    def __repr__(self) -> str:
        verb = "is reached by" if self.backwards else "reaches"
        counts = ", ".join(f"{count} of {total} {kind}" for kind, count, total in self._counts()) or "nothing"
        assumed = len(self.nodes) - len(self.certain)
        notes = f"; {assumed} rest on assumptions" if assumed else ""
        lacking = f"; {len(self.missing)} reasons why there may be more" if self.missing else ""
        return f"<Radius: {self.node} {verb} {counts} ({self.share:.0%} of the org){notes}{lacking}>"

    def _repr_html_(self) -> str:
        verb = "is reached by" if self.backwards else "reaches"
        counts = table(
            f"{self._name(self.node)} {verb} {self.share:.0%} of the org",
            ("kind", "nodes", "of", "without assumptions"),
            (
                (
                    cell(kind),
                    cell(count),
                    cell(total),
                    cell(len(self.certain.intersection(self.by_kind[kind]))),
                )
                for kind, count, total in self._counts()
            ),
        )
        crown = self.organization
        first = (
            table("the way to the organization", ("from", "edge", "to", "why"), self._lines(crown))
            if crown
            else ""
        )
        missing = "".join(f"<li>{cell(each)}</li>" for each in self.missing)
        return f"{counts}{first}{details('there may be more', f'<ul>{missing}</ul>') if missing else ''}"

    def _lines(self, path: Path) -> list[tuple[str, ...]]:
        return [
            (
                cell(self._name(step.start)),
                cell(step.kind),
                cell(self._name(step.end)),
                cell(f"{step.why} Assumed: {step.assumption}." if step.assumption else step.why),
            )
            for step in path.steps
        ]
