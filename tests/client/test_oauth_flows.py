"""Authentication with a private key, with a token endpoint that checks all requests."""

from __future__ import annotations

import anyio
import httpx
import pytest

from oktahound.client import AsyncOktaClient, OktaClient
from oktahound.errors import (
    AuthenticationError,
    ConfigurationError,
    NotFoundError,
    PermissionDeniedError,
    ProtocolError,
    ScopeNotGrantedError,
    ServerError,
)

ORG = "https://contoso.okta.com"
TOKEN = ("POST", "/oauth2/v1/token")
USERS = ("GET", "/api/v1/users")
pytestmark = pytest.mark.anyio


def slow(endpoint, clock, seconds=5):
    """Return a slower version of the endpoint, so that other requests arrive while it works."""

    async def answer(request):
        await clock.sleep(seconds)
        return endpoint(request)

    return answer


@pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
async def test_a_dpop_client_answers_the_nonce_challenge_and_proves_each_request(make_client, oauth_org):
    endpoint, auth = oauth_org(["okta.users.read"])
    async with make_client(auth) as client:
        assert await client.list("/api/v1/users", {"limit": 200, "q": "a b"}) == [{"scheme": "DPoP"}]
        assert await client.list("/api/v1/users") == [{"scheme": "DPoP"}]
    assert client.requests == {TOKEN: 2, USERS: 2}
    assert endpoint.asked == ["okta.users.read", "okta.users.read"]


@pytest.mark.parametrize("curve_or_alg", ["RS256", "RS384", "P-256", "P-384", "P-521"])
async def test_every_supported_key_can_sign_the_assertion(make_client, oauth_org, rsa_jwk, curve_or_alg):
    from joserfc.jwk import ECKey, import_key

    from oktahound.client import PrivateKeyJwt

    endpoint, _ = oauth_org(["okta.users.read"])
    if curve_or_alg.startswith("RS"):
        jwk = rsa_jwk | {"alg": curve_or_alg}
    else:
        jwk = dict(ECKey.generate_key(curve_or_alg).as_dict(private=True))
    endpoint.key = import_key({k: v for k, v in jwk.items() if k != "alg"})
    async with make_client(PrivateKeyJwt("0oaclient", jwk, scopes="okta.users.read")) as client:
        assert await client.list("/api/v1/users") == [{"scheme": "DPoP"}]


async def test_the_assertion_contains_the_key_id(make_client, oauth_org, okta):
    from tests.client.conftest import _header

    _, auth = oauth_org(["okta.users.read"], requires_nonce=False)
    async with make_client(auth) as client:
        await client.authorize([])
    form = httpx.QueryParams(okta.seen[0].content.decode())
    assert _header(form["client_assertion"]) == {"alg": "ES256", "typ": "JWT", "kid": "ec-1"}


async def test_a_bearer_token_in_response_to_a_proof_is_refused_and_never_sent(make_client, oauth_org, okta):
    _, auth = oauth_org(["okta.users.read"], speaks_dpop=False)
    async with make_client(auth) as client:
        with pytest.raises(ProtocolError, match="not bound to the DPoP key"):
            await client.list("/api/v1/users")
    assert {request.url.path for request in okta.seen} == {"/oauth2/v1/token"}


async def test_without_dpop_no_proof_is_sent(make_client, oauth_org, okta):
    _, auth = oauth_org(["okta.users.read"], dpop=False, requires_dpop=False)
    async with make_client(auth) as client:
        assert await client.list("/api/v1/users") == [{"scheme": "Bearer"}]
    assert not any("dpop" in request.headers for request in okta.seen)


async def test_if_dpop_is_disabled_the_error_states_that_the_application_requires_it(make_client, oauth_org):
    _, auth = oauth_org(["okta.users.read"], dpop=False)
    async with make_client(auth) as client:
        with pytest.raises(AuthenticationError, match="use dpop=True") as caught:
            await client.get("/api/v1/users")
    assert caught.value.error_code == "invalid_dpop_proof"
    assert caught.value.path == "/oauth2/v1/token"


