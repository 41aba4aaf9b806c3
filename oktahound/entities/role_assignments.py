"""Admin role assignments of users, groups, service applications and API service integrations."""

from __future__ import annotations

from datetime import datetime
from types import MappingProxyType
from typing import Annotated, ClassVar

import attrs

from oktahound.entities.applications import Application
from oktahound.entities.builtin_roles import BUILT_IN_ROLES, RoleScope, built_in_role
from oktahound.entities.groups import Group, GroupMembership
from oktahound.entities.integrations import ApiServiceIntegration
from oktahound.entities.parsers import count, last_segment
from oktahound.entities.schema import Context, Derived, Entity, Parent, Wire, titled
from oktahound.entities.sources import NOT_FOUND, Endpoint, Statement
from oktahound.entities.users import User

__all__ = ["AdminAssignee", "RoleAssignment", "privileged_groups", "privileged_users", "role_holders"]


@attrs.frozen(kw_only=True, repr=False)
class AdminAssignee(Entity):
    """A user who holds a role. `id` is the user's.

    Okta does not document whether the listing contains users who are admins only through a group. To decide
    that a user is not an admin, also check the groups.
    """

    PLURAL = "admin_assignees"
    # Okta's default is 100. It documents no maximum.
    SOURCES = (
        Endpoint(
            "/api/v1/iam/assignees/users", scope="okta.roles.read", params={"limit": 100}, rows_key="value"
        ),
    )
    ASSIGNMENT_TYPE: ClassVar[str] = "USER"
    """Okta's value for a role assignment that a user holds directly."""

    id: str
    """The id of the `User`."""

    @property
    def role_path_id(self) -> str:
        """The id in the path of role listings."""
        return self.id


def _stated_privilege(group: Group) -> Statement | None:
    return Statement("_embedded.stats.hasAdminPrivilege", True, 1) if group.has_admin_privilege else None


@attrs.frozen(kw_only=True, repr=False)
class RoleAssignment(Entity):
    """The assignment of an admin role to a user, group or client."""

    KIND = "Okta_RoleAssignment"
    PLURAL = "role_assignments"
    OWNER = ("holder_id",)
    SOURCES = (
        Endpoint(
            "/api/v1/users/{id}/roles",
            scope="okta.roles.read",
            params={"expand": "targets/groups"},
            under=AdminAssignee,
            stated=lambda admin: Statement("GET /api/v1/iam/assignees/users", admin.id, 1),
        ),
        Endpoint(
            "/api/v1/groups/{id}/roles",
            scope="okta.roles.read",
            params={"expand": "targets/groups"},
            under=Group,
            # Read for every group. If the statistics omitted the role of a group, its members would count as
            # unprotected, which adds edges.
            stated=_stated_privilege,
        ),
        Endpoint(
            "/oauth2/v1/clients/{id}/roles",
            scope="okta.roles.read",
            under=Application,
            ids=lambda app: {"id": app.role_path_id},
            # Okta does not assign roles to other kinds of application.
            when=lambda app, known: app.is_service,
            empty_answers=(NOT_FOUND,),
        ),
        # The same listing with another template, so that gaps of integrations and applications differ.
        Endpoint(
            "/oauth2/v1/clients/{integration}/roles",
            scope="okta.roles.read",
            under=ApiServiceIntegration,
            ids=lambda integration: {"integration": integration.role_path_id},
            empty_answers=(NOT_FOUND,),
        ),
    )
    DERIVED = titled("The label.", lambda assignment, context: assignment.label)

    id: str
    """The id of the assignment. A built-in role has the same assignment id with every holder."""
    holder_id: Annotated[str, Parent()]
    """The id of the user, group, application or API service integration that holds the role."""
    holder_type: Annotated[str | None, Parent("ASSIGNMENT_TYPE")] = None
    """The type of holder: `USER`, `GROUP` or `CLIENT`."""
    holder_path_id: Annotated[str | None, Parent("role_path_id")] = None
    """The id of the holder in the path of role listings: the OAuth client id for applications."""
    label: Annotated[str | None, Wire(prop="")] = None
    """The name of the role that admins see."""
    type: str | None = None
    """The type of the built-in role, such as `SUPER_ADMIN`, or `CUSTOM`."""
    status: str | None = None
    """`ACTIVE` or `INACTIVE`."""
    assignment_type: str | None = None
    """The kind of assignee: `USER`, `GROUP` or `CLIENT`. A user's assignment with `GROUP` is inherited."""
    role_id: Annotated[str | None, Wire(("role", "_links.role.href"), read=last_segment)] = None
    """The id of the role, for assignments in the form of a custom role."""
    resource_set_id: Annotated[
        str | None, Wire(("resource-set", "_links.resource-set.href"), read=last_segment)
    ] = None
    """The id of the `ResourceSet` that limits it, for assignments in the form of a custom role."""
    embedded_groups: Annotated[int | None, Wire("_embedded.targets.groups", prop="", read=count)] = None
    """The number of target groups that the listing contained; None if it contained none."""
    created: datetime | None = None
    """The time at which the role was assigned."""
    last_updated: datetime | None = None
    """The time at which the assignment was last changed."""

    @property
    def is_direct(self) -> bool:
        """Whether the holder has it directly, and not through a group."""
        return self.assignment_type in (None, self.holder_type)

    @property
    def is_active(self) -> bool:
        """Whether it may be effective: false only for the status ``INACTIVE``.

        An assignment without a status, or with an unknown one, counts as active. Its holder stays protected
        as an administrator. Edges that rest on an unlisted status have an
        `assumption`.
        """
        return self.status != "INACTIVE"

    @property
    def is_custom(self) -> bool:
        """Whether the role is a custom role of the org."""
        return self.type == "CUSTOM"

    @property
    def scope(self) -> RoleScope | None:
        """The kind of targets that limit the assignment; None for an unknown role."""
        if self.is_custom or self.resource_set_id is not None:
            return RoleScope.RESOURCE_SET
        return built_in_role(self.type).scope if self.type else None

    @property
    def inheritance(self) -> str:
        """``own`` for a direct assignment, ``inherited`` for one through a group."""
        return "own" if self.is_direct else "inherited"

    @property
    def key(self) -> tuple[str, ...]:
        """Holder, id, and whether it is direct: one role can be held directly and through a group."""
        return (self.holder_id, self.id, self.inheritance)

    @property
    def counts(self) -> bool:
        """Whether it is active and direct, so that it is not already represented by a group's assignment."""
        return self.is_direct and self.is_active

    def node_id(self, context: Context) -> str | None:  # noqa: ARG002 - see Entity
        """Return assignment id and holder id, because the former is not unique. None if it does not count."""
        return f"{self.id}_{self.holder_id}" if self.counts else None

    def role_node_id(self, domain: str) -> str | None:
        """Return the node id of the role; None if the assignment does not refer to it."""
        if self.type is not None and not self.is_custom:
            return built_in_role(self.type).node_id(domain)
        # Okta lists one built-in role among the custom ones, so an assignment can refer to it by id.
        built_in = BUILT_IN_ROLES.get(self.role_id or "")
        return built_in.node_id(domain) if built_in else self.role_id


