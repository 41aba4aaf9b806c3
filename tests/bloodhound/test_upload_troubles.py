"""Errors between the client and a BloodHound server, and their effect on the upload job."""

from __future__ import annotations

import signal
import socket
import threading

import anyio
import anyio.from_thread
import httpx
import pytest
from handwritten.bloodhound import RUNNING, refusal

from oktahound.bloodhound import upload, upload_async
from oktahound.bloodhound._files import Content
from oktahound.errors import (
    ForeignOriginError,
    NotFoundError,
    PermissionDeniedError,
    ProtocolError,
    RateLimitError,
    RequestRejectedError,
    ServerError,
    TransportError,
    UploadError,
)

START, FIRST, END = r"start$", r"/1$", r"/end$"
NAMES = ["okta-graph.json", "okta-graph-hybrid.json"]


def names(fake_server):
    return [name for name, _, _ in fake_server.jobs[1]["files"]]


@pytest.mark.parametrize("where", [START, FIRST, END], ids=["start", "file", "end"])
@pytest.mark.parametrize("fault", [429, 500, 502, 503, 504, "reset"])
def test_after_transient_errors_every_file_arrives_once(
    fault, where, graph, fake_server, address, token, options
):
    fake_server.faults = [(where, fault), (where, fault)]
    upload(graph, address, token, **options)
    assert names(fake_server) == NAMES
    assert fake_server.jobs[1]["status"] != RUNNING
    assert options["clock"].slept == [0.5, 1.0]  # exponential, times a half for the jitter


def test_an_interrupted_file_is_sent_again_from_its_beginning(graph, fake_server, address, token, options):
    (graph / "okta-graph.json").write_text('"' + "x" * 5_000_000 + '"')
    fake_server.faults = [(FIRST, "cut")]
    seen = []
    upload(graph, address, token, progress=seen.append, **options)
    assert [len(body) for _, _, body in fake_server.jobs[1]["files"]] == [5_000_002, 19]
    assert [each.sent for each in seen if each.number == 1].count(0) == 2


def test_a_file_whose_response_is_lost_is_sent_twice(graph, fake_server, address, token, options):
    fake_server.faults = [(FIRST, "lost")]
    upload(graph, address, token, **options)
    assert names(fake_server) == ["okta-graph.json", *NAMES]


def test_a_job_is_ended_even_if_the_response_to_the_end_is_lost(graph, fake_server, address, token, options):
    fake_server.faults = [(END, "lost")]
    assert upload(graph, address, token, **options).id == 1
    assert fake_server.seen[-1][0] == "GET"  # the second request was refused, and the status was requested


def test_a_job_that_the_server_cancelled_is_not_ended(graph, fake_server, address, token, options):
    fake_server.statuses = [4, 4]
    fake_server.faults = [(END, "lost")]
    with pytest.raises(RequestRejectedError, match="job must be in running status"):
        upload(graph, address, token, **options)


def test_retry_after_of_the_server_is_respected(graph, fake_server, address, token, options):
    def busy(handler):
        return *refusal(429, "slow down"), {"Retry-After": "7"}

    fake_server.faults = [(FIRST, busy)]
    upload(graph, address, token, **options)
    assert options["clock"].slept == [7.0]


def test_each_attempt_is_signed_for_the_current_hour(graph, fake_server, address, token, options):
    options["clock"].now = 2_057.0  # 12:59:59
    fake_server.faults = [(FIRST, 503), (FIRST, 503)]
    upload(graph, address, token, **options)
    assert options["clock"].time() % 3600 < 60
    assert names(fake_server) == NAMES


@pytest.mark.parametrize(
    ("fault", "error"), [(503, ServerError), (429, RateLimitError), ("reset", TransportError)], ids=str
)
def test_permanent_errors_end_the_job_with_a_note(fault, error, graph, fake_server, address, token, options):
    fake_server.faults = [(FIRST, fault)] * 100
    with pytest.raises(error) as caught:
        upload(graph, address, token, retry_budget=60, **options)
    assert sum(options["clock"].slept) < 60
    assert caught.value.__notes__ == ["upload job 1 was ended early"]
    assert caught.value.path == "/api/v2/file-upload/{id}"
    assert fake_server.jobs[1]["status"] != RUNNING


