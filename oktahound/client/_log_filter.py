"""Remove possible secrets from what httpx, httpcore and hpack log about our requests.

At INFO httpx logs the whole URL of every request. At DEBUG httpcore logs the headers of every response, and
hpack logs every header in both directions, including tokens, cookies and redirect targets. The application
owns these loggers, so that the filter only shortens records of our own requests, and changes no level or
handler.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import httpx

__all__ = ["redacted_logs"]

_LOGGERS = (
    "httpx",
    *(f"httpcore.{name}" for name in ("connection", "http11", "http2", "proxy", "socks")),
    *(f"hpack.{name}" for name in ("hpack", "table", "huffman", "huffman_table")),
)
# Events of httpcore about addresses and certificates, not about requests or responses.
_HARMLESS = ("connect_", "start_tls.")

_in_our_request: ContextVar[bool] = ContextVar("oktahound_request", default=False)


class _RedactingFilter(logging.Filter):
    """Shortens records of our own requests. It drops no record."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not _in_our_request.get():
            return True
        if record.name == "httpx":
            args = record.args if isinstance(record.args, tuple) else ()
            record.args = tuple(
                [_without_secrets(arg) if isinstance(arg, httpx.URL) else arg for arg in args]
            )
        elif not str(record.msg).startswith(_HARMLESS):
            record.msg, record.args = str(record.msg).partition(" ")[0] + " …", ()
        return True


def _without_secrets(url: httpx.URL) -> httpx.URL:
    return url.copy_with(query=None, fragment=None, userinfo=b"")


_redacting_filter = _RedactingFilter()


@contextmanager
def redacted_logs() -> Iterator[None]:
    """Redact what is logged inside the block, in this task and in threads that it waits for."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_redacting_filter)  # does nothing if it was added before
    before = _in_our_request.set(True)
    try:
        yield
    finally:
        _in_our_request.reset(before)
