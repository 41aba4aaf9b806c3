"""A saved snapshot with changed bytes is either equal to the original, or refused with a SnapshotError."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from example_counts import examples
from hypothesis import given
from hypothesis import strategies as st

import oktahound
from oktahound import ApiToken, OktaClient, Snapshot
from oktahound.errors import SnapshotError
from oktahound.sim import SimulatedOrg


def collected() -> Snapshot:
    org = SimulatedOrg(seed=5, users=12)
    with OktaClient(org.url, ApiToken(org.api_token), transport=org.transport) as client:
        return oktahound.collect(client)


def files_of(snapshot: Snapshot) -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as kept:
        snapshot.save(Path(kept) / "contoso.okta")
        return {path.name: path.read_bytes() for path in sorted((Path(kept) / "contoso.okta").iterdir())}


WHOLE = collected()
FILES = files_of(WHOLE)


@st.composite
def mutations(draw: st.DrawFn) -> tuple[str, bytes]:
    """Generate a file and its changed bytes: some replaced, removed or added, or the end cut off."""
    name = draw(st.sampled_from(sorted(FILES)))
    content = FILES[name]
    start = draw(st.integers(0, len(content)))
    end = draw(st.one_of(st.integers(start, min(start + 4, len(content))), st.just(len(content))))
    return name, content[:start] + draw(st.binary(max_size=4)) + content[end:]


@given(st.lists(mutations(), min_size=1, max_size=2))
@examples(40)
def test_a_damaged_snapshot_is_equal_or_refused(damages: list[tuple[str, bytes]]) -> None:
    with tempfile.TemporaryDirectory() as kept:
        for name, content in {**FILES, **dict(damages)}.items():
            (Path(kept) / name).write_bytes(content)
        try:
            loaded = Snapshot.load(kept)
        except SnapshotError:
            return
        assert loaded == WHOLE


@given(st.sampled_from(sorted(FILES)))
def test_a_snapshot_without_one_of_its_files_is_refused(name: str) -> None:
    with tempfile.TemporaryDirectory() as kept:
        for other, content in FILES.items():
            if other != name:
                (Path(kept) / other).write_bytes(content)
        with pytest.raises(SnapshotError, match=r"\w"):
            Snapshot.load(kept)
