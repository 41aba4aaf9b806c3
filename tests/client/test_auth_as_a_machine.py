"""Authentication compared with a model: tokens that expire or are revoked, changing nonces, wrong clocks."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qs

import anyio
import httpx
import orjson
from example_counts import examples
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from joserfc import jwt
from joserfc.jwk import ECKey, import_key

from oktahound.client import AsyncOktaClient, PrivateKeyJwt
from oktahound.errors import AuthenticationError, RequestError
from oktahound.sim import VirtualClock

ORG = "https://contoso.okta.com"
TOKEN_URL, USERS_URL = f"{ORG}/oauth2/v1/token", f"{ORG}/api/v1/users"
KEY = dict(ECKey.generate_key("P-256").as_dict(private=True))
SKEW = 60
LIVES: list[Any] = [0.5, 10, 90, 600, 3600, "an hour", None, -1]


class AdjustableClock:
    """The clock of the client's machine, whose date may be wrong."""

    def __init__(self, right: VirtualClock) -> None:
        self._right = right
        self.off = 0.0

    def time(self) -> float:
        return self._right.time() + self.off

    def monotonic(self) -> float:
        return self._right.monotonic()

    async def sleep(self, seconds: float) -> None:
        await self._right.sleep(seconds)


class Server(httpx.AsyncBaseTransport):
    """A server that checks every assertion and every proof, and accepts none twice."""

    def __init__(self, clock: VirtualClock, dpop: bool) -> None:
        self.clock = clock
        self.dpop = dpop
        self.key = import_key(KEY)
        self.key_is_good = True
        self.nonce = 0
        self.life: Any = 3600
        self.ends: dict[str, float] = {}  # token -> when it ends, or did
        self.troubles: list[Any] = []
        self.issued = self.asked = 0
        self._used: set[str] = set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await anyio.lowlevel.checkpoint()
        answer = self.token(request) if request.url.path.endswith("/token") else self.users(request)
        answer.headers["date"] = formatdate(self.clock.time(), usegmt=True)
        return answer

    def first_use(self, jti: str) -> bool:
        assert jti not in self._used, "the same proof or assertion was sent twice"
        self._used.add(jti)
        return True

    def proof_fault(self, request: httpx.Request, url: str, token: str | None) -> str | None:
        text = request.headers["dpop"]
        head = orjson.loads(base64.urlsafe_b64decode(text.split(".")[0] + "=="))
        claims = jwt.decode(text, import_key(head["jwk"]), algorithms=["ES256"]).claims
        assert self.first_use(claims["jti"])
        assert (claims["htm"], claims["htu"]) == (request.method, url)
        if token is not None:
            digest = hashlib.sha256(token.encode()).digest()
            assert claims["ath"] == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if abs(claims["iat"] - self.clock.time()) > SKEW:
            return "invalid_dpop_proof"
        return None if claims.get("nonce") == f"nonce-{self.nonce}" else "use_dpop_nonce"

    def refusal(self, status: int, doc: Any) -> httpx.Response:
        headers = {"dpop-nonce": f"nonce-{self.nonce}"} if self.dpop else {}
        if status == 401 and doc.get("error") == "use_dpop_nonce":
            headers["www-authenticate"] = 'DPoP error="use_dpop_nonce"'
        return httpx.Response(status, json=doc, headers=headers)

    def token(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        if self.troubles:
            transient_error = self.troubles.pop()
            if isinstance(transient_error, Exception):
                raise transient_error
            return httpx.Response(transient_error)
        if self.dpop and (fault := self.proof_fault(request, TOKEN_URL, None)):
            return self.refusal(400, {"error": fault})
        (assertion,) = parse_qs(request.content.decode())["client_assertion"]
        claims = jwt.decode(assertion, self.key, algorithms=["ES256"]).claims
        assert self.first_use(claims["jti"])
        on_time = claims["iat"] <= self.clock.time() + SKEW and claims["exp"] > self.clock.time()
        if not self.key_is_good or not on_time:
            return self.refusal(401, {"error": "invalid_client"})
        self.issued += 1
        text = f"token-{self.issued}"
        meant = self.life if isinstance(self.life, float | int) and self.life > 0 else 3600
        self.ends[text] = self.clock.monotonic() + meant
        scheme = "DPoP" if self.dpop else "Bearer"
        return httpx.Response(
            200,
            json={
                "access_token": text,
                "token_type": scheme,
                "expires_in": self.life,
                "scope": "okta.users.read",
            },
        )

    def users(self, request: httpx.Request) -> httpx.Response:
        scheme, _, text = request.headers["authorization"].partition(" ")
        assert scheme == ("DPoP" if self.dpop else "Bearer")
        assert text in self.ends, "a token that was never issued"
        if not self.holds(text):
            return self.refusal(401, {"errorCode": "E0000011"})
        if self.dpop and (fault := self.proof_fault(request, USERS_URL, text)):
            return self.refusal(401, {"error": fault})
        return httpx.Response(200, json=[text])

    def holds(self, text: str) -> bool:
        return self.clock.monotonic() < self.ends[text]

    def revoke(self) -> None:
        self.ends = dict.fromkeys(self.ends, -1.0)


class Authentication(RuleBasedStateMachine):
    """A state machine of one client and all events that affect its access."""

    @initialize(dpop=st.booleans())
    def open_client(self, dpop: bool) -> None:
        self.clock = VirtualClock()
        # A client belongs to one event loop, so that all steps run on the same one.
        self.runner = asyncio.Runner(loop_factory=self.clock._new_loop)
        self.client_clock = AdjustableClock(self.clock)
        self.server = Server(self.clock, dpop)
        self.auth = PrivateKeyJwt("0oaclient", KEY, scopes="okta.users.read", dpop=dpop)
        self.client = AsyncOktaClient(
            ORG, self.auth, transport=self.server, clock=self.client_clock, random=lambda: 0.5
        )
        self.known_off = 0.0  # the clock difference that the client has measured
        self.answered = False

    def token_in_use(self) -> str | None:
        return f"token-{self.server.issued}" if self.server.issued else None

    def works_without_the_key(self) -> bool:
        """Return whether the current token stays valid without a new one."""
        token = self.token_in_use()
        believed = abs(self.client_clock.off - self.known_off) <= SKEW - 2 or not self.server.dpop
        return token is not None and self.server.holds(token) and believed

    @rule(tasks=st.integers(1, 4))
    def read(self, tasks: int) -> None:
        server, before = self.server, self.server.issued
        expected = server.key_is_good or self.works_without_the_key()
        outcomes: list[Any] = []

        async def one() -> None:
            try:
                outcomes.append(await self.client.get("/api/v1/users"))
            except RequestError as error:
                outcomes.append(error)

        async def all_at_once() -> None:
            async with anyio.create_task_group() as group:
                for _ in range(tasks):
                    group.start_soon(one)

        asked = server.asked
        self.runner.run(all_at_once())
        if expected:
            assert not [found for found in outcomes if isinstance(found, Exception)]
        else:
            assert {type(found) for found in outcomes} == {AuthenticationError}
        assert server.issued - before <= 1, "all waiting requests need one token only"
        assert server.asked - asked <= 4 + 4, "too many token requests"
        self.known_off = self.client_clock.off

    @rule(seconds=st.one_of(st.floats(0.1, 120), st.floats(120, 5000)))
    def pass_time(self, seconds: float) -> None:
        self.clock.advance(seconds)

    @rule()
    def revoke_the_tokens(self) -> None:
        self.server.revoke()

    @rule()
    def change_the_nonce(self) -> None:
        self.server.nonce += 1

    @rule(life=st.sampled_from(LIVES))
    def set_the_lifetime_of_tokens(self, life: Any) -> None:
        self.server.life = life

    @precondition(lambda self: self.server.key_is_good)
    @rule()
    def remove_the_key(self) -> None:
        self.server.key_is_good = False

    @precondition(lambda self: not self.server.key_is_good)
    @rule()
    def restore_the_key(self) -> None:
        self.server.key_is_good = True
        self.clock.advance(11)  # a refusal is cached for ten seconds

    @precondition(lambda self: len(self.server.troubles) < 3)
    @rule(transient_error=st.sampled_from([500, 503, httpx.ConnectError("down"), httpx.ReadError("reset")]))
    def transient_error_of_the_token_endpoint(self, transient_error: Any) -> None:
        self.server.troubles.append(transient_error)

    @rule(seconds=st.sampled_from([-86_400.0, -3600.0, -301.0, 0.0, 301.0, 7200.0]))
    def set_the_clock(self, seconds: float) -> None:
        self.client_clock.off = seconds

    @invariant()
    def no_request_is_running(self) -> None:
        credential: Any = self.client._oauth
        assert credential._pending is None
        assert self.client._driver._queue._limiter.in_flight == 0

    def teardown(self) -> None:
        if hasattr(self, "runner"):
            self.runner.close()

    @invariant()
    def no_secret_is_in_a_repr(self) -> None:
        assert "token-" not in repr(self.client)
        assert KEY["d"] not in repr(self.auth)


Authentication.TestCase.settings = examples(10, stateful_step_count=30)
TestAccessOfAnyTemper = Authentication.TestCase
