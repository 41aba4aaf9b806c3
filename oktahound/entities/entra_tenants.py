"""Which Microsoft Entra tenant stands behind a URL of an identity provider."""

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
"""The hosts of Entra's sign-in service, world-wide and in the national clouds. Exactly these: a host that
merely contains the words can be anybody's."""

_GUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)


def entra_tenant_id(urls: Iterable[str | None]) -> str | None:
    """The tenant's GUID, lower case, from the first of the URLs that names one.

    ``common``, ``organizations`` and domain names stand where a GUID would: they name no single tenant.

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
