"""Uploads to this machine never use a proxy, uploads to other servers do, and errors name the variable."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from loopback.servers import proxy_to, web_server

from oktahound.bloodhound import BearerToken, upload
from oktahound.errors import ConfigurationError, TransportError

TOKEN = BearerToken("aaa.bbb.ccc")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
def test_neither_the_graph_nor_the_token_reaches_a_proxy(
    name: str, graph: Path, address: str, fake_server: Any, token: Any, options: Any, monkeypatch: Any
):
    with web_server() as other, proxy_to(other.port) as proxy:
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        upload(graph, address.replace("127.0.0.1", "localhost."), token, **options)
        assert proxy.targets == []
        assert other.requests == []
    assert len(fake_server.jobs[1]["files"]) == 2


def test_another_server_is_reached_through_the_proxy(graph: Path, options: Any, monkeypatch: Any):
    with proxy_to(1, status=403) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://user:s3cret@127.0.0.1:{proxy.port}")
        with pytest.raises(TransportError, match="the proxy of HTTPS_PROXY did not connect") as caught:
            upload(graph, "https://bloodhound.contoso.test", TOKEN, **options)
    assert proxy.targets == ["CONNECT bloodhound.contoso.test:443"]
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"), [("ALL_PROXY", "htp://x"), ("SSL_CERT_FILE", "/missing"), ("SSL_CERT_DIR", "/missing")]
)
def test_a_variable_that_cannot_be_used_is_named(name: str, value: str, graph: Path, monkeypatch: Any):
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError, match=f"^{name}: "):
        upload(graph, "https://bloodhound.contoso.test", TOKEN)


def test_a_proxy_can_be_given_as_an_argument(graph: Path, options: Any, monkeypatch: Any):
    monkeypatch.setenv("NO_PROXY", "*")
    with proxy_to(1, status=403) as proxy, pytest.raises(TransportError, match="the proxy of proxy="):
        upload(graph, "https://bh.test", TOKEN, proxy=f"http://127.0.0.1:{proxy.port}", **options)
    assert proxy.targets == ["CONNECT bh.test:443"]
