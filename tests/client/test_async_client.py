"""The public behaviour of the asynchronous client: responses, limits, transports."""

from __future__ import annotations

import gzip
import logging
import ssl

import anyio
import httpx
import orjson
import pytest

from oktahound import entities
from oktahound.client import ApiToken, AsyncOktaClient
from oktahound.errors import (
    ConfigurationError,
    ForeignOriginError,
    OktaHoundError,
    ProtocolError,
    TransportError,
)

ORG = "https://contoso.okta.com"
PATH = "/api/v1/org"
pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
async def test_a_get_has_the_token_and_the_standard_headers(make_client, okta):
    okta.routes[PATH] = [httpx.Response(200, json={"id": "00o1"})]
    async with make_client() as client:
        assert await client.get(PATH) == {"id": "00o1"}
    (request,) = okta.seen
    assert request.headers["authorization"] == "SSWS 00secret"
    assert request.headers["accept"] == "application/json"
    assert request.headers["user-agent"].startswith("oktahound/")
    assert "cookie" not in request.headers
    assert repr(client) == "<AsyncOktaClient contoso.okta.com>"
    assert (client.url, client.domain) == (ORG, "contoso.okta.com")


async def test_the_caller_can_set_the_user_agent(make_client, okta):
    okta.routes[PATH] = [httpx.Response(200, json={})]
    async with make_client(user_agent="scanner/1") as client:
        await client.get(PATH)
    assert okta.seen[0].headers["user-agent"] == "scanner/1"


async def test_cookies_are_not_kept(make_client, okta):
    okta.routes[PATH] = lambda _: httpx.Response(200, json={}, headers={"set-cookie": "sid=hush; path=/"})
    async with make_client() as client:
        await client.get(PATH)
        await client.get(PATH)
    assert "cookie" not in okta.seen[1].headers


@pytest.mark.parametrize("doc", [{"a": 1}, [], "text", 7, None, True])
async def test_a_get_returns_any_json(make_client, okta, doc):
    okta.routes[PATH] = [httpx.Response(200, content=orjson.dumps(doc))]
    async with make_client() as client:
        assert await client.get(PATH) == doc


async def test_json_with_a_wrong_content_type_is_accepted(make_client, okta):
    okta.routes[PATH] = [httpx.Response(200, content=b"{}", headers={"content-type": "text/plain"})]
    async with make_client() as client:
        assert await client.get(PATH) == {}


@pytest.mark.parametrize(
    ("answer", "words", "times"),
    [
        ({"html": "<html>log in</html>"}, "web page", 1),
        ({"content": b""}, "empty", 3),
        ({"content": b"  \n"}, "empty", 3),
        ({"content": b'{"id": '}, "truncated", 3),
        ({"content": b"[" * 100_000}, "not JSON", 3),
        ({"content": b'{"a": "\xff"}'}, "not JSON", 3),
    ],
)
async def test_a_200_that_is_not_json_is_a_protocol_error(make_client, okta, answer, words, times):
    okta.routes[PATH] = lambda _: httpx.Response(200, **answer)
    async with make_client() as client:
        with pytest.raises(ProtocolError, match=words) as caught:
            await client.get(PATH)
    assert caught.value.status == 200
    assert len(okta.seen) == times


async def test_a_body_over_the_limit_is_not_read_to_its_end(make_client, okta):
    read = 0

    async def endless():
        nonlocal read
        while True:
            read += 1000
            yield b"x" * 1000

    okta.routes[PATH] = lambda _: httpx.Response(200, content=endless())
    async with make_client(max_body=10_000) as client:
        with pytest.raises(ProtocolError, match="larger than 10000 bytes"):
            await client.get(PATH)
    assert read <= 12_000
    assert len(okta.seen) == 1


async def test_the_limit_applies_to_the_decompressed_body(make_client, okta):
    bomb = gzip.compress(b"[" + b" " * 1_000_000 + b"]")
    okta.routes[PATH] = lambda _: httpx.Response(200, content=bomb, headers={"content-encoding": "gzip"})
    async with make_client(max_body=100_000) as client:
        with pytest.raises(ProtocolError, match="larger"):
            await client.get(PATH)
    async with make_client() as client:
        assert await client.get(PATH) == []


