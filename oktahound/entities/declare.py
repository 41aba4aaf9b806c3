"""How an entity says, once, what it is: endpoint, wire names, graph properties.

An entity is a plain frozen attrs class. Each field's wire name is its own name in camelCase
(``last_login`` is ``lastLogin`` in Okta's JSON and in the graph); a field that departs from the rule
says so with `Wire`. Values that the graph shows and Okta does not send are `Derived`. Nothing is
registered: everything else in the package reads the class.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar, Protocol, TypeVar, get_type_hints

import attrs

__all__ = [
    "Context",
    "Derived",
    "Embedded",
    "Endpoint",
    "Entity",
    "Field",
    "Known",
    "Parent",
    "Wire",
    "camel",
    "fields_of",
]

E = TypeVar("E", bound="Entity")

_NOTHING: Mapping[str, str | int] = MappingProxyType({})


@attrs.frozen
class Wire:
    """Where a field departs from the naming rule.

    Attributes:
        path: dotted path in Okta's answer (``profile.login``); None for the rule.
        prop: name of the graph property; empty to keep the field out of the graph; None for the rule.
    """

    path: str | None = None
    prop: str | None = None


@attrs.frozen
class Parent:
    """Marks the field that takes the id of the object under whose path the row was listed.

    It is never read from the row: ``…/api-services/{id}/credentials/secrets`` does not repeat the id.
    """


class Known(Protocol):
    """What was read so far, for an endpoint that has to choose whom to ask about."""

    def rows(self, cls: type[E]) -> Sequence[E]:
        """The rows of an entity that the endpoint named in `Endpoint.after` or `Endpoint.under`."""
        ...


def _own_id(parent: Entity) -> Mapping[str, str]:
    return {"id": parent.id}


@attrs.frozen
class Endpoint:
    """One listing of Okta's API that gives rows of an entity.

    Attributes:
        path: the path template. ``{id}`` stands for the id of the parent object.
        scope: the OAuth scope that reading it takes.
        params: query parameters of the first request. Okta's defaults are small pages, so a listing
            that takes ``limit`` always says its maximum.
        rows_key: key of the rows in the body for listings that page by ``_links.next`` in the body;
            None for a bare array paged by ``Link`` headers.
        single: the answer is one object and not a list.
        under: the entity whose objects fill ``{id}``: one listing for each of them.
        ids: from a parent to what fills the path, where that is not ``{"id": parent.id}``.
        when: which parents are asked about: those that can have an answer. A parent that is passed
            over counts as read, with no rows, so this must rest on what Okta says and not on a guess.
        after: entities that must have been read whole before `when` can choose.
        none_on: HTTP statuses and Okta error codes that mean "none here" at this endpoint, and not a failure.
    """

    path: str
    scope: str
    params: Mapping[str, str | int] = _NOTHING
    rows_key: str | None = None
    single: bool = False
    under: type[Entity] | None = None
    ids: Callable[[Any], Mapping[str, str]] = _own_id
    when: Callable[[Any, Known], bool] | None = None
    after: tuple[type[Entity], ...] = ()
    none_on: frozenset[int | str] = frozenset()


@attrs.frozen
class Embedded:
    """Rows that Okta sends inside the rows of another entity: they cost no request.

    Attributes:
        inside: the entity whose rows hold them.
        path: dotted path inside such a row. A single object there counts as a list of one; nothing
            there counts as none.
    """

    inside: type[Entity]
    path: str


class Context(Protocol):
    """What a derived property may look at besides its own entity."""

    @property
    def domain(self) -> str:
        """Host of the org's URL, ``contoso.okta.com``."""
        ...

    def label(self, node_id: str) -> str:
        """The ``name`` of the object with this id; the id itself when it was not collected."""
        ...


@attrs.frozen
class Derived:
    """A graph property that Okta does not send.

    Attributes:
        name: the property's name in the graph.
        why: one sentence on the rule, printed in the reference of kinds.
        of: entity and context to a JSON-ready value; None leaves the property out.
    """

    name: str
    why: str
    of: Callable[[Any, Context], str | int | bool | list[str] | None]


@attrs.frozen(kw_only=True)
class Entity:
    """An object of an Okta org. Only the id is certain; None elsewhere means "not read"."""

    KIND: ClassVar[str | None] = None
    """The node kind in the graph; None for what becomes edges or properties only."""

    PLURAL: ClassVar[str] = ""
    """The name of the tuple in a snapshot."""

    SOURCES: ClassVar[tuple[Endpoint | Embedded, ...]] = ()
    """Where its rows come from."""

    DERIVED: ClassVar[tuple[Derived, ...]] = ()

    id: str

    @property
    def key(self) -> tuple[str, ...]:
        """What tells two rows apart: the same key twice is the same object listed twice."""
        return (self.id,)


@attrs.frozen
class Field:
    """One field of an entity, with everything its declaration says.

    Attributes:
        name: the Python name.
        path: keys to walk in Okta's answer; empty when the value is the parent's id.
        prop: name of the graph property; None when the graph does not show it.
        type: the field's type, markers removed.
        required: a record without it cannot be kept.
    """

    name: str
    path: tuple[str, ...]
    prop: str | None
    type: Any
    required: bool


def camel(name: str) -> str:
    """The wire name of a Python name: ``last_membership_updated`` is ``lastMembershipUpdated``."""
    head, *rest = name.split("_")
    return head + "".join(word.title() for word in rest)


@functools.cache
def fields_of(cls: type[Entity]) -> tuple[Field, ...]:
    """Every field of an entity class, in the order of the class."""
    marked = get_type_hints(cls, include_extras=True)
    plain = get_type_hints(cls)
    found = []
    for each in attrs.fields(cls):
        marks = getattr(marked[each.name], "__metadata__", ())
        wire = next((mark for mark in marks if isinstance(mark, Wire)), Wire())
        parent = any(isinstance(mark, Parent) for mark in marks)
        prop = camel(each.name) if wire.prop is None else wire.prop
        found.append(
            Field(
                name=each.name,
                path=() if parent else tuple((wire.path or camel(each.name)).split(".")),
                # The id is the node's key; repeating it as a property would be a second place to be wrong in.
                prop=None if parent or each.name == "id" else prop or None,
                type=plain[each.name],
                required=each.default is attrs.NOTHING,
            )
        )
    return tuple(found)
