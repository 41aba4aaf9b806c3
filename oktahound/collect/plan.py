"""What to read, in which order, and the scopes that it takes: derived from what the entities declare."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from oktahound.entities import ENTITIES, Embedded, Endpoint, Entity, Organization
from oktahound.errors import ConfigurationError

__all__ = ["Plan", "Read", "make_plan"]


@attrs.frozen
class Read:
    """One listing to walk: for the org, or for each parent object."""

    cls: type[Entity]
    endpoint: Endpoint

    @property
    def waits_for(self) -> tuple[type[Entity], ...]:
        """The entities that must have been read whole before this can start."""
        under = (self.endpoint.under,) if self.endpoint.under else ()
        return (*under, *self.endpoint.after)


@attrs.frozen
class Plan:
    """What a collection reads.

    Attributes:
        entities: the entity classes, in reading order.
        reads: the listings, in the order in which they may start.
        scopes: the OAuth scopes that all of them take, sorted.
    """

    entities: tuple[type[Entity], ...]
    reads: tuple[Read, ...]
    scopes: tuple[str, ...]

    def embedded_in(self, cls: type[Entity]) -> tuple[tuple[type[Entity], Embedded], ...]:
        """The entities whose rows stand inside the rows of `cls`."""
        return tuple(
            (inner, source)
            for inner in self.entities
            for source in inner.SOURCES
            if isinstance(source, Embedded) and source.inside is cls
        )


def make_plan(only: Iterable[type[Entity]] | None = None) -> Plan:
    """The plan for some entities, or for all of them.

    What an entity needs is added: the organization always, the parents of a listing below objects, the
    rows that hold embedded ones.

    Raises:
        ConfigurationError: something in `only` is not an entity that can be collected.
    """
    wanted: set[type[Entity]] = {Organization}
    todo = list(ENTITIES if only is None else only)
    while todo:
        cls = todo.pop()
        if cls not in ENTITIES:
            names = ", ".join(entity.__name__ for entity in ENTITIES)
            raise ConfigurationError(f"only= takes entity classes ({names}), and {cls!r} is none of them")
        if cls not in wanted:
            wanted.add(cls)
            todo += _needs(cls)
    entities = tuple(cls for cls in ENTITIES if cls in wanted)
    reads = tuple(Read(cls, source) for cls in entities for source in cls.SOURCES if isinstance(source, Endpoint))
    return Plan(entities, reads, tuple(sorted({read.endpoint.scope for read in reads})))


def _needs(cls: type[Entity]) -> Iterable[type[Entity]]:
    for source in cls.SOURCES:
        if isinstance(source, Embedded):
            yield source.inside
        else:
            yield from source.after
            if source.under is not None:
                yield source.under
