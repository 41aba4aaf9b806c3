"""A question to a graph: path patterns with words, and the answer as rows, a table, and a subgraph."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, overload

import attrs
import networkx as nx

from oktahound.analysis.patterns.cypher import cypher_of
from oktahound.analysis.patterns.matching import Match, MatchedEdge, PatternMatcher
from oktahound.analysis.patterns.pattern import PathPattern, Where
from oktahound.analysis.patterns.syntax import parse_path
from oktahound.analysis.source_graph import graph_of
from oktahound.analysis.tables import cell, frame, table
from oktahound.errors import ConfigurationError
from oktahound.graph import ALL_RULES
from oktahound.snapshot import Snapshot
from oktahound.snapshot.display import spelled_out

__all__ = ["Answer", "Question"]

_ROWS_SHOWN = 20
_EMITTED = {rule.name: frozenset(kind.name for kind in rule.emits) for rule in ALL_RULES}


def _patterns(paths: Sequence[str | PathPattern]) -> tuple[PathPattern, ...]:
    if isinstance(paths, str):
        paths = (paths,)
    return tuple(parse_path(path) if isinstance(path, str) else path for path in paths)


@attrs.frozen(kw_only=True)
class Question:
    """A question that is answered by matching path patterns against a graph.

    Attributes:
        name: a short identifier (``"group-members"``).
        category: what it belongs to (``"inventory"``).
        text: the question in one or two sentences.
        paths: one or more path patterns; texts are parsed with `parse_path`. Several are independent:
            the answer holds the matches of each.
        where: conditions on named nodes; all of them must hold.
        parameters: values for conditions that start with ``$``, with their defaults.
        returns: the name of one node: the answer then holds each such node once. None for whole paths.
        notes: what the pattern does not check, for readers of the answer.

    Raises:
        ConfigurationError: a pattern does not follow the syntax, a condition or `returns` names no node of a
            path, or a parameter is missing.
    """

    name: str
    category: str
    text: str
    paths: tuple[PathPattern, ...] = attrs.field(converter=_patterns)
    where: tuple[Where, ...] = attrs.field(default=(), converter=tuple)
    parameters: Mapping[str, Any] = attrs.field(factory=dict, converter=dict)
    returns: str | None = None
    notes: tuple[str, ...] = attrs.field(default=(), converter=tuple)

    def __attrs_post_init__(self) -> None:
        if not self.paths:
            raise ConfigurationError(f"question {self.name!r} has no path")
        names = {name for path in self.paths for name in path.names}
        wanted = [condition.name for condition in self.where]
        for name in wanted if self.returns is None else [*wanted, self.returns]:
            if name not in names:
                known = ", ".join(sorted(names)) or "none"
                raise ConfigurationError(
                    f"question {self.name!r}: no node of its paths is named {name!r} (named nodes: {known})"
                )
        try:
            self._conditions(self.parameters)
        except KeyError as error:
            raise ConfigurationError(f"question {self.name!r}: no parameter is named {error}") from error

    def ask(
        self,
        graph: nx.MultiDiGraph[str] | Snapshot,
        *,
        limit: int | None = None,
        now: datetime | None = None,
        **parameters: Any,
    ) -> Answer:
        """Find all matches.

        Args:
            graph: a graph of `oktahound.build_graph`, in either form of permissions; or a snapshot, of which
                such a graph is built.
            limit: the largest number of matches in the answer; None for all.
            now: the time that ages are counted from; by default the time at which the org was read.
            **parameters: other values for parameters of the question (``days=90``).

        Returns:
            The matches, in the order of their node keys.

        Raises:
            ConfigurationError: the question has no such parameter; `limit` is negative; `now` has no time
                zone; the graph does not say when the org was read, and `now` is not given.
        """
        if unknown := sorted(parameters.keys() - self.parameters.keys()):
            known = ", ".join(self.parameters) or "none"
            raise ConfigurationError(
                f"question {self.name!r} has no parameter {unknown[0]!r} (its parameters: {known})"
            )
        if limit is not None and limit < 0:
            raise ConfigurationError(f"limit= is 0 or more, and not {limit}")
        if now is not None:
            _check_time_zone(now)
        graph = graph_of(graph, "ask", scopes=False)
        where = self._conditions({**self.parameters, **parameters})
        matcher = PatternMatcher(graph, now or _collected_at(graph))
        matches: list[Match] = []
        for path in self.paths:
            own = [condition for condition in where if condition.name in path.names]
            matches += self._chosen(matcher.matches(path, own))
        kept = matches if limit is None else matches[:limit]
        return Answer(
            question=self,
            graph=graph,
            matches=tuple(kept),
            left_out=len(matches) - len(kept),
            undecided={key: tuple(sorted(nodes)) for key, nodes in sorted(matcher.undecided.items())},
        )

    def to_cypher(self, *, now: datetime, **parameters: Any) -> tuple[str, ...]:
        """Cypher queries for databases in which all Okta nodes have the label ``Okta`` beside their kind.

        Args:
            now: the time that ages are counted from.
            **parameters: other values for parameters of the question.

        Returns:
            One query for each path. It returns the whole path, or the nodes named by `returns`.

        Raises:
            ConfigurationError: `now` has no time zone.
        """
        _check_time_zone(now)
        where = self._conditions({**self.parameters, **parameters})
        return tuple(cypher_of(path, where, self.returns, now) for path in self.paths)

    @property
    def path_texts(self) -> tuple[str, ...]:
        """Its paths in the syntax of `parse_path`."""
        return tuple(map(str, self.paths))

    @property
    def edge_kinds(self) -> frozenset[str]:
        """The edge kinds that its paths name."""
        return frozenset(kind for path in self.paths for kind in path.edge_kinds)

    def _conditions(self, values: Mapping[str, Any]) -> tuple[Where, ...]:
        return tuple(condition.with_parameters(values) for condition in self.where)

    def _chosen(self, matches: list[Match]) -> list[Match]:
        if self.returns is None:
            return matches
        nodes = sorted({match.named[self.returns] for match in matches if self.returns in match.named})
        return [Match((node,), (), {self.returns: node}) for node in nodes]


def _check_time_zone(now: datetime) -> None:
    if now.tzinfo is None:
        raise ConfigurationError("now= needs a time zone: datetime.now(UTC)")


def _collected_at(graph: nx.MultiDiGraph[str]) -> datetime | None:
    try:
        return datetime.fromisoformat(graph.graph["collectedAt"]).astimezone(UTC)
    except (KeyError, TypeError, ValueError):
        return None


@attrs.frozen(kw_only=True, repr=False, eq=False, slots=False)
class Answer(Sequence[Match]):
    """The answer to a question: a sequence of matches.

    Attributes:
        question: the question.
        graph: the graph that was searched.
        matches: the matches, in the order of their node keys.
        left_out: how many more there are beyond `limit`.
        undecided: nodes on which a condition could not be decided, because they lack the property that it
            compares: node keys by node name and property. Without a gap the property is simply not set.
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
        """The matches as JSON-ready dicts: ``path`` (with names), ``nodes``, ``edges`` (lists), one key for
        each named node, ``inactive`` and ``assumptions`` (lists of texts).
        """
        return [
            {
                "path": self._words(match),
                "nodes": list(match.nodes),
                "edges": [{"start": step.start, "kind": step.kind, "end": step.end} for step in match.steps],
                **{name: match.named.get(name) for path in self.question.paths for name in path.names},
                "inactive": list(match.inactive),
                "assumptions": list(match.assumptions),
            }
            for match in self.matches
        ]

    def to_dataframe(self) -> Any:
        """A pandas DataFrame with one row for each match and the columns of `rows`.

        Raises:
            ConfigurationError: pandas is not installed.
        """
        names = [name for path in self.question.paths for name in path.names]
        columns = tuple(dict.fromkeys(["path", "nodes", "edges", *names, "inactive", "assumptions"]))
        return frame(columns, ([row[column] for column in columns] for row in self.rows))

    @cached_property
    def subgraph(self) -> nx.MultiDiGraph[str]:
        """The nodes and edges of all matches, as a graph of its own, with their attributes."""
        found: nx.MultiDiGraph[str] = nx.MultiDiGraph(**self.graph.graph)
        for match in self.matches:
            for node in match.nodes:
                if node not in found:
                    found.add_node(node)
                    found.nodes[node].update(self.graph.nodes[node])
            for step in match.steps:
                if found.has_edge(step.start, step.end, step.kind):
                    continue
                found.add_edge(step.start, step.end, step.kind)
                found.edges[step.start, step.end, step.kind].update(self._carried(step))
        return found

    @property
    def missing(self) -> tuple[str, ...]:
        """Why there may be more matches: rules that lacked data, and properties that nodes lack."""
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

    def _carried(self, step: MatchedEdge) -> Mapping[str, Any]:
        if self.graph.has_edge(step.start, step.end, step.kind):
            return dict(self.graph.edges[step.start, step.end, step.kind])
        # The right leads through a set of targets: the match says what a plain edge would carry.
        carried: dict[str, Any] = {}
        if step.assumption is not None:
            carried["assumption"] = step.assumption
        if step.inactive is not None:
            carried |= {"active": False, "inactiveReason": step.inactive}
        return carried

    def _name(self, node: str) -> str:
        return str(self.graph.nodes[node].get("name", node))

    def _words(self, match: Match) -> str:
        return spelled_out(match.to_text(self._name))

    def __repr__(self) -> str:
        lines = [f"<{len(self) + self.left_out} matches of {self.question.name}: {self.question.text}"]
        lines += [f"  {self._words(match)}" for match in self.matches[:_ROWS_SHOWN]]
        if len(self) + self.left_out > _ROWS_SHOWN:
            lines.append(f"  … and {len(self) + self.left_out - _ROWS_SHOWN} more")
        lines += [f" there may be more: {each}" for each in self.missing]
        return "\n".join(lines) + ">"

    def _repr_html_(self) -> str:
        rows = (
            (cell(self._words(match)), cell("; ".join(match.inactive)), cell("; ".join(match.assumptions)))
            for match in self.matches
        )
        missing = "".join(f"<p>there may be more: {cell(each)}</p>" for each in self.missing)
        caption = f"{self.question.text} {len(self) + self.left_out} matches."
        return table(caption, ("match", "inactive", "assumed"), rows) + missing
