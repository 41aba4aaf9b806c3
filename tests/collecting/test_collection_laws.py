"""Laws of a collection, for random orgs."""

from __future__ import annotations

import json
import pickle
from typing import Any

import attrs
import httpx
import pytest
from example_counts import examples
from hypothesis import given
from hypothesis import strategies as st

from oktahound import Snapshot
from oktahound.entities import ENTITIES
from oktahound.sim import SimulatedOrg

LISTINGS = [
    "/api/v1/users?limit=200",
    "/api/v1/groups?limit=200&expand=stats",
    "/api/v1/apps?limit=200",
    "/api/v1/devices?limit=200&expand=userSummary",
    "/integrations/api/v1/api-services",
]

many = examples(3, reuse_fixtures=True)


def captured(org: SimulatedOrg) -> dict[str, list[Any]]:
    """The rows of every listing of a simulated org by path and query, pages joined."""
    found: dict[str, list[Any]] = {}
    headers = {"Authorization": f"SSWS {org.api_token}"}
    with httpx.Client(base_url=org.url, transport=org.transport, headers=headers) as client:
        for path in LISTINGS:
            answer = client.get(path)
            assert "next" not in answer.links
            found[path.partition("?")[0]] = answer.json()
        for group in found["/api/v1/groups"]:
            below = f"/api/v1/groups/{group['id']}/users"
            found[below] = client.get(below).json()
    return found


@pytest.fixture(scope="module")
def listings() -> dict[str, list[Any]]:
    return captured(SimulatedOrg(seed="laws", users=25))


@pytest.fixture
def whole(okta: Any, listings: dict[str, list[Any]]) -> Snapshot:
    """Return the snapshot of the unchanged listings."""
    okta.routes = dict(listings)
    collected: Snapshot = okta.collect(client={"concurrency": 1})
    return collected


def comparable(snapshot: Snapshot) -> Snapshot:
    """Return a snapshot without times and without the positions of faults."""
    gaps = tuple(sorted((attrs.evolve(gap, where=None) for gap in snapshot.gaps), key=str))
    return attrs.evolve(
        snapshot, gaps=gaps, started_at=snapshot.collected_at, collected_at=snapshot.collected_at
    )


@many
@given(data=st.data())
def test_the_order_of_rows_does_not_change_the_snapshot(
    okta: Any, listings: dict[str, list[Any]], whole: Snapshot, data: st.DataObject
) -> None:
    straight = comparable(whole)
    okta.routes = {path: data.draw(st.permutations(rows)) for path, rows in listings.items()}
    shuffled = comparable(okta.collect())
    assert (
        attrs.evolve(shuffled, started_at=straight.started_at, collected_at=straight.collected_at) == straight
    )


@many
@given(cut=st.integers(1, 30))
def test_the_page_size_does_not_change_the_snapshot(
    okta: Any, listings: dict[str, list[Any]], whole: Snapshot, pages: Any, cut: int
) -> None:
    okta.routes = {
        path: pages(*[rows[start : start + cut] for start in range(0, max(len(rows), 1), cut)])
        for path, rows in listings.items()
    }
    cut_up = okta.collect()
    assert {cls: cut_up.rows(cls) for cls in ENTITIES} == {cls: whole.rows(cls) for cls in ENTITIES}
    assert cut_up.gaps == whole.gaps


@many
@given(concurrency=st.integers(1, 40))
def test_the_concurrency_does_not_change_the_snapshot(
    okta: Any, listings: dict[str, list[Any]], whole: Snapshot, concurrency: int
) -> None:
    okta.routes = dict(listings)
    other = okta.collect(client={"concurrency": concurrency})
    assert {cls: other.rows(cls) for cls in ENTITIES} == {cls: whole.rows(cls) for cls in ENTITIES}


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@many
@given(data=st.data())
def test_any_value_in_a_listing_results_in_gaps_only(
    okta: Any, listings: dict[str, list[Any]], whole: Snapshot, data: st.DataObject
) -> None:
    path = data.draw(st.sampled_from([path for path, rows in listings.items() if rows]))
    rows = json.loads(json.dumps(listings[path]))
    place = data.draw(st.integers(0, len(rows) - 1))
    if data.draw(st.booleans()) and rows[place]:
        rows[place][data.draw(st.sampled_from(sorted(rows[place])))] = data.draw(json_values)
    else:
        rows[place] = data.draw(json_values)
    okta.routes = dict(listings) | {path: rows}
    snapshot = okta.collect()
    assert isinstance(snapshot, Snapshot)
    # One record is corrupted: at most one row of its listing is lost, and the rows below it.
    listed = {"/api/v1/users": "users", "/api/v1/apps": "applications", "/api/v1/devices": "devices"}.get(
        path
    )
    if listed is not None:
        assert len(getattr(snapshot, listed)) >= len(getattr(whole, listed)) - 1


def test_undeclared_data_is_not_stored(okta: Any) -> None:
    okta.routes["/api/v1/users"] = [{"id": "00u1", "credentials": {"password": {"value": "hunter2"}}}]
    snapshot = okta.collect()
    assert snapshot.users[0].id == "00u1"
    assert b"hunter2" not in pickle.dumps(snapshot)
