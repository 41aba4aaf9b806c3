"""Lifecycle of objects and relations: whether they are active, inactive or of unknown state.

An edge with an inactive credential, relation or endpoint stays in the graph, with ``active: false`` and an
``inactiveReason``, but no path uses it. An unknown status makes an edge neither active nor inactive: the edge
has an ``assumption``. This module handles endpoints for all kinds of edges; rules handle relations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from types import MappingProxyType
from typing import TypeAlias

import attrs

from oktahound.entities import (
    Agent,
    AgentKey,
    AgentPool,
    AiAgent,
    ApiToken,
    Application,
    AuthorizationServer,
    ClientSecret,
    Device,
    Entity,
    EventHook,
    Factor,
    GroupRule,
    IdentityProvider,
    InlineHook,
    JsonWebKey,
    LogStream,
    McpServer,
    NetworkZone,
    Policy,
    PolicyRule,
    User,
)
from oktahound.graph.merge_properties import joined_assumptions
from oktahound.graph.org_index import OrgIndex

__all__ = [
    "Lifecycle",
    "connection_state",
    "grant_state",
    "inactive_nodes",
    "may_be_active",
    "mcp_client_state",
    "node_state",
    "policy_rule_state",
    "policy_state",
    "push_state",
    "relation_state",
    "role_state",
    "role_target_state",
    "state_of",
    "status_assumptions",
    "uncertain_nodes",
    "unread_kinds",
]


def _words(statuses: Iterable[str]) -> frozenset[str]:
    return frozenset(statuses)


@attrs.frozen
class Lifecycle:
    """The statuses of an entity, as Okta's API description lists them.

    Attributes:
        noun: the name of the entity in texts.
        active: statuses in which the object is effective.
        inactive: statuses in which it is not.
        field: the field with the status.
    """

    noun: str
    active: frozenset[str] = attrs.field(converter=_words)
    inactive: frozenset[str] = attrs.field(converter=_words)
    field: str = "status"

    def reasons(self) -> dict[str, str]:
        """The reason by inactive status. Cached, because a hundred thousand edges may share it."""
        return {status: f"the {self.noun} is {status}" for status in self.inactive}

    def doubt(self, status: str | None) -> str | None:
        """Return the assumption of an edge that depends on this status; None if it is known or missing."""
        if status is None or status in self.active or status in self.inactive:
            return None
        return f"the {self.noun} may be inactive: its status {status!r} is unknown to oktahound"


_POLICY = Lifecycle("policy", {"ACTIVE"}, {"INACTIVE"})
_LIFECYCLES: dict[type[Entity], Lifecycle] = {
    User: Lifecycle(
        "user",
        {"ACTIVE", "LOCKED_OUT", "PASSWORD_EXPIRED", "PROVISIONED", "RECOVERY", "STAGED"},
        {"SUSPENDED", "DEPROVISIONED"},
    ),
    Application: Lifecycle("application", {"ACTIVE"}, {"INACTIVE", "DELETED"}),
    Device: Lifecycle("device", {"ACTIVE", "CREATED", "UNSUSPENDED"}, {"SUSPENDED", "DEACTIVATED"}),
    ClientSecret: Lifecycle("secret", {"ACTIVE"}, {"INACTIVE"}),
    JsonWebKey: Lifecycle("key", {"ACTIVE"}, {"INACTIVE"}),
    IdentityProvider: Lifecycle("identity provider", {"ACTIVE"}, {"INACTIVE"}),
    Policy: _POLICY,
    AuthorizationServer: Lifecycle("authorization server", {"ACTIVE"}, {"INACTIVE"}),
    InlineHook: Lifecycle("inline hook", {"ACTIVE"}, {"INACTIVE"}),
    EventHook: Lifecycle("event hook", {"ACTIVE"}, {"INACTIVE"}),
    AiAgent: Lifecycle("AI agent", {"ACTIVE"}, {"INACTIVE", "DEACTIVATED", "STAGED"}),
    AgentKey: Lifecycle("key", {"ACTIVE"}, {"INACTIVE"}),
    McpServer: Lifecycle("MCP server", {"ACTIVE"}, {"INACTIVE", "INVALID", "PENDING"}),
    LogStream: Lifecycle("log stream", {"ACTIVE"}, {"INACTIVE"}),
    NetworkZone: Lifecycle("network zone", {"ACTIVE"}, {"INACTIVE"}),
    GroupRule: Lifecycle("group rule", {"ACTIVE"}, {"INACTIVE", "INVALID"}),
    AgentPool: Lifecycle(
        "agent pool", {"OPERATIONAL", "DEGRADED", "DISRUPTED"}, {"INACTIVE"}, "operational_status"
    ),
    Agent: Lifecycle("agent", {"OPERATIONAL", "DEGRADED", "DISRUPTED"}, {"INACTIVE"}, "operational_status"),
}
_ASSIGNMENT = Lifecycle(
    "assignment",
    {"ACTIVE", "APPROVED", "IMPLICIT", "IMPORTED", "MATCHED", "PENDING", "PROVISIONED"},
    {"DEPROVISIONED", "INACTIVE", "REVOKED", "STAGED", "SUSPENDED", "UNASSIGNED"},
)
_PUSH = Lifecycle("group push mapping", {"ACTIVE"}, {"INACTIVE", "ERROR"})
_ROLE = Lifecycle("role assignment", {"ACTIVE"}, {"INACTIVE"})
_ROLE_TARGET = Lifecycle("target of the role assignment", {"ACTIVE"}, {"INACTIVE"})
_GRANT = Lifecycle("consent grant", {"ACTIVE"}, {"REVOKED"})
_CONNECTION = Lifecycle("connection", {"ACTIVE"}, {"INACTIVE"})
_MCP_CLIENT = Lifecycle("OAuth client of the MCP server", {"ACTIVE"}, {"INACTIVE"})
_POLICY_RULE = Lifecycle("policy rule", {"ACTIVE"}, {"INACTIVE"})
_FACTOR = Lifecycle(
    "factor", {"ACTIVE"}, {"DISABLED", "ENROLLED", "EXPIRED", "INACTIVE", "NOT_SETUP", "PENDING_ACTIVATION"}
)
_BY_ENTITY: dict[type[Entity], Lifecycle] = {**_LIFECYCLES, PolicyRule: _POLICY_RULE, Factor: _FACTOR}
_CAN_BE_INACTIVE: tuple[type[Entity], ...] = (*_LIFECYCLES, ApiToken)

State: TypeAlias = Mapping[str, str]
"""Keyword arguments of an `EdgeKind`: empty for active, else ``inactive`` or ``assumption`` with its text."""

_ACTIVE: State = MappingProxyType({})


def _by_status(lifecycle: Lifecycle) -> Callable[[str | None], State]:
    """Return a function from a status to the state of a relation. Equal statuses share the same object."""
    known: dict[str | None, State] = {None: _ACTIVE}
    known |= dict.fromkeys(lifecycle.active, _ACTIVE)
    known |= {status: {"inactive": reason} for status, reason in lifecycle.reasons().items()}

    def state(status: str | None) -> State:
        """Return the state of a relation with this status."""
        if status not in known and (doubt := lifecycle.doubt(status)) is not None:
            return {"assumption": doubt}
        return known[status]

    return state


policy_state = _by_status(_POLICY)
"""The state of a policy of an authorization server by its status."""

connection_state = _by_status(_CONNECTION)
"""The state of a connection of an AI agent by its status."""

relation_state = _by_status(_ASSIGNMENT)
"""The state of a user's assignment to an application by its status. Okta also lists staged and unassigned
ones, which give no access."""

push_state = _by_status(_PUSH)
"""The state of a group push mapping by its status."""

role_state = _by_status(_ROLE)
"""The state of a role assignment by its status."""

role_target_state = _by_status(_ROLE_TARGET)
"""The state of an application target of a role assignment by its status."""

grant_state = _by_status(_GRANT)
"""The state of a consent grant by its status."""

mcp_client_state = _by_status(_MCP_CLIENT)
"""The state of the OAuth client of an MCP server by its status."""

policy_rule_state = _by_status(_POLICY_RULE)
"""The state of a rule of a policy by its status."""


def may_be_active(row: Entity) -> bool:
    """Return whether the object is not known to be inactive: its status is active, unread or unknown."""
    lifecycle = _BY_ENTITY[type(row)]
    return getattr(row, lifecycle.field) not in lifecycle.inactive


def status_assumptions(*rows: Entity) -> tuple[str, ...]:
    """Return the assumptions of a conclusion that requires all these objects to be active, one per status."""
    doubts = (
        lifecycle.doubt(getattr(row, lifecycle.field))
        for row in rows
        for lifecycle in (_BY_ENTITY[type(row)],)
    )
    return tuple(dict.fromkeys(filter(None, doubts)))


def node_state(org: OrgIndex, node: str) -> State:
    """Return the state of an object that an edge depends on but does not end at."""
    if (reason := org.once(inactive_nodes).get(node)) is not None:
        return {"inactive": reason}
    doubt = org.once(uncertain_nodes).get(node)
    return _ACTIVE if doubt is None else {"assumption": doubt}


def state_of(*states: State, assumption: str | None = None) -> State:
    """Combine the states that an edge depends on: inactive if one is, with all their assumptions."""
    text = joined_assumptions(assumption, *(state.get("assumption") for state in states))
    found = {"assumption": text} if text else {}
    reason = next((state["inactive"] for state in states if "inactive" in state), None)
    return found if reason is None else {"inactive": reason, **found}


def inactive_nodes(org: OrgIndex) -> dict[str, str]:
    """Return node id and reason of every object that is inactive at the time of the snapshot."""
    found: dict[str, str] = {}
    for cls, lifecycle in _LIFECYCLES.items():
        reasons, status_of = lifecycle.reasons(), attrgetter(lifecycle.field)
        for row in org.rows(cls):
            if (reason := reasons.get(status_of(row))) is not None and (node := row.node_id(org)) is not None:
                found[node] = reason
    now = org.snapshot.collected_at
    for token in org.rows(ApiToken):
        is_expired = token.expires_at is not None and token.expires_at <= now
        if is_expired and (node := token.node_id(org)) is not None:
            found[node] = "the API token has expired"
    for cls in _CAN_BE_INACTIVE:
        doubtful = org.doubtful(cls)
        for row in org.snapshot.rows(cls) if doubtful else ():
            if row.id in doubtful and (node := row.node_id(org)) is not None:
                found[node] = (
                    f"it is unknown whether it is active: a field of the {cls.__name__} was not read"
                )
    return found


def uncertain_nodes(org: OrgIndex) -> dict[str, str]:
    """Return node id and assumption of every object with an unknown status."""
    found: dict[str, str] = {}
    for cls, lifecycle in _LIFECYCLES.items():
        known, status_of = {None, *lifecycle.active, *lifecycle.inactive}, attrgetter(lifecycle.field)
        for row in org.rows(cls):
            if (status := status_of(row)) not in known and (node := row.node_id(org)) is not None:
                found[node] = lifecycle.doubt(status) or ""
    return found


def unread_kinds(org: OrgIndex) -> dict[str, str]:
    """Return kinds of nodes whose state may be unknown because not all of them were read, with the reason.

    Otherwise, an edge to an object that is missing because of a failed listing would count as active. If
    everything was read, Okta does not list the missing object, whose state is then unknown.
    """
    return {
        cls.KIND: f"it is unknown whether it is active: not every {cls.__name__} was read"
        for cls in _CAN_BE_INACTIVE
        if cls.KIND is not None and not org.known(cls)
    }
