"""Read, decompress and parse the body of a response, with a limit on the decompressed size.

httpx decompresses each chunk completely, and undoes as many encodings as the header names. Sixty kilobytes
can become sixty megabytes that way, and sixty gigabytes with a second encoding, before a limit can be
checked. So this module requests only gzip and deflate, accepts one encoding, and stops at the limit.
"""

from __future__ import annotations

import codecs
import math
import re
import sys
import zlib
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import httpx
import orjson

__all__ = ["ACCEPTED", "NOT_JSON", "BodyTooLargeError", "DamagedBodyError", "parse_json", "read_body"]


NOT_JSON: Any = object()

# Matches every escape of a string, so that an escaped backslash does not start one. A surrogate pair is one.
_HIGH, _LOW = rb"u[dD][89abAB][0-9a-fA-F]{2}", rb"u[dD][c-fC-F][0-9a-fA-F]{2}"
_ESCAPE = re.compile(rb"\\(?:%s\\%s|(%s|%s)|.)" % (_HIGH, _LOW, _HIGH, _LOW), re.DOTALL)
_TEXT = rb'"(?:[^"\\]++|\\.)*+"'
_NUMBER = rb"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?"
_TEXT_OR_NUMBER = re.compile(_TEXT + b"|" + _NUMBER, re.DOTALL)
_LARGEST = repr(sys.float_info.max).encode()


def parse_json(text: bytes | str) -> Any:
    """Parse JSON; returns `NOT_JSON` if the text is invalid.

    It never raises: the parser's exception contains the whole text, which may contain secrets.

    Three defects are repaired, because each of them would hide a whole page of a listing. A byte-order
    mark is removed. A lone surrogate becomes U+FFFD. A number beyond the range of floats becomes the
    largest float.
    """
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        pass
    raw = _without_bom(text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text)
    repaired = _TEXT_OR_NUMBER.sub(_repaired, raw)
    if repaired == text:
        return NOT_JSON
    try:
        return orjson.loads(repaired)
    except orjson.JSONDecodeError:
        return NOT_JSON


def _without_bom(raw: bytes) -> bytes:
    """Remove a byte-order mark. UTF-16 with such a mark is converted to UTF-8."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return raw.decode("utf-16", "replace").encode("utf-8", "replace")
    return raw.removeprefix(codecs.BOM_UTF8)


def _repaired(found: re.Match[bytes]) -> bytes:
    token = found[0]
    if token.startswith(b'"'):
        return _ESCAPE.sub(lambda escape: rb"\ufffd" if escape[1] else escape[0], token)
    size = float(token)
    return token if math.isfinite(size) else b"-" * (size < 0) + _LARGEST


ACCEPTED = "gzip, deflate"

# Values of zlib's wbits: detect a gzip or zlib header automatically; and expect no header.
_ANY_HEADER, _NO_HEADER = zlib.MAX_WBITS | 32, -zlib.MAX_WBITS

# A gzip header can contain a file name and a comment. Beyond this size the form of the stream is known.
_LONGEST_HEADER = 4096

# Chunks that may have been read from the connection before it was closed.
_BUFFERED = 64


class BodyTooLargeError(Exception):
    """The body is longer than the limit. Reading stopped at the limit."""


class DamagedBodyError(Exception):
    """The body does not decompress, is truncated, or has an encoding that was not requested."""


async def read_body(response: httpx.Response, max_body: int) -> bytes:
    """Return the decompressed body.

    Raises:
        BodyTooLargeError: the body is longer than `max_body` bytes. The rest was not read.
        DamagedBodyError: the body does not decompress.
    """
    if response.is_stream_consumed:  # an in-process transport built it from bytes, which httpx has read
        return _check_size(response.content, max_body)
    decompressor = _make_decompressor(response.headers)
    chunks: list[bytes] = []
    remaining = max_body
    # Not `aiter_raw`, whose generator is one more for each chunk to pass through.
    raw = aiter(_stream_of(response))
    try:
        async for chunk in raw:
            piece = chunk if decompressor is None else decompressor.decompress(chunk, remaining)
            chunks.append(_check_size(piece, remaining))
            remaining -= len(piece)
    except (BodyTooLargeError, DamagedBodyError):
        await _stop_reading(response, raw)
        raise
    if decompressor is not None:
        decompressor.close()
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _stream_of(response: httpx.Response) -> httpx.AsyncByteStream:
    if not isinstance(response.stream, httpx.AsyncByteStream):
        raise TypeError("the transport returned a response with a blocking stream")
    return response.stream


async def _stop_reading(response: httpx.Response, raw: AsyncIterator[bytes]) -> None:
    """Close the connection, and read on until that raises an error.

    httpx and httpcore read through three nested generators. Closing the outer one does not end the inner
    ones, but an error from the socket does. Trio warns about generators that were not ended.
    """
    await response.aclose()
    if "network_stream" not in response.extensions:  # there is no socket that could raise
        return
    with suppress(httpx.HTTPError, httpx.StreamError, OSError, StopAsyncIteration):
        for _ in range(_BUFFERED):
            await anext(raw)


def _check_size(body: bytes, max_body: int) -> bytes:
    if len(body) > max_body:
        raise BodyTooLargeError
    return body


def _make_decompressor(headers: httpx.Headers) -> _Decompressor | None:
    named = [name.strip().lower() for name in headers.get("content-encoding", "").split(",")]
    encodings = [name for name in named if name not in {"", "identity"}]
    if not encodings:
        return None
    if len(encodings) > 1 or encodings[0] not in {"gzip", "x-gzip", "deflate"}:
        raise DamagedBodyError
    return _Decompressor()


class _Decompressor:
    """Decompresses one chunk at a time, up to a limit."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(_ANY_HEADER)
        self._started = False
        # The bytes before the first output; None once it is known whether there is a header.
        self._undecided: bytes | None = b""

    def decompress(self, chunk: bytes, remaining: int) -> bytes:
        """Decompress one chunk. Returns at most `remaining` + 1 bytes, so that the caller sees an excess."""
        if not chunk:
            return b""
        if self._zlib.eof:  # zlib would buffer all data after the end
            raise DamagedBodyError
        piece = self._decompress_piece(chunk, remaining + 1)
        self._started = True
        return piece

    def close(self) -> None:
        """Check that the compressed data ended.

        Raises:
            DamagedBodyError: the data is truncated.
        """
        if self._started and not self._zlib.eof:
            raise DamagedBodyError

    def _decompress_piece(self, chunk: bytes, most: int) -> bytes:
        before = self._undecided
        try:
            piece = self._zlib.decompress(chunk, most)
        except zlib.error as error:
            if before is None:
                raise DamagedBodyError from error
        else:
            # A header can arrive byte by byte, and its first bytes can be those of a stream without one.
            is_open = before is not None and not piece and len(before) < _LONGEST_HEADER
            self._undecided = before + chunk if before is not None and is_open else None
            return piece
        # Some servers send "deflate" as a raw stream, without the zlib header that RFC 9110 requires.
        self._undecided = None
        self._zlib = zlib.decompressobj(_NO_HEADER)
        try:
            return self._zlib.decompress(before + chunk, most)
        except zlib.error as error:
            raise DamagedBodyError from error
