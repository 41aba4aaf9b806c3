"""The rate limiter as a pure value, compared with a model of the org."""

from __future__ import annotations

import pytest
from example_counts import examples
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from oktahound.client._headers import Limits
from oktahound.client._rate_limit import PROBE, Bucket, RateLimiter, endpoint_group_of


@pytest.mark.parametrize(
    ("path", "group"),
    [
        ("/api/v1/apps", "apps"),
        ("/api/v1/apps/{id}/users", "apps"),
        ("/api/v1/apps/{appId}/credentials/secrets", "apps"),
        ("/api/v1/apps/{id}", "one app"),
        ("/api/v1/users", "users"),
        ("/api/v1/users/{id}", "one user"),
        ("/api/v1/users/{id}/factors", "one user"),
        ("/api/v1/groups", "groups"),
        ("/api/v1/groups/{id}/users", "groups"),
        ("/api/v1/groups/{id}", "one group"),
        ("/api/v1/groups/rules", "one group"),
        ("/api/v1/iam/resource-sets/{id}/bindings", "iam"),
        ("/api/v1/devices", "devices"),
        ("/api/v1/logs", "logs"),
        ("/api/v1/org", "the rest of the API"),
        ("/api/v1/agentPools", "the rest of the API"),
        ("/oauth2/v1/token", "tokens"),
        ("/oauth2/v1/clients/{id}/roles", "clients"),
        ("/integrations/api/v1/api-services/{id}/credentials/secrets", "integrations"),
        ("/governance/api/v1/grants", "/governance/api"),
    ],
)
def test_endpoints_that_share_a_limit_are_one_group(path, group):
    assert endpoint_group_of(path) == group


def seen(remaining, limit=100, reset=1000, opens_in=60.0):
    return Limits(limit, remaining, reset, opens_in)


def test_an_unknown_bucket_is_probed_with_few_requests():
    assert Bucket().free_slots(0.0) == PROBE
    assert Bucket(in_flight=PROBE).free_slots(0.0) == 0
    assert Bucket(in_flight=PROBE).wait(0.0) is None


def test_the_free_quota_is_the_remaining_one_without_requests_in_flight():
    bucket = Bucket(in_flight=3).updated(seen(10), now=0.0)
    assert bucket.free_slots(1.0) == 7
    assert Bucket(in_flight=10).updated(seen(10), now=0.0).free_slots(1.0) == 0


def test_responses_in_another_order_do_not_raise_the_limit():
    bucket = Bucket().updated(seen(5), now=0.0).updated(seen(8), now=1.0)
    assert bucket.remaining == 5


def test_a_late_response_of_an_earlier_window_is_ignored():
    bucket = Bucket().updated(seen(90, reset=1060), now=0.0)
    assert bucket.updated(seen(0, reset=1000), now=1.0) is bucket


def test_the_earliest_reset_counts():
    bucket = Bucket().updated(seen(5, opens_in=40.0), now=0.0).updated(seen(4, opens_in=40.0), now=3.0)
    assert bucket.opens_at == 40.0
    assert bucket.updated(seen(3, opens_in=30.0), now=5.0).opens_at == 35.0


def test_after_a_window_a_few_requests_probe_the_next():
    bucket = Bucket().updated(seen(0, opens_in=10.0), now=0.0)
    assert (bucket.free_slots(9.9), bucket.wait(9.0)) == (0, 1.0)
    assert (bucket.free_slots(10.0), bucket.wait(10.0)) == (PROBE, None)
    assert Bucket().updated(seen(0, limit=2, opens_in=10.0), now=0.0).free_slots(10.0) == 2


def test_after_a_429_requests_start_within_a_second_of_the_next_window():
    bucket = Bucket().updated(seen(0, opens_in=10.0), now=0.0, lead=0.7)
    assert bucket.free_slots(9.2) == 0
    assert bucket.free_slots(9.3) == PROBE
    assert bucket.updated(seen(0, opens_in=9.0), now=1.0, lead=0.9).lead == 0.7
    assert bucket.updated(seen(50, reset=1060), now=11.0).lead == 0.0


def test_a_changed_limit_starts_a_new_bucket():
    bucket = Bucket(in_flight=2).updated(seen(5, limit=10), now=0.0).updated(seen(90, limit=100), now=0.0)
    assert (bucket.limit, bucket.remaining, bucket.in_flight) == (100, 90, 2)


def test_without_headers_the_concurrency_grows_up_to_its_limit():
    limiter = RateLimiter(concurrency=20)
    for position in range(400):
        limiter.join("GET", "/api/v1/org", position)
    in_flight = limiter.grant(0.0)
    most = [len(in_flight)]
    while in_flight:
        limiter.leave(in_flight.pop(0), None, 0.0, answered=True)
        in_flight += limiter.grant(0.0)
        most.append(len(in_flight))
    assert most[0] == PROBE
    assert max(most) == 20
    assert most.index(20) > 100


def test_a_request_without_a_response_changes_nothing():
    limiter = RateLimiter(concurrency=50)
    for position in range(10):
        limiter.join("GET", "/api/v1/org", position)
    granted = limiter.grant(0.0)
    limiter.leave(granted[0], None, 0.0, answered=False)
    assert len(limiter.grant(0.0)) == 1