def _holders(context: Context) -> frozenset[str]:
    return frozenset(row.holder_id for row in context.rows(RoleAssignment) if row.counts)


def _own_holders(context: Context) -> frozenset[str]:
    """Return users who are listed as admins or hold an active role directly."""
    own = (row for row in context.rows(RoleAssignment) if row.counts and row.holder_type == "USER")
    listed = (row.id for row in context.rows(AdminAssignee))
    return frozenset(row.holder_id for row in own).union(listed)


def _admin_groups(context: Context) -> frozenset[str]:
    own = (row for row in context.rows(RoleAssignment) if row.counts and row.holder_type == "GROUP")
    stated = (group.id for group in context.rows(Group) if group.has_admin_privilege)
    return frozenset(row.holder_id for row in own).union(stated)


def _inheritors(context: Context) -> frozenset[str]:
    """Return users who hold a role through a group."""
    groups = context.once(_admin_groups)
    members = (row.id for row in context.rows(GroupMembership) if row.group_id in groups)
    inherited = (row for row in context.rows(RoleAssignment) if row.holder_type == "USER" and row.is_active)
    return frozenset(members).union(row.holder_id for row in inherited if not row.is_direct)


def _inheritance_known(context: Context) -> bool:
    """Whether all users who hold a role through a group are known."""
    admins = context.once(_admin_groups)
    groups = [group for group in context.rows(Group) if group.id in admins and group.lists_members]
    return (
        context.known(Group)
        and context.known(RoleAssignment, under=Group)
        and all(context.known(GroupMembership, group.key) for group in groups)
    )


def role_holders(context: Context) -> frozenset[str]:
    """Return the ids of users, groups, applications and integrations that hold an active role directly."""
    return context.once(_holders)


def privileged_groups(context: Context) -> frozenset[str]:
    """Return the ids of groups that hold a role, by assignments or by Okta's statistics."""
    return context.once(_admin_groups)


def privileged_users(context: Context) -> frozenset[str]:
    """Return the ids of users who are listed as admins, or hold a role directly or through a group."""
    return context.once(_own_holders) | context.once(_inheritors)


def _user_inherits(user: User, context: Context) -> bool | None:
    if user.id in context.once(_inheritors):
        return True
    return False if context.once(_inheritance_known) else None


def _user_holds(user: User, context: Context) -> bool | None:
    if user.id in context.once(_own_holders):
        return True
    inherits = _user_inherits(user, context)
    return inherits if inherits or context.known(AdminAssignee) else None


def _group_holds(group: Group, context: Context) -> bool | None:
    if group.id in context.once(_admin_groups):
        return True
    return False if context.known(RoleAssignment, group.key, under=Group) else None


def _application_holds(app: Application, context: Context) -> bool | None:
    if app.id in context.once(_holders):
        return True
    return False if context.known(RoleAssignment, app.key, under=Application) else None


def _integration_holds(integration: ApiServiceIntegration, context: Context) -> bool | None:
    # Few integrations hold a role, and the model has no such property, so it is present only if true.
    return True if integration.id in context.once(_holders) else None


_UNKNOWN = "Absent if unknown."

RoleAssignment.LENDS = MappingProxyType(
    {
        User: (
            Derived(
                "hasRoleAssignments",
                f"Listed as an admin, or holds or inherits a role. {_UNKNOWN}",
                _user_holds,
            ),
            Derived(
                "hasInheritedRoleAssignments", f"Holds a role through a group. {_UNKNOWN}", _user_inherits
            ),
        ),
        Group: (Derived("hasRoleAssignments", f"Holds an active role. {_UNKNOWN}", _group_holds),),
        Application: (
            Derived("hasRoleAssignments", f"Holds an active role. {_UNKNOWN}", _application_holds),
        ),
        ApiServiceIntegration: (
            Derived("hasRoleAssignments", "Holds an active role. Absent otherwise.", _integration_holds),
        ),
    }
)
