"""The simulated org responds to recorded requests as Okta did, if it has the endpoint.

Headers, error bodies and the paging of links are compared; ids and documents are of another org.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from pathlib import Path
from typing import Any

import httpx
import pytest

from oktahound.sim import SimulatedOrg
from oktahound.sim.routes import ROUTES

CORPUS = os.environ.get("OKTAHOUND_CORPUS") or None
needs_recordings = pytest.mark.skipif(CORPUS is None, reason="needs the recorded answers")

SERVED = {(route.method, route.template) for route in ROUTES}
LIMITS = {"x-rate-limit-limit", "x-rate-limit-remaining", "x-rate-limit-reset"}
COMPARED = {"date", "content-type", "link", "www-authenticate", "retry-after", "dpop-nonce", *LIMITS}

PAGE_SIZES = {
    "/api/v1/users": 200,
    "/api/v1/groups": 10_000,
    "/api/v1/apps": 20,
    "/api/v1/devices": 200,
    "/api/v1/idps": 20,
    "/api/v1/authorizationServers": 200,
    "/api/v1/realms": 10,
}
"""Rows of a page when nobody asked, read off recorded links (devices: off Okta's document)."""


@pytest.fixture(scope="module")
def sim():
    org = SimulatedOrg(seed="recorded", users=30)
    headers = {"Authorization": f"SSWS {org.api_token}"}
    with httpx.Client(base_url=org.url, transport=org.transport, headers=headers) as http:
        yield http


def recordings(*statuses: int) -> list[dict[str, Any]]:
    if CORPUS is None:
        return []
    found = []
    for path in sorted(Path(CORPUS).glob("*.jsonl")):
        if not path.stem.endswith(".writes"):
            found += map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return [
        line
        for line in found
        if line["provenance"] == "recorded"
        and line["status"] in statuses
        and (line["method"], line["path_template"]) in SERVED
    ]


def name_of(line: dict[str, Any]) -> str:
    return f"{line['path_template']}-{line['body'].get('errorCode')}-{line['path'][-12:]}"


def compared(headers: Any) -> set[str]:
    return {name.lower() for name in headers} & COMPARED


@needs_recordings
@pytest.mark.parametrize(
    "line", [line for line in recordings(400, 404, 405) if "errorCode" in line["body"]], ids=name_of
)
def test_refusals_equal_the_recorded_ones(sim, line):
    if line["method"] == "POST":
        pytest.skip("the simulated org takes no writes")
    answer = sim.request(line["method"], line["path"], params=line["query"])
    assert answer.status_code == line["status"]
    assert {**answer.json(), "errorId": ""} == {**line["body"], "errorId": ""}
    assert compared(answer.headers) == compared(line["headers"])


@needs_recordings
def test_endpoints_send_links_as_recorded(sim):
    seen: dict[str, set[bool]] = defaultdict(set)
    for line in recordings(200):
        if line["method"] == "GET":
            seen[line["path_template"]].add("link" in line["headers"])
    routes = {route.template: route for route in ROUTES}
    # Responses for one custom role or resource set have a self link; the simulated org omits it.
    alone = {"/api/v1/iam/roles/{roleIdOrLabel}", "/api/v1/iam/resource-sets/{resourceSetIdOrLabel}"}
    sent = {template: routes[template].paging != "none" for template in seen}
    assert {t for t in seen if True in seen[t]} - alone == {t for t in sent if sent[t]}


@needs_recordings
def test_successful_responses_have_the_recorded_headers(sim):
    for line in recordings(200):
        if "{" in line["path_template"] or line["method"] != "GET":
            continue
        query = {name: text for name, text in line["query"].items() if name != "after"}
        answer = sim.get(line["path"], params=query)
        assert answer.status_code == 200, (line["path"], query, answer.text)
        assert compared(answer.headers) == compared(line["headers"]), line["path"]
        assert answer.headers["content-type"] == line["headers"]["content-type"].partition(";")[0]


@needs_recordings
def test_token_refusals_have_the_recorded_body_and_headers(sim):
    refused = [line for line in recordings(400) if line["path_template"] == "/oauth2/v1/token"]
    assert {line["body"]["error"] for line in refused} == {"invalid_dpop_proof", "use_dpop_nonce"}
    # The tests of OAuth check the bodies, because they can sign.
    assert all(set(line["body"]) == {"error", "error_description"} for line in refused)


@needs_recordings
def test_the_page_sizes_below_are_those_of_the_recordings():
    for line in recordings(200):
        link = line["headers"].get("link", "")
        if line["path_template"] in PAGE_SIZES and "limit" not in line["query"] and "limit=" in link:
            assert f"limit={PAGE_SIZES[line['path_template']]}" in link


@pytest.mark.parametrize(("path", "size"), PAGE_SIZES.items())
def test_links_have_the_default_page_size(sim, path, size):
    assert f"limit={size}" in sim.get(path).links["self"]["url"]


@pytest.mark.parametrize(
    ("path", "java_type"),
    [
        ("/api/v1/groups/nope", "UserGroup"),
        ("/api/v1/groups/nope/users", "UserGroup"),
        ("/api/v1/apps/nope", "AppInstance"),
        ("/api/v1/apps/nope/users", "AppInstance"),
        ("/api/v1/apps/nope/credentials/secrets", "AppInstance"),
        ("/api/v1/devices/nope", "Device"),
        ("/api/v1/devices/nope/users", "GenericUDObject"),
        ("/api/v1/realms/nope", "Realm"),
        ("/api/v1/idps/nope", "IdpTrust"),
        ("/api/v1/idps/nope/users", "IdpTrust"),
        ("/api/v1/authorizationServers/nope", "AuthorizationServer"),
        ("/api/v1/policies/nope", "Policy"),
        ("/api/v1/policies/nope/rules", "Policy"),
        ("/api/v1/iam/roles/nope", "CustomRole"),
        ("/api/v1/iam/roles/nope/permissions", "CustomRole"),
        ("/api/v1/iam/resource-sets/nope", "IAMPolicy"),
        ("/api/v1/iam/resource-sets/nope/resources", "IAMPolicy"),
        ("/api/v1/users/nope/factors", "User"),
        ("/api/v1/users/nope/roles", "User"),
        ("/oauth2/v1/clients/nope", "PublicClientApp"),
        ("/oauth2/v1/clients/nope/roles", "PublicClientApp"),
    ],
)
def test_an_unknown_id_is_refused_with_the_java_type_of_its_family(sim, path, java_type):
    answer = sim.get(path)
    assert answer.status_code == 404
    assert answer.json()["errorSummary"] == f"Not found: Resource not found: nope ({java_type})"


@pytest.mark.parametrize(("path", "code"), [("/api/v1/apps", "E0000029"), ("/api/v1/devices", "E0000031")])
def test_a_bad_cursor_has_the_error_code_of_its_endpoint(sim, path, code):
    answer = sim.get(path, params={"after": "mock_cursor_for_testing"})
    assert (answer.status_code, answer.json()["errorCode"]) == (400, code)
    assert answer.json()["errorCauses"] == [{"errorSummary": "Invalid cursor."}]


def test_next_links_of_realms_have_another_query(sim):
    link = sim.get("/api/v1/realms", params={"limit": 1}).headers.get_list("link")
    assert link[0].endswith('/api/v1/realms?limit=1&search=id+pr>; rel="self"')
    assert link[1].endswith('&limit=1&search=id+pr>; rel="next"')


@pytest.mark.parametrize("path", ["/api/v1/idps", "/api/v1/authorizationServers"])
def test_the_page_after_a_next_link_may_be_empty(sim, path):
    first = sim.get(path)
    assert first.json()
    last = sim.get(first.links["next"]["url"])
    assert (last.status_code, last.json()) == (200, [])
    assert "next" not in last.links
