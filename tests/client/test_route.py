"""Proxies and certificates: which settings of the environment apply, and how errors name them."""

from __future__ import annotations

import gc
import ssl
from pathlib import Path

import certifi
import httpx
import pytest
from loopback.certificates import Authority
from loopback.servers import proxy_to, web_server

from oktahound import ApiToken, AsyncOktaClient, OktaClient
from oktahound.client._route import route_to
from oktahound.client._url import is_loopback
from oktahound.errors import ConfigurationError, TransportError

ORG = httpx.URL("https://contoso.okta.test")
TOKEN = ApiToken("00secret-token")
SECRET = "pr0xy-passw0rd"
ALL_CERTIFICATES = certifi.where()
VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*VARIABLES, "SSLKEYLOGFILE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="module")
def one_certificate(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A file with the certificate of an authority that certifies no server of these tests."""
    file = tmp_path_factory.mktemp("certificates") / "one.pem"
    file.write_text(Authority().certificate)
    return str(file)


@pytest.fixture(autouse=True)
def few_certificates(one_certificate: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put one certificate in place of certifi's 140, which take longer to load than all else here."""
    monkeypatch.setattr(certifi, "where", lambda: one_certificate)


LOOPBACK = [
    "localhost",
    "LOCALHOST",
    "localhost.",
    "okta.localhost",
    "okta.localhost.",
    "127.0.0.1",
    "127.1.2.3",
    "127.1",
    "2130706433",
    "0x7f.1",
    "0177.0.0.1",
    "0.0.0.0",
    "::1",
    "[::1]",
    "0:0:0:0:0:0:0:1",
    "::1%lo",
    "::ffff:127.0.0.1",
    "::",
]


@pytest.mark.parametrize("host", LOOPBACK)
def test_loopback_hosts(host: str):
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    ["contoso.okta.com", "localhost.okta.com", "notlocalhost", "128.0.0.1", "10.0.0.1", "::2", "fd00::1"],
)
def test_other_hosts(host: str):
    assert not is_loopback(host)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8800",
        "http://127.9.9.9",
        "http://localhost:8800",
        "http://localhost.:8800",
        "http://[::1]:8800",
        "http://[::ffff:127.0.0.1]:8800",
        "https://127.1",
        "https://localhost",
        "https://okta.localhost",
    ],
)
@pytest.mark.parametrize("name", ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"])
def test_requests_to_loopback_addresses_never_use_a_proxy(url: str, name: str):
    assert route_to(httpx.URL(url), environ={name: "http://proxy.test:3128"}).proxy is None
    assert route_to(httpx.URL(url), environ={name: "nonsense://"}).proxy is None
    assert route_to(httpx.URL(url), proxy="http://proxy.test:3128", environ={}).proxy is None


@pytest.mark.parametrize("name", ["HTTP_PROXY", "ALL_PROXY", "HTTPS_PROXY", "all_proxy", "http_proxy"])
def test_a_token_for_a_loopback_org_does_not_reach_the_proxy(name: str, monkeypatch: pytest.MonkeyPatch):
    with web_server() as org, proxy_to(org.port) as proxy:
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        with OktaClient(f"http://127.0.0.1:{org.port}", TOKEN) as client:
            assert client.list("/api/v1/users") == []
        assert proxy.targets == []
        ((line, headers),) = org.requests
        assert line.startswith("GET /api/v1/users ")
        assert headers["authorization"] == "SSWS 00secret-token"


@pytest.mark.parametrize(
    ("variables", "source"),
    [
        ({"HTTPS_PROXY": "http://one.test:1"}, "HTTPS_PROXY"),
        ({"https_proxy": "http://one.test:1", "HTTPS_PROXY": "http://two.test:2"}, "https_proxy"),
        ({"HTTPS_PROXY": "http://one.test:1", "ALL_PROXY": "http://two.test:2"}, "HTTPS_PROXY"),
        ({"ALL_PROXY": "http://one.test:1", "HTTP_PROXY": "http://two.test:2"}, "ALL_PROXY"),
        ({"all_proxy": "one.test:1"}, "all_proxy"),
        ({"HTTPS_PROXY": " 'http://one.test:1' "}, "HTTPS_PROXY"),
        ({"HTTPS_PROXY": "", "ALL_PROXY": "http://one.test:1"}, "ALL_PROXY"),
        (
            {"https_proxy": "", "HTTPS_PROXY": "http://two.test:2", "ALL_PROXY": "http://one.test:1"},
            "ALL_PROXY",
        ),
        ({"HTTPS_PROXY": "http://one.test:1/", "NO_PROXY": "example.com"}, "HTTPS_PROXY"),
    ],
)
def test_the_proxy_comes_from_the_most_specific_variable(variables: dict[str, str], source: str):
    route = route_to(ORG, environ=variables)
    assert route.source == source
    assert route.proxy is not None
    assert (route.proxy.url.host, route.proxy.url.port) == ("one.test", 1)


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"HTTP_PROXY": "http://one.test:1"},
        {"HTTPS_PROXY": "   "},
        {"HTTPS_PROXY": "http://one.test:1", "NO_PROXY": "okta.test"},
        {"ALL_PROXY": "socks4://one.test:1", "NO_PROXY": "okta.test"},
        {"HTTPS_PROXY": "htp://one.test:1", "no_proxy": "contoso.okta.test"},
    ],
)
def test_a_direct_route(variables: dict[str, str]):
    assert route_to(ORG, environ=variables).proxy is None


