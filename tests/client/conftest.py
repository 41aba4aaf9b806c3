"""A clock whose waits take no time, an Okta server in this process, and keys."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qs

import anyio.lowlevel
import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey, import_key

from oktahound.client import ApiToken, AsyncOktaClient, PrivateKeyJwt

ORG = "https://contoso.okta.com"
START = 1_768_479_942


class FakeClock:
    """A clock that advances only when all tasks wait, to the time at which the next sleeping task wakes."""

    PATIENCE = 40  # turns of the event loop without an earlier sleeper that count as "all wait"

    def __init__(self, skew: float = 0.0) -> None:
        self.now = 100.0
        self.skew = skew
        self.slept: list[float] = []
        self._sleepers: list[tuple[float, int]] = []
        self._ids = itertools.count()

    def time(self) -> float:
        return START + self.now + self.skew

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        until = self.now + max(0.0, seconds)
        me = (until, next(self._ids))
        heapq.heappush(self._sleepers, me)
        try:
            while self.now < until:
                before = self.now
                for _ in range(self.PATIENCE):
                    await anyio.lowlevel.checkpoint()
                    if self.now != before:
                        break
                if self.now == before and self._sleepers[0] == me:
                    self.now = until
        finally:
            self._sleepers.remove(me)
            heapq.heapify(self._sleepers)


Handler = Callable[[httpx.Request], httpx.Response | Awaitable[httpx.Response]]


class FakeOkta(httpx.AsyncBaseTransport):
    """A transport with scripted responses by path: a list that is used up in order, or a function."""

    def __init__(self, clock: FakeClock | None = None, **routes: Any) -> None:
        self.clock = clock
        self.routes: dict[str, Any] = {}
        self.seen: list[httpx.Request] = []
        self.in_flight = self.most_in_flight = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            answer = self.routes[request.url.path]
            if isinstance(answer, list):
                answer = answer.pop(0)
            if callable(answer):
                answer = answer(request)
            if hasattr(answer, "__await__"):
                answer = await answer
            if isinstance(answer, Exception):
                raise answer
            return answer
        finally:
            self.in_flight -= 1


class RateLimitedOkta(FakeOkta):
    """Rate limits like those of Okta: windows of 60 s from the first request, whole seconds in headers."""

    def __init__(self, clock: FakeClock, limits: dict[str, int], latency: float = 0.05) -> None:
        super().__init__(clock)
        self.limits = limits
        self.latency = latency
        self.windows: dict[str, list[float]] = {}  # bucket -> [end, used]
        self.served: dict[str, int] = dict.fromkeys(limits, 0)
        self.refused: dict[str, int] = dict.fromkeys(limits, 0)

    def now(self) -> float:
        assert self.clock
        return START + self.clock.now

    def spend(self, bucket: str) -> bool:
        window = self.windows.get(bucket)
        if window is None or self.now() >= window[0]:
            window = self.windows[bucket] = [float(int(self.now()) + 60), 0]
        window[1] += 1
        return window[1] <= self.limits[bucket]

    def bucket(self, path: str) -> str:
        return max((name for name in self.limits if path.startswith(name)), key=len)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        assert self.clock
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await self.clock.sleep(self.latency / 2)
            bucket = self.bucket(request.url.path)
            served = self.spend(bucket)
            end, used = self.windows[bucket]
            headers = {
                "date": formatdate(self.now(), usegmt=True),
                "x-rate-limit-limit": str(self.limits[bucket]),
                "x-rate-limit-remaining": str(int(max(0, self.limits[bucket] - used))),
                "x-rate-limit-reset": str(int(end)),
            }
            await self.clock.sleep(self.latency / 2)
        finally:
            self.in_flight -= 1
        (self.served if served else self.refused)[bucket] += 1
        if served:
            return httpx.Response(200, json=[], headers=headers)
        return httpx.Response(429, json={"errorCode": "E0000047"}, headers=headers)


class TokenEndpoint:
    """A token endpoint that checks assertions and proofs."""

    def __init__(self, clock: FakeClock, jwk: dict[str, Any], **how: Any) -> None:
        self.clock = clock
        self.key = import_key(jwk)
        self.granted: set[str] = set(how.get("granted", {"okta.users.read", "okta.groups.read"}))
        self.requires_dpop = how.get("requires_dpop", True)
        self.requires_nonce = how.get("requires_nonce", True)
        self.speaks_dpop = how.get("speaks_dpop", True)
        self.expires_in: Any = how.get("expires_in", 3600)
        self.echoes_scope = how.get("echoes_scope", True)
        self.nonce = "nonce-1"
        self.revoked = False
        self.faults: list[httpx.Response | Exception] = []
        self.asked: list[str] = []
        self.issued: list[str] = []
        self.assertions: set[str] = set()

    def server_time(self) -> float:
        return START + self.clock.now

    def answer(self, status: int, doc: Any, **headers: str) -> httpx.Response:
        date = formatdate(self.server_time(), usegmt=True)
        return httpx.Response(status, json=doc, headers={"date": date, **headers})

    def refusal(self, error: str, status: int = 400, **headers: str) -> httpx.Response:
        return self.answer(status, {"error": error, "error_description": f"{error} it is"}, **headers)

    def proof_fault(self, request: httpx.Request) -> httpx.Response | None:
        proof = request.headers.get("dpop")
        if proof is None:
            return self.refusal("invalid_dpop_proof") if self.requires_dpop else None
        claims = self.check_proof(proof, "POST", f"{ORG}/oauth2/v1/token")
        if claims is None:
            return self.refusal("invalid_dpop_proof")
        if self.requires_nonce and claims.get("nonce") != self.nonce:
            return self.refusal("use_dpop_nonce", **{"dpop-nonce": self.nonce})
        return None

    def check_proof(self, proof: str, method: str, url: str) -> dict[str, Any] | None:
        jwk = jwt.decode(proof, import_key(_header(proof)["jwk"]), algorithms=["ES256"])
        assert jwk.header["typ"] == "dpop+jwt"
        assert "d" not in jwk.header["jwk"]
        fits = jwk.claims["htm"] == method and jwk.claims["htu"] == url and jwk.claims["jti"]
        fresh = abs(jwk.claims["iat"] - self.server_time()) <= 60
        return jwk.claims if fits and fresh else None

    def assertion_fault(self, form: dict[str, list[str]]) -> httpx.Response | None:
        (assertion,) = form["client_assertion"]
        token = jwt.decode(assertion, self.key, algorithms=["RS256", "RS384", "ES256", "ES384", "ES512"])
        now = self.server_time()
        claims = token.claims
        assert claims["iss"] == claims["sub"] == "0oaclient"
        assert claims["aud"] == f"{ORG}/oauth2/v1/token"
        assert claims["jti"] not in self.assertions, "an assertion was used twice"
        self.assertions.add(claims["jti"])
        on_time = claims["iat"] <= now + 60 and now <= claims["exp"] <= now + 3600
        if self.revoked or not on_time:
            return self.refusal("invalid_client", 401)
        return None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        form = parse_qs(request.content.decode())
        (asked,) = form["scope"]
        self.asked.append(asked)
        if self.faults:
            fault = self.faults.pop(0)
            if isinstance(fault, Exception):
                raise fault
            return fault
        if fault := self.proof_fault(request) or self.assertion_fault(form):
            return fault
        granted = [scope for scope in asked.split() if scope in self.granted]
        if not granted:
            return self.refusal("invalid_scope")
        self.issued.append(f"access-token-{len(self.issued) + 1}")
        proved = "dpop" in request.headers and self.speaks_dpop
        doc = {
            "access_token": self.issued[-1],
            "token_type": "DPoP" if proved else "Bearer",
            "expires_in": self.expires_in,
        }
        if self.echoes_scope:
            doc["scope"] = " ".join(granted)
        return self.answer(200, doc)

    def api(self, request: httpx.Request) -> httpx.Response:
        """Return an endpoint that requires the newest token, and with DPoP a matching proof."""
        scheme, _, token = request.headers["authorization"].partition(" ")
        if not self.issued or token != self.issued[-1]:
            return self.answer(401, {"errorCode": "E0000011", "errorSummary": "Invalid token provided"})
        if scheme == "DPoP":
            url = str(request.url).partition("?")[0]
            claims = self.check_proof(request.headers["dpop"], "GET", url)
            if claims is None or claims.get("ath") != _ath(token):
                return self.answer(401, {"errorCode": "E0000011"})
            if self.requires_nonce and claims.get("nonce") != self.nonce:
                challenge = 'DPoP error="use_dpop_nonce", error_description="nonce"'
                return self.answer(401, {}, **{"dpop-nonce": self.nonce, "www-authenticate": challenge})
        return self.answer(200, [{"scheme": scheme}])


def _header(token: str) -> dict[str, Any]:
    import base64
    import json

    head = token.split(".")[0]
    return json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))


def _ath(token: str) -> str:
    import base64
    import hashlib

    return base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def okta(clock: FakeClock) -> FakeOkta:
    return FakeOkta(clock)


@pytest.fixture
def make_client(clock: FakeClock, okta: FakeOkta) -> Callable[..., AsyncOktaClient]:
    """Return a function that creates a client of the fake org, with a constant jitter of one half."""

    def make(auth: Any = None, **options: Any) -> AsyncOktaClient:
        settings = {"transport": okta, "clock": clock, "random": lambda: 0.5} | options
        return AsyncOktaClient(ORG, auth or ApiToken("00secret"), **settings)

    return make


@pytest.fixture(scope="session")
def rsa_jwk() -> dict[str, Any]:
    return dict(RSAKey.generate_key(2048).as_dict(private=True)) | {"kid": "rsa-1"}


@pytest.fixture(scope="session")
def ec_jwk() -> dict[str, Any]:
    return dict(ECKey.generate_key("P-256").as_dict(private=True)) | {"kid": "ec-1"}


@pytest.fixture
def rate_limited_okta() -> type[RateLimitedOkta]:
    return RateLimitedOkta


@pytest.fixture
def fake_clock() -> type[FakeClock]:
    return FakeClock


@pytest.fixture
def oauth_org(
    clock: FakeClock, okta: FakeOkta, ec_jwk: dict[str, Any]
) -> Callable[..., tuple[TokenEndpoint, PrivateKeyJwt]]:
    """Return a function that adds a token endpoint to the fake org and returns credentials for it."""

    def make(scopes: Any = None, dpop: bool = True, **how: Any) -> tuple[TokenEndpoint, PrivateKeyJwt]:
        endpoint = TokenEndpoint(clock, ec_jwk, **how)
        okta.routes["/oauth2/v1/token"] = endpoint
        okta.routes["/api/v1/users"] = endpoint.api
        return endpoint, PrivateKeyJwt("0oaclient", ec_jwk, scopes=scopes, dpop=dpop)

    return make