def test_an_error_page_without_headers_keeps_the_known_limits():
    limiter = RateLimiter(concurrency=50)
    limiter.join("GET", "/api/v1/org", 1)
    (one,) = limiter.grant(0.0)
    limiter.leave(one, seen(0), 0.0, answered=True)
    late = limiter.join("GET", "/api/v1/org", 2)
    assert limiter.grant(1.0) == []
    assert limiter.wait(late, 1.0) == 59.0
    assert limiter.grant(61.0) == [late]
    limiter.leave(late, None, 61.0, answered=True)
    for position in range(20):
        limiter.join("GET", "/api/v1/org", position)
    assert len(limiter.grant(62.0)) == PROBE


def test_only_the_first_waiting_request_is_woken():
    limiter = RateLimiter(concurrency=5)
    limiter.join("GET", "/api/v1/org", 1)
    (one,) = limiter.grant(0.0)
    limiter.leave(one, seen(0), 0.0, answered=True)
    first, second = limiter.join("GET", "/api/v1/org", 1), limiter.join("GET", "/api/v1/org", 2)
    assert limiter.grant(0.0) == []
    assert limiter.wait(first, 0.0) == 60.0
    assert limiter.wait(second, 0.0) is None
    assert limiter.heads() == [first]
    limiter.cancel(first, 0.0)
    assert limiter.heads() == [second]


def test_a_cancelled_request_releases_its_slot():
    limiter = RateLimiter(concurrency=1)
    first, second = limiter.join("GET", "/api/v1/org", 1), limiter.join("GET", "/api/v1/org", 2)
    assert limiter.grant(0.0) == [first]
    limiter.cancel(first, 0.0)
    assert limiter.in_flight == 0
    assert limiter.grant(0.0) == [second]


class Org(RuleBasedStateMachine):
    """A state machine of an org with windows, responses in any order, and another client of its limits."""

    GATE = 6

    def __init__(self) -> None:
        super().__init__()
        self.limiter = RateLimiter(self.GATE)
        self.now = 0.0
        self.position = 0
        self.limit = 0
        self.window_end, self.used = 0.0, 0
        self.other_clients = False
        self.waiting: list = []
        self.under_way: list = []  # (ticket, the response of the org, or None if it is lost)
        self.refused = 0

    @rule(limit=st.integers(1, 12))
    @precondition(lambda self: not self.limit)
    def found(self, limit: int) -> None:
        self.limit = limit

    def spend(self) -> Limits:
        if self.now >= self.window_end:
            self.window_end, self.used = self.now + 60.0, 0
        self.used += 1
        refused = self.used > self.limit
        self.refused += refused
        remaining = 0 if refused else self.limit - self.used
        return Limits(self.limit, remaining, int(self.window_end * 1000), self.window_end - self.now + 1.0)

    @rule(path=st.sampled_from(["/api/v1/apps", "/api/v1/apps/{id}/users"]), many=st.integers(1, 8))
    @precondition(lambda self: self.limit)
    def ask(self, path: str, many: int) -> None:
        for _ in range(many):
            self.position += 1
            self.waiting.append(self.limiter.join("GET", path, self.position))

    @rule()
    @precondition(lambda self: self.waiting)
    def go(self) -> None:
        granted = self.limiter.grant(self.now)
        for ticket in granted:
            elders = [
                t for t in self.waiting if t.endpoint is ticket.endpoint and not t.granted and not t.cancelled
            ]
            assert all(ticket.position < elder.position for elder in elders), (
                "a request was sent before an earlier one"
            )
            self.under_way.append((ticket, self.spend()))
        self.waiting = [ticket for ticket in self.waiting if not ticket.granted]

    @rule(data=st.data(), lost=st.booleans())
    @precondition(lambda self: self.under_way)
    def answer(self, data, lost: bool) -> None:
        place = data.draw(st.integers(0, len(self.under_way) - 1))
        ticket, limits = self.under_way.pop(place)
        self.limiter.leave(ticket, None if lost else limits, self.now, answered=not lost)

    @rule(data=st.data())
    @precondition(lambda self: self.waiting)
    def give_up(self, data) -> None:
        ticket = self.waiting.pop(data.draw(st.integers(0, len(self.waiting) - 1)))
        self.limiter.cancel(ticket, self.now)

    @rule(seconds=st.floats(0.01, 90.0))
    def pass_time(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    @precondition(lambda self: self.limit)
    def other_client(self) -> None:
        self.other_clients = True
        self.spend()

    @invariant()
    def concurrency_is_limited(self) -> None:
        assert self.limiter.in_flight == len(self.under_way) <= self.GATE
        assert sum(bucket.in_flight for bucket in self.limiter._buckets.values()) == len(self.under_way)

    @invariant()
    def no_request_is_sent_into_an_exhausted_window(self) -> None:
        for bucket in self.limiter._buckets.values():
            if bucket.limit is not None and bucket.remaining == 0 and self.now < bucket.opens_at:
                assert bucket.free_slots(self.now) <= 0

    @invariant()
    def no_request_waits_without_a_reason(self) -> None:
        if self.waiting and not self.under_way:
            if not self.limiter.grant(self.now):
                assert any(self.limiter.wait(head, self.now) for head in self.limiter.heads())
            else:
                self.under_way = [(t, self.spend()) for t in self.waiting if t.granted]
                self.waiting = [t for t in self.waiting if not t.granted]


Org.TestCase.settings = examples(10, stateful_step_count=40)
TestAnOrgOfAnyTemper = Org.TestCase
