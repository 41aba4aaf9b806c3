"""A malformed record affects only this record, and its gap has the path of the field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import pytest
from example_counts import examples
from hypothesis import given
from hypothesis import strategies as st

from oktahound import Gap, GapReason, Snapshot, User
from oktahound.entities import Application, Device, DeviceUser, GroupMembership, JsonWebKey

USERS = "/api/v1/users"


def faults(snapshot: Snapshot) -> set[tuple[str, str, str | None]]:
    return {(gap.entity, gap.reason.value, gap.where) for gap in snapshot.gaps}


def test_a_malformed_field_is_unread_and_named(okta: Any) -> None:
    rows: list[Any] = [
        {"id": f"00u{number:02}", "profile": {"login": f"user{number}"}} for number in range(20)
    ]
    rows[17]["profile"]["login"] = 5
    okta.routes[USERS] = rows
    snapshot = okta.collect(User)
    assert len(snapshot.users) == 20
    assert snapshot.users[17] == User(id="00u17")
    assert snapshot.gaps == (
        Gap(
            entity="User",
            reason=GapReason.FIELD,
            request="GET /api/v1/users",
            where="users[17].profile.login",
            record="00u17",
            detail="expected text, got a number",
        ),
    )
    assert snapshot.is_whole(User)


def test_the_index_in_the_path_continues_over_pages(okta: Any, pages: Callable[..., Any]) -> None:
    okta.routes[USERS] = pages(
        [{"id": "00u1"}, {"id": "00u2"}], [{"id": "00u3"}, {"id": "00u4", "created": "soon"}]
    )
    assert faults(okta.collect(User)) == {("User", "field", "users[3].created")}


@pytest.mark.parametrize(
    ("row", "where"),
    [
        ({"status": "ACTIVE"}, "users[1].id"),
        ({"id": None}, "users[1].id"),
        ({"id": ""}, "users[1].id"),
        ({"id": 7}, "users[1].id"),
        (["00u1"], "users[1]"),
        ("00u1", "users[1]"),
        (None, "users[1]"),
    ],
)
def test_a_record_without_an_id_is_a_gap(okta: Any, row: Any, where: str) -> None:
    okta.routes[USERS] = [{"id": "00u1"}, row, {"id": "00u3"}]
    snapshot = okta.collect(User)
    assert [user.id for user in snapshot.users] == ["00u1", "00u3"]
    assert faults(snapshot) == {("User", "record", where)}
    assert not snapshot.is_whole(User)


def test_every_malformed_field_of_a_record_is_named(okta: Any) -> None:
    okta.routes[USERS] = [{"id": "00u1", "status": [], "profile": {"email": {}, "city": "Ulm"}, "type": "x"}]
    snapshot = okta.collect(User)
    assert faults(snapshot) == {
        ("User", "field", "users[0].status"),
        ("User", "field", "users[0].profile.email"),
        ("User", "field", "users[0].type"),
    }
    assert snapshot.users[0].city == "Ulm"


def test_unknown_values_and_unknown_fields_are_no_gaps(okta: Any) -> None:
    okta.routes[USERS] = [{"id": "00u1", "status": "TELEPORTED", "favouriteColour": {"name": "red"}}]
    snapshot = okta.collect(User)
    assert snapshot.users[0].status == "TELEPORTED"
    assert snapshot.gaps == ()


def test_the_gap_of_a_malformed_row_below_an_object_names_the_object(okta: Any) -> None:
    okta.routes = {
        "/api/v1/groups": [{"id": "00g1"}, {"id": "00g2"}],
        "/api/v1/groups/00g2/users": [{"id": "00u1"}, {}],
    }
    snapshot = okta.collect(GroupMembership)
    (gap,) = snapshot.gaps
    assert (gap.entity, gap.parent, gap.where) == ("GroupMembership", "00g2", "group_memberships[1].id")
    assert gap.request == "GET /api/v1/groups/{id}/users"


class TestRowsInsideRows:
    def test_the_gap_of_an_embedded_row_has_both_places(self, okta: Any) -> None:
        okta.routes["/api/v1/devices"] = [
            {"id": "guo1"},
            {"id": "guo2", "_embedded": {"users": [{"user": {"id": "00u1"}}, {"user": {}}]}},
        ]
        snapshot = okta.collect(DeviceUser)
        (gap,) = snapshot.gaps
        assert (gap.entity, gap.reason, gap.parent) == ("DeviceUser", GapReason.RECORD, "guo2")
        assert gap.where is not None
        assert gap.where.startswith("devices[1]._embedded.users[1]")
        assert len(snapshot.device_users) == 1
        assert snapshot.is_whole(Device)
        assert not snapshot.is_whole(DeviceUser)

    @pytest.mark.parametrize("misplaced", ["many", 5, [{"users": []}]])
    def test_another_value_in_place_of_embedded_rows_is_a_gap(self, okta: Any, misplaced: Any) -> None:
        okta.routes["/api/v1/devices"] = [{"id": "guo1", "_embedded": misplaced}]
        snapshot = okta.collect(DeviceUser)
        assert [device.id for device in snapshot.devices] == ["guo1"]
        (gap,) = snapshot.gaps
        assert (gap.entity, gap.reason, gap.parent) == ("DeviceUser", GapReason.RECORD, "guo1")
        assert gap.where == "devices[0]._embedded"

    def test_missing_embedded_rows_are_no_rows(self, okta: Any) -> None:
        okta.routes["/api/v1/devices"] = [{"id": "guo1"}, {"id": "guo2", "_embedded": None}]
        snapshot = okta.collect(DeviceUser)
        assert snapshot.gaps == ()
        assert snapshot.is_whole(DeviceUser)

    def test_embedded_rows_of_a_lost_record_are_a_gap(self, okta: Any) -> None:
        okta.routes["/api/v1/devices"] = [{"_embedded": {"users": [{"user": {"id": "00u1"}}]}}]
        snapshot = okta.collect(DeviceUser)
        assert faults(snapshot) == {
            ("Device", "record", "devices[0].id"),
            ("DeviceUser", "parent not read", None),
        }
        (found,) = snapshot.gaps_of(DeviceUser)
        assert found.request == "_embedded.users of Device"
        assert "are missing" in found.detail

    def test_embedded_rows_of_a_refused_listing_are_a_gap(
        self, okta: Any, refusal: Callable[..., Any]
    ) -> None:
        okta.routes["/api/v1/apps"] = lambda request: refusal(403, "E0000006")
        snapshot = okta.collect(JsonWebKey)
        assert {(gap.entity, gap.reason) for gap in snapshot.gaps} >= {
            ("Application", GapReason.FORBIDDEN),
            ("JsonWebKey", GapReason.PARENT),
        }


class TestTheSameObjectTwice:
    OLD = {"id": "00u1", "lastUpdated": "2026-01-01T00:00:00.000Z", "status": "ACTIVE"}
    NEW = {"id": "00u1", "lastUpdated": "2026-01-02T00:00:00.000Z", "status": "SUSPENDED"}

    def test_two_equal_versions_are_one_row_without_a_gap(self, okta: Any, pages: Callable[..., Any]) -> None:
        okta.routes[USERS] = pages([self.OLD, {"id": "00u2"}], [{"id": "00u2"}, self.OLD])
        snapshot = okta.collect(User)
        assert [user.id for user in snapshot.users] == ["00u1", "00u2"]
        assert snapshot.gaps == ()

    @pytest.mark.parametrize("order", ["old new", "new old", "old new old", "new new old", "old old new new"])
    def test_with_different_content_the_later_state_is_kept(self, okta: Any, order: str) -> None:
        okta.routes[USERS] = [getattr(self, name.upper()) for name in order.split()]
        snapshot = okta.collect(User)
        assert [user.status for user in snapshot.users] == ["SUSPENDED"]
        (gap,) = snapshot.gaps
        assert (gap.entity, gap.reason) == ("User", GapReason.CONFLICT)
        assert "00u1" in gap.detail
        assert snapshot.is_whole(User)

    def test_a_state_with_a_time_is_later_than_one_without(self, okta: Any) -> None:
        for rows in (
            [{"id": "00u1", "status": "ZZZ"}, self.OLD],
            [self.OLD, {"id": "00u1", "status": "ZZZ"}],
        ):
            okta.routes[USERS] = rows
            assert okta.collect(User).users[0].status == "ACTIVE"

    @examples(6, reuse_fixtures=True)
    @given(
        versions=st.lists(
            st.fixed_dictionaries(
                {"id": st.sampled_from(["00u1", "00u2"])},
                optional={
                    "status": st.sampled_from(["ACTIVE", "STAGED"]),
                    "lastUpdated": st.sampled_from(["2026-01-01T00:00:00.000Z", "2026-01-01T00:00:00.500Z"]),
                },
            ),
            max_size=5,
        ),
        data=st.data(),
    )
    def test_the_order_of_the_versions_does_not_matter(
        self, okta: Any, versions: list[Any], data: st.DataObject
    ) -> None:
        okta.routes[USERS] = versions
        one = okta.collect(User)
        okta.routes[USERS] = data.draw(st.permutations(versions))
        assert (
            attrs.evolve(okta.collect(User), started_at=one.started_at, collected_at=one.collected_at) == one
        )


def test_any_content_of_an_application_affects_at_most_this_application(okta: Any) -> None:
    okta.routes["/api/v1/apps"] = [
        {"id": "0oa1", "label": "good"},
        {"id": "0oa2", "settings": "none", "credentials": [], "_links": 5, "features": {}},
    ]
    snapshot = okta.collect(Application)
    assert [app.id for app in snapshot.applications] == ["0oa1", "0oa2"]
    assert {gap.reason for gap in snapshot.gaps} <= {GapReason.FIELD}
