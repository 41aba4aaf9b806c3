"""Questions about a graph: path patterns with a text, conditions and parameters, also as Cypher."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import networkx as nx

from oktahound.analysis.patterns.answer import Answer
from oktahound.analysis.patterns.matching import Match, PatternMatcher
from oktahound.analysis.patterns.pattern import Condition, PathPattern, Where
from oktahound.analysis.patterns.syntax import parse_path
from oktahound.analysis.source_graph import graph_of
from oktahound.entities import time_text
from oktahound.errors import ConfigurationError
from oktahound.snapshot import Snapshot

__all__ = ["Question"]


def _patterns(paths: Sequence[str | PathPattern]) -> tuple[PathPattern, ...]:
    if isinstance(paths, str):
        paths = (paths,)
    return tuple(parse_path(path) if isinstance(path, str) else path for path in paths)


@attrs.frozen(kw_only=True)
class Question:
    """A question that is answered by matching path patterns against a graph.

    Attributes:
        name: a short identifier (``"group-members"``).
        category: its category (``"inventory"``).
        text: the question in one or two sentences.
        paths: one or more path patterns; texts are parsed with `parse_path`. Several patterns are
            independent: the answer contains the matches of each.
        where: conditions on named nodes, all of which must be satisfied.
        parameters: the parameters of conditions (``$days``), with their defaults.
        returns: the name of one node: the answer then contains each such node once. None for whole paths.
        notes: limits of the pattern, for readers of the answer.

    Raises:
        ConfigurationError: a pattern has a syntax error, a condition or `returns` refers to no node of a
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
            raise ConfigurationError(f"question {self.name!r} has no path: give at least one path pattern")
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
            graph: a graph of `oktahound.build_graph`, in either form of permissions; or a snapshot, whose
                graph is then built.
            limit: maximum number of matches in the answer; None for all.
            now: the reference time for ages; by default the time at which the org was read.
            **parameters: other values for parameters of the question (``days=90``).

        Returns:
            The matches, in the order of their node keys.

        Raises:
            ConfigurationError: the question has no such parameter; `limit` is negative; `now` has no time
                zone; or the graph lacks the time at which the org was read, and `now` is not given.
        """
        if unknown := sorted(parameters.keys() - self.parameters.keys()):
            known = ", ".join(self.parameters) or "none"
            raise ConfigurationError(
                f"question {self.name!r} has no parameter {unknown[0]!r} (its parameters: {known})"
            )
        if limit is not None and limit < 0:
            raise ConfigurationError(f"limit= must be 0 or more, not {limit}")
        if now is not None:
            _check_time_zone(now)
        graph = graph_of(graph, "ask", scopes=False)
        where = self._conditions({**self.parameters, **parameters})
        matcher = PatternMatcher(graph, now or _collected_at(graph))
        matches: list[Match] = []
        for path in self.paths:
            own = [condition for condition in where if condition.name in path.names]
            matches += self._returned(matcher.matches(path, own))
        kept = matches if limit is None else matches[:limit]
        return Answer(
            question=self,
            graph=graph,
            matches=tuple(kept),
            left_out=len(matches) - len(kept),
            undecided={key: tuple(sorted(nodes)) for key, nodes in sorted(matcher.undecided.items())},
        )

    def to_cypher(self, *, now: datetime, **parameters: Any) -> tuple[str, ...]:
        """Return Cypher queries for databases in which all Okta nodes have the label ``Okta`` and their kind.

        Args:
            now: the reference time for ages.
            **parameters: other values for parameters of the question.

        Returns:
            One query for each path. It returns the whole path, or the nodes named by `returns`.

        Raises:
            ConfigurationError: `now` has no time zone.
        """
        _check_time_zone(now)
        where = self._conditions({**self.parameters, **parameters})
        return tuple(_cypher_of(path, where, self.returns, now) for path in self.paths)

    @property
    def path_texts(self) -> tuple[str, ...]:
        """Its paths in the syntax of `parse_path`."""
        return tuple(map(str, self.paths))

    @property
    def edge_kinds(self) -> frozenset[str]:
        """The edge kinds in its paths."""
        return frozenset(kind for path in self.paths for kind in path.edge_kinds)

    def _conditions(self, values: Mapping[str, Any]) -> tuple[Where, ...]:
        return tuple(condition.with_parameters(values) for condition in self.where)

    def _returned(self, matches: list[Match]) -> list[Match]:
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


def _cypher_of(pattern: PathPattern, where: Iterable[Where], returns: str | None, now: datetime) -> str:
    """Return the Cypher query for one path.

    Args:
        pattern: the path.
        where: the conditions; those on names that the path lacks are ignored.
        returns: the name of the node to return; None for the whole path.
        now: the reference time for ages. Times are ISO 8601 text in UTC with milliseconds, so that comparing
            texts compares times.
    """
    conditions = [_condition(each, now) for each in where if each.name in pattern.names]
    lines = [f"MATCH {pattern}" if returns is not None else f"MATCH p = {pattern}"]
    if conditions:
        lines.append("WHERE " + "\n  AND ".join(conditions))
    lines.append(f"RETURN DISTINCT {returns}" if returns is not None else "RETURN p")
    return "\n".join(lines)


def _condition(condition: Where, now: datetime) -> str:
    if isinstance(condition, Condition):
        return _comparison(condition, now)
    return "(" + " OR ".join(_comparison(each, now) for each in condition.conditions) + ")"


def _comparison(condition: Condition, now: datetime) -> str:
    left = f"{condition.name}.{_quoted(condition.prop)}"
    match condition.operator:
        case "is_null":
            return f"{left} IS NULL"
        case "not_null":
            return f"{left} IS NOT NULL"
        case "in":
            return f"{left} IN [{', '.join(map(_literal, condition.value))}]"
        case "older_than_days":
            limit = now.astimezone(UTC) - timedelta(days=condition.value)
            return f"{left} <= {_literal(time_text(limit))}"
        case operator:
            return f"{left} {'=' if operator == 'eq' else '<>'} {_literal(condition.value)}"


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_literal, value))}]"
    text = str(value).replace("\\", "\\\\").replace("'", "\\'")
    return f"'{text}'"


def _quoted(name: str) -> str:
    """Return a property name as a Cypher identifier, quoted if necessary."""
    return name if name.isidentifier() and name.isascii() else f"`{name.replace('`', '``')}`"
