"""Generated faults: status × body × endpoint × moment. None loses or adds an active edge without a gap.

The numbers of examples follow the hypothesis profile; ``nox -s deep`` draws new ones, as many as wanted.
"""

from __future__ import annotations

import functools
import itertools
from collections import Counter
from typing import Any

import attrs
import httpx
import orjson
import pytest
from example_counts import examples
from hypothesis import given
from hypothesis import strategies as st

from faults.runs import check_nothing_is_invented, collected, edges_drawn
from oktahound import PrivateKeyJwt, Snapshot
from oktahound.entities import ENTITIES
from oktahound.errors import RequestError
from oktahound.sim import OAuthSettings, SimulatedOrg, VirtualClock

TOKEN = ("POST", "/oauth2/v1/token")
SCOPES = ("okta.users.read", "okta.apps.read", "okta.groups.read", "okta.roles.read", "okta.appGrants.read")


def dense_org() -> SimulatedOrg:
    """Return a small org in which most listings affect edges: holders, members, targets, clients."""
    org = SimulatedOrg.empty(clock=VirtualClock())
    org.page_size = 2
    users = [org.add_user(f"user{number}@contoso.com") for number in range(5)]
    desk = org.add_group("Desk", members=users[1:4])
    staff, nobody = org.add_group("Staff", members=users), org.add_group("Nobody")
    services = [
        org.add_app(
            "oidc_client",
            label=label,
            sign_on_mode="OPENID_CONNECT",
            oauth=OAuthSettings(application_type="service", grant_types=("client_credentials",)),
        )
        for label in ("Bot", "Robot")
    ]
    for app in services:
        org.grant_scope(app, "okta.users.manage", created_by=users[0])
        org.add_app_secret(app)
    site = org.add_app("slack", features=("GROUP_PUSH",))
    org.assign_user(site, users[4], user_name="x")
    org.assign_group(site, staff)
    org.push_group(site, staff, target="00gElsewhere")
    org.assign_role(users[0], "ORG_ADMIN")
    org.assign_role(users[0], "APP_ADMIN")
    org.assign_role(users[4], "HELP_DESK_ADMIN", groups=[staff, nobody, desk])
    org.assign_role(desk, "GROUP_MEMBERSHIP_ADMIN")
    for app in services[:1]:
        org.assign_role(org.world["apps"][app]["credentials"]["oauthClient"]["client_id"], "USER_ADMIN")
    role = org.add_custom_role("Operator", permissions=["okta.users.manage", "okta.apps.manage"])
    everything = org.add_resource_set("All", resources=["/api/v1/users", "/api/v1/apps", "/api/v1/groups"])
    org.bind_role(everything, role, members=[users[3]])
    org.add_api_service_integration("Falcon", type="falcon", scopes=["okta.users.read"], created_by=users[0])
    org.add_api_token("Script", user=users[0])
    org.add_policy("Access", type="ACCESS_POLICY", apps=[site])
    org.add_device("Laptop", owners=[users[1]])
    return org


@attrs.frozen
class Baseline:
    """The org without a fault: its snapshot, its active edges, and the number of requests for each path."""

    snapshot: Snapshot
    edges: frozenset[Any]
    asked: Counter[tuple[str, str]]


@functools.cache
def baseline() -> Baseline:
    org = dense_org()
    snapshot = collected(org)
    assert snapshot.gaps == ()
    asked = Counter((one.method, one.template) for one in org.requests if one.template is not None)
    return Baseline(snapshot, edges_drawn(snapshot), asked)


PLACES = sorted(baseline().asked)


def error(code: str, summary: str) -> bytes:
    body = {
        "errorCode": code,
        "errorSummary": summary,
        "errorLink": code,
        "errorId": "oae1",
        "errorCauses": [],
    }
    return orjson.dumps(body)


BODIES: dict[str, bytes] = {
    "empty": b"",
    "a page": b"<!DOCTYPE html><html><body>Not here</body></html>",
    "JSON of a gateway": b'{"message": "no Route matched with those values"}',
    "a status": b'{"status": 404, "message": "Resource not found"}',
    "an error of OAuth": b'{"error": "invalid_request", "error_description": "No."}',
    "an empty list": b"[]",
    "an empty object": b"{}",
    "null": b"null",
    "rows": b'[{"id": "00uInvented", "status": "ACTIVE"}]',
    "half of an error": b'{"errorCode": "E0000007", "errorSum',
    "a code alone": b'{"errorCode": "E0000007"}',
    "another object": error("E0000007", "Not found: Resource not found: 00uOther (User)"),
    "another parameter": error("E0000001", "Api validation failed: RequestParams"),
    "another method": error("E0000022", "The endpoint does not support the provided HTTP method"),
    "a cursor": error("E0000031", "Invalid search criteria."),
    "an error inside": error("E0000009", "Internal Server Error"),
    "a permission": error("E0000006", "You do not have permission to perform the requested action"),
    "a feature": error("E0000015", "You do not have permission to access the feature you are requesting"),
}
"""Bodies that say nothing about the rows of a listing: none is Okta's way to say that it has none."""


