"""Injected faults occur as configured: at the given place and time, and as often as requested."""

from __future__ import annotations

import httpx
import pytest

from oktahound.sim import RateLimits, SimulatedOrg


def statuses(http, path, times):
    return [http.get(path).status_code for _ in range(times)]


def test_a_fault_occurs_as_often_as_configured(org, client):
    fault = org.fail("GET /api/v1/users", status=500, times=2)
    assert statuses(client(org), "/api/v1/users", 4) == [500, 500, 200, 200]
    assert fault.hits == 2


def test_a_fault_can_skip_requests(org, client):
    org.fail("/api/v1/users", status=500, skip=1)
    assert statuses(client(org), "/api/v1/users", 3) == [200, 500, 200]


def test_a_fault_without_a_count_lasts_until_it_is_lifted(org, client):
    fault = org.fail("/api/v1/users", status=503, times=None)
    assert statuses(client(org), "/api/v1/users", 3) == [503, 503, 503]
    fault.lift()
    assert statuses(client(org), "/api/v1/users", 1) == [200]


def test_a_fault_does_not_affect_other_methods_paths_and_templates(org, client):
    org.fail("POST /api/v1/users", status=500)
    org.fail("/api/v1/users/{id}", status=500)
    http = client(org)
    assert statuses(http, "/api/v1/users", 1) == [200]
    assert statuses(http, f"/api/v1/users/{org.world['users'].keys()[3]}", 1) == [500]


def test_a_pattern_and_a_predicate_can_choose_the_requests(org, client):
    org.fail("/integrations/*", status=500)
    org.fail(lambda request: "after" in request.url.params, status=500)
    http = client(org)
    assert statuses(http, "/integrations/api/v1/api-services", 2) == [500, 200]
    first = http.get("/api/v1/users", params={"limit": 3})
    assert first.status_code == 200
    assert http.get(first.links["next"]["url"]).status_code == 500


def test_an_unknown_path_can_fail_too(org, client):
    org.fail("/api/v1/unheard-of", mangle="empty")
    assert client(org).get("/api/v1/unheard-of").content == b""


@pytest.mark.parametrize(
    ("status", "code"),
    [(500, "E0000009"), (403, "E0000006"), (401, "E0000011"), (404, "E0000007"), (400, "E0000001")],
)
def test_a_status_has_oktas_error_object(org, client, status, code):
    org.fail("/api/v1/users", status=status)
    answer = client(org).get("/api/v1/users")
    assert (answer.status_code, answer.json()["errorCode"]) == (status, code)
    assert "{" not in answer.json()["errorSummary"]


def test_an_error_code_can_be_chosen(org, client):
    org.fail("/api/v1/users", status=400, code="E0000031", skip=1)
    http = client(org)
    following = http.get("/api/v1/users", params={"limit": 3}).links["next"]["url"]
    answer = http.get(following)
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "E0000031")
    assert answer.json()["errorCauses"] == [{"errorSummary": "Invalid cursor."}]


@pytest.mark.parametrize("status", [502, 503, 504])
def test_responses_of_proxies_are_not_json(org, client, status):
    org.fail("/api/v1/users", status=status)
    answer = client(org).get("/api/v1/users")
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html")


def test_an_injected_429_has_no_remaining_requests(clock, client):
    org = SimulatedOrg(seed=1, users=9, clock=clock, rate_limits=RateLimits(users=50))
    org.fail("/api/v1/users", status=429)
    answer = client(org).get("/api/v1/users")
    assert (answer.status_code, answer.headers["x-rate-limit-limit"]) == (429, "50")
    assert answer.headers["x-rate-limit-remaining"] == "0"


def test_headers_can_be_replaced_and_taken_away(org, client):
    org.fail(
        "/api/v1/users",
        status=429,
        headers={"X-Rate-Limit-Limit": "0", "X-Rate-Limit-Reset": None, "X-New": "1"},
    )
    answer = client(org).get("/api/v1/users")
    assert answer.headers.get_list("x-rate-limit-limit") == ["0"]
    assert "x-rate-limit-reset" not in answer.headers
    assert answer.headers["x-new"] == "1"


def test_a_given_body_is_sent_unchanged(org, client):
    org.fail("/api/v1/users", content=b"\xff\x00", content_type="application/octet-stream")
    answer = client(org).get("/api/v1/users")
    assert (answer.status_code, answer.content) == (200, b"\xff\x00")
    assert answer.headers["content-type"] == "application/octet-stream"


