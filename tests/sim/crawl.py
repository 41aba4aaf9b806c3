"""Visit every endpoint of a simulated org, with every id that its listings give."""

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


def crawl(org: SimulatedOrg) -> Iterator[tuple[Route, httpx.Response]]:
    """Every GET of every path, each once for every expansion."""
    with httpx.Client(
        base_url=org.url, transport=org.transport, headers={"Authorization": f"SSWS {org.api_token}"}
    ) as http:
        walk = _Walk(http)
        for route in ROUTES:
            if route.method == "GET":
                for path in walk.paths(route.template):
                    for query in queries(route):
                        yield route, http.get(path, params=query)


def queries(route: Route) -> list[dict[str, str]]:
    if route.template == "/api/v1/policies":
        return [{"type": kind} for kind in sorted(POLICY_TYPES)]
    return [{}, *({"expand": what} for what in EXPANSIONS.get(route.template, []))]


class _Walk:
    def __init__(self, http: httpx.Client) -> None:
        self._http = http
        self._found: dict[str, list[str]] = {}

    def paths(self, template: str) -> list[str]:
        """Every real path of a template: the ids come from the listing in front of each parameter."""
        if "{" not in template:
            return [template]
        front, _, rest = template.partition("{")
        _, _, back = rest.partition("}")
        listing = front.rstrip("/")
        return [path for key in self._ids(listing) for path in self.paths(f"{listing}/{key}{back}")]

    def _ids(self, listing: str) -> list[str]:
        if listing not in self._found:
            rows = [row for query in queries_of(listing) for row in self._rows(listing, query)]
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