async def test_a_missing_response_is_a_timeout(make_client, okta):
    async def never(request):
        await anyio.sleep_forever()

    okta.routes[PATH] = never
    async with make_client(timeout=0.01, retry_budget=0) as client:
        with pytest.raises(TransportError, match="within"):
            await client.get(PATH)
    assert client._driver._queue._limiter.in_flight == 0


async def test_a_slow_body_is_a_timeout(make_client, okta):
    async def trickle():
        yield b"["
        await anyio.sleep_forever()

    okta.routes[PATH] = lambda _: httpx.Response(200, content=trickle())
    async with make_client(timeout=0.01, retry_budget=0) as client:
        with pytest.raises(TransportError, match="within"):
            await client.get(PATH)


async def test_a_certificate_error_is_not_retried(make_client, okta):
    def refuse(request):
        try:
            raise ssl.SSLCertVerificationError("certificate verify failed: self-signed certificate")
        except ssl.SSLError as error:
            raise httpx.ConnectError(str(error)) from error

    okta.routes[PATH] = refuse
    async with make_client() as client:
        with pytest.raises(TransportError, match="certificate verify failed"):
            await client.get(PATH)
    assert len(okta.seen) == 1


async def test_a_connection_that_is_always_refused_is_a_transport_error(make_client, okta, clock):
    okta.routes[PATH] = lambda _: httpx.ConnectError("All connection attempts failed")
    async with make_client() as client:
        with pytest.raises(TransportError, match="All connection attempts failed"):
            await client.get(PATH)
    assert clock.now - 100 <= 20

    okta.routes[PATH] = [httpx.Response(200, json={})]
    async with make_client() as client:
        await client.get(PATH)
        okta.routes[PATH] = lambda _: httpx.ConnectError("All connection attempts failed")
        started = clock.now
        with pytest.raises(TransportError):
            await client.get(PATH)
    assert 60 <= clock.now - started <= 90


async def test_redirects_are_not_followed(make_client, okta):
    okta.routes[PATH] = lambda _: httpx.Response(302, headers={"location": "https://evil.example/"})
    async with make_client() as client:
        with pytest.raises(ForeignOriginError):
            await client.get(PATH)
    assert [request.url.host for request in okta.seen] == ["contoso.okta.com"]


async def test_the_driver_sends_a_credential_to_no_other_origin(make_client, okta):
    from oktahound.client._retry import fetch_json
    from oktahound.client._steps import Request

    for url in ("https://evil.example/x", "http://contoso.okta.com/x", "https://contoso.okta.com:444/x"):
        async with make_client() as client:
            with pytest.raises(ForeignOriginError):
                await client._driver.run(
                    fetch_json(Request("GET", httpx.URL(url), "/x"), client._retry_policy)
                )
    assert okta.seen == []


async def test_a_blocking_transport_runs_in_a_thread(make_client):
    class Blocking(httpx.BaseTransport):
        closed = False

        def handle_request(self, request):
            assert request.headers["authorization"] == "SSWS 00secret"
            content = gzip.compress(b'{"id": "00o1"}')
            return httpx.Response(200, content=content, headers={"content-encoding": "gzip"})

        def close(self):
            self.closed = True

    transport = Blocking()
    async with make_client(transport=transport) as client:
        assert await client.get(PATH) == {"id": "00o1"}
    assert transport.closed


async def test_a_blocking_transport_is_read_up_to_the_limit_only(make_client):
    class Endless(httpx.BaseTransport):
        def handle_request(self, request):
            return httpx.Response(200, content=(b"x" * 1000 for _ in iter(int, 1)))

    async with make_client(transport=Endless(), max_body=5000) as client:
        with pytest.raises(ProtocolError, match="larger"):
            await client.get(PATH)


async def test_a_transport_that_is_both_is_used_without_a_thread(make_client):
    import threading

    here = threading.get_ident()
    transport = httpx.MockTransport(
        lambda _: httpx.Response(200, json={"here": threading.get_ident() == here})
    )
    async with make_client(transport=transport) as client:
        assert await client.get(PATH) == {"here": True}


