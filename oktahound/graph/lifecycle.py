"""Which objects carry nothing at the time: they stay in the graph, and no path leads through them.

An edge whose credential, relation or end is inactive says so (``active: false`` and ``inactiveReason``).
The ends are looked after here, once for all kinds of edges; a rule only says it of relations.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from oktahound.entities import (
    Agent,
    AgentPool,
    ApiToken,
    Application,
    AuthorizationServer,
    ClientSecret,
    Device,
    Entity,
    IdentityProvider,
    JsonWebKey,
    Policy,
    User,
)
from oktahound.graph.org_index import OrgIndex

__all__ = ["inactive_nodes", "inactive_relation", "unread_kinds"]

Reason = Callable[[Any, datetime], str | None]


def _in_status(noun: str, *statuses: str) -> Reason:
    """Inactive in these statuses. An unknown status is none of them."""
    reasons = {status: f"the {noun} is {status}" for status in statuses}
    return lambda row, now: reasons.get(row.status)


def _unless_active(noun: str) -> Reason:
    """Inactive unless ACTIVE: a credential that is in doubt opens nothing."""
    return lambda row, now: None if row.status in ("ACTIVE", None) else f"the {noun} is {row.status}"


def _out_of_operation(noun: str) -> Reason:
    return lambda row, now: f"the {noun} is INACTIVE" if row.operational_status == "INACTIVE" else None


def _expired(token: ApiToken, now: datetime) -> str | None:
    return "the API token has expired" if token.expires_at is not None and token.expires_at <= now else None


_REASONS: dict[type[Entity], Reason] = {
    User: _in_status("user", "SUSPENDED", "DEPROVISIONED"),
    Application: _in_status("application", "INACTIVE", "DELETED"),
    Device: _in_status("device", "SUSPENDED", "DEACTIVATED"),
    ClientSecret: _unless_active("secret"),
    JsonWebKey: _unless_active("key"),
    ApiToken: _expired,
    IdentityProvider: _in_status("identity provider", "INACTIVE"),
    Policy: _in_status("policy", "INACTIVE"),
    AuthorizationServer: _in_status("authorization server", "INACTIVE"),
    AgentPool: _out_of_operation("agent pool"),
    Agent: _out_of_operation("agent"),
}


def inactive_nodes(view: OrgIndex) -> dict[str, str]:
    """Node id and reason of every object that carries nothing at the time of the snapshot."""
    now = view.snapshot.collected_at
    found: dict[str, str] = {}
    for cls, reason_of in _REASONS.items():
        for row in view.rows(cls):
            if (reason := reason_of(row, now)) is not None and (node := row.node_id(view)) is not None:
                found[node] = reason
        doubtful = view.doubtful(cls)
        for row in view.snapshot.rows(cls) if doubtful else ():
            if row.id in doubtful and (node := row.node_id(view)) is not None:
                found[node] = f"whether it is active is not known: a field of the {cls.__name__} was not read"
    return found


def unread_kinds(view: OrgIndex) -> dict[str, str]:
    """Kinds of nodes that may be inactive without anybody knowing, and why: not all of them were read.

    An edge to an object that was lost with a broken listing would otherwise count as active because of the
    gap. Where everything was read, an object that was not is one that Okta does not list, and nothing is
    concluded from that.
    """
    return {
        cls.KIND: f"whether it is active is not known: not every {cls.__name__} was read"
        for cls in _REASONS
        if cls.KIND is not None and not view.known(cls)
    }


# Made once: an org may have a hundred thousand inactive assignments, and each edge holds its reason.
_DEAD_ASSIGNMENTS = {
    status: f"the assignment is {status}"
    for status in ("DEPROVISIONED", "INACTIVE", "REVOKED", "STAGED", "SUSPENDED", "UNASSIGNED")
}


def inactive_relation(status: str | None) -> str | None:
    """Why a user's assignment to an application gives no access; None when it does.

    Okta lists staged and unassigned assignments like the others, although they give no access.
    """
    return _DEAD_ASSIGNMENTS.get(status or "")
