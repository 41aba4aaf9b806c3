"""A faulty server on a local socket, which sends arbitrary bytes, and HTTP only on demand."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import orjson

Play = Callable[["ServerConnection"], None]


class ServerConnection:
    """The server's side of a connection."""

    def __init__(self, connection: socket.socket, closing: threading.Event) -> None:
        self._connection = connection
        self.closing = closing
        self.requests: list[bytes] = []

    def read_request(self) -> bytes:
        """Read one request; empty if the client has closed the connection."""
        request = b""
        while b"\r\n\r\n" not in request:
            piece = self._connection.recv(65536)
            if not piece:
                return b""
            request += piece
        self.requests.append(request)
        return request

    def say(self, text: bytes) -> bool:
        """Send bytes; return False if the client has closed the connection."""
        try:
            self._connection.sendall(text)
        except OSError:
            return False
        return not self.closing.is_set()

    def reset(self) -> None:
        """Close the connection with a reset."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._connection.close()

    def wait(self) -> None:
        """Send nothing until the client closes the connection or the test ends."""
        self._connection.settimeout(0.05)
        while not self.closing.is_set():
            with suppress(TimeoutError):
                if not self._connection.recv(65536):
                    return


class FaultyServer:
    """A server that runs a script for each connection, and the last script for all further connections.

    Attributes:
        url: the URL of the server.
        served: the connections so far.
    """

    def __init__(self, *scenes: Play) -> None:
        self._scenes = list(scenes)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._closing = threading.Event()
        self._threads: list[threading.Thread] = []
        self.served: list[ServerConnection] = []
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def serve(self) -> None:
        while not self._closing.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            peer = ServerConnection(connection, self._closing)
            scene = self._scenes[min(len(self.served), len(self._scenes) - 1)]
            self.served.append(peer)
            thread = threading.Thread(target=self._play, args=(scene, peer, connection), daemon=True)
            thread.start()
            self._threads.append(thread)  # not before: `close` joins it

    def _play(self, scene: Play, peer: ServerConnection, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            scene(peer)

    def close(self) -> None:
        self._closing.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(10)


@contextmanager
def faulty_server(*scenes: Play) -> Iterator[FaultyServer]:
    """Open a server, and close it with all its threads."""
    server = FaultyServer(*scenes)
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.close()
        thread.join(10)


def answer(body: bytes = b"[]", status: str = "200 OK", *headers: str, length: int | None = None) -> bytes:
    """Return an HTTP response as bytes."""
    size = len(body) if length is None else length
    lines = [f"HTTP/1.1 {status}", "Content-Type: application/json", f"Content-Length: {size}", *headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def rows(*given: Any) -> bytes:
    """Return a successful response with these rows."""
    return answer(orjson.dumps(given))


def once(text: bytes) -> Play:
    """Return a script that reads one request, sends bytes and closes the connection."""

    def play(peer: ServerConnection) -> None:
        peer.read_request()
        peer.say(text)

    return play


def for_ever(first: bytes, piece: bytes) -> Play:
    """Return a script that reads one request and sends an endless response."""

    def play(peer: ServerConnection) -> None:
        peer.read_request()
        peer.say(first)
        while peer.say(piece):
            pass

    return play


def good(*given: Any) -> Play:
    """Return a script that responds to every request of the connection with rows."""

    def play(peer: ServerConnection) -> None:
        while peer.read_request() and peer.say(rows(*given)):
            pass

    return play
