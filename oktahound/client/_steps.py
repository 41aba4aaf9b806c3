"""The values that flows and the driver exchange.

A flow is a generator. It yields one of the steps below, and the driver sends back the result: an `Outcome`
for a `Request`, nothing for a `Pause`, a bool for a `Renew`. A flow never waits, reads no clock and performs
no I/O, so it can be tested without a network.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import Any, Literal, TypeAlias, TypeVar

import attrs
import httpx

from oktahound.client._body import NOT_JSON, parse_json

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
    """Authentication headers for one request, created when it is sent, because a proof expires.

    Attributes:
        headers: headers to add: credentials and proofs.
        content: the body of a token request; None for a GET.
        generation: the number of the token, from 1; 0 if there is none.
        secrets: texts that no error may repeat if a server echoes them.
    """

    headers: Mapping[str, str] = attrs.field(repr=False)
    content: bytes | None = attrs.field(default=None, repr=False)
    generation: int = 0
    secrets: tuple[str, ...] = attrs.field(default=(), repr=False)


@attrs.define(eq=False)
class Request:
    """Step: send this request. Yielding the same `Request` again is a retry and keeps its queue position.

    Attributes:
        method: GET, or POST for the token endpoint. No other method is ever sent.
        url: the whole URL.
        path: the path template, for rate limiting, counting and errors.
        sign: creates the authentication headers from the wall clock in seconds; None to use the client's
            credential.
        position: the position in the queue, set by the driver; 0 before.
        failed_at: the time at which the first attempt failed, on the monotonic clock; set by the circuit
            breaker.
    """

    method: Literal["GET", "POST"]
    url: httpx.URL
    path: str
    sign: Callable[[float], SignedHeaders] | None = attrs.field(default=None, repr=False)
    position: int = 0
    failed_at: float | None = None


@attrs.frozen
class Pause:
    """Step: wait before the next attempt of a request.

    Attributes:
        seconds: the length of the pause.
        request: method and path template of the request.
        attempt: the attempts so far.
        status: the status of the last response; None if there was none.
        reason: the reason why the last attempt failed, without secrets.
    """

    seconds: float
    request: str = ""
    attempt: int = 0
    status: int | None = None
    reason: str = ""


@attrs.frozen
class Renew:
    """Step: replace the refused credential of this generation. The driver sends back whether it could."""

    generation: int


@attrs.frozen
class Page:
    """One page of a listing.

    Attributes:
        rows: the rows as parsed JSON, in Okta's order.
        number: the number of the page, from 0.
        path: the path template of the request.
    """

    rows: list[Any] = attrs.field(repr=lambda rows: f"<{len(rows)} rows>")
    number: int
    path: str


@attrs.frozen
class Response:
    """A complete response.

    Attributes:
        status: the HTTP status.
        headers: the headers. httpx keeps several headers of one name apart.
        body: the decompressed body.
        at: the time at which the last byte arrived, in seconds of the monotonic clock.
        generation: the generation of the credential of the request.
        secrets: texts that no error may repeat.
        sent_at: the time at which the request was sent, in seconds of the monotonic clock; None if unknown.
        failing_since: the time since which every response of the endpoint has been a transient error of this
            kind; None if this is not a transient error.
        is_no_outage: whether a request has failed for a minute or more while the org answered others, so
            that errors affect single objects.
        doc: the parsed JSON of a 2xx; `NOT_JSON` for other statuses, or if it does not parse.
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
        return parse_json(self.body) if self.status < 300 else NOT_JSON


@attrs.frozen
class TransportFailure:
    """A request without a complete response.

    Attributes:
        kind: ``transport`` (retried), ``damaged`` (a body that does not decode, retried a few times),
            ``oversize`` or ``permanent`` (never retried).
        reason: a description without secrets.
        at: the time at which it failed, in seconds of the monotonic clock.
        never_reached: whether this client never got a response from that address.
        sent_at: the time at which the request was sent, in seconds of the monotonic clock; None if unknown.
        failing_since: the time since which every response of the endpoint has been a transient error.
        is_no_outage: whether a request has failed for a minute or more while the org answered others, so
            that errors affect single objects.
    """

    kind: Literal["transport", "damaged", "oversize", "permanent"]
    reason: str
    at: float
    never_reached: bool = False
    sent_at: float | None = None
    failing_since: float | None = None
    is_no_outage: bool = False


Outcome: TypeAlias = Response | TransportFailure
Step: TypeAlias = Request | Pause | Renew
Flow: TypeAlias = Generator[Step, Any, T]
