"""Match a server against the entries of ``NO_PROXY``.

There is no standard for the variable. This module accepts every form that curl, Go, Python or Windows accept:

=========================================  =============================================================
``*``                                      every server
``okta.com``, ``.okta.com``, ``*.okta.com``  the host and the hosts below it
``okta.com:443``, ``https://okta.com``     the same, with this port or scheme only
``10.0.0.1``, ``::1``, ``[::1]:8080``      an address
``10.0.0.0/8``, ``fd00::/8``, ``[fd00::]/8``  the addresses of a network
``10.0.*``                                 a pattern with ``*`` as on Windows
``<local>``                                hosts without a dot
=========================================  =============================================================

Commas, semicolons and whitespace separate entries. Letter case and a trailing dot are ignored. Names are not
resolved: an address or a network matches only a URL that contains an address, as with curl and Go.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from ipaddress import ip_network

import httpx

from oktahound.client._url import address_of, origin_of

__all__ = ["is_exempt"]

_BRACKETED = re.compile(r"\[(?P<host>[^\[\]]+)\](?P<prefix>/\d+)?(?::(?P<port>\d+))?")
_NAME = re.compile(r"[\w.-]+")
_WITH_PORT = re.compile(r"(?P<host>[^:]+):(?P<port>\d+)")


def is_exempt(url: httpx.URL, text: str) -> bool:
    """Whether one of the entries in `text` matches the server of `url`.

    Raises:
        ValueError: no entry matches, and one is malformed. The message contains the entry.
    """
    malformed: str | None = None
    for entry in re.split(r"[,;\s]+", text):
        try:
            if entry and _matches(url, entry.strip("\"'").lower()):
                return True
        except ValueError:
            malformed = malformed or entry
    if malformed is not None:
        raise ValueError(
            f"the entry {malformed[:80]!r} is neither a host name, nor an address, "
            "nor a network like 10.0.0.0/8"
        )
    return False


def _matches(url: httpx.URL, entry: str) -> bool:
    scheme, separator, rest = entry.rpartition("://")
    if separator:
        entry = rest.rstrip("/")
    host, port = _split(entry)
    _, own_host, own_port = origin_of(url)
    if (separator and scheme not in {url.scheme, "all"}) or (port is not None and port != own_port):
        return False
    return _host_matches(own_host.rstrip("."), host)


def _split(entry: str) -> tuple[str, int | None]:
    """Split an entry into host, address or network, and the port if there is one."""
    if entry.startswith("["):
        found = _BRACKETED.fullmatch(entry)
        if found is None:
            raise ValueError(entry)
        return found["host"] + (found["prefix"] or ""), int(found["port"]) if found["port"] else None
    found = _WITH_PORT.fullmatch(entry)  # an IPv6 address has more than one colon
    return (found["host"], int(found["port"])) if found else (entry, None)


def _host_matches(host: str, pattern: str) -> bool:
    address = address_of(host)
    if pattern == "<local>":
        return address is None and "." not in host
    if "/" in pattern or ":" in pattern:
        network = ip_network(re.sub(r"%[^/]*", "", pattern), strict=False)
        return address is not None and address.version == network.version and address in network
    if address_of(pattern) is not None:
        return address == address_of(pattern)
    return _name_matches(host, pattern)


def _name_matches(host: str, pattern: str) -> bool:
    if not pattern.strip("*."):
        return "*" in pattern
    name = pattern.removeprefix("*.").strip(".")
    if "*" in name or "?" in name:
        return fnmatchcase(host, name)
    name = _ascii(name)
    return host == name or host.endswith(f".{name}")


def _ascii(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(name)
    try:
        return httpx.URL(f"https://{name}/").raw_host.decode("ascii").rstrip(".")
    except (httpx.InvalidURL, ValueError):
        raise ValueError(name) from None
