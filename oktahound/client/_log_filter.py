"""What the libraries below log of our requests, without what can be a secret.

At INFO httpx logs the whole URL of every request, at DEBUG httpcore the headers of every answer, and hpack
every header in both directions: tokens, cookies, where a redirect leads. Their loggers are everybody's.
So only what they say while a request of ours is under way is cut, and nothing is silenced or configured.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import httpx

__all__ = ["filtered"]

_LOGGERS = (
    "httpx",
    *(f"httpcore.{name}" for name in ("connection", "http11", "http2", "proxy", "socks")),
    *(f"hpack.{name}" for name in ("hpack", "table", "huffman", "huffman_table")),
)
# The events of httpcore that speak of addresses and certificates, and of no request or answer.
_HARMLESS = ("connect_", "start_tls.")

_ours: ContextVar[bool] = ContextVar("oktahound_request", default=False)


class _Cut(logging.Filter):
    """Cuts records; it lets all of them pass."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not _ours.get():
            return True
        if record.name == "httpx":
            args = record.args if isinstance(record.args, tuple) else ()
            record.args = tuple([_bare(arg) if isinstance(arg, httpx.URL) else arg for arg in args])
        elif not str(record.msg).startswith(_HARMLESS):
            record.msg, record.args = str(record.msg).partition(" ")[0] + " …", ()
        return True


def _bare(url: httpx.URL) -> httpx.URL:
    return url.copy_with(query=None, fragment=None, userinfo=b"")


_cut = _Cut()


@contextmanager
def filtered() -> Iterator[None]:
    """What is logged inside, in this task and threads that it waits for, is about a request of ours."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_cut)  # once: the same filter is not added again
    before = _ours.set(True)
    try:
        yield
    finally:
        _ours.reset(before)