def test_the_error_states_that_a_job_is_still_open(graph, fake_server, address, token, options):
    fake_server.faults = [(FIRST, 400), (END, 503)]
    with pytest.raises(RequestRejectedError) as caught:
        upload(graph, address, token, **options)
    assert caught.value.__notes__ == ["upload job 1 was left open on the server"]


@pytest.mark.parametrize(
    ("status", "error"),
    [(400, RequestRejectedError), (403, PermissionDeniedError), (404, NotFoundError), (501, ServerError)],
)
def test_a_refusal_is_final(status, error, graph, fake_server, address, token, options):
    fake_server.faults = [(FIRST, status)]
    with pytest.raises(error, match="a fault"):
        upload(graph, address, token, **options)
    assert options["clock"].slept == []
    assert names(fake_server) == []


def test_the_error_about_an_invalid_file_has_the_message_of_the_server(
    graph, fake_server, address, token, options
):
    (graph / "okta-graph-hybrid.json").write_text("{")
    with pytest.raises(RequestRejectedError, match="file is not valid json"):
        upload(graph, address, token, **options)
    assert names(fake_server) == ["okta-graph.json"]
    assert fake_server.jobs[1]["status"] != RUNNING


@pytest.mark.parametrize(
    ("location", "error"),
    [
        ("http://evil.example/api/v2/file-upload/1", ForeignOriginError),
        ("https://127.0.0.1/", ForeignOriginError),
        ("http://[", ForeignOriginError),
        ("http://127.0.0.1:port/", ForeignOriginError),
        ("/login", ProtocolError),
    ],
)
def test_redirects_are_not_followed(location, error, graph, fake_server, address, token, options):
    fake_server.faults = [(FIRST, lambda _: (307, None, {"Location": location}))]
    with pytest.raises(error, match="redirect"):
        upload(graph, address, token, **options)
    assert names(fake_server) == []


@pytest.mark.parametrize(
    "document", [None, [], {"data": {}}, {"data": {"id": "1"}}, {"data": {"id": True}}, "…"], ids=str
)
def test_a_response_without_a_job_is_an_error(document, graph, fake_server, address, token, options):
    fake_server.faults = [(START, lambda _: (201, document))]
    with pytest.raises(ProtocolError, match="contains no upload job"):
        upload(graph, address, token, **options)


def test_a_list_of_jobs_without_the_job_is_an_error(graph, fake_server, address, token, options):
    fake_server.faults = [(r"id=eq:1$", lambda _: (200, {"data": [{"id": 2, "status": 2}, "?"]}))]
    with pytest.raises(ProtocolError, match="does not contain upload job"):
        upload(graph, address, token, wait=10, **options)


def test_an_endless_response_is_cut(graph, fake_server, address, token, options):
    fake_server.faults = [(START, lambda _: (201, {"data": "x" * 2_000_000}))]
    with pytest.raises(ProtocolError, match="larger than"):
        upload(graph, address, token, **options)


def test_a_response_that_does_not_decompress_is_an_error(graph, fake_server, address, token, options):
    fake_server.faults = [(START, lambda _: (201, {"data": {"id": 1}}, {"Content-Encoding": "gzip"}))]
    with pytest.raises(ProtocolError, match="does not decompress"):
        upload(graph, address, token, **options)


def test_an_address_without_a_server_fails_soon(graph, token, options):
    with socket.socket() as taken:  # bound, and not listening
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(TransportError):
            upload(graph, f"http://127.0.0.1:{taken.getsockname()[1]}", token, **options)
    assert sum(options["clock"].slept) < 20


