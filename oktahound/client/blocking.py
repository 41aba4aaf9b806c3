"""The blocking client: runs the asynchronous client on an event loop in a separate thread."""

from __future__ import annotations

import builtins
import math
import os
import threading
import weakref
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, wait
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar, Unpack

import anyio
import attrs

from oktahound.client._owner import FORKED
from oktahound.client._steps import Page
from oktahound.client.auth import Auth
from oktahound.client.client import AsyncOktaClient, ClientOptions, Params
from oktahound.errors import ClientStateError
from oktahound.no_pickle import Unpicklable

if TYPE_CHECKING:
    from anyio.from_thread import BlockingPortal

__all__ = ["OktaClient"]

T = TypeVar("T")


class _LoopThread:
    """An event loop in a separate thread, started on first use.

    After a fork the child process has no such thread. A loop that was never started can be started in the
    child. A loop that was started belongs to the parent.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._portal: BlockingPortal | None = None
        self._thread: threading.Thread | None = None
        self._process = os.getpid()
        self._used = False
        self.closed = False

    def portal(self) -> BlockingPortal:
        """Return the portal that runs coroutines on the loop.

        Raises:
            ClientStateError: the client is closed, or belongs to another process.
        """
        if self.is_inherited():
            raise ClientStateError(FORKED)
        with self._lock:
            if self.closed:
                raise ClientStateError("the client is closed")
            if self._portal is None:
                self._used = True
                self._portal = self._start()
            return self._portal

    def _start(self) -> BlockingPortal:
        # anyio's start_blocking_portal is not used: its generator joins the thread when it is garbage
        # collected, and in a forked child that waits forever.
        started: Future[BlockingPortal] = Future()
        self._thread = threading.Thread(target=_run_loop, args=(started,), daemon=True)
        self._thread.start()
        return started.result()

    def is_inherited(self) -> bool:
        """Whether the loop was started in a parent process."""
        if self._process == os.getpid():
            return False
        if not self._used:  # the parent may have held the lock at the moment of the fork
            self._process, self._lock = os.getpid(), threading.Lock()
        return self._used

    def inside(self) -> bool:
        """Whether this is called on the loop's thread, where waiting for the loop would block forever."""
        return self._thread is threading.current_thread()

    def stop(self, client: AsyncOktaClient) -> None:
        """Close the client and end the thread. Does nothing to a loop of a parent process."""
        if self.is_inherited():
            self.closed = True
            return
        with self._lock:
            self.closed = True
            portal, self._portal = self._portal, None
        if portal is None or self._thread is None:
            return
        try:
            portal.call(client.aclose)
        finally:
            portal.call(portal.stop)
            self._thread.join()


def _run_loop(started: Future[BlockingPortal]) -> None:
    try:
        anyio.run(_serve, started)
    except BaseException as error:
        if started.done():
            raise
        started.set_exception(error)  # the event loop could not be created, such as by too many open files


async def _serve(started: Future[BlockingPortal]) -> None:
    # Imported here to keep `import oktahound` fast: the thread may never be started.
    from anyio.from_thread import BlockingPortal  # noqa: PLC0415

    async with BlockingPortal() as portal:
        started.set_result(portal)
        await portal.sleep_until_stopped()


def _close_abandoned(loop: _LoopThread, client: AsyncOktaClient) -> None:
    """Close a client that was never closed, at garbage collection or when the interpreter exits."""
    if loop.inside() and not loop.is_inherited():
        threading.Thread(target=loop.stop, args=(client,), daemon=True).start()
    else:
        loop.stop(client)


@attrs.frozen
class _Raised:
    """An exception raised in the loop's thread, to be raised in the caller's thread."""

    error: BaseException


class _Call:
    """A coroutine on the loop that can be cancelled and awaited from another thread."""

    def __init__(self) -> None:
        self._scope: anyio.CancelScope | None = None
        self._ended: anyio.Event | None = None
        self._stopped = False

    async def run(
        self, func: Callable[[AsyncOktaClient], Awaitable[T]], client: AsyncOktaClient
    ) -> T | _Raised:
        """Return the result of the coroutine function, or its exception as `_Raised`.

        The exception is not raised here: a portal and its loop end if a task raises a `BaseException`, such
        as SystemExit.
        """
        self._ended = anyio.Event()
        try:
            with anyio.CancelScope() as scope:
                self._scope = scope
                if self._stopped:
                    scope.cancel()
                try:
                    return await func(client)
                except BaseException as error:
                    cancelled = isinstance(error, anyio.get_cancelled_exc_class())
                    if cancelled and anyio.current_effective_deadline() == -math.inf:
                        raise
                    return _Raised(error)
        finally:
            self._ended.set()
        raise RuntimeError("cancelled")  # only the caller cancels, and it ignores the result

    async def stop(self) -> None:
        """Cancel the coroutine and wait until it has ended. Ctrl-C can arrive before it has started."""
        self._stopped = True
        if self._scope is not None:
            self._scope.cancel()
        await anyio.sleep(0)  # afterwards, a spawned task has started
        if self._ended is not None:
            await self._ended.wait()


