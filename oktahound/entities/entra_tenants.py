"""Find the Microsoft Entra tenant in the URLs of an identity provider."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

__all__ = ["ENTRA_HOSTS", "entra_tenant_id"]

ENTRA_HOSTS = frozenset(
    {
        "login.microsoftonline.com",
        "login.microsoft.com",
        "login.windows.net",
        "sts.windows.net",
        "login.microsoftonline.us",
        "login.partner.microsoftonline.cn",
    }
)
"""The hosts of Entra's sign-in service, worldwide and in the national clouds. Hosts are compared exactly,
because anybody can own a host whose name contains these."""

_GUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)


def entra_tenant_id(urls: Iterable[str | None]) -> str | None:
    """Return the tenant's GUID in lower case, from the first URL that contains one.

    ``common``, ``organizations`` and domain names in its place do not identify a tenant.

        >>> entra_tenant_id([None, "https://sts.windows.net/AAAAAAAA-0000-0000-0000-00000000000B/"])
        'aaaaaaaa-0000-0000-0000-00000000000b'
    """
    return next((tenant for url in urls if url and (tenant := _tenant(url))), None)


def _tenant(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    first = parts.path.lstrip("/").partition("/")[0]
    return first.lower() if host in ENTRA_HOSTS and _GUID.fullmatch(first) else None
