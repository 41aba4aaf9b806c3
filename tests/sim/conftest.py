"""Shared fixtures: a clock that moves only on demand, and clients independent of oktahound."""

from __future__ import annotations

import base64
import hashlib
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, JWKRegistry

from oktahound.sim import ServiceApp, SimulatedOrg


@attrs.define
class FakeClock:
    """A clock that only `sleep` and `advance` move."""

    now: float = 1_800_000_000.0
    slept: list[float] = attrs.field(factory=list)

    def time(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def advance(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def org(clock: FakeClock) -> SimulatedOrg:
    return SimulatedOrg(seed="tests", users=40, clock=clock)


@pytest.fixture
def client() -> Iterator[Callable[..., httpx.Client]]:
    """Return a function that opens a blocking client of an org, with its API token or other headers."""
    opened: list[httpx.Client] = []

    def open_client(org: SimulatedOrg, **headers: str) -> httpx.Client:
        headers = headers or {"Authorization": f"SSWS {org.api_token}"}
        opened.append(httpx.Client(base_url=org.url, transport=org.transport, headers=headers))
        return opened[-1]

    yield open_client
    for one in opened:
        one.close()


SERIAL = itertools.count()


def signed(header: dict[str, Any], claims: dict[str, Any], key: Any) -> str:
    """Return a JWT of the claims that are not None."""
    header, claims = ({k: v for k, v in part.items() if v is not None} for part in (header, claims))
    return jwt.encode(header, claims, key, algorithms=[header["alg"]])


@attrs.define
class OAuthClient:
    """An OAuth client that shares no code with the package."""

    org: SimulatedOrg
    app: ServiceApp
    clock: FakeClock
    proof_key: ECKey = attrs.field(factory=lambda: ECKey.generate_key("P-256"))
    nonce: str | None = None

    @property
    def url(self) -> str:
        return f"{self.org.url}/oauth2/v1/token"

    def assertion(
        self, *, alg: str = "ES256", key: Any = None, header: dict[str, Any] | None = None, **claims: Any
    ) -> str:
        now = int(self.clock.time())
        body = {
            "iss": self.app.client_id,
            "sub": self.app.client_id,
            "aud": self.url,
            "iat": now,
            "exp": now + 300,
            "jti": f"assertion-{next(SERIAL)}",
            **claims,
        }
        signer = key or JWKRegistry.import_key(self.app.private_key)
        return signed({"alg": alg, **(header or {})}, body, signer)

    def proof(self, method: str, url: str, *, header: dict[str, Any] | None = None, **claims: Any) -> str:
        body = {
            "htm": method,
            "htu": url,
            "iat": int(self.clock.time()),
            "jti": f"proof-{next(SERIAL)}",
            **({} if self.nonce is None else {"nonce": self.nonce}),
            **claims,
        }
        head = {
            "alg": "ES256",
            "typ": "dpop+jwt",
            "jwk": self.proof_key.as_dict(private=False),
            **(header or {}),
        }
        return signed(head, body, self.proof_key)

    def ask(self, http: httpx.Client, scope: str, *, proof: str | None = "", **form: str) -> httpx.Response:
        """Send a token request; `proof` None for none, "" for a good one."""
        body = {
            "grant_type": "client_credentials",
            "scope": scope,
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": form.pop("client_assertion", None) or self.assertion(),
            **form,
        }
        headers = {} if proof is None else {"DPoP": proof or self.proof("POST", self.url)}
        return http.post(self.url, data=body, headers=headers)

    def token(self, http: httpx.Client, scope: str) -> str:
        """Get a DPoP-bound token through the nonce challenge."""
        refused = self.ask(http, scope)
        self.nonce = refused.headers["dpop-nonce"]
        return self.ask(http, scope).json()["access_token"]

    def get(self, http: httpx.Client, path: str, token: str, **claims: Any) -> httpx.Response:
        ath = base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode()
        url = self.org.url + path
        proof = self.proof("GET", url.partition("?")[0], **{"ath": ath, **claims})
        return http.get(url, headers={"Authorization": f"DPoP {token}", "DPoP": proof})


@pytest.fixture
def oauth(org: SimulatedOrg, clock: FakeClock) -> OAuthClient:
    return OAuthClient(org, org.service_app, clock)


@pytest.fixture
def oauth_of(org: SimulatedOrg, clock: FakeClock) -> Callable[[ServiceApp], OAuthClient]:
    return lambda app: OAuthClient(org, app, clock)


@pytest.fixture
def anonymous(org: SimulatedOrg) -> Iterator[httpx.Client]:
    """Return a client without a credential."""
    with httpx.Client(base_url=org.url, transport=org.transport) as http:
        yield http


@pytest.fixture
def read_all() -> Callable[..., list[Any]]:
    """Follow a listing to its end, by header or by body."""

    def read(http: httpx.Client, path: str, envelope: str | None = None, **query: str | int) -> list[Any]:
        rows: list[Any] = []
        answer = http.get(path, params=query)
        while True:
            assert answer.status_code == 200, answer.text
            body = answer.json()
            rows += body if envelope is None else body[envelope]
            following = answer.links.get("next", {}).get("url") if envelope is None else _next_in(body)
            if following is None:
                return rows
            answer = http.get(following)

    return read


def _next_in(body: dict[str, Any]) -> str | None:
    return body.get("_links", {}).get("next", {}).get("href")
