"""Classes that describe a graph pattern: nodes, edges, and conditions on named nodes."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Literal, TypeAlias, get_args

import attrs

from oktahound.entities import ENTITIES
from oktahound.errors import ConfigurationError
from oktahound.graph import EDGE_KINDS
from oktahound.graph.kind_names import is_of_org

__all__ = ["AnyOf", "Condition", "EdgeStep", "NodeTest", "Operator", "PathPattern", "Where"]

Direction: TypeAlias = Literal["out", "in", "any"]
Operator: TypeAlias = Literal["eq", "ne", "in", "is_null", "not_null", "older_than_days"]

_ARROWS = {"out": ("-", "->"), "in": ("<-", "-"), "any": ("-", "-")}
_WORD = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_NODE_KINDS = frozenset(
    {
        *(cls.KIND for cls in ENTITIES if cls.KIND is not None),
        *(kind for edge in EDGE_KINDS.values() for kind in edge.starts | edge.ends),
    }
)


def _kind_set(kinds: Iterable[str]) -> frozenset[str]:
    return frozenset(kinds)


def _node_tuple(nodes: Iterable[NodeTest]) -> tuple[NodeTest, ...]:
    return tuple(nodes)


def _step_tuple(steps: Iterable[EdgeStep]) -> tuple[EdgeStep, ...]:
    return tuple(steps)


def _condition_tuple(conditions: Iterable[Condition]) -> tuple[Condition, ...]:
    return tuple(conditions)


def _check_word(text: str, role: str) -> None:
    if not _WORD.fullmatch(text):
        raise ConfigurationError(f"{role} {text!r} must consist of letters, digits and underscores")


def _check_kind(kind: str, known: Collection[str], role: str) -> None:
    """Refuse a misspelled kind, because its pattern would match nothing and look like a clean result."""
    _check_word(kind, role)
    if not is_of_org(kind) or kind in known:
        return
    close = difflib.get_close_matches(kind, known, n=3)
    hint = f"; did you mean {' or '.join(close)}?" if close else ""
    raise ConfigurationError(f"{role} {kind!r} does not exist{hint}")


@attrs.frozen
class NodeTest:
    """A test for the node at one place of a path.

    Attributes:
        kinds: the node kinds that match; empty for every kind.
        okta: True for Okta's objects only (their kind starts with ``Okta_``); False for objects of other
            systems only (whose kind starts neither with ``Okta_`` nor with ``OktaHound_``); None for any.
        name: the name of the node in conditions and results; None for no name.

    Raises:
        ConfigurationError: a kind that starts with ``Okta_`` or ``OktaHound_`` does not exist.
    """

    kinds: frozenset[str] = attrs.field(default=frozenset(), converter=_kind_set)
    okta: bool | None = None
    name: str | None = None

    def __attrs_post_init__(self) -> None:
        for kind in sorted(self.kinds):
            _check_kind(kind, _NODE_KINDS, "node kind")
        if self.name is not None:
            _check_word(self.name, "node name")

    def __str__(self) -> str:
        labels = "|".join(sorted(self.kinds))
        if self.okta is not None:
            labels = "Okta" if self.okta else "!Okta"
        return f"({self.name or ''}{':' + labels if labels else ''})"

    def matches(self, kind: str) -> bool:
        """Return whether a node of this kind matches."""
        if self.kinds and kind not in self.kinds:
            return False
        if self.okta is None:
            return True
        return kind.startswith("Okta_") if self.okta else not is_of_org(kind)


@attrs.frozen
class EdgeStep:
    """A test for the edges from one node of a path to the next.

    Attributes:
        kinds: the edge kinds that match; empty for every kind.
        direction: ``"out"``: from the left node to the right one; ``"in"``: from right to left; ``"any"``.
        least: minimum number of consecutive edges.
        most: maximum number of consecutive edges. Each of them may be of any of the kinds.

    Raises:
        ConfigurationError: a kind does not exist, or the numbers are not ``1 <= least <= most``.
    """

    kinds: frozenset[str] = attrs.field(default=frozenset(), converter=_kind_set)
    direction: Direction = "out"
    least: int = 1
    most: int = 1

    def __attrs_post_init__(self) -> None:
        for kind in sorted(self.kinds):
            _check_kind(kind, EDGE_KINDS, "edge kind")
        if not 1 <= self.least <= self.most:
            raise ConfigurationError(f"the numbers of edges must be 1 or more, the smaller one first, not "
                                     f"{self.least}..{self.most}")  # fmt: skip

    def __str__(self) -> str:
        left, right = _ARROWS[self.direction]
        hops = "" if self.least == self.most == 1 else f"*{self.least}..{self.most}"
        inner = (":" + "|".join(sorted(self.kinds)) if self.kinds else "") + hops
        return f"{left}[{inner}]{right}" if inner else left + right


@attrs.frozen
class PathPattern:
    """A path: nodes with an edge step between each pair of neighbours.

    Attributes:
        nodes: the tests of the nodes, from left to right.
        steps: the edge steps between them: one fewer than nodes.

    Raises:
        ConfigurationError: there is no node, or the number of steps is wrong.
    """

    nodes: tuple[NodeTest, ...] = attrs.field(converter=_node_tuple)
    steps: tuple[EdgeStep, ...] = attrs.field(default=(), converter=_step_tuple)

    def __attrs_post_init__(self) -> None:
        if len(self.nodes) != len(self.steps) + 1:
            raise ConfigurationError(
                f"a path with {len(self.nodes)} nodes cannot have {len(self.steps)} edges"
            )
        names = self.names
        if doubled := sorted({name for name in names if names.count(name) > 1}):
            raise ConfigurationError(f"the name {doubled[0]!r} occurs twice in one path: rename one node")

    def __str__(self) -> str:
        steps = (f"{step}{node}" for step, node in zip(self.steps, self.nodes[1:], strict=True))
        return f"{self.nodes[0]}{''.join(steps)}"

    @property
    def names(self) -> tuple[str, ...]:
        """The names in the path, from left to right."""
        return tuple(node.name for node in self.nodes if node.name is not None)

    @property
    def edge_kinds(self) -> frozenset[str]:
        """The kinds of all edge steps."""
        return frozenset(kind for step in self.steps for kind in step.kinds)


@attrs.frozen
class Condition:
    """A condition on one property of a named node.

    A node without the property satisfies only ``is_null``: a missing value is neither equal nor different.

    Attributes:
        name: the name of the node in the path.
        prop: the graph property, in the model's spelling (``passwordChanged``).
        operator: ``eq``, ``ne``, ``in`` (one of a list), ``is_null`` (the node lacks the property),
            ``not_null``, or ``older_than_days`` (a time at least this many days before the org was read).
        value: the value to compare with; None for ``is_null`` and ``not_null``. A text that starts with ``$``
            is a parameter of the question: ``$days``.

    Raises:
        ConfigurationError: the operator does not exist, or the value has the wrong type for it.
    """

    name: str
    prop: str
    operator: Operator
    value: Any = None

    def __attrs_post_init__(self) -> None:
        where = f"the condition on {self.name}.{self.prop}"
        if self.operator not in get_args(Operator):
            known = ", ".join(get_args(Operator))
            raise ConfigurationError(
                f"{where}: unknown operator {self.operator!r}; the operators are {known}"
            )
        takes_none = self.operator in {"is_null", "not_null"}
        if takes_none != (self.value is None):
            verb = "takes no value" if takes_none else "needs a value"
            raise ConfigurationError(f"{where}: {self.operator} {verb}")
        if self.parameter is not None:
            return
        if self.operator == "in" and not isinstance(self.value, list | tuple | set | frozenset):
            raise ConfigurationError(f"{where}: in needs a list, not {self.value!r}")
        if self.operator == "older_than_days" and not _is_number(self.value):
            raise ConfigurationError(f"{where}: older_than_days needs a number of days, not {self.value!r}")

    @property
    def parameter(self) -> str | None:
        """The name of the parameter in `value`; None if it is an ordinary value."""
        named = isinstance(self.value, str) and self.value.startswith("$")
        return self.value[1:] if named else None

    def with_parameters(self, values: Mapping[str, Any]) -> Condition:
        """Return the condition with its parameter replaced by the value of this name."""
        return self if self.parameter is None else attrs.evolve(self, value=values[self.parameter])


@attrs.frozen
class AnyOf:
    """A condition that is satisfied if at least one of several conditions on the same node is.

    Attributes:
        conditions: the alternatives.

    Raises:
        ConfigurationError: there are none, or they concern several nodes.
    """

    conditions: tuple[Condition, ...] = attrs.field(converter=_condition_tuple)

    def __attrs_post_init__(self) -> None:
        names = sorted({each.name for each in self.conditions})
        if len(names) != 1:
            raise ConfigurationError(f"the alternatives must concern one node, not {names}")

    @property
    def name(self) -> str:
        """The name of the node that the alternatives concern."""
        return self.conditions[0].name

    def with_parameters(self, values: Mapping[str, Any]) -> AnyOf:
        """Return the alternatives with their parameters replaced."""
        return AnyOf(tuple(each.with_parameters(values) for each in self.conditions))


Where: TypeAlias = Condition | AnyOf


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
