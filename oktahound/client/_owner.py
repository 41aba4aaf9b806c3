"""Bind a client to the process and the event loop of its first request.

Connections, locks and sleeping tasks belong to both. If they were used elsewhere, they would wait for events
that never occur, or write into a connection that a parent process still uses.
"""

from __future__ import annotations

import os

from anyio.lowlevel import RunVar

from oktahound.errors import ClientStateError

__all__ = ["FORKED", "Owner"]

FORKED = (
    "this client belongs to another process: it was used before this process was forked, and its connections "
    "and threads stayed there. Create a client in each process, after the fork"
)
_OTHER_LOOP = (
    "this client belongs to another event loop, the one of its first request, and its connections work only "
    "there. Create the client inside asyncio.run(), and one client for each loop"
)

# Holds one object for each running event loop, which identifies it on every backend.
_loop_identity: RunVar[object] = RunVar("oktahound_loop_identity")


def _current_loop() -> object:
    identity = _loop_identity.get(None)
    if identity is None:
        identity = object()
        _loop_identity.set(identity)
    return identity


class Owner:
    """The process and event loop to which a client belongs since its first request."""

    def __init__(self) -> None:
        self._process: int | None = None
        self._loop: object = None
        self._closed = False

    def claim(self) -> None:
        """Check that the client may be used here. The first call binds it to this process and event loop.

        Raises:
            ClientStateError: the client is closed, or belongs to another process or event loop.
        """
        if self._closed:
            raise ClientStateError("the client is closed")
        if self._process is None:
            self._process, self._loop = os.getpid(), _current_loop()
        elif self._process != os.getpid():
            raise ClientStateError(FORKED)
        elif self._loop is not _current_loop():
            raise ClientStateError(_OTHER_LOOP)

    def release(self) -> bool:
        """Mark the client as closed, and return whether its connections can be closed from here.

        In a forked child they must stay open for the parent. Those of another event loop cannot be closed
        either: that loop has ended, or may be using them.
        """
        self._closed = True
        if self._process is None:
            return True
        return self._process == os.getpid() and self._loop is _current_loop()
