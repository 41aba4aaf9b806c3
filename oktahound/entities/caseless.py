"""Compare logins and other names of people without regard to letter case and Unicode form."""

from __future__ import annotations

import unicodedata

__all__ = ["caseless"]


def caseless(text: str) -> str:
    """The form in which two names are compared; names that mean the same user have the same one.

    It follows the profile UsernameCaseMapped of RFC 8265, with full case folding: blanks around are removed,
    fullwidth and halfwidth characters become ordinary ones, case is folded, and the result is normalized to
    NFC. A directory on macOS writes ``é`` as two code points, and one on Windows as one.

    Not NFKC: it would equate characters that only look related (``²`` and ``2``, ``ﬁ`` and ``fi``), and an
    edge could join two different people.
    """
    text = text.strip()
    if text.isascii():
        return text.lower()
    narrow = "".join(
        unicodedata.normalize("NFKC", char) if unicodedata.east_asian_width(char) in {"F", "H"} else char
        for char in text
    )
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", narrow).casefold())
