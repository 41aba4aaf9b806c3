"""Each recorded shape of error response becomes the matching exception."""

from __future__ import annotations

import json
import pickle

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oktahound.client._error_responses import clean, error_details, error_of_response
from oktahound.client._steps import Request, Response
from oktahound.errors import (
    AuthenticationError,
    CursorRejectedError,
    FeatureNotLicensedError,
    ForeignOriginError,
    NotFoundError,
    PermissionDeniedError,
    ProtocolError,
    RateLimitError,
    RequestError,
    RequestRejectedError,
    ServerError,
)

PATH = "/api/v1/apps/{id}"


def ask(query=""):
    return Request("GET", httpx.URL("https://contoso.okta.com/api/v1/apps/0oa1" + query), PATH)


def response(status, doc=None, body=None, secrets=(), **headers):
    body = body if body is not None else b"" if doc is None else json.dumps(doc).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status, httpx.Headers(named), body, 0.0, secrets=secrets)


def okta(code, summary="Some words", causes=()):
    return {
        "errorCode": code,
        "errorSummary": summary,
        "errorLink": code,
        "errorId": "oae-1_x",
        "errorCauses": [{"errorSummary": cause} for cause in causes],
    }


@pytest.mark.parametrize(
    ("status", "doc", "kind"),
    [
        (401, okta("E0000011"), AuthenticationError),
        (401, None, AuthenticationError),
        (401, okta("E0000015"), FeatureNotLicensedError),
        (403, okta("E0000015"), FeatureNotLicensedError),
        (403, okta("E0000005", "Invalid session"), AuthenticationError),
        (403, okta("E0000006"), PermissionDeniedError),
        (403, okta("E0000056"), PermissionDeniedError),
        (403, None, PermissionDeniedError),
        (404, okta("E0000007"), NotFoundError),
        (404, {"status": 404, "message": "Resource not found"}, NotFoundError),
        (400, okta("E0000001", causes=["Provisioning is not supported."]), RequestRejectedError),
        (400, okta("E0000029", "Invalid paging request.", ["Invalid cursor."]), CursorRejectedError),
        (400, okta("E0000031", "Invalid search criteria.", ["Invalid cursor."]), CursorRejectedError),
        (400, okta("E0000031", "Invalid search criteria."), RequestRejectedError),
        (405, None, RequestRejectedError),
        (410, None, RequestRejectedError),
        (429, okta("E0000047"), RateLimitError),
        (500, okta("E0000009"), ServerError),
        (503, None, ServerError),
        (599, None, ServerError),
        (304, None, ProtocolError),
        (150, None, ProtocolError),
    ],
)
def test_a_refusal_becomes_exactly_this_error(status, doc, kind):
    error = error_of_response(ask(), response(status, doc))
    assert type(error) is kind
    assert (error.method, error.path, error.status) == ("GET", PATH, status)
    if doc and "errorId" in doc:
        assert (error.error_code, error.error_id) == (doc["errorCode"], "oae-1_x")


def test_a_paging_error_after_a_cursor_is_a_cursor_error_even_without_its_cause():
    doc = okta("E0000029", "Invalid paging request.")
    assert type(error_of_response(ask("?after=x"), response(400, doc))) is CursorRejectedError
    assert type(error_of_response(ask("?limit=x"), response(400, doc))) is RequestRejectedError


def test_causes_are_part_of_the_summary():
    error = error_of_response(
        ask(), response(400, okta("E0000001", "Api validation failed", ["too long", "too dear"]))
    )
    assert error.summary == "Api validation failed; too long; too dear"


def test_oauth_errors_have_a_code_and_a_summary():
    found = error_details(response(400, {"error": "invalid_scope", "error_description": "no such scope"}))
    assert (found.code, found.summary) == ("invalid_scope", "no such scope")


def test_the_scope_in_the_challenge_is_named():
    header = 'Bearer scope="okta.b.read okta.a.read", error="insufficient_scope", error_description="no"'
    error = error_of_response(ask(), response(403, www_authenticate=header))
    assert isinstance(error, PermissionDeniedError)
    assert error.missing_scopes == ("okta.a.read", "okta.b.read")
    assert "okta.a.read, okta.b.read" in str(error)
    assert error.summary == "no"


def test_a_scope_in_another_challenge_is_not_missing():
    error = error_of_response(ask(), response(403, www_authenticate='Bearer scope="okta.a.read"'))
    assert isinstance(error, PermissionDeniedError)
    assert error.missing_scopes == ()


def test_a_rate_limit_error_has_the_time_of_the_next_attempt():
    date = "Thu, 11 Sep 2025 16:21:50 GMT"
    limits = {"x_rate_limit_limit": "10", "x_rate_limit_remaining": "0", "x_rate_limit_reset": "1757607758"}
    paced = error_of_response(ask(), response(429, okta("E0000047"), date=date, **limits))
    asked = error_of_response(ask(), response(429, retry_after="9"))
    silent = error_of_response(ask(), response(429))
    waits = [error.retry_after for error in (paced, asked, silent) if isinstance(error, RateLimitError)]
    assert waits == [49.0, 9.0, None]


@pytest.mark.parametrize(
    ("location", "kind"),
    [
        ("https://evil.example/x", ForeignOriginError),
        ("//evil.example/x", ForeignOriginError),
        ("http://contoso.okta.com/x", ForeignOriginError),
        ("https://x:port/", ForeignOriginError),
        ("/login", ProtocolError),
        ("https://contoso.okta.com/login", ProtocolError),
    ],
)
def test_a_redirect_is_never_followed(location, kind):
    assert type(error_of_response(ask(), response(302, location=location))) is kind


@pytest.mark.parametrize(
    "body",
    [
        b"<html>nope</html>",
        b"[1, 2]",
        b'"text"',
        b'{"errorCode": 7, "errorSummary": ["x"], "errorId": {}, "errorCauses": "x"}',
        b'{"errorCauses": [null, 7, {"errorSummary": null}]}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_a_body_of_another_shape_still_gives_the_error(body):
    error = error_of_response(ask(), response(404, body=body))
    assert type(error) is NotFoundError
    assert (error.error_code, error.error_id, error.summary) == (None, None, None)


@given(st.text())
def test_server_text_in_errors_is_printable_and_short(text):
    cleaned = clean(text)
    assert cleaned is None or (cleaned.isprintable() and 0 < len(cleaned) <= 300)


def test_control_characters_in_server_text_are_escaped():
    assert clean("a\x1b[31mred\x07\r\nb\u202ec\u200bd") == "a [31mred b c d"
    assert clean("x" * 1000) == "x" * 299 + "…"
    assert clean(None) is None
    assert clean(" \n ") is None


def test_secrets_that_a_server_echoes_are_not_in_the_error():
    jwt = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiIwb2EifQ.c2lnbmF0dXJl"
    doc = okta("00secret", f"bad token 00secret, bad assertion {jwt}", ["00secret"]) | {"errorId": "00secret"}
    error = error_of_response(ask(), response(400, doc, secrets=("00secret",)))
    for text in (str(error), repr(error), repr(vars(error)), pickle.dumps(error).decode("latin-1")):
        assert "00secret" not in text
        assert "eyJ" not in text


@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 429, 500])
def test_errors_are_equal_after_pickling(status):
    header = 'Bearer error="insufficient_scope", scope="okta.a.read"'
    error = error_of_response(ask(), response(status, okta("E1"), www_authenticate=header, location="/x"))
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert vars(again) == vars(error)
    assert isinstance(again, RequestError)
    assert str(again) == str(error)
