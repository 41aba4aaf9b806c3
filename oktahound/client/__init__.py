"""The client layer: HTTP, authentication, paging, rate limits, time. It knows no entity.

Decisions are made in flows and values (`_flow`, `_retry`, `_pace`, `_oauth`), and one loop acts on them
(`_drive`). `AsyncOktaClient` is the client; `OktaClient` is the same for code that does not await.
"""

from __future__ import annotations

from oktahound.client._steps import Page
from oktahound.client.auth import ApiToken, Auth, PrivateKeyJwt
from oktahound.client.blocking import OktaClient
from oktahound.client.client import AsyncOktaClient

__all__ = ["ApiToken", "AsyncOktaClient", "Auth", "OktaClient", "Page", "PrivateKeyJwt"]


def __dir__() -> list[str]:
    return sorted(__all__)
