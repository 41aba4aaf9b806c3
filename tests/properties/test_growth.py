"""Work grows linearly with the org, counted in calls, because times depend on the machine."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

import oktahound
from oktahound import ApiToken, OktaClient, Snapshot, build_graph
from oktahound.entities import ENTITIES
from oktahound.sim import SimulatedOrg

SMALL, BIG = 50, 200


def calls(work: Callable[[], object]) -> int:
    """Return the number of calls of Python and C functions that the work makes."""
    count = 0

    def seen(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def furnished(users: int) -> SimulatedOrg:
    """Return an org with many rights."""
    org = SimulatedOrg(seed=7, users=users)
    people = [user["id"] for user in org.world["users"].documents() if user["status"] == "ACTIVE"]
    for admin, role in zip(people, ["HELP_DESK_ADMIN", "APP_ADMIN", "ORG_ADMIN", "USER_ADMIN"], strict=False):
        org.assign_role(admin, role)
    return org


def collected(users: int) -> Snapshot:
    org = furnished(users)
    with OktaClient(org.url, ApiToken(org.api_token), transport=org.transport) as client:
        return oktahound.collect(client)


@pytest.fixture(scope="module")
def orgs() -> tuple[Snapshot, Snapshot]:
    return collected(SMALL), collected(BIG)


def rows(snapshot: Snapshot) -> int:
    return sum(len(snapshot.rows(cls)) for cls in ENTITIES)


@pytest.mark.parametrize("scopes", [False, True])
@pytest.mark.parametrize("form", ["edges", "targets"])
def test_building_the_graph_grows_with_the_graph(
    orgs: tuple[Snapshot, Snapshot], form: Any, scopes: bool
) -> None:
    each = []
    for org in orgs:
        graph = build_graph(org, permissions=form, scopes=scopes)
        size = rows(org) + graph.number_of_nodes() + graph.number_of_edges()
        each.append(calls(lambda org=org: build_graph(org, permissions=form, scopes=scopes)) / size)
    small, big = each
    assert big <= 1.15 * small


def test_saving_and_loading_grow_with_the_rows(orgs: tuple[Snapshot, Snapshot], tmp_path: Any) -> None:
    saving, loading = [], []
    for org in orgs:
        folder = tmp_path / f"{len(org.users)}.okta"
        saving.append(calls(lambda org=org, folder=folder: org.save(folder)) / rows(org))
        loading.append(calls(lambda folder=folder: Snapshot.load(folder)) / rows(org))
    assert saving[1] <= 1.15 * saving[0]
    assert loading[1] <= 1.15 * loading[0]


def test_requests_grow_with_the_rows() -> None:
    each = []
    for users in (SMALL, BIG):
        org = furnished(users)
        with OktaClient(org.url, ApiToken(org.api_token), transport=org.transport) as client:
            snapshot = oktahound.collect(client)
            each.append(sum(client.requests.values()) / rows(snapshot))
    small, big = each
    assert big <= 1.15 * small
