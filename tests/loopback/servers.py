"""An HTTP server and a proxy (CONNECT and SOCKS5) on loopback sockets. Both record what reached them."""

from __future__ import annotations

import base64
import select
import socket
import socketserver
import ssl
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import attrs


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, handler: Any, context: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.context = context
        self.record: Any = None

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore closed connections, because tests check the recorded requests."""


def _wrapped(server: Any, connection: socket.socket) -> socket.socket:
    context: ssl.SSLContext | None = server.context
    return context.wrap_socket(connection, server_side=True) if context else connection


def _head(connection: socket.socket, begun: bytes = b"") -> tuple[str, dict[str, str]] | None:
    head = begun
    while b"\r\n\r\n" not in head:
        piece = connection.recv(65536)
        if not piece:
            return None
        head += piece
    first, *lines = head.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return first, headers


@attrs.define
class WebServer:
    """An HTTP or HTTPS server that answers every request with an empty JSON list.

    Attributes:
        port: where it listens on 127.0.0.1.
        requests: the request lines and headers so far.
    """

    port: int
    requests: list[tuple[str, dict[str, str]]] = attrs.field(factory=list)


class _WebHandler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        server: Any = self.server
        fields = "Content-Type: application/json\r\nContent-Length: 2"
        with _wrapped(server, self.request) as connection:
            while (head := _head(connection)) is not None:
                server.record.requests.append(head)
                connection.sendall(f"HTTP/1.1 200 OK\r\n{fields}\r\n\r\n[]".encode())


@attrs.define
class Proxy:
    """A forward proxy that connects every tunnel to one upstream port of this machine.

    Attributes:
        port: where it listens on 127.0.0.1.
        upstream: the port that tunnels lead to.
        credentials: ``user:password`` that it asks for; None for none.
        status: answered to CONNECT in place of a tunnel, when given.
        targets: what clients asked for, as ``CONNECT host:port``, ``SOCKS host:port`` or a request line.
    """

    port: int
    upstream: int
    credentials: str | None = None
    status: int | None = None
    targets: list[str] = attrs.field(factory=list)


class _ProxyHandler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        server: Any = self.server
        proxy: Proxy = server.record
        with _wrapped(server, self.request) as connection:
            first = connection.recv(1)
            if first and (
                _socks(connection, proxy) if first == b"\x05" else _connect(connection, proxy, first)
            ):
                with socket.create_connection(("127.0.0.1", proxy.upstream)) as upstream:
                    _relay(connection, upstream)


def _connect(connection: socket.socket, proxy: Proxy, begun: bytes) -> bool:
    head = _head(connection, begun)
    if head is None:
        return False
    line, headers = head
    proxy.targets.append(line.removesuffix(" HTTP/1.1"))
    wanted = proxy.credentials and "Basic " + base64.b64encode(proxy.credentials.encode()).decode()
    if wanted and headers.get("proxy-authorization") != wanted:
        status = 'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="p"'
    elif proxy.status is not None:
        status = f"HTTP/1.1 {proxy.status} Refused"
    elif line.startswith("CONNECT "):
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        return True
    else:
        status = "HTTP/1.1 200 OK"
    connection.sendall(f"{status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
    return False


def _socks(connection: socket.socket, proxy: Proxy) -> bool:
    """RFC 1928 and 1929, as far as httpx uses them."""
    methods = connection.recv(1 + connection.recv(1, socket.MSG_PEEK)[0])[1:]
    method = 2 if proxy.credentials else 0
    if method not in methods:
        connection.sendall(b"\x05\xff")
        return False
    connection.sendall(bytes([5, method]))
    if proxy.credentials:
        request = connection.recv(512)
        user = request[2 : 2 + request[1]].decode()
        password = request[3 + request[1] :].decode()
        right = f"{user}:{password}" == proxy.credentials
        connection.sendall(b"\x01\x00" if right else b"\x01\x01")
        if not right:
            return False
    request = connection.recv(512)
    host = request[5 : 5 + request[4]].decode() if request[3] == 3 else socket.inet_ntoa(request[4:8])
    proxy.targets.append(f"SOCKS {host}:{struct.unpack('!H', request[-2:])[0]}")
    connection.sendall(b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
    return True


def _relay(client: socket.socket, upstream: socket.socket) -> None:
    with suppress(OSError):
        while True:
            pending = isinstance(client, ssl.SSLSocket) and client.pending()
            readable = [client] if pending else select.select([client, upstream], [], [])[0]
            for source in readable:
                piece = source.recv(65536)
                if not piece:
                    return
                (upstream if source is client else client).sendall(piece)


@contextmanager
def _serving(server: _Server) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


@contextmanager
def web_server(context: ssl.SSLContext | None = None) -> Iterator[WebServer]:
    """Open a `WebServer`, over TLS with a context."""
    server = _Server(_WebHandler, context)
    server.record = WebServer(server.server_address[1])
    with _serving(server):
        yield server.record


@contextmanager
def proxy_to(upstream: int, context: ssl.SSLContext | None = None, **how: Any) -> Iterator[Proxy]:
    """Open a `Proxy`, itself over TLS with a context."""
    server = _Server(_ProxyHandler, context)
    server.record = Proxy(server.server_address[1], upstream, **how)
    with _serving(server):
        yield server.record
