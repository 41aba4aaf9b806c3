"""An upload to a server on a socket: its requests, their order, and their authentication."""

from __future__ import annotations

import asyncio
import tracemalloc
import zipfile

import pytest
from handwritten.bloodhound import COMPLETE, INGESTING, JWT, TOKEN_ID, TOKEN_KEY

from oktahound.bloodhound import (
    BearerToken,
    IngestStatus,
    SignedToken,
    UploadProgress,
    upload,
    upload_async,
)
from oktahound.bloodhound._server import auth_headers
from oktahound.errors import AuthenticationError, UploadError

START, JOB = "/api/v2/file-upload/start", "/api/v2/file-upload/1"


def test_a_folder_is_started_sent_and_ended_with_its_nodes_first(graph, fake_server, address, token, options):
    job = upload(graph, address, token, **options)
    assert fake_server.seen == [("POST", START), ("POST", JOB), ("POST", JOB), ("POST", f"{JOB}/end")]
    assert fake_server.jobs[1]["files"] == [
        ("okta-graph.json", "application/json", b'{"graph": "okta"}'),
        ("okta-graph-hybrid.json", "application/json", b'{"graph": "hybrid"}'),
    ]
    assert (job.id, job.files) == (1, ("okta-graph.json", "okta-graph-hybrid.json"))
    assert job.status is None  # wait= was not given


@pytest.mark.anyio
async def test_upload_async_does_the_same(graph, fake_server, address, token, options):
    job = await upload_async(graph / "okta-graph.json", address, token, **options)
    assert job.files == ("okta-graph.json",)
    assert [name for name, _, _ in fake_server.jobs[1]["files"]] == ["okta-graph.json"]


def test_upload_works_inside_a_running_loop(graph, fake_server, address, token, options):
    async def notebook() -> int:
        return upload(graph, address, token, **options).id

    assert asyncio.run(notebook()) == 1
    assert len(fake_server.jobs[1]["files"]) == 2


def test_a_jwt_authenticates_too(graph, fake_server, address, options):
    upload(graph, address, BearerToken(f"Bearer {JWT} "), **options)
    assert len(fake_server.jobs[1]["files"]) == 2


@pytest.mark.parametrize(
    "auth",
    [
        SignedToken(TOKEN_ID, "another-key"),
        SignedToken("another-id", TOKEN_KEY),
        BearerToken("eyJ.another.jwt"),
    ],
    ids=["key", "id", "jwt"],
)
def test_with_a_wrong_credential_no_job_is_started(auth, graph, fake_server, address, options):
    with pytest.raises(AuthenticationError) as caught:
        upload(graph, address, auth, **options)
    assert (caught.value.status, caught.value.path, caught.value.error_id) == (401, START, "r-1")
    assert fake_server.jobs == {}


def test_a_clock_that_is_two_hours_wrong_is_corrected(graph, fake_server, address, token, options):
    fake_server.now = lambda: options["clock"].time() + 7200
    with pytest.raises(AuthenticationError, match="signature too far behind"):
        upload(graph, address, token, **options)


def test_archives_have_their_type_and_a_list_of_files_keeps_its_order(
    tmp_path, fake_server, address, token, options
):
    archive, plain = tmp_path / "a.ZIP", tmp_path / "z.json"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("okta-graph.json", "{}")
    plain.write_text("{}")
    upload([str(plain), archive], address, token, **options)
    assert fake_server.jobs[1]["files"] == [
        ("z.json", "application/json", b"{}"),
        ("a.ZIP", "application/zip", archive.read_bytes()),
    ]


def test_a_file_name_that_is_invalid_in_a_header_is_quoted(tmp_path, fake_server, address, token, options):
    file = tmp_path / "gräph\n%.json"
    file.write_text("{}")
    upload(file, address, token, **options)
    assert [name for name, _, _ in fake_server.jobs[1]["files"]] == ["gr%C3%A4ph%0A%25.json"]


def test_a_large_file_is_never_in_memory(tmp_path, fake_server, address, token, options):
    file, size = tmp_path / "large.zip", 64 * 1024 * 1024
    with file.open("wb") as large:
        large.truncate(size)
    lengths = []

    def swallow(handler):
        left = int(handler.headers["content-length"])
        lengths.append(left)
        return 202, None

    fake_server.faults = [(r"/1$", swallow)]
    # The stand-in holds the body in this process; its size is subtracted.
    tracemalloc.start()
    try:
        upload(file, address, token, **options)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert lengths == [size]
    assert peak < 1.5 * size  # the copy of the server, and a few chunks of the client


def test_progress_counts_bytes_and_files(graph, address, token, options):
    (graph / "okta-graph.json").write_text('"' + "x" * 2_500_000 + '"')
    seen: list[UploadProgress] = []
    upload(graph, address, token, progress=seen.append, **options)
    size = 2_500_002
    first = [(each.sent, each.accepted) for each in seen if each.number == 1]
    assert first == [(0, False), (1 << 20, False), (2 << 20, False), (size, False), (size, True)]
    assert seen[-1] == UploadProgress("okta-graph-hybrid.json", 2, 2, 19, 19, accepted=True)


def test_wait_returns_after_the_ingest(graph, fake_server, address, token, options):
    job = upload(graph, address, token, wait=60, **options)
    assert (job.status, job.message) == (IngestStatus.COMPLETE, "Complete")
    assert fake_server.seen[-1] == ("GET", "/api/v2/file-upload?id=eq:1")
    assert fake_server.jobs[1]["coming"] == []


def test_wait_returns_after_its_time_limit(graph, fake_server, address, token, options):
    fake_server.statuses = [INGESTING]
    job = upload(graph, address, token, wait=20, **options)
    assert job.status is IngestStatus.INGESTING
    assert not job.status.finished
    assert sum(options["clock"].slept) == 20


@pytest.mark.parametrize("status", [3, 4, 5, 8, -1])
def test_an_ingest_that_does_not_succeed_is_an_error(status, graph, fake_server, address, token, options):
    fake_server.statuses, fake_server.message = [INGESTING, status], "1 file failed"
    with pytest.raises(UploadError, match="1 file failed") as caught:
        upload(graph, address, token, wait=60, **options)
    assert caught.value.job == 1


def test_an_unknown_status_does_not_end_the_wait(graph, fake_server, address, token, options):
    fake_server.statuses = [INGESTING, 99, COMPLETE]
    assert upload(graph, address, token, wait=60, **options).status is IngestStatus.COMPLETE


def test_the_signature_chains_target_hour_and_body():
    headers = auth_headers(
        SignedToken(TOKEN_ID, TOKEN_KEY), "POST", f"{JOB}?a=b", 1_768_479_942, [b"bo", b"dy"]
    )
    assert headers["Authorization"] == f"bhesignature {TOKEN_ID}"
    assert headers["RequestDate"] == "2026-01-15T12:25:42Z"
    # Made with `openssl dgst -sha256 -mac HMAC`, three times.
    assert headers["Signature"] == "o92cB6HfelC4wIAaya95YKsTcwLXqhp5iuoP4qrjgz8="
