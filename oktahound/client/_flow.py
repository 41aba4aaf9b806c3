"""The flow of one request: retries, and a new token or DPoP nonce if the response requires it."""

from __future__ import annotations

from typing import Any

from oktahound.client._error_responses import error_of_response, needs_dpop_nonce, rejects_token
from oktahound.client._json import NOT_JSON
from oktahound.client._retry import RetryPolicy, attempts
from oktahound.client._steps import Flow, Renew, Request, Response
from oktahound.errors import ProtocolError

__all__ = ["exchange", "fetch_json", "parse_body", "wrong_response"]


def exchange(request: Request, retry_policy: RetryPolicy) -> Flow[Response]:
    """Send a request until the response is a 2xx. Renews the credential and the nonce at most once.

    Raises:
        RequestError: the response is final and not a 2xx, or the retry budget is spent.
    """
    renewed = repeated = False
    while True:
        response = yield from attempts(request, retry_policy)
        if 200 <= response.status < 300:
            return response
        if needs_dpop_nonce(response) and not repeated:
            repeated = True  # the driver has read the nonce, and the next proof contains it
            continue
        if rejects_token(response) and not renewed:
            renewed = True
            if (yield Renew(response.generation)):
                continue
        raise error_of_response(request, response)


def fetch_json(request: Request, retry_policy: RetryPolicy) -> Flow[Any]:
    """Return the parsed JSON of one GET request.

    Raises:
        RequestError: the request failed.
    """
    response = yield from exchange(request, retry_policy)
    return parse_body(request, response)


def wrong_response(request: Request, message: str, status: int | None = None) -> ProtocolError:
    """Return the error for a response that does not follow Okta's protocol."""
    return ProtocolError(message, method=request.method, path=request.path, status=status)


def parse_body(request: Request, response: Response) -> Any:
    """Return the parsed JSON of a response.

    Only status 200 means the whole resource: 206 is a part of it, and 203 was changed by a proxy.

    Raises:
        ProtocolError: the status is not 200, or the body is not JSON.
    """
    if response.status != 200 and response.doc is not NOT_JSON:
        raise wrong_response(request, "the response is not the whole resource", response.status)
    if response.doc is not NOT_JSON:
        return response.doc
    if not response.body.strip():
        raise wrong_response(request, "the response body is empty", response.status)
    if "html" in response.headers.get("content-type", "").lower():
        raise wrong_response(request, "the response body is a web page and not JSON", response.status)
    message = f"the response body of {len(response.body):,} bytes is not JSON, or was truncated"
    raise wrong_response(request, message, response.status)
