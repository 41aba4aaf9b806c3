"""The garbage collector is paused for a block, and its state is restored."""

from __future__ import annotations

import gc

import pytest

from oktahound.gc_control import without_gc


@pytest.fixture(autouse=True)
def collector_as_it_was():
    was_on = gc.isenabled()
    yield
    (gc.enable if was_on else gc.disable)()


@pytest.mark.parametrize("was_on", [True, False])
def test_the_state_of_the_collector_is_restored(was_on: bool) -> None:
    (gc.enable if was_on else gc.disable)()
    with without_gc():
        assert not gc.isenabled()
    assert gc.isenabled() is was_on


def test_the_state_of_the_collector_is_restored_after_an_error() -> None:
    gc.enable()
    with pytest.raises(KeyError), without_gc():
        raise KeyError
    assert gc.isenabled()
