"""Every form of entry that curl, Go, Python or Windows accept in ``NO_PROXY``."""

from __future__ import annotations

import httpx
import pytest

from oktahound.client._no_proxy import is_exempt


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("https://contoso.okta.com", "*"),
        ("https://contoso.okta.com", "contoso.okta.com"),
        ("https://contoso.okta.com", "okta.com"),
        ("https://contoso.okta.com", ".okta.com"),
        ("https://contoso.okta.com", "*.okta.com"),
        ("https://contoso.okta.com", ".contoso.okta.com"),
        ("https://contoso.okta.com", "contoso.okta.com."),
        ("https://contoso.okta.com.", "contoso.okta.com"),
        ("https://contoso.okta.com", "CONTOSO.Okta.COM"),
        ("https://Contoso.Okta.com", "contoso.okta.com"),
        ("https://contoso.okta.com", "contoso.okta.com:443"),
        ("https://contoso.okta.com:8443", "contoso.okta.com:8443"),
        ("https://contoso.okta.com", "https://contoso.okta.com"),
        ("https://contoso.okta.com", "https://contoso.okta.com/"),
        ("https://contoso.okta.com", "all://okta.com"),
        ("https://contoso.okta.com", "a.example, contoso.okta.com ,b.example"),
        ("https://contoso.okta.com", "a.example contoso.okta.com"),
        ("https://contoso.okta.com", "a.example;contoso.okta.com"),
        ("https://contoso.okta.com", ",,contoso.okta.com,"),
        ("https://contoso.okta.com", "'contoso.okta.com'"),
        ("https://contoso.okta.com", "contoso.*"),
        ("https://contoso.okta.com", "*okta.com"),
        ("https://contoso.okta.com", "fd00::/999,okta.com"),
        ("https://intranet", "<local>"),
        ("https://bücher.example", "bücher.example"),
        ("https://xn--bcher-kva.example", "bücher.example"),
        ("https://10.1.2.3", "10.1.2.3"),
        ("https://10.1.2.3", "10.0.0.0/8"),
        ("https://10.1.2.3", "10.1.2.3/8"),
        ("https://10.1.2.3", "10.*"),
        ("https://10.1.2.3:8443", "10.0.0.0/8:8443"),
        ("https://[::ffff:10.1.2.3]", "10.0.0.0/8"),
        ("https://[fd00::5]", "fd00::5"),
        ("https://[fd00::5]", "[fd00::5]"),
        ("https://[fd00::5]", "fd00:0:0::5"),
        ("https://[fd00::5]:8443", "[fd00::5]:8443"),
        ("https://[fd00::5]", "fd00::/8"),
        ("https://[fd00::5]", "[fd00::]/8"),
        ("https://[fd00::5]", "[fd00::/8]"),
        ("https://[fe80::5]", "fe80::%eth0/10"),
    ],
)
def test_an_entry_that_matches_exempts_the_server(url: str, text: str):
    assert is_exempt(httpx.URL(url), text)


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("https://contoso.okta.com", ""),
        ("https://contoso.okta.com", " , "),
        ("https://contoso.okta.com", "."),
        ("https://contoso.okta.com", "example.com"),
        ("https://contoso.okta.com", "fabrikam.okta.com"),
        ("https://notokta.com", "okta.com"),
        ("https://notokta.com", ".okta.com"),
        ("https://contoso.okta.com", "com.okta"),
        ("https://contoso.okta.com", "contoso.okta.com:8443"),
        ("https://contoso.okta.com", "http://contoso.okta.com"),
        ("https://contoso.okta.com", "10.0.0.0/8,fd00::/8,::1,[::1],::1/128"),
        ("https://contoso.okta.com", "<local>"),
        ("https://[fd00::5]", "<local>"),
        ("https://11.1.2.3", "10.0.0.0/8"),
        ("https://10.1.2.3", "10.1.2.4"),
        ("https://10.1.2.3", "fd00::/8"),
        ("https://[fd00::5]", "[fd00::6]"),
        ("https://[fd00::5]", "10.0.0.0/8"),
    ],
)
def test_other_servers_are_not_exempt(url: str, text: str):
    assert not is_exempt(httpx.URL(url), text)


@pytest.mark.parametrize("entry", ["10.0.0.0/33", "fd00::/999", "[::1", "[]", "a@b", "::1::2", "okta.com/8"])
def test_an_invalid_entry_is_named_if_no_other_entry_matches(entry: str):
    with pytest.raises(ValueError, match="is neither a host name") as caught:
        is_exempt(httpx.URL("https://contoso.okta.com"), f"a.example,{entry}")
    assert repr(entry) in str(caught.value)
