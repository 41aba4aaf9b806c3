"""One request as a flow of steps, with retries, a new token and a new nonce where they are needed."""

from __future__ import annotations

from typing import Any

from oktahound.client._error_responses import error_of_response, needs_dpop_nonce, rejects_token
from oktahound.client._json import NOT_JSON
from oktahound.client._retry import RetryPolicy, attempts
from oktahound.client._steps import Flow, Renew, Request, Response
from oktahound.errors import ProtocolError

__all__ = ["document", "exchange", "parse_body", "wrong_response"]


def exchange(ask: Request, retry_policy: RetryPolicy) -> Flow[Response]:
    """Ask until there is a 2xx, with one new credential and one new nonce at most.

    Raises:
        RequestError: the answer is final and not a 2xx, or the retry budget is spent.
    """
    renewed = repeated = False
    while True:
        response = yield from attempts(ask, retry_policy)
        if 200 <= response.status < 300:
            return response
        if needs_dpop_nonce(response) and not repeated:
            repeated = True  # the driver has read the nonce: the next proof carries it
            continue
        if rejects_token(response) and not renewed:
            renewed = True
            if (yield Renew(response.generation)):
                continue
        raise error_of_response(ask, response)


def document(ask: Request, retry_policy: RetryPolicy) -> Flow[Any]:
    """The parsed JSON of one GET.

    Raises:
        RequestError: it failed.
    """
    response = yield from exchange(ask, retry_policy)
    return parse_body(ask, response)


def wrong_response(ask: Request, message: str, status: int | None = None) -> ProtocolError:
    """The error for a response that is not Okta's protocol."""
    return ProtocolError(message, method=ask.method, path=ask.path, status=status)


def parse_body(ask: Request, response: Response) -> Any:
    """The JSON in the body of a response.

    Only status 200 means the whole resource: 206 is a part of it, 203 what a proxy made of it.

    Raises:
        ProtocolError: the status is another one, or the body is not JSON.
    """
    if response.status != 200 and response.doc is not NOT_JSON:
        raise wrong_response(ask, "the response is not the whole resource", response.status)
    if response.doc is not NOT_JSON:
        return response.doc
    if not response.body.strip():
        raise wrong_response(ask, "the answer is empty", response.status)
    if "html" in response.headers.get("content-type", "").lower():
        raise wrong_response(ask, "the answer is a web page and not JSON", response.status)
    raise wrong_response(ask, "the answer is not JSON, or was cut short", response.status)
