"""Parse and check the URL of a BloodHound server."""

from __future__ import annotations

import httpx

from oktahound.client._text import unwrap
from oktahound.client._url import allows_plain_http
from oktahound.errors import ConfigurationError

__all__ = ["server_url"]


def server_url(text: str) -> httpx.URL:
    """Parse the URL of a server.

    A path is refused: the server verifies a signature over the path that it receives, and a reverse proxy
    that strips a prefix would make every signature invalid.

    Raises:
        ConfigurationError: the text is not ``https://host[:port]``. ``http://`` is accepted for loopback
            addresses only.
    """
    bare = unwrap(text) if isinstance(text, str) else ""
    try:
        url = httpx.URL(bare)
    except (httpx.InvalidURL, ValueError):
        url = httpx.URL()
    # Errors do not repeat the text: it may contain a password before the @ or a token in the query.
    if url.scheme not in {"http", "https"} or not url.host.strip(".") or len(bare.split()) != 1:
        raise ConfigurationError("the BloodHound URL must be like https://bloodhound.contoso.com")
    if url.userinfo or "@" in bare or "?" in bare or "#" in bare or url.path not in {"", "/"}:
        raise ConfigurationError(
            f"the BloodHound URL must be {url.scheme}://{url.host} with nothing but a port after it"
        )
    if url.scheme == "http" and not allows_plain_http(url.host):
        raise ConfigurationError(
            f"http:// would send the graph and the credential in clear text; write https://{url.host} "
            "(http is accepted for localhost, 127.0.0.0/8 and [::1] only)"
        )
    return url.copy_with(path="/", host=url.host.rstrip("."))