@pytest.mark.parametrize("scheme", ["socks5", "socks5h", "socks", "SOCKS5"])
def test_every_spelling_of_socks5_is_accepted(scheme: str):
    route = route_to(ORG, environ={"ALL_PROXY": f"{scheme}://127.0.0.1:1080"})
    assert route.proxy is not None
    assert route.proxy.url.scheme == "socks5"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("htp://proxy.test", "the scheme htp:// of the proxy is not supported"),
        ("socks4://proxy.test", "the scheme socks4:// of the proxy is not supported"),
        ("ftp://proxy.test", "write http://, https:// or socks5://"),
        ("http://", "not the URL of a proxy"),
        ("http://:8080", "not the URL of a proxy"),
        ("http://proxy.test:port", "not the URL of a proxy"),
        ("http://proxy.test:99999", "not the URL of a proxy"),
        ("http://[::1", "not the URL of a proxy"),
        ("http://proxy .test:8080", "not the URL of a proxy"),
        (f"http://user:{SECRET}@:80", "not the URL of a proxy"),
        (f"http://user:{SECRET}@proxy.test:port", "percent-encode"),
        (f"ftp://user:{SECRET}@proxy.test", "the scheme ftp://"),
    ],
)
@pytest.mark.parametrize("name", ["HTTPS_PROXY", "all_proxy"])
def test_an_invalid_proxy_is_an_error_that_names_the_variable(name: str, text: str, words: str):
    with pytest.raises(ConfigurationError) as caught:
        route_to(ORG, environ={name: text})
    assert str(caught.value).startswith(f"{name}: ")
    assert words in str(caught.value)
    assert SECRET not in str(caught.value)
    with pytest.raises(ConfigurationError, match=r"^proxy=: "):
        route_to(ORG, proxy=text, environ={})


def test_a_socks_proxy_without_its_package_names_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("oktahound.client._route.find_spec", lambda _: None)
    with pytest.raises(ConfigurationError, match=r"ALL_PROXY.*pip install 'httpx\[socks\]'"):
        route_to(ORG, environ={"ALL_PROXY": "socks5://127.0.0.1:1080"})
    assert (
        route_to(ORG, environ={"ALL_PROXY": "socks5://127.0.0.1:1080", "NO_PROXY": "okta.test"}).proxy is None
    )


