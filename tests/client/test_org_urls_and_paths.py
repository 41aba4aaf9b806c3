"""Org URLs in every form that users type, and paths made of templates and hostile ids."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oktahound.client import ApiToken, AsyncOktaClient, OktaClient
from oktahound.client._url import fill, origin_of, parse_org_url
from oktahound.errors import ConfigurationError, ProtocolError


@pytest.mark.parametrize(
    ("typed", "url", "domain"),
    [
        ("https://contoso.okta.com", "https://contoso.okta.com", "contoso.okta.com"),
        ("https://Contoso.Okta.COM/", "https://contoso.okta.com", "contoso.okta.com"),
        (" https://contoso.okta.com:443 ", "https://contoso.okta.com", "contoso.okta.com"),
        ("https://id.example.com:8443", "https://id.example.com:8443", "id.example.com"),
        ("https://my-admin.example.com", "https://my-admin.example.com", "my-admin.example.com"),
        ("http://localhost:8080", "http://localhost:8080", "localhost"),
        ("http://127.0.0.1", "http://127.0.0.1", "127.0.0.1"),
        ("http://127.1.2.3:80", "http://127.1.2.3", "127.1.2.3"),
        ("http://[::1]:9000", "http://[::1]:9000", "[::1]"),
        ("https://bücher.example", "https://xn--bcher-kva.example", "xn--bcher-kva.example"),
    ],
)
def test_an_org_url_is_normalized(typed, url, domain):
    org = parse_org_url(typed)
    assert (org.url, org.domain) == (url, domain)
    assert origin_of(org.at("/api/v1/users", {"limit": 2})) == org.origin


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "empty"),
        ("   ", "empty"),
        (None, "empty"),
        ("contoso.okta.com", "write https://contoso.okta.com"),
        ("http://contoso.okta.com", "write https://contoso.okta.com"),
        ("http://128.0.0.1", "clear text"),
        ("http://localhost.evil.example", "clear text"),
        ("ftp://contoso.okta.com", "must begin with https"),
        ("https://contoso-admin.okta.com", "write https://contoso.okta.com"),
        ("https://contoso-admin.oktapreview.com", "write https://contoso.oktapreview.com"),
        ("https://CONTOSO-ADMIN.okta-emea.com", "write https://contoso.okta-emea.com"),
        ("https://{yourOktaDomain}", "placeholder"),
        ("https://your-okta-domain.okta.com", "placeholder"),
        ("https://<org>.okta.com", "placeholder"),
        ("https://user:hush@contoso.okta.com", "user name"),
        ("https://@contoso.okta.com", "user name"),
        ("https://contoso.okta.com/api/v1", "path"),
        ("https://contoso.okta.com?x=hush", "query"),
        ("https://contoso.okta.com#hush", "query or fragment"),
        ("https://", "is invalid; give one like https://"),
        ("https://contoso.okta.com:port", "is invalid; give one like https://"),
        ("https://\x00", "is invalid; give one like https://"),
    ],
)
def test_an_invalid_org_url_is_an_error_before_anything_is_sent(typed, words):
    for client in (AsyncOktaClient, OktaClient):
        with pytest.raises(ConfigurationError, match=words) as caught:
            client(typed, ApiToken("00secret"))
        assert "hush" not in str(caught.value)


def test_credentials_and_numbers_are_checked_before_anything_is_sent():
    url = "https://contoso.okta.com"
    with pytest.raises(ConfigurationError, match="not str"):
        AsyncOktaClient(url, "00secret")  # type: ignore[arg-type]
    for option in ({"concurrency": 0}, {"timeout": 0}, {"retry_budget": -1}, {"max_body": float("nan")}):
        (name,) = option
        with pytest.raises(ConfigurationError, match=name):
            AsyncOktaClient(url, ApiToken("00secret"), **option)
    for number in (True, "32", 1.5):
        with pytest.raises(ConfigurationError, match="concurrency"):
            AsyncOktaClient(url, ApiToken("00secret"), concurrency=number)  # type: ignore[arg-type]


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_an_id_stays_one_path_segment_or_is_refused(text):
    template = "/api/v1/users/{id}/factors"
    if text in {".", ".."}:
        with pytest.raises(ProtocolError):
            fill(template, {"id": text})
        return
    url = httpx.URL("https://contoso.okta.com" + fill(template, {"id": text}))
    prefix, suffix = b"/api/v1/users/", b"/factors"
    assert url.raw_path.startswith(prefix)
    assert url.raw_path.endswith(suffix)
    assert b"/" not in url.raw_path[len(prefix) : -len(suffix)]
    assert url.path == f"/api/v1/users/{text}/factors"
    assert not url.query
    assert not url.fragment


@pytest.mark.parametrize("value", ["", ".", "..", None, 7, "\ud800"])
def test_an_id_that_cannot_be_quoted_is_refused(value):
    with pytest.raises(ProtocolError):
        fill("/api/v1/users/{id}", {"id": value})


@pytest.mark.parametrize("template", ["users", "//evil.example/x", "/a?b=c", "/a#b", "/a b", "/a\\b", ""])
def test_a_template_must_be_a_path(template):
    with pytest.raises(ConfigurationError):
        fill(template, None)


@pytest.mark.parametrize("ids", [None, {}, {"id": "1", "other": "2"}, {"other": "1"}])
def test_a_template_requires_exactly_its_ids(ids):
    with pytest.raises(ConfigurationError, match="needs the ids"):
        fill("/api/v1/users/{id}", ids)


def test_query_parameters_are_encoded_as_okta_expects():
    org = parse_org_url("https://contoso.okta.com")
    url = org.at("/api/v1/users", {"limit": 200, "expand": True, "search": 'status eq "ACTIVE"&x'})
    assert dict(httpx.QueryParams(url.query.decode())) == {
        "limit": "200",
        "expand": "true",
        "search": 'status eq "ACTIVE"&x',
    }
