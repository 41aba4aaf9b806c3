"""Reading the System Log: the requests, the resulting rows, and resuming after an interruption."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import orjson
import pytest

import oktahound
from oktahound.entities import ApiServiceIntegration, ClientActivity, ClientAdministration, LogWindow
from oktahound.errors import AuthenticationError, ConfigurationError
from oktahound.sim import Origin, SimulatedOrg, VirtualClock
from oktahound.snapshot import GapReason

LOGS = "/api/v1/logs"
QUARTER = timedelta(days=90)
EPOCH = 1_780_000_000.0


@pytest.fixture
def org():
    return SimulatedOrg.empty(seed="usage", clock=VirtualClock(EPOCH), page_size=100)


@pytest.fixture
def vendor(org):
    scopes = ["okta.users.manage", "okta.groups.read", "okta.logs.read"]
    return org.add_api_service_integration("Vendor", type="vendor", scopes=scopes, created_by="00uAdmin").id


def collected(org, *only, usage=QUARTER, transport=None, **options):
    token = oktahound.ApiToken(org.api_token)
    transport = transport or org.transport
    with oktahound.OktaClient(org.url, token, transport=transport, clock=org.clock, retry_budget=0) as client:
        return oktahound.collect(client, only=only or None, usage=usage, **options)


def logs_asked(org):
    return [request.query for request in org.requests if request.path == LOGS]


def day(org, days_ago):
    return datetime.fromtimestamp(org.clock.time(), UTC) - timedelta(days=days_ago)


def test_the_log_is_read_only_on_request(org, vendor):
    org.add_client_behaviour(vendor, scopes=["okta.logs.read"])
    snapshot = collected(org, usage=None)
    assert logs_asked(org) == []
    assert snapshot.client_activities == ()
    assert "ClientActivity" not in snapshot.asked
    assert snapshot.options["usage"] is False


def test_rows_have_the_activity_of_a_client_for_each_day(org, vendor):
    org.add_client_behaviour(
        vendor, scopes=["okta.logs.read"], every=timedelta(hours=6), writes=["group.lifecycle.create"]
    )
    org.add_log_event(
        "app.oauth2.token.grant",
        actor=vendor,
        client_id=vendor,
        result="FAILURE",
        reason="no_matching_scope",
        days_ago=2,
        origin=Origin(address="203.0.113.7", as_number=64509, as_name="elsewhere", proxy=True),
    )
    snapshot = collected(org)
    assert snapshot.gaps == ()
    assert snapshot.options["usage"] == "P90D"
    rows = {row.id: row for row in snapshot.client_activities if row.client_id == vendor}
    assert len(rows) == 91
    row = rows[day(org, 2).date().isoformat()]
    assert [(each.scope, each.count) for each in row.scopes] == [("okta.logs.read", 4)]
    assert row.token_grants == 4
    assert [(each.name, each.count) for each in row.writes] == [("group.lifecycle.create", 4)]
    assert [(each.name, each.count) for each in row.failures] == [("no_matching_scope", 1)]
    assert [each.place for each in row.networks] == ["AS64500 vendor cloud", "AS64509 elsewhere"]
    assert row.matched_by == ("actor.id", "client.id")


def test_a_client_that_is_named_only_by_client_id_is_found(org, vendor):
    org.add_client_behaviour(
        vendor, scopes=["okta.logs.read"], every=timedelta(days=30), actor_is_client=False
    )
    rows = collected(org).client_activities
    assert {row.matched_by for row in rows} == {("client.id",)}


def test_reads_are_bounded_and_end_some_minutes_ago(org, vendor):
    collected(org)
    until = day(org, 0) - timedelta(minutes=10)
    for query in logs_asked(org):
        assert datetime.fromisoformat(query["until"]) == until.replace(microsecond=0)
        assert datetime.fromisoformat(query["since"]) == (until - QUARTER).replace(microsecond=0)
    probe, *listings = sorted(logs_asked(org), key=lambda query: int(query["limit"]))
    assert probe["limit"] == "1"
    assert {query["limit"] for query in listings} == {"1000"}
    assert f'actor.id eq "{vendor}" or client.id eq "{vendor}"' in {query["filter"] for query in listings}


def test_integrations_service_applications_and_api_tokens_have_rows(org, vendor):
    user = org.add_user("ann@example.com")
    service = org.add_app(
        "Service",
        sign_on_mode="OPENID_CONNECT",
        oauth=oktahound.sim.OAuthSettings(application_type="service"),
    )
    web = org.add_app(
        "Web", sign_on_mode="OPENID_CONNECT", oauth=oktahound.sim.OAuthSettings(application_type="web")
    )
    org.add_api_token("Script", user=user)
    (token,) = org.world["api_tokens"]
    for client in (vendor, service, web):
        org.add_client_behaviour(client, scopes=["okta.logs.read"], every=timedelta(days=10))
    org.add_client_behaviour(token, writes=["user.lifecycle.create"], every=timedelta(days=10))
    snapshot = collected(org)
    assert {row.client_id for row in snapshot.client_activities} == {vendor, service, token}
    assert not any(web in query.get("filter", "") for query in logs_asked(org))


def test_changes_to_a_deleted_client_have_rows(org, vendor):
    admin = org.add_user("ann@example.com")
    gone = org.add_api_service_integration("Gone", type="gone", scopes=["okta.logs.read"]).id
    org.add_log_event(
        "app.oauth2.client.privilege.grant",
        actor=admin,
        target=[vendor],
        days_ago=3,
        debug={"privilegeGranted": "Super"},
    )
    org.revoke_api_service_integration(gone)
    org.clock.advance(3600)
    snapshot = collected(org)
    rows = {
        (row.client_id, change.event_type): (row, change)
        for row in snapshot.client_administrations
        for change in row.changes
    }
    row, change = rows[vendor, "app.oauth2.client.privilege.grant"]
    assert (row.client_name, change.actor_id, change.actor_type, change.detail) == (
        "Vendor",
        admin,
        "User",
        "Super",
    )
    row, _ = rows[gone, "integration.api_service.lifecycle.revoke"]
    assert row.client_name == "Gone"


def test_the_window_has_the_time_of_the_oldest_event(org, vendor):
    org.world.log.retention_days = 20
    org.add_client_behaviour(vendor, scopes=["okta.logs.read"], every=timedelta(days=1))
    (window,) = collected(org).log_windows
    assert day(org, 20) <= window.oldest_event_at < day(org, 19)
    assert window.until - window.since == QUARTER


def test_an_empty_log_has_no_oldest_event(org):
    (window,) = collected(org, LogWindow).log_windows
    assert window.oldest_event_at is None


@pytest.mark.parametrize(
    "usage", [timedelta(0), timedelta(days=-1), timedelta(days=180), timedelta(days=9999)]
)
def test_an_invalid_window_is_refused_before_anything_is_sent(org, usage):
    with pytest.raises(ConfigurationError, match="usage="):
        collected(org, usage=usage)
    assert org.requests == ()


@pytest.mark.parametrize("usage", [90, "90 days", True])
def test_a_window_is_a_timedelta(org, usage):
    with pytest.raises(ConfigurationError, match="timedelta"):
        collected(org, usage=usage)


def test_a_refused_log_is_a_gap_and_the_rest_is_read(org, vendor):
    org.forbid("okta.logs.read")
    snapshot = collected(org)
    assert {gap.reason for gap in snapshot.gaps} == {GapReason.FORBIDDEN}
    assert {gap.entity for gap in snapshot.gaps} == {"LogWindow", "ClientActivity", "ClientAdministration"}
    assert [each.id for each in snapshot.api_service_integrations] == [vendor]


def test_a_log_listing_that_fails_keeps_the_earlier_days_and_leaves_a_gap(org, vendor):
    org.add_client_behaviour(vendor, scopes=["okta.logs.read"], every=timedelta(hours=1))
    whole = [row for row in collected(org).client_activities if row.client_id == vendor]
    org.fail(
        lambda request: "after" in request.url.params and vendor in request.url.params.get("filter", ""),
        status=500,
        skip=3,
        times=None,
    )
    snapshot = collected(org)
    rows = [row for row in snapshot.client_activities if row.client_id == vendor]
    assert whole[: len(rows) - 1] == rows[:-1]
    assert 0 < len(rows) < len(whole)
    (gap,) = snapshot.gaps_of(ClientActivity)
    assert (gap.parent, gap.reason, gap.rows_read) == (vendor, GapReason.SERVER, 400)


def test_invalid_events_are_gaps_up_to_a_maximum(org, vendor):
    org.add_client_behaviour(vendor, scopes=["okta.logs.read"], every=timedelta(hours=1))

    def corrupt(body: bytes) -> bytes:
        return body.replace(b'"published":"', b'"published":"not ')

    org.fail(lambda request: vendor in request.url.params.get("filter", ""), mangle=corrupt, times=1)
    snapshot = collected(org)
    gaps = snapshot.gaps_of(ClientActivity)
    assert len(gaps) == 21
    assert {gap.reason for gap in gaps} == {GapReason.RECORD}
    assert sorted(gap.where for gap in gaps if gap.where)[0] == "events[0].published"
    assert {gap.parent for gap in gaps} == {vendor}


def test_a_saved_snapshot_has_the_same_rows(org, vendor, tmp_path):
    org.add_client_behaviour(
        vendor, scopes=["okta.logs.read"], writes=["user.lifecycle.create"], every=timedelta(hours=9)
    )
    snapshot = collected(org)
    snapshot.save(tmp_path / "x.okta")
    assert oktahound.Snapshot.load(tmp_path / "x.okta") == snapshot


class Dying(httpx.BaseTransport):
    """A transport that revokes the token after a number of requests for the log of one client."""

    def __init__(self, org, client, requests):
        self.org, self.client, self.left = org, client, requests

    def handle_request(self, request):
        if self.client in request.url.params.get("filter", ""):
            self.left -= 1
            if self.left < 0:
                self.org.credentials.revoke_api_token(self.org.api_token)
        return self.org.transport.handle_request(request)


@pytest.mark.parametrize("requests", [0, 1, 3, 7])
def test_a_resumed_run_continues_after_the_last_complete_day(org, vendor, tmp_path, requests):
    org.add_client_behaviour(
        vendor, scopes=["okta.logs.read"], every=timedelta(hours=4), writes=["group.lifecycle.create"]
    )
    # The hour that passes removes nothing from the log.
    org.world.log.retention_days = 100
    whole = collected(org)
    with pytest.raises(AuthenticationError):
        collected(org, into=tmp_path / "x.okta", transport=Dying(org, vendor, requests))
    org.credentials.register_api_token(org.api_token, "00Tagain")
    org.forget_requests()
    org.clock.advance(3600)
    snapshot = collected(org, into=tmp_path / "x.okta")
    assert snapshot.client_activities == whole.client_activities
    assert snapshot.gaps == ()
    asked = [query for query in logs_asked(org) if vendor in query.get("filter", "")]
    first = datetime.fromisoformat(asked[0]["since"])
    if requests:
        # 100 events a page are the days of 8 hours and 2 events each: a page closes eight whole days and
        # more.
        assert first >= day(org, 90) + timedelta(days=8 * requests)
        assert first.time().isoformat() == "00:00:00"
    # The window ends at the same time as that of the interrupted run.
    assert len({query["until"] for query in logs_asked(org)}) == 1


def test_a_finished_listing_is_not_read_again_but_the_window_is(org, vendor, tmp_path):
    other = org.add_api_service_integration("Zeta", type="zeta", scopes=["okta.logs.read"]).id
    for client in (vendor, other):
        org.add_client_behaviour(client, scopes=["okta.logs.read"], every=timedelta(hours=12))
    whole = collected(org)
    broken = org.fail(
        lambda request: other in request.url.params.get("filter", ""), error=httpx.ConnectError, times=None
    )
    with pytest.raises(RuntimeError):
        collected(org, into=tmp_path / "x.okta", progress=stop_at_the_end)
    broken.lift()
    org.forget_requests()
    snapshot = collected(org, into=tmp_path / "x.okta")
    assert snapshot.client_activities == whole.client_activities
    filters = [query.get("filter", "") for query in logs_asked(org)]
    assert not any(vendor in text for text in filters)
    assert any(other in text for text in filters)
    assert "" in filters


def stop_at_the_end(progress):
    if progress.entity == "ClientActivity" and progress.finished:
        raise RuntimeError("stopped")


def test_another_window_is_another_collection(org, vendor, tmp_path):
    with pytest.raises(RuntimeError):
        collected(org, into=tmp_path / "x.okta", progress=stop_at_the_end)
    with pytest.raises(oktahound.errors.SnapshotError, match="usage='P90D'"):
        collected(org, into=tmp_path / "x.okta", usage=timedelta(days=30))


def test_progress_has_the_time_that_was_covered(org, vendor):
    org.add_client_behaviour(vendor, scopes=["okta.logs.read"], every=timedelta(hours=1))
    seen = []
    collected(org, ApiServiceIntegration, ClientActivity, progress=seen.append)
    reports = [each for each in seen if each.entity == "ClientActivity" and each.covered is not None]
    assert reports[-1].covered == reports[-1].to_cover
    amounts = [each.covered for each in reports]
    assert amounts == sorted(amounts)
    assert len(set(amounts)) > 10
    assert all(each.covered is None for each in seen if each.entity == "ApiServiceIntegration")


def test_only_limits_the_requests_for_the_log(org, vendor):
    snapshot = collected(org, ClientAdministration)
    assert {"ApiServiceIntegration", "Application", "ApiToken", "ClientAdministration"} <= snapshot.asked
    assert "User" not in snapshot.asked


def test_rows_of_the_log_convert_to_json_data_frames_and_arrow(org, vendor):
    org.add_client_behaviour(
        vendor, scopes=["okta.logs.read"], writes=["user.lifecycle.create"], every=timedelta(days=2)
    )
    table = collected(org).client_activities
    row = table[0].to_dict()
    assert orjson.loads(orjson.dumps(row)) == row
    assert row["scopes"] == [{"scope": "okta.logs.read", "count": 1, "last_at": row["last_event_at"]}]
    assert table.to_dataframe()["writes"][0][0]["name"] == "user.lifecycle.create"
    assert table.to_arrow()["networks"][0].as_py()[0]["as_number"] == 64500
    assert "client_activities" in repr(table)
    assert vendor in table._repr_html_()