def test_an_invalid_entry_of_no_proxy_is_an_error_that_names_the_variable():
    with pytest.raises(ConfigurationError, match=r"^NO_PROXY: the entry 'fd00::/999'"):
        route_to(ORG, environ={"HTTPS_PROXY": "http://one.test:1", "NO_PROXY": "fd00::/999"})
    # Without a proxy the entry has no effect.
    assert route_to(ORG, environ={"NO_PROXY": "fd00::/999"}).proxy is None


def test_the_repr_of_a_route_has_no_proxy_password():
    route = route_to(ORG, environ={"HTTPS_PROXY": f"http://user:{SECRET}@proxy.test:3128"})
    assert SECRET not in repr(route)
    assert route.proxy is not None
    assert route.proxy.auth == ("user", SECRET)


@pytest.fixture
def trusted(authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """Trust the test authority, and return the TLS context of a server with a certificate of it."""
    file = tmp_path / "authority.pem"
    file.write_text(authority.certificate)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    return authority.server_context(tmp_path, "contoso.okta.test", "localhost")


@pytest.mark.parametrize("credentials", [None, "user:p@ss:w/rd %"])
@pytest.mark.parametrize("scheme", ["http", "https", "socks5"])
def test_an_org_is_read_through_a_proxy(
    scheme: str, credentials: str | None, trusted: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
):
    login = "user:p%40ss%3Aw%2Frd%20%25@" if credentials else ""
    context = trusted if scheme == "https" else None
    with web_server(trusted) as org, proxy_to(org.port, context, credentials=credentials) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"{scheme}://{login}localhost:{proxy.port}")
        with OktaClient(str(ORG), TOKEN) as client:
            assert client.list("/api/v1/users") == []
            assert client.list("/api/v1/groups") == []
    kind = "SOCKS" if scheme == "socks5" else "CONNECT"
    assert set(proxy.targets) == {f"{kind} contoso.okta.test:443"}
    assert {headers["authorization"] for _, headers in org.requests} == {"SSWS 00secret-token"}


