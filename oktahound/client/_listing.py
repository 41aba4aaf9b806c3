"""One paged listing as a flow of steps: pages in order, and no end that is not one."""

from __future__ import annotations

import re
from collections.abc import Generator
from hashlib import blake2b
from typing import Any

import attrs
import httpx

from oktahound.client._flow import exchange, parse_body, wrong_response
from oktahound.client._links import PageLinks, page_links
from oktahound.client._retry import RetryPolicy
from oktahound.client._steps import Flow, Page, Request, Step
from oktahound.client._url import origin_of
from oktahound.errors import ForeignOriginError

__all__ = ["MOST_PAGES", "MOST_ROWS", "listing"]

MOST_PAGES = 100_000
"""Pages a listing may have: at Okta's 200 a page, twenty million users."""

MOST_ROWS = 100_000
"""Rows a page may have; Okta's largest pages have ten thousand."""

# Okta may send an empty page in the middle of a filtered listing; not this many in a row.
_IDLE_PAGES = 100

# Okta's links repeat the page size; the one of the page itself names the size that applied.
_LIMIT = re.compile(r"(?:^|[?&])limit=(\d{1,6})(?:&|$)")


@attrs.frozen
class _Answer:
    """What one response of a listing says.

    Attributes:
        rows: its rows.
        following: the link to the next page; None when it names none.
        problem: why the links could not be understood; None when they were.
        limit: how many rows the page could have; None when neither the request nor the response says so.
        names_itself: whether a header links to the page itself, as in all of Okta's listings.
    """

    rows: list[Any]
    following: str | None
    problem: str | None
    limit: int | None
    names_itself: bool


def listing(
    ask: Request, retry_policy: RetryPolicy, rows_key: str | None, max_pages: int = MOST_PAGES
) -> Generator[Step | Page, Any, None]:
    """Walk a paged listing: a `Page` for each answer, in order.

    Without `rows_key` an answer is a list and the next page stands in a ``Link`` header; with it an answer is
    an object, the rows stand under that key, and the next page under ``_links.next.href``. A page that names
    no next one, but is full or has lost its header, counts as the last only after `_beyond` looked behind it.

    Raises:
        ForeignOriginError: the next page is not on this org; nothing was sent there.
        ProtocolError: an answer has the wrong shape, the pages go in a circle or do not end, or it cannot be
            told whether they ended.
        RequestError: a request failed.
    """
    seen = {_mark(ask.url)}
    number = idle = 0
    before: list[Any] = []
    known: Any = None  # the last row of the page before, where the next page begins with it
    named_itself = False
    while True:
        answer = yield from _asked(ask, retry_policy, rows_key)
        rows, target, count = answer.rows, answer.following, len(answer.rows)
        idle = idle + 1 if not rows or _same(rows, before) else 0
        last = rows[-1] if rows else None
        again = known is not None and bool(rows) and _same_object(rows[0], known)
        before = rows[1:] if again else rows
        if before or known is None:
            yield Page(before, number, ask.path)  # whoever takes the page may empty the list
            number += 1
        if answer.problem is not None:
            raise wrong_response(ask, answer.problem)
        doubt = None if target is not None else _doubt(answer, count, named_itself, rows_key)
        known = None
        if doubt is not None:
            shorter = yield from _beyond(ask, count, doubt, retry_policy, rows_key)
            target, known = shorter.following, last
            named_itself = named_itself or shorter.names_itself
        if target is None:
            return
        named_itself = named_itself or answer.names_itself
        following = _followed(ask, target)
        mark = _mark(following)
        if mark in seen:
            raise wrong_response(ask, "the pages go in a circle: a cursor came twice")
        if idle >= _IDLE_PAGES:
            raise wrong_response(ask, f"{idle} pages in a row without a new row")
        if number >= max_pages:
            raise wrong_response(ask, f"the listing has more than {max_pages} pages")
        seen.add(mark)
        ask = Request(ask.method, following, ask.path)


def _asked(ask: Request, retry_policy: RetryPolicy, rows_key: str | None) -> Flow[_Answer]:
    response = yield from exchange(ask, retry_policy)
    doc = parse_body(ask, response)
    rows = _rows(ask, doc, rows_key)
    links, problem = PageLinks(), None
    try:
        links = page_links(response.headers)
        following = links.following if rows_key is None else _body_link(doc) or links.following
    except ValueError as error:
        following, problem = None, f"the links of the page make no sense: {error}"
    limits = [_limit(ask.url.query.decode("ascii", "replace")), _limit(links.itself or "")]
    limit = min((each for each in limits if each is not None), default=None)
    return _Answer(rows, following, problem, limit, links.itself is not None)


