"""Listings below objects: which objects are requested, when requesting stops, and the gaps."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import anyio
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oktahound import Gap, GapReason, Snapshot
from oktahound.collecting.circuit_breaker import FAILURES_TO_OPEN, CircuitBreaker
from oktahound.collecting.collection import Collection
from oktahound.collecting.plan import make_plan
from oktahound.entities import AdminAssignee, Factor, Group, GroupMembership, PushTargetGroup, RoleAssignment

GROUPS = "/api/v1/groups"
MEMBERS = r"/api/v1/groups/[^/]+/users"


def groups(okta: Any, count: int, members: Callable[[int], Any]) -> None:
    """Put groups into the org; `members` has the responses of their listings by number."""
    okta.routes[GROUPS] = [{"id": f"00g{number:03}"} for number in range(count)]
    for number in range(count):
        okta.routes[f"/api/v1/groups/00g{number:03}/users"] = members(number)


def reasons(snapshot: Snapshot) -> list[tuple[str, str, str | None]]:
    return [(gap.entity, gap.reason.value, gap.parent) for gap in snapshot.gaps]


def test_each_object_is_requested_once_and_its_rows_have_its_id(okta: Any) -> None:
    groups(okta, 50, lambda number: [{"id": f"00u{number}"}, {"id": "00uAll"}])
    snapshot = okta.collect(GroupMembership)
    assert okta.count(MEMBERS) == 50
    assert len(snapshot.group_memberships) == 100
    assert {row.group_id for row in snapshot.group_memberships if row.id == "00uAll"} == {
        group.id for group in snapshot.groups
    }
    assert snapshot.gaps == ()


def test_without_objects_there_is_no_request_and_no_gap(okta: Any) -> None:
    snapshot = okta.collect(GroupMembership)
    assert okta.asked == ["/api/v1/org", GROUPS]
    assert snapshot.is_whole(GroupMembership)


@pytest.mark.parametrize("concurrency", [1, 3, 32])
def test_the_concurrency_is_that_of_the_client(okta: Any, concurrency: int) -> None:
    groups(okta, 60, lambda number: [])
    okta.collect(GroupMembership, client={"concurrency": concurrency})
    assert okta.most_in_flight == concurrency


def test_objects_without_possible_rows_are_not_requested(okta: Any) -> None:
    okta.routes[GROUPS] = [
        {"id": "00g1", "_embedded": {"stats": {"usersCount": 0, "hasAdminPrivilege": False}}},
        {"id": "00g2", "_embedded": {"stats": {"usersCount": 1}}},
    ]
    okta.routes["/api/v1/groups/00g2/users"] = [{"id": "00u1"}]
    snapshot = okta.collect(GroupMembership)
    assert okta.asked[2:] == ["/api/v1/groups/00g2/users"]
    assert snapshot.is_whole(GroupMembership)


def test_a_deleted_object_leaves_a_gap_that_names_it(
    okta: Any, refusal: Callable[..., httpx.Response]
) -> None:
    groups(okta, 3, lambda number: refusal(404, "E0000007") if number == 1 else [{"id": "00u1"}])
    snapshot = okta.collect(GroupMembership)
    (gap,) = snapshot.gaps
    assert (gap.entity, gap.reason, gap.parent) == ("GroupMembership", GapReason.NOT_FOUND, "00g001")
    assert gap.request == "GET /api/v1/groups/{id}/users"
    assert len(snapshot.group_memberships) == 2


def test_a_listing_that_fails_in_the_middle_names_its_object_and_the_rows_read(
    okta: Any, refusal: Callable[..., httpx.Response], pages: Callable[..., Any]
) -> None:
    groups(
        okta,
        2,
        lambda number: pages([{"id": "00u1"}], refusal(500, "E0000009") if number else [{"id": "00u2"}]),
    )
    snapshot = okta.collect(GroupMembership)
    assert [(gap.parent, gap.rows_read, gap.reason) for gap in snapshot.gaps] == [
        ("00g001", 1, GapReason.SERVER)
    ]
    assert len(snapshot.group_memberships) == 3


class TestSingleDocuments:
    """Target groups of push mappings that are in no listing are requested one by one."""

    @pytest.fixture
    def pushing(self, okta: Any) -> Any:
        okta.routes = {
            "/api/v1/apps": [{"id": "0oa1", "features": ["GROUP_PUSH"]}],
            GROUPS: [{"id": "00gKnown"}],
            "/api/v1/apps/0oa1/group-push/mappings": [
                {"id": "gPm1", "targetGroupId": "00gKnown"},
                {"id": "gPm2", "targetGroupId": "00gFar"},
                {"id": "gPm3", "targetGroupId": "00gFar"},
            ],
            "/api/v1/groups/00gFar": {"id": "00gFar", "profile": {"name": "Far away"}},
        }
        return okta

    def test_each_is_requested_once(self, pushing: Any) -> None:
        snapshot = pushing.collect(PushTargetGroup)
        assert [group.name for group in snapshot.push_target_groups] == ["Far away"]
        assert pushing.count(r"/api/v1/groups/[^/]+") == 1
        assert snapshot.gaps == ()

    def test_a_fault_in_it_is_named(self, pushing: Any) -> None:
        pushing.routes["/api/v1/groups/00gFar"] = {"id": "00gFar", "profile": {"name": 5}}
        (gap,) = pushing.collect(PushTargetGroup).gaps
        assert (gap.parent, gap.where) == ("gPm2", "push_target_groups[0].profile.name")

    def test_a_deleted_object_is_no_gap(self, pushing: Any, refusal: Callable[..., httpx.Response]) -> None:
        pushing.routes["/api/v1/groups/00gFar"] = refusal(404, "E0000007")
        snapshot = pushing.collect(PushTargetGroup)
        assert snapshot.push_target_groups == ()
        assert snapshot.gaps == ()

    def test_a_refused_document_is_a_gap(self, pushing: Any, refusal: Callable[..., httpx.Response]) -> None:
        pushing.routes["/api/v1/groups/00gFar"] = refusal(403, "E0000006")
        assert reasons(pushing.collect(PushTargetGroup)) == [("PushTargetGroup", "forbidden", "gPm2")]


@pytest.mark.parametrize("name", ["..", ".", "a/../../../b", "a?x=1", "a#b", "%2e%2e", "ä ö", "{id}"])
def test_a_hostile_id_stays_one_path_segment(okta: Any, name: str) -> None:
    okta.routes[GROUPS] = [{"id": name}, {"id": "00g1"}]
    okta.routes["/api/v1/groups/00g1/users"] = [{"id": "00u1"}]
    snapshot = okta.collect(GroupMembership)
    assert len(snapshot.group_memberships) == 1
    assert len(snapshot.groups) == 2
    if name in {".", ".."}:
        (gap,) = snapshot.gaps
        assert (gap.reason, gap.parent) == (GapReason.PROTOCOL, name)
    else:
        assert f"/api/v1/groups/{name}/users" in okta.asked
        assert snapshot.gaps == ()


class TestObjectsThatWereNotRead:
    def test_rows_below_unread_objects_are_a_gap(
        self, okta: Any, refusal: Callable[..., httpx.Response]
    ) -> None:
        okta.routes[GROUPS] = lambda request: refusal(403, "E0000006")
        snapshot = okta.collect(GroupMembership)
        assert reasons(snapshot) == [
            ("Group", "forbidden", None),
            ("GroupMembership", "parent not read", None),
        ]
        assert not snapshot.is_whole(GroupMembership)
        assert okta.count(MEMBERS) == 0

    def test_rows_below_the_other_objects_are_read(
        self, okta: Any, refusal: Callable[..., httpx.Response], pages: Callable[..., Any]
    ) -> None:
        okta.routes[GROUPS] = pages([{"id": "00g1"}], refusal(500, "E0000009"))
        okta.routes["/api/v1/groups/00g1/users"] = [{"id": "00u1"}]
        snapshot = okta.collect(GroupMembership)
        assert [row.key for row in snapshot.group_memberships] == [("00g1", "00u1")]
        assert reasons(snapshot) == [("Group", "server", None), ("GroupMembership", "parent not read", None)]

    def test_a_bad_field_of_an_object_loses_nothing_below_it(self, okta: Any) -> None:
        okta.routes[GROUPS] = [{"id": "00g1", "type": 5}]
        snapshot = okta.collect(GroupMembership)
        assert reasons(snapshot) == [("Group", "field", None)]
        assert snapshot.is_whole(GroupMembership)

    def test_gaps_propagate_to_lower_levels(self, okta: Any, refusal: Callable[..., httpx.Response]) -> None:
        okta.routes["/api/v1/iam/assignees/users"] = lambda request: refusal(403, "E0000006")
        snapshot = okta.collect()
        entities = {gap.entity for gap in snapshot.gaps if gap.reason is GapReason.PARENT}
        assert entities == {"RoleAssignment", "RoleGroupTarget", "RoleAppTarget", "Factor"}

    def test_unselected_objects_do_not_count_as_empty(
        self, okta: Any, refusal: Callable[..., httpx.Response]
    ) -> None:
        # Factors are read for role holders, and the roles could not be read.
        okta.routes["/api/v1/users"] = [{"id": "00u1"}]
        okta.routes["/api/v1/iam/assignees/users"] = lambda request: refusal(403, "E0000006")
        snapshot = okta.collect(Factor)
        details = {gap.detail for gap in snapshot.gaps_of(Factor)}
        assert details == {
            f"not every {name} was read, so objects to which only an unread {name} leads were not requested"
            for name in ("AdminAssignee", "RoleAssignment")
        }
        assert not snapshot.is_whole(Factor)
        assert not snapshot.is_whole(AdminAssignee)

    def test_a_missing_scope_takes_precedence_over_missing_parents(self, okta: Any) -> None:
        async def run() -> list[Gap]:
            async with okta.client() as client:
                collection = Collection(
                    client, make_plan([GroupMembership]), frozenset({"okta.users.read"}), None
                )
                await collection.run()
                return collection.store.gaps

        gaps = anyio.run(run)
        assert {(gap.entity, gap.reason, gap.missing_scopes) for gap in gaps} == {
            ("Group", GapReason.FORBIDDEN, ("okta.groups.read",)),
            ("GroupMembership", GapReason.FORBIDDEN, ("okta.groups.read",)),
        }
        assert okta.asked == ["/api/v1/org"]


class TestCircuitBreaker:
    def test_ten_refusals_in_a_row_are_one_gap(
        self, okta: Any, refusal: Callable[..., httpx.Response]
    ) -> None:
        groups(okta, 100, lambda number: lambda request: refusal(403, "E0000006", "No role."))
        snapshot = okta.collect(GroupMembership, client={"concurrency": 1})
        assert okta.count(MEMBERS) == FAILURES_TO_OPEN
        (gap,) = snapshot.gaps
        assert gap == Gap(
            entity="GroupMembership",
            reason=GapReason.FORBIDDEN,
            request="GET /api/v1/groups/{id}/users",
            status=403,
            error_code="E0000006",
            error_id="oaeE0000006",
            detail="it failed for 10 objects; 90 more were not requested: No role.",
        )

    def test_ten_unlicensed_responses_in_a_row_are_one_gap(
        self, okta: Any, refusal: Callable[..., httpx.Response]
    ) -> None:
        groups(okta, 100, lambda number: lambda request: refusal(401, "E0000015"))
        (gap,) = okta.collect(GroupMembership, client={"concurrency": 1}).gaps
        assert gap.reason is GapReason.NOT_LICENSED

    def test_with_concurrent_requests_every_object_is_counted(
        self, okta: Any, refusal: Callable[..., httpx.Response]
    ) -> None:
        groups(okta, 500, lambda number: lambda request: refusal(403, "E0000006", "No role."))
        (gap,) = okta.collect(GroupMembership, client={"concurrency": 32}).gaps
        asked = okta.count(MEMBERS)
        # Responses to requests that were already sent still arrive.
        assert FAILURES_TO_OPEN <= asked <= FAILURES_TO_OPEN + 31
        assert gap.detail == f"it failed for {asked} objects; {500 - asked} more were not requested: No role."

    def test_responses_that_arrive_after_the_decision_are_kept(
        self, okta: Any, refusal: Callable[..., httpx.Response]
    ) -> None:
        decided = anyio.Event()
        refusals = itertools.count(1)

        def members(number: int) -> Any:
            async def slow_and_good(request: httpx.Request) -> Any:
                await decided.wait()
                return [{"id": "00uLate"}]

            async def refused(request: httpx.Request) -> Any:
                if next(refusals) == FAILURES_TO_OPEN + 5:
                    decided.set()
                return refusal(403, "E0000006")

            return slow_and_good if 5 <= number < 10 else refused

        groups(okta, 199, members)
        snapshot = okta.collect(GroupMembership, client={"concurrency": 32})
        assert len(snapshot.group_memberships) == 5
        (gap,) = snapshot.gaps
        refused = okta.count(MEMBERS) - 5
        assert gap.detail.startswith(f"it failed for {refused} objects; {199 - 5 - refused} more ")

    def test_a_missing_scope_is_one_gap_for_all_objects(
        self, okta: Any, refusal: Callable[..., httpx.Response]
    ) -> None:
        challenge = 'Bearer error="insufficient_scope", scope="okta.groups.read"'
        groups(
            okta,
            50,
            lambda number: lambda request: refusal(403, "E0000006", **{"www-authenticate": challenge}),
        )
        snapshot = okta.collect(GroupMembership, client={"concurrency": 1})
        assert okta.count(MEMBERS) == 1
        (gap,) = snapshot.gaps
        assert gap.missing_scopes == ("okta.groups.read",)
        assert gap.detail.startswith("it failed for 1 objects; 49 more were not requested")

    def test_refusals_that_are_not_in_a_row_are_separate_gaps(
        self, okta: Any, refusal: Callable[..., httpx.Response]
    ) -> None:
        groups(okta, 60, lambda number: refusal(403, "E0000006") if number % 10 else [{"id": "00u1"}])
        snapshot = okta.collect(GroupMembership, client={"concurrency": 1})
        assert okta.count(MEMBERS) == 60
        assert len(snapshot.gaps) == 54
        assert {gap.parent for gap in snapshot.gaps} == {
            f"00g{number:03}" for number in range(60) if number % 10
        }

    def test_server_errors_in_a_row_stop_the_requests(
        self, okta: Any, refusal: Callable[..., httpx.Response]
    ) -> None:
        def hangs(request: httpx.Request) -> Any:
            raise httpx.ReadTimeout("no answer", request=request)

        groups(okta, 30, lambda number: hangs if number % 2 else refusal(503, "E0000009"))
        (gap,) = okta.collect(GroupMembership, client={"concurrency": 1, "retry_budget": 0}).gaps
        assert okta.count(MEMBERS) == FAILURES_TO_OPEN
        assert gap.parent is None
        assert gap.detail.startswith("it failed for 10 objects; 20 more were not requested")

    def test_transient_errors_do_not_stop_the_requests(
        self, okta: Any, refusal: Callable[..., httpx.Response]
    ) -> None:
        groups(okta, 30, lambda number: refusal(500, "E0000009") if number < 9 else [{"id": "00u1"}])
        snapshot = okta.collect(GroupMembership, client={"concurrency": 1, "retry_budget": 0})
        assert len(snapshot.gaps) == 9
        assert len(snapshot.group_memberships) == 21

    def test_one_listing_that_stops_does_not_stop_another(
        self, okta: Any, refusal: Callable[..., httpx.Response]
    ) -> None:
        groups(okta, 30, lambda number: lambda request: refusal(403, "E0000006"))
        for number in range(30):
            okta.routes[f"/api/v1/groups/00g{number:03}/roles"] = [{"id": "ra1", "type": "ORG_ADMIN"}]
        snapshot = okta.collect(GroupMembership, RoleAssignment)
        assert len(snapshot.role_assignments) == 30
        assert len(snapshot.gaps_of(GroupMembership)) == 1
        assert snapshot.is_whole(RoleAssignment)
        assert snapshot.is_whole(Group)


_REASONS = {
    "f": GapReason.FORBIDDEN,
    "l": GapReason.NOT_LICENSED,
    "s": GapReason.SERVER,
    "t": GapReason.TRANSPORT,
    "r": GapReason.REJECTED,
}


def outcome(letter: str) -> Gap | None:
    """``f`` forbidden, ``l`` not licensed, ``m`` missing scope, ``s``, ``t`` trouble, ``r`` rejected."""
    if letter == ".":
        return None
    reason = _REASONS.get(letter, GapReason.FORBIDDEN)
    scopes = ("okta.x.read",) if letter == "m" else ()
    return Gap(entity="X", reason=reason, request="GET /x", parent="p", missing_scopes=scopes)


def run(letters: str) -> tuple[list[str], bool]:
    """Return the gaps that the circuit breaker keeps: a letter for each, ``*`` for one gap of all objects."""
    kept: list[Gap] = []
    breaker = CircuitBreaker(kept.append)
    for letter in letters:
        breaker.add(outcome(letter))
    breaker.close()
    letters_of = {reason: letter for letter, reason in _REASONS.items()}
    return [letters_of[gap.reason] if gap.parent else "*" for gap in kept], breaker.is_open


@pytest.mark.parametrize(
    ("letters", "kept", "over"),
    [
        ("", "", False),
        ("....", "", False),
        ("f", "f", False),
        ("f" * 9, "f" * 9, False),
        ("f" * 9 + "." + "f" * 9, "f" * 18, False),
        ("f" * 9 + "s" + "f" * 9, "f" * 9 + "s" + "f" * 9, False),
        ("f" * 10, "*", True),
        ("f" * 10 + "....", "*", True),
        ("f" * 10 + ".f.f.r", "r*", True),
        ("ff.f" + "f" * 9, "ff*", True),
        ("f" * 5 + "l" * 5, "f" * 5 + "l" * 5, False),
        ("f" * 5 + "l" * 10, "f" * 5 + "*", True),
        ("l" * 10, "*", True),
        ("m", "*", True),
        (".m.", "*", True),
        ("s" * 10, "*", True),
        ("st" * 5, "*", True),
        ("f" * 9 + "s" * 9, "f" * 9 + "s" * 9, False),
        ("r" * 30, "r" * 30, False),
    ],
)
def test_the_circuit_breaker_keeps_one_gap_for_a_series(letters: str, kept: str, over: bool) -> None:
    assert run(letters) == (list(kept), over)


@given(st.text(alphabet="fflmssr..", max_size=60))
def test_the_circuit_breaker_loses_no_failure(letters: str) -> None:
    kept, over = run(letters)
    assert over == ("*" in kept)
    assert kept.count("r") == letters.count("r")
    if not over:
        assert sorted(kept) == sorted(letters.replace(".", ""))
        assert "m" not in letters
