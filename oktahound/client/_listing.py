"""The flow of a paged listing: yields its pages in order, and raises if the listing may be incomplete."""

from __future__ import annotations

import re
from collections.abc import Generator
from hashlib import blake2b
from typing import Any

import attrs
import httpx

from oktahound.client._links import PageLinks, page_links
from oktahound.client._retry import RetryPolicy, exchange, parse_body, wrong_response
from oktahound.client._steps import Flow, Page, Request, Step
from oktahound.client._url import origin_of
from oktahound.errors import ForeignOriginError

__all__ = ["MOST_PAGES", "MOST_ROWS", "listing"]

MOST_PAGES = 100_000
"""Maximum number of pages of a listing: twenty million users at Okta's 200 a page."""

MOST_ROWS = 100_000
"""Maximum number of rows of a page. Okta's largest pages have ten thousand."""

# Okta may send empty pages in the middle of a filtered listing, but not this many in a row.
_MOST_PAGES_WITHOUT_ROWS = 100

# Okta's links contain the page size. The self link has the size that Okta applied to this page.
_LIMIT = re.compile(r"(?:^|[?&])limit=(\d{1,6})(?:&|$)")


@attrs.frozen
class _ParsedPage:
    """One parsed response of a listing.

    Attributes:
        rows: its rows.
        next_url: the link to the next page; None if it has none.
        problem: the reason why the links do not parse; None if they do.
        limit: the page size; None if neither the request nor the response contains it.
        has_self_link: whether a header links to the page itself, as in all of Okta's listings.
    """

    rows: list[Any]
    next_url: str | None
    problem: str | None
    limit: int | None
    has_self_link: bool


def listing(
    request: Request, retry_policy: RetryPolicy, rows_key: str | None, max_pages: int = MOST_PAGES
) -> Generator[Step | Page, Any, None]:
    """Request a paged listing, and yield a `Page` for each response, in order.

    Without `rows_key` a response is a list, and a ``Link`` header leads to the next page. With `rows_key` a
    response is an object with the rows under that key, and the next page under ``_links.next.href``. If a
    page without a link is full or lacks its ``Link`` header, `_look_past_end` checks that it is the last one.

    Raises:
        ForeignOriginError: the next page is on another origin. Nothing was sent there.
        ProtocolError: a response has the wrong shape, the pages form a loop or do not end, or it is
            unknown whether the listing is complete.
        RequestError: a request failed.
    """
    seen = {_fingerprint(request.url)}
    number = pages_without_rows = 0
    new_rows: list[Any] = []
    last_of_previous: Any = None  # the last row of the previous page, if this page begins with it again
    had_self_link = False
    while True:
        page = yield from _fetch_page(request, retry_policy, rows_key)
        rows, target, count = page.rows, page.next_url, len(page.rows)
        pages_without_rows = pages_without_rows + 1 if not rows or _equal_rows(rows, new_rows) else 0
        last = rows[-1] if rows else None
        overlaps = last_of_previous is not None and bool(rows) and _same_object(rows[0], last_of_previous)
        new_rows = rows[1:] if overlaps else rows
        if new_rows or last_of_previous is None:
            yield Page(new_rows, number, request.path)  # the receiver may empty the list
            number += 1
        if page.problem is not None:
            raise wrong_response(request, page.problem)
        doubt = None if target is not None else _reason_for_doubt(page, count, had_self_link, rows_key)
        last_of_previous = None
        if doubt is not None:
            shorter = yield from _look_past_end(request, count, doubt, retry_policy, rows_key)
            target, last_of_previous = shorter.next_url, last
            had_self_link = had_self_link or shorter.has_self_link
        if target is None:
            return
        had_self_link = had_self_link or page.has_self_link
        next_url = _checked_next_url(request, target)
        fingerprint = _fingerprint(next_url)
        if fingerprint in seen:
            raise wrong_response(request, "the pages form a loop: a cursor was returned twice")
        if pages_without_rows >= _MOST_PAGES_WITHOUT_ROWS:
            raise wrong_response(request, f"{pages_without_rows} pages in a row without a new row")
        if number >= max_pages:
            raise wrong_response(request, f"the listing has more than {max_pages} pages")
        seen.add(fingerprint)
        request = Request(request.method, next_url, request.path)


def _fetch_page(request: Request, retry_policy: RetryPolicy, rows_key: str | None) -> Flow[_ParsedPage]:
    response = yield from exchange(request, retry_policy)
    doc = parse_body(request, response)
    rows = _rows(request, doc, rows_key)
    links, problem = PageLinks(), None
    try:
        links = page_links(response.headers)
        next_url = links.next_url if rows_key is None else _body_link(doc) or links.next_url
    except ValueError as error:
        next_url, problem = None, f"the links of the page do not parse: {error}"
    limits = [_limit(request.url.query.decode("ascii", "replace")), _limit(links.self_url or "")]
    limit = min((each for each in limits if each is not None), default=None)
    return _ParsedPage(rows, next_url, problem, limit, links.self_url is not None)


