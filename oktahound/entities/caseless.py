"""Compare logins and other names of people without regard to letter case and Unicode form."""

from __future__ import annotations

import unicodedata

__all__ = ["caseless"]


def caseless(text: str) -> str:
    """Normalize a name for comparison. Names of the same user have the same form.

    This is the profile UsernameCaseMapped of RFC 8265 with full case folding: surrounding whitespace is
    removed, fullwidth and halfwidth characters become ordinary ones, case is folded, and the result is
    normalized to NFC. A directory on macOS writes ``é`` as two code points, one on Windows as one.

    NFKC is not used: it would equate characters that only look similar (``²`` and ``2``, ``ﬁ`` and ``fi``),
    so that an edge could connect two different users.
    """
    text = text.strip()
    if text.isascii():
        return text.lower()
    narrow = "".join(
        unicodedata.normalize("NFKC", char) if unicodedata.east_asian_width(char) in {"F", "H"} else char
        for char in text
    )
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", narrow).casefold())