async def test_a_new_nonce_during_the_run_repeats_one_request_and_requests_no_token(make_client, oauth_org):
    endpoint, auth = oauth_org(["okta.users.read"])
    async with make_client(auth) as client:
        await client.get("/api/v1/users")
        endpoint.nonce = "nonce-2"
        await client.get("/api/v1/users")
        assert client.requests == {TOKEN: 2, USERS: 3}


async def test_a_nonce_challenge_of_a_resource_may_have_status_400(make_client, oauth_org, okta):
    endpoint, auth = oauth_org(["okta.users.read"], requires_nonce=False)
    endpoint.nonce = "nonce-2"
    challenge = endpoint.refusal("use_dpop_nonce", **{"dpop-nonce": "nonce-2"})
    okta.routes["/api/v1/users"] = [challenge, endpoint.api]
    async with make_client(auth) as client:
        assert await client.list("/api/v1/users") == [{"scheme": "DPoP"}]
    assert client.requests == {TOKEN: 1, USERS: 2}


async def test_endless_nonce_challenges_are_an_error(make_client, oauth_org, okta):
    endpoint, auth = oauth_org(["okta.users.read"])
    refusal = endpoint.refusal("use_dpop_nonce", **{"dpop-nonce": "another"})
    okta.routes["/oauth2/v1/token"] = lambda _: refusal
    async with make_client(auth) as client:
        with pytest.raises(AuthenticationError) as caught:
            await client.get("/api/v1/users")
    assert caught.value.error_code == "use_dpop_nonce"
    assert client.requests == {TOKEN: 2}


async def test_the_error_names_exactly_the_scopes_that_are_not_granted(make_client, oauth_org):
    wanted = ["okta.users.read", "okta.apps.read", "okta.groups.read", "okta.roles.read"]
    _, auth = oauth_org(wanted)
    async with make_client(auth) as client:
        with pytest.raises(ScopeNotGrantedError, match=r"okta\.apps\.read, okta\.roles\.read") as caught:
            await client.get("/api/v1/users")
    assert caught.value.scopes == ("okta.apps.read", "okta.roles.read")
    assert USERS not in client.requests


async def test_scopes_refused_together_are_requested_one_by_one_to_name_them(make_client, oauth_org):
    endpoint, auth = oauth_org(["okta.users.read", "okta.nonsense.read"])
    endpoint.faults = [endpoint.refusal("invalid_scope")]
    async with make_client(auth) as client:
        with pytest.raises(ScopeNotGrantedError) as caught:
            await client.authorize([])
    assert caught.value.scopes == ("okta.nonsense.read",)


async def test_if_there_are_too_many_scopes_to_probe_the_error_names_all(make_client, oauth_org):
    _, auth = oauth_org([f"okta.thing{n}.read" for n in range(65)], granted=())
    async with make_client(auth) as client:
        with pytest.raises(ScopeNotGrantedError) as caught:
            await client.authorize([])
    assert len(caught.value.scopes) == 65
    assert client.requests[TOKEN] == 2  # the nonce, and the refusal


async def test_explicit_scopes_that_are_granted_are_returned(make_client, oauth_org):
    _, auth = oauth_org(["okta.users.read"])
    async with make_client(auth) as client:
        assert await client.authorize(["okta.groups.read"]) == {"okta.users.read"}


async def test_authorize_uses_the_granted_part_of_the_requested_scopes(make_client, oauth_org):
    _, auth = oauth_org()
    async with make_client(auth) as client:
        granted = await client.authorize(["okta.users.read", "okta.apps.read"])
        assert granted == {"okta.users.read"}
        assert await client.list("/api/v1/users") == [{"scheme": "DPoP"}]


async def test_authorize_finds_the_granted_scopes_if_the_org_refuses_them_together(make_client, oauth_org):
    endpoint, auth = oauth_org(requires_nonce=False)
    endpoint.faults = [endpoint.refusal("invalid_scope")]
    async with make_client(auth) as client:
        granted = await client.authorize(["okta.users.read", "okta.bad", "okta.groups.read"])
    assert granted == {"okta.users.read", "okta.groups.read"}
    assert endpoint.asked[-1] == "okta.groups.read okta.users.read"