async def test_a_stream_of_the_wrong_type_is_a_transport_error(make_client):
    class Odd(httpx.BaseTransport):
        def handle_request(self, request):
            async def stream():
                yield b"{}"

            return httpx.Response(200, content=stream())

    async with make_client(transport=Odd()) as client:
        with pytest.raises(TypeError):
            await client.get(PATH)


async def test_without_a_transport_the_client_creates_one(httpx_mock):
    httpx_mock.add_response(url=f"{ORG}{PATH}", json={"id": "00o1"})
    async with AsyncOktaClient(ORG, ApiToken("00secret")) as client:
        assert await client.get(PATH) == {"id": "00o1"}


async def test_an_exception_of_the_transport_is_raised_and_releases_the_slot(make_client, okta):
    okta.routes[PATH] = lambda _: ZeroDivisionError("a bug")
    async with make_client() as client:
        with pytest.raises(ZeroDivisionError):
            await client.get(PATH)
    assert client._driver._queue._limiter.in_flight == 0


async def test_requests_are_counted_including_retries(make_client, okta):
    okta.routes["/api/v1/users/1"] = [httpx.Response(503), httpx.Response(200, json={})]
    okta.routes["/api/v1/users/2"] = [httpx.Response(200, json={})]
    async with make_client() as client:
        for number in ("1", "2"):
            await client.get("/api/v1/users/{id}", ids={"id": number})
    assert client.requests == {("GET", "/api/v1/users/{id}"): 3}


async def test_the_log_has_requests_without_ids_and_queries(make_client, okta, caplog):
    okta.routes["/api/v1/users/00uann"] = [
        httpx.ConnectError("x"),
        httpx.Response(503),
        httpx.Response(200, json={}),
    ]
    with caplog.at_level(logging.DEBUG, "oktahound"):
        async with make_client() as client:
            await client.get("/api/v1/users/{id}", {"search": "hush"}, ids={"id": "00uann"})
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("oktahound")]
    assert any("GET /api/v1/users/{id}: 200" in line for line in ours)
    assert any("attempt 2 failed (status 503)" in line for line in ours)
    assert not any("00uann" in line or "hush" in line for line in ours)


async def test_pauses_are_logged_with_org_request_and_duration(make_client, okta, caplog):
    spent = {
        "date": "Sun, 15 Jan 2034 10:00:00 GMT",
        "x-rate-limit-limit": "10",
        "x-rate-limit-remaining": "0",
        "x-rate-limit-reset": "2020932030",
    }
    okta.routes["/api/v1/users/00uann"] = [
        httpx.ConnectError("x"),
        httpx.Response(503),
        httpx.Response(200, json={}, headers=spent),
        httpx.Response(200, json={}),
    ]
    with caplog.at_level(logging.INFO, "oktahound.client"):
        async with make_client() as client:
            for _ in range(2):
                await client.get("/api/v1/users/{id}", ids={"id": "00uann"})
    retries = [record for record in caplog.records if hasattr(record, "okta_attempt")]
    assert [(record.okta_attempt, record.okta_status) for record in retries] == [(1, None), (2, 503)]
    waits = [record for record in caplog.records if record.okta_reason == "rate limit"]
    assert len(waits) == 1
    for record in caplog.records:
        assert record.levelno == logging.INFO
        assert record.okta_domain == "contoso.okta.com"
        assert record.okta_request == "GET /api/v1/users/{id}"
        assert record.okta_seconds >= 0
    assert waits[0].okta_seconds > 1


def test_the_entity_api_token_is_refused_as_a_credential(make_client):
    with pytest.raises(ConfigurationError, match=r"oktahound\.ApiToken.*not oktahound\.entities\.ApiToken"):
        make_client(entities.ApiToken(id="00T1"))


async def test_all_errors_have_one_root(make_client, okta):
    okta.routes[PATH] = [httpx.Response(418)]
    async with make_client() as client:
        with pytest.raises(OktaHoundError):
            await client.get(PATH)
