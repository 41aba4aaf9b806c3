"""Configuration as Okta's SDKs read it: files, then environment, then arguments."""

from __future__ import annotations

import json

import httpx
import pytest

from oktahound.client import ApiToken, AsyncOktaClient, OktaClient, PrivateKeyJwt
from oktahound.client._settings import read_settings
from oktahound.errors import ConfigurationError

URL = "https://contoso.okta.com"


@pytest.fixture
def places(tmp_path, monkeypatch):
    """Set a temporary home and working folder."""
    home, here = tmp_path / "home", tmp_path / "here"
    (home / ".okta").mkdir(parents=True)
    here.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(here)
    return home / ".okta" / "okta.yaml", here / "okta.yaml"


def write(file, **client):
    file.write_text(json.dumps({"okta": {"client": client}}))  # JSON is YAML
    return file


def read(path=None, environ=None, **overrides):
    return read_settings(path, environ or {}, overrides)


def test_later_sources_take_precedence(places):
    home, here = places
    write(home, orgUrl="https://home.okta.com", token="home", requestTimeout=5)
    assert (read().url, read().auth) == ("https://home.okta.com", ApiToken("home"))
    write(here, orgUrl="https://here.okta.com", token="here")
    assert (read().url, read().auth) == ("https://here.okta.com", ApiToken("here"))
    environ = {"OKTA_CLIENT_ORGURL": "https://env.okta.com", "OKTA_CLIENT_TOKEN": "env"}
    assert (read(None, environ).url, read(None, environ).auth) == ("https://env.okta.com", ApiToken("env"))
    settings = read(None, environ, url=URL, token="argument")
    assert (settings.url, settings.auth) == (URL, ApiToken("argument"))
    assert settings.options == {"timeout": 5.0}


def test_a_path_replaces_both_default_files(places, tmp_path):
    write(places[0], orgUrl="https://home.okta.com", token="home")
    mine = write(tmp_path / "mine.yaml", oktaDomain=URL, token="mine")
    assert read(mine).url == URL
    assert read(str(mine)).auth == ApiToken("mine")


def test_a_private_key_is_read_from_a_file(places, ec_jwk):
    write(
        places[1],
        orgUrl=URL,
        clientId="0oaclient",
        authorizationMode="PrivateKey",
        privateKey=json.dumps(ec_jwk),
        scopes=["okta.users.read", "okta.groups.read"],
        kid="other",
        dpopEnabled=False,
        token="unused",
        somethingElse={"deep": True},
    )
    expected = PrivateKeyJwt(
        "0oaclient", ec_jwk, scopes=["okta.groups.read", "okta.users.read"], dpop=False, kid="other"
    )
    assert read().auth == expected


@pytest.mark.parametrize("prefix", ["OKTA_CLIENT_", "OKTA_"])
@pytest.mark.parametrize("scopes", ["okta.users.read okta.groups.read", "okta.users.read,okta.groups.read"])
def test_a_private_key_is_read_from_the_environment(places, ec_jwk, prefix, scopes):
    environ = {
        f"{prefix}ORGURL": URL,
        f"{prefix}CLIENTID": "0oaclient",
        f"{prefix}PRIVATEKEY": json.dumps(ec_jwk),
        f"{prefix}SCOPES": scopes,
        f"{prefix}CONNECTIONTIMEOUT": "10",
        f"{prefix}REQUESTTIMEOUT": "0",
    }
    settings = read(None, environ)
    assert isinstance(settings.auth, PrivateKeyJwt)
    assert settings.auth.scopes == ("okta.groups.read", "okta.users.read")
    assert settings.auth.dpop
    assert settings.options == {"timeout": 10.0}


def test_a_key_may_be_a_mapping_or_a_path(places, ec_jwk, tmp_path):
    (tmp_path / "key.json").write_text(json.dumps(ec_jwk))
    as_mapping = read(None, {}, url=URL, client_id="0oaclient", key=ec_jwk)
    as_path = read(
        None, {"OKTA_CLIENT_PRIVATEKEY": str(tmp_path / "key.json")}, url=URL, client_id="0oaclient"
    )
    assert as_mapping.auth == as_path.auth
    write(places[1], orgUrl=URL, clientId="0oaclient", privateKey=ec_jwk)
    assert read().auth == as_mapping.auth


