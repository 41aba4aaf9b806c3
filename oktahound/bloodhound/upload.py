"""An upload: a job is started, files are sent into it, and it is ended, whatever happened in between."""

from __future__ import annotations

import random as _random
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import TypedDict, Unpack

import httpx

from oktahound.bloodhound._address import server_url
from oktahound.bloodhound._files import Paths, gather
from oktahound.bloodhound._job import ended, ingested, send, start
from oktahound.bloodhound._server import Server
from oktahound.bloodhound.auth import BearerToken, ServerAuth, SignedToken
from oktahound.bloodhound.jobs import IngestJob, UploadProgress
from oktahound.client._checks import check_numbers
from oktahound.client._retry import RetryPolicy
from oktahound.client._route import route_to
from oktahound.client._transport import network_transport, open_http
from oktahound.clock import Clock, SystemClock
from oktahound.errors import ConfigurationError

__all__ = ["UploadOptions", "upload", "upload_async"]


class UploadOptions(TypedDict, total=False):
    """The keywords of `upload` and `upload_async`; the latter says what they mean."""

    wait: float
    progress: Callable[[UploadProgress], None] | None
    transport: httpx.AsyncBaseTransport | None
    proxy: str | None
    timeout: float
    retry_budget: float
    clock: Clock | None
    random: Callable[[], float]


async def upload_async(
    paths: Paths,
    url: str,
    auth: ServerAuth,
    *,
    wait: float = 0.0,
    progress: Callable[[UploadProgress], None] | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
    proxy: str | None = None,
    timeout: float = 300.0,
    retry_budget: float = 300.0,
    clock: Clock | None = None,
    random: Callable[[], float] = _random.random,
) -> IngestJob:
    """Upload files into BloodHound, Community or Enterprise, as one job.

    Files are read from the disk in pieces as they are sent, so that their size does not matter. What
    meets a broken connection, a 429 or a 5xx is sent again, a file from its beginning. A file that the
    server took, and whose answer was lost, so arrives twice, which changes nothing: BloodHound merges
    nodes and edges that it has.

    Whatever ends an upload half-way, a cancellation too, the job is ended on the server, since there is
    no way to withdraw it: BloodHound then ingests those files that it had accepted whole. Uploading
    again adds the rest.

    Args:
        paths: a file, several, or a folder that `write_opengraph` wrote (its ``okta-graph*.json`` and
            ``okta-graph*.zip``). A file ends in ``.json`` or ``.zip``.
        url: the server, as in ``https://bloodhound.contoso.com`` or ``http://localhost:8080``.
        auth: who uploads: a `SignedToken` or a `BearerToken`.
        wait: seconds to wait for the ingest. 0 returns as soon as everything is sent.
        progress: called for every megabyte sent and for every file accepted.
        transport: an httpx transport to use in place of the network. It is closed at the end.
        proxy: the URL of a proxy to use in place of those that ``HTTPS_PROXY``, ``ALL_PROXY`` and
            ``NO_PROXY`` name. A loopback address is never reached through a proxy.
        timeout: seconds without one byte in either direction after which a connection counts as broken.
            A server checks a file before it answers: give large ones time.
        retry_budget: seconds one request may spend from its first trouble to its last attempt.
        clock: tells the time and waits.
        random: a number in [0, 1) for jitter.

    Returns:
        The job. Its status is None when `wait` is 0, and not a finished one when `wait` was too short.

    Raises:
        ConfigurationError: the paths, the URL, the credential or a number cannot work.
        RequestError: a request failed, for good. A note on it says what became of the job.
        UploadError: a file changed while it was sent; or, with `wait`, the server could not ingest
            everything.
        OSError: a file cannot be read.
    """
    pieces, address = gather(paths), server_url(url)
    if not isinstance(auth, SignedToken | BearerToken):
        raise ConfigurationError(f"auth must be a SignedToken or a BearerToken, not {type(auth).__name__}")
    check_numbers(wait=wait, timeout=timeout, retry_budget=retry_budget)
    async with _opened(transport, address, proxy, timeout) as http:
        server = Server(address, auth, http, clock or SystemClock(), RetryPolicy(retry_budget, random))
        number = await start(server)
        async with ended(server, number):
            await send(server, number, pieces, progress)
        job = IngestJob(number, tuple(piece.path.name for piece in pieces))
        return await ingested(server, job, wait) if wait else job


def upload(paths: Paths, url: str, auth: ServerAuth, **options: Unpack[UploadOptions]) -> IngestJob:
    """Upload files into BloodHound, blocking; see `upload_async`.

    Works where an event loop is running already, as in Jupyter. Ctrl-C ends the job on the server and
    comes out when that is done. `progress` is called in another thread.

    Raises:
        KeyboardInterrupt: Ctrl-C came; the upload was cancelled and has ended.
        OktaHoundError: see `upload_async`.
    """
    # Imported here: importing the package shall not pay for a thread it may never start.
    from anyio.from_thread import start_blocking_portal  # noqa: PLC0415

    # An exception in the block, Ctrl-C too, cancels the upload and waits for it.
    with start_blocking_portal() as portal:
        return portal.call(partial(upload_async, paths, url, auth, **options))


@asynccontextmanager
async def _opened(
    transport: httpx.AsyncBaseTransport | None, url: httpx.URL, proxy: str | None, timeout: float
) -> AsyncGenerator[httpx.AsyncClient]:
    if transport is not None and not isinstance(transport, httpx.AsyncBaseTransport):
        raise ConfigurationError("transport must be an httpx.AsyncBaseTransport: files are streamed to it")
    if transport is not None and proxy is not None:
        raise ConfigurationError("give transport= or proxy=, not both: a transport has its own route")
    async with open_http(
        network_transport(route_to(url, proxy=proxy)) if transport is None else transport,
        timeout=timeout,
        max_body=0,
        user_agent=f"oktahound httpx/{httpx.__version__}",
    ) as http:
        yield http
