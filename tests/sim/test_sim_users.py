"""Finding users: users that the plain listing omits, and filters."""

from __future__ import annotations

import pytest

from oktahound.sim import SimulatedOrg


@pytest.fixture
def staff(clock):
    org = SimulatedOrg.empty(clock=clock)
    org.add_user("ann.smith@contoso.com")
    org.add_user("bob.jones@contoso.com", status="SUSPENDED")
    org.add_user("cyd.adams@contoso.com", status="DEPROVISIONED")
    org.add_user("dan.annan@contoso.com", status="STAGED", last_login_days_ago=None)
    return org


def logins(answer):
    assert answer.status_code == 200, answer.text
    return [user["profile"]["login"].partition(".")[0] for user in answer.json()]


def test_the_plain_listing_omits_deprovisioned_users(staff, client):
    assert logins(client(staff).get("/api/v1/users")) == ["ann", "bob", "dan"]


@pytest.mark.parametrize("parameter", ["filter", "search"])
@pytest.mark.parametrize(
    ("criteria", "found"),
    [
        ('status eq "DEPROVISIONED"', ["cyd"]),
        ('status eq "DEPROVISIONED" or status eq "SUSPENDED"', ["bob", "cyd"]),
        ('status eq "ACTIVE" and profile.login eq "ann.smith@contoso.com"', ["ann"]),
        ('status eq "ACTIVE" and profile.login eq "bob.jones@contoso.com"', []),
        ('(status eq "ACTIVE" or status eq "STAGED") and profile.login sw "d"', ["dan"]),
        ('status ne "ACTIVE"', ["bob", "cyd", "dan"]),
        ('profile.login co "ann"', ["ann", "dan"]),
        ('lastUpdated gt "2013-06-01T00:00:00.000Z"', ["ann", "bob", "cyd", "dan"]),
        ('lastUpdated lt "2013-06-01T00:00:00.000Z"', []),
        (
            'created ge "2013-06-01T00:00:00.000Z" and created le "2033-06-01T00:00:00.000Z"',
            ["ann", "bob", "cyd", "dan"],
        ),
        ('lastLogin.nothing eq "x"', []),
        ("lastLogin pr", ["ann", "bob", "cyd"]),
    ],
)
def test_filters_find_the_matching_users(staff, client, parameter, criteria, found):
    assert logins(client(staff).get("/api/v1/users", params={parameter: criteria})) == found


@pytest.mark.parametrize(
    "criteria",
    ["pr", "status eq", 'status is "ACTIVE"', '(status eq "ACTIVE"', 'status eq "A" "B"', '"', ")("],
)
def test_invalid_criteria_are_refused(staff, client, criteria):
    answer = client(staff).get("/api/v1/users", params={"search": criteria})
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "E0000031")


def test_a_query_matches_prefixes_of_names_of_users_who_are_not_deprovisioned(staff, client):
    assert logins(client(staff).get("/api/v1/users", params={"q": "an"})) == ["ann", "dan"]
    assert logins(client(staff).get("/api/v1/users", params={"q": "cyd"})) == []


def test_a_user_is_found_by_id_and_by_login(staff, client):
    http = client(staff)
    ann = staff.world["users"].keys()[0]
    by_id, by_login = http.get(f"/api/v1/users/{ann}"), http.get("/api/v1/users/ann.smith@contoso.com")
    assert by_id.json() == by_login.json()
    assert by_id.json()["id"] == ann


def test_a_single_user_has_links_for_actions_and_the_listing_only_self(staff, client):
    http = client(staff)
    listed = http.get("/api/v1/users").json()
    assert all(set(user["_links"]) == {"self"} for user in listed)
    staged = http.get("/api/v1/users/dan.annan@contoso.com").json()
    assert set(staged["_links"]) == {"activate", "deactivate", "schema", "self", "type"}
    active = http.get("/api/v1/users/ann.smith@contoso.com").json()
    assert active["_links"]["suspend"]["method"] == "POST"


def test_times_of_events_that_never_happened_are_null(staff, client):
    staged = client(staff).get("/api/v1/users/dan.annan@contoso.com").json()
    assert (staged["activated"], staged["lastLogin"], staged["statusChanged"]) == (None, None, None)


def test_a_trailing_slash_makes_no_difference(staff, client):
    assert logins(client(staff).get("/api/v1/users/")) == ["ann", "bob", "dan"]


def test_a_user_from_active_directory_has_no_password_here(clock):
    org = SimulatedOrg.empty(clock=clock)
    user = org.world["users"][org.add_user("a.b@contoso.com", provider="ACTIVE_DIRECTORY")]
    assert user["credentials"]["provider"] == {"type": "ACTIVE_DIRECTORY", "name": "contoso.local"}
    assert "password" not in user["credentials"]


def test_a_user_can_belong_to_a_realm(clock):
    org = SimulatedOrg.empty(clock=clock)
    assert org.world["users"][org.add_user("a.b@contoso.com", realm="guo1")]["realmId"] == "guo1"
