"""Optional parts of the graph: rules and nodes that are added only on request.

Each part has a keyword argument of `oktahound.build_graph`, which is off by default. To add a part, add its
rules to `OPTIONAL_RULES`, a row to `OPTIONAL_PARTS`, and the keyword to `PartOptions` and `build_graph`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias, TypedDict

import attrs

from oktahound.entities import ENTITIES, Entity, SigningKey, TrustedKey
from oktahound.errors import ConfigurationError
from oktahound.graph.model import Rule
from oktahound.graph.org_index import OrgIndex
from oktahound.graph.rules import OPTIONAL_RULES, RULES, RULES_WITH_SCOPES
from oktahound.graph.saml.nodes import saml_nodes
from oktahound.graph.scope_nodes import scope_nodes
from oktahound.snapshot import Snapshot

__all__ = [
    "OPTIONAL_PARTS",
    "OptionalPart",
    "PartOptions",
    "SelectedParts",
    "part_was_read",
    "select_parts",
]

NodesOfPart: TypeAlias = Callable[[OrgIndex], Iterator[tuple[str, dict[str, Any]]]]
"""Yields the key and the attributes of each node that a part adds."""


@attrs.frozen(eq=False)
class OptionalPart:
    """Rules and nodes that are added only on request.

    Attributes:
        keyword: the keyword argument of `oktahound.build_graph`. The graph has an attribute of the same name
            (``graph.graph[keyword]``): whether it contains the part.
        rules: the additional rules.
        nodes: yields the nodes of the part that do not come from an entity; None if there are none.
        reads: entities without nodes of their own that are read for this part only.
    """

    keyword: str
    rules: tuple[Rule, ...]
    nodes: NodesOfPart | None = None
    reads: tuple[type[Entity], ...] = ()


OPTIONAL_PARTS: tuple[OptionalPart, ...] = (
    OptionalPart("scopes", OPTIONAL_RULES["scopes"], scope_nodes),
    OptionalPart("trust_boundaries", OPTIONAL_RULES["trust_boundaries"]),
    OptionalPart("indirect_members", OPTIONAL_RULES["indirect_members"]),
    OptionalPart("saml", OPTIONAL_RULES["saml"], saml_nodes, (SigningKey, TrustedKey)),
)
"""Every optional part, in the order in which their rules run."""


class PartOptions(TypedDict, total=False):
    """Whether to add each optional part: keyword arguments of `oktahound.build_graph`."""

    scopes: bool
    trust_boundaries: bool
    saml: bool
    indirect_members: bool


@attrs.frozen
class SelectedParts:
    """The optional parts of one graph.

    Attributes:
        parts: the parts that the graph contains.
    """

    parts: tuple[OptionalPart, ...]

    @property
    def rules(self) -> tuple[Rule, ...]:
        """All rules of the graph: those that always run, then those of the parts."""
        keywords = [part.keyword for part in self.parts]
        with_scopes = keywords if "scopes" in keywords else []
        return (
            *RULES,
            *(rule for part in self.parts for rule in part.rules),
            *(rule for keyword in with_scopes for rule in RULES_WITH_SCOPES.get(keyword, ())),
        )

    @property
    def entities(self) -> tuple[type[Entity], ...]:
        """The entities whose rows become nodes, in reading order."""
        parts = {"", *(part.keyword for part in self.parts)}
        return tuple(cls for cls in ENTITIES if cls.KIND is not None and cls.PART in parts)

    def nodes(self, org: OrgIndex) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the key and the attributes of each node that the parts add."""
        for part in self.parts:
            if part.nodes is not None:
                yield from part.nodes(org)

    def as_dict(self) -> dict[str, bool]:
        """Return whether the graph contains each optional part, by keyword."""
        return {part.keyword: part in self.parts for part in OPTIONAL_PARTS}


def select_parts(switches: Mapping[str, object]) -> SelectedParts:
    """Return the parts whose keyword argument is True.

    Raises:
        ConfigurationError: a keyword is unknown, or a value is not True or False.
    """
    known = [part.keyword for part in OPTIONAL_PARTS]
    for name, value in switches.items():
        if name not in known:
            raise ConfigurationError(f"unknown optional part {name!r}: the parts are {', '.join(known)}")
        if not isinstance(value, bool):
            raise ConfigurationError(f"{name}= must be True or False, not {value!r}")
    return SelectedParts(tuple(part for part in OPTIONAL_PARTS if switches.get(part.keyword)))


def part_was_read(snapshot: Snapshot, part: str) -> bool:
    """Return whether any entity that is read for a part only was requested for a snapshot."""
    (reads,) = (each.reads for each in OPTIONAL_PARTS if each.keyword == part)
    return any((part == cls.PART or cls in reads) and cls.__name__ in snapshot.asked for cls in ENTITIES)
