"""From a refusal to the error that says what it means."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import attrs
import httpx

from oktahound.client._headers import challenge, limits_of, retry_after
from oktahound.client._json import parsed
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
    """Words from outside, fit for a message: one line, printable, short, without our own secrets."""
    if not isinstance(text, str):
        return None
    for secret in secrets:
        text = text.replace(secret, "[removed]")
    text = text[:_LONGEST_READ]
    text = _JWT.sub("[removed]", text)
    # Category C is control, format (this includes the marks that turn text around), surrogates.
    text = "".join(" " if unicodedata.category(char).startswith("C") else char for char in text)
    text = " ".join(text.split())
    return (text[: _LONGEST_SUMMARY - 1] + "…" if len(text) > _LONGEST_SUMMARY else text) or None


@attrs.frozen
class ErrorDetails:
    """What a refusal says: the three shapes of Okta's errors, and OAuth's header, made one."""

    code: str | None = None
    id: str | None = None
    summary: str | None = None
    scopes: tuple[str, ...] = ()


def error_details(response: Response) -> ErrorDetails:
    """Read the error in an answer; every field is None when it does not hold one."""
    doc = parsed(response.body) if len(response.body) <= _LARGEST_REFUSAL else None
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
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def needs_dpop_nonce(response: Response) -> bool:
    """Whether a resource wants the proof repeated with the nonce it just sent (RFC 9449, section 9)."""
    return (
        response.status in {400, 401}
        and "dpop-nonce" in response.headers
        and error_details(response).code == "use_dpop_nonce"
    )


def rejects_token(response: Response) -> bool:
    """Whether the answer blames the token: 401, or the 403 "Invalid session" that Okta sends for one."""
    if response.status not in {401, 403}:
        return False
    code = error_details(response).code
    return code != "E0000015" if response.status == 401 else code == "E0000005"


def error_of_failure(ask: Request, failure: TransportFailure) -> RequestError:
    """The error for a request that got no whole answer."""
    kind = ProtocolError if failure.kind in {"damaged", "oversize"} else TransportError
    return kind(failure.reason, method=ask.method, path=ask.path)


def error_of_response(ask: Request, response: Response) -> RequestError:
    """The error for an answer that is not a 2xx."""
    say = error_details(response)
    about: dict[str, Any] = {
        "method": ask.method,
        "path": ask.path,
        "status": response.status,
        "error_code": say.code,
        "error_id": say.id,
        "summary": say.summary,
    }
    if 300 <= response.status < 400:
        return _redirect(ask, response, about)
    if response.status == 429:
        limits = limits_of(response.headers)
        wait = limits.opens_in if limits else retry_after(response.headers)
        return RateLimitError("still refused for rate", retry_after=wait, **about)
    if response.status == 403 and say.code not in _NOT_PERMISSION:
        return _denied(say, about)
    kind, message = _meaning(ask, response.status, say)
    return kind(message, **about)


# What a 403 can mean other than that the credential may not: see `_meaning`.
_NOT_PERMISSION = frozenset({"E0000005", "E0000015"})


def _meaning(ask: Request, status: int, say: ErrorDetails) -> tuple[type[RequestError], str]:
    match status:
        case 401 | 403 if say.code == "E0000015":
            meaning: tuple[type[RequestError], str] = (
                FeatureNotLicensedError,
                "the org lacks the feature behind this endpoint",
            )
        case 401 | 403:
            meaning = AuthenticationError, "Okta refused the credential"
        case 404:
            meaning = NotFoundError, "no such object or endpoint"
        case 400 if _cursor(ask, say):
            meaning = CursorRejectedError, "Okta no longer accepts the cursor of this listing"
        case _ if status >= 500:
            meaning = ServerError, "Okta failed to answer"
        case _ if status >= 400:
            meaning = RequestRejectedError, "Okta refused the request"
        case _:
            meaning = ProtocolError, "a status that Okta does not send"
    return meaning


def _cursor(ask: Request, say: ErrorDetails) -> bool:
    """Okta says "Invalid cursor." among the causes; which of the two codes leads differs by endpoint."""
    if say.code not in {"E0000029", "E0000031"}:
        return False
    if "cursor" in (say.summary or "").lower():
        return True
    return say.code == "E0000029" and "after" in ask.url.params


def _denied(say: ErrorDetails, about: dict[str, Any]) -> PermissionDeniedError:
    if say.scopes:
        missing = ", ".join(sorted(say.scopes))
        return PermissionDeniedError(
            f"the access token lacks the scope {missing}", missing_scopes=say.scopes, **about
        )
    return PermissionDeniedError("the credential may not do this", **about)


def _redirect(ask: Request, response: Response, about: dict[str, Any]) -> ProtocolError:
    try:
        there = ask.url.join(response.headers.get("location", ""))
        foreign = origin_of(there) != origin_of(ask.url)
    except (httpx.InvalidURL, ValueError):
        foreign = True
    if foreign:
        return ForeignOriginError("a redirect to another host was not followed", **about)
    return ProtocolError("a redirect was not followed", **about)
