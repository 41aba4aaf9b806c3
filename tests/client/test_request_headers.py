"""The headers of requests, which are prepared once for all requests with the same credential."""

from __future__ import annotations

import httpx
import pytest

from oktahound.client._transport import TransportClient


@pytest.fixture
def http() -> TransportClient:
    transport = httpx.MockTransport(lambda _: httpx.Response(200))
    return TransportClient(transport, timeout=5, max_body=100, user_agent="oktahound")


def sent(http: TransportClient, url: str, headers: dict[str, str], method: str = "GET") -> dict[str, str]:
    request = http.build_request(method, url, headers=headers)
    assert request.content == b""
    assert request.extensions["timeout"]["read"] == 5
    return dict(request.headers)


def test_equal_requests_have_equal_headers_in_objects_of_their_own(http: TransportClient) -> None:
    token = {"Authorization": "SSWS 00secret"}
    first = http.build_request("GET", "https://contoso.okta.com/a", headers=token)
    second = http.build_request("GET", "https://contoso.okta.com/b", headers=token)
    assert first.headers.raw == second.headers.raw
    assert first.headers["host"] == "contoso.okta.com"
    first.headers["X-Changed"] = "by a transport"
    assert "x-changed" not in second.headers
    assert "x-changed" not in http.build_request("GET", "https://contoso.okta.com/c", headers=token).headers
    assert "00secret" not in repr(http._last)


def test_another_credential_or_host_gets_headers_of_its_own(http: TransportClient) -> None:
    one, other = {"Authorization": "Bearer one"}, {"Authorization": "Bearer other"}
    assert sent(http, "https://contoso.okta.com/", one)["authorization"] == "Bearer one"
    assert sent(http, "https://contoso.okta.com/", other)["authorization"] == "Bearer other"
    assert sent(http, "https://fabrikam.okta.com:8443/", other)["host"] == "fabrikam.okta.com:8443"
    assert sent(http, "https://contoso.okta.com/", one, "POST")["content-length"] == "0"
    assert "content-length" not in sent(http, "https://contoso.okta.com/", one)
