"""The activity of one client, aggregated by day: against an oracle, and laws of the aggregation."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oktahound.sim import Behaviour
from oktahound.system_log import ActivityFold, LogRange, RecentIds
from oktahound.system_log.activity import MAX_NAMES, MAX_NETWORKS
from tests.system_log.events import CLIENT, TOKEN_TYPE, comparable, event, logs, oracle


def folded(*pages: list[Any], **options: Any) -> list[dict[str, Any]]:
    fold = ActivityFold([CLIENT], **options)
    for page in pages:
        assert fold.add(page) == []
    return fold.rows()


@given(logs())
def test_the_rows_equal_those_of_the_oracle(events):
    assert comparable(folded(events)) == comparable(oracle(events))


@given(logs(), st.randoms(use_true_random=False), st.integers(1, 7))
def test_order_pages_and_repetition_do_not_change_the_rows(events, random, size):
    shuffled = [*events, *random.sample(events, random.randint(0, len(events)))]
    random.shuffle(shuffled)
    pages = [shuffled[start : start + size] for start in range(0, len(shuffled), size)]
    assert folded(*pages) == folded(events)


@given(logs())
def test_rows_before_and_from_a_day_are_all_rows(events):
    fold = ActivityFold([CLIENT])
    fold.add(events)
    assert [*fold.rows(before_day="2026-01-02"), *fold.rows("2026-01-02")] == fold.rows()


@given(st.permutations(range(3 * MAX_NETWORKS)))
def test_the_limit_on_networks_keeps_the_same_ones_in_any_order_and_counts_the_rest(order):
    events = [
        event(f"u{number}", "2026-01-01T00:00:00.000Z", network=(f"10.0.0.{number:03}", None, None, False))
        for number in order
    ]
    (row,) = folded(events)
    assert [each["address"] for each in row["networks"]] == [f"10.0.0.{n:03}" for n in range(MAX_NETWORKS)]
    assert (row["events"], row["networksLeftOut"]) == (3 * MAX_NETWORKS, 2 * MAX_NETWORKS)


def test_scopes_that_change_their_order_all_the_time_are_counted_one_by_one():
    scopes = [f"okta.s{number}.read" for number in range(200)]
    events = [
        event(f"u{n}", "2026-01-01T00:00:00.000Z", scopes=", ".join(scopes[n:] + scopes[:n]))
        for n in range(200)
    ]
    (row,) = folded(events)
    assert {each["scope"]: each["count"] for each in row["scopes"]} == dict.fromkeys(scopes, 200)
    assert row["tokenGrants"] == 200
    assert row["scopesLeftOut"] == 0


def test_one_request_that_leaves_two_events_counts_as_one_token():
    events = [
        event("u1", "2026-01-01T00:00:00.000Z", "app.oauth2.token.grant", scopes="okta.users.read"),
        event("u2", "2026-01-01T00:00:00.000Z", TOKEN_TYPE, scopes="okta.users.read"),
    ]
    (row,) = folded(events)
    assert row["tokenGrants"] == 1
    assert [(each["scope"], each["count"]) for each in row["scopes"]] == [("okta.users.read", 1)]


def test_an_api_token_is_known_by_the_transaction():
    mine = event(
        "u1", "2026-01-01T00:00:00.000Z", "user.lifecycle.create", detail={"requestApiTokenId": "00T1"}
    )
    other = event(
        "u2", "2026-01-01T00:00:00.000Z", "user.lifecycle.create", detail={"requestApiTokenId": "00T2"}
    )
    fold = ActivityFold(["00T1"], api_token=True)
    fold.add([mine, other])
    (row,) = fold.rows()
    assert row["matchedBy"] == ["transaction.detail.requestApiTokenId"]
    assert [each["name"] for each in row["writes"]] == ["user.lifecycle.create"]


def test_events_outside_the_window_are_ignored():
    until = datetime(2026, 1, 3, tzinfo=UTC)
    bounds = LogRange(until - timedelta(days=1), until)
    times = (
        "2026-01-01T23:59:59.999Z",
        "2026-01-02T00:00:00.000Z",
        "2026-01-02T23:59:59.999Z",
        "2026-01-03T00:00:00.000Z",
    )
    (row,) = folded([event(f"u{n}", time) for n, time in enumerate(times)], bounds=bounds)
    assert (row["id"], row["events"]) == ("2026-01-02", 2)


def change(path: str, value: Any) -> dict[str, Any]:
    """Return an event with one member changed, or removed if the value is `...`."""
    made = event("u1", "2026-01-01T00:00:00.000Z", scopes="okta.users.read")
    *outer, last = path.split(".")
    held = made
    for step in outer:
        held = held[step]
    if value is ...:
        del held[last]
    else:
        held[last] = value
    return made


@pytest.mark.parametrize(
    ("broken", "path"),
    [
        (None, ""),
        ([], ""),
        ("event", ""),
        (change("uuid", ...), "uuid"),
        (change("uuid", 5), "uuid"),
        (change("uuid", ["u1"]), "uuid"),
        (change("uuid", ""), "uuid"),
        (change("published", ...), "published"),
        (change("published", None), "published"),
        (change("published", "yesterday"), "published"),
        (change("published", "2026-13-01T00:00:00.000Z"), "published"),
        (change("published", "2026-01-01T00:00:00.000"), "published"),
        (change("eventType", {}), "eventType"),
    ],
)
def test_an_invalid_event_is_reported_and_the_others_count(broken, path):
    fold = ActivityFold([CLIENT])
    (problem,) = fold.add(
        [event("u0", "2026-01-01T00:00:00.000Z"), broken, event("u2", "2026-01-01T01:00:00.000Z")]
    )
    assert (problem.event, problem.path, problem.fatal) == (1, path, True)
    assert [row["events"] for row in fold.rows()] == [2]


@pytest.mark.parametrize(
    ("broken", "paths"),
    [
        (change("securityContext", None), []),
        (change("securityContext", ...), []),
        (change("client.ipAddress", ...), []),
        (change("debugContext", None), []),
        (change("transaction", ...), []),
        (change("outcome", None), []),
        (change("client.ipAddress", 7), ["client.ipAddress"]),
        (change("securityContext", "AS1"), ["securityContext"]),
        (change("securityContext.asNumber", "64500"), ["securityContext.asNumber"]),
        (change("securityContext.asNumber", True), ["securityContext.asNumber"]),
        (change("securityContext.isProxy", "no"), ["securityContext.isProxy"]),
        (
            change("debugContext.debugData.grantedScopes", ["okta.users.read"]),
            ["debugContext.debugData.grantedScopes"],
        ),
        (change("outcome.result", []), ["outcome.result"]),
        (change("client", "0oaVendor"), ["client"]),
    ],
)
def test_an_event_counts_without_its_invalid_parts(broken, paths):
    fold = ActivityFold([CLIENT])
    problems = fold.add([broken])
    assert [(problem.path, problem.fatal) for problem in problems] == [(path, False) for path in paths]
    assert [row["events"] for row in fold.rows()] == [1]


@pytest.mark.parametrize(
    "time", ["2026-01-01T19:00:00-05:00", "2026-01-02T00:00:00Z", "2026-01-02T00:00:00.000+00:00"]
)
def test_a_time_in_another_form_counts_for_its_day_in_utc(time):
    (row,) = folded([event("u1", time)])
    assert (row["id"], row["lastEventAt"]) == ("2026-01-02", "2026-01-02T00:00:00.000Z")


def test_recent_ids_keep_at_least_their_size_and_at_most_twice_that():
    ids = RecentIds(100)
    for number in range(10_000):
        assert ids.add(f"u{number}")
        assert len(ids) < 200
        assert not ids.add(f"u{max(0, number - 99)}")


def size_of(thing: Any, seen: set[int] | None = None) -> int:
    """Return the size of an object and all objects that it contains, in bytes."""
    seen = set() if seen is None else seen
    if id(thing) in seen:
        return 0
    seen.add(id(thing))
    total = sys.getsizeof(thing)
    if isinstance(thing, dict):
        parts = [*thing.keys(), *thing.values()]
    elif isinstance(thing, list | tuple | set | frozenset):
        parts = list(thing)
    else:
        names = [name for cls in type(thing).__mro__ for name in getattr(cls, "__slots__", ())]
        parts = (
            [vars(thing)] if hasattr(thing, "__dict__") else [getattr(thing, name, None) for name in names]
        )
    return total + sum(size_of(part, seen) for part in parts)


def test_the_memory_of_a_fold_does_not_grow_with_the_number_of_events():
    """Fold 60,000 events of one client in 30 days, each from another network and with another reason."""
    fold = ActivityFold([CLIENT])
    template = event("", "", scopes="okta.users.read")
    start = datetime(2026, 1, 1, tzinfo=UTC)
    stamps = [
        (start + timedelta(seconds=2592 * n)).isoformat(timespec="milliseconds")[:23] + "Z"
        for n in range(1000)
    ]
    held = []  # 667 reasons and 2,000 networks a day are more than a row holds
    for number in range(60_000):
        network = {"ipAddress": f"2001:db8::{number:x}", "id": CLIENT}
        kind = "user.lifecycle.create" if number % 3 else TOKEN_TYPE
        outcome = (
            {"result": "FAILURE", "reason": f"reason {number}"} if number % 3 == 0 else template["outcome"]
        )
        changed = {
            "uuid": f"u{number}",
            "published": stamps[number // 60],
            "client": network,
            "outcome": outcome,
        }
        fold.add([template | changed | {"eventType": kind}])
        if number + 1 in (6_000, 60_000):
            held.append(size_of(fold))
    early, late = held
    rows = fold.rows()
    assert sum(row["events"] for row in rows) == 60_000
    assert len(rows) == 30
    assert all(len(row["networks"]) <= MAX_NETWORKS and len(row["failures"]) <= MAX_NAMES for row in rows)
    # The first tenth of the events is in the first three days. Later days do not need more memory each.
    assert late / 30 <= early / 3
    assert late < 30 * 2**20


def test_the_events_of_a_generated_client_are_all_counted():
    behaviour = Behaviour(
        client=CLIENT, name="Vendor", begins=1_767_225_600_000, every=60_000, scopes=("okta.users.read",)
    )
    entries = behaviour.entries(behaviour.begins, behaviour.begins + 2 * 86_400_000)
    rows = folded([entry.event for entry in islice(entries, 5000)])
    assert [(row["id"], row["tokenGrants"]) for row in rows] == [("2026-01-01", 1440), ("2026-01-02", 1440)]
