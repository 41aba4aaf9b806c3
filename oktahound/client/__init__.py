"""HTTP client for one Okta org: authentication, paging, retries and rate limits. It depends on no entity.

Sans-IO modules decide (`_listing`, `_retry`, `_rate_limit`, `_oauth`), and one module performs the
I/O (`_driver`). `AsyncOktaClient` is the client. `OktaClient` wraps it for blocking code.
"""

from __future__ import annotations

from oktahound.client._steps import Page
from oktahound.client.auth import ApiToken, Auth, PrivateKeyJwt
from oktahound.client.blocking import OktaClient
from oktahound.client.client import AsyncOktaClient

__all__ = ["ApiToken", "AsyncOktaClient", "Auth", "OktaClient", "Page", "PrivateKeyJwt"]


def __dir__() -> list[str]:
    return sorted(__all__)
