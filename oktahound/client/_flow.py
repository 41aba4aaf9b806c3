"""One request, and one paged listing, as flows of steps."""

from __future__ import annotations

import re
from collections.abc import Generator
from hashlib import blake2b
from typing import Any

import httpx

from oktahound.client._error_responses import error_of_response, needs_dpop_nonce, rejects_token
from oktahound.client._headers import garbled_links, next_link
from oktahound.client._json import NOT_JSON
from oktahound.client._retry import RetryPolicy, attempts
from oktahound.client._steps import Flow, Page, Renew, Request, Response, Step
from oktahound.client._url import origin_of
from oktahound.errors import ForeignOriginError, ProtocolError

__all__ = ["MOST_PAGES", "MOST_ROWS", "document", "exchange", "listing"]

MOST_PAGES = 100_000
"""Pages a listing may have: at Okta's 200 a page, twenty million users."""

MOST_ROWS = 100_000
"""Rows a page may have; Okta's largest pages have ten thousand."""

# Okta may send an empty page in the middle of a filtered listing; not this many in a row.
_IDLE_PAGES = 100


def exchange(ask: Request, retry_policy: RetryPolicy) -> Flow[Response]:
    """Ask until there is a 2xx, with one new credential and one new nonce at most.

    Raises:
        RequestError: the answer is final and not a 2xx, or the retry budget is spent.
    """
    renewed = repeated = False
    while True:
        response = yield from attempts(ask, retry_policy)
        if 200 <= response.status < 300:
            return response
        if needs_dpop_nonce(response) and not repeated:
            repeated = True  # the driver has read the nonce: the next proof carries it
            continue
        if rejects_token(response) and not renewed:
            renewed = True
            if (yield Renew(response.generation)):
                continue
        raise error_of_response(ask, response)


def document(ask: Request, retry_policy: RetryPolicy) -> Flow[Any]:
    """The parsed JSON of one GET.

    Raises:
        RequestError: it failed.
    """
    response = yield from exchange(ask, retry_policy)
    return _json_of(ask, response)


def listing(
    ask: Request, retry_policy: RetryPolicy, rows_key: str | None, max_pages: int = MOST_PAGES
) -> Generator[Step | Page, Any, None]:
    """Walk a paged listing: a `Page` for each answer, in order.

    Without `rows_key` an answer is a list and the next page stands in a ``Link`` header; with it an
    answer is an object, the rows stand under that key, and the next page under ``_links.next.href``.

    Raises:
        ForeignOriginError: the next page is not on this org; nothing was sent there.
        ProtocolError: an answer has the wrong shape, or the pages go in a circle or do not end.
        RequestError: a request failed.
    """
    seen = {_mark(ask.url)}
    number = idle = 0
    before: list[Any] = []
    while True:
        response = yield from exchange(ask, retry_policy)
        doc = _json_of(ask, response)
        rows = _rows(ask, doc, rows_key)
        target = _header_link(ask, response) if rows_key is None else _body_link(ask, doc)
        del response, doc
        idle = idle + 1 if not rows or _same(rows, before) else 0
        before = rows
        yield Page(rows, number, ask.path)
        if target is None:
            return
        number += 1
        following = _followed(ask, target)
        mark = _mark(following)
        if mark in seen:
            raise _wrong(ask, "the pages go in a circle: a cursor came twice")
        if idle >= _IDLE_PAGES:
            raise _wrong(ask, f"{idle} pages in a row without a new row")
        if number >= max_pages:
            raise _wrong(ask, f"the listing has more than {max_pages} pages")
        seen.add(mark)
        ask = Request(ask.method, following, ask.path)


def _wrong(ask: Request, message: str, status: int | None = None) -> ProtocolError:
    return ProtocolError(message, method=ask.method, path=ask.path, status=status)


def _json_of(ask: Request, response: Response) -> Any:
    if response.doc is not NOT_JSON:
        return response.doc
    if not response.body.strip():
        raise _wrong(ask, "the answer is empty", response.status)
    if "html" in response.headers.get("content-type", "").lower():
        raise _wrong(ask, "the answer is a web page and not JSON", response.status)
    raise _wrong(ask, "the answer is not JSON, or was cut short", response.status)


def _rows(ask: Request, doc: Any, rows_key: str | None) -> list[Any]:
    if rows_key is not None:
        if not isinstance(doc, dict):
            raise _wrong(ask, f"an object with {rows_key!r} was expected")
        doc = doc.get(rows_key)
    if not isinstance(doc, list):
        where = "the answer" if rows_key is None else repr(rows_key)
        raise _wrong(ask, f"{where} is not a list")
    if len(doc) > MOST_ROWS:
        raise _wrong(ask, f"{len(doc)} rows on one page")
    return doc


def _same(rows: list[Any], others: list[Any]) -> bool:
    try:
        return rows == others
    except RecursionError:  # both nested a thousand deep: a page that is hostile anyway, and no other rows
        return True


def _header_link(ask: Request, response: Response) -> str | None:
    target = next_link(response.headers)
    if target is None and garbled_links(response.headers):
        # Not the end of the listing: nobody knows whether it is.
        raise _wrong(ask, "the Link header makes no sense", response.status)
    return target


def _body_link(ask: Request, doc: dict[str, Any]) -> str | None:
    links = doc.get("_links")
    following = links.get("next") if isinstance(links, dict) else None
    if following is None:
        return None
    href = following.get("href") if isinstance(following, dict) else None
    if not isinstance(href, str) or not href:
        raise _wrong(ask, "the link to the next page is not a link")
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
        raise _wrong(ask, "the link to the next page is not a URL")
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
