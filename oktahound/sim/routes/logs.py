"""The System Log."""

from __future__ import annotations

from oktahound.sim.routing import Call, Page, Route

__all__ = ["LOGS"]

_TEMPLATE = "/api/v1/logs"


def _events(call: Call) -> Page:
    return call.world.log.page(call.query, call.world.url + _TEMPLATE)


LOGS = (
    # The log has separate paging: pages are bounded by time, and the polling form never ends.
    Route(
        template=_TEMPLATE,
        answer=_events,
        scopes=("okta.logs.read",),
        bucket="logs",
        paging="link",
        default=100,
        maximum=1000,
    ),
)
