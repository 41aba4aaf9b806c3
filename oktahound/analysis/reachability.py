"""Reachability from and to a node: the blast radius of a node, and the nodes that can reach it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import attrs
import networkx as nx

from oktahound.analysis.node_lookup import node_key
from oktahound.analysis.paths import Path, Walk
from oktahound.analysis.pictures import picture_of
from oktahound.analysis.source_graph import graph_of, missing_data, require_scopes
from oktahound.entities import Entity
from oktahound.graph.grants import TARGET_SET
from oktahound.scopes.display import bullets, cell, details, frame, printable, table
from oktahound.scopes.records import record
from oktahound.snapshot import Snapshot

__all__ = ["Radius", "blast_radius", "who_can_reach"]

_PRINCIPALS = ("Okta_User", "Okta_ApiServiceIntegration")
_COUNTED = (*_PRINCIPALS, "Okta_Group", "Okta_Application")


def blast_radius(graph: nx.MultiDiGraph[str] | Snapshot, node: str | Entity) -> Radius:
    """Find everything that an attacker who controls a node (an integration, a user, a secret) can reach.

    Args:
        graph: a snapshot; or a graph that was built with ``scopes=True``.
        node: a node key, the entity of the node, or its name if no other node has this name.

    Raises:
        ConfigurationError: the graph has no such node, or several; or the result depends on OAuth scopes, but
            the graph was built without them.
    """
    radius = _radius(graph, node, "blast_radius", backwards=False)
    # Control of the organization includes control of everything in it, independent of scopes.
    if radius.organization is None:
        require_scopes(radius.graph, (*radius.nodes, radius.node), "blast_radius")
    return radius


def who_can_reach(graph: nx.MultiDiGraph[str] | Snapshot, node: str | Entity) -> Radius:
    """Find every node from which an attacker can reach a node: `blast_radius` in the opposite direction.

    Args:
        graph: a snapshot; or a graph that was built with ``scopes=True``.
        node: a node key, the entity of the node, or its name if no other node has this name.

    Raises:
        ConfigurationError: the graph has no such node, or several; or the result depends on OAuth scopes, but
            the graph was built without them.
    """
    radius = _radius(graph, node, "who_can_reach", backwards=True)
    others = (each for each in radius.graph if each not in radius.nodes and each != radius.node)
    require_scopes(radius.graph, others, "who_can_reach")
    return radius


def _radius(
    source: nx.MultiDiGraph[str] | Snapshot, node: str | Entity, function: str, *, backwards: bool
) -> Radius:
    graph = graph_of(source, function)
    key = node_key(graph, node)
    return Radius(graph=graph, node=key, backwards=backwards, walk=Walk(graph, key, backwards=backwards))


@attrs.frozen(kw_only=True, repr=False, eq=False, slots=False)
class Radius:
    """The nodes that a node reaches, or that reach it, each with one shortest path and its explanation.

    Attributes:
        graph: the graph.
        node: key of the node.
        backwards: True if these are the nodes that reach the node.
        walk: the search that found all paths, including those to target sets.
    """

    graph: nx.MultiDiGraph[str]
    node: str
    backwards: bool
    walk: Walk

    @cached_property
    def nodes(self) -> frozenset[str]:
        """Keys of all nodes that the node reaches, or that reach it, without the node itself.

        Target sets are left out, but paths can lead through them.
        """
        return frozenset(node for node in self.walk.nodes if node != self.node and self._is_object(node))

    @cached_property
    def certain(self) -> frozenset[str]:
        """The nodes that have a path without an assumption."""
        return self.nodes & self.walk.certain

    @cached_property
    def by_kind(self) -> Mapping[str, tuple[str, ...]]:
        """The nodes by kind, both sorted."""
        by_kind: dict[str, list[str]] = {}
        for node in sorted(self.nodes):
            by_kind.setdefault(self._kind(node), []).append(node)
        return {kind: tuple(by_kind[kind]) for kind in sorted(by_kind)}

    @property
    def principals(self) -> tuple[str, ...]:
        """The users and API service integrations among the nodes."""
        return tuple(node for kind in _PRINCIPALS for node in self.by_kind.get(kind, ()))

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups among the nodes."""
        return self.by_kind.get("Okta_Group", ())

    @property
    def applications(self) -> tuple[str, ...]:
        """The applications among the nodes."""
        return self.by_kind.get("Okta_Application", ())

    @property
    def organization(self) -> Path | None:
        """The path between the node and the organization; None if there is none."""
        found = self.by_kind.get("Okta_Organization", ())
        return self.path(found[0]) if found else None

    @cached_property
    def totals(self) -> Mapping[str, int]:
        """The number of nodes of each kind in the graph, without the node itself."""
        counts = Counter(self._kind(node) for node in self.graph if node != self.node)
        return dict(sorted(counts.items()))

    @property
    def share(self) -> float:
        """The fraction of the org's users, integrations, groups and applications, 0 to 1."""
        total = sum(self.totals.get(kind, 0) for kind in _COUNTED)
        return sum(len(self.by_kind.get(kind, ())) for kind in _COUNTED) / total if total else 0.0

    @property
    def missing(self) -> tuple[str, ...]:
        """The reasons why there may be more nodes.

        These are rules that lacked data, missing scopes of a graph that was built without them, and reached
        scopes whose effect is not documented.
        """
        return (*missing_data(self.graph), *self._undocumented())

    def _undocumented(self) -> Iterator[str]:
        for node in () if self.backwards else self.by_kind.get("OktaHound_OAuthScope", ()):
            scope = self.graph.nodes[node]
            documented = scope.get("knowledge", "known") == "known" or scope.get("access") in ("read", "self")
            if not documented and not self.graph.out_degree(node):
                yield f"the objects that {scope['name']} controls are not documented"

    def path(self, node: str | Entity) -> Path:
        """Return a shortest path from the node to another; with `backwards`, from the other to the node.

        The path has no assumption if there is such a path.

        Raises:
            KeyError: there is no path.
        """
        return self.walk.path(node.id if isinstance(node, Entity) else node)

    def to_dict(self) -> dict[str, Any]:
        """Convert the result to JSON-ready values, with an id that is the same in every run."""
        name = self._name(self.node)
        nodes = f"{len(self.nodes)} nodes, {_percentage(self.share)} of the org"
        meaning = (
            f"An attacker who controls any of {nodes} can take control of {name}."
            if self.backwards
            else f"An attacker who controls {name} can take control of {nodes}."
        )
        path = self.organization
        return record(
            self,
            self.node,
            "backwards" if self.backwards else "forwards",
            meaning=meaning,
            what_to_do="" if path is None else " ".join(dict.fromkeys(step.cut for step in path.steps)),
            node=self.node,
            name=name,
            kind=self._kind(self.node),
            backwards=self.backwards,
            nodes_by_kind=self.by_kind,
            assumed=self.nodes - self.certain,
            share=round(self.share, 4),
            organization=path,
            missing=self.missing,
        )

    def to_dataframe(self) -> Any:
        """Convert to a pandas DataFrame, one row for each node: key, kind, name, steps, path, assumptions.

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
        notes = f"; {assumed} depend on assumptions" if assumed else ""
        more = f"; {len(self.missing)} reasons why there may be more" if self.missing else ""
        share = f"{_percentage(self.share)} of the org"
        return f"<Radius: {printable(self._name(self.node))} {verb} {counts} ({share}){notes}{more}>"

    def _repr_html_(self) -> str:
        verb = "is reached by" if self.backwards else "reaches"
        counts = table(
            f"{self._name(self.node)} {verb} {_percentage(self.share)} of the org",
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
        path = self.organization
        first = "" if path is None else path.to_html_table()
        more = details("there may be more", bullets(self.missing)) if self.missing else ""
        return f"{picture_of(self)}{counts}{first}{more}"


def _percentage(share: float) -> str:
    """Return a fraction in percent. A small one becomes ``<1%``, not ``0%``."""
    return "<1%" if 0 < share < 0.01 else f"{share:.0%}"
