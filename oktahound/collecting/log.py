"""Log records of a collection: INFO at its start and end, WARNING for every gap.

Each record also has its values in ``extra``, under names that start with ``okta_``, so that services that
read many organizations can filter and index them.
"""

from __future__ import annotations

import logging

from oktahound.collecting.plan import Plan
from oktahound.collecting.row_store import RowStore
from oktahound.snapshot.display import printable

__all__ = ["log_end", "log_start"]

_log = logging.getLogger("oktahound.collecting")


def log_start(domain: str, plan: Plan) -> None:
    """Log that a collection starts: ``okta_domain``, ``okta_entities``."""
    names = [cls.__name__ for cls in plan.entities]
    _log.info(
        "reading %s: %d entities", domain, len(names), extra={"okta_domain": domain, "okta_entities": names}
    )


def log_end(domain: str, store: RowStore, seconds: float) -> None:
    """Log every gap, and that the collection ended.

    A gap has ``okta_domain``, ``okta_entity``, ``okta_reason``, ``okta_request`` (with the path template) and
    ``okta_status``; the end ``okta_domain``, ``okta_seconds``, ``okta_rows`` and ``okta_gaps``.
    """
    for gap in store.gaps:
        about = {
            "okta_domain": domain,
            "okta_entity": gap.entity,
            "okta_reason": gap.reason.value,
            "okta_request": gap.request,
            "okta_status": gap.status,
        }
        _log.warning("%s: %s", domain, printable(str(gap)), extra=about)
    rows = store.total()
    ended = {"okta_domain": domain, "okta_seconds": seconds, "okta_rows": rows, "okta_gaps": len(store.gaps)}
    _log.info("read %s: %d rows and %d gaps in %.1f s", domain, rows, len(store.gaps), seconds, extra=ended)
