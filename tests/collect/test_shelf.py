"""The shelf of a running collection, which endpoints look at to choose whom to ask about."""

from __future__ import annotations

import pytest

from oktahound import User
from oktahound.collecting.plan import make_plan
from oktahound.collecting.shelf import Shelf
from oktahound.entities import Group


@pytest.fixture
def shelf() -> Shelf:
    return Shelf(make_plan([User, Group]))


def take(shelf: Shelf, cls: type, *ids: str) -> None:
    read = next(read for read in make_plan([User, Group]).reads if read.cls is cls)
    shelf.take(read, [{"id": each} for each in ids], 0, None)


def test_rows_come_in_the_order_of_their_keys(shelf: Shelf) -> None:
    take(shelf, User, "00u2", "00u3", "00u1")
    assert [user.id for user in shelf.rows(User)] == ["00u1", "00u2", "00u3"]


def test_rows_that_were_looked_at_already_do_not_hide_later_ones(shelf: Shelf) -> None:
    take(shelf, User, "00u2")
    assert len(shelf.rows(User)) == 1
    take(shelf, User, "00u1")
    assert [user.id for user in shelf.rows(User)] == ["00u1", "00u2"]


def test_looking_at_rows_again_costs_no_sorting(shelf: Shelf) -> None:
    take(shelf, User, "00u2", "00u1")
    seen = shelf.rows(User)
    take(shelf, Group, "00g1")
    assert shelf.rows(User) is seen


def test_rows_and_gaps_are_counted_for_each_entity(shelf: Shelf) -> None:
    take(shelf, User, "00u1", "")
    take(shelf, Group, "00g1", "00g2")
    assert (shelf.count(User), shelf.count_gaps(User), shelf.loses(User)) == (1, 1, True)
    assert (shelf.count(Group), shelf.count_gaps(Group), shelf.loses(Group)) == (2, 0, False)
