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

    Whether the listing holds users who are admins only through a group is not documented: do not
    conclude from absence without looking at the groups.
    """

    PLURAL = "admin_assignees"
    # Okta's default is a hundred; it documents no maximum.
    SOURCES = (
        Endpoint(
            "/api/v1/iam/assignees/users", scope="okta.roles.read", params={"limit": 100}, rows_key="value"
        ),
    )
    ASSIGNMENT_TYPE: ClassVar[str] = "USER"
    """What Okta calls a role assignment that is a user's own."""

    id: str
    """The id of the `User`."""

    @property
    def role_path_id(self) -> str:
        """The id that role listings know the user by."""
        return self.id


def _privilege_stated(group: Group) -> Statement | None:
    return Statement("_embedded.stats.hasAdminPrivilege", True, 1) if group.has_admin_privilege else None


@attrs.frozen(kw_only=True, repr=False)
class RoleAssignment(Entity):
    """That somebody holds a role."""

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
            # Asked for of every group: by the statistics alone, a group whose role they leave out would lose
            # the protection of its members, and that adds edges.
            stated=_privilege_stated,
        ),
        Endpoint(
            "/oauth2/v1/clients/{id}/roles",
            scope="okta.roles.read",
            under=Application,
            ids=lambda app: {"id": app.role_path_id},
            # Okta assigns roles to no other kind of application.
            when=lambda app, known: app.is_service,
            empty_answers=(NOT_FOUND,),
        ),
        # The same listing. Its own template tells gaps below integrations from those below applications.
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
    """Who the role was assigned to: `USER`, `GROUP` or `CLIENT`. A user's assignment with `GROUP` is
    inherited."""
    role_id: Annotated[str | None, Wire(("role", "_links.role.href"), read=last_segment)] = None
    """The id of the role, for assignments in the form of a custom role."""
    resource_set_id: Annotated[
        str | None, Wire(("resource-set", "_links.resource-set.href"), read=last_segment)
    ] = None
    """The id of the `ResourceSet` that limits it, for assignments in the form of a custom role."""
    embedded_groups: Annotated[int | None, Wire("_embedded.targets.groups", prop="", read=count)] = None
    """The number of target groups that came with the listing; None when none were sent."""
    created: datetime | None = None
    """When the role was assigned."""
    last_updated: datetime | None = None
    """When the assignment was last changed."""

    @property
    def is_direct(self) -> bool:
        """Whether it is the holder's own, and not inherited through a group."""
        return self.assignment_type in (None, self.holder_type)

    @property
    def is_active(self) -> bool:
        """Whether it may give its holder anything: false only for the status ``INACTIVE``.

        An assignment without a status, or with one that Okta's API description does not list, counts. Its
        holder stays protected as an administrator. Edges that rest on an unlisted status have an
        `assumption`.
        """
        return self.status != "INACTIVE"

    @property
    def is_custom(self) -> bool:
        """Whether the role is one that the org made."""
        return self.type == "CUSTOM"

    @property
    def scope(self) -> RoleScope | None:
        """What the assignment can be narrowed to; None for a role that nobody knows."""
        if self.is_custom or self.resource_set_id is not None:
            return RoleScope.RESOURCE_SET
        return built_in_role(self.type).scope if self.type else None

    @property
    def inheritance(self) -> str:
        """``own`` or ``inherited``."""
        return "own" if self.is_direct else "inherited"

    @property
    def key(self) -> tuple[str, ...]:
        """Holder, id, and whether it is their own: one role can be held directly and through a group."""
        return (self.holder_id, self.id, self.inheritance)

    @property
    def counts(self) -> bool:
        """Whether it gives its holder anything that is not said of somebody else already."""
        return self.is_direct and self.is_active

    def node_id(self, context: Context) -> str | None:  # noqa: ARG002 - see Entity
        """The assignment's id and the holder's: the former alone repeats. None for what does not count."""
        return f"{self.id}_{self.holder_id}" if self.counts else None

    def role_node_id(self, domain: str) -> str | None:
        """The node of the role; None when the assignment does not say which it is."""
        if self.type is not None and not self.is_custom:
            return built_in_role(self.type).node_id(domain)
        # Okta lists a built-in role among the custom ones: an assignment can name it in their way.
        named = BUILT_IN_ROLES.get(self.role_id or "")
        return named.node_id(domain) if named else self.role_id


def _holders(context: Context) -> frozenset[str]:
    return frozenset(row.holder_id for row in context.rows(RoleAssignment) if row.counts)


def _own_holders(context: Context) -> frozenset[str]:
    """Users who are listed as admins, or have an active role of their own."""
    own = (row for row in context.rows(RoleAssignment) if row.counts and row.holder_type == "USER")
    listed = (row.id for row in context.rows(AdminAssignee))
    return frozenset(row.holder_id for row in own).union(listed)


def _admin_groups(context: Context) -> frozenset[str]:
    own = (row for row in context.rows(RoleAssignment) if row.counts and row.holder_type == "GROUP")
    stated = (group.id for group in context.rows(Group) if group.has_admin_privilege)
    return frozenset(row.holder_id for row in own).union(stated)


def _inheritors(context: Context) -> frozenset[str]:
    """Users who hold a role through a group."""
    groups = context.once(_admin_groups)
    members = (row.id for row in context.rows(GroupMembership) if row.group_id in groups)
    inherited = (row for row in context.rows(RoleAssignment) if row.holder_type == "USER" and row.is_active)
    return frozenset(members).union(row.holder_id for row in inherited if not row.is_direct)


def _inheritance_known(context: Context) -> bool:
    """Whether a user who is not among the inheritors is known to inherit nothing."""
    admins = context.once(_admin_groups)
    groups = [group for group in context.rows(Group) if group.id in admins and group.lists_members]
    return (
        context.known(Group)
        and context.known(RoleAssignment, under=Group)
        and all(context.known(GroupMembership, group.key) for group in groups)
    )


def role_holders(context: Context) -> frozenset[str]:
    """Ids of the users, groups, applications and integrations with an active role of their own."""
    return context.once(_holders)


def privileged_groups(context: Context) -> frozenset[str]:
    """Ids of the groups that hold a role, or of which Okta says so."""
    return context.once(_admin_groups)


def privileged_users(context: Context) -> frozenset[str]:
    """Ids of the users who are listed as admins, or hold or inherit a role."""
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
    # Few integrations hold a role, and the model has no such property: it is present only where it is true.
    return True if integration.id in context.once(_holders) else None


_WHY = "Absent when it could not be found out."

RoleAssignment.LENDS = MappingProxyType(
    {
        User: (
            Derived(
                "hasRoleAssignments", f"Listed as an admin, or holds or inherits a role. {_WHY}", _user_holds
            ),
            Derived("hasInheritedRoleAssignments", f"Holds a role through a group. {_WHY}", _user_inherits),
        ),
        Group: (Derived("hasRoleAssignments", f"Holds an active role. {_WHY}", _group_holds),),
        Application: (Derived("hasRoleAssignments", f"Holds an active role. {_WHY}", _application_holds),),
        ApiServiceIntegration: (
            Derived("hasRoleAssignments", "Holds an active role. Absent otherwise.", _integration_holds),
        ),
    }
)
