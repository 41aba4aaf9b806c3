"""Compressed bodies, however the network cuts them into chunks."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable

import pytest
from example_counts import examples
from hypothesis import given
from hypothesis import strategies as st

from oktahound.client._body import DamagedBodyError, _Decompressor

ROOM = 1_000_000


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


FORMS = pytest.mark.parametrize("compress", [gzip.compress, zlib.compress, raw_deflate])


def decompressed(data: bytes, sizes: list[int]) -> bytes:
    """Decompress data that arrives in chunks of these sizes, repeatedly."""
    decompressor, found, start = _Decompressor(), b"", 0
    while start < len(data):
        for size in sizes:
            found += decompressor.decompress(data[start : start + size], ROOM)
            start += size
    decompressor.close()
    return found


@FORMS
@given(st.binary(max_size=60), st.lists(st.integers(1, 4), min_size=1, max_size=5))
@examples(20)
def test_the_size_of_chunks_does_not_matter(
    compress: Callable[[bytes], bytes], body: bytes, sizes: list[int]
) -> None:
    assert decompressed(compress(body), sizes) == body


@FORMS
@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_a_body_that_ends_early_is_an_error(compress: Callable[[bytes], bytes], size: int) -> None:
    with pytest.raises(DamagedBodyError):
        decompressed(compress(b'[{"id": "00u1"}]')[:-1], [size])


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_invalid_compressed_data_is_an_error(size: int) -> None:
    with pytest.raises(DamagedBodyError):
        decompressed(b'[{"id": "00u1"}]' * 3, [size])


def test_a_header_without_an_end_is_not_kept() -> None:
    decompressor = _Decompressor()
    header = b"\x1f\x8b\x08\x08" + bytes(6)  # a gzip header with a file name, which never ends
    assert decompressor.decompress(header, ROOM) == b""
    for _ in range(100):
        assert decompressor.decompress(b"n" * 1000, ROOM) == b""
    assert decompressor._undecided is None
