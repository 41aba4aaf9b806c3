"""Derive the plan of a collection from the entities' declarations: listings, their order, required scopes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

import attrs

from oktahound.entities import ENTITIES, Embedded, Endpoint, Entity, Organization
from oktahound.errors import ConfigurationError
from oktahound.snapshot.options import Options, chosen_sources, fill_in_defaults

__all__ = ["Plan", "Read", "make_plan"]


@attrs.frozen
class Read:
    """One listing to read, for the org or for each parent object."""

    cls: type[Entity]
    endpoint: Endpoint

    @property
    def waits_for(self) -> tuple[type[Entity], ...]:
        """The entities that must be complete before this read can start."""
        under = (self.endpoint.under,) if self.endpoint.under else ()
        return (*under, *self.endpoint.after)


EmbeddedIn: TypeAlias = Mapping[type[Entity], tuple[tuple[type[Entity], Embedded], ...]]
"""The entities whose rows are embedded in the rows of an entity, each with its source."""


def _index_embedded(plan: Plan) -> EmbeddedIn:
    found: dict[type[Entity], tuple[tuple[type[Entity], Embedded], ...]] = {}
    for inner in plan.entities:
        for source in plan.sources(inner):
            if isinstance(source, Embedded):
                found[source.inside] = (*found.get(source.inside, ()), (inner, source))
    return found


@attrs.frozen
class Plan:
    """The listings that a collection reads.

    Attributes:
        entities: the entity classes, in reading order.
        reads: the listings, in the order in which they may start. That of the organization comes first.
        options: every option with its value.
    """

    entities: tuple[type[Entity], ...]
    reads: tuple[Read, ...]
    options: Options = attrs.field(hash=False)
    _embedded: EmbeddedIn = attrs.field(
        init=False, eq=False, repr=False, default=attrs.Factory(_index_embedded, takes_self=True)
    )

    @property
    def scopes(self) -> tuple[str, ...]:
        """The OAuth scopes that the listings require, sorted."""
        return tuple(sorted({scope for read in self.reads for scope in read.endpoint.scopes}))

    def sources(self, cls: type[Entity]) -> tuple[Endpoint | Embedded, ...]:
        """Return the sources of an entity that are read with these options."""
        return chosen_sources(cls, self.options)

    def embedded_in(self, cls: type[Entity]) -> tuple[tuple[type[Entity], Embedded], ...]:
        """Return the entities whose rows are embedded in the rows of `cls`."""
        return self._embedded.get(cls, ())


def make_plan(only: Iterable[type[Entity] | str] | None = None, options: Options | None = None) -> Plan:
    """Make the plan for some entities, or for all of them.

    Required entities are added: the organization, the parents of per-object listings, and the rows that
    contain embedded ones. An entity without a source under these options is left out.

    Raises:
        ConfigurationError: `only` contains something that is not an entity, or an option does not exist.
    """
    complete = fill_in_defaults({} if options is None else options)
    needs = {cls: _required_entities(chosen_sources(cls, complete)) for cls in ENTITIES}
    wanted: set[type[Entity]] = set()
    todo = [Organization, *(ENTITIES if only is None else _checked(only))]
    while todo:
        cls = todo.pop()
        if cls not in wanted:
            wanted.add(cls)
            todo += needs[cls]
    entities = tuple(cls for cls in ENTITIES if cls in wanted and chosen_sources(cls, complete))
    return Plan(entities, _reads(entities, complete), complete)


def _checked(only: Iterable[type[Entity] | str]) -> list[type[Entity]]:
    by_name = {entity.__name__: entity for entity in ENTITIES}
    expected = f"only= takes a list of entity classes or of their names ({', '.join(by_name)})"
    if isinstance(only, str):
        raise ConfigurationError(f"{expected}, not the text {only!r}")
    try:
        items = list(only)
    except TypeError:
        raise ConfigurationError(f"{expected}, not {only!r}") from None
    classes = [by_name.get(item) if isinstance(item, str) else item for item in items]
    for item, cls in zip(items, classes, strict=True):
        if cls not in ENTITIES:
            raise ConfigurationError(f"{expected}, not {item!r}")
    return [cls for cls in classes if cls is not None]


def _reads(entities: Iterable[type[Entity]], options: Mapping[str, str | bool]) -> tuple[Read, ...]:
    reads = [
        Read(cls, source)
        for cls in entities
        for source in chosen_sources(cls, options)
        if isinstance(source, Endpoint)
    ]
    return tuple(sorted(reads, key=lambda read: read.cls is not Organization))


def _required_entities(sources: Iterable[Endpoint | Embedded]) -> list[type[Entity]]:
    needs: list[type[Entity]] = []
    for source in sources:
        if isinstance(source, Embedded):
            needs.append(source.inside)
        else:
            needs += source.after
            if source.under is not None:
                needs.append(source.under)
    return needs
