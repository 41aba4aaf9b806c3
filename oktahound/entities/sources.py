"""Where the rows of an entity come from: listings of Okta's API, and rows inside other rows.

Taken together, these declarations are the plan of a collection: what is asked, of whom, in which order.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar

import attrs

from oktahound.system_log import LogRange
from oktahound.system_log.tolerant import Problem

if TYPE_CHECKING:
    from oktahound.entities.schema import Entity

__all__ = [
    "NOT_FOUND",
    "Embedded",
    "EmptyAnswer",
    "Endpoint",
    "Fold",
    "Key",
    "Known",
    "LogListing",
    "Option",
    "Statement",
]

E = TypeVar("E", bound="Entity")

Key: TypeAlias = tuple[str, ...]
"""What tells the rows of one entity apart."""

_NOTHING: Mapping[str, str | int] = MappingProxyType({})


@attrs.frozen
class Option:
    """A choice that the caller of a collection has, and the answer that a source belongs to.

    Attributes:
        name: keyword argument of ``collect``.
        value: the source is read when the argument has this value.
        default: this is the value when the caller says nothing.
        any_text: the source is read for every text that the argument has, such as a duration.
    """

    name: str
    value: str | bool = True
    default: bool = False
    any_text: bool = False


@attrs.frozen
class EmptyAnswer:
    """An error response by which Okta says that a listing has no rows.

    A status alone is no evidence: proxies and gateways answer 404 too. The body must be Okta's own error
    object with this code, and with these words where the code has other meanings.

    Attributes:
        status: the HTTP status.
        code: Okta's ``errorCode``.
        words: a regular expression that the error's summary or causes must match, in any letter case; None
            when the code says enough.
    """

    status: int
    code: str
    words: str | None = None


NOT_FOUND = EmptyAnswer(404, "E0000007")
"""Okta's "Not found: Resource not found: …": in its API description for most listings below an object, and
recorded of every path that was asked for an unknown id."""


@attrs.frozen
class Statement:
    """What Okta says of an object about the rows of a listing below it.

    Attributes:
        where: where Okta says it: a dotted path in the object, or a request.
        value: what it says there.
        least: the fewest rows that agree with it.
    """

    where: str
    value: int | bool | str
    least: int


class Known(Protocol):
    """What was read so far, for an endpoint that has to choose whom to ask about."""

    def rows(self, cls: type[E]) -> Sequence[E]:
        """The rows of an entity that the endpoint named in `Endpoint.after` or `Endpoint.under`."""
        ...


class Fold(Protocol):
    """Reduces the events of a listing of the System Log to rows, in bounded memory."""

    newest: str
    """The time of the latest event so far, as Okta writes times; empty before the first."""

    @property
    def complete(self) -> bool:
        """Whether the rest of the listing would change nothing."""
        ...

    def add(self, events: Sequence[Any]) -> Sequence[Problem]:
        """Take a page of events, and tell what could not be read."""
        ...

    def rows(self, since_day: str = "", before_day: str = "~") -> Sequence[Any]:
        """The rows so far, in wire form, of the days from `since_day` up to but not at `before_day`."""
        ...


@attrs.frozen
class LogListing:
    """How a listing of the System Log is filtered and folded.

    Attributes:
        filter: from the parent object, None for a listing of the org, to Okta's filter expression; empty for
            none.
        fold: from the parent, what was read so far, and the bounds in time to a new fold.
        always: whether it is read in every run, also in one that goes on with an earlier one.
    """

    filter: Callable[[Any], str]
    fold: Callable[[Any, Known, LogRange], Fold]
    always: bool = False


def _own_id(parent: Entity) -> Mapping[str, str]:
    return {"id": parent.id}


@attrs.frozen
class Endpoint:
    """One listing of Okta's API that gives rows of an entity.

    Attributes:
        path: the path template. ``{id}`` stands for the id of the parent object.
        scope: the OAuth scope that reading it takes.
        also: further scopes that it takes together with `scope`.
        params: query parameters of the first request. Okta's defaults are small pages, so a listing
            that takes ``limit`` always says its maximum.
        rows_key: key of the rows in the body for listings that page by ``_links.next`` in the body;
            None for a bare array paged by ``Link`` headers.
        single: the answer is one object, and not pages of a list.
        read: from the object of a `single` endpoint to the list of rows; None when it is the row.
        under: the entity whose objects fill ``{id}``: one listing for each of them.
        ids: from a parent to what fills the path, where that is not ``{"id": parent.id}``.
        when: which parents are asked about: those that can have an answer. A parent that is passed
            over counts as read, with no rows, so this must rest on what Okta says and not on a guess.
        among: keys of the parents to ask about, out of those that pass `when`: for a choice that takes
            looking at other entities, and is made once. What is passed over here was *not* read.
        after: entities that must have been read whole before `when` and `among` can choose.
        regardless_of: parents of the entities in `under` and `after` whose rows do not matter here. A gap
            below one of them loses nothing for this endpoint.
        empty_answers: the error responses by which Okta says at this endpoint that there are no rows.
        stated: from a parent to what Okta says of it about the number of rows; a listing with fewer rows is a
            contradiction, and a gap.
        may_refuse: for which parents Okta is known to refuse the listing although it has rows.
        option: the caller's choice that this source depends on; None when it is always read.
        log: how the events are filtered and folded, for a listing of the System Log.
    """

    path: str
    scope: str
    also: tuple[str, ...] = ()
    params: Mapping[str, str | int] = _NOTHING
    rows_key: str | None = None
    single: bool = False
    read: Callable[[Any], Sequence[Any]] | None = None
    under: type[Entity] | None = None
    ids: Callable[[Any], Mapping[str, str]] = _own_id
    when: Callable[[Any, Known], bool] | None = None
    among: Callable[[Known], Container[Key]] | None = None
    after: tuple[type[Entity], ...] = ()
    regardless_of: tuple[type[Entity], ...] = ()
    empty_answers: tuple[EmptyAnswer, ...] = ()
    stated: Callable[[Any], Statement | None] | None = None
    may_refuse: Callable[[Any], bool] | None = None
    option: Option | None = None
    log: LogListing | None = None

    @property
    def scopes(self) -> tuple[str, ...]:
        """Every scope that reading it takes."""
        return (self.scope, *self.also)


@attrs.frozen
class Embedded:
    """Rows that Okta sends inside the rows of another entity: they cost no request.

    Attributes:
        inside: the entity whose rows hold them.
        path: dotted path inside such a row. A single object there counts as a list of one; nothing
            there counts as none.
        read: from what stands there to the list of rows, where Okta wraps it in more than one way.
        regardless_of: parents of `inside` whose rows never hold any of these rows.
    """

    inside: type[Entity]
    path: str
    read: Callable[[Any], Sequence[Any]] | None = None
    regardless_of: tuple[type[Entity], ...] = ()