async def test_a_second_authorize_adds_scopes_and_requests_none_twice(make_client, oauth_org):
    endpoint, auth = oauth_org(requires_nonce=False)
    async with make_client(auth) as client:
        await client.authorize(["okta.users.read"])
        assert await client.authorize(["okta.groups.read"]) == {"okta.groups.read"}
        assert await client.authorize(["okta.users.read"]) == {"okta.users.read"}
    assert endpoint.asked == ["okta.users.read", "okta.groups.read okta.users.read"]


async def test_authorize_raises_when_nothing_is_granted(make_client, oauth_org):
    _, auth = oauth_org(granted=())
    async with make_client(auth) as client:
        with pytest.raises(ScopeNotGrantedError) as caught:
            await client.authorize(["okta.users.read", "okta.apps.read"])
    assert caught.value.scopes == ("okta.apps.read", "okta.users.read")


async def test_if_a_probe_fails_for_another_reason_that_error_is_raised(make_client, oauth_org):
    endpoint, auth = oauth_org(requires_nonce=False)
    endpoint.faults = [endpoint.refusal("invalid_scope"), endpoint.refusal("invalid_client", 401)]
    async with make_client(auth) as client:
        with pytest.raises(AuthenticationError) as caught:
            await client.authorize(["okta.users.read", "okta.apps.read"])
    assert caught.value.error_code == "invalid_client"
    assert not isinstance(caught.value, ScopeNotGrantedError)


async def test_a_request_before_authorize_is_a_clear_error(make_client, oauth_org):
    _, auth = oauth_org()
    async with make_client(auth) as client:
        with pytest.raises(ConfigurationError, match="authorize"):
            await client.get("/api/v1/users")
    assert not client.requests


async def test_an_api_token_has_no_scopes_to_authorize(make_client):
    async with make_client() as client:
        assert await client.authorize(["okta.users.read"]) is None
    assert not client.requests


async def test_many_tasks_share_one_token_request(make_client, oauth_org, okta, clock):
    endpoint, auth = oauth_org(["okta.users.read"], requires_nonce=False)
    okta.routes["/oauth2/v1/token"] = slow(endpoint, clock)
    async with make_client(auth) as client, anyio.create_task_group() as tasks:
        for _ in range(20):
            tasks.start_soon(client.get, "/api/v1/users")
    assert client.requests[TOKEN] == 1


async def test_many_tasks_share_one_failed_request_and_each_raises_its_own_error(
    make_client, oauth_org, okta, clock
):
    endpoint, auth = oauth_org(["okta.users.read"], requires_nonce=False)
    endpoint.revoked = True
    okta.routes["/oauth2/v1/token"] = slow(endpoint, clock)
    errors: list[AuthenticationError] = []

    async def ask(client: AsyncOktaClient) -> None:
        with pytest.raises(AuthenticationError) as caught:
            await client.get("/api/v1/users")
        errors.append(caught.value)

    async with make_client(auth) as client:
        async with anyio.create_task_group() as tasks:
            for _ in range(20):
                tasks.start_soon(ask, client)
        await ask(client)
        assert client.requests == {TOKEN: 1}
    assert len({id(error) for error in errors}) == 21
    assert {str(error) for error in errors} == {str(errors[0])}


async def test_a_refused_key_is_tried_again_later(make_client, oauth_org, clock):
    endpoint, auth = oauth_org(["okta.users.read"], requires_nonce=False)
    endpoint.revoked = True
    async with make_client(auth) as client:
        with pytest.raises(AuthenticationError):
            await client.get("/api/v1/users")
        endpoint.revoked = False
        with pytest.raises(AuthenticationError):
            await client.get("/api/v1/users")
        clock.now += 11
        assert await client.list("/api/v1/users") == [{"scheme": "DPoP"}]


async def test_the_token_is_renewed_before_it_expires_without_a_401(make_client, oauth_org, clock):
    endpoint, auth = oauth_org(["okta.users.read"], requires_nonce=False)
    async with make_client(auth) as client:
        await client.get("/api/v1/users")
        clock.now += 3600 - 301
        await client.get("/api/v1/users")
        assert len(endpoint.issued) == 1
        clock.now += 2
        await client.get("/api/v1/users")
    assert len(endpoint.issued) == 2
    assert client.requests[USERS] == 3


