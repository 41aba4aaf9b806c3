"""Parse Okta's response headers. Invalid values are treated as missing.

A gateway may send a header twice, on two lines or joined with a comma. The strictest of several values is
used: the lowest limit, the fewest remaining requests, the longest wait.
"""

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
    "is_concurrency_limit",
    "limits_of",
    "pause_of",
    "retry_after",
]

# Okta's windows last a minute (https://developer.okta.com/docs/reference/rl-best-practices/); the
# longest wait ever recorded was 111 s. A longer one than this comes from a broken header.
LONGEST_WAIT = 300.0


@attrs.frozen
class Limits:
    """The rate limit in the headers of one response.

    Attributes:
        limit: requests that this credential may send in a window.
        remaining: requests left in the window.
        reset: the end of the window, in seconds since the epoch by Okta's clock.
        opens_in: seconds from this response until the window has certainly ended.
    """

    limit: int
    remaining: int
    reset: int
    opens_in: float

    def spent(self) -> Limits:
        """Return the limits after a 429: no request remains, regardless of the header."""
        return attrs.evolve(self, remaining=0)


def _whole_numbers(headers: httpx.Headers, name: str) -> list[int]:
    text = headers.get(name)
    if text is None:
        return []
    if text.isascii() and text.isdecimal() and len(text) <= 12:  # by far the most common
        return [int(text)]
    parts = [part.strip(" \t\"'") for part in text[:200].split(",")]
    return [int(part) for part in parts if part.isascii() and part.isdecimal() and len(part) <= 12]


# A date of RFC 9110. It also matches each of two dates that are joined with a comma.
_DATE = re.compile(
    r"(?:[A-Za-z]{3,9}, )?\d{1,2}[ -][A-Za-z]{3}[ -]\d{2,4} \d{2}:\d{2}:\d{2}(?: [A-Z]{1,4}| [+-]\d{4})?"
)


@lru_cache(maxsize=8)  # hundreds of responses have the same date
def _instants(text: str) -> tuple[float, ...]:
    found = (_instant(part) for part in _DATE.findall(text[:200]))
    return tuple(instant for instant in found if instant is not None)


def _instant(text: str) -> float | None:
    try:
        when = parsedate_to_datetime(text)
        return when.replace(tzinfo=when.tzinfo or UTC).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def date_of(headers: httpx.Headers) -> float | None:
    """Return the server's time in seconds since the epoch: the earliest ``Date`` header, or None."""
    return min(_instants(headers.get("date", "")), default=None)


def limits_of(headers: httpx.Headers) -> Limits | None:
    """Parse the rate limit headers; None if one of them is missing or invalid.

    The wait is ``Reset - Date + 1``. Both headers come from Okta's clock, so a wrong local clock does not
    matter. The additional second is needed because both are whole seconds.
    """
    limit = min(_whole_numbers(headers, "x-rate-limit-limit"), default=None)
    remaining = min(_whole_numbers(headers, "x-rate-limit-remaining"), default=None)
    reset = _reset(headers)
    # Okta sends limit 0 for the limit on concurrent requests; the reset has no meaning then.
    if not limit or remaining is None or reset is None:
        return None
    return Limits(limit, min(remaining, limit), *reset)


def _reset(headers: httpx.Headers) -> tuple[int, float] | None:
    """Return the end of the window by Okta's clock, and the seconds until then."""
    reset = max(_whole_numbers(headers, "x-rate-limit-reset"), default=None)
    date = date_of(headers)
    if reset is None or date is None:
        return None
    opens_in = reset - date + 1
    return (reset, opens_in) if 0 < opens_in <= LONGEST_WAIT else None


def is_concurrency_limit(headers: httpx.Headers) -> bool:
    """Whether a 429 is about concurrent requests. Okta then sends the limit 0."""
    return 0 in _whole_numbers(headers, "x-rate-limit-limit")


def pause_of(headers: httpx.Headers) -> float | None:
    """Return the seconds to wait after a 429 without valid limits, from its reset or ``Retry-After``."""
    reset, after = _reset(headers), retry_after(headers)
    return max((wait for wait in (reset and reset[1], after) if wait is not None), default=None)


def retry_after(headers: httpx.Headers) -> float | None:
    """Parse ``Retry-After`` (a number or a date) to seconds; None if missing, invalid or over 300 s."""
    text = headers.get("retry-after", "")
    dates, now = _instants(text), date_of(headers)
    if dates:
        seconds = None if now is None else max(dates) - now
    else:
        seconds = max(_whole_numbers(headers, "retry-after"), default=None)
    return seconds if seconds is not None and 0 < seconds <= LONGEST_WAIT else None


# The lookbehind starts a match only at the start of a name. Without it, a long header would take minutes.
_PARAMETER = re.compile(r'(?<![A-Za-z_])([A-Za-z_]+)="([^"]*)"')


def challenge(headers: httpx.Headers) -> dict[str, str]:
    """Parse the parameters of all ``WWW-Authenticate`` lines (``error``, ``scope``, …)."""
    return {
        name.lower(): value
        for line in headers.get_list("www-authenticate")
        for name, value in _PARAMETER.findall(line)
    }
