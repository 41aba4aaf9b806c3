"""Test cases for every fault of a single response, and the table of the docs made from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from email.utils import formatdate
from typing import Any

import attrs
import httpx
import orjson

from faults.runs import Place
from oktahound import GapReason
from oktahound.sim import Fault, SimulatedOrg

RETRIED, READ, GAP, ERROR = "retried", "read", "gap", "error"

HEAD = ("fault", "outcome", "effect")


@attrs.frozen(kw_only=True)
class Case:
    """One fault.

    Attributes:
        name: the row of the table.
        outcome: `RETRIED` or `READ` (the snapshot is complete), `GAP`, or `ERROR` (the run ends).
        comes_to: the last column of the table.
        how: keywords of `SimulatedOrg.fail`.
        reason: reason of the gap.
        client: keywords of the client.
        only: names of the `places` where it can occur; empty for all.
    """

    name: str
    outcome: str
    comes_to: str
    how: Mapping[str, Any]
    reason: GapReason | None = None
    client: Mapping[str, Any] = attrs.field(factory=dict)
    only: tuple[str, ...] = ()

    def inject(self, org: SimulatedOrg, place: Place) -> Fault:
        """Inject the fault at a place."""
        how = {"skip": place.skip, "times": 1 if self.outcome == RETRIED else None, **self.how}
        return org.fail(place.where, **how)

    def row(self) -> str:
        """The row of the case in the table."""
        outcome = f"{self.outcome}, {self.reason}" if self.reason else self.outcome
        return f"| {self.name} | {outcome} | {self.comes_to} |"


def table(cases: list[Case]) -> str:
    """Return the table of the docs. Cases with the same name and outcome are one row."""
    rows = dict.fromkeys(case.row() for case in cases)
    return "\n".join(["| " + " | ".join(HEAD) + " |", "| --- | --- | --- |", *rows])


def limits(limit: str | None, remaining: str | None, reset: str | None, **more: str | None) -> dict[str, Any]:
    """Return rate limit headers that replace those of the org; None removes one."""
    names = {"X-Rate-Limit-Limit": limit, "X-Rate-Limit-Remaining": remaining, "X-Rate-Limit-Reset": reset}
    return names | {name.replace("_", "-"): value for name, value in more.items()}


def twice(name: str, how: Mapping[str, Any], reason: GapReason, given_up: str, **more: Any) -> list[Case]:
    """Return a transient fault and the same permanent one."""
    return [
        Case(name=f"{name}, once", outcome=RETRIED, comes_to="nothing is lost", how=how, **more),
        Case(name=f"{name}, every time", outcome=GAP, comes_to=given_up, how=how, reason=reason, **more),
    ]


def mangled(change: Callable[[Any], Any]) -> dict[str, Any]:
    """Return a fault that changes the document of a response."""
    return {"mangle": lambda body: orjson.dumps(change(orjson.loads(body)))}


def rows_changed(change: Callable[[list[Any]], Any]) -> dict[str, Any]:
    """Return a fault that changes the rows of a response, in any form of listing."""

    def of(doc: Any) -> Any:
        if isinstance(doc, list):
            return change(doc)
        return {name: change(rows) if isinstance(rows, list) else rows for name, rows in doc.items()}

    return mangled(of)


BUDGET = "retried with growing pauses until `retry_budget` is used up"
THRICE = "requested three times"
ONCE = "not retried"
YEAR = "31536000"
FAR = formatdate(4_000_000_000, usegmt=True)

CASES: list[Case] = [
    *[
        Case(
            name=f"429 {name}, once", outcome=RETRIED, comes_to=then, how={"status": 429, "headers": headers}
        )
        for name, then, headers in [
            ("with its window", "the bucket waits until the window has ended", {}),
            (
                "without headers",
                "that request waits briefly",
                limits(None, None, None),
            ),
            ("without `Date`", "that request waits briefly", {"Date": None}),
            (
                "of the concurrency limit (limit 0)",
                "that request waits briefly; the reset time is ignored",
                limits("0", "0", "99"),
            ),
            *[
                ("with invalid headers", "that request waits briefly", headers)
                for headers in (
                    limits("10", "0", "99999999999"),
                    limits("10", "0", "0"),
                    limits("10", "0", "-5"),
                    limits("NaN", "0", "soon"),
                    limits("9" * 200, "9" * 200, "9" * 200),
                    limits("10", "0", "1e300", Date=FAR),
                    limits(None, None, None, Retry_After=YEAR),
                    limits(None, None, None, Retry_After="-1"),
                    limits(None, None, None, Retry_After=FAR),
                )
            ],
            (
                "with `Retry-After` of up to five minutes",
                "that request waits that long",
                limits(None, None, None, Retry_After="299"),
            ),
        ]
    ],
    Case(
        name="429, every time",
        outcome=GAP,
        comes_to="retried in every window until `rate_limit_budget` is used up",
        how={"status": 429},
        reason=GapReason.RATE_LIMITED,
    ),
    *[
        case
        for status in (500, 502, 503, 504)
        for case in twice("500, 502, 503 or 504", {"status": status}, GapReason.SERVER, BUDGET)
    ],
    *[
        case
        for name, errors in [
            ("connection refused", [httpx.ConnectError]),
            (
                "connection reset before the answer",
                [httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError],
            ),
            (
                "timeout: connecting, reading, writing, or waiting for a free connection",
                [httpx.ConnectTimeout, httpx.ReadTimeout, httpx.WriteTimeout, httpx.PoolTimeout],
            ),
        ]
        for error in errors
        for case in twice(name, {"error": error}, GapReason.TRANSPORT, BUDGET)
    ],
    *[
        case
        for error in (httpx.ReadError, httpx.RemoteProtocolError)
        for case in twice(
            "connection reset while the body is sent",
            {"in_body": True, "error": error},
            GapReason.TRANSPORT,
            BUDGET,
        )
    ],
    *twice("no answer within `timeout`", {"delay": 3600.0}, GapReason.TRANSPORT, BUDGET),
    Case(name="a slow body", outcome=READ, comes_to="waited for, up to `timeout`", how={"drip": 0.1}),
    *twice(
        "a body slower than `timeout`", {"drip": 20.0}, GapReason.TRANSPORT, BUDGET, client={"timeout": 15.0}
    ),
    *twice("truncated JSON", {"mangle": "truncate"}, GapReason.PROTOCOL, THRICE),
    *twice("an empty body", {"mangle": "empty"}, GapReason.PROTOCOL, THRICE),
    *twice("status 204", {"status": 204, "content": b""}, GapReason.PROTOCOL, THRICE),
    *[
        case
        for body in (b"\x89PNG\r\n\x1a\n", b"[NaN]", b'["\xff\xfe"]', b"[" * 5000 + b"]" * 5000)
        for case in twice(
            "not JSON: binary, `NaN`, not UTF-8, deeper than 1024",
            {"mangle": lambda _, body=body: body},
            GapReason.PROTOCOL,
            THRICE,
        )
    ],
    *[
        case
        for how in (
            {"headers": {"Content-Encoding": "gzip"}},
            {"headers": {"Content-Encoding": "gzip, gzip"}},
            {"headers": {"Content-Encoding": "br"}},
        )
        for case in twice(
            "a body that does not decompress, or is encoded twice or otherwise than by gzip or deflate",
            how | {"drip": 0.01},
            GapReason.PROTOCOL,
            THRICE,
        )
    ],
    Case(
        name="HTML with status 200",
        outcome=GAP,
        comes_to=ONCE,
        how={"mangle": "html"},
        reason=GapReason.PROTOCOL,
    ),
    Case(
        name="JSON under a wrong content type",
        outcome=READ,
        comes_to="parsed as JSON",
        how={"headers": {"Content-Type": "text/plain"}},
    ),
    Case(
        name="a body ten times the expected size",
        outcome=READ,
        comes_to="read, up to `max_body`",
        how=rows_changed(lambda rows: rows * 10),
    ),
    Case(
        name="a body larger than `max_body`, compressed or not",
        outcome=GAP,
        comes_to="reading stops at the limit; " + ONCE,
        how={"mangle": lambda body: body + b" " * 3_000_000},
        reason=GapReason.PROTOCOL,
        client={"max_body": 1_000_000},
    ),
    Case(
        name="more than 100,000 rows on a page",
        outcome=GAP,
        comes_to=ONCE,
        how=rows_changed(lambda _: [{}] * 100_001),
        reason=GapReason.PROTOCOL,
    ),
    *[
        Case(
            name="cursor rejected in the middle of the listing: 400 `E0000029` or `E0000031`",
            outcome=GAP,
            comes_to="the rows before are kept, and counted in the gap",
            how={"status": 400, "code": code},
            reason=GapReason.REJECTED,
        )
        for code in ("E0000029", "E0000031")
    ],
    Case(
        name="a page that repeats rows",
        outcome=READ,
        comes_to="each object is kept once",
        how=rows_changed(lambda rows: [*rows, *reversed(rows)]),
    ),
    Case(
        name="404 for a listing, or for one object that was listed",
        outcome=GAP,
        comes_to="the others are read",
        how={"status": 404},
        reason=GapReason.NOT_FOUND,
    ),
    Case(
        name="403 `E0000006`",
        outcome=GAP,
        comes_to=ONCE + "; after ten objects in a row, the others are not requested",
        how={"status": 403},
        reason=GapReason.FORBIDDEN,
    ),
    Case(
        name="401 `E0000015`: the org lacks the feature",
        outcome=GAP,
        comes_to=ONCE + "; after ten objects in a row, the others are not requested",
        how={"status": 401, "code": "E0000015"},
        reason=GapReason.NOT_LICENSED,
    ),
    *[
        Case(
            name="401 of any other kind, 403 `E0000005`: the credential is not valid",
            outcome=ERROR,
            comes_to="`AuthenticationError`, after one try with a new token",
            how={"status": status, "code": code},
        )
        for status, code in ((401, "E0000011"), (401, None), (403, "E0000005"))
    ],
    *[
        Case(
            name="another 4xx",
            outcome=GAP,
            comes_to=ONCE,
            how={"status": status, "content": b"{}"},
            reason=GapReason.REJECTED,
        )
        for status in (400, 405, 410, 418, 451)
    ],
    *[
        Case(
            name="another status: 1xx, 2xx without JSON, 304, 501, 999",
            outcome=GAP,
            comes_to="requested three times at most",
            how={"status": status, "content": b""},
            reason=reason,
        )
        for status, reason in (
            (101, GapReason.PROTOCOL),
            (206, GapReason.PROTOCOL),
            (304, GapReason.PROTOCOL),
            (501, GapReason.SERVER),
            (999, GapReason.SERVER),
        )
    ],
    *[
        Case(
            name="200 replaced by another 2xx with JSON, such as 206",
            outcome=GAP,
            comes_to="not accepted as complete; not retried",
            how={"status": status, "content": b"[]"},
            reason=GapReason.PROTOCOL,
        )
        for status in (201, 203, 206)
    ],
    *[
        Case(
            name="a redirect",
            outcome=GAP,
            comes_to="not followed",
            how={"status": status, "content": b"", "headers": {"Location": there}},
            reason=GapReason.PROTOCOL,
        )
        for status, there in (
            (301, "https://evil.example/api"),
            (302, "/api/v1/logs"),
            (307, "https://["),
            (308, "\x7f"),
            (303, "javascript:x"),
        )
    ],
    *[
        Case(
            name="another value in place of the list of rows: an object, a text, a number, `null`",
            outcome=GAP,
            comes_to=ONCE,
            how={"mangle": lambda _, body=body: body},
            reason=GapReason.PROTOCOL,
        )
        for body in (b'{"id": "00u1"}', b'"rows"', b"17", b"null", b'{"users": {}}')
    ],
    Case(
        name="rows that are not objects",
        outcome=GAP,
        comes_to="each such row is a gap; the others are read",
        how=rows_changed(lambda rows: [*rows, 7, None, "x", [[]]]),
        reason=GapReason.RECORD,
    ),
    Case(
        name="a duplicate name in a JSON object",
        outcome=READ,
        comes_to="the last one counts",
        how={"mangle": lambda body: body.replace(b'{"id":', b'{"id":"evil","id":')},
    ),
    Case(
        name="a lone surrogate in a text",
        outcome=READ,
        comes_to="becomes U+FFFD",
        how={"mangle": lambda body: body.replace(b'{"id":', rb'{"odd":"\ud83d \udfff","id":')},
    ),
    Case(
        name="a number too large for a float",
        outcome=READ,
        comes_to="becomes the largest float",
        how={"mangle": lambda body: body.replace(b'{"id":', b'{"odd":-1e999,"id":')},
    ),
    *[
        Case(
            name="unexpected cookies and headers",
            outcome=READ,
            comes_to="ignored, and never sent back",
            how={"headers": {name: value}},
        )
        for name, value in (
            ("Set-Cookie", "sid=stolen; Domain=okta.com; Path=/"),
            ("Set-Cookie", ";" * 9000),
            ("WWW-Authenticate", "a" * 60_000),
            ("X-Anything", "x" * 60_000),
            ("Date", "(" * 60_000),
            ("X-Rate-Limit-Remaining", "-1"),
        )
    ],
]

LINK_CASES: list[Case] = [
    *[
        Case(
            name="a `next` link to another scheme, host or port, or with a user name",
            outcome=GAP,
            comes_to="not followed: no request goes there",
            how={"next_link": link, "skip": 0},
            reason=GapReason.PROTOCOL,
            only=("users", "members"),
        )
        for link in (
            "https://evil.example/api/v1/users?after=1",
            "http://contoso.okta.com/api/v1/users?after=1",
            "https://contoso.okta.com:444/api/v1/users?after=1",
            "//evil.example/api/v1/users",
            "https://contoso.okta.com@evil.example/",
            "https://me:pass@contoso.okta.com/api/v1/users?after=1",
        )
    ],
    Case(
        name="a `next` link to a page that was already read",
        outcome=GAP,
        comes_to="not followed",
        how={"next_link": "https://contoso.okta.com/api/v1/users?limit=200"},
        reason=GapReason.PROTOCOL,
        only=("users",),
    ),
    *[
        Case(
            name="an invalid `Link` header",
            outcome=GAP,
            comes_to="not treated as the end of the listing",
            how={"headers": {"Link": link}, "skip": 0},
            reason=GapReason.PROTOCOL,
            only=("users", "members"),
        )
        for link in (
            "garbage",
            '<https://contoso.okta.com/x>; rel="self", next',
            '<https://contoso.okta.com/x> rel="next"',
            '<https://contoso.okta.com/x>; rel="next-page"',
            "<" * 5000,
            '"' * 5000,
        )
    ],
    Case(
        name="a full page without the `Link` header that it had",
        outcome=GAP,
        comes_to="requested again with one row less, to find further rows; that page has no header either",
        how={"headers": {"Link": '<https://contoso.okta.com/api/v1/users?limit=5>; rel="self"'}, "skip": 0},
        reason=GapReason.PROTOCOL,
        only=("users", "members"),
    ),
    Case(
        name="a last page without a `Link` header, where the pages before had one",
        outcome=GAP,
        comes_to="the same",
        how={"headers": {"Link": None}},
        reason=GapReason.PROTOCOL,
        only=("users",),
    ),
]