def _doubt(answer: _Answer, count: int, named_itself: bool, rows_key: str | None) -> str | None:
    """Why a page that names no next one may not be the last; None when it is the last.

    A page with more rows than its limit shows that the endpoint has no limit. Pages of one row are taken at
    their word: nothing smaller can be asked for.
    """
    if count == answer.limit and count > 1:
        return f"the page has {count} rows, as many as were asked for, and names no next page"
    if rows_key is None and named_itself and not answer.names_itself:
        return "the page has no Link header, and the pages before it had one"
    return None


def _beyond(
    ask: Request, count: int, doubt: str, retry_policy: RetryPolicy, rows_key: str | None
) -> Flow[_Answer]:
    """Look behind a page that may not be the last: ask for it with one row less.

    A cursor cannot be made up: it is Okta's own. But a page that is one row shorter must name a next page,
    which begins with the row left out and goes on with whatever follows. If it names none, links are lost.

    Returns:
        The shorter page. It links to that next page, or to none when the listing has become shorter than the
        page, and so has ended.

    Raises:
        ProtocolError: it cannot be told whether the listing has ended.
        RequestError: the request failed.
    """
    if count > 1:
        shorter = Request(ask.method, ask.url.copy_set_param("limit", count - 1), ask.path)
        answer = yield from _asked(shorter, retry_policy, rows_key)
        if answer.following is not None or (answer.problem is None and len(answer.rows) < count - 1):
            return answer
    raise wrong_response(ask, f"{doubt}; there may be more rows, and none could be asked for")


def _rows(ask: Request, doc: Any, rows_key: str | None) -> list[Any]:
    if rows_key is not None:
        if not isinstance(doc, dict):
            raise wrong_response(ask, f"an object with {rows_key!r} was expected")
        doc = doc.get(rows_key)
    if not isinstance(doc, list):
        where = "the answer" if rows_key is None else repr(rows_key)
        raise wrong_response(ask, f"{where} is not a list")
    if len(doc) > MOST_ROWS:
        raise wrong_response(ask, f"{len(doc)} rows on one page")
    return doc


def _same(rows: list[Any], others: list[Any]) -> bool:
    try:
        return rows == others
    except RecursionError:  # both nested a thousand deep: a page that is hostile anyway, and no other rows
        return True


def _same_object(row: Any, other: Any) -> bool:
    """Whether two rows are about one object, which may have changed between two requests."""
    if isinstance(row, dict) and isinstance(other, dict) and "id" in row:
        return bool(row["id"] == other.get("id"))
    return _same([row], [other])


def _limit(text: str) -> int | None:
    found = _LIMIT.search(text)
    return int(found[1]) if found else None


def _body_link(doc: dict[str, Any]) -> str | None:
    """The link to the next page in the body of a listing that is an object.

    Raises:
        ValueError: it stands there and is not a link.
    """
    links = doc.get("_links")
    if links is None or links == []:
        return None
    following = links.get("next") if isinstance(links, dict) else links
    if following is None:
        return None
    href = following.get("href") if isinstance(following, dict) else None
    if not isinstance(href, str) or not href:
        raise ValueError("_links.next is not a link")
    return href


def _joined(url: httpx.URL, target: str) -> httpx.URL | None:
    try:
        # Okta's links are absolute; parsing one once instead of three times is half a page's overhead.
        absolute = target.startswith(("https://", "http://"))
        joined = httpx.URL(target) if absolute else url.join(target)
        return joined.copy_with(fragment=None) if joined.fragment else joined
    except (httpx.InvalidURL, ValueError):  # ValueError also covers a lone surrogate
        return None


def _followed(ask: Request, target: str) -> httpx.URL:
    """The next page's URL, followed as it is (Okta may change the query on the way), but on this org."""
    url = _joined(ask.url, target)
    if url is None:
        raise wrong_response(ask, "the link to the next page is not a URL")
    if origin_of(url) != origin_of(ask.url) or url.userinfo:
        raise ForeignOriginError(
            "the next page is on another host, or its link holds a user name: not followed",
            method=ask.method,
            path=ask.path,
        )
    return url


def _mark(url: httpx.URL) -> bytes:
    """A short name for a page: path and cursor; the whole URL before there is a cursor."""
    path, _, query = url.raw_path.partition(b"?")
    cursor = next((pair for pair in query.split(b"&") if re.match(rb"after=.", pair)), None)
    return blake2b(path + b"?" + (cursor or query), digest_size=12).digest()