async def test_during_a_renewal_other_requests_use_the_old_token(make_client, oauth_org, clock, okta):
    endpoint, auth = oauth_org(["okta.users.read"], requires_nonce=False)

    async with make_client(auth) as client:
        await client.get("/api/v1/users")
        clock.now += 3400
        okta.routes["/oauth2/v1/token"] = slow(endpoint, clock, 20)
        started, ended = clock.now, {}

        async def ask(name: str) -> None:
            await client.get("/api/v1/users")
            ended[name] = clock.now - started

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ask, "leader")
            tasks.start_soon(ask, "other")
    assert ended["other"] < 20 <= ended["leader"]


async def test_after_a_failed_renewal_the_valid_token_is_kept(make_client, oauth_org, clock):
    endpoint, auth = oauth_org(["okta.users.read"], requires_nonce=False)
    async with make_client(auth) as client:
        await client.get("/api/v1/users")
        clock.now += 3400
        endpoint.faults = [endpoint.answer(500, {}), httpx.ConnectError("down")]
        await client.get("/api/v1/users")
        await client.get("/api/v1/users")  # not requested again at once
        assert len(endpoint.faults) == 1
        clock.now += 31
        await client.get("/api/v1/users")
        assert endpoint.faults == []
        assert clock.slept == []
        clock.now += 31
        await client.get("/api/v1/users")
    assert len(endpoint.issued) == 2


async def test_requests_that_wait_for_a_failed_renewal_get_a_new_token(make_client, oauth_org, clock, okta):
    endpoint, auth = oauth_org(["okta.users.read"], requires_nonce=False)
    answers: list[httpx.Response] = []

    async def fail_late(request):
        if not answers:
            answers.append(endpoint.answer(500, {}))
            await clock.sleep(300)
            return answers[0]
        return endpoint(request)

    async with make_client(auth) as client:
        await client.get("/api/v1/users")
        clock.now += 3400
        okta.routes["/oauth2/v1/token"] = fail_late
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(client.get, "/api/v1/users")
            await clock.sleep(250)  # the old token expires during its renewal
            tasks.start_soon(client.get, "/api/v1/users")
    assert len(endpoint.issued) == 2


async def test_a_token_that_expires_while_its_request_is_queued_is_replaced(
    make_client, clock, oauth_org, okta
):
    endpoint, auth = oauth_org(["okta.users.read"], requires_nonce=False, expires_in=30)
    full = {"x-rate-limit-limit": "10", "x-rate-limit-remaining": "0"}

    def spent(request):
        answer = endpoint.api(request)
        reset = str(int(endpoint.server_time()) + 60)
        answer.headers.update(full | {"x-rate-limit-reset": reset})
        return answer

    okta.routes["/api/v1/users"] = spent
    async with make_client(auth) as client:
        await client.get("/api/v1/users")
        await client.get("/api/v1/users")
    assert client.requests == {TOKEN: 2, USERS: 2}


async def test_after_a_401_the_request_is_repeated_once_with_a_new_token(make_client, oauth_org):
    endpoint, auth = oauth_org(["okta.users.read"], requires_nonce=False)
    async with make_client(auth) as client:
        await client.get("/api/v1/users")
        endpoint.issued.append("somebody-revoked-the-other")
        await client.get("/api/v1/users")
    assert client.requests == {TOKEN: 2, USERS: 3}


async def test_many_concurrent_401s_request_one_new_token(make_client, oauth_org, okta, clock):
    endpoint, auth = oauth_org(["okta.users.read"], requires_nonce=False)
    async with make_client(auth) as client:
        await client.get("/api/v1/users")
        endpoint.issued.append("revoked")
        okta.routes["/oauth2/v1/token"] = slow(endpoint, clock)
        async with anyio.create_task_group() as tasks:
            for _ in range(4):
                tasks.start_soon(client.get, "/api/v1/users")
    assert client.requests[TOKEN] == 2


