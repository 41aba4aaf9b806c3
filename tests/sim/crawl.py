"""Request every endpoint of a simulated org, with every id from its listings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx

from oktahound.sim import SimulatedOrg
from oktahound.sim.routes import ROUTES
from oktahound.sim.routes.federation import POLICY_TYPES
from oktahound.sim.routing import Route

EXPANSIONS = {
    "/api/v1/groups": ["stats"],
    "/api/v1/devices": ["userSummary", "user"],
    "/api/v1/apps/{appId}/users": ["user"],
    "/api/v1/apps/{appId}/groups": ["group"],
    "/api/v1/users/{userId}/roles": ["targets/groups", "targets/catalog/apps"],
    "/api/v1/groups/{groupId}/roles": ["targets/groups"],
}

FILTERS = {"/governance/api/v1/resource-owners": 'resource.type eq "ai-agents"'}
"""Listings that Okta gives only with a filter."""

_PRINCIPALS = "/workload-principals/api/v1"
LINKED = {f"{_PRINCIPALS}/delegation-links": (f"{_PRINCIPALS}/ai-agents", "delegationLinks")}
"""Listings whose filter is in a link of the rows of another listing."""

LISTED_ELSEWHERE = {f"{_PRINCIPALS}/mcp-servers": "/resource-servers/api/v1/mcp-servers"}


def crawl(org: SimulatedOrg) -> Iterator[tuple[Route, httpx.Response]]:
    """Yield the response of every path, once for every expansion."""
    with httpx.Client(
        base_url=org.url, transport=org.transport, headers={"Authorization": f"SSWS {org.api_token}"}
    ) as http:
        walk = _Walk(http)
        for route in ROUTES:
            if route.method == "GET":
                for link in walk.links(route.template):
                    yield route, http.get(link)
                for path in walk.paths(route.template) if route.template not in LINKED else ():
                    for query in queries(route):
                        yield route, http.get(path, params=query)


def queries(route: Route) -> list[dict[str, str]]:
    if route.template == "/api/v1/policies":
        return [{"type": kind} for kind in sorted(POLICY_TYPES)]
    if route.template in FILTERS:
        return [{"filter": FILTERS[route.template]}]
    return [{}, *({"expand": what} for what in EXPANSIONS.get(route.template, []))]


class _Walk:
    def __init__(self, http: httpx.Client) -> None:
        self._http = http
        self._found: dict[str, list[str]] = {}

    def paths(self, template: str) -> list[str]:
        """Yield every path of a template, with ids from the listing before each parameter."""
        if "{" not in template:
            return [template]
        front, _, rest = template.partition("{")
        _, _, back = rest.partition("}")
        listing = front.rstrip("/")
        return [path for key in self._ids(listing) for path in self.paths(f"{listing}/{key}{back}")]

    def links(self, template: str) -> list[str]:
        """Return the links to a listing of `LINKED`."""
        listing, name = LINKED.get(template, (None, ""))
        rows = [] if listing is None else self._rows(listing, {})
        return [row["_links"][name]["href"] for row in rows]

    def _ids(self, listing: str) -> list[str]:
        if listing not in self._found:
            from_ = LISTED_ELSEWHERE.get(listing, listing)
            rows = [row for query in queries_of(listing) for row in self._rows(from_, query)]
            self._found[listing] = [row.get("id") or row["client_id"] for row in rows]
        return self._found[listing]

    def _rows(self, listing: str, query: dict[str, str]) -> Iterator[Any]:
        answer = self._http.get(listing, params=query)
        while answer.status_code == 200:
            yield from rows_of(answer.json())
            if "next" not in answer.links:
                return
            answer = self._http.get(answer.links["next"]["url"])


def queries_of(path: str) -> list[dict[str, str]]:
    return [{"type": kind} for kind in sorted(POLICY_TYPES)] if path == "/api/v1/policies" else [{}]


def rows_of(body: Any) -> list[Any]:
    if isinstance(body, list):
        return body
    return next(rows for rows in body.values() if isinstance(rows, list))
