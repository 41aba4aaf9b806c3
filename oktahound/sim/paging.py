"""Split listings into pages as Okta does, with limits, cursors and ``Link`` headers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

import orjson

from oktahound.sim.errors import bad_request, invalid_cursor
from oktahound.sim.ids import Ids
from oktahound.sim.routing import Page, Route, Rows

__all__ = ["page_of"]


def page_of(
    rows: Rows, route: Route, url: str, query: Mapping[str, str], ids: Ids, *, at_most: int | None = None
) -> Page:
    """Return the page that `query` requests.

    Args:
        rows: the whole listing.
        route: the route, which defines the paging of this listing.
        url: the URL of the listing, without a query.
        query: the parameters of the request.
        ids: the generator of cursors, which no other org accepts.
        at_most: the maximum size of a page, even if the request has a higher limit.

    Raises:
        Refusal: the cursor or the limit is invalid.
    """
    if route.paging == "none":
        return Page(_array(rows, rows.keys))
    size = _size(route, query)
    if not rows.paged:
        return Page(_array(rows, rows.keys[:size]))
    if at_most is not None:
        size = at_most if size is None else min(size, at_most)
    start = _start(rows.keys, query.get("after"), url, ids, route.cursor_error)
    keys = rows.keys[start : None if size is None else start + size]
    more = start + len(keys) < len(rows.keys) or (route.empty_last_page and bool(keys))
    parameters = {name: text for name, text in query.items() if name not in {"after", "limit"}}
    if size is not None and route.limited:
        parameters = {"limit": str(size), **parameters}
    parameters.update({name: text for name, text in route.implied.items() if name not in parameters})
    after = {"after": query["after"]} if "after" in query else {}
    self_url = _address(url, {**after, **parameters})
    next_url = (
        _address(url, {"after": _cursor(start + len(keys), keys[-1], url, ids), **parameters})
        if more
        else None
    )
    if route.paging == "body":
        return Page(_object(rows, keys, route, self_url, next_url), (f'<{self_url}>; rel="self"',))
    links = [f'<{self_url}>; rel="self"']
    if next_url:
        links.append(f'<{next_url}>; rel="next"')
    body = _array(rows, keys)
    if route.envelope is not None:
        body = b"{" + orjson.dumps(route.envelope) + b":" + body + b"}"
    return Page(body, tuple(links))


def _address(url: str, query: Mapping[str, str]) -> str:
    return f"{url}?{urlencode(query)}" if query else url


def _array(rows: Rows, keys: Sequence[str]) -> bytes:
    return b"[" + b",".join(map(rows.encode, keys)) + b"]"


def _object(rows: Rows, keys: Sequence[str], route: Route, self_url: str, next_url: str | None) -> bytes:
    links = dict(rows.links)
    if route.self_in_body:
        links["self"] = {"href": self_url}
    if next_url:
        links["next"] = {"href": next_url}
    name = orjson.dumps(route.envelope)
    return b"{" + name + b":" + _array(rows, keys) + b',"_links":' + orjson.dumps(links) + b"}"


def _size(route: Route, query: Mapping[str, str]) -> int | None:
    if "limit" not in query or not route.limited:
        return route.default
    try:
        size = int(query["limit"])
    except ValueError:
        size = 0
    if size < 1:
        raise bad_request("limit", "limit: The limit must be a positive number.")
    maximum = route.maximum
    if "expand" in query and route.expanded_maximum is not None:
        maximum = route.expanded_maximum
    return size if maximum is None else min(size, maximum)


def _cursor(position: int, last: str, url: str, ids: Ids) -> str:
    # The cursor contains the end of the page as a number and as a row, and a checksum of this listing. The
    # row finds the place after other rows were added or removed; the number, after this row was removed.
    return f"{ids.check(url, last, str(position))}{position}.{last}"


def _start(keys: Sequence[str], after: str | None, url: str, ids: Ids, error_code: str) -> int:
    if after is None:
        return 0
    mark, (number, _, last) = after[:8], after[8:].partition(".")
    if not number.isdigit() or mark != ids.check(url, last, number):
        raise invalid_cursor(error_code)
    position = int(number)
    if position <= len(keys) and keys[position - 1] == last:
        return position
    return keys.index(last) + 1 if last in keys else min(position - 1, len(keys))
