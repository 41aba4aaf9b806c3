"""The blocking client: the same verbs, and nothing of its own but a thread."""

from __future__ import annotations

import builtins
import math
import os
import threading
import weakref
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from concurrent.futures import wait
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar, Unpack

import anyio
import attrs

from oktahound.client._steps import Page
from oktahound.client.auth import Auth
from oktahound.client.client import AsyncOktaClient, ClientOptions, Params
from oktahound.no_pickle import Unpicklable

if TYPE_CHECKING:
    from anyio.from_thread import BlockingPortal

__all__ = ["OktaClient"]

T = TypeVar("T")


class _Loop:
    """An event loop in a thread of its own, started when first needed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stack: ExitStack | None = None
        self._portal: BlockingPortal | None = None
        self._thread: int | None = None
        self.closed = False

    def portal(self) -> BlockingPortal:
        with self._lock:
            if self.closed:
                raise RuntimeError("the client is closed")
            if self._portal is None:
                # Imported here: importing the package shall not pay for a thread it may never start.
                from anyio.from_thread import start_blocking_portal  # noqa: PLC0415

                self._stack = ExitStack()
                portal = self._portal = self._stack.enter_context(start_blocking_portal())
                self._thread = portal.call(threading.get_ident)
            return self._portal

    def inside(self) -> bool:
        """Whether this is called on the loop's own thread, where waiting for the loop would be for ever."""
        return self._thread == threading.get_ident()

    def stop(self, client: AsyncOktaClient) -> None:
        with self._lock:
            self.closed = True
            stack, self._stack = self._stack, None
            portal, self._portal = self._portal, None
        if stack is None or portal is None:
            return
        try:
            portal.call(client.aclose)
        finally:
            stack.close()


def _abandoned(loop: _Loop, client: AsyncOktaClient) -> None:
    """Close what nobody closed: at garbage collection, or when the interpreter ends."""
    if loop.inside():
        threading.Thread(target=loop.stop, args=(client,), daemon=True).start()
    else:
        loop.stop(client)


@attrs.frozen
class _Raised:
    """An exception on its way from the loop's thread to the caller's."""

    error: BaseException


class _Call:
    """One coroutine on the loop that can be told to stop, and waited for."""

    def __init__(self) -> None:
        self._scope: anyio.CancelScope | None = None
        self._ended: anyio.Event | None = None
        self._stopped = False

    async def run(
        self, func: Callable[[AsyncOktaClient], Awaitable[T]], client: AsyncOktaClient
    ) -> T | _Raised:
        """Return what the coroutine function returns, or what it raises.

        A portal ends with its loop when a task raises what is no `Exception`, such as SystemExit.
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
        raise RuntimeError("cancelled")  # only the caller cancels, and it does not look at this

    async def stop(self) -> None:
        """Cancel, and return when it has ended. Ctrl-C can come before it has even begun."""
        self._stopped = True
        if self._scope is not None:
            self._scope.cancel()
        await anyio.sleep(0)  # a task that was spawned has begun by now
        if self._ended is not None:
            await self._ended.wait()


class OktaClient(Unpicklable):
    """Reads one Okta org, blocking. Also works where an event loop is running already, as in Jupyter.

    Takes the arguments of `AsyncOktaClient`, which does the work on an event loop in a thread of its
    own. Use it as a context manager, or call `close` at the end.

    Attributes:
        url: ``https://contoso.okta.com``, without a trailing slash.
        domain: ``contoso.okta.com``: the host of the URL, without a port.
        requests: how many requests were sent, retries included, by method and path template.

    Raises:
        ConfigurationError: the URL, the credential or a number cannot work.
    """

    def __init__(self, org_url: str, auth: Auth, **options: Unpack[ClientOptions]) -> None:
        self._client = AsyncOktaClient(org_url, auth, **options)
        self._loop = _Loop()
        self._finalizer = weakref.finalize(self, _abandoned, self._loop, self._client)
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
        """A client as Okta's own SDKs are configured; see `AsyncOktaClient.from_config`."""
        from oktahound.client._settings import read_settings  # noqa: PLC0415  # see AsyncOktaClient

        settings = read_settings(path, os.environ if environ is None else environ, overrides)
        return cls(settings.url, settings.auth, **settings.options)

    def run(self, func: Callable[[AsyncOktaClient], Awaitable[T]]) -> T:
        """Run a coroutine function on the client's own loop and return what it returns.

        Args:
            func: gets the `AsyncOktaClient`.

        Raises:
            KeyboardInterrupt: Ctrl-C came; the coroutine was cancelled and has ended.
            RuntimeError: the client is closed.
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
        """The parsed JSON of one GET; see `AsyncOktaClient.get`."""
        return self.run(lambda client: client.get(path, params, ids=ids))

    def pages(
        self,
        path: str,
        params: Params | None = None,
        *,
        ids: Mapping[str, str] | None = None,
        rows_key: str | None = None,
    ) -> Iterator[Page]:
        """One paged listing, page by page; see `AsyncOktaClient.pages`."""
        found = self._client.pages(path, params, ids=ids, rows_key=rows_key)
        try:
            while (page := self.run(lambda _: anext(found, None))) is not None:
                yield page
        finally:
            if not self._loop.closed and not self._loop.inside():
                self.run(lambda _: found.aclose())

    def list(
        self,
        path: str,
        params: Params | None = None,
        *,
        ids: Mapping[str, str] | None = None,
        rows_key: str | None = None,
    ) -> builtins.list[Any]:
        """All rows of one paged listing; see `AsyncOktaClient.list`."""
        return self.run(lambda client: client.list(path, params, ids=ids, rows_key=rows_key))

    def authorize(self, scopes: Iterable[str]) -> frozenset[str] | None:
        """Make sure of an access token, and say what it may do; see `AsyncOktaClient.authorize`."""
        return self.run(lambda client: client.authorize(scopes))

    def close(self) -> None:
        """Close the connections and end the thread. Safe to call twice."""
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