def _reason_for_doubt(page: _ParsedPage, count: int, had_self_link: bool, rows_key: str | None) -> str | None:
    """Explain why a page without a next link may not be the last one; None if it is the last one.

    A page with more rows than its limit shows that the endpoint has no limit. A page of one row is accepted
    as the last: there is no smaller page to compare it with.
    """
    if count == page.limit and count > 1:
        return f"the page has {count} rows, as many as were requested, and no link to a next page"
    if rows_key is None and had_self_link and not page.has_self_link:
        return "the page has no Link header, unlike the pages before it"
    return None


def _look_past_end(
    request: Request, count: int, doubt: str, retry_policy: RetryPolicy, rows_key: str | None
) -> Flow[_ParsedPage]:
    """Request a page again with one row less, to find out whether it is the last one.

    Okta's cursors are opaque, so the next page cannot be requested without its link. But a page that is one
    row shorter must link to a next page, which begins with the omitted row. If it has no link either,
    something removes the links.

    Returns:
        The shorter page. It has no link if the listing has become shorter than the page, and so has ended.

    Raises:
        ProtocolError: it remains unknown whether the listing is complete.
        RequestError: the request failed.
    """
    if count > 1:
        shorter = Request(request.method, request.url.copy_set_param("limit", count - 1), request.path)
        page = yield from _fetch_page(shorter, retry_policy, rows_key)
        if page.next_url is not None or (page.problem is None and len(page.rows) < count - 1):
            return page
    raise wrong_response(request, f"{doubt}; there may be more rows, but they cannot be requested")


def _rows(request: Request, doc: Any, rows_key: str | None) -> list[Any]:
    if rows_key is not None:
        if not isinstance(doc, dict):
            raise wrong_response(request, f"the response is not an object with {rows_key!r}")
        doc = doc.get(rows_key)
    if not isinstance(doc, list):
        where = "the response" if rows_key is None else repr(rows_key)
        raise wrong_response(request, f"{where} is not a list")
    if len(doc) > MOST_ROWS:
        raise wrong_response(request, f"{len(doc)} rows on one page")
    return doc


def _equal_rows(rows: list[Any], others: list[Any]) -> bool:
    try:
        return rows == others
    except RecursionError:  # both are nested a thousand levels deep, which only a hostile server sends
        return True


def _same_object(row: Any, other: Any) -> bool:
    """Whether two rows describe the same object, which may have changed between two requests."""
    if isinstance(row, dict) and isinstance(other, dict) and "id" in row:
        return bool(row["id"] == other.get("id"))
    return _equal_rows([row], [other])


def _limit(text: str) -> int | None:
    found = _LIMIT.search(text)
    return int(found[1]) if found else None


def _body_link(doc: dict[str, Any]) -> str | None:
    """Return the link to the next page in a body that is an object; None if there is none.

    Raises:
        ValueError: ``_links.next`` is not a link.
    """
    links = doc.get("_links")
    if links is None or links == []:
        return None
    next_url = links.get("next") if isinstance(links, dict) else links
    if next_url is None:
        return None
    href = next_url.get("href") if isinstance(next_url, dict) else None
    if not isinstance(href, str) or not href:
        raise ValueError("_links.next is not a link")
    return href


def _joined(url: httpx.URL, target: str) -> httpx.URL | None:
    try:
        # Okta's links are absolute. Parsing a link once instead of three times halves the overhead of a page.
        absolute = target.startswith(("https://", "http://"))
        joined = httpx.URL(target) if absolute else url.join(target)
        return joined.copy_with(fragment=None) if joined.fragment else joined
    except (httpx.InvalidURL, ValueError):  # ValueError also covers a lone surrogate
        return None


def _checked_next_url(request: Request, target: str) -> httpx.URL:
    """Return the URL of the next page unchanged, after checking that it is on this org.

    Okta may change the query from page to page.
    """
    url = _joined(request.url, target)
    if url is None:
        raise wrong_response(request, "the link to the next page is not a URL")
    if origin_of(url) != origin_of(request.url) or url.userinfo:
        raise ForeignOriginError(
            "the link to the next page leads to another host or contains a user name: it was not followed",
            method=request.method,
            path=request.path,
        )
    return url


def _fingerprint(url: httpx.URL) -> bytes:
    """Hash the path and cursor of a page, or its path and query if there is no cursor yet."""
    path, _, query = url.raw_path.partition(b"?")
    cursor = next((pair for pair in query.split(b"&") if re.match(rb"after=.", pair)), None)
    return blake2b(path + b"?" + (cursor or query), digest_size=12).digest()
