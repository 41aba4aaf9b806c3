"""The answer to a question: matches as rows, a table, and a subgraph."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, overload

import attrs
import networkx as nx

from oktahound.analysis.patterns.matching import Match, MatchedEdge
from oktahound.graph import ALL_RULES, EDGE_KINDS
from oktahound.scopes.display import cell, frame, paragraph, table
from oktahound.scopes.records import record
from oktahound.snapshot.display import spelled_out

if TYPE_CHECKING:
    from oktahound.analysis.patterns.question import Question

__all__ = ["Answer"]

_MAX_LINES = 20
_EMITTED = {rule.name: frozenset(kind.name for kind in rule.emits) for rule in ALL_RULES}


@attrs.frozen(kw_only=True, repr=False, eq=False, slots=False)
class Answer(Sequence[Match]):
    """The answer to a question: a sequence of matches.

    Attributes:
        question: the question.
        graph: the graph that was searched.
        matches: the matches, in the order of their node keys.
        left_out: number of further matches beyond `limit`.
        undecided: nodes that lack the property of a condition, so that it could not be evaluated: node keys
            by node name and property. Without a gap, the property has no value in Okta.
    """

    question: Question
    graph: nx.MultiDiGraph[str]
    matches: tuple[Match, ...]
    left_out: int
    undecided: Mapping[tuple[str, str], tuple[str, ...]]

    def __len__(self) -> int:
        return len(self.matches)

    @overload
    def __getitem__(self, index: int) -> Match: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Match]: ...
    def __getitem__(self, index: int | slice) -> Match | Sequence[Match]:
        return self.matches[index]

    def __iter__(self) -> Iterator[Match]:
        return iter(self.matches)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The matches as JSON-ready dicts.

        The keys are ``id`` (the same in every run), ``path`` (with names), ``nodes``, ``edges`` (lists), the
        name of each named node, ``inactive`` and ``assumptions`` (lists of texts).
        """
        return [
            {
                "id": match.stable_id(self.question.name),
                "path": self._text(match),
                "nodes": list(match.nodes),
                "edges": [{"start": step.start, "kind": step.kind, "end": step.end} for step in match.steps],
                **{name: match.named.get(name) for path in self.question.paths for name in path.names},
                "inactive": list(match.inactive),
                "assumptions": list(match.assumptions),
            }
            for match in self.matches
        ]

    def to_dict(self) -> dict[str, Any]:
        """Convert the answer to JSON-ready values, with an id that depends only on the question."""
        kinds = [EDGE_KINDS[step.kind] for match in self for step in match.steps]
        more = f", and {self.left_out} more were left out" if self.left_out else ""
        return record(
            self, self.question.name,
            meaning=f"{self.question.text} {len(self)} matches{more}.",
            what_to_do=" ".join(dict.fromkeys(kind.cut for kind in kinds)),
            question=self.question.name, category=self.question.category, matches=self.rows,
            left_out=self.left_out, missing=self.missing, notes=self.question.notes,
        )  # fmt: skip

    def to_dataframe(self) -> Any:
        """Convert to a pandas DataFrame with one row for each match and the columns of `rows`.

        Raises:
            ConfigurationError: pandas is not installed.
        """
        names = [name for path in self.question.paths for name in path.names]
        columns = tuple(dict.fromkeys(["id", "path", "nodes", "edges", *names, "inactive", "assumptions"]))
        return frame(columns, ([row[column] for column in columns] for row in self.rows))

    @cached_property
    def subgraph(self) -> nx.MultiDiGraph[str]:
        """The nodes and edges of all matches, as a new graph with their attributes."""
        subgraph: nx.MultiDiGraph[str] = nx.MultiDiGraph(**self.graph.graph)
        for match in self.matches:
            for node in match.nodes:
                if node not in subgraph:
                    subgraph.add_node(node)
                    subgraph.nodes[node].update(self.graph.nodes[node])
            for step in match.steps:
                if subgraph.has_edge(step.start, step.end, step.kind):
                    continue
                subgraph.add_edge(step.start, step.end, step.kind)
                subgraph.edges[step.start, step.end, step.kind].update(self._properties(step))
        return subgraph

    @property
    def missing(self) -> tuple[str, ...]:
        """The reasons why there may be more matches: rules that lacked data, and missing properties."""
        reasons = [
            f"{len(nodes)} nodes ({name}) have no {prop}, so it could not be compared"
            for (name, prop), nodes in self.undecided.items()
        ]
        kinds = self.question.edge_kinds
        for key, verb in (("withheld", "was withheld"), ("unsure", "is unsure")):
            for rule, entities in sorted(self.graph.graph.get(key, {}).items()):
                if not kinds or kinds & _EMITTED.get(rule, frozenset()):
                    reasons.append(f"rule {rule} {verb}: {', '.join(entities)} not fully read")
        return tuple(reasons)

    def _properties(self, step: MatchedEdge) -> Mapping[str, Any]:
        if self.graph.has_edge(step.start, step.end, step.kind):
            return dict(self.graph.edges[step.start, step.end, step.kind])
        # The right leads through a target set. The match has the properties that a plain edge would have.
        properties: dict[str, Any] = {}
        if step.assumption is not None:
            properties["assumption"] = step.assumption
        if step.inactive is not None:
            properties |= {"active": False, "inactiveReason": step.inactive}
        return properties

    def _name(self, node: str) -> str:
        return str(self.graph.nodes[node].get("name", node))

    def _text(self, match: Match) -> str:
        return spelled_out(match.to_text(self._name))

    def __repr__(self) -> str:
        lines = [f"<{len(self) + self.left_out} matches of {self.question.name}: {self.question.text}"]
        lines += [f"  {self._text(match)}" for match in self.matches[:_MAX_LINES]]
        if len(self) + self.left_out > _MAX_LINES:
            lines.append(f"  … and {len(self) + self.left_out - _MAX_LINES} more")
        lines += [f" there may be more: {each}" for each in self.missing]
        return "\n".join(lines) + ">"

    def _repr_html_(self) -> str:
        rows = (
            (cell(self._text(match)), cell("; ".join(match.inactive)), cell("; ".join(match.assumptions)))
            for match in self.matches
        )
        missing = "".join(paragraph(f"there may be more: {each}") for each in self.missing)
        caption = f"{self.question.text} {len(self) + self.left_out} matches."
        return table(caption, ("match", "inactive", "assumptions"), rows) + missing
