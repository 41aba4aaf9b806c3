"""Upload files to a BloodHound server in one job, which is always ended, even after a failure."""

from __future__ import annotations

import random as _random
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, asynccontextmanager
from functools import partial
from typing import TypedDict, Unpack

import httpx

from oktahound.bloodhound._files import Paths, find_files
from oktahound.bloodhound._job import ending_job, send_files, start_job, wait_for_ingest
from oktahound.bloodhound._server import Server
from oktahound.bloodhound.auth import BearerToken, ServerAuth, SignedToken
from oktahound.bloodhound.jobs import IngestJob, UploadProgress
from oktahound.client._network import network_transport
from oktahound.client._retry import RetryPolicy
from oktahound.client._route import route_to
from oktahound.client._text import check_numbers, unwrap
from oktahound.client._transport import TransportClient
from oktahound.client._url import allows_plain_http
from oktahound.clock import Clock, SystemClock
from oktahound.errors import ConfigurationError

__all__ = ["UploadOptions", "server_url", "upload", "upload_async"]


class UploadOptions(TypedDict, total=False):
    """Keyword arguments of `upload` and `upload_async`; see `upload_async`."""

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
    """Upload files to BloodHound, Community or Enterprise, as one job.

    Files are streamed from disk, so that their size does not matter. After a broken connection, a 429 or a
    5xx, the request is sent again, with its file from the beginning. If the response to an accepted file is
    lost, the file arrives twice. That is harmless, because BloodHound merges equal nodes and edges.

    The job is ended on the server even if the upload fails or is cancelled, because a job cannot be
    withdrawn. BloodHound then ingests the files that it has accepted completely. Upload again to add the
    rest.

    Args:
        paths: one or several files, or a folder of `write_opengraph` (its ``okta-graph*.json`` and
            ``okta-graph*.zip``). A file name ends in ``.json`` or ``.zip``.
        url: the server, such as ``https://bloodhound.contoso.com`` or ``http://localhost:8080``.
        auth: the credential: a `SignedToken` or a `BearerToken`.
        wait: seconds to wait for the ingest. 0 returns as soon as everything is sent.
        progress: called for every megabyte sent and for every accepted file.
        transport: an httpx transport to use instead of the network. It is closed at the end.
        proxy: the URL of a proxy to use instead of the proxies in ``HTTPS_PROXY``, ``ALL_PROXY`` and
            ``NO_PROXY``. No proxy is used for a loopback address.
        timeout: seconds without a byte in either direction after which a connection counts as broken.
            The server checks a file before it responds, so that large files need more time.
        retry_budget: seconds that one request may spend from its first error to its last attempt.
        clock: the clock for waits and signatures; the clock of the machine if None.
        random: a function that returns a number in [0, 1) for jitter.

    Returns:
        The job. Its status is None if `wait` is 0, and not final if `wait` was too short.

    Raises:
        ConfigurationError: the paths, the URL, the credential or a number is invalid.
        RequestError: a request failed, after all retries. A note on the error states whether the job ended.
        UploadError: a file changed while it was sent; or, with `wait`, the server could not ingest
            everything.
        OSError: a file cannot be read.
    """
    files, server_address = find_files(paths), server_url(url)
    if not isinstance(auth, SignedToken | BearerToken):
        raise ConfigurationError(f"auth must be a SignedToken or a BearerToken, not {type(auth).__name__}")
    check_numbers(wait=wait, timeout=timeout, retry_budget=retry_budget)
    async with _open_transport(transport, server_address, proxy, timeout) as http:
        server = Server(server_address, auth, http, clock or SystemClock(), RetryPolicy(retry_budget, random))
        number = await start_job(server)
        async with ending_job(server, number):
            await send_files(server, number, files, progress)
        job = IngestJob(number, tuple(file.path.name for file in files))
        return await wait_for_ingest(server, job, wait) if wait else job


def upload(paths: Paths, url: str, auth: ServerAuth, **options: Unpack[UploadOptions]) -> IngestJob:
    """Upload files to BloodHound, blocking; see `upload_async`.

    It also works while an event loop is running, as in Jupyter. Ctrl-C ends the job on the server and is
    raised afterwards. `progress` is called in another thread.

    Raises:
        KeyboardInterrupt: Ctrl-C was pressed. The upload was cancelled and has ended.
        OktaHoundError: see `upload_async`.
    """
    # Imported here to keep `import oktahound.bloodhound` fast: the thread may never be started.
    from anyio.from_thread import start_blocking_portal  # noqa: PLC0415

    # An exception in the block, Ctrl-C too, cancels the upload and waits for it.
    with start_blocking_portal() as portal:
        return portal.call(partial(upload_async, paths, url, auth, **options))


@asynccontextmanager
async def _open_transport(
    transport: httpx.AsyncBaseTransport | None, url: httpx.URL, proxy: str | None, timeout: float
) -> AsyncGenerator[TransportClient]:
    if transport is not None and not isinstance(transport, httpx.AsyncBaseTransport):
        raise ConfigurationError("transport must be an httpx.AsyncBaseTransport: files are streamed to it")
    if transport is not None and proxy is not None:
        raise ConfigurationError(
            "both transport= and proxy= were given: give only one, because a transport has its own route"
        )
    http = TransportClient(
        network_transport(route_to(url, proxy=proxy)) if transport is None else transport,
        timeout=timeout,
        max_body=0,
        user_agent=f"oktahound httpx/{httpx.__version__}",
    )
    async with aclosing(http):
        yield http


def server_url(text: str) -> httpx.URL:
    """Parse the URL of a server.

    A path is refused: the server verifies a signature over the path that it receives, and a reverse proxy
    that strips a prefix would make every signature invalid.

    Raises:
        ConfigurationError: the text is not ``https://host[:port]``. ``http://`` is accepted for loopback
            addresses only.
    """
    bare = unwrap(text) if isinstance(text, str) else ""
    try:
        url = httpx.URL(bare)
    except (httpx.InvalidURL, ValueError):
        url = httpx.URL()
    # Errors do not repeat the text: it may contain a password before the @ or a token in the query.
    if url.scheme not in {"http", "https"} or not url.host.strip(".") or len(bare.split()) != 1:
        raise ConfigurationError("the BloodHound URL must be like https://bloodhound.contoso.com")
    if url.userinfo or "@" in bare or "?" in bare or "#" in bare or url.path not in {"", "/"}:
        raise ConfigurationError(
            f"the BloodHound URL must be {url.scheme}://{url.host}, with at most a port after it"
        )
    if url.scheme == "http" and not allows_plain_http(url.host):
        raise ConfigurationError(
            f"http:// would send the graph and the credential in clear text; write https://{url.host} "
            "(http is accepted for localhost, 127.0.0.0/8 and [::1] only)"
        )
    return url.copy_with(path="/", host=url.host.rstrip("."))
