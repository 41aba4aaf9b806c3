"""A token endpoint with invalid responses, or with responses that would cause endless requests."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any

import httpx
import orjson
import pytest
from joserfc.jwk import ECKey

from oktahound import AsyncOktaClient, OktaClient, PrivateKeyJwt
from oktahound.errors import AuthenticationError, ForeignOriginError, ProtocolError, RequestError
from oktahound.sim import VirtualClock

ORG = "https://contoso.okta.com"
TOKEN, USERS = "/oauth2/v1/token", "/api/v1/users"
KEY = dict(ECKey.generate_key("P-256").as_dict(private=True))
GOOD = {"access_token": "good-token", "token_type": "DPoP", "expires_in": 3600, "scope": "okta.users.read"}
Answer = Callable[[httpx.Request], httpx.Response]


class Org(httpx.MockTransport):
    """A token endpoint with a given response, and a listing of users for any token."""

    def __init__(self, token: Answer, users: Answer | None = None) -> None:
        self.asked: list[httpx.Request] = []
        self._answers = {TOKEN: token, USERS: users or (lambda _: httpx.Response(200, json=[1]))}
        super().__init__(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        assert len(self.asked) < 200, "too many token requests"
        assert request.url.host == "contoso.okta.com", "the assertion was sent to another URL"
        return self._answers[request.url.path](request)

    def count(self, path: str) -> int:
        return sum(request.url.path == path for request in self.asked)


def read(org: Org, times: int = 1, pause: float = 0.0, **options: Any) -> list[Any]:
    """Read the users several times, with a pause after each time."""
    clock = VirtualClock()
    auth = PrivateKeyJwt("0oaclient", KEY, scopes="okta.users.read")
    settings = {"transport": org, "clock": clock, "random": lambda: 0.5, "retry_budget": 60.0} | options

    async def run() -> list[Any]:
        found: list[Any] = []
        async with AsyncOktaClient(ORG, auth, **settings) as client:
            for _ in range(times):
                found += await client.list(USERS)
                await clock.sleep(pause)
        return found

    return clock.run(run)


def says(doc: Any, status: int = 200, **headers: str) -> Answer:
    content = doc if isinstance(doc, bytes) else orjson.dumps(doc)
    return lambda _: httpx.Response(status, content=content, headers=headers)


NONSENSE: list[Any] = [
    [],
    None,
    "token",
    7,
    {},
    {"token_type": "DPoP"},
    GOOD | {"access_token": None},
    GOOD | {"access_token": 7},
    GOOD | {"access_token": ""},
    GOOD | {"access_token": "with space"},
    GOOD | {"access_token": "line\r\nX-Evil: 1"},
    GOOD | {"access_token": "\u00e9"},
    GOOD | {"access_token": "x" * 20_000},
    GOOD | {"token_type": None},
    GOOD | {"token_type": "mac"},
    GOOD | {"token_type": ["DPoP"]},
    GOOD | {"token_type": "Bearer"},
    b"",
    b"<html>",
    b'{"access_token": "cut',
]


@pytest.mark.parametrize("doc", NONSENSE)
def test_a_response_without_a_valid_token_is_a_protocol_error(doc: Any) -> None:
    org = Org(says(doc))
    with pytest.raises(ProtocolError):
        read(org)
    assert org.count(USERS) == 0
    assert org.count(TOKEN) <= 3


@pytest.mark.parametrize(
    "expires_in",
    [0, -1, -(10**30), 10**30, 1e308, 0.001, 1, 5, "3600", "soon", "", None, True, [], {}, 2**63],
)
def test_with_any_lifetime_a_token_is_used_and_not_renewed_at_once(
    expires_in: Any,
) -> None:
    # With json, because orjson cannot write such numbers.
    org = Org(says(json.dumps(GOOD | {"expires_in": expires_in}).encode()))
    assert read(org, times=5) == [1] * 5
    assert org.count(TOKEN) == 1


def test_a_short_lived_token_is_renewed_at_most_once_a_minute() -> None:
    org = Org(says(GOOD | {"expires_in": 0.001}))
    read(org, times=30, pause=10.0)
    assert org.count(TOKEN) <= 7


@pytest.mark.parametrize("scope", [[], 7, "", " ", None, "okta.users.read " * 1000, "okta.users.read \u00e9"])
def test_any_value_of_scope_is_used_or_ignored(scope: Any) -> None:
    assert read(Org(says(GOOD | {"scope": scope}))) == [1]


@pytest.mark.parametrize(
    "location", ["https://evil.example/token", "http://contoso.okta.com/oauth2/v1/token", ""]
)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_with_the_assertion(status: int, location: str) -> None:
    org = Org(says(b"", status, location=location))
    with pytest.raises(ProtocolError) as caught:
        read(org)
    assert org.count(TOKEN) == 1
    assert isinstance(caught.value, ForeignOriginError) == bool(location)


def nonce_challenges() -> Answer:
    numbers = itertools.count()

    def answer(_: httpx.Request) -> httpx.Response:
        nonce = {"dpop-nonce": f"nonce-{next(numbers)}"}
        return httpx.Response(400, json={"error": "use_dpop_nonce"}, headers=nonce)

    return answer


def test_a_nonce_that_changes_in_every_token_response_is_an_error() -> None:
    org = Org(nonce_challenges())
    with pytest.raises(AuthenticationError) as caught:
        read(org)
    assert caught.value.error_code == "use_dpop_nonce"
    assert org.count(TOKEN) == 2


def test_a_nonce_that_changes_in_every_challenge_of_the_api_is_an_error() -> None:
    org = Org(says(GOOD | {"token_type": "DPoP"}), nonce_challenges())
    with pytest.raises(RequestError) as caught:
        read(org)
    assert caught.value.error_code == "use_dpop_nonce"
    assert len(org.asked) <= 6


def test_a_nonce_that_changes_in_every_successful_response_is_used() -> None:
    numbers = itertools.count()

    def users(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=[1], headers={"dpop-nonce": f"nonce-{next(numbers)}"})

    org = Org(says(GOOD | {"token_type": "DPoP"}), users)
    assert read(org, times=5) == [1] * 5
    assert len(org.asked) == 6


@pytest.mark.parametrize("nonce", ["x" * 60_000, "\u00e9", " ", "\t"])
def test_an_invalid_nonce_is_ignored(nonce: str) -> None:
    headers = [(b"dpop-nonce", nonce.encode())]
    users = lambda _: httpx.Response(200, json=[1], headers=headers)
    org = Org(says(GOOD | {"token_type": "DPoP"}), users)
    assert read(org, times=3) == [1] * 3
    assert max(len(request.headers["dpop"]) for request in org.asked) < 4000


@pytest.mark.parametrize(("status", "code"), [(401, "E0000011"), (403, "E0000005")])
def test_an_api_that_refuses_every_token_gets_two_tokens(status: int, code: str) -> None:
    org = Org(says(GOOD), says({"errorCode": code}, status))
    with pytest.raises(AuthenticationError):
        read(org)
    assert (org.count(TOKEN), org.count(USERS)) == (2, 2)


@pytest.mark.parametrize(
    ("dpop", "type_"), [(True, "Bearer"), (False, "DPoP"), (True, "mac"), (False, "mac")]
)
def test_a_token_type_that_was_not_requested_is_refused(dpop: bool, type_: str) -> None:
    org = Org(says(GOOD | {"token_type": type_}))
    auth = PrivateKeyJwt("0oaclient", KEY, scopes="okta.users.read", dpop=dpop)
    with (
        OktaClient(ORG, auth, transport=org) as client,
        pytest.raises(ProtocolError, match=r"not requested|refused"),
    ):
        client.list(USERS)
    assert org.count(USERS) == 0


@pytest.mark.parametrize(
    "date", ["Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "never", "0" * 999]
)
def test_an_invalid_date_is_ignored_in_proofs(date: str) -> None:
    org = Org(says(GOOD | {"token_type": "DPoP"}, date=date))
    assert read(org, times=2) == [1, 1]


def test_no_error_contains_data_that_the_endpoint_received() -> None:
    def echo(request: httpx.Request) -> httpx.Response:
        return httpx.Response(
            401, json={"error": "invalid_client", "error_description": request.content.decode()}
        )

    org = Org(echo)
    with pytest.raises(AuthenticationError) as caught:
        read(org)
    assertion = httpx.QueryParams(org.asked[0].content.decode())["client_assertion"]
    assert assertion not in str(caught.value)
    assert assertion.split(".")[2] not in str(caught.value)