def test_a_credential_argument_determines_the_mode(places, ec_jwk):
    write(places[1], orgUrl=URL, clientId="0oaclient", authorizationMode="PrivateKey", privateKey=ec_jwk)
    assert read(token="mine").auth == ApiToken("mine")
    write(places[1], orgUrl=URL, clientId="0oaclient", authorizationMode="SSWS", token="file")
    assert isinstance(read(key=ec_jwk).auth, PrivateKeyJwt)
    with pytest.raises(ConfigurationError, match="both token= and key= were given"):
        read(key=ec_jwk, token="mine")


@pytest.mark.parametrize("mode", ["SSWS", "ssws", ""])
def test_a_token_is_used_unless_another_mode_is_set(places, ec_jwk, mode):
    write(
        places[1], orgUrl=URL, token="file", authorizationMode=mode, clientId="0oaclient", privateKey=ec_jwk
    )
    assert read().auth == ApiToken("file")


@pytest.mark.parametrize(
    ("client", "words"),
    [
        ({}, "no org URL"),
        ({"orgUrl": URL}, "no credential"),
        ({"orgUrl": 7, "token": "x"}, r"okta\.yaml: okta\.client\.orgUrl: must be text"),
        ({"orgUrl": URL, "token": 7}, r"okta\.client\.token: must be text"),
        ({"orgUrl": URL, "token": ["hush"]}, r"okta\.client\.token: must be text"),
        (
            {"orgUrl": URL, "token": "x", "authorizationMode": "Bearer"},
            "authorizationMode: the authorization mode must be SSWS or PrivateKey",
        ),
        ({"orgUrl": URL, "authorizationMode": "PrivateKey"}, "needs clientId"),
        ({"orgUrl": URL, "authorizationMode": "PrivateKey", "clientId": "x"}, "needs privateKey"),
        ({"orgUrl": URL, "token": "x", "requestTimeout": "soon"}, "requestTimeout: must be a number"),
        ({"orgUrl": URL, "token": "x", "requestTimeout": -1}, "requestTimeout: must be a number"),
        ({"orgUrl": URL, "token": "x", "requestTimeout": True}, "requestTimeout: must be a number"),
        ({"orgUrl": URL, "clientId": "x", "privateKey": "{hush"}, "not valid JSON"),
        ({"orgUrl": URL, "clientId": "x", "privateKey": "{}", "scopes": 7}, "scopes: must be"),
        (
            {"orgUrl": URL, "clientId": "x", "privateKey": "{}", "dpopEnabled": "maybe"},
            "dpopEnabled: must be",
        ),
    ],
)
def test_an_error_names_the_file_and_the_key(places, client, words):
    write(places[1], **client)
    with pytest.raises(ConfigurationError, match=words) as caught:
        read()
    assert "hush" not in str(caught.value)


def test_an_error_about_the_environment_names_the_variable(places):
    environ = {"OKTA_CLIENT_ORGURL": URL, "OKTA_CLIENT_TOKEN": "hush", "OKTA_CLIENT_REQUESTTIMEOUT": "x"}
    with pytest.raises(ConfigurationError, match="OKTA_CLIENT_REQUESTTIMEOUT") as caught:
        read(None, environ)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("okta: {client: {token: hush", "not YAML, see line 1"),
        ("token: hush\n\t- x: [", "not YAML, see line 2"),
        ("[hush]", "not a mapping"),
        ("okta: [hush]", "not a mapping"),
        ("okta: {client: hush}", "not a mapping"),
        ("a:\n" + " [\n" * 1_500, "not YAML"),
        ("# " + "x" * 1_100_000, "too large"),
        (b"\xff\xfe\x00", "cannot be read"),
        ("!!python/object/apply:os.system ['true']", "not YAML"),
    ],
)
def test_an_invalid_file_is_an_error_that_does_not_quote_it(places, text, words):
    places[1].write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ConfigurationError, match=words) as caught:
        read()
    error = caught.value
    assert "okta.yaml" in str(error)
    assert "hush" not in str(error)
    assert error.__context__ is None


def test_a_file_that_was_named_must_exist(places, tmp_path):
    with pytest.raises(ConfigurationError, match="FileNotFoundError"):
        read(tmp_path / "absent.yaml")


@pytest.mark.parametrize("text", ["", "okta:", "okta: {client: }", "other: 1"])
def test_an_empty_file_sets_nothing(places, text):
    places[1].write_text(text)
    assert read(url=URL, token="x").url == URL


