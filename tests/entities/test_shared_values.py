"""Equal values of different rows are one object, and the rows are the same as without sharing."""

from __future__ import annotations

import orjson
import pytest
from each_case import for_each

from oktahound import ApiToken, OktaClient, Snapshot, collect
from oktahound.entities import (
    ENTITIES,
    GroupMembership,
    SharedValues,
    User,
    saved_form,
    structure,
    structure_saved,
)
from oktahound.entities import shared_values as module
from oktahound.sim import SimulatedOrg

ORG = SimulatedOrg(seed=1, users=20)


def text(value: str) -> str:
    """The same text as another object."""
    return orjson.loads(orjson.dumps(value))


def row(**more: object) -> dict[str, object]:
    return {"id": text("00u1"), "status": text("ACTIVE"), "created": text("2026-01-15T12:25:42.000Z"), **more}


@pytest.fixture(scope="module")
def collected() -> Snapshot:
    with OktaClient(ORG.url, ApiToken(ORG.api_token), transport=ORG.transport) as client:
        return collect(client, mfa="all", bindings=True)


def test_equal_texts_and_times_of_two_rows_are_one_object():
    shared = SharedValues()
    (one, _), (other, _) = (structure(User, row(), None, shared) for _ in range(2))
    assert one.status is other.status
    assert one.created is other.created
    (membership, _) = structure(GroupMembership, {"id": text("00u1")}, text("00g1"), shared)
    assert membership.id is one.id


def test_without_shared_values_nothing_is_shared():
    (one, _), (other, _) = (structure(User, row()) for _ in range(2))
    assert one == other
    assert one.status is not other.status


@pytest.mark.parametrize("time", ["2026-01-15T12:25:42", "2026-01-15", "yesterday", 5, True, [], {}])
def test_an_invalid_time_is_a_fault_each_time(time: object):
    shared = SharedValues()
    for _ in range(2):
        user, faults = structure(User, row(created=time), None, shared)
        assert user.created is None
        assert [fault.path for fault in faults] == ["created"]
    assert time not in list(shared.times)


def test_a_time_in_another_zone_is_parsed_each_time():
    shared = SharedValues()
    (one, _), (other, _) = (
        structure(User, row(created=text("2026-01-15T13:25:42+01:00")), None, shared) for _ in range(2)
    )
    assert one.created == other.created == structure(User, row())[0].created


def test_the_number_of_shared_values_is_limited(monkeypatch):
    monkeypatch.setattr(module, "MOST_TEXTS", 100)
    monkeypatch.setattr(module, "MOST_TIMES", 10)
    shared = SharedValues()
    for number in range(500):
        structure(User, row(id=f"00u{number}", created=f"2026-01-15T12:25:42.{number:03}Z"), None, shared)
        shared.trim()
        assert len(shared._texts) <= 101
        assert len(shared.times) <= 11


def test_rows_of_a_collection_share_the_ids_of_their_users(collected):
    ids = {user.id: user.id for user in collected.users}
    found = [ids[each.id] is each.id for each in collected.group_memberships if each.id in ids]
    assert found
    assert all(found)


def test_rows_of_a_loaded_snapshot_share_the_ids_of_their_users(collected, tmp_path):
    collected.save(tmp_path / "org.okta")
    loaded = Snapshot.load(tmp_path / "org.okta")
    assert loaded == collected
    ids = {user.id: user.id for user in loaded.users}
    assert all(ids[each.id] is each.id for each in loaded.app_users if each.id in ids)
    assert len({id(user.status) for user in loaded.users}) == len({user.status for user in loaded.users})


def test_sharing_changes_no_row(collected):
    shared = SharedValues()
    for cls in ENTITIES:
        for each in collected.rows(cls):
            saved = orjson.loads(orjson.dumps(saved_form(each)))
            assert structure_saved(cls, saved, shared) == structure_saved(cls, saved) == each


@for_each(ENTITIES)
def test_a_saved_row_without_its_id_is_refused(cls):
    with pytest.raises(ValueError, match="required, and missing"):
        structure_saved(cls, {})


def test_a_saved_row_with_a_fault_names_its_field():
    with pytest.raises(ValueError, match=r"^status: expected text, got a number$"):
        structure_saved(User, {"id": "00u1", "status": 5})
    with pytest.raises(ValueError, match=r"^created: expected a time"):
        structure_saved(User, {"id": "00u1", "created": "soon"})
    with pytest.raises(ValueError, match="unknown field 'shoe'"):
        structure_saved(User, {"id": "00u1", "shoe": 44})


def test_a_saved_time_of_another_zone_is_read_as_utc():
    user = structure_saved(User, {"id": "00u1", "created": "2026-01-15T13:25:42+01:00"})
    assert user == structure_saved(User, {"id": "00u1", "created": "2026-01-15T12:25:42+00:00"})