@pytest.mark.parametrize("length", [0, 9_000_000])
def test_a_file_that_changes_during_the_upload_is_an_error(
    length, graph, fake_server, address, token, options
):
    file = graph / "okta-graph.json"
    file.write_text('"' + "x" * 5_000_000 + '"')

    def change(progress):
        if progress.sent == 1 << 20:
            with file.open("r+b") as open_file:
                open_file.truncate(length)

    with pytest.raises(UploadError, match=r"okta-graph\.json changed") as caught:
        upload(graph, address, token, progress=change, **options)
    assert caught.value.job == 1
    assert names(fake_server) == []
    assert fake_server.jobs[1]["status"] != RUNNING


def test_a_file_that_grows_before_it_is_signed_is_an_error(graph, fake_server, address, token, options):
    file = graph / "okta-graph-hybrid.json"
    fake_server.faults = [(FIRST, 503)]

    def grow(progress):
        with file.open("a") as open_file:
            open_file.write("more")

    with pytest.raises(UploadError, match="changed while it was uploaded"):
        upload(file, address, token, progress=grow, **options)
    assert names(fake_server) == []


def test_a_file_that_is_replaced_during_the_upload_arrives_unchanged(
    graph, fake_server, address, token, options
):
    new = graph / "new"
    new.write_text('"new"')
    fake_server.faults = [(FIRST, 503)]

    def replace(progress):
        if new.exists():
            new.rename(graph / "okta-graph.json")

    upload(graph, address, token, progress=replace, **options)
    assert fake_server.jobs[1]["files"][0][2] == b'{"graph": "okta"}'


def test_an_exception_of_the_progress_callback_ends_the_job_and_is_raised(
    graph, fake_server, address, token, options
):
    def stop(progress):
        raise LookupError("enough")

    with pytest.raises(LookupError, match="enough"):
        upload(graph, address, token, progress=stop, **options)
    assert fake_server.jobs[1]["status"] != RUNNING


@pytest.mark.anyio
async def test_a_cancelled_upload_ends_the_job(graph, fake_server, address, token, options):
    with anyio.CancelScope() as scope:
        await upload_async(graph, address, token, progress=lambda _: scope.cancel(), **options)
    assert scope.cancelled_caught
    assert names(fake_server) == []
    assert fake_server.jobs[1]["status"] != RUNNING


@pytest.mark.anyio
async def test_an_upload_can_be_cancelled_while_a_file_is_being_signed(
    graph, fake_server, address, token, options, monkeypatch
):
    signed, scope = [], anyio.CancelScope()
    whole = Content.pieces

    def cancelled_after_one(content):
        for piece in whole(content):
            signed.append(len(piece))
            anyio.from_thread.run_sync(scope.cancel)
            yield piece

    monkeypatch.setattr(Content, "pieces", cancelled_after_one)
    (graph / "okta-graph.json").write_text('"' + "x" * 9_000_000 + '"')
    with scope:
        await upload_async(graph, address, token, **options)
    assert scope.cancelled_caught
    assert signed == [1 << 20]
    assert names(fake_server) == []
    assert fake_server.jobs[1]["status"] != RUNNING


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="needs POSIX signals")
def test_ctrl_c_ends_the_job_and_is_raised(graph, fake_server, address, token, options):
    main = threading.main_thread().ident
    assert main is not None

    def press(_handler):
        signal.pthread_kill(main, signal.SIGINT)
        return 503, None

    options["clock"].sleep = lambda _: anyio.sleep_forever()
    fake_server.faults = [(FIRST, press)]
    with pytest.raises(KeyboardInterrupt):
        upload(graph, address, token, **options)
    assert names(fake_server) == []
    assert fake_server.jobs[1]["status"] != RUNNING


def test_a_transport_of_the_caller_is_used_and_closed(graph, fake_server, token, options):
    class Transport(httpx.AsyncBaseTransport):
        closed = False

        async def handle_async_request(self, request):
            target = request.url.raw_path.decode()
            status, doc = fake_server.answer(request.method, target, request.headers, await request.aread())
            return httpx.Response(status, json=doc)

        async def aclose(self):
            self.closed = True

    transport = Transport()
    upload(graph, "https://bloodhound.contoso.com", token, transport=transport, **options)
    assert names(fake_server) == NAMES
    assert transport.closed
