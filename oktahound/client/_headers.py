"""What Okta says in headers, read with suspicion: a value that makes no sense counts as not sent."""

from __future__ import annotations

import re
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import lru_cache

import attrs
import httpx

__all__ = [
    "LONGEST_WAIT",
    "Limits",
    "challenge",
    "date_of",
    "limits_of",
    "retry_after",
]

# Okta's windows last a minute (https://developer.okta.com/docs/reference/rl-best-practices/); the
# longest wait ever recorded was 111 s. Anything beyond this is a broken header, not a plan.
LONGEST_WAIT = 300.0


@attrs.frozen
class Limits:
    """The rate limit of one answer.

    Attributes:
        limit: requests a window allows this credential.
        remaining: requests left in it.
        reset: when the window ends: seconds since the epoch, by Okta's clock.
        opens_in: seconds from this answer until the window has surely ended.
    """

    limit: int
    remaining: int
    reset: int
    opens_in: float

    def spent(self) -> Limits:
        """As a 429 means it: nothing remains, whatever the header says."""
        return attrs.evolve(self, remaining=0)


def _whole(headers: httpx.Headers, name: str) -> int | None:
    text = headers.get(name, "").strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 12 else None


@lru_cache(maxsize=8)  # hundreds of answers carry the same second
def _instant(text: str | None) -> float | None:
    if not text:
        return None
    try:
        when = parsedate_to_datetime(text)
        return when.replace(tzinfo=when.tzinfo or UTC).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def date_of(headers: httpx.Headers) -> float | None:
    """The server's clock: the ``Date`` header in seconds since the epoch, or None."""
    return _instant(headers.get("date"))


def limits_of(headers: httpx.Headers) -> Limits | None:
    """The rate limit headers, or None when they are missing or cannot be meant.

    The wait is ``Reset - Date + 1``: both come from Okta's clock, so a wrong clock here does no
    harm, and the second covers that both are whole seconds.
    """
    limit = _whole(headers, "x-rate-limit-limit")
    remaining = _whole(headers, "x-rate-limit-remaining")
    reset = _whole(headers, "x-rate-limit-reset")
    date = date_of(headers)
    if limit is None or remaining is None or reset is None or date is None:
        return None
    opens_in = reset - date + 1
    # Limit 0 is how Okta marks the limit on concurrent requests; its reset means nothing.
    if limit == 0 or not 0 < opens_in <= LONGEST_WAIT:
        return None
    return Limits(limit, min(remaining, limit), reset, opens_in)


def retry_after(headers: httpx.Headers) -> float | None:
    """``Retry-After`` in seconds (a number or a date), or None when missing or beyond reason."""
    text = headers.get("retry-after")
    seconds: float | None = _whole(headers, "retry-after")
    if text and seconds is None:
        then, now = _instant(text), date_of(headers)
        seconds = then - now if then is not None and now is not None else None
    return seconds if seconds is not None and 0 < seconds <= LONGEST_WAIT else None


# Begun only where a name begins: begun at every letter, it would take minutes on a header of letters.
_PARAMETER = re.compile(r'(?<![A-Za-z_])([A-Za-z_]+)="([^"]*)"')


def challenge(headers: httpx.Headers) -> dict[str, str]:
    """The parameters of ``WWW-Authenticate`` (``error``, ``scope``, …), of all its lines together."""
    return {
        name.lower(): value
        for line in headers.get_list("www-authenticate")
        for name, value in _PARAMETER.findall(line)
    }
