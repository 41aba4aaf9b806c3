"""Upload jobs of a BloodHound server: start one, send files, end it, and wait for the ingest."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

import anyio
import attrs

from oktahound.bloodhound._files import Content, UploadFile
from oktahound.bloodhound._server import Call, Server
from oktahound.bloodhound.jobs import IngestJob, IngestStatus, UploadProgress
from oktahound.client._error_responses import clean
from oktahound.client._steps import Response
from oktahound.errors import (
    OktaHoundError,
    ProtocolError,
    RequestError,
    RequestRejectedError,
    UploadError,
)

__all__ = ["ending_job", "send_files", "start_job", "wait_for_ingest"]

_JOBS = "/api/v2/file-upload"
_JOB = "/api/v2/file-upload/{id}"
# Real seconds for the request that ends a job after a failure.
_END_TIMEOUT = 30.0
_FIRST_POLL, _LONGEST_POLL = 1.0, 15.0
_ENDED = frozenset(
    {
        IngestStatus.INGESTING,
        IngestStatus.ANALYZING,
        IngestStatus.COMPLETE,
        IngestStatus.PARTIALLY_COMPLETE,
    }
)


async def start_job(server: Server) -> int:
    """Start a job and return its number."""
    call = Call("POST", f"{_JOBS}/start", f"{_JOBS}/start")
    job = _data_of(await server.request(call))
    number = job.get("id") if isinstance(job, dict) else None
    if not isinstance(number, int) or isinstance(number, bool):
        raise ProtocolError("the response contains no upload job", method=call.method, path=call.path)
    return number


async def send_files(
    server: Server, job: int, files: tuple[UploadFile, ...], progress: Callable[[UploadProgress], None] | None
) -> None:
    """Send files to a job, one after the other, because later files match nodes of earlier ones."""
    for number, file in enumerate(files, start=1):
        progress_of = partial(UploadProgress, file.path.name, number, len(files))
        with file.path.open("rb") as opened:
            content = Content(opened, file.path.name)
            if progress is not None:
                content.on_progress = _on_progress(progress, progress_of, content.size)
            headers = {"Content-Type": file.type, "X-File-Upload-Name": file.name}
            await server.request(Call("POST", _JOB, f"{_JOBS}/{job}", content, headers))
        if progress is not None:
            progress(progress_of(content.size, content.size, accepted=True))


def _on_progress(
    progress: Callable[[UploadProgress], None], progress_of: Callable[[int, int], UploadProgress], size: int
) -> Callable[[int], None]:
    return lambda sent: progress(progress_of(sent, size))


@asynccontextmanager
async def ending_job(server: Server, job: int) -> AsyncGenerator[None]:
    """End the job after the block: with retries after success, and in one attempt after a failure."""
    end = Call("POST", f"{_JOB}/end", f"{_JOBS}/{job}/end")
    try:
        yield
    except BaseException as error:
        closed = await _try_to_end(server, end)
        if isinstance(error, OktaHoundError | OSError):
            error.add_note(
                f"upload job {job} was " + ("ended early" if closed else "left open on the server")
            )
        if isinstance(error, UploadError):
            error.job = job
        raise
    try:
        await server.request(end)
    except RequestRejectedError:
        # If the response to the first attempt was lost, the server refuses the second: the job has ended.
        if (await _read_job(server, IngestJob(job, ()))).status not in _ENDED:
            raise


async def _try_to_end(server: Server, end: Call) -> bool:
    with anyio.move_on_after(_END_TIMEOUT, shield=True), suppress(RequestError):
        await server.request(end, once=True)
        return True
    return False


async def wait_for_ingest(server: Server, job: IngestJob, wait: float) -> IngestJob:
    """Poll a job until it ends, for at most `wait` seconds.

    Raises:
        UploadError: the job has ended, but not everything was ingested.
    """
    until = server.clock.monotonic() + wait
    pause = _FIRST_POLL
    while True:
        job = await _read_job(server, job)
        if job.status is IngestStatus.COMPLETE:
            return job
        if job.status is not None and job.status.finished:
            name = job.status.name.lower().replace("_", " ")
            words = f": {job.message}" if job.message else ""
            raise UploadError(f"BloodHound's upload job {job.id} is {name}{words}", job=job.id)
        left = until - server.clock.monotonic()
        if left <= 0:
            return job
        await server.clock.sleep(min(pause, left))
        pause = min(pause * 2, _LONGEST_POLL)


async def _read_job(server: Server, job: IngestJob) -> IngestJob:
    call = Call("GET", _JOBS, f"{_JOBS}?id=eq:{job.id}")
    rows = _data_of(await server.request(call))
    rows = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    row = next((row for row in rows if row.get("id") == job.id), None)
    if row is None:
        raise ProtocolError(
            f"the response does not contain upload job {job.id}", method=call.method, path=call.path
        )
    return attrs.evolve(job, status=_status(row.get("status")), message=clean(row.get("status_message")))


def _status(value: object) -> IngestStatus | None:
    """Parse a status; None for a number that is unknown because the server is newer."""
    return next((status for status in IngestStatus if status == value), None)


def _data_of(response: Response) -> Any:
    return response.doc.get("data") if isinstance(response.doc, dict) else None
