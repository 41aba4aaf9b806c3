"""Turn Okta's error responses into exceptions of oktahound."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import attrs
import httpx

from oktahound.client._body import parse_json
from oktahound.client._headers import challenge, limits_of, retry_after
from oktahound.client._steps import Request, Response, TransportFailure
from oktahound.client._url import origin_of
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
    TransportError,
)

__all__ = [
    "ErrorDetails",
    "clean",
    "error_details",
    "error_of_failure",
    "error_of_response",
    "needs_dpop_nonce",
    "rejects_token",
]

_LONGEST_SUMMARY = 300
_LONGEST_READ = 4096
_LARGEST_REFUSAL = 1024 * 1024
_JWT = re.compile(r"eyJ[\w-]{8,}+\.[\w-]+(\.[\w-]*)?")


def clean(text: object, secrets: tuple[str, ...] = ()) -> str | None:
    """Make text from a server safe for a message: one printable line, shortened, without secrets."""
    if not isinstance(text, str):
        return None
    for secret in secrets:
        text = text.replace(secret, "[removed]")
    text = text[:_LONGEST_READ]
    text = _JWT.sub("[removed]", text)
    # Category C covers control characters, format characters (such as bidirectional marks), and surrogates.
    text = "".join(" " if unicodedata.category(char).startswith("C") else char for char in text)
    text = " ".join(text.split())
    return (text[: _LONGEST_SUMMARY - 1] + "…" if len(text) > _LONGEST_SUMMARY else text) or None


@attrs.frozen
class ErrorDetails:
    """The fields of an error response, from any of Okta's three formats or the ``WWW-Authenticate`` header.

    Attributes:
        code: Okta's ``errorCode``, or OAuth's ``error``.
        id: Okta's ``errorId``.
        summary: the error's text, with its causes.
        scopes: the scopes that the access token lacks, if the header names them.
    """

    code: str | None = None
    id: str | None = None
    summary: str | None = None
    scopes: tuple[str, ...] = ()


def error_details(response: Response) -> ErrorDetails:
    """Parse the error in a response. Fields that are missing are None."""
    doc = parse_json(response.body) if len(response.body) <= _LARGEST_REFUSAL else None
    doc = doc if isinstance(doc, dict) else {}
    header = challenge(response.headers)
    words = [doc.get("errorSummary") or doc.get("error_description") or doc.get("message")]
    words += [cause.get("errorSummary") for cause in _objects(doc.get("errorCauses"))]
    summary = "; ".join(word for word in words if isinstance(word, str)) or header.get("error_description")
    code = doc.get("errorCode") or doc.get("error") or header.get("error")
    scopes = header.get("scope", "").split() if header.get("error") == "insufficient_scope" else []
    return ErrorDetails(
        code=clean(code, response.secrets),
        id=clean(doc.get("errorId"), response.secrets),
        summary=clean(summary, response.secrets),
        scopes=tuple(scope for scope in (clean(scope, response.secrets) for scope in scopes) if scope),
    )


def _objects(value: object) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def needs_dpop_nonce(response: Response) -> bool:
    """Whether the server requires a DPoP proof with the nonce of this response (RFC 9449, section 9)."""
    return (
        response.status in {400, 401}
        and "dpop-nonce" in response.headers
        and error_details(response).code == "use_dpop_nonce"
    )


def rejects_token(response: Response) -> bool:
    """Whether the token was refused: 401, or Okta's 403 "Invalid session" (E0000005)."""
    if response.status not in {401, 403}:
        return False
    code = error_details(response).code
    return code != "E0000015" if response.status == 401 else code == "E0000005"


def error_of_failure(request: Request, failure: TransportFailure) -> RequestError:
    """Return the error for a request without a complete response."""
    kind = ProtocolError if failure.kind in {"damaged", "oversize"} else TransportError
    return kind(failure.reason, method=request.method, path=request.path)


def error_of_response(request: Request, response: Response) -> RequestError:
    """Return the error for a response whose status is not 2xx."""
    details = error_details(response)
    context: dict[str, Any] = {
        "method": request.method,
        "path": request.path,
        "status": response.status,
        "error_code": details.code,
        "error_id": details.id,
        "summary": details.summary,
    }
    if 300 <= response.status < 400:
        return _redirect_error(request, response, context)
    if response.status == 429:
        limits = limits_of(response.headers)
        wait = limits.opens_in if limits else retry_after(response.headers)
        return RateLimitError("the rate limit is exceeded", retry_after=wait, **context)
    if response.status == 403 and details.code not in _NOT_PERMISSION:
        return _permission_error(details, context)
    kind, message = _class_and_message(request, response.status, details)
    return kind(message, **context)


# Codes of a 403 that do not mean a missing permission; see `_class_and_message`.
_NOT_PERMISSION = frozenset({"E0000005", "E0000015"})


def _class_and_message(
    request: Request, status: int, details: ErrorDetails
) -> tuple[type[RequestError], str]:
    match status:
        case 401 | 403 if details.code == "E0000015":
            meaning: tuple[type[RequestError], str] = (
                FeatureNotLicensedError,
                "the org lacks the feature of this endpoint",
            )
        case 401 | 403:
            meaning = AuthenticationError, "Okta refused the credential"
        case 404:
            meaning = NotFoundError, "no such object or endpoint"
        case 400 if _is_cursor_error(request, details):
            meaning = CursorRejectedError, "Okta no longer accepts the cursor of this listing"
        case _ if status >= 500:
            meaning = ServerError, "Okta failed to process the request"
        case _ if status >= 400:
            meaning = RequestRejectedError, "Okta refused the request"
        case _:
            meaning = ProtocolError, "the response has a status that Okta does not send"
    return meaning


def _is_cursor_error(request: Request, details: ErrorDetails) -> bool:
    """Whether a 400 is about the cursor. Okta uses either of two codes, and names the cursor in a cause."""
    if details.code not in {"E0000029", "E0000031"}:
        return False
    if "cursor" in (details.summary or "").lower():
        return True
    return details.code == "E0000029" and "after" in request.url.params


def _permission_error(details: ErrorDetails, context: dict[str, Any]) -> PermissionDeniedError:
    if details.scopes:
        missing = ", ".join(sorted(details.scopes))
        return PermissionDeniedError(
            f"the access token lacks the scope {missing}", missing_scopes=details.scopes, **context
        )
    return PermissionDeniedError("the credential lacks the permission for this request", **context)


def _redirect_error(request: Request, response: Response, context: dict[str, Any]) -> ProtocolError:
    try:
        location = request.url.join(response.headers.get("location", ""))
        foreign = origin_of(location) != origin_of(request.url)
    except (httpx.InvalidURL, ValueError):
        foreign = True
    if foreign:
        return ForeignOriginError("a redirect to another host was not followed", **context)
    return ProtocolError("a redirect was not followed", **context)
