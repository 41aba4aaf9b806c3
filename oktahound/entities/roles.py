"""Custom admin roles and their permissions. For built-in roles, see `builtin_roles`."""

from __future__ import annotations

from datetime import datetime
from types import MappingProxyType
from typing import Annotated

import attrs

from oktahound.entities.builtin_roles import BUILT_IN_ROLES
from oktahound.entities.parsers import role_conditions
from oktahound.entities.schema import Context, Derived, Entity, Parent, Wire, titled
from oktahound.entities.sources import Endpoint

__all__ = ["CustomRole", "RolePermission"]


@attrs.frozen(kw_only=True, repr=False)
class CustomRole(Entity):
    """A custom role of the org. Okta also lists the built-in ``WORKFLOWS_ADMIN`` here."""

    KIND = "Okta_CustomRole"
    PLURAL = "custom_roles"
    SOURCES = (Endpoint("/api/v1/iam/roles", scope="okta.roles.read", rows_key="roles"),)
    DERIVED = titled("The label.", lambda role, context: role.label)

    label: Annotated[str | None, Wire(prop="")] = None
    """The name that admins see."""
    description: str | None = None
    """The role's description."""
    created: datetime | None = None
    """The time at which the role was created."""
    last_updated: datetime | None = None
    """The time at which the role was last changed."""

    @property
    def is_built_in(self) -> bool:
        """Whether it is a built-in role, which is in the table of built-in roles."""
        return self.id in BUILT_IN_ROLES

    def node_id(self, context: Context) -> str | None:  # noqa: ARG002 - see Entity
        """Return the id; None for a built-in role, whose node comes from the table."""
        return None if self.is_built_in else self.id


def _permissions(role: CustomRole, context: Context) -> list[str] | None:
    if not context.known(RolePermission, role.key):
        return None
    return sorted({permission.id for permission in context.of(RolePermission, role.key)})


def _conditional(role: CustomRole, context: Context) -> list[str] | None:
    if not context.known(RolePermission, role.key):
        return None
    permissions = context.of(RolePermission, role.key)
    return sorted({permission.id for permission in permissions if permission.is_conditional})


@attrs.frozen(kw_only=True, repr=False)
class RolePermission(Entity):
    """A permission of a custom role. `id` is the permission's name (``okta.users.read``).

    `conditions` is Okta's JSON of its conditions, with sorted keys; None if there are none.
    """

    PLURAL = "role_permissions"
    OWNER = ("role_id",)
    SOURCES = (
        Endpoint(
            "/api/v1/iam/roles/{id}/permissions",
            scope="okta.roles.read",
            rows_key="permissions",
            under=CustomRole,
            when=lambda role, known: not role.is_built_in,
        ),
    )
    LENDS = MappingProxyType(
        {
            CustomRole: (
                Derived("permissions", "Its permissions; absent if they were not read.", _permissions),
                Derived(
                    "conditionalPermissions",
                    "The permissions that are limited by conditions.",
                    _conditional,
                ),
            )
        }
    )

    id: Annotated[str, Wire("label")]
    """The name of the permission, such as `okta.users.read`."""
    role_id: Annotated[str, Parent()]
    """The id of the `CustomRole`."""
    conditions: Annotated[str | None, Wire(read=role_conditions)] = None
    """Okta's JSON of the conditions that limit the permission, with sorted keys; None if there are none."""
    created: datetime | None = None
    """The time at which the permission was added to the role."""
    last_updated: datetime | None = None
    """The time at which the permission was last changed."""

    @property
    def is_conditional(self) -> bool:
        """Whether conditions limit it."""
        return self.conditions not in (None, "{}", '{"exclude":null,"include":null}')
