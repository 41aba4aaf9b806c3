"""Windows GUIDs, as directories identify their objects and Okta passes them on: 16 bytes in base64."""

from __future__ import annotations

import binascii
import uuid

from oktahound.entities.values import type_name

__all__ = ["guid_text"]


def guid_text(value: object) -> str:
    """The GUID as text, lower case with dashes; a text that does not decode to one stays as it is.

    The first three parts of a Windows GUID are stored with the lowest byte first (RFC 9562 calls that
    ``bytes_le``), which is why plain hexadecimal would give another identifier.

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
