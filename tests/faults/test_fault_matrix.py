"""Every fault: rows that were read are kept once, missing rows have a gap, and no edge is added."""

from __future__ import annotations

from typing import Any

import pytest

from faults.cases import CASES, ERROR, GAP, LINK_CASES, READ, RETRIED, Case
from faults.runs import (
    PLACES,
    check_nothing_is_invented,
    check_whole,
    collected,
    collected_blocking,
    small_org,
)
from oktahound.errors import AuthenticationError

ALL = CASES + LINK_CASES


def ident(value: Any) -> str:
    return value.name[:60] if isinstance(value, Case) else str(value)


def places_of(case: Case) -> list[str]:
    return list(case.only or PLACES)


def run(case: Case, place: str, collect: Any) -> None:
    org, at = small_org(), PLACES[place]
    fault = case.strike(org, at)
    if case.outcome == ERROR:
        with pytest.raises(AuthenticationError):
            collect(org, **case.client)
        assert fault.hits
        return
    snapshot = collect(org, **case.client)
    assert fault.hits
    if case.outcome == GAP:
        assert case.reason in {gap.reason for gap in snapshot.gaps_of(at.cls)}
        assert not snapshot.is_whole(at.cls)
        check_nothing_is_invented(snapshot)
    else:
        assert case.outcome in {RETRIED, READ}
        check_whole(snapshot)


# A row of the docs can have many variants: all are tried on one listing, the first of each on all.
FIRST = [case for number, case in enumerate(ALL) if case.row() not in {one.row() for one in ALL[:number]}]
MATRIX = [(case, place) for case in ALL for place in places_of(case)[: None if case in FIRST else 1]]


@pytest.mark.parametrize(("case", "place"), MATRIX, ids=ident)
def test_each_fault_has_the_outcome_of_the_docs(case: Case, place: str) -> None:
    run(case, place, collected)


@pytest.mark.parametrize("case", FIRST, ids=ident)
def test_each_fault_has_the_same_outcome_for_the_blocking_client(case: Case) -> None:
    run(case, places_of(case)[0], collected_blocking)
