"""Choose the proxy and the trusted certificates for a server.

Only this module reads the network variables of the environment, once for each client. httpx reads none of
them (``trust_env=False``): it would use a proxy for a loopback address too, and it raises its own exceptions
if a variable is invalid.

==================================  =====================================================================
``HTTPS_PROXY``, ``ALL_PROXY``      proxy, in this order; the lower-case name precedes the upper-case one
``NO_PROXY``                        hosts to reach without a proxy; see `oktahound.client._no_proxy`
``SSL_CERT_FILE``, ``SSL_CERT_DIR`` certificates to trust instead of certifi's
``SSLKEYLOGFILE``                   read by Python's ssl module
==================================  =====================================================================

``HTTP_PROXY`` has no effect: plain http is accepted for loopback addresses only, and these never use a proxy.
"""

from __future__ import annotations

import os
import re
import ssl
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from urllib.request import getproxies, proxy_bypass

import attrs
import certifi
import httpx

from oktahound.client._no_proxy import is_exempt
from oktahound.client._text import BOM, unwrap
from oktahound.client._url import is_loopback
from oktahound.errors import ConfigurationError

__all__ = ["Route", "route_to"]

_SCHEMES = {
    "http": "http",
    "https": "https",
    "socks5": "socks5",
    "socks5h": "socks5",  # the proxy resolves the name in both cases
    "socks": "socks5",  # GNOME's spelling
}
_HASHED_NAME = re.compile(r"[0-9a-f]{8}\.\d+")


@attrs.frozen
class Route:
    """Proxy and TLS settings for one server.

    Attributes:
        proxy: the proxy; None for a direct connection.
        source: the variable or argument that configures the proxy, for errors; None without a proxy.
        tls: verifies the certificate of the server and of an https proxy; None for plain http.
    """

    proxy: httpx.Proxy | None = attrs.field(default=None, repr=False)
    source: str | None = None
    tls: ssl.SSLContext | None = attrs.field(default=None, repr=False)


def route_to(url: httpx.URL, *, proxy: str | None = None, environ: Mapping[str, str] | None = None) -> Route:
    """Choose the route to a server.

    A loopback address never uses a proxy, regardless of `proxy` and the environment.

    Args:
        url: the server. Only scheme, host and port matter.
        proxy: the URL of a proxy to use instead of those of the environment. Ignores ``NO_PROXY``.
        environ: variables to read instead of the process environment.

    Raises:
        ConfigurationError: a variable or `proxy` is invalid. The message contains its name and a valid form.
    """
    environ = os.environ if environ is None else environ
    tls = _trusting(environ) if url.scheme == "https" else None
    if is_loopback(url.host):
        return Route(tls=tls)
    source, text = ("proxy=", proxy) if proxy is not None else _proxy_setting(url, environ)
    if text is None:
        return Route(tls=tls)
    return Route(_proxy(text, source, tls), source, tls)


def _variable(environ: Mapping[str, str], name: str) -> tuple[str, str] | None:
    """Return name and text of a variable in any letter case. The lower-case one precedes, even if empty."""
    for key in sorted((key for key in environ if key.lower() == name), reverse=True):
        return key, unwrap(environ[key])
    return None


def _proxy_setting(url: httpx.URL, environ: Mapping[str, str]) -> tuple[str, str | None]:
    for name in (f"{url.scheme}_proxy", "all_proxy"):
        found = _variable(environ, name)
        if found and found[1]:
            return found[0], None if _is_exempt(url, environ) else found[1]
    if sys.platform in {"win32", "darwin"} and environ is os.environ and not proxy_bypass(url.host):
        return "the system's proxy settings", getproxies().get(url.scheme)
    return "", None


def _is_exempt(url: httpx.URL, environ: Mapping[str, str]) -> bool:
    found = _variable(environ, "no_proxy")
    if not found:
        return False
    variable, text = found
    try:
        return is_exempt(url, text)
    except ValueError as error:
        raise ConfigurationError(f"{variable}: {error}") from None


def _proxy(text: str, source: str, tls: ssl.SSLContext | None) -> httpx.Proxy:
    """Parse the URL of a proxy. Errors do not repeat it, because it may contain a password."""
    text = unwrap(text)
    scheme, separator, rest = text.partition("://")
    scheme, rest = (scheme.lower(), rest) if separator else ("http", text)
    if scheme not in _SCHEMES:
        shown = f" {scheme}://" if re.fullmatch(r"[a-z0-9+.-]{1,20}", scheme) else ""
        raise ConfigurationError(
            f"{source}: the scheme{shown} of the proxy is not supported; "
            "write http://, https:// or socks5:// before its host"
        )
    try:
        url = httpx.URL(f"{_SCHEMES[scheme]}://{rest}")
    except (httpx.InvalidURL, ValueError):
        url = httpx.URL()
    if not re.fullmatch(r"[\w.:-]+", url.host) or (url.port or 1) > 0xFFFF:
        raise ConfigurationError(
            f"{source}: not the URL of a proxy; write http://host:port, and percent-encode "
            "special characters in its user name and password"
        )
    if url.scheme == "socks5" and find_spec("socksio") is None:
        raise ConfigurationError(
            f"{source}: a SOCKS proxy needs the package socksio; run pip install 'httpx[socks]', "
            "or name this server in NO_PROXY"
        )
    return httpx.Proxy(url, ssl_context=tls if url.scheme == "https" else None)


def _trusting(environ: Mapping[str, str]) -> ssl.SSLContext:
    """Create a TLS context that trusts certifi's certificates, or those that the environment configures."""
    file, folders = (unwrap(environ.get(name, "")) for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"))
    cafile, cadata = _certificate_file(file) if file else (None, None)
    if folders:
        _check_folders(folders, required=not file)
    elif not file:
        cafile = certifi.where()
    try:
        return ssl.create_default_context(cafile=cafile, capath=folders or None, cadata=cadata)
    except ssl.SSLError:
        raise _bad_file(file, "contains no certificate in PEM format") from None
    except OSError as error:
        key_log = environ.get("SSLKEYLOGFILE")
        place = f"SSLKEYLOGFILE: {key_log}" if key_log else f"the certificates of certifi, {certifi.where()},"
        raise ConfigurationError(f"{place} cannot be opened ({type(error).__name__})") from None


def _certificate_file(file: str) -> tuple[str | None, str | None]:
    """Return the path to load, or the text if OpenSSL cannot load the file correctly."""
    try:
        data = Path(file).read_bytes()
    except (OSError, ValueError) as error:
        raise _bad_file(file, f"cannot be read ({type(error).__name__})") from None
    text = data.decode("utf-8", "replace")
    if text.startswith(BOM):  # OpenSSL would skip the first certificate without an error
        return None, text.removeprefix(BOM).encode("ascii", "replace").decode()
    return file, None


def _bad_file(file: str, reason: str) -> ConfigurationError:
    return ConfigurationError(
        f"SSL_CERT_FILE: {file} {reason}; name a file of certificates in PEM format, or unset the variable"
    )


def _check_folders(folders: str, *, required: bool) -> None:
    paths = [Path(folder) for folder in folders.split(os.pathsep) if folder]
    if required and not any(_holds_certificates(path) for path in paths):
        raise ConfigurationError(
            f"SSL_CERT_DIR: {folders} is not a folder of certificates named by their hash; "
            "run openssl rehash on it, or unset the variable"
        )


def _holds_certificates(folder: Path) -> bool:
    try:
        return any(_HASHED_NAME.fullmatch(entry.name) for entry in folder.iterdir())
    except OSError:
        return False