@pytest.mark.anyio
async def test_a_proxy_can_be_given_as_an_argument(trusted: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NO_PROXY", "*")
    with web_server(trusted) as org, proxy_to(org.port) as proxy:
        async with AsyncOktaClient(str(ORG), TOKEN, proxy=f"http://localhost:{proxy.port}") as client:
            assert await client.list("/api/v1/users") == []
    assert proxy.targets == ["CONNECT contoso.okta.test:443"]


def test_a_transport_and_a_proxy_exclude_each_other():
    with pytest.raises(ConfigurationError, match="both transport= and proxy= were given"):
        OktaClient(str(ORG), TOKEN, transport=httpx.MockTransport(lambda _: httpx.Response(200)), proxy="p:1")


# httpcore leaves the socket of a SOCKS handshake that failed to the garbage collector.
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.parametrize("scheme", ["http", "socks5"])
@pytest.mark.parametrize("given", ["", f"user:{SECRET}@"])
def test_refused_proxy_credentials_are_an_error_at_once(
    scheme: str, given: str, monkeypatch: pytest.MonkeyPatch
):
    with proxy_to(1, credentials="user:right") as proxy:
        monkeypatch.setenv("all_proxy", f"{scheme}://{given}127.0.0.1:{proxy.port}")
        with OktaClient(str(ORG), TOKEN) as client, pytest.raises(TransportError) as caught:
            client.get("/api/v1/users")
    assert "the proxy of all_proxy" in str(caught.value)
    assert "write http://user:password@host:port (407)" in str(caught.value)
    assert SECRET not in str(caught.value)
    assert sum(client.requests.values()) == 1
    gc.collect()


@pytest.mark.parametrize(("status", "requests"), [(403, 1), (502, 2)])
def test_a_proxy_that_does_not_connect_is_named(status: int, requests: int, monkeypatch: pytest.MonkeyPatch):
    with proxy_to(1, status=status) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        options = {"retry_budget": 0.6, "random": lambda: 0.5}
        with OktaClient(str(ORG), TOKEN, **options) as client, pytest.raises(TransportError) as caught:
            client.get("/api/v1/users")
    assert f"the proxy of HTTPS_PROXY did not connect (status {status})" in str(caught.value)
    assert sum(client.requests.values()) == requests


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_certificates_come_from_a_file(mark: str, authority: Authority, tmp_path: Path):
    file = tmp_path / "authority.pem"
    file.write_text(mark + authority.certificate, encoding="utf-8")
    route = route_to(ORG, environ={"SSL_CERT_FILE": str(file)})
    assert route.tls is not None
    assert [dict(part[0] for part in ca["subject"]) for ca in route.tls.get_ca_certs()] == [
        {"commonName": "oktahound test authority"}
    ]


@pytest.mark.parametrize("empty", ["", "  ", '""'])
def test_empty_variables_leave_the_certificates_of_certifi(empty: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(certifi, "where", lambda: ALL_CERTIFICATES)
    route = route_to(ORG, environ={"SSL_CERT_FILE": empty, "SSL_CERT_DIR": empty})
    assert route.tls is not None
    expected = ssl.create_default_context(cafile=ALL_CERTIFICATES)
    assert len(expected.get_ca_certs()) > 50
    assert len(route.tls.get_ca_certs()) == len(expected.get_ca_certs())


def test_certificates_come_from_folders(authority: Authority, tmp_path: Path):
    (tmp_path / "0a1b2c3d.0").write_text(authority.certificate)
    folders = f"{tmp_path / 'missing'}:{tmp_path}"
    assert route_to(ORG, environ={"SSL_CERT_DIR": folders}).tls is not None


@pytest.mark.parametrize("content", [None, "", "not a certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_the_error_names_an_unusable_certificate_file(content: str | None, tmp_path: Path):
    file = tmp_path / "authority.pem"
    if content is not None:
        file.write_text(content)
    with pytest.raises(ConfigurationError) as caught:
        route_to(ORG, environ={"SSL_CERT_FILE": str(file)})
    assert str(caught.value).startswith(f"SSL_CERT_FILE: {file} ")
    assert "unset the variable" in str(caught.value)


def test_the_error_names_a_folder_given_as_certificate_file(tmp_path: Path):
    with pytest.raises(ConfigurationError, match=r"SSL_CERT_FILE: .* cannot be read"):
        route_to(ORG, environ={"SSL_CERT_FILE": str(tmp_path)})


@pytest.mark.parametrize("name", ["missing", "empty"])
def test_the_error_names_a_certificate_folder_without_certificates(name: str, tmp_path: Path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigurationError, match=r"^SSL_CERT_DIR: .* openssl rehash"):
        route_to(ORG, environ={"SSL_CERT_DIR": str(tmp_path / name)})


def test_the_error_names_a_key_log_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "missing" / "keys.log"))
    with pytest.raises(ConfigurationError, match=r"^SSLKEYLOGFILE: .* cannot be opened"):
        route_to(ORG)


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_plain_http_needs_no_certificates(name: str):
    assert route_to(httpx.URL("http://127.0.0.1:8800"), environ={name: "/missing"}).tls is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ALL_PROXY", "htp://x"),
        ("NO_PROXY", "fd00::/999"),
        ("SSL_CERT_FILE", "/missing"),
        ("SSL_CERT_DIR", "/missing"),
    ],
)
def test_the_constructor_reports_the_variable(name: str, value: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HTTPS_PROXY" if name == "NO_PROXY" else name, "http://proxy.test:1")
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError, match=f"^{name}: "):
        OktaClient("https://contoso.okta.com", TOKEN)
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=[]))
    with OktaClient("https://contoso.okta.com", TOKEN, transport=transport) as client:
        assert client.list("/api/v1/users") == []


def test_a_certificate_that_is_not_trusted_fails_at_once(authority: Authority, tmp_path: Path):
    with web_server(authority.server_context(tmp_path, "localhost")) as org:
        url = f"https://localhost:{org.port}"
        with (
            OktaClient(url, TOKEN) as client,
            pytest.raises(TransportError, match="certificate verify failed"),
        ):
            client.get("/api/v1/users")
    assert sum(client.requests.values()) == 1
