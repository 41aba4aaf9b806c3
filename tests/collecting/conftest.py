"""An org with a few paths and given responses, and a clock whose waits take no time."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import attrs
import httpx
import pytest

import oktahound
from oktahound.client import ApiToken, AsyncOktaClient, OktaClient
from oktahound.snapshot import Snapshot

URL = "https://contoso.okta.com"
TOKEN = "00TopSecretToken"
ORG = {"id": "00oOrg", "companyName": "Contoso", "subdomain": "contoso", "status": "ACTIVE"}

# Responses of listings that are objects, in an org without rows.
ENVELOPES = [
    (r"/api/v1/iam/roles", "roles"),
    (r"/api/v1/iam/roles/[^/]+/permissions", "permissions"),
    (r"/api/v1/iam/resource-sets", "resource-sets"),
    (r"/api/v1/iam/resource-sets/[^/]+/resources", "resources"),
    (r"/api/v1/iam/assignees/users", "value"),
]

# The rate-limit headers of each response. Without them the client starts with one request at a time.
UNLIMITED = {
    "date": "Thu, 15 Jan 2026 12:25:42 GMT",
    "x-rate-limit-limit": "100000",
    "x-rate-limit-remaining": "99999",
    "x-rate-limit-reset": "1768479990",
}

Answer = Any
"""Rows, a whole document, a response, an exception, or a function from the request to one of these."""


class Clock:
    """A clock whose `sleep` returns at once and advances the time."""

    def __init__(self) -> None:
        self.now = 1_768_479_942.0

    def time(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await anyio.lowlevel.checkpoint()


def refusal(status: int, code: str, summary: str = "No.", **headers: str) -> httpx.Response:
    body = {"errorCode": code, "errorSummary": summary, "errorId": f"oae{code}", "errorCauses": []}
    return httpx.Response(status, json=body, headers=headers)


@attrs.define(eq=False)
class Okta(httpx.AsyncBaseTransport):
    """A transport with responses by path, and an empty listing for all other paths."""

    routes: dict[str, Answer] = attrs.field(factory=dict)
    asked: list[str] = attrs.field(factory=list)
    in_flight: int = 0
    most_in_flight: int = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.asked.append(path)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await anyio.lowlevel.checkpoint()
            answer = self.routes[path] if path in self.routes else self._nothing(path)
            if callable(answer):
                answer = answer(request)
            if isinstance(answer, Awaitable):
                answer = await answer
        finally:
            self.in_flight -= 1
        if isinstance(answer, Exception):
            raise answer
        if not isinstance(answer, httpx.Response):
            return httpx.Response(200, json=answer, headers=UNLIMITED)
        if answer.status_code < 500 and answer.status_code != 429:
            answer.headers = httpx.Headers(UNLIMITED | dict(answer.headers))
        return answer

    def _nothing(self, path: str) -> Answer:
        if path == "/api/v1/org":
            return ORG
        key = next((key for pattern, key in ENVELOPES if re.fullmatch(pattern, path)), None)
        return [] if key is None else {key: []}

    def count(self, pattern: str) -> int:
        """Return the number of requests to paths that match a pattern."""
        return sum(re.fullmatch(pattern, path) is not None for path in self.asked)

    def client(self, **options: Any) -> AsyncOktaClient:
        settings = {"transport": self, "clock": Clock(), "retry_budget": 0, "random": lambda: 0.5} | options
        return AsyncOktaClient(URL, ApiToken(TOKEN), **settings)

    def blocking_client(self, **options: Any) -> OktaClient:
        return OktaClient(URL, ApiToken(TOKEN), transport=self, clock=Clock(), retry_budget=0, **options)

    def collect(self, *only: type, client: dict[str, Any] | None = None, **options: Any) -> Snapshot:
        """Collect on asyncio. Without `only`, collect everything."""

        async def run() -> Snapshot:
            async with self.client(**(client or {})) as one:
                return await oktahound.collect_async(one, only=only or None, **options)

        return anyio.run(run)


def pages(*contents: list[Any]) -> Callable[[httpx.Request], httpx.Response]:
    """A listing of several pages, with cursors."""

    def answer(request: httpx.Request) -> httpx.Response:
        number = int(request.url.params.get("after", "0"))
        page = contents[number]
        if isinstance(page, httpx.Response):
            return page
        more = number + 1 < len(contents)
        link = f'<{URL}{request.url.path}?after={number + 1}>; rel="next"'
        return httpx.Response(200, json=page, headers={"link": link} if more else {})

    return answer


@pytest.fixture
def okta() -> Okta:
    return Okta()


@pytest.fixture(name="refusal")
def refusal_() -> Callable[..., httpx.Response]:
    """`refusal(status, code)`: an error as Okta sends it."""
    return refusal


@pytest.fixture(name="pages")
def pages_() -> Callable[..., Callable[[httpx.Request], httpx.Response]]:
    """`pages([row, …], [row, …])`: an answer in several pages."""
    return pages


@pytest.fixture
def requests_of() -> Callable[..., Counter[str]]:
    """`requests_of(org)`: how often each template of a simulated org was asked for."""

    def count(org: Any) -> Counter[str]:
        return Counter(str(request.template) for request in org.requests if request.method == "GET")

    return count
