"""The row store of a running collection, with which endpoints choose their parents."""

from __future__ import annotations

import tracemalloc

import pytest

from oktahound import User
from oktahound.collecting.plan import make_plan
from oktahound.collecting.row_store import RowStore
from oktahound.entities import Group, GroupMembership


@pytest.fixture
def store() -> RowStore:
    return RowStore(make_plan([User, Group]))


def take(store: RowStore, cls: type, *ids: str) -> None:
    read = next(read for read in make_plan([User, Group]).reads if read.cls is cls)
    store.add_page(read, [{"id": each} for each in ids], 0, None)


def test_rows_are_sorted_by_key(store: RowStore) -> None:
    take(store, User, "00u2", "00u3", "00u1")
    assert [user.id for user in store.rows(User)] == ["00u1", "00u2", "00u3"]


def test_later_rows_are_visible_after_reading(store: RowStore) -> None:
    take(store, User, "00u2")
    assert len(store.rows(User)) == 1
    take(store, User, "00u1")
    assert [user.id for user in store.rows(User)] == ["00u1", "00u2"]


def test_reading_rows_again_needs_no_sorting(store: RowStore) -> None:
    take(store, User, "00u2", "00u1")
    seen = store.rows(User)
    take(store, Group, "00g1")
    assert store.rows(User) is seen


def test_rows_and_gaps_are_counted_for_each_entity(store: RowStore) -> None:
    take(store, User, "00u1", "")
    take(store, Group, "00g1", "00g2")
    assert (store.count(User), store.count_gaps(User), store.is_incomplete(User)) == (1, 1, True)
    assert (store.count(Group), store.count_gaps(Group), store.is_incomplete(Group)) == (2, 0, False)


def test_rows_of_a_finished_listing_have_a_small_overhead() -> None:
    plan = make_plan([GroupMembership])
    read = next(read for read in plan.reads if read.cls is GroupMembership)
    group = Group(id="00g1")

    store = RowStore(plan)
    rows = [{"id": f"00u{number}"} for number in range(3000)]
    tracemalloc.start()
    store.add_page(read, rows, 0, group)
    store.end_listing(GroupMembership, group)
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # A membership takes 56 bytes, its place in a tuple 8, and its id in the shared values about 35. A dict
    # by whole keys would take another 150.
    assert taken / 3000 < 120


def test_a_finished_listing_can_be_reopened() -> None:
    plan = make_plan([GroupMembership])
    read = next(read for read in plan.reads if read.cls is GroupMembership)
    store, group = RowStore(plan), Group(id="00g1")
    for ids in (["00u3", "00u1"], ["00u2", "00u3"]):
        store.add_page(read, [{"id": each} for each in ids], 0, group)
        store.end_listing(GroupMembership, group)
    assert [row.id for row in store.rows(GroupMembership)] == ["00u1", "00u2", "00u3"]
    assert store.count(GroupMembership) == store.total() == 3


def test_the_rows_are_taken_out_of_the_store(store: RowStore) -> None:
    take(store, User, "00u2", "00u1")
    taken = store.take()
    assert [user.id for user in taken["users"]] == ["00u1", "00u2"]
    assert taken["groups"] == ()
    assert store.total() == 0
