"""Check the arguments of a simulated organization."""

from __future__ import annotations

import contextlib
import math
import re

import httpx

from oktahound.errors import ConfigurationError

__all__ = ["check_count", "check_latency", "host_name"]

_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9._-]*[a-z0-9])?")


def check_count(argument: str, value: object, *, at_least: int) -> None:
    """Check that an argument is a whole number of `at_least` or more.

    Raises:
        ConfigurationError: the value is another number, or no whole number.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < at_least:
        raise ConfigurationError(f"{argument} must be a whole number of {at_least} or more, not {value!r}")


def check_latency(value: object) -> None:
    """Check that a latency is a number of seconds.

    Raises:
        ConfigurationError: the value is not a number, is negative, or is infinite.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        raise ConfigurationError(f"latency must be a number of seconds of 0 or more, not {value!r}")


def host_name(domain: object) -> str:
    """Return a host name in lower case, with Punycode in place of characters that are not ASCII.

    Raises:
        ConfigurationError: the text is not a host name: for example, it is a URL or has a port.
    """
    host = ""
    if isinstance(domain, str) and not re.search(r"[/?#@:\\]", domain):
        with contextlib.suppress(httpx.InvalidURL):
            host = httpx.URL(f"https://{domain}").raw_host.decode("ascii")
    if not _HOST.fullmatch(host):
        raise ConfigurationError(f"domain must be a host name such as 'contoso.okta.com', not {domain!r}")
    return host
