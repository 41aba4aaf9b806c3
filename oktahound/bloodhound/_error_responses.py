"""Turn BloodHound's error responses into exceptions of oktahound."""

from __future__ import annotations

from typing import Any

import httpx

from oktahound.client._error_responses import clean
from oktahound.client._headers import retry_after
from oktahound.client._json import parse_json
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

__all__ = ["error_of_response"]

_MEANINGS: dict[int, tuple[type[RequestError], str]] = {
    401: (AuthenticationError, "BloodHound refused the credential"),
    403: (PermissionDeniedError, "the user of this credential lacks the permission to upload to BloodHound"),
    404: (NotFoundError, "BloodHound has no such job or endpoint"),
    429: (RateLimitError, "the rate limit of BloodHound is exceeded"),
}


def error_of_response(method: str, path: str, url: httpx.URL, response: Response) -> RequestError:
    """Return the error for a response whose status is not 2xx."""
    doc = parse_json(response.body)
    doc = doc if isinstance(doc, dict) else {}
    context: dict[str, Any] = {
        "method": method,
        "path": path,
        "status": response.status,
        "error_id": clean(doc.get("request_id"), response.secrets),
        "summary": clean(_words(doc), response.secrets),
    }
    if response.status < 400:
        return _redirect_error(url, response, context)
    kind, message = _MEANINGS.get(
        response.status,
        (ServerError, "BloodHound failed to process the request")
        if response.status >= 500
        else (RequestRejectedError, "BloodHound refused the request"),
    )
    if kind is RateLimitError:
        return RateLimitError(message, retry_after=retry_after(response.headers), **context)
    return kind(message, **context)


def _words(doc: dict[str, Any]) -> str:
    """Join the messages of BloodHound's error format ``{"errors": [{"context": …, "message": …}]}``."""
    errors = doc.get("errors")
    causes = [each for each in errors if isinstance(each, dict)] if isinstance(errors, list) else []
    return "; ".join(word for cause in causes if isinstance(word := cause.get("message"), str))


def _redirect_error(url: httpx.URL, response: Response, context: dict[str, Any]) -> ProtocolError:
    try:
        foreign = origin_of(url.join(response.headers.get("location", ""))) != origin_of(url)
    except (httpx.InvalidURL, ValueError):
        foreign = True
    if foreign:
        return ForeignOriginError("a redirect to another host was not followed", **context)
    return ProtocolError("a redirect was not followed", **context)
