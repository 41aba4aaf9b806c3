"""Log records of the client's pauses at INFO, with their values in ``extra`` (``okta_domain`` and others)."""

from __future__ import annotations

import logging

from oktahound.client._steps import Pause

__all__ = ["client_log", "log_rate_limit", "log_retry"]

client_log = logging.getLogger("oktahound.client")


def log_retry(domain: str, pause: Pause) -> None:
    """Log that a request failed and is repeated after a pause.

    ``extra`` has ``okta_domain``, ``okta_request`` (method and path template), ``okta_seconds`` (the pause),
    ``okta_attempt`` (the attempts so far), ``okta_status`` (None without a response) and ``okta_reason``.
    """
    fields = {
        "okta_domain": domain,
        "okta_request": pause.request,
        "okta_seconds": pause.seconds,
        "okta_attempt": pause.attempt,
        "okta_status": pause.status,
        "okta_reason": pause.reason,
    }
    client_log.info(
        "%s: %s: attempt %d failed (%s), the next in %.1f s",
        domain, pause.request, pause.attempt, pause.reason, pause.seconds, extra=fields,
    )  # fmt: skip


def log_rate_limit(domain: str, request: str, seconds: float) -> None:
    """Log that requests to an endpoint wait for the next window of its rate limit.

    ``extra`` has ``okta_domain``, ``okta_request`` (method and path template), ``okta_seconds`` and
    ``okta_reason``.
    """
    fields = {
        "okta_domain": domain,
        "okta_request": request,
        "okta_seconds": seconds,
        "okta_reason": "rate limit",
    }
    client_log.info("%s: %s: waiting %.1f s for the rate limit", domain, request, seconds, extra=fields)