@pytest.mark.anyio
async def test_both_clients_read_the_configuration_and_accept_keywords(places):
    write(places[0], orgUrl=URL, token="00secret")
    transport = httpx.MockTransport(
        lambda request: httpx.Response(200, json=request.headers["authorization"])
    )
    async with AsyncOktaClient.from_config(environ={}, transport=transport) as client:
        assert await client.get("/api/v1/org") == "SSWS 00secret"
    with OktaClient.from_config(environ={}, transport=transport, concurrency=3) as blocking:
        assert blocking.get("/api/v1/org") == "SSWS 00secret"
    with pytest.raises(TypeError):
        OktaClient.from_config(environ={}, tranport=transport)


def test_the_process_environment_is_read_by_default(places, monkeypatch):
    for name in ("OKTA_CLIENT_ORGURL", "OKTA_CLIENT_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OKTA_CLIENT_ORGURL", URL)
    monkeypatch.setenv("OKTA_CLIENT_TOKEN", "00secret")
    with OktaClient.from_config() as client:
        assert client.domain == "contoso.okta.com"


GIVEN = {"url": "https://contoso.okta.com", "token": "00secret"}


@pytest.mark.parametrize("how", ["no home", "no passwd entry", "a file in place of the home"])
def test_without_a_home_the_default_file_counts_as_absent(how, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    if how == "a file in place of the home":
        monkeypatch.setenv("HOME", str(tmp_path / "file"))
    else:
        monkeypatch.delenv("HOME", raising=False)
        monkeypatch.setattr("pwd.getpwuid", lambda _: (_ for _ in ()).throw(KeyError("uid not found")))
    assert read_settings(None, {}, GIVEN).url == "https://contoso.okta.com"
    environ = {"OKTA_CLIENT_ORGURL": "https://contoso.okta.com", "OKTA_CLIENT_TOKEN": "'00secret'"}
    assert read_settings(None, environ, {}).auth.token == "00secret"


def with_client(tmp_path, lines):
    file = tmp_path / "okta.yaml"
    file.write_text("okta:\n  client:\n" + "".join(f"    {line}\n" for line in lines))
    return file


def test_the_proxy_and_the_retries_of_oktas_sdks_are_read(tmp_path):
    proxy = ["proxy:", "  host: proxy.test", "  port: 3128", "  username: user", "  password: 'p@ss:1'"]
    file = with_client(tmp_path, [*proxy, "rateLimit:", "  maxRetries: 4", "requestTimeout: 60"])
    options = read_settings(file, {}, GIVEN).options
    assert options["proxy"] == "http://user:p%40ss%3A1@proxy.test:3128"
    assert (options["max_retries"], options["timeout"]) == (4, 60.0)
    overridden = read_settings(file, {}, {**GIVEN, "proxy": "http://other.test:1", "max_retries": 1}).options
    assert (overridden["proxy"], overridden["max_retries"]) == ("http://other.test:1", 1)
    assert "proxy" not in read_settings(file, {}, {**GIVEN, "transport": object()}).options


def test_the_proxy_variables_take_precedence_over_the_file(tmp_path):
    file = with_client(tmp_path, ["proxy:", "  host: proxy.test", "  port: 3128"])
    environ = {"OKTA_CLIENT_PROXY_HOST": "other.test", "OKTA_CLIENT_RATELIMIT_MAXRETRIES": "2"}
    options = read_settings(file, environ, GIVEN).options
    assert (options["proxy"], options["max_retries"]) == ("http://other.test:3128", 2)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["rateLimit:", "  maxBackoff: 30"], "okta.client.rateLimit.maxBackoff is not supported"),
        (["rateLimit:", "  maxRetries: many"], "okta.client.rateLimit.maxRetries: must be a whole number"),
        (["rateLimit: 4"], "okta.client.rateLimit is not a mapping"),
        (["proxy: http://proxy.test"], "okta.client.proxy is not a mapping"),
        (["proxy:", "  port: 3128"], "okta.client.proxy.port: a proxy needs proxy.host as well"),
        (["proxy:", "  host: proxy.test", "  port: 99999"], "okta.client.proxy.port: must be the number"),
    ],
)
def test_unsupported_keys_are_refused_by_name(lines, words, tmp_path):
    with pytest.raises(ConfigurationError) as caught:
        read_settings(with_client(tmp_path, lines), {}, GIVEN)
    assert words in str(caught.value)


def test_an_empty_section_is_ignored(tmp_path):
    assert read_settings(with_client(tmp_path, ["proxy:", "rateLimit:"]), {}, GIVEN).options == {}
