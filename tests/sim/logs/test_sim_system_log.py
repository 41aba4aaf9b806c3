"""``GET /api/v1/logs`` of the simulated org: bounds, paging, polling, retention, and what is in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from oktahound.sim import Origin, RateLimits, SimulatedOrg

LOGS = "/api/v1/logs"


def ago(clock, **span):
    return (datetime.fromtimestamp(clock.time(), UTC) - timedelta(**span)).isoformat()


@pytest.fixture
def empty_org(clock):
    """Return an org with an empty log."""
    return SimulatedOrg.empty(seed="log", clock=clock)


@pytest.fixture
def vendor(empty_org):
    return empty_org.add_api_service_integration(
        "Vendor", type="vendor", scopes=["okta.users.read", "okta.logs.read"]
    ).id


def published(rows):
    return [row["published"] for row in rows]


@pytest.mark.parametrize("limit", [1, 7, 1000])
def test_a_bounded_read_gives_every_event_once_in_order(empty_org, vendor, clock, client, read_all, limit):
    empty_org.add_client_behaviour(vendor, scopes=["okta.users.read"], writes=["user.lifecycle.create"])
    empty_org.add_client_behaviour(vendor, every=timedelta(hours=1), writes=["group.lifecycle.create"])
    bounds = {"since": ago(clock, days=1), "until": ago(clock, minutes=5)}
    rows = read_all(client(empty_org), LOGS, limit=limit, **bounds)
    # Hourly from the start of the window up to five minutes ago: 24 moments with three events each.
    assert len(rows) == len({row["uuid"] for row in rows}) == 72
    assert published(rows) == sorted(published(rows))
    assert bounds["since"] <= published(rows)[0].replace("Z", "+00:00")
    newest_first = read_all(client(empty_org), LOGS, limit=limit, sortOrder="DESCENDING", **bounds)
    assert newest_first == rows[::-1]


def test_reading_the_same_time_again_gives_the_same_events_later(empty_org, vendor, clock, client, read_all):
    empty_org.add_client_behaviour(vendor, scopes=["okta.users.read"])
    bounds = {"since": ago(clock, days=3), "until": ago(clock, days=1)}
    before = read_all(client(empty_org), LOGS, limit=1000, **bounds)
    clock.advance(7 * 86_400)
    assert read_all(client(empty_org), LOGS, limit=1000, **bounds) == before


def test_polling_never_ends_and_returns_new_events(empty_org, vendor, clock, client):
    http = client(empty_org)
    answer = http.get(LOGS, params={"since": ago(clock, days=1), "filter": 'eventType sw "group."'})
    assert answer.json() == []
    uuid = empty_org.add_log_event("group.lifecycle.create", actor=vendor)
    answer = http.get(answer.links["next"]["url"])
    assert [row["uuid"] for row in answer.json()] == [uuid]
    answer = http.get(answer.links["next"]["url"])
    assert answer.json() == []
    # A late event comes last, because polling is ordered by the time at which events are stored.
    late = empty_org.add_log_event(
        "group.lifecycle.delete", actor=vendor, days_ago=0.5, late=timedelta(hours=12)
    )
    answer = http.get(answer.links["next"]["url"])
    assert [row["uuid"] for row in answer.json()] == [late]


def test_a_bounded_read_misses_late_events(empty_org, vendor, clock, client, read_all):
    empty_org.add_log_event(
        "group.lifecycle.create", actor=vendor, days_ago=1 / 1440, late=timedelta(minutes=3)
    )
    bounds = {"since": ago(clock, days=1), "until": ago(clock, minutes=0), "filter": 'eventType sw "group."'}
    assert read_all(client(empty_org), LOGS, **bounds) == []
    clock.advance(180)
    assert len(read_all(client(empty_org), LOGS, **bounds)) == 1


def test_events_older_than_the_retention_are_omitted_without_an_error(
    empty_org, vendor, clock, client, read_all
):
    empty_org.add_log_event("group.lifecycle.create", actor=vendor, days_ago=91)
    empty_org.add_log_event("group.lifecycle.delete", actor=vendor, days_ago=29)
    bounds = {
        "since": ago(clock, days=120),
        "until": ago(clock, minutes=5),
        "filter": 'eventType sw "group."',
    }
    rows = read_all(client(empty_org), LOGS, **bounds)
    assert [row["eventType"] for row in rows] == ["group.lifecycle.delete"]
    empty_org.world.log.retention_days = 20
    assert read_all(client(empty_org), LOGS, **bounds) == []


@pytest.mark.parametrize(
    ("query", "about"),
    [
        ({"limit": "1001"}, "limit"),
        ({"limit": "-1"}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"since": "yesterday"}, "since"),
        ({"until": "tomorrow"}, "until"),
        ({"sortOrder": "SIDEWAYS"}, "sortOrder"),
        ({"q": "a b c d e f g h i j k"}, "q"),
        ({"q": "x" * 41}, "q"),
    ],
)
def test_an_invalid_parameter_is_named(empty_org, client, query, about):
    answer = client(empty_org).get(LOGS, params=query)
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "E0000001")
    assert answer.json()["errorCauses"][0]["errorSummary"].startswith(f"{about}: ")


def test_impossible_bounds_are_refused(empty_org, clock, client):
    http = client(empty_org)
    assert http.get(LOGS, params={"since": ago(clock, days=181)}).status_code == 400
    assert (
        http.get(LOGS, params={"since": ago(clock, days=1), "until": ago(clock, days=2)}).status_code == 400
    )
    unreadable = http.get(LOGS, params={"filter": "eventType"})
    assert (unreadable.status_code, unreadable.json()["errorCode"]) == (400, "E0000031")


def test_a_cursor_is_valid_for_its_own_listing_only(empty_org, vendor, clock, client):
    empty_org.add_client_behaviour(vendor, scopes=["okta.users.read"])
    http = client(empty_org)
    answer = http.get(LOGS, params={"since": ago(clock, days=1), "limit": 1})
    other = http.get(
        LOGS, params={"since": ago(clock, days=2), "after": answer.links["next"]["url"].split("after=")[1]}
    )
    assert other.status_code == 400
    assert http.get(LOGS, params={"after": "nonsense"}).status_code == 400


def test_a_query_finds_events_with_all_its_words_in_any_field(empty_org, vendor, client):
    empty_org.add_log_event(
        "group.lifecycle.create", actor=vendor, origin=Origin(address="192.0.2.99", as_name="Quiet Isp")
    )
    found = client(empty_org).get(LOGS, params={"q": "quiet 192.0.2.99"}).json()
    assert [row["eventType"] for row in found] == ["group.lifecycle.create"]
    assert client(empty_org).get(LOGS, params={"q": "quiet 192.0.2.98"}).json() == []


def test_the_log_has_a_rate_limit_of_its_own(clock, client):
    org = SimulatedOrg.empty(clock=clock, rate_limits=RateLimits(logs=2))
    http = client(org)
    assert [http.get(LOGS).status_code for _ in range(3)] == [200, 200, 429]
    assert http.get("/api/v1/api-tokens").status_code == 200


def test_the_log_needs_its_scope(org, oauth, anonymous):
    token = oauth.token(anonymous, "okta.users.read")
    assert oauth.get(anonymous, LOGS, token).status_code == 403


def test_a_token_request_is_in_the_log_with_the_scopes_that_it_got(org, oauth, anonymous, client):
    oauth.token(anonymous, "okta.users.read okta.nothing.read")
    oauth.ask(anonymous, "okta.nothing.read")
    query = {"filter": f'actor.id eq "{oauth.app.client_id}"', "q": "client_credentials"}
    rows = client(org).get(LOGS, params=query).json()
    outcomes = {
        row["eventType"]: (row["outcome"]["result"], row["debugContext"]["debugData"]) for row in rows
    }
    result, debug = outcomes["app.oauth2.token.grant.access_token"]
    assert result == "SUCCESS"
    assert (debug["requestedScopes"], debug["grantedScopes"]) == (
        "okta.users.read, okta.nothing.read",
        "okta.users.read",
    )
    result, debug = outcomes["app.oauth2.token.grant"]
    assert result == "FAILURE"
    assert "grantedScopes" not in debug
    assert org.world.secrets
    assert not any(secret in str(rows) for secret in org.world.secrets)


def test_actions_of_admins_on_integrations_are_in_the_log(empty_org, clock, client):
    user = empty_org.add_user("ann@example.com")
    made = empty_org.add_api_service_integration(
        "V", type="v", scopes=["okta.logs.read"], created_by=user, created_at=ago(clock, days=1)
    )
    empty_org.add_integration_secret(made.id)
    clock.advance(1)
    empty_org.revoke_api_service_integration(made.id)
    rows = client(empty_org).get(LOGS, params={"filter": f'target.id eq "{made.id}"'}).json()
    assert [row["eventType"] for row in rows] == [
        "integration.api_service.lifecycle.authorize",
        "app.oauth2.credentials.lifecycle.create",
        "integration.api_service.lifecycle.revoke",
    ]
    assert (rows[0]["actor"]["id"], rows[0]["actor"]["alternateId"]) == (user, "ann@example.com")


def test_a_generated_org_has_a_client_for_every_state(org, clock, client, read_all):
    rows = read_all(client(org), LOGS, since=ago(clock, days=90), until=ago(clock, minutes=5), limit=1000)
    types = {row["eventType"] for row in rows}
    assert {
        "app.oauth2.token.grant.access_token",
        "app.oauth2.token.grant",
        "app.oauth2.client.privilege.grant",
        "app.oauth2.client.read_client_secret",
        "user.lifecycle.deactivate",
        "user.lifecycle.create",
        "group.user_membership.add",
    } <= types
    dormant = next(
        row["id"] for row in org.world["api_services"].documents() if row["name"] == "Tailspin Log Archive"
    )
    assert dormant not in {row["actor"]["id"] for row in rows}
    assert dormant not in {row["client"]["id"] for row in rows}
