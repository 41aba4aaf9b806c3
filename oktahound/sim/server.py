"""Handle requests: apply faults, rate limits, authentication and routing, and add the common headers."""

from __future__ import annotations

from contextlib import suppress
from email.utils import formatdate

import attrs
import httpx
import orjson

from oktahound.clock import Clock
from oktahound.sim.credentials import Credentials, covers
from oktahound.sim.dpop import BadProof, check_proof
from oktahound.sim.errors import (
    JSON_TYPE,
    Refusal,
    expired_access_token,
    insufficient_scope,
    invalid_session,
    invalid_token,
    too_many_requests,
    unknown_org,
)
from oktahound.sim.faults import Denial, Fault
from oktahound.sim.limits import Gauge, Meter
from oktahound.sim.oauth import TOKEN_PATH, issue_token
from oktahound.sim.paging import cut
from oktahound.sim.routing import Answer, Call, Page, Route, Router, Rows
from oktahound.sim.world import World

__all__ = ["Received", "Response", "Server"]

_CODES = {
    400: "E0000001",
    401: "E0000011",
    403: "E0000006",
    404: "E0000007",
    429: "E0000047",
    500: "E0000009",
}
"""The error code for a status, for faults with only a status."""

_CAUSES = {"E0000029": ("Invalid cursor.",), "E0000031": ("Invalid cursor.",)}


@attrs.frozen
class Received:
    """One request to a simulated org, without its credential.

    Attributes:
        method: the HTTP method.
        host: the requested host; requests to another host than the org's got a web page.
        path: the requested path.
        template: the template of its route; None if no route matches.
        query: the query parameters.
        status: the status of the response; None if the connection broke.
        caller: the id of the API token or of the OAuth client; None if it is unknown.
    """

    method: str
    host: str
    path: str
    template: str | None
    query: dict[str, str] = attrs.field(repr=False)
    status: int | None
    caller: str | None


@attrs.define
class Response:
    """A response under construction."""

    status: int
    content: bytes
    headers: list[tuple[str, str]]

    def set_header(self, name: str, text: str | None) -> None:
        """Replace or remove a header."""
        self.headers = [(known, held) for known, held in self.headers if known.lower() != name.lower()]
        if text is not None:
            self.headers.append((name, text))


@attrs.define
class _Visit:
    """The data of a request while it is handled."""

    request: httpx.Request
    route: Route | None = None
    ids: dict[str, str] = attrs.field(factory=dict)
    caller: str | None = None
    gauge: Gauge | None = None
    fault: Fault | None = None


