"""Repair PEM text that was passed through an environment variable, a configuration file or a web form."""

from __future__ import annotations

import re

from oktahound.client._text import unwrap

__all__ = ["clean_pem"]

_BLOCK = re.compile(r"-----\s*BEGIN ([A-Z0-9 ]+?)\s*-----(.*?)-----\s*END \1\s*-----", re.DOTALL)
_SPELLED_OUT = {"\\r\\n": "\n", "\\n": "\n", "\\r": "\n", "\\t": " "}
_LINE = 64


def clean_pem(text: str) -> str:
    r"""Rewrite PEM text with each marker on its own line, and at most 64 characters of Base64 a line.

    Line breaks may be ``\r\n``, ``\n`` or ``\r``, written with a backslash (once or several times), mixed,
    or missing. Quotes, byte-order marks and whitespace are removed. The headers of an old encrypted key
    (``Proc-Type``, ``DEK-Info``) are kept. Text without a complete block is only unwrapped.
    """
    text = re.sub(r"\\{2,}(?=[rnt])", r"\\", unwrap(text))
    for spelled, meant in _SPELLED_OUT.items():
        text = text.replace(spelled, meant)
    return "\n".join(_block(found[1], found[2]) for found in _BLOCK.finditer(text)) or unwrap(text)


def _block(label: str, body: str) -> str:
    lines = [unwrap(line) for line in body.replace("\r", "\n").split("\n")]
    headers = [line for line in lines if ":" in line]
    base64 = "".join("".join(line.split()) for line in lines if ":" not in line).strip("\\")
    pieces = [base64[start : start + _LINE] for start in range(0, len(base64), _LINE)]
    head = [*headers, ""] if headers else []
    return "\n".join([f"-----BEGIN {label}-----", *head, *pieces, f"-----END {label}-----", ""])
