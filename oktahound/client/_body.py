"""Reading the body of an answer: decompressed here, under a limit that holds at every moment.

httpx decompresses each piece it reads as a whole, and undoes as many encodings as the header names. Sixty
kilobytes can so become sixty megabytes, and with a second encoding sixty gigabytes, before anybody can
count. So only gzip and deflate are asked for, one of them, and never more is unpacked than is allowed.
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator
from contextlib import suppress

import httpx

__all__ = ["ACCEPTED", "BodyTooLargeError", "DamagedBodyError", "read_body"]

ACCEPTED = "gzip, deflate"

# What zlib calls "find out yourself whether it is gzip or zlib", and "neither: no header at all".
_ANY_HEADER, _NO_HEADER = zlib.MAX_WBITS | 32, -zlib.MAX_WBITS

# Pieces that may have been read from the connection already, when it is closed.
_BUFFERED = 64


class BodyTooLargeError(Exception):
    """A body went over the limit; reading stopped there."""


class DamagedBodyError(Exception):
    """A body does not decompress, ends too soon, or is encoded in a way that was not asked for."""


async def read_body(response: httpx.Response, max_body: int) -> bytes:
    """The decompressed body.

    Raises:
        BodyTooLargeError: it is longer than `max_body` bytes; the rest was not read.
        DamagedBodyError: it does not decompress.
    """
    if response.is_stream_consumed:  # a transport in this process made it of bytes, and httpx has read those
        return _within(response.content, max_body)
    unpacker = _unpacker(response.headers)
    chunks: list[bytes] = []
    room = max_body
    raw = response.aiter_raw()
    try:
        async for chunk in raw:
            piece = chunk if unpacker is None else unpacker.unpack(chunk, room)
            chunks.append(_within(piece, room))
            room -= len(piece)
    except (BodyTooLargeError, DamagedBodyError):
        await _leave(response, raw)
        raise
    if unpacker is not None:
        unpacker.close()
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


async def _leave(response: httpx.Response, raw: AsyncIterator[bytes]) -> None:
    """Stop reading: close the connection, and run the reading against it.

    httpx reads through six generators inside each other, and closing the outer one does not end the inner
    ones; an error from below does. Trio warns of those that nobody ended.
    """
    await response.aclose()
    if "network_stream" not in response.extensions:  # no socket below, and nothing that would say no
        return
    with suppress(httpx.HTTPError, httpx.StreamError, OSError, StopAsyncIteration):
        for _ in range(_BUFFERED):
            await anext(raw)


def _within(body: bytes, max_body: int) -> bytes:
    if len(body) > max_body:
        raise BodyTooLargeError
    return body


def _unpacker(headers: httpx.Headers) -> _Unpacker | None:
    named = [name.strip().lower() for name in headers.get("content-encoding", "").split(",")]
    encodings = [name for name in named if name not in {"", "identity"}]
    if not encodings:
        return None
    if len(encodings) > 1 or encodings[0] not in {"gzip", "x-gzip", "deflate"}:
        raise DamagedBodyError
    return _Unpacker()


class _Unpacker:
    """Decompresses piece by piece, never more than asked for."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(_ANY_HEADER)
        self._begun = False

    def unpack(self, chunk: bytes, room: int) -> bytes:
        """What comes out of one more piece; with `room` bytes left, at most one byte more than that."""
        if not chunk:
            return b""
        if self._zlib.eof:  # zlib would keep whatever comes after the end, for ever
            raise DamagedBodyError
        piece = self._decompressed(chunk, room + 1)
        self._begun = True
        return piece

    def close(self) -> None:
        """There is no more.

        Raises:
            DamagedBodyError: there should be.
        """
        if self._begun and not self._zlib.eof:
            raise DamagedBodyError

    def _decompressed(self, chunk: bytes, most: int) -> bytes:
        try:
            return self._zlib.decompress(chunk, most)
        except zlib.error as error:
            if self._begun:
                raise DamagedBodyError from error
        # Some servers mean by "deflate" the bare stream, without the header that RFC 9110 asks for.
        self._zlib = zlib.decompressobj(_NO_HEADER)
        try:
            return self._zlib.decompress(chunk, most)
        except zlib.error as error:
            raise DamagedBodyError from error
