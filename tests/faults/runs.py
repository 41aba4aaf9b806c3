"""Collect an org with faults, and check what must hold for every result."""

from __future__ import annotations

import functools
from typing import Any, TypeAlias

import attrs
import httpx
from properties.graphs import edges_of

from oktahound import ApiToken, AsyncOktaClient, OktaClient, Snapshot, build_graph, collect, collect_async
from oktahound.entities import ENTITIES, CustomRole, Entity, GroupMembership, Organization, User
from oktahound.sim import SimulatedOrg, VirtualClock


@attrs.frozen
class Place:
    """A listing that can fail.

    Attributes:
        where: the requests, for `SimulatedOrg.fail`.
        cls: the entity of its rows.
        skip: number of matching requests to let pass, so that the fault occurs in the middle of the listing.
    """

    where: str
    cls: type[Entity]
    skip: int = 1


PLACES = {
    "users": Place("GET /api/v1/users", User),
    "members": Place("GET /api/v1/groups/{groupId}/users", GroupMembership),
    "roles": Place("GET /api/v1/iam/roles", CustomRole, skip=0),
}
"""A listing of the whole org, one below objects, and one that is an object."""


def small_org(clock: VirtualClock | None = None) -> SimulatedOrg:
    """Return an organization with something of each kind that rules conclude from, in few requests.

    Users and the members of a group come in three pages. Each collection of the matrix reads it whole.
    """
    org = SimulatedOrg.empty(seed="faults", clock=clock or VirtualClock(), page_size=5)
    people = [org.add_user(f"person{number}@contoso.com") for number in range(11)]
    manager, *_, owner, contractor = people
    org.set_user_status(contractor, "SUSPENDED")
    everybody = org.add_group("Everybody", members=people)
    org.add_group("Help desk", members=people[1:4])
    crm = org.add_app("salesforce", features=["PUSH_NEW_USERS", "PUSH_PASSWORD_UPDATES"])
    org.assign_user(crm, owner)
    org.assign_group(crm, everybody)
    org.assign_role(manager, "SUPER_ADMIN")
    org.assign_role(people[4], "ORG_ADMIN")
    org.assign_role(people[1], "HELP_DESK_ADMIN", groups=[everybody])
    org.assign_role(people[2], "APP_ADMIN", apps=[crm])
    role = org.add_custom_role("Reset passwords", permissions=["okta.users.credentials.manage"])
    resources = org.add_resource_set("Everybody", resources=[f"/api/v1/groups/{everybody}/users"])
    org.bind_role(resources, role, members=[people[3]])
    org.add_factor(manager, "push")
    org.add_device("laptop", owners=[owner])
    org.add_api_token("script", user=manager)
    org.add_api_service_integration(
        "Northwind Lifecycle", type="northwind", scopes=["okta.users.manage"], created_by=owner
    )
    return org


class Watched(httpx.AsyncBaseTransport):
    """A transport that records the targets and headers of requests."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner
        self.hosts: set[str] = set()
        self.cookies: set[str] = set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.hosts.add(f"{request.url.scheme}://{request.url.netloc.decode()}")
        self.cookies.update(request.headers.get_list("cookie"))
        return await self._inner.handle_async_request(request)


Only: TypeAlias = tuple[type[Entity], ...] | None
"""The entities that are collected, without those that they depend on. None: all."""


def collected(org: SimulatedOrg, auth: Any = None, *, only: Only = None, **options: Any) -> Snapshot:
    """Collect an org in virtual time."""
    watched = Watched(org.transport)
    settings = {"transport": watched, "clock": org.clock, "random": lambda: 0.5} | options

    async def run() -> Snapshot:
        async with AsyncOktaClient(org.url, auth or ApiToken(org.api_token), **settings) as client:
            return await collect_async(client, only=only)

    assert isinstance(org.clock, VirtualClock)
    try:
        return org.clock.run(run)
    finally:
        assert watched.hosts == {org.url}
        assert watched.cookies == set()


def collected_blocking(org: SimulatedOrg, auth: Any = None, *, only: Only = None, **options: Any) -> Snapshot:
    """Collect an org with the blocking client, with a clock that does not wait."""
    settings = {"transport": org.transport, "clock": org.clock, "random": lambda: 0.5} | options
    with OktaClient(org.url, auth or ApiToken(org.api_token), **settings) as client:
        return collect(client, only=only)


@functools.cache
def whole(only: Only = None) -> Snapshot:
    """Return the snapshot of the org without faults."""
    found = collected(small_org(), only=only)
    assert found.gaps == ()
    return found


@functools.cache
def edges_of_whole(only: Only = None) -> frozenset[Any]:
    return edges_drawn(whole(only))


@functools.cache
def entities_with_rows() -> tuple[type[Entity], ...]:
    """The entities of which the org has objects: two thirds of the requests of the whole."""
    return tuple(cls for cls in ENTITIES if whole().rows(cls) and cls is not Organization)


def edges_drawn(snapshot: Snapshot) -> frozenset[Any]:
    """Return the active edges of the graph."""
    return frozenset(
        edge for edge, said in edges_of(build_graph(snapshot)).items() if said.get("active", True)
    )


def differing(snapshot: Snapshot, only: Only = None) -> set[type[Entity]]:
    """Return the entities whose rows differ from those of the complete org."""
    return {cls for cls in ENTITIES if snapshot.rows(cls) != whole(only).rows(cls)}


def check_nothing_is_invented(
    snapshot: Snapshot, known: Snapshot | None = None, known_edges: frozenset[Any] | None = None
) -> frozenset[Any]:
    """Check that rows and active edges are among the known ones, and that missing rows left a gap.

    Returns:
        The active edges, for further checks. `known_edges` are those of `known`.
    """
    if known is None or known_edges is None:
        known, known_edges = whole(), edges_of_whole()
    for cls in ENTITIES:
        rows, all_rows = snapshot.rows(cls), known.rows(cls)
        assert len({row.key for row in rows}) == len(rows)
        assert {row.key: row for row in rows}.items() <= {row.key: row for row in all_rows}.items()
        if rows != all_rows:
            assert not snapshot.is_whole(cls), f"{cls.__name__} lacks rows, and no gap says so"
    found = edges_drawn(snapshot)
    assert found <= known_edges
    return found


def check_whole(snapshot: Snapshot, only: Only = None) -> None:
    """Check that the snapshot is complete."""
    assert snapshot.gaps == ()
    assert differing(snapshot, only) == set()
    assert edges_drawn(snapshot) == edges_of_whole(only)
