"""Share equal values between entities.

Parsing JSON makes a new string for every value: the id of a user once for each membership and assignment,
``"ACTIVE"`` once for each row. One string for all of them takes a third off the memory of a snapshot.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

__all__ = ["SharedValues"]

MOST_TEXTS = 2**22
"""Texts that are kept for sharing, at some 25 bytes each besides the text."""

MOST_TIMES = 2**16
"""Times that are kept for sharing. Equal times are mostly near each other: in one row, or in one import."""


class SharedValues:
    """The values of one collection, or of one snapshot that is being loaded, each kept once.

    Attributes:
        text: from a text and the same text to the one that stands for all equal ones: a bound
            `dict.setdefault`, because it is called for every field of every row.
        times: times by the text that they were parsed from.
    """

    __slots__ = ("_texts", "text", "times")

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self.text: Callable[[str, str], str] = self._texts.setdefault
        self.times: dict[str, datetime] = {}

    def trim(self) -> None:
        """Forget the values when there are too many. Later equal values are shared among themselves.

        Called from time to time, it bounds the memory that an org with ever new values can make this take.
        """
        if len(self._texts) > MOST_TEXTS:
            self._texts.clear()
        if len(self.times) > MOST_TIMES:
            self.times.clear()