class OktaClient(Unpicklable):
    """Blocking client for one Okta org. It also works while an event loop is running, as in Jupyter.

    It takes the arguments of `AsyncOktaClient`, which it runs on an event loop in its own thread. Use it as a
    context manager, or call `close` at the end. A client that was used before ``os.fork()`` cannot be used in
    the child process; create one there.

    Attributes:
        url: ``https://contoso.okta.com``, without a trailing slash.
        domain: ``contoso.okta.com``: the host of the URL, without a port.
        requests: the number of requests sent, including retries, by method and path template.

    Raises:
        ConfigurationError: the URL, the credential or a number is invalid.
    """

    def __init__(self, org_url: str, auth: Auth, **options: Unpack[ClientOptions]) -> None:
        self._client = AsyncOktaClient(org_url, auth, **options)
        self._loop = _LoopThread()
        self._finalizer = weakref.finalize(self, _close_abandoned, self._loop, self._client)
        self.url = self._client.url
        self.domain = self._client.domain
        self.requests: Counter[tuple[str, str]] = self._client.requests

    @classmethod
    def from_config(
        cls,
        *,
        path: str | os.PathLike[str] | None = None,
        environ: Mapping[str, str] | None = None,
        **overrides: Any,
    ) -> Self:
        """Create a client from the configuration of Okta's SDKs; see `AsyncOktaClient.from_config`."""
        from oktahound.client._settings import read_settings  # noqa: PLC0415  # see AsyncOktaClient

        settings = read_settings(path, os.environ if environ is None else environ, overrides)
        return cls(settings.url, settings.auth, **settings.options)

    def run(self, func: Callable[[AsyncOktaClient], Awaitable[T]]) -> T:
        """Run a coroutine function on the client's event loop and return its result.

        Args:
            func: is called with the `AsyncOktaClient`.

        Raises:
            KeyboardInterrupt: Ctrl-C was pressed. The coroutine was cancelled and has ended.
            ClientStateError: the client is closed, or was used before this process was forked.
        """
        portal = self._loop.portal()
        call = _Call()
        try:
            future = portal.start_task_soon(call.run, func, self._client)
            wait([future])
        except BaseException:
            portal.call(call.stop)
            raise
        result = future.result()
        if isinstance(result, _Raised):
            raise result.error
        return result

    def get(self, path: str, params: Params | None = None, *, ids: Mapping[str, str] | None = None) -> Any:
        """Send one GET request and return the parsed JSON; see `AsyncOktaClient.get`."""
        return self.run(lambda client: client.get(path, params, ids=ids))

    def pages(
        self,
        path: str,
        params: Params | None = None,
        *,
        ids: Mapping[str, str] | None = None,
        rows_key: str | None = None,
    ) -> Iterator[Page]:
        """Request a paged listing and yield its pages; see `AsyncOktaClient.pages`."""
        found = self._client.pages(path, params, ids=ids, rows_key=rows_key)
        try:
            while (page := self.run(lambda _: anext(found, None))) is not None:
                yield page
        finally:
            if not self._loop.closed and not self._loop.inside() and not self._loop.is_inherited():
                self.run(lambda _: found.aclose())

    def list(
        self,
        path: str,
        params: Params | None = None,
        *,
        ids: Mapping[str, str] | None = None,
        rows_key: str | None = None,
    ) -> builtins.list[Any]:
        """Request a paged listing and return all its rows; see `AsyncOktaClient.list`."""
        return self.run(lambda client: client.list(path, params, ids=ids, rows_key=rows_key))

    def authorize(self, scopes: Iterable[str]) -> frozenset[str] | None:
        """Get an access token and return its scopes; see `AsyncOktaClient.authorize`."""
        return self.run(lambda client: client.authorize(scopes))

    def close(self) -> None:
        """Close the connections and end the thread. Safe to call twice, and in a forked child."""
        self._finalizer()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.domain}>"
