"""Invalid paths, addresses, credentials and numbers are refused before anything is sent."""

from __future__ import annotations

import httpx
import pytest

from oktahound.bloodhound import BearerToken, SignedToken, upload
from oktahound.errors import ConfigurationError

URL = "https://bloodhound.contoso.com"
TOKEN = SignedToken("id", "key")


def refused(paths, url=URL, auth=TOKEN, **options):
    def nobody(request):
        raise AssertionError("something was sent")

    transport = httpx.MockTransport(nobody)
    with pytest.raises(ConfigurationError) as caught:
        upload(paths, url, auth, **{"transport": transport, **options})
    return str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "bloodhound.contoso.com",
        "ftp://bloodhound.contoso.com",
        "https://",
        "https://ann:CANARY@bloodhound.contoso.com",
        "https://bloodhound.contoso.com/ui?token=CANARY",
        "https://bloodhound.contoso.com/api/v2",
        "https://bloodhound.contoso.com/#CANARY",
        "http://bloodhound.contoso.com",
        "http://localhost.contoso.com",
        "http://127.0.0.1.contoso.com",
        "https://bad host",
        "https://bloodhound.contoso.com:port",
        None,
    ],
)
def test_an_address_must_be_an_https_origin_and_errors_do_not_repeat_it(url, graph):
    message = refused(graph, url=url)
    assert "https://" in message
    assert "CANARY" not in message


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.3.2.1", "[::1]"])
def test_http_is_accepted_for_this_machine(host, graph, fake_server, token, options):
    async def answer(request):
        target = request.url.raw_path.decode()
        status, doc = fake_server.answer(request.method, target, request.headers, await request.aread())
        return httpx.Response(status, json=doc)

    upload(graph, f"http://{host}:8080/", token, transport=httpx.MockTransport(answer), **options)
    assert len(fake_server.jobs[1]["files"]) == 2


def test_files_that_bloodhound_does_not_accept(tmp_path, graph):
    (tmp_path / "graph.csv").write_text("id")
    (tmp_path / "folder.json").mkdir()
    assert "is not a .json or .zip file" in refused(tmp_path / "graph.csv")
    assert "does not exist or is not a file" in refused(tmp_path / "missing.json")
    assert "contains no okta-graph" in refused(tmp_path)
    assert "no file to upload" in refused([])
    assert "given twice" in refused([graph, graph / "okta-graph.json"])


def test_two_versions_of_a_file_are_an_error(graph):
    (graph / "okta-graph.zip").write_bytes(b"")
    assert "okta-graph as .json and as .zip" in refused(graph)


@pytest.mark.parametrize("auth", ["eyJ", None, ("id", "key")])
def test_a_credential_of_another_type_is_refused(auth, graph):
    assert "SignedToken or a BearerToken" in refused(graph, auth=auth)


@pytest.mark.parametrize(
    "numbers", [{"wait": -1}, {"timeout": 0}, {"retry_budget": float("nan")}, {"wait": True}]
)
def test_invalid_numbers_are_refused(numbers, graph):
    assert next(iter(numbers)) in refused(graph, **numbers)


def test_a_blocking_transport_cannot_stream(graph):
    assert "AsyncBaseTransport" in refused(graph, transport=httpx.HTTPTransport())


@pytest.mark.parametrize("text", ["", "  ", "two words", "line\nbreak", "ümlaut", None, 7])
def test_a_token_with_blanks_is_refused(text):
    for make in (
        lambda: SignedToken(text, "key"),
        lambda: SignedToken("id", text),
        lambda: BearerToken(text),
    ):
        with pytest.raises(ConfigurationError, match="BloodHound"):
            make()
