"""The life of an upload job on a server: started, filled, ended, and looked at until it is ingested."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

import anyio
import attrs

from oktahound.bloodhound._files import Content, Piece
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

__all__ = ["ended", "ingested", "send", "start"]

_JOBS = "/api/v2/file-upload"
_JOB = "/api/v2/file-upload/{id}"
# Real seconds for the one request that ends a job nobody will send more to.
_LAST_WORDS = 30.0
_FIRST_LOOK, _LONGEST_LOOK = 1.0, 15.0
_AFTER_THE_END = frozenset(
    {
        IngestStatus.INGESTING,
        IngestStatus.ANALYZING,
        IngestStatus.COMPLETE,
        IngestStatus.PARTIALLY_COMPLETE,
    }
)


async def start(server: Server) -> int:
    """Start a job; its number."""
    call = Call("POST", f"{_JOBS}/start", f"{_JOBS}/start")
    job = _data_of(await server.ask(call))
    number = job.get("id") if isinstance(job, dict) else None
    if not isinstance(number, int) or isinstance(number, bool):
        raise ProtocolError("the answer names no upload job", method=call.method, path=call.path)
    return number


async def send(
    server: Server, job: int, pieces: tuple[Piece, ...], progress: Callable[[UploadProgress], None] | None
) -> None:
    """Send files into a job, one after the other: later ones match nodes of earlier ones."""
    for number, piece in enumerate(pieces, start=1):
        error_details = partial(UploadProgress, piece.path.name, number, len(pieces))
        with piece.path.open("rb") as file:
            content = Content(file, piece.path.name)
            if progress is not None:
                content.sent = _teller(progress, error_details, content.size)
            headers = {"Content-Type": piece.type, "X-File-Upload-Name": piece.name}
            await server.ask(Call("POST", _JOB, f"{_JOBS}/{job}", content, headers))
        if progress is not None:
            progress(error_details(content.size, content.size, accepted=True))


def _teller(
    progress: Callable[[UploadProgress], None], error_details: Callable[[int, int], UploadProgress], size: int
) -> Callable[[int], None]:
    return lambda sent: progress(error_details(sent, size))


@asynccontextmanager
async def ended(server: Server, job: int) -> AsyncGenerator[None]:
    """End the job after the block: with patience if all went well, in one attempt if not."""
    end = Call("POST", f"{_JOB}/end", f"{_JOBS}/{job}/end")
    try:
        yield
    except BaseException as error:
        closed = await _closed(server, end)
        if isinstance(error, OktaHoundError | OSError):
            error.add_note(
                f"upload job {job} was " + ("ended early" if closed else "left open on the server")
            )
        if isinstance(error, UploadError):
            error.job = job
        raise
    try:
        await server.ask(end)
    except RequestRejectedError:
        # An end that arrived and whose answer did not is refused the second time: it no longer runs.
        if (await _look(server, IngestJob(job, ()))).status not in _AFTER_THE_END:
            raise


async def _closed(server: Server, end: Call) -> bool:
    with anyio.move_on_after(_LAST_WORDS, shield=True), suppress(RequestError):
        await server.ask(end, once=True)
        return True
    return False


async def ingested(server: Server, job: IngestJob, wait: float) -> IngestJob:
    """Look at a job until it is over, for `wait` seconds at most.

    Raises:
        UploadError: it is over, and not all of it was ingested.
    """
    until = server.clock.monotonic() + wait
    pause = _FIRST_LOOK
    while True:
        job = await _look(server, job)
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
        pause = min(pause * 2, _LONGEST_LOOK)


async def _look(server: Server, job: IngestJob) -> IngestJob:
    call = Call("GET", _JOBS, f"{_JOBS}?id=eq:{job.id}")
    rows = _data_of(await server.ask(call))
    rows = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    row = next((row for row in rows if row.get("id") == job.id), None)
    if row is None:
        raise ProtocolError("the list of jobs lacks the one asked for", method=call.method, path=call.path)
    return attrs.evolve(job, status=_status(row.get("status")), message=clean(row.get("status_message")))


def _status(value: object) -> IngestStatus | None:
    """A number that a newer server may have added says nothing."""
    return next((status for status in IngestStatus if status == value), None)


def _data_of(response: Response) -> Any:
    return response.doc.get("data") if isinstance(response.doc, dict) else None
