"""The pages of a listing contain every row once and in order, for all page sizes."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oktahound.sim import SimulatedOrg

ORG = SimulatedOrg(seed="paging", users=37)
VISIBLE = ORG.world["users"].view("visible", lambda user: user["status"] != "DEPROVISIONED")


def browse() -> httpx.Client:
    return httpx.Client(
        base_url=ORG.url, transport=ORG.transport, headers={"Authorization": f"SSWS {ORG.api_token}"}
    )


@given(size=st.integers(min_value=1, max_value=60))
def test_any_page_size_gives_every_row_once_and_in_order(size):
    with browse() as http:
        rows, answer = [], http.get("/api/v1/users", params={"limit": size})
        while True:
            page = answer.json()
            assert 0 < len(page) <= size
            rows += [user["id"] for user in page]
            if "next" not in answer.links:
                break
            answer = http.get(answer.links["next"]["url"])
    assert rows == list(VISIBLE)


def test_self_and_next_come_as_two_header_lines_that_name_the_org(org, client):
    answer = client(org).get("/api/v1/users", params={"limit": 5})
    first, second = answer.headers.get_list("link")
    assert first == f'<{org.url}/api/v1/users?limit=5>; rel="self"'
    assert second.startswith(f"<{org.url}/api/v1/users?after=")
    assert second.endswith('&limit=5>; rel="next"')


def test_the_self_link_shows_the_page_size_that_was_not_requested(org, client):
    answer = client(org).get("/api/v1/users", params={"filter": 'status eq "ACTIVE"'})
    link = answer.headers["link"]
    assert link == f'<{org.url}/api/v1/users?limit=200&filter=status+eq+%22ACTIVE%22>; rel="self"'


def test_the_next_link_keeps_the_filter(org, client, read_all):
    http = client(org)
    active = read_all(http, "/api/v1/users", limit=3, filter='status eq "ACTIVE"')
    assert [user["id"] for user in active] == list(
        org.world["users"].view("active", lambda user: user["status"] == "ACTIVE")
    )


def test_a_limit_above_the_maximum_is_clamped(client):
    org = SimulatedOrg(seed=1, users=260)
    answer = client(org).get("/api/v1/users", params={"limit": 1000})
    assert len(answer.json()) == 200
    assert "limit=200" in answer.links["self"]["url"]


@pytest.mark.parametrize("limit", ["0", "-1", "many"])
def test_a_limit_that_is_no_positive_number_is_refused(org, client, limit):
    answer = client(org).get("/api/v1/users", params={"limit": limit})
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "E0000001")


@pytest.mark.parametrize("cursor", ["", "mock", "00u1testcursorvalue", "aaaaaaaa5.00u1", "aaaaaaaax"])
def test_an_invalid_cursor_is_refused_with_oktas_message(org, client, cursor):
    answer = client(org).get("/api/v1/users", params={"after": cursor})
    assert answer.status_code == 400
    assert answer.json()["errorCode"] == "E0000029"
    assert answer.json()["errorSummary"] == "Invalid paging request."
    assert answer.json()["errorCauses"] == [{"errorSummary": "Invalid cursor."}]


def test_a_cursor_of_another_org_is_refused(client):
    one, two = SimulatedOrg(seed=1, users=20), SimulatedOrg(seed=2, users=20)
    following = client(one).get("/api/v1/users", params={"limit": 5}).links["next"]["url"]
    assert client(two).get(following).status_code == 400


def test_a_cursor_continues_after_its_row_if_earlier_rows_were_removed(org, client):
    http = client(org)
    first = http.get("/api/v1/users", params={"limit": 5})
    for user in first.json()[:3]:
        org.remove_user(user["id"])
    second = http.get(first.links["next"]["url"])
    assert [user["id"] for user in second.json()] == list(
        org.world["users"].view("rest", lambda user: user["status"] != "DEPROVISIONED")[2:7]
    )


def test_a_cursor_continues_if_its_own_row_was_removed(org, client):
    http = client(org)
    first = http.get("/api/v1/users", params={"limit": 5})
    before = [user["id"] for user in http.get("/api/v1/users").json()]
    org.remove_user(first.json()[-1]["id"])
    second = http.get(first.links["next"]["url"])
    assert [user["id"] for user in second.json()] == before[5:10]


def test_the_page_size_of_an_org_can_be_made_small_for_every_listing(clock, client, read_all):
    org = SimulatedOrg(seed=1, users=9, clock=clock, page_size=1)
    rows = read_all(client(org), "/integrations/api/v1/api-services")
    assert [row["id"] for row in rows] == list(org.world["api_services"])
    assert sum(received.path.endswith("api-services") for received in org.requests) == 4


def test_a_listing_with_only_a_cursor_ignores_the_limit(org, client):
    answer = client(org).get("/integrations/api/v1/api-services", params={"limit": 1})
    assert len(answer.json()) == 4
    assert answer.headers.get_list("link") == [f'<{org.url}/integrations/api/v1/api-services>; rel="self"']


def test_a_list_without_pages_sends_no_link(org, client):
    falcon = org.world["api_services"].keys()[0]
    assert (
        "link"
        not in client(org).get(f"/integrations/api/v1/api-services/{falcon}/credentials/secrets").headers
    )
