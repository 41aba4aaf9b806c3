"""Fields whose being unread could add an edge: a status that says INACTIVE, an exclusion, a type.

A record with a field of a wrong type is kept, without the field. Rules take a field that is not there for one
that Okta did not send, and conclude from that: no status is not inactive, no exclusions exclude nothing. So
rules are not shown a row in which such a field may be unread. Its node stays, and edges to it are inactive.
"""

from __future__ import annotations

from collections.abc import Iterator

from oktahound.entities import (
    Agent,
    AgentPool,
    ApiToken,
    Application,
    AppUser,
    AuthorizationServer,
    ClientSecret,
    ConsentGrant,
    Device,
    Entity,
    Group,
    GroupPushMapping,
    IdentityProvider,
    JsonWebKey,
    Policy,
    PolicyRule,
    Resource,
    RoleAssignment,
    RolePermission,
    User,
    fields_of,
)
from oktahound.snapshot import Gap, GapReason

__all__ = ["TELLING", "unread"]

TELLING: dict[type[Entity], frozenset[str]] = {
    User: frozenset({"status", "login", "email", "employee_number"}),
    Group: frozenset({"type", "object_sid", "has_admin_privilege"}),
    Application: frozenset(
        {"status", "app_type", "client_type", "features", "grant_types", "naming_context", "microsoft_tenant_id"}
    ),
    AppUser: frozenset({"status", "scope", "initial_status", "object_sid"}),
    ConsentGrant: frozenset({"status"}),
    GroupPushMapping: frozenset({"status"}),
    ClientSecret: frozenset({"status"}),
    JsonWebKey: frozenset({"status", "use", "kty", "kid"}),
    ApiToken: frozenset({"expires_at"}),
    Device: frozenset({"status"}),
    IdentityProvider: frozenset({"status", "group_action", "issuer"}),
    Policy: frozenset({"status"}),
    PolicyRule: frozenset({"status"}),
    AuthorizationServer: frozenset({"status"}),
    AgentPool: frozenset({"operational_status"}),
    Agent: frozenset({"operational_status"}),
    RoleAssignment: frozenset({"type", "status", "assignment_type"}),
    RolePermission: frozenset({"conditions"}),
    Resource: frozenset({"link", "excluded"}),
}
"""By entity, the fields that count; a test of all fields holds the list."""


def unread(cls: type[Entity], gaps: tuple[Gap, ...]) -> Iterator[tuple[str, str | None]]:
    """The telling fields that gaps left unread, and of each the parent below which; None for anywhere."""
    for gap in gaps:
        if gap.reason is GapReason.FIELD:
            # What follows the last index is the path within the row.
            path = (gap.where or "").rpartition("].")[2]
            for field in fields_of(cls):
                known_by = [".".join(each) for each in field.paths]
                if field.name in TELLING.get(cls, ()) and any(_holds(path, each) for each in known_by):
                    yield field.name, gap.parent


def _holds(path: str, whole: str) -> bool:
    """Whether a field at `whole` could not be read because of what stands at `path`."""
    return whole == path or whole.startswith(f"{path}.")