@pytest.mark.parametrize(("status", "code"), [(401, "E0000011"), (403, "E0000005")])
async def test_a_credential_refused_twice_is_an_authentication_error(
    make_client, oauth_org, okta, status, code
):
    endpoint, auth = oauth_org(["okta.users.read"], requires_nonce=False)
    okta.routes["/api/v1/users"] = lambda _: endpoint.answer(status, {"errorCode": code})
    async with make_client(auth) as client:
        with pytest.raises(AuthenticationError) as caught:
            await client.get("/api/v1/users")
    assert (caught.value.status, caught.value.error_code) == (status, code)
    assert client.requests == {TOKEN: 2, USERS: 2}


async def test_a_key_revoked_during_the_run_is_an_authentication_error_of_the_token_request(
    make_client, oauth_org
):
    endpoint, auth = oauth_org(["okta.users.read"], requires_nonce=False)
    async with make_client(auth) as client:
        await client.get("/api/v1/users")
        endpoint.issued.append("revoked")
        endpoint.revoked = True
        with pytest.raises(AuthenticationError) as caught:
            await client.get("/api/v1/users")
    assert (caught.value.method, caught.value.path) == TOKEN
    assert caught.value.error_code == "invalid_client"


async def test_a_scope_that_the_token_lacks_is_named(make_client, oauth_org, okta):
    _, auth = oauth_org(["okta.users.read"], requires_nonce=False)
    challenge = (
        'Bearer authorization_uri="http://contoso.okta.com/oauth2/v1/authorize", '
        'realm="http://contoso.okta.com", scope="okta.groups.read", error="insufficient_scope", '
        'error_description="The access token provided does not contain the required scopes."'
    )
    okta.routes["/api/v1/users"] = lambda _: httpx.Response(403, headers={"www-authenticate": challenge})
    async with make_client(auth) as client:
        with pytest.raises(PermissionDeniedError) as caught:
            await client.get("/api/v1/users")
    assert caught.value.missing_scopes == ("okta.groups.read",)
    assert caught.value.error_code == "insufficient_scope"
    assert client.requests[TOKEN] == 1


@pytest.mark.parametrize("skew", [-300.0, 300.0, 86400.0])
async def test_a_wrong_clock_is_corrected_with_the_date_header(make_client, oauth_org, clock, skew):
    clock.skew = skew
    _, auth = oauth_org(["okta.users.read"])
    async with make_client(auth) as client:
        assert await client.list("/api/v1/users") == [{"scheme": "DPoP"}]
    assert client.requests[TOKEN] <= 3


async def test_a_wrong_key_is_not_treated_as_a_wrong_clock(make_client, oauth_org):
    endpoint, auth = oauth_org(["okta.users.read"], requires_nonce=False)
    endpoint.revoked = True
    async with make_client(auth) as client:
        with pytest.raises(AuthenticationError):
            await client.get("/api/v1/users")
    assert client.requests == {TOKEN: 1}


async def test_transient_errors_of_the_token_endpoint_are_retried(make_client, oauth_org, clock):
    endpoint, auth = oauth_org(["okta.users.read"])
    limits = {"x-rate-limit-limit": "0", "x-rate-limit-remaining": "0", "x-rate-limit-reset": "1773065520"}
    endpoint.faults = [
        httpx.ReadTimeout("slow"),
        endpoint.answer(503, {}),
        endpoint.answer(429, {"errorCode": "E0000047"}, **limits),
    ]
    async with make_client(auth) as client:
        assert await client.list("/api/v1/users") == [{"scheme": "DPoP"}]
    assert 0 < sum(clock.slept) < 30
    assert len(endpoint.assertions) <= client.requests[TOKEN]


async def test_an_org_that_does_not_exist_is_not_found(make_client, oauth_org, okta):
    _, auth = oauth_org(["okta.users.read"])
    okta.routes["/oauth2/v1/token"] = [httpx.Response(404, html="<html>no such org</html>")]
    async with make_client(auth) as client:
        with pytest.raises(NotFoundError) as caught:
            await client.get("/api/v1/users")
    assert caught.value.path == "/oauth2/v1/token"


async def test_a_token_endpoint_that_always_fails_is_a_server_error(make_client, oauth_org, okta):
    _, auth = oauth_org(["okta.users.read"])
    okta.routes["/oauth2/v1/token"] = lambda _: httpx.Response(502)
    async with make_client(auth, retry_budget=60) as client:
        with pytest.raises(ServerError):
            await client.get("/api/v1/users")


