"""Optional parts of the graph: rules and nodes that are drawn only on request.

Each part has a keyword of `oktahound.build_graph`, which is off by default. To add a part, add its
rules to `OPTIONAL_RULES`, a row to `OPTIONAL_PARTS`, and the keyword to `DrawnParts` and `build_graph`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias, TypedDict

import attrs

from oktahound.entities import ENTITIES, Entity
from oktahound.errors import ConfigurationError
from oktahound.graph.model import Rule
from oktahound.graph.org_index import OrgIndex
from oktahound.graph.rules import OPTIONAL_RULES, RULES, RULES_WITH_SCOPES
from oktahound.graph.saml.nodes import saml_nodes
from oktahound.graph.scope_nodes import scope_nodes
from oktahound.snapshot import Snapshot

__all__ = ["OPTIONAL_PARTS", "Chosen", "DrawnParts", "OptionalPart", "chosen_parts", "was_read"]

Nodes: TypeAlias = Callable[[OrgIndex], Iterator[tuple[str, dict[str, Any]]]]
"""Gives the key and the attributes of each node that a part adds."""


@attrs.frozen(eq=False)
class OptionalPart:
    """Rules and nodes that are drawn only on request.

    Attributes:
        keyword: the keyword argument of `oktahound.build_graph`, and the attribute of the graph that says
            whether the part was drawn.
        rules: the rules that run in addition.
        nodes: gives the nodes that no entity stands behind; None if there are none.
    """

    keyword: str
    rules: tuple[Rule, ...]
    nodes: Nodes | None = None


OPTIONAL_PARTS: tuple[OptionalPart, ...] = (
    OptionalPart("scopes", OPTIONAL_RULES["scopes"], scope_nodes),
    OptionalPart("trust_boundaries", OPTIONAL_RULES["trust_boundaries"]),
    OptionalPart("indirect_members", OPTIONAL_RULES["indirect_members"]),
    OptionalPart("saml", OPTIONAL_RULES["saml"], saml_nodes),
)
"""Every optional part, in the order in which their rules run."""


class DrawnParts(TypedDict, total=False):
    """Which optional parts to draw: the keywords of `oktahound.build_graph`."""

    scopes: bool
    trust_boundaries: bool
    saml: bool
    indirect_members: bool


@attrs.frozen
class Chosen:
    """The optional parts of one graph.

    Attributes:
        parts: those that are drawn.
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
        """The entities whose rows are nodes, in reading order."""
        parts = {"", *(part.keyword for part in self.parts)}
        return tuple(cls for cls in ENTITIES if cls.KIND is not None and cls.PART in parts)

    def nodes(self, org: OrgIndex) -> Iterator[tuple[str, dict[str, Any]]]:
        """Key and attributes of each node that the parts add."""
        for part in self.parts:
            if part.nodes is not None:
                yield from part.nodes(org)

    def as_dict(self) -> dict[str, bool]:
        """Whether each optional part is drawn, by keyword."""
        return {part.keyword: part in self.parts for part in OPTIONAL_PARTS}


def chosen_parts(switches: Mapping[str, object]) -> Chosen:
    """The parts whose switch is true.

    Raises:
        ConfigurationError: there is no part with this keyword, or a switch is not True or False.
    """
    known = [part.keyword for part in OPTIONAL_PARTS]
    for name, value in switches.items():
        if name not in known:
            raise ConfigurationError(f"there is no optional part {name!r}: there are {', '.join(known)}")
        if not isinstance(value, bool):
            raise ConfigurationError(f"{name}= is True or False, and not {value!r}")
    return Chosen(tuple(part for part in OPTIONAL_PARTS if switches.get(part.keyword)))


def was_read(snapshot: Snapshot, part: str) -> bool:
    """Whether a snapshot was collected with any of the entities whose nodes a part shows."""
    return any(part == cls.PART and cls.__name__ in snapshot.asked for cls in ENTITIES)
