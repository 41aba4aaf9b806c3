"""A failed listing leaves a gap with its request, the reason, and the number of rows read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio
import httpx
import pytest

from oktahound import AsyncOktaClient, Gap, GapReason, PrivateKeyJwt, User, collect_async, errors
from oktahound.collecting.gap_rules import gap_of
from oktahound.collecting.plan import Read
from oktahound.entities import Policy
from oktahound.errors import (
    AuthenticationError,
    NotFoundError,
    PermissionDeniedError,
    ProtocolError,
    RequestError,
    ServerError,
    TransportError,
)
from oktahound.sim import SimulatedOrg

USERS = "/api/v1/users"


@pytest.mark.parametrize(
    ("status", "code", "reason"),
    [
        (403, "E0000006", GapReason.FORBIDDEN),
        (401, "E0000015", GapReason.NOT_LICENSED),
        (404, "E0000007", GapReason.NOT_FOUND),
        (400, "E0000001", GapReason.REJECTED),
        (410, "E0000008", GapReason.REJECTED),
        (429, "E0000047", GapReason.RATE_LIMITED),
        (500, "E0000009", GapReason.SERVER),
    ],
)
def test_a_refused_listing_leaves_a_gap(
    okta: Any, refusal: Callable[..., httpx.Response], status: int, code: str, reason: GapReason
) -> None:
    okta.routes[USERS] = lambda request: refusal(status, code, "Not today.")
    snapshot = okta.collect(User)
    assert snapshot.users == ()
    assert snapshot.gaps == (
        Gap(
            entity="User",
            reason=reason,
            request="GET /api/v1/users",
            status=status,
            error_code=code,
            error_id=f"oae{code}",
            rows_read=0,
            detail="Not today.",
        ),
    )
    assert not snapshot.is_whole(User)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (httpx.ConnectError("refused"), GapReason.TRANSPORT),
        (httpx.ReadError("reset"), GapReason.TRANSPORT),
        (httpx.Response(200, text="<html>", headers={"content-type": "text/html"}), GapReason.PROTOCOL),
        (httpx.Response(200, text='[{"id": "00u1"'), GapReason.PROTOCOL),
        (httpx.Response(200, content=b""), GapReason.PROTOCOL),
        (httpx.Response(200, json={"users": []}), GapReason.PROTOCOL),
        (httpx.Response(302, headers={"location": "https://evil.example/"}), GapReason.PROTOCOL),
        (
            httpx.Response(200, json=[], headers={"link": '<https://evil.example/?after=1>; rel="next"'}),
            GapReason.PROTOCOL,
        ),
    ],
    ids=["refused", "reset", "html", "truncated", "empty", "no list", "redirect", "next page elsewhere"],
)
def test_an_invalid_response_leaves_a_gap(okta: Any, answer: Any, reason: GapReason) -> None:
    okta.routes[USERS] = lambda request: answer
    (gap,) = okta.collect(User).gaps
    assert (gap.entity, gap.reason, gap.rows_read) == ("User", reason, 0)
    assert gap.detail


def test_a_permanent_server_error_is_a_gap_after_the_retry_budget(
    okta: Any, refusal: Callable[..., httpx.Response]
) -> None:
    okta.routes[USERS] = lambda request: refusal(503, "E0000009")
    (gap,) = okta.collect(User, client={"retry_budget": 600.0}).gaps
    assert gap.reason is GapReason.SERVER
    assert okta.count(USERS) > 10


def test_a_transient_error_is_no_gap(okta: Any, refusal: Callable[..., httpx.Response]) -> None:
    answers = [refusal(503, "E0000009"), httpx.ReadError("reset"), [{"id": "00u1"}]]
    okta.routes[USERS] = lambda request: answers.pop(0)
    snapshot = okta.collect(User, client={"retry_budget": 600.0})
    assert [user.id for user in snapshot.users] == ["00u1"]
    assert snapshot.gaps == ()


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ((403, "E0000006"), GapReason.FORBIDDEN),
        ((400, "E0000031"), GapReason.REJECTED),
        ((500, "E0000009"), GapReason.SERVER),
        ((404, "E0000007"), GapReason.NOT_FOUND),
    ],
)
def test_a_listing_that_fails_in_the_middle_keeps_its_rows(
    okta: Any,
    refusal: Callable[..., httpx.Response],
    pages: Callable[..., Any],
    broken: tuple[int, str],
    reason: GapReason,
) -> None:
    okta.routes[USERS] = pages(
        [{"id": "00u1"}, {"id": "00u2"}], [{"id": "00u3"}], refusal(*broken), [{"id": "00u4"}]
    )
    snapshot = okta.collect(User)
    assert [user.id for user in snapshot.users] == ["00u1", "00u2", "00u3"]
    assert [(gap.reason, gap.rows_read) for gap in snapshot.gaps] == [(reason, 3)]


def test_pages_in_a_loop_keep_their_rows(okta: Any) -> None:
    link = {"link": '<https://contoso.okta.com/api/v1/users?after=1>; rel="next"'}
    okta.routes[USERS] = lambda request: httpx.Response(200, json=[{"id": "00u1"}], headers=link)
    snapshot = okta.collect(User)
    assert [user.id for user in snapshot.users] == ["00u1"]
    assert [(gap.reason, gap.rows_read) for gap in snapshot.gaps] == [(GapReason.PROTOCOL, 2)]


def test_an_empty_last_page_causes_no_gap(okta: Any, pages: Callable[..., Any]) -> None:
    okta.routes[USERS] = pages([{"id": "00u1"}], [])
    snapshot = okta.collect(User)
    assert len(snapshot.users) == 1
    assert snapshot.gaps == ()


def test_one_listing_that_fails_does_not_stop_the_others(
    okta: Any, refusal: Callable[..., httpx.Response]
) -> None:
    okta.routes = {
        "/api/v1/groups": lambda request: refusal(403, "E0000006"),
        USERS: [{"id": "00u1"}],
        "/api/v1/iam/roles": {"roles": [{"id": "cr01", "label": "Auditor"}]},
    }
    snapshot = okta.collect()
    assert snapshot.users
    assert snapshot.custom_roles
    assert snapshot.gaps_of(User) == ()


def test_an_error_that_means_none_is_no_gap(okta: Any, refusal: Callable[..., httpx.Response]) -> None:
    okta.routes["/api/v1/policies"] = lambda request: refusal(
        400, "E0000001", "Invalid policy type specified."
    )
    snapshot = okta.collect(Policy)
    assert snapshot.gaps == ()
    assert snapshot.is_whole(Policy)


def test_the_same_error_in_the_middle_of_a_listing_is_a_gap(
    okta: Any, refusal: Callable[..., httpx.Response], pages: Callable[..., Any]
) -> None:
    # The first page is empty, as in filtered listings; rows may follow.
    def policies(request: httpx.Request) -> Any:
        if "after" not in request.url.params and request.url.params["type"] != "IDP_DISCOVERY":
            return refusal(400, "E0000001", "Api validation failed: type")
        return pages([], refusal(400, "E0000031", "Invalid cursor."))(request)

    okta.routes["/api/v1/policies"] = policies
    (gap,) = okta.collect(Policy).gaps
    assert gap.request == "GET /api/v1/policies?type=IDP_DISCOVERY"
    assert gap.error_code == "E0000031"


def subclasses(cls: type) -> set[type]:
    return {cls}.union(*(subclasses(each) for each in cls.__subclasses__()))


@pytest.mark.parametrize(
    "cls",
    sorted(
        subclasses(RequestError) - subclasses(AuthenticationError) - {RequestError},
        key=lambda cls: cls.__name__,
    ),
)
def test_every_error_of_a_request_becomes_a_gap(cls: type[RequestError]) -> None:
    read = Read(User, User.SOURCES[0])
    error = cls("no luck", method="GET", path="/api/v1/users", status=418, summary=None)
    gap = gap_of(read, error, User(id="00p"), 7)
    assert (gap.entity, gap.request, gap.parent, gap.status) == ("User", "GET /api/v1/users", "00p", 418)
    assert (gap.rows_read, gap.detail) == (7, "no luck")
    assert gap.loses_rows


def test_every_error_class_of_a_request_is_tested() -> None:
    # A new class of errors needs a gap reason.
    branches = {cls.__name__ for cls in RequestError.__subclasses__()} - {"AuthenticationError"}
    assert branches <= set(errors.__all__)
    assert len(branches) == 8


def test_errors_of_the_token_endpoint_name_it() -> None:
    error = ServerError("still failing", method="POST", path="/oauth2/v1/token", status=503)
    assert gap_of(Read(User, User.SOURCES[0]), error, None, 0).request == "POST /oauth2/v1/token"


def test_two_listings_of_one_path_are_distinguished() -> None:
    requests = {
        gap_of(Read(cls, source), TransportError("x", method="GET", path=source.path), None, 0).request
        for cls in (User, Policy)
        for source in cls.SOURCES
    }
    assert len(requests) == len(User.SOURCES) + len(Policy.SOURCES)
    assert "GET /api/v1/users" in requests
    assert not [request for request in requests if "limit" in request]


class TestTheOrganizationItself:
    """The organization itself: if it cannot be read, the run fails."""

    @pytest.mark.parametrize(
        ("status", "code", "error"),
        [
            (401, "E0000011", AuthenticationError),
            (403, "E0000006", PermissionDeniedError),
            (404, "E0000007", NotFoundError),
            (500, "E0000009", ServerError),
        ],
    )
    def test_a_refusal_is_raised(
        self,
        okta: Any,
        refusal: Callable[..., httpx.Response],
        status: int,
        code: str,
        error: type[RequestError],
    ) -> None:
        okta.routes["/api/v1/org"] = lambda request: refusal(status, code)
        with pytest.raises(error):
            okta.collect(User)
        assert okta.count(USERS) == 0

    @pytest.mark.parametrize("document", [{"companyName": "Contoso"}, [], {"id": 5}, 7])
    def test_an_invalid_response_is_raised(self, okta: Any, document: Any) -> None:
        okta.routes["/api/v1/org"] = httpx.Response(200, json=document)
        with pytest.raises(ProtocolError, match=r"the organization could not be read: organizations\[0\]"):
            okta.collect(User)

    def test_a_fault_in_one_of_its_fields_is_a_gap(self, okta: Any) -> None:
        okta.routes["/api/v1/org"] = {"id": "00oOrg", "companyName": 5}
        snapshot = okta.collect(User)
        assert snapshot.organization.company_name is None
        assert [gap.where for gap in snapshot.gaps] == ["organizations[0].companyName"]


class TestRevokedCredential:
    """A revoked credential: all other requests would fail too, so that the run ends with one error."""

    def test_the_run_ends_with_one_error_without_a_group(
        self, okta: Any, refusal: Callable[..., httpx.Response], pages: Callable[..., Any]
    ) -> None:
        okta.routes[USERS] = pages([{"id": "00u1"}], refusal(401, "E0000011", "Invalid token provided"))
        with pytest.raises(AuthenticationError, match="Invalid token provided") as caught:
            okta.collect()
        assert caught.value.path == USERS
        assert caught.value.__cause__ is None

    def test_many_concurrent_refusals_are_one_error(
        self, okta: Any, refusal: Callable[..., httpx.Response]
    ) -> None:
        groups = [{"id": f"00g{number}"} for number in range(100)]
        okta.routes = {"/api/v1/groups": groups} | {
            f"/api/v1/groups/00g{number}/users": lambda request: refusal(401, "E0000011")
            for number in range(100)
        }
        with pytest.raises(AuthenticationError):
            okta.collect()

    def test_a_key_that_is_removed_during_the_run_ends_it(self) -> None:
        org = SimulatedOrg(seed=1, users=30, page_size=5)
        app = org.service_app

        def revoke(progress: Any) -> None:
            if progress.entity == "User" and progress.rows >= 10:
                org.remove_key(app.client_id)
                org.revoke_tokens()

        async def run() -> None:
            key = PrivateKeyJwt(app.client_id, app.private_key)
            async with AsyncOktaClient(org.url, key, transport=org.transport) as client:
                await collect_async(client, progress=revoke)

        with pytest.raises(AuthenticationError):
            anyio.run(run)
