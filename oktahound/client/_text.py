"""Clean configuration text that was pasted, exported or read from a file, and validate numeric arguments."""

from __future__ import annotations

from oktahound.errors import ConfigurationError

__all__ = ["BOM", "check_counts", "check_numbers", "unwrap"]


_MAY_BE_ZERO = ("_budget", "wait")
_LEAST = 1e-3


def check_numbers(**numbers: float) -> None:
    """Check seconds and sizes: budgets and waits must be 0 or more, all others 0.001 or more.

    Raises:
        ConfigurationError: a value is something else. The message contains the name of the argument.
    """
    for name, number in numbers.items():
        least = 0 if name.endswith(_MAY_BE_ZERO) else _LEAST
        is_number = isinstance(number, int | float) and not isinstance(number, bool)
        if not is_number or not number >= least:  # "not >=" also refuses NaN
            raise ConfigurationError(f"{name} must be a number of {least:g} or more")


def check_counts(**counts: int) -> None:
    """Check that counts are whole numbers of 1 or more.

    Raises:
        ConfigurationError: a value is something else. The message contains the name of the argument.
    """
    for name, count in counts.items():
        if not isinstance(count, int | float) or isinstance(count, bool) or not count >= 1:
            raise ConfigurationError(f"{name} must be a number of 1 or more")
        if not isinstance(count, int):
            raise ConfigurationError(f"{name} must be a whole number")


BOM = "\ufeff"
_MARKS = f"{BOM}\u200b\u2060"
_QUOTES = (('"', '"'), ("'", "'"), ("`", "`"), ("\u201c", "\u201d"), ("\u2018", "\u2019"))


def unwrap(text: str) -> str:
    """Remove byte-order marks, whitespace and pairs of quotes around a value.

    Editors on Windows write a byte-order mark, ``docker --env-file`` keeps quotes, and text copied from a
    web page may contain typographic quotes, no-break spaces and zero-width spaces.
    """
    before = None
    while text != before:
        before = text
        text = text.strip().strip(_MARKS)
        if len(text) > 1 and (text[0], text[-1]) in _QUOTES:
            text = text[1:-1]
    return text