@pytest.mark.parametrize(
    "doc",
    [
        [],
        {},
        {"access_token": "", "token_type": "Bearer"},
        {"access_token": "a\r\nb", "token_type": "Bearer"},
        {"access_token": 7, "token_type": "Bearer"},
        {"access_token": "a", "token_type": "MAC"},
        {"access_token": "a"},
    ],
)
async def test_a_response_without_a_usable_token_is_a_protocol_error(make_client, oauth_org, okta, doc):
    _, auth = oauth_org(["okta.users.read"])
    okta.routes["/oauth2/v1/token"] = lambda _: httpx.Response(200, json=doc)
    async with make_client(auth) as client:
        with pytest.raises(ProtocolError):
            await client.get("/api/v1/users")


async def test_a_dpop_token_that_was_not_requested_is_a_protocol_error(make_client, oauth_org, okta):
    _, auth = oauth_org(["okta.users.read"], dpop=False)
    doc = {"access_token": "a", "token_type": "DPoP"}
    okta.routes["/oauth2/v1/token"] = lambda _: httpx.Response(200, json=doc)
    async with make_client(auth) as client:
        with pytest.raises(ProtocolError):
            await client.get("/api/v1/users")


@pytest.mark.parametrize("life", [None, True, -1, 0, "3600", 1e300])
async def test_an_invalid_lifetime_counts_as_an_hour(make_client, oauth_org, clock, life):
    endpoint, auth = oauth_org(["okta.users.read"], requires_nonce=False, expires_in=life)
    async with make_client(auth) as client:
        await client.get("/api/v1/users")
        clock.now += 3200
        await client.get("/api/v1/users")
        clock.now += 200
        await client.get("/api/v1/users")
    assert len(endpoint.issued) == 2


async def test_a_response_without_scopes_grants_the_requested_ones(make_client, oauth_org):
    _, auth = oauth_org(["okta.users.read"], echoes_scope=False)
    async with make_client(auth) as client:
        assert await client.authorize([]) == {"okta.users.read"}


async def test_authorize_waits_for_a_running_token_request(make_client, oauth_org, okta, clock):
    endpoint, auth = oauth_org(requires_nonce=False)
    okta.routes["/oauth2/v1/token"] = slow(endpoint, clock)
    async with make_client(auth) as client, anyio.create_task_group() as tasks:
        tasks.start_soon(client.authorize, ["okta.users.read"])
        await clock.sleep(1)
        assert await client.authorize(["okta.users.read"]) == {"okta.users.read"}
    assert client.requests[TOKEN] == 1


async def test_a_waiting_task_takes_over_a_cancelled_token_request(make_client, oauth_org, okta, clock):
    endpoint, auth = oauth_org(["okta.users.read"], requires_nonce=False)
    okta.routes["/oauth2/v1/token"] = slow(endpoint, clock)
    rows: list[object] = []
    async with make_client(auth) as client, anyio.create_task_group() as tasks:

        async def ask() -> None:
            rows.extend(await client.list("/api/v1/users"))

        async with anyio.create_task_group() as leader:
            leader.start_soon(client.get, "/api/v1/users")
            await clock.sleep(1)
            tasks.start_soon(ask)
            await clock.sleep(1)
            leader.cancel_scope.cancel()
    assert rows == [{"scheme": "DPoP"}]


def test_a_session_without_a_token_signs_no_request(oauth_org):
    from oktahound.client._oauth import OAuthSession
    from oktahound.client._url import parse_org_url

    session = OAuthSession(oauth_org()[1], parse_org_url(ORG))
    with pytest.raises(RuntimeError):
        session.sign("GET", httpx.URL(ORG), 0.0)


def test_the_blocking_client_authorizes_too(okta, clock, oauth_org):
    _, auth = oauth_org()
    with OktaClient(ORG, auth, transport=okta, clock=clock) as client:
        assert client.authorize(["okta.users.read", "okta.x"]) == {"okta.users.read"}
        assert client.list("/api/v1/users") == [{"scheme": "DPoP"}]
