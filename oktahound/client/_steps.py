"""What flows say to the driver, and what the driver answers: plain values, no behaviour.

A flow is a generator. It yields one of the steps below, and whoever drives it sends the answer back
in: an `Outcome` for an `Request`, nothing for a `Pause`, a bool for a `Renew`. A flow never waits, never
reads a clock and never touches the network, so it can be tested by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import Any, Literal, TypeAlias, TypeVar

import attrs
import httpx

from oktahound.client._json import NOT_JSON, parsed

__all__ = [
    "Flow",
    "Outcome",
    "Page",
    "Pause",
    "Renew",
    "Request",
    "Response",
    "SignedHeaders",
    "Step",
    "TransportFailure",
]

T = TypeVar("T")


@attrs.frozen
class SignedHeaders:
    """What goes on a request at the moment it is sent, because it is only good for that moment.

    Attributes:
        headers: headers to add: credentials and proofs.
        content: the body, for the token request; None for a GET.
        generation: which token this is, counted from 1; 0 when there is none.
        secrets: the texts in it that no error may repeat, should a server echo them.
    """

    headers: Mapping[str, str] = attrs.field(repr=False)
    content: bytes | None = attrs.field(default=None, repr=False)
    generation: int = 0
    secrets: tuple[str, ...] = attrs.field(default=(), repr=False)


@attrs.define(eq=False)
class Request:
    """Send this request. The same `Request` yielded again is a retry and keeps its place in line.

    Attributes:
        method: GET, or POST for the token endpoint; nothing else is ever sent.
        url: the whole URL.
        path: the path template, for pacing, counting and errors.
        dress: makes the credentials, from the wall clock in seconds; None for the client's own.
        turn: the place in line; set by the driver, 0 before.
        failed_at: when the first attempt failed, on the monotonic clock; set by the driver.
    """

    method: Literal["GET", "POST"]
    url: httpx.URL
    path: str
    dress: Callable[[float], SignedHeaders] | None = attrs.field(default=None, repr=False)
    turn: int = 0
    failed_at: float | None = None


@attrs.frozen
class Pause:
    """Let this many seconds pass."""

    seconds: float


@attrs.frozen
class Renew:
    """The credential of this generation was refused: get another. Answered with whether that can be."""

    generation: int


@attrs.frozen
class Page:
    """One page of a listing.

    Attributes:
        rows: the rows as parsed JSON, in Okta's order.
        number: which page this is, from 0.
        path: the path template that was asked for.
    """

    rows: list[Any] = attrs.field(repr=lambda rows: f"<{len(rows)} rows>")
    number: int
    path: str


@attrs.frozen
class Response:
    """A whole answer.

    Attributes:
        status: the HTTP status.
        headers: the headers; several of one name are kept apart by httpx.
        body: the body, decompressed.
        at: the monotonic clock, in seconds, when the last byte had come.
        generation: the credential it was asked with.
        secrets: what no error may repeat.
        sent_at: the monotonic clock when the request was sent; None when not known.
        failing_since: since when every response of the endpoint has been a transient error of this kind;
            None when this is none.
        is_no_outage: whether some request has failed for a minute and more while the org answered others,
            so that errors are about single objects.
        doc: the body as JSON if this is a 2xx; `NOT_JSON` otherwise, or when it does not parse.
    """

    status: int
    headers: httpx.Headers = attrs.field(repr=False)
    body: bytes = attrs.field(repr=False)
    at: float
    generation: int = 0
    secrets: tuple[str, ...] = attrs.field(default=(), repr=False)
    sent_at: float | None = None
    failing_since: float | None = None
    is_no_outage: bool = False
    doc: Any = attrs.field(init=False, repr=False, eq=False)

    @doc.default
    def _parse_once(self) -> Any:
        return parsed(self.body) if self.status < 300 else NOT_JSON


@attrs.frozen
class TransportFailure:
    """No whole answer came.

    Attributes:
        kind: ``transport`` (worth another try), ``damaged`` (a body that does not decode: worth a
            few), ``oversize`` and ``hopeless`` (not worth any).
        reason: what happened, in words that hold no secret.
        at: the monotonic clock, in seconds.
        stranger: whether nobody at that address ever answered this client.
        sent_at: the monotonic clock when the request was sent; None when not known.
        failing_since: since when every response of the endpoint has been a transient error.
        is_no_outage: whether some request has failed for a minute and more while the org answered others,
            so that errors are about single objects.
    """

    kind: Literal["transport", "damaged", "oversize", "hopeless"]
    reason: str
    at: float
    stranger: bool = False
    sent_at: float | None = None
    failing_since: float | None = None
    is_no_outage: bool = False


Outcome: TypeAlias = Response | TransportFailure
Step: TypeAlias = Request | Pause | Renew
Flow: TypeAlias = Generator[Step, Any, T]
