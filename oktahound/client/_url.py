"""Parse and check the URL of an org, and fill path templates."""

from __future__ import annotations

import re
import socket
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import quote

import attrs
import httpx

from oktahound.client._text import unwrap
from oktahound.errors import ConfigurationError, ProtocolError

__all__ = [
    "Org",
    "Origin",
    "address_of",
    "allows_plain_http",
    "fill",
    "is_loopback",
    "origin_of",
    "parse_org_url",
]

Origin = tuple[str, str, int | None]

_PLACEHOLDER = re.compile(r"\{([^{}/]*)\}")
# The admin console has the name of the org with "-admin" appended. It has no API.
_ADMIN_CONSOLE = re.compile(r"^(?P<name>[^.]+)-admin\.(?P<rest>(?:okta|trex)[a-z0-9-]*\..+)$")
_DEFAULT_PORTS = {"https": 443, "http": 80}


def origin_of(url: httpx.URL) -> Origin:
    """Return scheme, host and port of a URL, with the default port filled in."""
    return url.scheme, url.raw_host.decode("ascii").lower(), url.port or _DEFAULT_PORTS.get(url.scheme)


def address_of(host: str) -> IPv4Address | IPv6Address | None:
    """Parse a host that is an IP address; None if it is a name. Drops the zone and unmaps IPv4 from IPv6."""
    try:
        address = ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, in any notation. No proxy may be used then.

    This covers ``localhost`` and the names below it (RFC 6761), ``127.0.0.0/8`` in every notation that
    resolvers accept (``127.1``, ``2130706433``, ``0x7f.1``), ``::1``, and the unspecified addresses, which
    also connect to this machine.
    """
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    address = address_of(name) or _address_in_old_notation(name)
    return address is not None and (address.is_loopback or address.is_unspecified)


def _address_in_old_notation(name: str) -> IPv4Address | None:
    if not re.fullmatch(r"(0x[0-9a-f]+|\d+)(\.(0x[0-9a-f]+|\d+)){0,3}", name):
        return None
    try:
        return IPv4Address(socket.inet_aton(name))
    except (OSError, ValueError):
        return None


def allows_plain_http(host: str) -> bool:
    """Whether plain http may be used, because the request does not leave this machine.

    Stricter than `is_loopback`: a name below ``localhost`` may be resolved by DNS.
    """
    address = address_of(host)
    return host.rstrip(".").lower() == "localhost" or (address is not None and address.is_loopback)


@attrs.frozen
class Org:
    """The URL of an org.

    Attributes:
        url: ``https://contoso.okta.com``, without a trailing slash.
        domain: ``contoso.okta.com``: the host, in lower case.
        origin: scheme, host and port.
    """

    url: str
    domain: str
    origin: Origin

    def at(self, path: str, params: Mapping[str, str | int | bool] | None = None) -> httpx.URL:
        """Return the URL of a filled path on this org."""
        url = self.url + path
        return httpx.URL(url, params=dict(params)) if params else httpx.URL(url)


def parse_org_url(text: str) -> Org:
    """Parse the URL of an org as the user typed it.

    Raises:
        ConfigurationError: the text is not the bare ``https://`` URL of an org. The message shows a valid
            form.
    """
    bare = unwrap(text) if isinstance(text, str) else ""
    if not bare:
        raise ConfigurationError("the org URL is empty; give one like https://contoso.okta.com")
    if re.search(r"[{}<>]|your-?okta-?domain", bare, re.IGNORECASE):
        raise ConfigurationError(f"the org URL {_shown(bare)} is a placeholder; put your own org there")
    if "://" not in bare:
        raise ConfigurationError(f"the org URL {_shown(bare)} has no scheme; write https://{_shown(bare)}")
    url = _parsed(bare)
    if url is None or not url.host.strip("."):
        raise ConfigurationError(
            f"the org URL {_shown(bare)} is invalid; give one like https://contoso.okta.com"
        )
    _refuse_extras(url, bare)
    _refuse_plain_http(url)
    scheme, host, port = origin_of(url)
    host = host.rstrip(".")  # Okta's links and certificates do not have the dot of a rooted name
    _refuse_admin_console(host)
    shown_host = f"[{host}]" if ":" in host else host
    place = shown_host if port == _DEFAULT_PORTS[scheme] else f"{shown_host}:{port}"
    return Org(url=f"{scheme}://{place}", domain=shown_host, origin=(scheme, host, port))


def _parsed(text: str) -> httpx.URL | None:
    try:
        return httpx.URL(text)
    except (httpx.InvalidURL, ValueError):
        return None


def _shown(text: str) -> str:
    """Shorten a typed URL for an error. Removes user name and password, query and fragment."""
    text = re.sub(r"//[^/@]*@", "//…@", text)
    return re.split(r"[?#]", text, maxsplit=1)[0][:200]


def _refuse_extras(url: httpx.URL, text: str) -> None:
    if url.userinfo or "@" in text:
        raise ConfigurationError("the org URL must not contain a user name or password; remove them")
    if "?" in text or "#" in text:
        raise ConfigurationError(f"the org URL {_shown(text)} must not have a query or fragment; remove it")
    if url.path not in {"", "/"}:
        raise ConfigurationError(f"the org URL {_shown(text)} must not have a path; remove it")


def _refuse_plain_http(url: httpx.URL) -> None:
    if url.scheme == "https":
        return
    if url.scheme != "http":
        raise ConfigurationError(f"the org URL must begin with https://, not {url.scheme}://")
    if not allows_plain_http(url.host):
        raise ConfigurationError(
            f"http:// would send the credential in clear text; write https://{url.host} "
            "(http is accepted for localhost, 127.0.0.0/8 and [::1] only)"
        )


def _refuse_admin_console(host: str) -> None:
    if found := _ADMIN_CONSOLE.match(host):
        right = f"https://{found['name']}.{found['rest']}"
        raise ConfigurationError(f"{host} is the admin console instead of the org; write {right}")


def fill(template: str, ids: Mapping[str, str] | None) -> str:
    """Fill a path template with ids, each as exactly one path segment.

    Ids come from the org and are not trusted, so special characters are percent-encoded.

    Raises:
        ConfigurationError: the template is not a path, or `ids` does not match its placeholders.
        ProtocolError: an id is empty, or is ``.`` or ``..``, which percent-encoding does not protect.
    """
    if not template.startswith("/") or template.startswith("//") or re.search(r"[?#\\\s]", template):
        raise ConfigurationError(
            f"not a path template: {_shown(template)!r}; it must begin with one slash and have no query "
            "(use params=)"
        )
    given = ids or {}
    wanted = set(_PLACEHOLDER.findall(template))
    if wanted != set(given):
        raise ConfigurationError(f"{template} needs the ids {sorted(wanted)}, not {sorted(given)}")
    return _PLACEHOLDER.sub(lambda found: _segment(given[found[1]], template), template)


def _segment(value: str, template: str) -> str:
    quoted = _quoted(value)
    if quoted is None or quoted in {"", ".", ".."}:
        raise ProtocolError("an id of the org cannot be used in a path", method="GET", path=template)
    return quoted


def _quoted(value: object) -> str | None:
    try:
        return quote(value, safe="") if isinstance(value, str) else None
    except UnicodeEncodeError:  # a lone surrogate, which JSON can contain and a URL cannot
        return None
