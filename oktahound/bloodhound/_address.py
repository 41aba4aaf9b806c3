"""Where a BloodHound server is, as a person wrote it."""

from __future__ import annotations

import re

import httpx

from oktahound.errors import ConfigurationError

__all__ = ["server_url"]

_HERE = re.compile(r"localhost|::1|127(\.\d{1,3}){3}")


def server_url(text: str) -> httpx.URL:
    """Read the address of a server.

    A path is refused, because a server signs the path that it sees itself, and behind a proxy that
    strips a prefix no signature would fit.

    Raises:
        ConfigurationError: it is not ``https://host[:port]``; http is for this machine alone.
    """
    bare = text.strip() if isinstance(text, str) else ""
    try:
        url = httpx.URL(bare)
    except (httpx.InvalidURL, ValueError):
        url = httpx.URL()
    # What was typed is not repeated: a password may stand before the @, and a token in the query.
    if url.scheme not in {"http", "https"} or not url.host or len(bare.split()) != 1:
        raise ConfigurationError("the BloodHound URL must be like https://bloodhound.contoso.com")
    if url.userinfo or "@" in bare or "?" in bare or "#" in bare or url.path not in {"", "/"}:
        raise ConfigurationError(
            f"the BloodHound URL must be {url.scheme}://{url.host} with nothing but a port after it"
        )
    if url.scheme == "http" and not _HERE.fullmatch(url.host):
        raise ConfigurationError(
            f"http:// would send the graph and the credential in clear text; write https://{url.host} "
            "(http is accepted for this machine itself only)"
        )
    return url.copy_with(path="/")
