"""A stand-in for a BloodHound server, which checks credentials, order, types and bytes, and injects faults.

It follows the server's own code: `cmd/api/src/api/signature.go`, `auth.go` and `v2/fileingest.go` in
https://github.com/SpecterOps/BloodHound.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN_ID = "7a3b1c9e-0d2f-4b6a-8c1d-5e4f3a2b1c0d"
TOKEN_KEY = "c2VjcmV0LWtleS1vZi1hLXRva2VuLW9mLWJsb29kaG91bmQ="
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl"

RUNNING, COMPLETE, INGESTING = 1, 2, 6
TYPES = {"application/json", "application/zip", "application/zip-compressed", "application/x-zip-compressed"}

Answer = tuple[int, Any]


class FakeServer:
    """The state and logic of the server, for one request at a time.

    Attributes:
        jobs: by number: the status, and what was sent, as (name, type, bytes).
        seen: method and target of each request, in order.
        statuses: what each job becomes, one look after the other, once it is ended.
        faults: what goes wrong next, by a word that the target ends in; see `Handler`.
        now: the server's clock.
    """

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self.now = now
        self.jobs: dict[int, dict[str, Any]] = {}
        self.seen: list[tuple[str, str]] = []
        self.statuses = [INGESTING, 7, COMPLETE]
        self.message = "Complete"
        self.faults: list[tuple[str, Any]] = []

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Return status and document; None for no document."""
        self.seen.append((method, target))
        lower = {name.lower(): value for name, value in headers.items()}
        return self._refused(method, target, lower, body) or self._done(method, target, lower, body)

    def fault(self, target: str) -> Any:
        """Return the fault to inject into this request; None for none."""
        for index, (ending, fault) in enumerate(self.faults):
            if re.search(ending, target):
                del self.faults[index]
                return fault
        return None

    def _refused(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer | None:
        scheme, _, value = headers.get("authorization", "").partition(" ")
        if scheme == "Bearer":
            return None if value == JWT else refusal(401, "authentication is invalid")
        if scheme != "bhesignature" or value != TOKEN_ID:
            return refusal(401, "authentication is invalid")
        date = headers.get("requestdate", "")
        if abs(self.now() - datetime.fromisoformat(date).timestamp()) > 3600:
            return refusal(401, "signature too far behind")
        made = base64.b64encode(sign(TOKEN_KEY, method, target, date, body)).decode()
        fits = hmac.compare_digest(headers.get("signature", ""), made)
        return None if fits else refusal(401, "digest validation failed: signature digest mismatch")

    def _done(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        if (method, target) == ("POST", "/api/v2/file-upload/start"):
            number = len(self.jobs) + 1
            self.jobs[number] = {"status": RUNNING, "files": [], "coming": list(self.statuses)}
            return 201, {"data": {"id": number, "status": RUNNING}}
        if found := re.fullmatch(r"/api/v2/file-upload\?id=eq:(\d+)", target):
            return self._listed(int(found[1]))
        found = re.fullmatch(r"/api/v2/file-upload/(\d+)(/end)?", target)
        job = self.jobs.get(int(found[1])) if found else None
        if method != "POST" or not found or job is None:
            return refusal(404, "resource not found")
        if job["status"] != RUNNING:
            return refusal(400, "job must be in running status to end")
        if found[2]:
            job["status"] = job["coming"].pop(0)
            return 200, None
        return self._took(job, headers, body)

    def _took(self, job: dict[str, Any], headers: dict[str, str], body: bytes) -> Answer:
        kind = headers.get("content-type", "")
        if kind not in TYPES:
            return refusal(400, "Content type must be application/json or application/zip")
        if kind == "application/json" and not _is_json(body):
            return refusal(400, "Error saving ingest file: file is not valid json")
        job["files"].append((headers.get("x-file-upload-name"), kind, body))
        return 202, None

    def _listed(self, number: int) -> Answer:
        job = self.jobs[number]
        if job["status"] != RUNNING and job["coming"]:
            job["status"] = job["coming"].pop(0)
        row = {"id": number, "status": job["status"], "status_message": self.message}
        return 200, {"count": 1, "skip": 0, "limit": 100, "data": [row]}


def sign(key: str, method: str, target: str, date: str, body: bytes) -> bytes:
    """Compute the chain of signatures as the server does."""
    for part in (f"{method}{target}".encode(), date[:13].encode(), body):
        digester = hmac.new(key if isinstance(key, bytes) else key.encode(), part, hashlib.sha256)
        key = digester.digest()
    return key


def refusal(status: int, message: str) -> Answer:
    """Build an error response in BloodHound's format."""
    return status, {
        "http_status": status,
        "request_id": "r-1",
        "errors": [{"context": "", "message": message}],
    }


def _is_json(body: bytes) -> bool:
    try:
        json.loads(body)
    except ValueError:
        return False
    return True


class Handler(BaseHTTPRequestHandler):
    """The HTTP handler, which can inject faults.

    A fault is a status, ``"reset"`` (before anything is read), ``"cut"`` (in the middle of the body),
    ``"lost"`` (everything is done, and the answer is not sent), or a callable that gives the answer.
    """

    protocol_version = "HTTP/1.1"
    server: Listening

    def do_GET(self) -> None:
        self.handle_one()

    def do_POST(self) -> None:
        self.handle_one()

    def handle_one(self) -> None:
        fault = self.server.fake_server.fault(self.path)
        length = int(self.headers.get("content-length", "0"))
        if fault == "reset":
            return self.reset()
        if fault == "cut":
            self.rfile.read(length // 2)
            return self.reset()
        body = self.rfile.read(length)
        if isinstance(fault, int):
            self.server.fake_server.seen.append((self.command, self.path))
            return self.say(*refusal(fault, "a fault"))
        if callable(fault):
            return self.say(*fault(self))
        answer = self.server.fake_server.answer(self.command, self.path, dict(self.headers), body)
        return self.reset() if fault == "lost" else self.say(*answer)

    def reset(self) -> None:
        """Close the connection with RST, so that the client gets an error."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True
        self.wfile = self.rfile = _Gone()  # type: ignore[assignment]  # nothing more to flush

    def say(self, status: int, doc: Any, headers: Mapping[str, str] | None = None) -> None:
        body = b"" if doc is None else json.dumps(doc).encode()
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing."""


class _Gone:
    """A file object of a closed connection."""

    closed = True

    def flush(self) -> None: ...

    def close(self) -> None: ...


class Listening(ThreadingHTTPServer):
    """An HTTP server with the stand-in, on a loopback socket."""

    daemon_threads = True

    def __init__(self, fake_server: FakeServer) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.broken: list[BaseException | None] = []
        self.fake_server = fake_server

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore closed connections. Any other error fails the test."""
        error = sys.exception()
        if not isinstance(error, ConnectionError):
            self.broken.append(error)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def listening(fake_server: FakeServer) -> Iterator[str]:
    """Run the stand-in on a socket, and yield its URL."""
    with Listening(fake_server) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.url
        finally:
            server.shutdown()
            thread.join()
    assert server.broken == []
