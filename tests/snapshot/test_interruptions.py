"""The snapshot of an interrupted collection contains the times of interruptions, also when saved."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import attrs
import orjson
import pytest
from handwritten.orgs import snapshot_of

from oktahound import Snapshot, User
from oktahound.errors import SnapshotError
from oktahound.snapshot import Interruption

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
ONE = Interruption(stopped_at=NOON, resumed_at=NOON + timedelta(hours=3))
TWO = Interruption(stopped_at=NOON + timedelta(hours=4), resumed_at=NOON + timedelta(days=1))
STRAIGHT = snapshot_of(User(id="00u1"))
RESUMED = attrs.evolve(STRAIGHT, started_at=NOON - timedelta(hours=1), interruptions=(ONE, TWO))


def test_an_uninterrupted_snapshot_has_no_interruptions(tmp_path: Path) -> None:
    assert STRAIGHT.interruptions == ()
    assert "interrupted" not in repr(STRAIGHT) + STRAIGHT._repr_html_()
    STRAIGHT.save(tmp_path / "org.okta")
    assert b"interruptions" not in (tmp_path / "org.okta" / "manifest.json").read_bytes()


def test_interruptions_are_saved_and_loaded(tmp_path: Path) -> None:
    RESUMED.save(tmp_path / "org.okta")
    loaded = Snapshot.load(tmp_path / "org.okta")
    assert loaded == RESUMED
    assert loaded.interruptions == (ONE, TWO)
    saved = orjson.loads((tmp_path / "org.okta" / "manifest.json").read_bytes())["snapshot"]
    assert saved["interruptions"][0] == {
        "stoppedAt": "2026-01-15T12:00:00+00:00",
        "resumedAt": "2026-01-15T15:00:00+00:00",
    }


@pytest.mark.parametrize(
    "nonsense",
    [
        "yesterday",
        ["yesterday"],
        [{}],
        [{"stoppedAt": "2026-01-15T12:00:00+00:00"}],
        [{"stoppedAt": "2026-01-15T12:00:00", "resumedAt": "2026-01-15T15:00:00+00:00"}],
        [{"stoppedAt": 0, "resumedAt": "2026-01-15T15:00:00+00:00"}],
        [{"stoppedAt": "2026-01-15T12:00:00+00:00", "resumedAt": "2026-01-15T15:00:00+00:00", "more": 1}],
    ],
)
def test_invalid_interruptions_are_refused(tmp_path: Path, nonsense: object) -> None:
    RESUMED.save(tmp_path / "org.okta")
    path = tmp_path / "org.okta" / "manifest.json"
    content = orjson.loads(path.read_bytes())["snapshot"] | {"interruptions": nonsense}
    digest = hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()
    path.write_bytes(orjson.dumps({"digest": digest, "snapshot": content}))
    with pytest.raises(SnapshotError, match=r"manifest\.json is damaged"):
        Snapshot.load(tmp_path / "org.okta")


def test_interruptions_count_in_comparisons() -> None:
    assert attrs.evolve(RESUMED, interruptions=(ONE,)) != RESUMED
    assert hash(attrs.evolve(RESUMED)) == hash(RESUMED)


def test_a_time_of_another_zone_is_the_same_time() -> None:
    east = timezone(timedelta(hours=9))
    assert (
        Interruption(stopped_at=ONE.stopped_at.astimezone(east), resumed_at=ONE.resumed_at.astimezone(east))
        == ONE
    )


@pytest.mark.parametrize("show", [repr, Snapshot._repr_html_], ids=["text", "HTML"])
def test_the_display_has_the_age_of_restored_rows(show: object) -> None:
    assert callable(show)
    assert (
        "interrupted 2 times: a part was read between 2026-01-15T11:00:00.000Z and 2026-01-15T16:00:00.000Z, "
        "the rest from 2026-01-16T12:00:00.000Z on" in show(RESUMED)
    )
    assert "interrupted once" in show(attrs.evolve(RESUMED, interruptions=(ONE,)))
