"""Factors that users have enrolled for multi-factor authentication."""

from __future__ import annotations

from datetime import datetime
from types import MappingProxyType
from typing import Annotated

import attrs

from oktahound.entities.applications import Application
from oktahound.entities.groups import Group, GroupMembership
from oktahound.entities.integrations import ApiServiceIntegration
from oktahound.entities.role_assignments import AdminAssignee, RoleAssignment
from oktahound.entities.schema import Context, Derived, Entity, Parent, Wire
from oktahound.entities.sources import Endpoint, Key, Known, Option
from oktahound.entities.users import User

__all__ = ["MFA_OF_ALL", "MFA_OF_NOBODY", "MFA_OF_ROLE_HOLDERS", "Factor"]

MFA_OF_ROLE_HOLDERS = Option("mfa", "roles", default=True)
"""Reads the factors of users who hold a role directly or through a group."""

MFA_OF_ALL = Option("mfa", "all")
"""Reads the factors of every user, with one request each."""

MFA_OF_NOBODY = Option("mfa", "none")
"""Reads no factors. No source has this value of the option."""


def _role_holders(known: Known) -> frozenset[Key]:
    holders = {assignee.id for assignee in known.rows(AdminAssignee)}
    holding = {row.holder_id for row in known.rows(RoleAssignment) if row.is_active}
    holding |= {group.id for group in known.rows(Group) if group.has_admin_privilege}
    inheriting = {row.id for row in known.rows(GroupMembership) if row.group_id in holding}
    return frozenset((holder,) for holder in holders | holding | inheriting)


def _active(user: User, context: Context) -> list[Factor] | None:
    if not context.known(Factor, user.key):
        return None
    return [factor for factor in context.of(Factor, user.key) if factor.status == "ACTIVE"]


def _number(user: User, context: Context) -> int | None:
    active = _active(user, context)
    return None if active is None else len(active)


def _types(user: User, context: Context) -> list[str] | None:
    active = _active(user, context)
    return None if active is None else sorted({factor.type for factor in active if factor.type})


@attrs.frozen(kw_only=True, repr=False)
class Factor(Entity):
    """A factor that a user has enrolled. Phone numbers and keys are not kept.

    Okta lists only factors that the policies allow for the network zone of the caller.
    """

    PLURAL = "factors"
    OWNER = ("user_id",)
    SOURCES = (
        Endpoint(
            "/api/v1/users/{id}/factors",
            scope="okta.users.read",
            under=User,
            among=_role_holders,
            after=(AdminAssignee, RoleAssignment, Group, GroupMembership),
            # Clients have no factors.
            regardless_of=(Application, ApiServiceIntegration),
            option=MFA_OF_ROLE_HOLDERS,
        ),
        Endpoint("/api/v1/users/{id}/factors", scope="okta.users.read", under=User, option=MFA_OF_ALL),
    )
    LENDS = MappingProxyType(
        {
            User: (
                Derived("authenticationFactors", "Number of active factors; absent when not read.", _number),
                Derived(
                    "authenticationFactorTypes",
                    "The types of the active factors; absent when not read.",
                    _types,
                ),
                Derived(
                    "mfaCollected",
                    "Whether the factors were read.",
                    lambda user, context: context.known(Factor, user.key),
                ),
            )
        }
    )

    user_id: Annotated[str, Parent()]
    """The id of the `User` who enrolled it."""
    type: Annotated[str | None, Wire("factorType")] = None
    """The kind of factor, such as `push`, `sms`, `token:software:totp` or `webauthn`."""
    provider: str | None = None
    """The provider of the factor, such as `OKTA`, `GOOGLE`, `DUO` or `FIDO`."""
    vendor_name: str | None = None
    """The vendor of the factor, such as `OKTA` or `YUBICO`."""
    status: str | None = None
    """`ACTIVE`, `PENDING_ACTIVATION`, `ENROLLED`, `INACTIVE`, `EXPIRED`, `NOT_SETUP` or `DISABLED`."""
    created: datetime | None = None
    """The time at which the factor was enrolled."""
    last_updated: datetime | None = None
    """The time at which the factor was last changed."""
