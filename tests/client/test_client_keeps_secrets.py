"""Marked secrets in every input appear in no repr, log record, error or pickle."""

from __future__ import annotations

import json
import logging
import pickle
import traceback

import httpx
import pytest

from oktahound.client import ApiToken, AsyncOktaClient, PrivateKeyJwt
from oktahound.errors import OktaHoundError

ORG = "https://contoso.okta.com"
CANARY = "CANARYsecret0123456789"
PATH = "/api/v1/apps/{id}/credentials/secrets"

pytestmark = pytest.mark.anyio


def chain(error):
    """Return an error with its causes and contexts."""
    seen = []
    while error is not None and error not in seen:
        seen.append(error)
        error = error.__cause__ or error.__context__
    return seen


def all_texts(error, caplog):
    """Return all texts of an error, of its causes and contexts, and of the log."""
    texts = [record.getMessage() for record in caplog.records]
    for one in chain(error):
        texts += [str(one), repr(one), repr(one.args), repr(vars(one))]
        for value in vars(one).values():
            texts += [str(getattr(value, "headers", "")), str(getattr(value, "content", ""))]
    texts += traceback.format_exception(error)
    texts.append(pickle.dumps(error).decode("latin-1"))
    return "\n".join(texts)


def echo(request):
    """Respond with an error that repeats the whole request."""
    error_details = {**request.headers, "body": request.content.decode()}
    said = " ".join(f"{name}={value}" for name, value in error_details.items())
    doc = {"errorCode": CANARY, "errorSummary": said, "errorId": CANARY, "error_description": said}
    return json.dumps(doc)


ANSWERS = {
    "400": lambda r: httpx.Response(400, text=echo(r)),
    "401": lambda r: httpx.Response(401, text=echo(r)),
    "403": lambda r: httpx.Response(403, text=echo(r), headers={"www-authenticate": f'x error="{CANARY}"'}),
    "404": lambda r: httpx.Response(404, text=echo(r)),
    "429": lambda r: httpx.Response(429, text=echo(r)),
    "500": lambda r: httpx.Response(500, text=echo(r)),
    "not JSON": lambda r: httpx.Response(200, text='{"client_secret": "' + CANARY),
    "not a list": lambda r: httpx.Response(200, json={"client_secret": CANARY}),
    "redirect": lambda r: httpx.Response(302, headers={"location": f"https://evil.example/{CANARY}"}),
    "foreign": lambda r: httpx.Response(
        200, json=[], headers={"link": f'<https://{CANARY}.example>; rel="next"'}
    ),
    "broken": lambda r: httpx.ReadError(f"lost {CANARY}", request=r),
    "illegal": lambda r: httpx.LocalProtocolError(f"Illegal header value b'SSWS {CANARY}'", request=r),
}


@pytest.mark.parametrize("name", sorted(ANSWERS))
async def test_no_error_contains_the_api_token_or_text_of_the_server(make_client, okta, caplog, name):
    okta.routes["/api/v1/apps/0oa1/credentials/secrets"] = ANSWERS[name]
    with caplog.at_level(logging.DEBUG):
        async with make_client(ApiToken(CANARY), retry_budget=1) as client:
            with pytest.raises(OktaHoundError) as caught:
                await client.list(PATH, {"q": CANARY}, ids={"id": "0oa1"})
    ours = [record for record in caplog.records if record.name.startswith("oktahound")]
    caplog.handler.records[:] = ours  # httpx logs whole URLs, including the query above
    assert CANARY not in all_texts(caught.value, caplog)
    assert CANARY not in repr(client) + repr(vars(client)) + repr(client._driver.credential.__dict__)


@pytest.mark.parametrize("name", sorted(set(ANSWERS) - {"foreign", "not a list"}))
async def test_no_error_contains_an_assertion_a_proof_or_an_access_token(
    make_client, okta, caplog, oauth_org, name
):
    endpoint, auth = oauth_org(["okta.users.read"], requires_nonce=False)
    sent: list[str] = []

    def listen(answer):
        def own_secrets(request):
            form = httpx.QueryParams(request.content.decode())
            token = request.headers.get("authorization", "").partition(" ")[2]
            sent.extend(filter(None, [form.get("client_assertion"), request.headers.get("dpop"), token]))
            return answer(request)

        return own_secrets

    okta.routes["/api/v1/users"] = listen(ANSWERS[name])
    okta.routes["/oauth2/v1/token"] = listen(endpoint)
    with caplog.at_level(logging.DEBUG):
        async with make_client(auth, retry_budget=1) as client:
            with pytest.raises(OktaHoundError) as at_the_api:
                await client.list("/api/v1/users")
        okta.routes["/oauth2/v1/token"] = listen(ANSWERS[name])
        async with make_client(auth, retry_budget=1) as client:
            with pytest.raises(OktaHoundError) as at_the_token:
                await client.list("/api/v1/users")
    assert len(sent) > 3
    text = all_texts(at_the_api.value, caplog) + all_texts(at_the_token.value, caplog)
    for secret in (*sent, *(one.rpartition(".")[2] for one in sent if "." in one)):
        assert secret not in text


async def test_no_error_contains_the_response_of_the_token_endpoint(make_client, okta, caplog, oauth_org):
    _, auth = oauth_org(["okta.users.read"])
    for doc in ({"access_token": CANARY, "token_type": "odd"}, {"access_token": f"{CANARY}\n"}, [CANARY]):
        okta.routes["/oauth2/v1/token"] = lambda _, doc=doc: httpx.Response(200, json=doc)
        with caplog.at_level(logging.DEBUG):
            async with make_client(auth, retry_budget=1) as client:
                with pytest.raises(OktaHoundError) as caught:
                    await client.list("/api/v1/users")
        assert CANARY not in all_texts(caught.value, caplog)


def test_a_client_and_its_parts_show_no_secret(ec_jwk):
    for auth in (ApiToken(CANARY), PrivateKeyJwt("0oaclient", ec_jwk, scopes="okta.users.read")):
        client = AsyncOktaClient(ORG, auth, transport=httpx.MockTransport(lambda _: httpx.Response(200)))
        driver = client._driver
        parts = [client, auth, driver, driver.credential, driver._queue, driver._queue._limiter, client._http]
        shown = " ".join(repr(part) + repr(getattr(part, "__dict__", "")) for part in parts)
        assert CANARY not in shown
        assert ec_jwk["d"] not in shown
