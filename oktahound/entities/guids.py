"""Windows GUIDs of directory objects, which Okta sends as 16 bytes in base64."""

from __future__ import annotations

import binascii
import uuid

from oktahound.entities.values import type_name

__all__ = ["guid_text"]


def guid_text(value: object) -> str:
    """Convert a GUID to text in lower case with dashes. Text that is no GUID is returned unchanged.

    The first three parts of a Windows GUID are stored in little-endian order (``bytes_le`` in Python's uuid),
    so that plain hexadecimal would give another identifier.

        >>> guid_text("ABEiM0RVZneImaq7zN3u/w==")
        '33221100-5544-7766-8899-aabbccddeeff'
    """
    if not isinstance(value, str):
        raise TypeError(f"expected text, got {type_name(value)}")
    try:
        raw = binascii.a2b_base64(value, strict_mode=True)
    except (binascii.Error, ValueError):
        return value
    return str(uuid.UUID(bytes_le=raw)) if len(raw) == 16 else value
