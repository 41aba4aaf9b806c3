"""Rank users and machine identities by the objects that they can reach."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Literal, overload

import attrs
import networkx as nx

from oktahound.analysis.paths import Path, Walk
from oktahound.analysis.source_graph import graph_of, missing_data, require_scopes
from oktahound.analysis.traversal import traversal_of
from oktahound.errors import ConfigurationError
from oktahound.graph import attack_view
from oktahound.graph.grants import TARGET_SET
from oktahound.scopes.display import cell, frame, paragraph, table
from oktahound.scopes.records import record
from oktahound.snapshot import Snapshot
from oktahound.snapshot.display import printable, spelled_out

__all__ = ["Ranked", "Ranking", "most_severe", "riskiest"]

_PEOPLE = frozenset({"Okta_User"})
_MACHINES = frozenset(
    {
        "Okta_ApiServiceIntegration",
        "Okta_Application",
        "Okta_ApiToken",
        "OktaHound_AiAgent",
        "OktaHound_McpServer",
        "OktaHound_ServiceAccount",
    }
)
_KINDS: Mapping[str, frozenset[str]] = {
    "people": _PEOPLE,
    "machines": _MACHINES,
    "all": _PEOPLE | _MACHINES,
}
_MAX_SINGLE_SEARCHES = 64
"""Maximum number of successors of a node with a separate search from each."""

_MOST_SEVERE_KINDS = ("Okta_User", "Okta_Application", "Okta_ApiServiceIntegration", "Okta_Group")


def most_severe(graph: nx.MultiDiGraph[str], nodes: Iterable[str]) -> str:
    """Return the node whose control is most severe.

    The order is: the organization, holders of roles, users, applications, integrations, groups, all others.

    Raises:
        ValueError: there are no nodes.
    """

    def order(node: str) -> tuple[bool, bool, int, str]:
        attributes = graph.nodes[node]
        kind = str(attributes.get("kind", ""))
        rank = _MOST_SEVERE_KINDS.index(kind) if kind in _MOST_SEVERE_KINDS else len(_MOST_SEVERE_KINDS)
        return kind != "Okta_Organization", not attributes.get("hasRoleAssignments", False), rank, node

    return min(nodes, key=order)


@attrs.frozen(kw_only=True, slots=False, eq=False)
class Ranked:
    """A user or machine identity with the objects that it reaches.

    Attributes:
        graph: the graph.
        node: its key.
        kind: its kind.
        name: its name.
        organization: ``certain`` if it can take control of the organization, ``assumed`` if that depends on
            assumptions, None if it cannot.
        reached: number of objects that it reaches, without itself.
        total: number of all objects, without itself.
    """

    graph: nx.MultiDiGraph[str] = attrs.field(repr=False)
    node: str
    kind: str
    name: str
    organization: Literal["certain", "assumed"] | None
    reached: int
    total: int

    @cached_property
    def path(self) -> Path:
        """The shortest path to the organization, or else to the most severe object that it reaches, if any.

        An object with a role is more severe than one without, and a user or application more severe than a
        group.
        """
        walk = Walk(self.graph, self.node, backwards=False)
        ends = [
            node
            for node in walk.nodes
            if node != self.node and self.graph.nodes[node].get("kind") != TARGET_SET
        ]
        return walk.path(most_severe(self.graph, ends)) if ends else Path(())

    @property
    def share(self) -> float:
        """The share of all objects that it reaches, 0 to 1."""
        return self.reached / self.total if self.total else 0.0

    @property
    def assumptions(self) -> tuple[str, ...]:
        """The undocumented assumptions of the path."""
        return self.path.assumptions

    def to_dict(self) -> dict[str, Any]:
        """Convert the principal to JSON-ready values, with an id that is the same in every run."""
        return record(
            self,
            self.node,
            meaning=f"{self}.",
            what_to_do=" ".join(dict.fromkeys(step.cut for step in self.path.steps)),
            node=self.node,
            kind=self.kind,
            name=self.name,
            organization=self.organization,
            reached=self.reached,
            share=round(self.share, 4),
            path=str(self.path),
            assumptions=self.assumptions,
        )

    def __str__(self) -> str:
        control = {"certain": "controls the organization", "assumed": "may control the organization"}
        reach = control.get(self.organization or "", f"reaches {self.reached} objects")
        return spelled_out(f"{self.name} ({self.kind}) {reach}")


@attrs.frozen(kw_only=True, repr=False, eq=False)
class Ranking(Sequence[Ranked]):
    """Principals, the riskiest first. Those that reach nothing are left out.

    Attributes:
        items: the principals.
        missing: reasons why principals may reach more objects than listed.
    """

    items: tuple[Ranked, ...]
    missing: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.items)

    @overload
    def __getitem__(self, index: int) -> Ranked: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Ranked]: ...
    def __getitem__(self, index: int | slice) -> Ranked | Sequence[Ranked]:
        return self.items[index]

    def to_rows(self, limit: int | None = None) -> list[dict[str, Any]]:
        """Return one JSON-ready dict for each of the first `limit` principals; for all of them if None."""
        return [each.to_dict() | {"rank": rank} for rank, each in enumerate(self.items[:limit], start=1)]

    def to_dict(self, limit: int | None = None) -> dict[str, Any]:
        """Return the first `limit` principals as JSON-ready values; all of them if None."""
        shown = self.items[:limit]
        return record(
            self,
            *(each.node for each in shown),
            meaning=f"{len(self.items)} principals reach other objects of the org.",
            what_to_do=shown[0].to_dict()["what_to_do"] if shown else "",
            principals=self.to_rows(limit),
            missing=self.missing,
        )

    def to_dataframe(self, limit: int | None = None) -> Any:
        """Convert to a pandas DataFrame with one row for each of the first `limit` principals; all if None.

        Raises:
            ConfigurationError: pandas is not installed.
        """
        names = ("rank", "node", "kind", "name", "organization", "reached", "share", "path", "assumptions")
        return frame(names, ([row[name] for name in names] for row in self.to_rows(limit)))

    def __repr__(self) -> str:
        lines = [f"<ranking of {len(self.items)}"]
        lines += [f"  {rank}. {printable(str(each))}" for rank, each in enumerate(self.items[:20], start=1)]
        lines += [f"  … and {len(self.items) - 20} more"] if len(self.items) > 20 else []
        lines += [f"  there may be more: {printable(reason)}" for reason in self.missing]
        return "\n".join(lines) + ">"

    def _repr_html_(self) -> str:
        rows = (
            (cell(row["rank"]), cell(row["kind"]), cell(row["name"]), cell(row["organization"]),
             cell(row["reached"]), cell(row["path"]), cell("; ".join(row["assumptions"])))
            for row in self.to_rows(200)
        )  # fmt: skip
        head = ("", "kind", "name", "controls the organization", "objects reached", "path", "assumptions")
        more = "".join(paragraph(f"there may be more: {reason}") for reason in self.missing)
        return table(f"{len(self.items)} ranked", head, rows) + more


def riskiest(
    source: Snapshot | nx.MultiDiGraph[str], *, of: Literal["machines", "people", "all"] = "all"
) -> Ranking:
    """Rank principals by the objects that they can reach.

    Principals that can take control of the organization come first. Among them, those without assumptions
    come before those with assumptions, and shorter paths before longer ones. All others follow, by the number
    of objects that they reach.

    Args:
        source: a snapshot, or a graph, preferably built with ``scopes=True``.
        of: ``machines`` for API service integrations, applications and API tokens, and for AI agents, MCP
            servers and service accounts if they were read; ``people`` for users; ``all`` for both.

    Raises:
        ConfigurationError: `of` has another value.
    """
    if of not in _KINDS:
        raise ConfigurationError(f"of= must be 'machines', 'people' or 'all', not {of!r}")
    graph = graph_of(source, "riskiest")
    require_scopes(graph, graph, "riskiest")
    top = Walk(graph, graph.graph["organization"], backwards=True)
    counts = _Counts(graph, top)
    kinds = ((node, str(attributes.get("kind", ""))) for node, attributes in graph.nodes(data=True))
    found = (counts.ranked(node, kind) for node, kind in kinds if kind in _KINDS[of])
    ranked = sorted((each for each in found if each is not None), key=lambda each: _key(top, each))
    return Ranking(items=tuple(ranked), missing=missing_data(graph))


def _key(top: Walk, each: Ranked) -> tuple[int, int, int, str]:
    if each.organization is None:
        return 2, 0, -each.reached, each.node
    return int(each.organization == "assumed"), len(top.path(each.node)), 0, each.node


class _Counts:
    """Counts the objects that each node reaches."""

    def __init__(self, graph: nx.MultiDiGraph[str], top: Walk) -> None:
        self._graph, self._view, self._top = graph, attack_view(graph), top
        self._traversal = traversal_of(graph)
        objects = (
            node for node, attributes in graph.nodes(data=True) if attributes.get("kind") != TARGET_SET
        )
        self._places = {node: place for place, node in enumerate(objects)}
        self._bits: dict[frozenset[str], int] = {}
        self._total = len(self._places)
        organization = graph.graph["organization"]
        self._below = self._search({organization}, frozenset())
        self._objects_below = self._objects(self._below)

    def ranked(self, node: str, kind: str) -> Ranked | None:
        """Return a node with its counts; None if it reaches no object."""
        organization: Literal["certain", "assumed"] | None = None
        if node in self._top.nodes:
            organization = "certain" if node in self._top.certain else "assumed"
        reached = self._count(node)
        if not reached:
            return None
        return Ranked(
            graph=self._graph,
            node=node,
            kind=kind,
            name=str(self._graph.nodes[node].get("name", node)),
            organization=organization,
            reached=reached,
            total=self._total - 1,
        )

    def _count(self, node: str) -> int:
        after = frozenset(self._view.succ[node])
        if node in self._top.nodes:
            # Everything in the organization can be reached, so only the rest is searched.
            others = self._search(after - self._below, self._below)
            return self._objects_below + self._objects(others) - (node in self._below or node in others)
        found = 0
        for part in self._parts(after):
            if part not in self._bits:
                self._bits[part] = self._as_bits(self._search(part, frozenset()))
            found |= self._bits[part]
        place = self._places[node]
        return (found & ~(1 << place)).bit_count()

    def _parts(self, after: frozenset[str]) -> Iterable[frozenset[str]]:
        """Return the starts of searches: each successor, since members share groups; or all, if many."""
        return (frozenset({each}) for each in after) if len(after) <= _MAX_SINGLE_SEARCHES else (after,)

    def _as_bits(self, nodes: Iterable[str]) -> int:
        """Return a set of objects as a number with one bit for each, which makes large unions cheap."""
        flags = bytearray(len(self._places) // 8 + 1)
        for node in nodes:
            place = self._places.get(node)
            if place is not None:
                flags[place // 8] |= 1 << place % 8
        return int.from_bytes(flags, "little")

    def _search(self, start: Iterable[str], known: frozenset[str]) -> frozenset[str]:
        """Return the start and everything that it reaches, without the known nodes."""
        return self._traversal.closure(start, without=known)

    def _objects(self, nodes: Iterable[str]) -> int:
        return sum(node in self._places for node in nodes)