def test_a_body_can_be_cut_emptied_replaced_or_rewritten(org, client):
    http = client(org)
    whole = http.get("/api/v1/users").content
    org.fail("/api/v1/users", mangle="truncate")
    assert http.get("/api/v1/users").content == whole[: len(whole) // 2]
    org.fail("/api/v1/users", mangle="empty")
    assert http.get("/api/v1/users").content == b""
    org.fail("/api/v1/users", mangle="html")
    page = http.get("/api/v1/users")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html")
    assert page.text.startswith("<!DOCTYPE html>")
    org.fail("/api/v1/users", mangle=lambda body: body * 2)
    assert http.get("/api/v1/users").content == whole * 2


def test_the_next_link_can_point_elsewhere(org, client):
    org.fail("/api/v1/users", next_link="https://elsewhere.example.com/api/v1/users?after=1")
    answer = client(org).get("/api/v1/users", params={"limit": 3})
    assert answer.links["next"]["url"] == "https://elsewhere.example.com/api/v1/users?after=1"
    assert len(answer.headers.get_list("link")) == 2


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.RemoteProtocolError, httpx.ConnectTimeout])
def test_a_connection_can_break_before_the_response(org, client, error):
    org.fail("/api/v1/users", error=error)
    with pytest.raises(error):
        client(org).get("/api/v1/users")
    assert [(received.path, received.status) for received in org.requests] == [("/api/v1/users", None)]


def test_a_break_on_an_unknown_path_is_logged_without_a_template(org, client):
    org.fail("/nowhere", error=httpx.ConnectError)
    with pytest.raises(httpx.ConnectError):
        client(org).get("/nowhere")
    assert org.requests[0].template is None


def test_a_connection_can_break_in_mid_body(org, client):
    org.fail("/api/v1/users", in_body=True)
    org.fail("/api/v1/users", in_body=True, error=httpx.RemoteProtocolError)
    http = client(org)
    for error in (httpx.ReadError, httpx.RemoteProtocolError):
        with http.stream("GET", "/api/v1/users") as answer:
            assert answer.status_code == 200
            with pytest.raises(error):
                answer.read()
    assert http.get("/api/v1/users").json()


def test_a_delay_passes_on_the_orgs_clock(org, client, clock):
    org.fail("/api/v1/users", delay=3)
    assert client(org).get("/api/v1/users").status_code == 200
    assert clock.slept == [3]


def test_a_delay_longer_than_the_timeout_is_a_timeout(org, client, clock):
    org.fail("/api/v1/users", delay=30)
    with pytest.raises(httpx.ReadTimeout):
        client(org).get("/api/v1/users", timeout=5)
    assert clock.slept == [5]
    assert org.requests[-1].status is None


def test_a_slow_body_is_complete_if_the_client_waits(org, client, clock):
    http = client(org)
    whole = http.get("/api/v1/users").content
    org.fail("/api/v1/users", drip=1.0)
    assert http.get("/api/v1/users", timeout=2).content == whole
    assert len(clock.slept) == -(-len(whole) // 4096)


def test_a_body_that_is_too_slow_is_a_timeout(org, client):
    org.fail("/api/v1/users", drip=9.0)
    with pytest.raises(httpx.ReadTimeout):
        client(org).get("/api/v1/users", timeout=2)


def test_latency_is_part_of_every_answer(clock, client):
    org = SimulatedOrg(seed=1, users=3, clock=clock, latency=0.25)
    client(org).get("/api/v1/users")
    client(org).get("/api/v1/org")
    assert clock.slept == [0.25, 0.25]


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request):
    return request.param


@pytest.mark.anyio
async def test_an_async_client_meets_the_same_faults(org, clock):
    headers = {"Authorization": f"SSWS {org.api_token}"}
    async with httpx.AsyncClient(base_url=org.url, transport=org.transport, headers=headers) as http:
        whole = (await http.get("/api/v1/users")).content
        org.fail("/api/v1/users", delay=2)
        org.fail("/api/v1/users", drip=0.5)
        org.fail("/api/v1/users", in_body=True)
        org.fail("/api/v1/users", delay=99)
        org.fail("/api/v1/users", error=httpx.ConnectError)
        assert (await http.get("/api/v1/users")).content == whole
        assert clock.slept == [2]
        assert (await http.get("/api/v1/users")).content == whole
        for error in (httpx.ReadError, httpx.ReadTimeout, httpx.ConnectError):
            with pytest.raises(error):
                await http.get("/api/v1/users")
        assert (await http.get("/api/v1/users")).content == whole
