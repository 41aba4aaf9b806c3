"""Every fault: rows that were read are kept once, missing rows have a gap, and no edge is added."""

from __future__ import annotations

from typing import Any

import pytest
from each_case import for_each

from faults.cases import CASES, ERROR, GAP, LINK_CASES, READ, RETRIED, Case
from faults.runs import (
    PLACES,
    Only,
    check_nothing_is_invented,
    check_whole,
    collected,
    collected_blocking,
    edges_of_whole,
    entities_with_rows,
    small_org,
    whole,
)
from oktahound.errors import AuthenticationError

ALL = CASES + LINK_CASES


def ident(value: Any) -> str:
    return value.name[:60] if isinstance(value, Case) else str(value)


def places_of(case: Case) -> list[str]:
    return list(case.only or PLACES)


def run(case: Case, place: str, collect: Any, only: Only = None) -> None:
    org, at = small_org(), PLACES[place]
    fault = case.inject(org, at)
    if case.outcome == ERROR:
        with pytest.raises(AuthenticationError):
            collect(org, only=only, **case.client)
        assert fault.hits
        return
    snapshot = collect(org, only=only, **case.client)
    assert fault.hits
    if case.outcome == GAP:
        assert case.reason in {gap.reason for gap in snapshot.gaps_of(at.cls)}
        assert not snapshot.is_whole(at.cls)
        check_nothing_is_invented(snapshot, whole(only), edges_of_whole(only))
    else:
        assert case.outcome in {RETRIED, READ}
        check_whole(snapshot, only)


# A row of the docs can have many variants. The first of each is tried on all listings. The others are
# responses that the client must treat alike, so that they are tried on one listing, collected alone.
FIRST = [case for number, case in enumerate(ALL) if case.row() not in {one.row() for one in ALL[:number]}]
VARIANTS = [case for case in ALL if case not in FIRST]


@pytest.mark.parametrize("case", FIRST, ids=ident)
def test_each_fault_has_the_outcome_of_the_docs(case: Case) -> None:
    first, *others = places_of(case)
    run(case, first, collected)
    for place in others:
        run(case, place, collected, entities_with_rows())


@for_each(VARIANTS, name=ident)
def test_each_variant_of_a_fault_has_the_same_outcome(case: Case) -> None:
    place = places_of(case)[0]
    run(case, place, collected, (PLACES[place].cls,))


@for_each(FIRST, name=ident)
def test_each_fault_has_the_same_outcome_for_the_blocking_client(case: Case) -> None:
    place = places_of(case)[0]
    run(case, place, collected_blocking, (PLACES[place].cls,))
