"""From a refusal of a BloodHound server to the error that says what it means."""

from __future__ import annotations

from typing import Any

import httpx

from oktahound.client._error_responses import clean
from oktahound.client._headers import retry_after
from oktahound.client._json import parsed
from oktahound.client._steps import Response
from oktahound.client._url import origin_of
from oktahound.errors import (
    AuthenticationError,
    ForeignOriginError,
    NotFoundError,
    PermissionDeniedError,
    ProtocolError,
    RateLimitError,
    RequestError,
    RequestRejectedError,
    ServerError,
)

__all__ = ["refusal"]

_MEANINGS: dict[int, tuple[type[RequestError], str]] = {
    401: (AuthenticationError, "BloodHound refused the credential"),
    403: (PermissionDeniedError, "the user of this credential may not upload to BloodHound"),
    404: (NotFoundError, "BloodHound has no such job or endpoint"),
    429: (RateLimitError, "BloodHound was still refusing for rate"),
}


def refusal(method: str, path: str, url: httpx.URL, response: Response) -> RequestError:
    """The error for an answer that is not a 2xx."""
    doc = parsed(response.body)
    doc = doc if isinstance(doc, dict) else {}
    about: dict[str, Any] = {
        "method": method,
        "path": path,
        "status": response.status,
        "error_id": clean(doc.get("request_id"), response.secrets),
        "summary": clean(_words(doc), response.secrets),
    }
    if response.status < 400:
        return _redirect(url, response, about)
    kind, message = _MEANINGS.get(
        response.status,
        (ServerError, "BloodHound failed to answer")
        if response.status >= 500
        else (RequestRejectedError, "BloodHound refused the request"),
    )
    if kind is RateLimitError:
        return RateLimitError(message, retry_after=retry_after(response.headers), **about)
    return kind(message, **about)


def _words(doc: dict[str, Any]) -> str:
    """The messages of ``{"errors": [{"context": …, "message": …}]}``, which is every refusal's form."""
    errors = doc.get("errors")
    causes = [each for each in errors if isinstance(each, dict)] if isinstance(errors, list) else []
    return "; ".join(word for cause in causes if isinstance(word := cause.get("message"), str))


def _redirect(url: httpx.URL, response: Response, about: dict[str, Any]) -> ProtocolError:
    try:
        foreign = origin_of(url.join(response.headers.get("location", ""))) != origin_of(url)
    except (httpx.InvalidURL, ValueError):
        foreign = True
    if foreign:
        return ForeignOriginError("a redirect to another host was not followed", **about)
    return ProtocolError("a redirect was not followed", **about)
