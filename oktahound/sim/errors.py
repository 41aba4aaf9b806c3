"""Define Okta's error responses, and the exception with which handlers raise them."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from oktahound.sim.ids import Ids

__all__ = [
    "JSON_TYPE",
    "SIGN_IN_PAGE",
    "SUMMARIES",
    "Refusal",
    "bad_request",
    "expired_access_token",
    "forbidden",
    "insufficient_scope",
    "invalid_cursor",
    "invalid_session",
    "invalid_token",
    "method_not_supported",
    "not_found",
    "not_licensed",
    "oauth_error",
    "too_many_requests",
    "unknown_org",
    "unknown_path",
]

SUMMARIES = {
    "E0000001": "Api validation failed: {0}",
    "E0000003": "The request body was not well-formed.",
    "E0000005": "Invalid session",
    "E0000006": "You do not have permission to perform the requested action",
    "E0000007": "Not found: Resource not found: {0}",
    "E0000009": "Internal Server Error",
    "E0000010": "Service is in read only mode",
    "E0000011": "Invalid token provided",
    "E0000015": "You do not have permission to access the feature you are requesting",
    "E0000022": "The endpoint does not support the provided HTTP method",
    "E0000029": "Invalid paging request.",
    "E0000031": "Invalid search criteria.",
    "E0000047": "API call exceeded rate limit due to too many requests.",
}
"""Okta's error texts by code, as recorded or from its OpenAPI document."""

JSON_TYPE = "application/json"

SIGN_IN_PAGE = b"<!DOCTYPE html><html><head><title>Okta - Sign In</title></head><body>Sign in</body></html>"
"""The web page for a host without an org, and of login walls in front of an org."""


class Refusal(Exception):  # noqa: N818 - a response to send, not an error of this package
    """An error response, raised as an exception. The server turns it into a response.

    Attributes:
        status: the HTTP status.
        content: the body; None for Okta's error object for `code`.
        counted: whether the response has rate limit headers. Recorded responses to requests that were refused
            before Okta determined the bucket (bad token, wrong method, unknown path) have none.
    """

    def __init__(
        self,
        status: int,
        code: str = "",
        detail: str = "",
        *,
        causes: tuple[str, ...] = (),
        content: bytes | None = None,
        content_type: str | None = JSON_TYPE,
        headers: Mapping[str, str] | None = None,
        counted: bool = True,
    ) -> None:
        super().__init__(status, code, detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.causes = causes
        self.content = content
        self.content_type = content_type
        self.headers = dict(headers or {})
        self.counted = counted

    def body(self, ids: Ids) -> bytes:
        """Return the body."""
        if self.content is not None:
            return self.content
        return orjson.dumps(
            {
                "errorCode": self.code,
                "errorSummary": SUMMARIES[self.code].format(self.detail),
                "errorLink": self.code,
                "errorId": ids.error(),
                "errorCauses": [{"errorSummary": cause} for cause in self.causes],
            }
        )


def bad_request(detail: str, *causes: str) -> Refusal:
    """400: the value of a parameter is invalid."""
    return Refusal(400, "E0000001", detail, causes=causes)


def invalid_cursor(code: str) -> Refusal:
    """400: a cursor of another listing, or an expired one. The code differs by endpoint."""
    return Refusal(400, code, causes=("Invalid cursor.",))


def invalid_token() -> Refusal:
    """401 for an API token that is unknown, revoked or expired."""
    return Refusal(401, "E0000011", headers={"www-authenticate": "SSWS"}, counted=False)


def invalid_session() -> Refusal:
    """403, which Okta in practice returns for a proof or an access token that it cannot parse."""
    return Refusal(403, "E0000005", counted=False)


def not_licensed() -> Refusal:
    """401 for a feature that the org does not have. The credential is valid."""
    return Refusal(401, "E0000015")


def forbidden() -> Refusal:
    """403: the owner of the credential lacks the admin role."""
    return Refusal(403, "E0000006")


def not_found(key: str, java_type: str) -> Refusal:
    """404 with the id and the Java type, as Okta's own errors have them."""
    return Refusal(404, "E0000007", f"{key} ({java_type})")


def unknown_path() -> Refusal:
    """404 for an unknown path: another body, no content type, no rate limit."""
    body = {"status": 404, "message": "Resource not found"}
    return Refusal(404, content=orjson.dumps(body), content_type=None, counted=False)


def unknown_org() -> Refusal:
    """404 for a host without an org: a web page for every path."""
    return Refusal(404, content=SIGN_IN_PAGE, content_type="text/html; charset=UTF-8", counted=False)


def method_not_supported() -> Refusal:
    """405: the path exists, but not for this method."""
    return Refusal(405, "E0000022", counted=False)


def too_many_requests() -> Refusal:
    """429. Okta never sends ``Retry-After`` with it."""
    return Refusal(429, "E0000047")


def insufficient_scope(url: str, scheme: str, scope: str) -> Refusal:
    """403 for an access token without the scope: an empty body, the scope is named in a header."""
    return _challenge(403, url, scheme, scope, error="insufficient_scope", description=_SCOPES_MISSING)


def expired_access_token(url: str, scheme: str, scope: str) -> Refusal:
    """401 for an access token that was revoked or has expired."""
    return _challenge(401, url, scheme, scope, error="invalid_token", description=_NOT_VALID)


_SCOPES_MISSING = "The access token provided does not contain the required scopes."
_NOT_VALID = "The access token is invalid or has expired."


def _challenge(status: int, url: str, scheme: str, scope: str, *, error: str, description: str) -> Refusal:
    challenge = (
        f'{scheme} authorization_uri="{url}/oauth2/v1/authorize", realm="{url}", scope="{scope}", '
        f'error="{error}", error_description="{description}"'
    )
    return Refusal(status, content=b"", content_type=None, headers={"www-authenticate": challenge})


def oauth_error(status: int, error: str, description: str, **headers: str) -> Refusal:
    """Return an error of the token endpoint, in OAuth's format instead of Okta's."""
    body = orjson.dumps({"error": error, "error_description": description})
    return Refusal(
        status, content=body, headers={name.replace("_", "-"): text for name, text in headers.items()}
    )
