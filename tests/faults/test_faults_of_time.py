"""Faults caused by time: expired tokens, revoked keys, wrong clocks, and listings that change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import httpx
import orjson
import pytest

from faults.runs import (
    PLACES,
    check_nothing_is_invented,
    check_whole,
    collected,
    collected_blocking,
    edges_drawn,
    edges_of_whole,
    small_org,
    whole,
)
from oktahound import GapReason, PrivateKeyJwt
from oktahound.collecting.circuit_breaker import FAILURES_TO_OPEN
from oktahound.entities import GroupMembership, User
from oktahound.errors import AuthenticationError, ProtocolError
from oktahound.sim import SimulatedOrg

TOKEN = "POST /oauth2/v1/token"
both_clients = pytest.mark.parametrize("collect", [collected, collected_blocking])


def key_of(org: SimulatedOrg, **options: Any) -> PrivateKeyJwt:
    return PrivateKeyJwt(org.service_app.client_id, org.service_app.private_key, **options)


def once(org: SimulatedOrg, where: str, act: Callable[[], object], after: int = 1) -> None:
    """Run an action when a matching request arrives, before the response."""
    left = [after]

    def watch(request: httpx.Request) -> bool:
        if f"{request.method} {request.url.path}" == where:
            left[0] -= 1
            if left[0] == 0:
                act()
        return False

    org.fail(watch, status=500)


@both_clients
def test_tokens_revoked_during_the_run_are_replaced(collect: Any) -> None:
    org = small_org()
    once(org, "GET /api/v1/users", org.revoke_tokens, after=2)
    check_whole(collect(org, key_of(org)))
    assert sum(one.path == "/oauth2/v1/token" and one.status == 200 for one in org.requests) == 2


@both_clients
def test_a_token_that_expires_during_the_run_is_replaced_before(collect: Any) -> None:
    org = small_org()
    # Without DPoP, because a proof that takes an hour to arrive is stale.
    app = org.add_service_app(scopes=org.service_app.scopes, dpop=False)
    org.fail("/api/v1/users", delay=3400, times=1)
    check_whole(collect(org, PrivateKeyJwt(app.client_id, app.private_key, dpop=False), timeout=4000.0))
    assert sum(one.path == "/oauth2/v1/token" and one.status == 200 for one in org.requests) == 2
    assert not [one for one in org.requests if one.status in {401, 403}]


@both_clients
def test_a_key_revoked_during_the_run_ends_the_run(collect: Any) -> None:
    org = small_org()

    def revoke() -> None:
        org.remove_key(org.service_app.client_id)
        org.revoke_tokens()

    once(org, "GET /api/v1/users", revoke, after=2)
    with pytest.raises(AuthenticationError) as caught:
        collect(org, key_of(org))
    assert caught.value.error_code == "invalid_client"
    # All running requests get the error, and the key is tried once for all of them.
    assert sum(one.path == "/oauth2/v1/token" and one.status == 401 for one in org.requests) == 1


@both_clients
def test_an_api_token_revoked_during_the_run_ends_the_run(collect: Any) -> None:
    org = small_org()
    org.fail("/api/v1/*", status=401, code="E0000011", skip=9, times=None)
    with pytest.raises(AuthenticationError):
        collect(org)


@attrs.frozen
class Skewed:
    """A clock that is off by a constant."""

    right: Any
    seconds: float

    def time(self) -> float:
        return self.right.time() + self.seconds

    def monotonic(self) -> float:
        return self.right.monotonic()

    async def sleep(self, seconds: float) -> None:
        await self.right.sleep(seconds)


@pytest.mark.parametrize("dpop", [True, False])
@pytest.mark.parametrize("seconds", [301.0, -301.0, 86_400.0, -86_400.0])
@both_clients
def test_a_wrong_clock_causes_one_repeated_token_request_only(
    collect: Any, seconds: float, dpop: bool
) -> None:
    org = small_org()
    app = org.add_service_app(scopes=org.service_app.scopes, dpop=dpop)
    auth = PrivateKeyJwt(app.client_id, app.private_key, dpop=dpop)
    check_whole(collect(org, auth, only=(User,), clock=Skewed(org.clock, seconds)), only=(User,))
    asked = [one.status for one in org.requests if one.path == "/oauth2/v1/token"]
    assert asked.count(200) == 1
    assert len(asked) <= 3
    assert not [one for one in org.requests if one.path != "/oauth2/v1/token" and one.status in {401, 403}]


@both_clients
def test_a_clock_that_is_changed_during_the_run_causes_one_new_token(collect: Any) -> None:
    org = small_org()
    clock = Skewed(org.clock, 0.0)
    once(org, "GET /api/v1/users", lambda: object.__setattr__(clock, "seconds", 7200.0), after=2)
    check_whole(collect(org, key_of(org), clock=clock))


@both_clients
def test_without_a_date_header_a_wrong_clock_is_an_error_that_names_it(collect: Any) -> None:
    org = small_org()
    org.fail(TOKEN, headers={"Date": None}, times=None)
    with pytest.raises(AuthenticationError):
        collect(org, key_of(org), clock=Skewed(org.clock, -7200.0))


def test_after_ten_refused_objects_in_a_row_the_others_are_not_requested_and_there_is_one_gap() -> None:
    org = small_org()
    for number in range(30):
        org.add_to_group(org.add_group(f"Extra {number}"), org.world["users"].keys()[0])
    org.deny(PLACES["members"].where)
    snapshot = collected(org, concurrency=1)
    refused = [one for one in org.requests if one.template == "/api/v1/groups/{groupId}/users"]
    assert len(refused) == FAILURES_TO_OPEN
    (gap,) = snapshot.gaps_of(GroupMembership)
    assert gap.reason is GapReason.FORBIDDEN
    assert gap.parent is None
    assert "more were not requested" in gap.detail


def test_one_refused_object_loses_its_own_rows_with_a_gap() -> None:
    org = small_org()
    group = next(one.path.split("/")[4] for one in requests_of_members())
    org.deny(f"GET /api/v1/groups/{group}/users")
    snapshot = collected(org)
    (gap,) = snapshot.gaps_of(GroupMembership)
    assert gap.parent == group
    kept = snapshot.rows(GroupMembership)
    assert set(kept) == {row for row in whole().rows(GroupMembership) if row.group_id != group}
    check_nothing_is_invented(snapshot)


def requests_of_members() -> list[Any]:
    org = small_org()
    collected(org)
    return [one for one in org.requests if one.template == "/api/v1/groups/{groupId}/users"]


@both_clients
def test_a_user_who_is_deleted_during_the_listing_does_not_affect_others(collect: Any) -> None:
    org = small_org()
    users = org.world["users"]
    # Not an administrator: a listing of roles that no longer has one would show somebody unprotected. A
    # snapshot is not of one moment, and nothing in it can tell.
    unprotected = {end for _, kind, end in edges_of_whole() if kind == "Okta_OrgAdmin"}
    gone = next(key for key in users.keys()[:10] if key in unprotected)
    once(org, "GET /api/v1/users", lambda: users.remove(gone), after=3)
    snapshot = collect(org)
    assert {user.id for user in snapshot.users} == {user.id for user in whole().users}
    assert edges_drawn(snapshot) <= edges_of_whole()


@both_clients
def test_a_user_who_is_added_during_the_listing_does_not_affect_others(collect: Any) -> None:
    org = small_org()
    once(org, "GET /api/v1/users", lambda: org.add_user("late@contoso.com"), after=2)
    snapshot = collect(org)
    assert {user.id for user in whole().users} <= {user.id for user in snapshot.users}
    assert len({user.id for user in snapshot.users}) == len(snapshot.users)


@both_clients
def test_a_user_that_comes_twice_with_different_content_is_one_user_and_a_gap(collect: Any) -> None:
    org = small_org()
    first = whole().users[0]

    def later(body: bytes) -> bytes:
        rows = orjson.loads(body)
        again = [row | {"lastUpdated": "2099-01-01T00:00:00.000Z"} for row in rows]
        return orjson.dumps(rows + again)

    org.fail("GET /api/v1/users", mangle=later, times=None)
    snapshot = collect(org)
    assert [user.id for user in snapshot.users] == [user.id for user in whole().users]
    assert {gap.reason for gap in snapshot.gaps} == {GapReason.CONFLICT}
    assert snapshot.users[0].last_updated != first.last_updated
    assert snapshot.is_whole(User)


def test_all_requests_to_a_failing_endpoint_share_one_retry_budget() -> None:
    org = small_org()
    # Separate retry budgets for ten groups would take hours.
    for number in range(10):
        org.add_group(f"Team {number}", members=[whole().users[0].id])
    org.fail(PLACES["members"].where, status=503, times=None)
    snapshot = collected(org, concurrency=1)
    assert not snapshot.is_whole(GroupMembership)
    assert org.clock.monotonic() < 1500


def test_if_an_org_goes_down_each_endpoint_uses_one_retry_budget() -> None:
    org = small_org()
    org.fail("/api/v1/*", error=httpx.ConnectError, skip=5, times=None)
    snapshot = collected(org)
    check_nothing_is_invented(snapshot)
    assert org.clock.monotonic() < 3600


@pytest.mark.parametrize("status", [500, 503])
def test_a_token_endpoint_that_is_down_during_the_run_leaves_gaps_that_name_it(status: int) -> None:
    org = small_org()

    def break_down() -> None:
        org.revoke_tokens()
        org.fail(TOKEN, status=status, times=None)

    once(org, "GET /api/v1/users", break_down, after=2)
    snapshot = collected(org, key_of(org))
    assert {gap.request for gap in snapshot.gaps_of(User)} == {TOKEN}
    check_nothing_is_invented(snapshot)
    assert org.clock.monotonic() < 7200


def test_an_invalid_token_response_ends_the_run_at_once() -> None:
    org = small_org()
    org.fail(TOKEN, status=200, content=b"[]", times=None)
    with pytest.raises(ProtocolError, match="no access token"):
        collected(org, key_of(org))
