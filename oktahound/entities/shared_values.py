"""Share equal values between entities.

Parsing JSON creates a new string for every value: the id of a user once for each membership and assignment,
``"ACTIVE"`` once for each row. Sharing equal strings saves a third of the memory of a snapshot.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

__all__ = ["SharedValues"]

MOST_TEXTS = 2**22
"""Maximum number of shared texts, at about 25 bytes each besides the text."""

MOST_TIMES = 2**16
"""Maximum number of shared times. Equal times are mostly close together: in one row or one import."""


class SharedValues:
    """The shared values of one collection, or of one snapshot that is being loaded.

    Attributes:
        text: maps a text (passed twice) to the shared equal text. A bound `dict.setdefault`, because it is
            called for every field of every row.
        times: times by the text that they were parsed from.
    """

    __slots__ = ("_texts", "text", "times")

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self.text: Callable[[str, str], str] = self._texts.setdefault
        self.times: dict[str, datetime] = {}

    def trim(self) -> None:
        """Drop the values if there are too many. Later equal values are shared among themselves.

        It must be called regularly to bound the memory for an org with many different values.
        """
        if len(self._texts) > MOST_TEXTS:
            self._texts.clear()
        if len(self.times) > MOST_TIMES:
            self.times.clear()
