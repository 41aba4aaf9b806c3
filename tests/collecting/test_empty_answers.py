"""An error response means "no rows" only with all the evidence; anything else is a gap."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from oktahound import GapReason
from oktahound.collecting.gap_rules import means_no_rows
from oktahound.collecting.plan import Read
from oktahound.entities import (
    ENTITIES,
    NOT_FOUND,
    Application,
    ConsentGrant,
    EmptyAnswer,
    Endpoint,
    GroupPushMapping,
    Policy,
    RoleAssignment,
)
from oktahound.errors import NotFoundError, RequestRejectedError

APP = "0oaService"
SERVICE = {
    "id": APP,
    "name": "oidc_client",
    "features": ["GROUP_PUSH"],
    "signOnMode": "OPENID_CONNECT",
    "credentials": {"oauthClient": {"client_id": APP}},
    "settings": {"oauthClient": {"application_type": "service"}},
}
BELOW_APPLICATIONS = {
    RoleAssignment: f"/oauth2/v1/clients/{APP}/roles",
    ConsentGrant: f"/api/v1/apps/{APP}/grants",
    GroupPushMapping: f"/api/v1/apps/{APP}/group-push/mappings",
}
PAGE = "<html><body>Not here</body></html>"


def response(status: int, /, **body: Any) -> httpx.Response:
    return httpx.Response(status, json=body)


FOREIGN = {
    "an empty body": httpx.Response,
    "a page": lambda status: httpx.Response(status, text=PAGE, headers={"content-type": "text/html"}),
    "a page without a type": lambda status: httpx.Response(status, content=PAGE.encode()),
    "JSON of a gateway": lambda status: response(status, message="no Route matched with those values"),
    "JSON with a status": lambda status: response(status, status=status, error="Not Found"),
    "an error of OAuth": lambda status: response(status, error="invalid_client", error_description="No."),
    "a list": lambda status: httpx.Response(status, json=[]),
    "a text": lambda status: httpx.Response(status, json="E0000007"),
    "a code alone": lambda status: response(status, errorCode="E0000007"),
    "another code": lambda status: response(status, errorCode="E0000022", errorSummary="The endpoint …"),
    "a code that is no text": lambda status: response(status, errorCode=7, errorSummary="Not found"),
    "another object": lambda status: response(
        status, errorCode="E0000007", errorSummary="Not found: Resource not found: 00uOther (User)"
    ),
}
"""Bodies that say nothing about the org, by what they are."""


@pytest.mark.parametrize("cls", BELOW_APPLICATIONS, ids=lambda cls: cls.__name__)
@pytest.mark.parametrize("words", [f"Not found: Resource not found: {APP} (PublicClientApp)", "Not found"])
def test_the_documented_error_of_okta_means_none(
    okta: Any, refusal: Callable[..., httpx.Response], cls: type, words: str
) -> None:
    okta.routes = {
        "/api/v1/apps": [SERVICE],
        BELOW_APPLICATIONS[cls]: lambda request: refusal(404, "E0000007", words),
    }
    snapshot = okta.collect(cls)
    assert snapshot.gaps == ()
    assert snapshot.is_whole(cls)


@pytest.mark.parametrize("cls", BELOW_APPLICATIONS, ids=lambda cls: cls.__name__)
@pytest.mark.parametrize("body", FOREIGN)
def test_any_other_404_is_a_gap(okta: Any, cls: type, body: str) -> None:
    okta.routes = {
        "/api/v1/apps": [SERVICE],
        BELOW_APPLICATIONS[cls]: lambda request: FOREIGN[body](404),
    }
    (gap,) = okta.collect(cls).gaps_of(cls)
    assert (gap.reason, gap.parent, gap.status) == (GapReason.NOT_FOUND, APP, 404)


INTEGRATION = {"id": "0oaVendor", "name": "Vendor", "type": "vendor", "grantedScopes": ["okta.logs.read"]}


@pytest.mark.parametrize(
    ("status", "code", "reason"),
    [(404, "E0000007", None), (403, "E0000006", GapReason.FORBIDDEN), (404, "E0000022", GapReason.NOT_FOUND)],
)
def test_the_roles_of_an_integration_are_read_like_those_of_an_application(
    okta: Any, refusal: Callable[..., httpx.Response], status: int, code: str, reason: GapReason | None
) -> None:
    okta.routes = {
        "/api/v1/apps": [],
        "/integrations/api/v1/api-services": [INTEGRATION],
        "/oauth2/v1/clients/0oaVendor/roles": lambda request: refusal(status, code, "Not this one"),
    }
    snapshot = okta.collect(RoleAssignment)
    assert [(gap.reason, gap.parent) for gap in snapshot.gaps] == (
        [] if reason is None else [(reason, "0oaVendor")]
    )


@pytest.mark.parametrize("code", ["E0000001", "E0000002"])
@pytest.mark.parametrize(
    "words", ["The request was not valid: Invalid policy type specified", "Api validation failed: type"]
)
def test_a_policy_type_that_the_org_lacks_is_no_gap(
    okta: Any, refusal: Callable[..., httpx.Response], code: str, words: str
) -> None:
    okta.routes["/api/v1/policies"] = lambda request: refusal(400, code, words)
    assert okta.collect(Policy).is_whole(Policy)


@pytest.mark.parametrize("body", FOREIGN)
def test_any_other_400_is_a_gap_for_each_type(okta: Any, body: str) -> None:
    okta.routes["/api/v1/policies"] = lambda request: FOREIGN[body](400)
    gaps = okta.collect(Policy).gaps_of(Policy)
    assert len({gap.request for gap in gaps}) == len(Policy.SOURCES)
    assert {gap.reason for gap in gaps} == {GapReason.REJECTED}


@pytest.mark.parametrize(
    "summary", ["Api validation failed: RequestParams", "Api validation failed: typed", "Invalid cursor."]
)
def test_the_same_code_about_another_object_is_a_gap(
    okta: Any, refusal: Callable[..., httpx.Response], summary: str
) -> None:
    okta.routes["/api/v1/policies"] = lambda request: refusal(400, "E0000001", summary)
    assert len(okta.collect(Policy).gaps) == len(Policy.SOURCES)


def test_an_error_of_another_request_is_a_gap() -> None:
    read = Read(ConsentGrant, ConsentGrant.SOURCES[0])
    said = {"status": 404, "error_code": "E0000007", "summary": "Not found"}
    own = NotFoundError("gone", method="GET", path=read.endpoint.path, **said)
    assert means_no_rows(read, own, {"id": APP})
    for method, path in [("POST", "/oauth2/v1/token"), ("GET", "/api/v1/org"), ("POST", read.endpoint.path)]:
        assert not means_no_rows(read, NotFoundError("gone", method=method, path=path, **said), {"id": APP})


@pytest.mark.parametrize("status", [400, 403, 405, 410, 500])
def test_the_same_code_with_another_status_is_a_gap(status: int) -> None:
    read = Read(ConsentGrant, ConsentGrant.SOURCES[0])
    error = RequestRejectedError(
        "no", method="GET", path=read.endpoint.path, status=status, error_code="E0000007", summary="Not found"
    )
    assert not means_no_rows(read, error, {"id": APP})


def test_the_id_in_the_error_is_compared_without_regard_to_case() -> None:
    read = Read(ConsentGrant, ConsentGrant.SOURCES[0])
    summary = f"Not found: Resource not found: {APP.upper()} (AppInstance)"
    error = NotFoundError(
        "no", method="GET", path=read.endpoint.path, status=404, error_code="E0000007", summary=summary
    )
    assert means_no_rows(read, error, {"id": APP})
    assert not means_no_rows(read, error, {"id": "0oaOther"})


def test_only_some_listings_can_be_empty_by_an_error() -> None:
    found = {
        (source.path, answer.status, answer.code)
        for cls in ENTITIES
        for source in cls.SOURCES
        if isinstance(source, Endpoint)
        for answer in source.empty_answers
    }
    not_found = {
        "/oauth2/v1/clients/{id}/roles",
        "/oauth2/v1/clients/{integration}/roles",
        "/api/v1/apps/{id}/grants",
        "/api/v1/apps/{id}/group-push/mappings",
        "/api/v1/groups/{id}",
        "/api/v1/policies/{id}/mappings",
    }
    assert found == {(path, NOT_FOUND.status, NOT_FOUND.code) for path in not_found} | {
        (path, 400, code)
        for path in ("/api/v1/policies", "/api/v1/policies/{id}/mappings")
        for code in ("E0000001", "E0000002")
    }
    assert EmptyAnswer(404, "E0000007") == NOT_FOUND


def test_a_resumed_collection_requests_a_false_none_again(
    okta: Any, refusal: Callable[..., httpx.Response], tmp_path: Path
) -> None:
    role = {"id": "ra1", "type": "APP_ADMIN", "status": "ACTIVE", "assignmentType": "CLIENT"}
    okta.routes = {
        "/api/v1/apps": [SERVICE],
        BELOW_APPLICATIONS[RoleAssignment]: lambda request: FOREIGN["a page"](404),
    }

    class Stopped(Exception):
        pass

    def stop(progress: Any) -> None:
        if progress.entity == "RoleAssignment" and progress.finished:
            raise Stopped

    with pytest.raises(Stopped):
        okta.collect(RoleAssignment, Application, into=tmp_path / "org", progress=stop)
    okta.routes[BELOW_APPLICATIONS[RoleAssignment]] = [role]
    snapshot = okta.collect(RoleAssignment, Application, into=tmp_path / "org")
    assert snapshot.gaps == ()
    assert [row.type for row in snapshot.role_assignments] == ["APP_ADMIN"]