class Server:
    """Handles requests to one simulated org. It has no socket and never waits; transports do that."""

    def __init__(
        self, world: World, credentials: Credentials, meter: Meter, clock: Clock, router: Router
    ) -> None:
        self.world = world
        self.credentials = credentials
        self.meter = meter
        self.clock = clock
        self.faults: list[Fault] = []
        self.denials: list[Denial] = []
        self.received: list[Received] = []
        self.page_size: int | None = None
        self.in_flight = self.most_in_flight = 0
        self._router = router

    def fault_for(self, request: httpx.Request) -> Fault | None:
        """Return the first fault that applies to this request."""
        if not self.faults:
            return None
        try:
            template: str | None = self._router.find(request.method, request.url.path)[0].template
        except Refusal:
            template = None
        return next((fault for fault in self.faults if fault.strikes(request, template)), None)

    def answer(self, request: httpx.Request, fault: Fault | None = None) -> Response:
        """Return the response to a request, changed by `fault`. The body of the request was read before."""
        visit = _Visit(request, fault=fault)
        try:
            reply = self._serve(visit)
        except Refusal as refusal:
            reply = self._refuse(visit, refusal)
        reply.headers[:0] = [
            ("Date", formatdate(self.clock.time(), usegmt=True)),
            ("X-Okta-Request-Id", self.world.ids.request()),
        ]
        if fault is not None:
            _spoil(reply, fault)
        self._log(visit, reply.status)
        return reply

    def broke(self, request: httpx.Request) -> None:
        """Record a request without a response."""
        visit = _Visit(request)
        with suppress(Refusal):
            visit.route = self._router.find(request.method, request.url.path)[0]
        self._log(visit, None)

    def _log(self, visit: _Visit, status: int | None) -> None:
        url = visit.request.url
        template = visit.route.template if visit.route else None
        # The query of a token request can hold a client assertion.
        query = {} if template == TOKEN_PATH else dict(url.params)
        self.received.append(
            Received(visit.request.method, url.host, url.path, template, query, status, visit.caller)
        )

    def _serve(self, visit: _Visit) -> Response:
        request = visit.request
        if request.url.raw_host.decode("ascii") != self.world.domain:
            raise unknown_org()
        route, visit.ids = self._router.find(request.method, request.url.path)
        visit.route = route
        visit.gauge = self.meter.crowded(self.in_flight)
        if visit.gauge is not None:
            raise too_many_requests()
        scopes = self._authenticate(visit, route)
        visit.gauge = self.meter.count(route.bucket)
        if visit.gauge.exceeded:
            raise too_many_requests()
        self._authorize(visit, route, scopes)
        if visit.fault is not None and visit.fault.status is not None:
            raise self._fault_refusal(visit.fault, visit.gauge, visit)
        if route.answer is None:
            body, more = issue_token(
                request, self.credentials, self.clock, self.world.log.record_token_request
            )
            return self._reply(visit, 200, orjson.dumps(body), list(more.items()))
        query = dict(request.url.params)
        return self._answer(visit, route, query, route.answer(Call(self.world, visit.ids, query)))

    def _answer(self, visit: _Visit, route: Route, query: dict[str, str], found: Answer) -> Response:
        if isinstance(found, Rows):
            address = self.world.url + visit.request.url.path.rstrip("/")
            found = cut(found, route, address, query, self.world.ids, at_most=self.page_size)
        if isinstance(found, Page):
            return self._reply(visit, 200, found.body, [("Link", link) for link in found.links])
        return self._reply(visit, 200, found if isinstance(found, bytes) else orjson.dumps(found), [])

    def _authenticate(self, visit: _Visit, route: Route) -> frozenset[str] | None:
        """Authenticate the caller. Returns the scopes of its OAuth token; None for an API token."""
        if route.template == TOKEN_PATH:
            return None
        scheme, _, text = visit.request.headers.get("authorization", "").partition(" ")
        if scheme == "SSWS":
            visit.caller = self.credentials.api_token_id(text)
            if visit.caller is None:
                raise invalid_token()
            return None
        token = self.credentials.access_token(text)
        if token is None or scheme != token.scheme:
            raise invalid_session()
        if token.proof_key is not None:
            try:
                signer = check_proof(visit.request, self.credentials, self.clock, access_token=text)
            except BadProof as bad:
                raise invalid_session() from bad
            if signer != token.proof_key:
                raise invalid_session()
        visit.caller = token.client_id
        if token.expires <= self.clock.time():
            raise expired_access_token(self.world.url, scheme, " ".join(route.scopes))
        return token.scopes

    def _authorize(self, visit: _Visit, route: Route, scopes: frozenset[str] | None) -> None:
        if scopes is not None:
            for scope in route.scopes:
                if not covers(scopes, scope):
                    scheme = visit.request.headers["authorization"].partition(" ")[0]
                    raise insufficient_scope(self.world.url, scheme, scope)
        for denial in self.denials:
            if denial.applies(visit.request, route):
                raise denial.refusal()

    def _fault_refusal(self, fault: Fault, gauge: Gauge, visit: _Visit) -> Refusal:
        status = fault.status or 200
        if status == 429:
            visit.gauge = attrs.evolve(gauge, remaining=0)
        if fault.content is not None:
            return Refusal(status, content=fault.content, content_type=fault.content_type or JSON_TYPE)
        code = fault.code or _CODES.get(status)
        if code is None:
            # 502, 503 and 504 come from proxies in front of Okta, which do not use its JSON format.
            return Refusal(status, content=b"<html><body>error</body></html>", content_type="text/html")
        return Refusal(status, code, "the request", causes=_CAUSES.get(code, ()))

    def _refuse(self, visit: _Visit, refusal: Refusal) -> Response:
        headers = list(refusal.headers.items())
        content = refusal.body(self.world.ids)
        gauge = visit.gauge if refusal.counted else None
        return self._reply(
            attrs.evolve(visit, gauge=gauge), refusal.status, content, headers, refusal.content_type
        )

    def _reply(
        self,
        visit: _Visit,
        status: int,
        content: bytes,
        more: list[tuple[str, str]],
        content_type: str | None = JSON_TYPE,
    ) -> Response:
        headers = [] if content_type is None else [("Content-Type", content_type)]
        if visit.gauge is not None:
            headers += visit.gauge.headers()
        return Response(status, content, headers + more)


def _spoil(reply: Response, fault: Fault) -> None:
    reply.content = fault.mangled(reply.content)
    if fault.mangle == "html":
        reply.set_header("Content-Type", "text/html")
    if fault.next_link is not None:
        kept = [(name, text) for name, text in reply.headers if 'rel="next"' not in text]
        reply.headers = [*kept, ("Link", f'<{fault.next_link}>; rel="next"')]
    for name, header in fault.headers.items():
        reply.set_header(name, header)
