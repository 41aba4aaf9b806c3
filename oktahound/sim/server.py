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
from oktahound.sim.limits import LimitHeaders, Meter
from oktahound.sim.oauth import TOKEN_PATH, issue_token
from oktahound.sim.paging import page_of
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
class _RequestState:
    """The state of a request while it is handled."""

    request: httpx.Request
    route: Route | None = None
    ids: dict[str, str] = attrs.field(factory=dict)
    caller: str | None = None
    limits: LimitHeaders | None = None
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
        return next((fault for fault in self.faults if fault.applies_to(request, template)), None)

    def answer(self, request: httpx.Request, fault: Fault | None = None) -> Response:
        """Return the response to a request, changed by `fault`. The body of the request was read before."""
        state = _RequestState(request, fault=fault)
        try:
            response = self._serve(state)
        except Refusal as refusal:
            response = self._refuse(state, refusal)
        response.headers[:0] = [
            ("Date", formatdate(self.clock.time(), usegmt=True)),
            ("X-Okta-Request-Id", self.world.ids.request()),
        ]
        if fault is not None:
            _apply_fault(response, fault)
        self._log(state, response.status)
        return response

    def record_broken(self, request: httpx.Request) -> None:
        """Record a request without a response."""
        state = _RequestState(request)
        with suppress(Refusal):
            state.route = self._router.find(request.method, request.url.path)[0]
        self._log(state, None)

    def _log(self, state: _RequestState, status: int | None) -> None:
        url = state.request.url
        template = state.route.template if state.route else None
        # The query of a token request can hold a client assertion.
        query = {} if template == TOKEN_PATH else dict(url.params)
        self.received.append(
            Received(state.request.method, url.host, url.path, template, query, status, state.caller)
        )

    def _serve(self, state: _RequestState) -> Response:
        request = state.request
        if request.url.raw_host.decode("ascii") != self.world.domain:
            raise unknown_org()
        route, state.ids = self._router.find(request.method, request.url.path)
        state.route = route
        state.limits = self.meter.concurrency_refusal(self.in_flight)
        if state.limits is not None:
            raise too_many_requests()
        scopes = self._authenticate(state, route)
        state.limits = self.meter.count(route.bucket)
        if state.limits.exceeded:
            raise too_many_requests()
        self._authorize(state, route, scopes)
        if state.fault is not None and state.fault.status is not None:
            raise self._fault_refusal(state.fault, state.limits, state)
        if route.answer is None:
            body, more = issue_token(
                request, self.credentials, self.clock, self.world.log.record_token_request
            )
            return self._response(state, 200, orjson.dumps(body), list(more.items()))
        query = dict(request.url.params)
        return self._answer(state, route, query, route.answer(Call(self.world, state.ids, query)))

    def _answer(self, state: _RequestState, route: Route, query: dict[str, str], found: Answer) -> Response:
        if isinstance(found, Rows):
            address = self.world.url + state.request.url.path.rstrip("/")
            found = page_of(found, route, address, query, self.world.ids, at_most=self.page_size)
        if isinstance(found, Page):
            return self._response(state, 200, found.body, [("Link", link) for link in found.links])
        return self._response(state, 200, found if isinstance(found, bytes) else orjson.dumps(found), [])

    def _authenticate(self, state: _RequestState, route: Route) -> frozenset[str] | None:
        """Authenticate the caller. Returns the scopes of its OAuth token; None for an API token."""
        if route.template == TOKEN_PATH:
            return None
        scheme, _, text = state.request.headers.get("authorization", "").partition(" ")
        if scheme == "SSWS":
            state.caller = self.credentials.api_token_id(text)
            if state.caller is None:
                raise invalid_token()
            return None
        token = self.credentials.access_token(text)
        if token is None or scheme != token.scheme:
            raise invalid_session()
        if token.proof_key is not None:
            try:
                signer = check_proof(state.request, self.credentials, self.clock, access_token=text)
            except BadProof as bad:
                raise invalid_session() from bad
            if signer != token.proof_key:
                raise invalid_session()
        state.caller = token.client_id
        if token.expires <= self.clock.time():
            raise expired_access_token(self.world.url, scheme, " ".join(route.scopes))
        return token.scopes

    def _authorize(self, state: _RequestState, route: Route, scopes: frozenset[str] | None) -> None:
        if scopes is not None:
            for scope in route.scopes:
                if not covers(scopes, scope):
                    scheme = state.request.headers["authorization"].partition(" ")[0]
                    raise insufficient_scope(self.world.url, scheme, scope)
        for denial in self.denials:
            if denial.applies(state.request, route):
                raise denial.refusal()

    def _fault_refusal(self, fault: Fault, limits: LimitHeaders, state: _RequestState) -> Refusal:
        status = fault.status or 200
        if status == 429:
            state.limits = attrs.evolve(limits, remaining=0)
        if fault.content is not None:
            return Refusal(status, content=fault.content, content_type=fault.content_type or JSON_TYPE)
        code = fault.code or _CODES.get(status)
        if code is None:
            # 502, 503 and 504 come from proxies in front of Okta, which do not use its JSON format.
            return Refusal(status, content=b"<html><body>error</body></html>", content_type="text/html")
        return Refusal(status, code, "the request", causes=_CAUSES.get(code, ()))

    def _refuse(self, state: _RequestState, refusal: Refusal) -> Response:
        headers = list(refusal.headers.items())
        content = refusal.body(self.world.ids)
        limits = state.limits if refusal.counted else None
        return self._response(
            attrs.evolve(state, limits=limits), refusal.status, content, headers, refusal.content_type
        )

    def _response(
        self,
        state: _RequestState,
        status: int,
        content: bytes,
        more: list[tuple[str, str]],
        content_type: str | None = JSON_TYPE,
    ) -> Response:
        headers = [] if content_type is None else [("Content-Type", content_type)]
        if state.limits is not None:
            headers += state.limits.headers()
        return Response(status, content, headers + more)


def _apply_fault(response: Response, fault: Fault) -> None:
    response.content = fault.mangled(response.content)
    if fault.mangle == "html":
        response.set_header("Content-Type", "text/html")
    if fault.next_link is not None:
        kept = [(name, text) for name, text in response.headers if 'rel="next"' not in text]
        response.headers = [*kept, ("Link", f'<{fault.next_link}>; rel="next"')]
    for name, header in fault.headers.items():
        response.set_header(name, header)