def check(org: SimulatedOrg, auth: Any = None) -> Snapshot | None:
    """Collect the org with its faults: the snapshot, or None if the run ended with an error."""
    known = baseline()
    try:
        snapshot = collected(org, auth, retry_budget=2.0)
    except RequestError:
        return None
    found = check_nothing_is_invented(snapshot, known.snapshot, known.edges)
    if not snapshot.gaps:
        assert found == known.edges
        assert all(snapshot.rows(cls) == known.snapshot.rows(cls) for cls in ENTITIES)
    return snapshot


def inject(
    org: SimulatedOrg,
    place: tuple[str, str],
    status: int,
    body: str,
    *,
    skip: int = 0,
    times: int | None = None,
) -> Any:
    """Inject a response with a status and a body at a place."""
    html = "text/html" if body == "a page" else None
    return org.fail(
        " ".join(place), status=status, content=BODIES[body], content_type=html, skip=skip, times=times
    )


STATUSES = (400, 401, 403, 404, 405, 410, 418, 429, 451, 500, 501, 503, 599)
EACH_PLACE = [
    pytest.param(place, status, body, id=" ".join(place))
    for place, status, body in zip(
        PLACES, itertools.cycle(STATUSES), itertools.cycle(sorted(BODIES)), strict=False
    )
]
"""Each endpoint with another status and body. The tests below choose among all of them."""


@pytest.mark.parametrize(("place", "status", "body"), EACH_PLACE)
def test_an_error_that_is_not_from_okta_is_a_gap_at_every_endpoint(
    place: tuple[str, str], status: int, body: str
) -> None:
    org = dense_org()
    fault = inject(org, place, status, body)
    snapshot = check(org)
    assert fault.hits
    assert snapshot is None or snapshot.gaps


@examples(24)
@given(
    place=st.sampled_from(PLACES),
    status=st.one_of(st.integers(400, 599), st.integers(201, 399)),
    body=st.sampled_from(sorted(BODIES)),
    moment=st.integers(0, 11),
    times=st.sampled_from([1, 2, 5, None]),
)
def test_no_fault_at_any_moment_loses_or_adds_an_edge_silently(
    place: tuple[str, str], status: int, body: str, moment: int, times: int | None
) -> None:
    org = dense_org()
    inject(org, place, status, body, skip=moment % baseline().asked[place], times=times)
    check(org)


@examples(10)
@given(
    status=st.integers(400, 599),
    body=st.sampled_from(sorted(BODIES)),
    after=st.integers(1, 60),
    place=st.sampled_from(PLACES),
)
def test_a_failing_token_endpoint_adds_and_removes_no_edge(
    status: int, body: str, after: int, place: tuple[str, str]
) -> None:
    org = dense_org()
    app = org.add_service_app(scopes=[*SCOPES, "okta.policies.read", "okta.idps.read"])
    asked = 0

    def token_is_gone(request: httpx.Request) -> bool:
        nonlocal asked
        if request.url.path != TOKEN[1]:
            asked += 1
            if asked == after:
                org.revoke_tokens()
            return False
        return asked >= after

    org.fail(token_is_gone, status=status, content=BODIES[body], times=None)
    check(org, PrivateKeyJwt(app.client_id, app.private_key))


@examples(10)
@given(
    place=st.sampled_from(PLACES),
    moment=st.integers(0, 11),
    link=st.sampled_from(
        [None, '</x>; rel="self"', "garbage", '</x> rel="next"', "<", '</x>; rel="next-page"']
    ),
)
def test_a_lost_link_header_loses_no_edge_silently(
    place: tuple[str, str], moment: int, link: str | None
) -> None:
    org = dense_org()
    org.fail(" ".join(place), headers={"Link": link}, skip=moment % baseline().asked[place], times=1)
    known, snapshot = baseline(), collected(org, retry_budget=2.0)
    assert edges_drawn(snapshot) <= known.edges
    # Listings of one page, and pages that the org cut short itself, do not show it: the org's own page size
    # is smaller than the one that was asked for.
    if snapshot.gaps:
        check_nothing_is_invented(snapshot, known.snapshot, known.edges)
