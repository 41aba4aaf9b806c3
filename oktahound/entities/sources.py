"""Sources of the rows of an entity: listings of Okta's API, and rows embedded in other rows.

The plan of a collection is derived from these declarations.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar

import attrs

from oktahound.system_log import LogRange
from oktahound.system_log.event_repair import Problem

if TYPE_CHECKING:
    from oktahound.entities.schema import Entity

__all__ = [
    "NOT_FOUND",
    "TRUST_BOUNDARIES",
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
"""The key of a row, unique within its entity."""

_NOTHING: Mapping[str, str | int] = MappingProxyType({})


@attrs.frozen
class Option:
    """An option of a collection, and the value for which a source is read.

    Attributes:
        name: keyword argument of ``collect``.
        value: the source is read when the argument has this value.
        default: whether this is the default value.
        any_text: whether the source is read for every text, such as a duration.
    """

    name: str
    value: str | bool = True
    default: bool = False
    any_text: bool = False


TRUST_BOUNDARIES = Option("trust_boundaries")
"""Option to read further objects that control sign-ins, tokens and memberships, such as hooks and rules."""


@attrs.frozen
class EmptyAnswer:
    """An error response that means that a listing has no rows.

    The status alone is not sufficient, because proxies and gateways also send 404. The body must be Okta's
    error object with this code, and must match `words` if the code also has other meanings.

    Attributes:
        status: the HTTP status.
        code: Okta's ``errorCode``.
        words: a regular expression that the error's summary or causes must match, in any letter case; None
            if the code is sufficient.
    """

    status: int
    code: str
    words: str | None = None


NOT_FOUND = EmptyAnswer(404, "E0000007")
"""Okta's "Not found: Resource not found: …". The API description documents it for most per-object listings,
and it was recorded for every path with an unknown id."""


@attrs.frozen
class Statement:
    """A statement of Okta about the number of rows of a listing below an object.

    Attributes:
        where: its place: a dotted path in the object, or a request.
        value: its value.
        least: the fewest rows that are consistent with it.
    """

    where: str
    value: int | bool | str
    least: int


class Known(Protocol):
    """The rows read so far, for an endpoint that selects its parents."""

    def rows(self, cls: type[E]) -> Sequence[E]:
        """Return the rows of an entity that the endpoint names in `Endpoint.after` or `Endpoint.under`."""
        ...


class Fold(Protocol):
    """Aggregates the events of a listing of the System Log to rows, in bounded memory."""

    newest: str
    """The time of the latest event so far, as Okta writes times; empty before the first."""

    @property
    def complete(self) -> bool:
        """Whether the rest of the listing can be skipped."""
        ...

    def add(self, events: Sequence[Any]) -> Sequence[Problem]:
        """Add a page of events. Returns the problems of events that could not be read."""
        ...

    def rows(self, since_day: str = "", before_day: str = "~") -> Sequence[Any]:
        """Return the rows so far, in wire form, of the days from `since_day` to before `before_day`."""
        ...


@attrs.frozen
class LogListing:
    """The filter and aggregation of a listing of the System Log.

    Attributes:
        filter: returns Okta's filter expression for a parent object (None for a listing of the org); empty
            for none.
        fold: creates the aggregation from the parent, the rows read so far, and the bounds in time.
        always: whether it is read in every run, even if an earlier run has finished it.
    """

    filter: Callable[[Any], str]
    fold: Callable[[Any, Known, LogRange], Fold]
    always: bool = False


def _own_id(parent: Entity) -> Mapping[str, str]:
    return {"id": parent.id}


@attrs.frozen
class Endpoint:
    """One listing of Okta's API that returns rows of an entity.

    Attributes:
        path: the path template. ``{id}`` stands for the id of the parent object.
        scope: the OAuth scope that it requires.
        also: further scopes that it requires.
        params: query parameters of the first request. Okta's default pages are small, so that a listing with
            ``limit`` always sets its maximum.
        rows_key: key of the rows in the body for listings that page by ``_links.next`` in the body;
            None for a bare array paged by ``Link`` headers.
        single: whether the response is one object instead of pages of a list.
        read: returns the list of rows of a `single` endpoint; None if the object is the row.
        under: the entity whose objects fill ``{id}``: one listing for each of them.
        ids: returns the values of the path's placeholders, if they are not ``{"id": parent.id}``.
        query: returns query parameters that depend on the parent. They replace those of `params` with the
            same name, which then describe them in plans and gaps. None if the parent lacks a required value:
            its rows then count as not read.
        when: whether a parent can have rows. A skipped parent counts as read, without rows, so that this must
            be based on Okta's statements and not on a guess.
        among: returns the keys of the parents to request, out of those that pass `when`. It can use other
            entities and is called once. Parents that are skipped here count as *not* read.
        after: entities that must be complete before `when` and `among` are called.
        regardless_of: parents of the entities in `under` and `after` whose rows do not matter here. A gap
            below one of them loses nothing for this endpoint.
        empty_answers: the error responses of this endpoint that mean that there are no rows.
        stated: returns Okta's statement about the number of rows below a parent. A listing with fewer rows is
            a contradiction, and a gap.
        may_refuse: whether Okta is known to refuse the listing of a parent although it has rows.
        may_lack: whether the endpoint belongs to a feature that most orgs lack, so that Okta's "not found"
            means that it is not licensed, unless the path contains the id of an object.
        option: the option that this source depends on; None if it is always read.
        log: the filter and aggregation of the events, for a listing of the System Log.
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
    query: Callable[[Any], Mapping[str, str] | None] | None = None
    when: Callable[[Any, Known], bool] | None = None
    among: Callable[[Known], Container[Key]] | None = None
    after: tuple[type[Entity], ...] = ()
    regardless_of: tuple[type[Entity], ...] = ()
    empty_answers: tuple[EmptyAnswer, ...] = ()
    stated: Callable[[Any], Statement | None] | None = None
    may_refuse: Callable[[Any], bool] | None = None
    may_lack: bool = False
    option: Option | None = None
    log: LogListing | None = None

    def params_of(self, parent: Entity | None) -> Mapping[str, str | int] | None:
        """Return the query parameters of the first request below a parent; None if it cannot be sent."""
        if self.query is None or parent is None:
            return self.params
        own = self.query(parent)
        return None if own is None else {**self.params, **own}

    @property
    def scopes(self) -> tuple[str, ...]:
        """All scopes that it requires."""
        return (self.scope, *self.also)


@attrs.frozen
class Embedded:
    """Rows that Okta embeds in the rows of another entity. They need no request.

    Attributes:
        inside: the entity whose rows contain them.
        path: dotted path in such a row. A single object counts as a list of one, a missing value as none.
        read: extracts the list of rows, if Okta wraps it in several ways.
        regardless_of: parents of `inside` whose rows never contain any of these rows.
    """

    inside: type[Entity]
    path: str
    read: Callable[[Any], Sequence[Any]] | None = None
    regardless_of: tuple[type[Entity], ...] = ()
