"""A snapshot that was saved and loaded is the same snapshot."""

from __future__ import annotations

import itertools
import pickle
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import attrs
import pytest
from example_counts import examples
from handwritten.orgs import NOON, snapshot_of
from handwritten.rows import entities, gaps, snapshots
from hypothesis import given
from hypothesis import strategies as st

from oktahound import Gap, GapReason, Snapshot, User
from oktahound.entities import ENTITIES, Factor, Organization

# Hypothesis calls a test many times with one folder, so that each call uses a new name in it.
serial = itertools.count()


def there_and_back(snapshot: Snapshot, folder: Path) -> Snapshot:
    place = folder / f"{next(serial)}.okta"
    snapshot.save(place)
    return Snapshot.load(place)


# Several entities share an example, because each example writes and reads a whole folder.
@pytest.mark.parametrize("first", range(0, len(ENTITIES), 6), ids=lambda first: ENTITIES[first].__name__)
@examples(2, reuse_fixtures=True)
@given(data=st.data())
def test_every_entity_is_equal_after_loading(first: int, data: st.DataObject, tmp_path: Path) -> None:
    classes = ENTITIES[first : first + 6]
    asked = frozenset({"Organization", *(cls.__name__ for cls in classes)})
    rows = [row for cls in classes for row in data.draw(st.lists(entities(cls), max_size=4), cls.__name__)]
    organizations = tuple(row for row in rows if type(row) is Organization)[:1]
    snapshot = snapshot_of(*(row for row in rows if type(row) is not Organization), asked=asked)
    if organizations:
        snapshot = attrs.evolve(snapshot, organizations=organizations)
    back = there_and_back(snapshot, tmp_path)
    for cls in classes:
        assert back.rows(cls) == snapshot.rows(cls)
    assert back == snapshot


@examples(10, reuse_fixtures=True)
@given(snapshot=snapshots())
def test_a_snapshot_is_equal_after_loading(snapshot: Snapshot, tmp_path: Path) -> None:
    again = there_and_back(snapshot, tmp_path)
    assert again == snapshot
    assert [type(row) for cls in ENTITIES for row in again.rows(cls)] == [
        type(row) for cls in ENTITIES for row in snapshot.rows(cls)
    ]


@given(gap=gaps())
def test_a_gap_is_equal_after_loading(gap: Gap) -> None:
    assert Gap.from_dict(gap.as_dict()) == gap


def test_the_order_of_rows_is_kept(tmp_path: Path) -> None:
    snapshot = snapshot_of(User(id="b"), User(id="a"), User(id="b"))
    assert [user.id for user in there_and_back(snapshot, tmp_path).users] == ["b", "a", "b"]


def test_no_rows_differ_from_not_requested(tmp_path: Path) -> None:
    asked = snapshot_of(asked=frozenset({"Organization", "User"}))
    again = there_and_back(asked, tmp_path)
    assert again.is_whole(User)
    assert not again.is_whole(Factor)
    assert again.asked == asked.asked


def test_options_are_loaded(tmp_path: Path) -> None:
    snapshot = attrs.evolve(snapshot_of(), options={"mfa": "none", "deprovisioned": True})
    assert there_and_back(snapshot, tmp_path).options == {"mfa": "none", "deprovisioned": True}


def test_the_same_snapshot_gives_the_same_bytes(tmp_path: Path) -> None:
    snapshot = snapshot_of(User(id="a", login="ann"))
    for name in ("one", "two"):
        snapshot.save(tmp_path / name)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_times_of_a_snapshot_are_kept_in_utc(tmp_path: Path) -> None:
    delhi = datetime(2026, 1, 1, 5, 30, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    snapshot = attrs.evolve(snapshot_of(), started_at=delhi)
    assert snapshot.started_at.tzinfo is UTC
    assert there_and_back(snapshot, tmp_path).started_at == datetime(2026, 1, 1, tzinfo=UTC)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        attrs.evolve(snapshot_of(), started_at=datetime(2026, 1, 1))  # noqa: DTZ001 - the point of the test


def test_a_snapshot_can_be_pickled_and_hashed() -> None:
    gap = Gap(entity="User", reason=GapReason.FORBIDDEN, request="GET /api/v1/users")
    snapshot = snapshot_of(User(id="a", created=NOON), gaps=(gap,))
    assert pickle.loads(pickle.dumps(snapshot)) == snapshot
    assert hash(snapshot) == hash(attrs.evolve(snapshot))
