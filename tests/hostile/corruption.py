"""An org with hostile texts: responses of a simulated org with some values replaced."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx

from oktahound import ApiToken, OktaClient, Snapshot, collect
from oktahound.sim import SimulatedOrg

__all__ = ["JOINED_TEXTS", "TEXTS", "CorruptedOrg", "CorruptingTransport", "collected", "corrupted_org"]

TEXTS = {
    "script": "<script>alert('x')</script><img src=x onerror=\"alert(1)\">&amp;</table>",
    "terminal": "\x1b]0;owned\x07\x1b[2J\x1b[31mred\x9b1m",
    "lines": "first\r\n2026-01-01 CRITICAL forged\n\u2028second\x0b\x85",
    "bidi": "\u202etxt.exe\u202c\u2066\u200b\ufeff",
    "nul": "a\x00b",
    "path": "../../../etc/passwd\\..\\C:\\con.txt",
    "half a pair": "\ud800 and \udfff",
    "format": "%s%n {0.__class__} ${jndi:ldap://x} =HYPERLINK(1)",
    "names": "__class__",
    "blank": " \t ",
    "empty": "",
    "long": "x" * 5_000,
}
"""Texts that a person could put wherever Okta accepts text, each an attack on something that shows texts."""

_JOINED = {
    "controls": ("terminal", "lines", "bidi", "nul"),
    "markup": ("script", "format", "path", "half a pair"),
}

JOINED_TEXTS = {name: "".join(TEXTS[each] for each in parts) for name, parts in _JOINED.items()} | {
    name: text for name, text in TEXTS.items() if not any(name in parts for parts in _JOINED.values())
}
"""The same texts in fewer: for tests that collect an organization for each of them."""

# These fields determine requests or the kind of an object, and attackers cannot write them.
_STRUCTURE = frozenset({"id", "href", "status", "type", "role", "resource-set", "rel", "method", "errorCode"})

Corruption = Callable[[str, Any], Any]
"""A function from the name and the value of a field to the corrupted value."""


class CorruptingTransport(httpx.AsyncBaseTransport):
    """A transport that replaces every value in every response.

    Args:
        inner: the transport of the org.
        corrupt: function that returns the new value of a field.
    """

    def __init__(self, inner: httpx.AsyncBaseTransport, corrupt: Corruption) -> None:
        self._inner = inner
        self._corrupt = corrupt

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        doc = json.loads(await response.aread())
        headers = [each for each in response.headers.multi_items() if each[0].lower() != "content-length"]
        # With json, because orjson refuses invalid values.
        content = json.dumps(self._corrupted(doc)).encode()
        return httpx.Response(response.status_code, headers=headers, content=content, request=request)

    def _corrupted(self, doc: Any, name: str = "") -> Any:
        if isinstance(doc, dict):
            return {
                key: each if key in _STRUCTURE else self._corrupted(each, key) for key, each in doc.items()
            }
        if isinstance(doc, list):
            return [self._corrupted(each, name) for each in doc]
        return self._corrupt(name, doc)


CorruptedOrg = tuple[SimulatedOrg, OktaClient]


def corrupted_org(corrupt: Corruption, **facts: Any) -> CorruptedOrg:
    """Return a simulated org with all kinds of objects, and a client that gets corrupted responses."""
    org = SimulatedOrg(seed="hostile", users=12, **facts)
    return org, OktaClient(
        org.url, ApiToken(org.api_token), transport=CorruptingTransport(org.transport, corrupt)
    )


def collected(corrupt: Corruption, **options: Any) -> Snapshot:
    """Collect a corrupted org."""
    _, client = corrupted_org(corrupt)
    with client:
        everything = {"deprovisioned": True, "bindings": True, "signing_keys": True, "trust_boundaries": True}
        return collect(client, mfa="all", **everything, **options)
