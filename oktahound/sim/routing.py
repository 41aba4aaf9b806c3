"""Routes, the arguments of their handlers, and the router that finds the route of a request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal, TypeAlias

import attrs

from oktahound.sim.errors import Refusal, method_not_supported, unknown_path
from oktahound.sim.world import Collection, Json, World

__all__ = ["Answer", "Call", "Page", "Paging", "Route", "Router", "Rows"]


@attrs.frozen
class Call:
    """A request that has been authenticated and routed.

    Attributes:
        world: the org's state.
        path: the ids in the path, by the parameter names of the template.
        query: the query parameters.
    """

    world: World
    path: Mapping[str, str]
    query: Mapping[str, str]

    def expands(self, name: str) -> bool:
        """Return whether ``expand`` contains `name`."""
        return name in self.query.get("expand", "").split(",")


@attrs.frozen
class Rows:
    """The rows of a listing before paging: their keys, and a function that encodes a row.

    `links` are further members of ``_links`` when the listing is an object. A listing that is not `paged`
    is cut to the limit, and has no next page, as Okta's answers to ``q`` do.
    """

    keys: Sequence[str]
    encode: Callable[[str], bytes]
    links: Mapping[str, Json] = attrs.field(factory=dict)
    paged: bool = True

    @classmethod
    def of(cls, collection: Collection, keys: Sequence[str] | None = None, *, paged: bool = True) -> Rows:
        """Return the documents of a collection unchanged, or those with `keys`."""
        return cls(collection.keys() if keys is None else keys, collection.sent, paged=paged)


@attrs.frozen
class Page:
    """The bytes of a page, and its Link headers (each in a separate header line, as Okta sends them)."""

    body: bytes
    links: tuple[str, ...] = ()


Answer: TypeAlias = Rows | Page | Json | bytes
Paging: TypeAlias = Literal["none", "link", "body"]


@attrs.frozen(kw_only=True)
class Route:
    """One endpoint: its properties from Okta's API description, and its handler.

    Attributes:
        template: the path, with the parameter names of Okta's OpenAPI document.
        answer: the handler. None for the token endpoint, which the server handles itself because it
            needs the body of the request and the credentials, which no handler receives.
        scopes: the scopes that an OAuth token needs, all of them. A manage scope includes its read scope.
        bucket: the field of `RateLimits` with the limit of its calls.
        paging: ``link`` for the Link header, ``body`` for ``_links.next.href`` in the body.
        default: number of rows of a page without a ``limit``; None for all rows.
        maximum: maximum number of rows of a page; a larger ``limit`` is reduced to it.
        limited: whether the endpoint has a ``limit``; some have only a cursor.
        expanded_maximum: the maximum with the parameter ``expand``.
        implied: parameters that Okta adds to its links.
        empty_last_page: whether the last row is followed by a ``next`` that leads to an empty page.
        envelope: the member with the rows if the response is an object.
        self_in_body: whether ``_links`` of an object contains a link to the page itself.
        cursor_error: Okta's error code for an invalid cursor.
    """

    template: str
    answer: Callable[[Call], Answer] | None
    scopes: tuple[str, ...]
    bucket: str
    paging: Paging = "none"
    default: int | None = None
    maximum: int | None = None
    limited: bool = True
    expanded_maximum: int | None = None
    implied: Mapping[str, str] = attrs.field(factory=dict)
    empty_last_page: bool = False
    envelope: str | None = None
    self_in_body: bool = True
    cursor_error: str = "E0000029"
    method: str = "GET"


class Router:
    """Finds the route for a method and a path. A literal segment has precedence over a parameter."""

    def __init__(self, routes: Iterable[Route]) -> None:
        # By the number of segments and the third segment, which differs most: "/api/v1/users".
        self._routes: dict[tuple[int, str], list[tuple[tuple[str, ...], Route]]] = {}
        for route in routes:
            segments = tuple(route.template.strip("/").split("/"))
            self._routes.setdefault(_lookup_key(segments), []).append((segments, route))
        for known in self._routes.values():
            known.sort(key=lambda pair: [segment.startswith("{") for segment in pair[0]])

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        """Return the route and the ids in the path.

        Raises:
            Refusal: no route has this path (404) or this method (405).
        """
        segments = path.strip("/").split("/")
        refusal: Refusal = unknown_path()
        literal = self._routes.get(_lookup_key(segments), ())
        for pattern, route in (*literal, *self._routes.get((len(segments), _PARAMETER), ())):
            ids = _match(pattern, segments)
            if ids is None:
                continue
            if route.method == method:
                return route, ids
            refusal = method_not_supported()
        raise refusal


_PARAMETER = "{}"
"""Represents any third segment."""


def _lookup_key(segments: Sequence[str]) -> tuple[int, str]:
    third = segments[2] if len(segments) > 2 else ""
    return len(segments), _PARAMETER if third.startswith("{") else third


def _match(pattern: tuple[str, ...], segments: list[str]) -> dict[str, str] | None:
    ids = {}
    for expected, actual in zip(pattern, segments, strict=True):
        if expected.startswith("{"):
            ids[expected[1:-1]] = actual
        elif expected != actual:
            return None
    return ids
