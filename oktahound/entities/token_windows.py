"""Convert the time for which an API token may be unused from ISO 8601 to days and time."""

from __future__ import annotations

import re

from oktahound.entities.values import type_name

__all__ = ["token_window"]

_PERIOD = re.compile(
    r"P(?:(?P<weeks>\d{1,6})W)?(?:(?P<days>\d{1,6})D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d{1,6})H)?(?:(?P<minutes>\d{1,6})M)?(?:(?P<seconds>\d{1,6})(?:\.\d*)?S)?)?"
)
_SECONDS = {"weeks": 604_800, "days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1}


def token_window(value: object) -> str:
    """Convert a period to ``[d.]hh:mm:ss``. Text that is no period of fixed length is returned unchanged.

    Years and months have no fixed length; Okta sends days and minutes.

        >>> token_window("P30D"), token_window("PT5M")
        ('30.00:00:00', '00:05:00')
    """
    if not isinstance(value, str):
        raise TypeError(f"expected a period as in P30D, got {type_name(value)}")
    found = _PERIOD.fullmatch(value)
    if found is None or not any(found.groups()):
        return value
    total = sum(int(number) * _SECONDS[unit] for unit, number in found.groupdict().items() if number)
    days, rest = divmod(total, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, seconds = divmod(rest, 60)
    return (f"{days}." if days else "") + f"{hours:02}:{minutes:02}:{seconds:02}"
