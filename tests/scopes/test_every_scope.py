"""Every scope of the catalogue and of the vendors' lists has a result with a source."""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path

import pytest
from each_case import for_each

from oktahound.scopes import (
    Knowledge,
    Severity,
    all_powers,
    catalogue,
    knowledge_of,
    scope_reach,
    vendor_catalogue,
)
from oktahound.scopes.files import read_toml

PUBLISHED = sorted({scope for each in vendor_catalogue() for scope in each.scopes or ()})
NAMED = {power.scope for power in all_powers() if not power.is_combination}
CORPUS = os.environ.get("OKTAHOUND_CORPUS")

every_scope = for_each(catalogue().values(), name=lambda each: each.name)


@every_scope
def test_a_scope_has_a_power_or_a_reason_for_none(scope):
    assert (scope.name in NAMED) is not bool(scope.no_effect)


@every_scope
def test_a_scope_has_a_description_a_source_and_a_date(scope):
    assert scope.description
    assert scope.source.address.startswith("https://")
    assert dt.date(2026, 1, 1) <= scope.source.date <= dt.date(2026, 12, 31)
    assert bool(scope.operations) or scope.knowledge is not Knowledge.KNOWN or "." not in scope.name


@every_scope
def test_a_scope_without_operations_that_writes_is_at_least_high(scope):
    reach = scope_reach([scope.name])
    if scope.knowledge is not Knowledge.KNOWN and scope.access not in ("read", "self"):
        assert reach.severity >= Severity.HIGH
    if scope.knowledge is not Knowledge.KNOWN and scope.access == "read":
        assert reach.severity >= Severity.LOW
    if scope.knowledge is not Knowledge.KNOWN:
        assert reach.unknown == (scope.name,)
        assert reach.knowledge == {scope.name: scope.knowledge}


@for_each([each.name for each in catalogue().values() if each.access == "manage"])
def test_a_manage_scope_is_at_least_as_severe_as_its_read_scope(scope):
    read = f"{scope.removesuffix('manage')}read"
    assert scope_reach([scope]).severity >= scope_reach([read]).severity
    # Not only because it includes the read scope.
    own = max((each.severity for each in all_powers() if each.scopes == (scope,)), default=None)
    reading = max((each.severity for each in all_powers() if each.scopes == (read,)), default=Severity.INFO)
    assert catalogue()[scope].no_effect if own is None else own >= reading


@for_each(PUBLISHED)
def test_a_scope_that_a_vendor_publishes_has_a_result(scope):
    reach = scope_reach([scope])
    known = catalogue().get(scope)
    assert reach.powers or (known and known.no_effect)
    if knowledge_of(scope) is not Knowledge.KNOWN:
        assert all(power.assumption or power.condition for power in reach.powers)


@pytest.mark.skipif(not CORPUS, reason="needs the vendors' lists beside the recorded answers")
def test_all_lists_of_vendors_are_in_the_package():
    path = Path(CORPUS).parent / "field" / "vendors.json"
    lists = json.loads(path.read_text(encoding="utf-8"))["lists"]
    ours = {(each.vendor, each.product): each.scopes for each in vendor_catalogue()}
    assert ours == {
        (row["vendor"], row["product"]): tuple(sorted(row["scopes"])) if row["scopes"] else None
        for row in lists
    }


def test_no_scope_is_in_two_sources():
    documented = [name for row in read_toml("documented.toml")["sources"] for name in row["scopes"]]
    assert len(documented) == len(set(documented))
    described = [
        each.name for each in catalogue().values() if each.source.name.startswith("Okta's API descr")
    ]
    assert set(described).isdisjoint(documented)
    assert len(described) + len(documented) == len(catalogue())


def test_reasons_for_no_power_belong_to_known_scopes():
    assert set(read_toml("no_effect.toml")) == {
        each.name for each in catalogue().values() if each.no_effect is not None
    }


@pytest.mark.parametrize(
    "family",
    ["okta.governance.", "okta.accessRequests.", "okta.myAccount.", "okta.oag.", "okta.aiAgents.",
     "okta.serviceAccounts.", "okta.factors."],
)  # fmt: skip
def test_scopes_of_other_apis_are_in_the_catalogue(family):
    assert any(name.startswith(family) and name.endswith(".manage") for name in catalogue())
