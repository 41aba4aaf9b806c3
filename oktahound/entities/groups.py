"""Groups and group memberships. Okta's groups never nest."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar

import attrs

from oktahound.entities.parsers import first_text, guid_text, last_segment
from oktahound.entities.schema import Derived, Entity, Parent, Wire, titled
from oktahound.entities.sources import Endpoint, Option, Statement

__all__ = ["DIRECTORY_GROUP", "STATISTICS", "Group", "GroupMembership"]

DIRECTORY_GROUP = "okta:windows_security_principal"
"""The object class of groups that were imported from Active Directory."""

_DIRECTORY_FIELDS = {
    "objectSid": "object_sid",
    "distinguishedName": "distinguished_name",
    "samAccountName": "sam_account_name",
    "domainQualifiedName": "domain_qualified_name",
    "groupScope": "group_scope",
    "groupType": "group_type",
    "objectGuid": "object_guid",
}


def _of_directory(prop: str, name: str) -> Derived:
    return Derived(
        prop,
        "Only for groups from a directory: for others, admins may give the profile attribute any meaning.",
        lambda group, context: getattr(group, name) if group.is_from_directory else None,
    )


@attrs.frozen(kw_only=True, repr=False)
class Group(Entity):
    """A flat set of users: created in Okta, built in, or imported from an application.

    `users_count` and `has_admin_privilege` come from the statistics that ``expand=stats`` adds.
    """

    KIND = "Okta_Group"
    PLURAL = "groups"
    # Okta allows 10,000 groups a page without statistics, and 200 with them.
    SOURCES = (
        Endpoint("/api/v1/groups", scope="okta.groups.read", params={"limit": 200, "expand": "stats"}),
    )
    ASSIGNMENT_TYPE: ClassVar[str] = "GROUP"
    """Okta's value for a role assignment that a group holds directly."""
    DERIVED = (
        *titled("The profile's name; else the id.", lambda group, context: group.name or group.id),
        *(_of_directory(prop, name) for prop, name in _DIRECTORY_FIELDS.items()),
    )

    name: Annotated[str | None, Wire("profile.name", prop="")] = None
    """The group's name."""
    description: Annotated[str | None, Wire("profile.description")] = None
    """The group's description."""
    type: Annotated[str | None, Wire(prop="oktaGroupType")] = None
    """`OKTA_GROUP` (made in Okta), `APP_GROUP` (imported from an application) or `BUILT_IN`."""
    object_class: Annotated[str | None, Wire(read=first_text)] = None
    """The first object class, such as `okta:user_group` or `okta:windows_security_principal`."""
    created: datetime | None = None
    """The time at which the group was created."""
    last_updated: datetime | None = None
    """The time at which the group's profile was last changed."""
    last_membership_updated: datetime | None = None
    """The time at which a member was last added or removed."""
    source_application_id: Annotated[
        str | None, Wire(("source.id", "_links.source.href"), read=last_segment)
    ] = None
    """The id of the `Application` that the group was imported from."""
    users_count: Annotated[int | None, Wire("_embedded.stats.usersCount")] = None
    """The number of members, from the statistics that `expand=stats` adds."""
    # Okta's API description spells it with one i. Collectors have recorded it with two.
    has_admin_privilege: Annotated[
        bool | None,
        Wire(("_embedded.stats.hasAdminPrivilege", "_embedded.stats.hasAdminPrivlege"), prop=""),
    ] = None
    """Whether the group holds an admin role, from the statistics that `expand=stats` adds."""
    object_sid: Annotated[str | None, Wire("profile.objectSid", prop="")] = None
    """The SID of the group in Active Directory."""
    distinguished_name: Annotated[str | None, Wire("profile.dn", prop="")] = None
    """The distinguished name in the directory."""
    sam_account_name: Annotated[str | None, Wire("profile.samAccountName", prop="")] = None
    """The SAM account name in Active Directory."""
    domain_qualified_name: Annotated[str | None, Wire("profile.windowsDomainQualifiedName", prop="")] = None
    """The name with the domain: `CONTOSO\\Finance`."""
    group_scope: Annotated[str | None, Wire("profile.groupScope", prop="")] = None
    """The scope in Active Directory: `GLOBAL`, `DOMAIN_LOCAL` or `UNIVERSAL`."""
    group_type: Annotated[str | None, Wire("profile.groupType", prop="")] = None
    """The type in Active Directory: `SECURITY` or `DISTRIBUTION`."""
    object_guid: Annotated[str | None, Wire("profile.externalId", prop="", read=guid_text)] = None
    """The object GUID in Active Directory, as text with hyphens."""

    @property
    def is_from_directory(self) -> bool:
        """Whether it was imported from Active Directory, so that Okta sets its directory attributes."""
        return self.object_class == DIRECTORY_GROUP

    @property
    def lists_members(self) -> bool:
        """Whether Okta lists its members.

        Okta is reported to refuse that for its built-in group of all administrators, whose members are in
        another listing (`AdminAssignee`).
        """
        return (self.type, self.name) != ("BUILT_IN", "Okta Administrators")

    @property
    def may_have_members(self) -> bool:
        """Whether to request its members: False if it has neither members nor a role in the statistics.

        If the statistics are wrong, memberships are missing, but no user counts as unprotected because of
        that.
        """
        return self.users_count != 0 or self.has_admin_privilege is not False or not self.lists_members

    @property
    def role_path_id(self) -> str:
        """The id in the path of role listings."""
        return self.id


STATISTICS = Option("statistics", True, default=True)
"""Option to skip the members of groups that are empty according to Okta's statistics."""


def _stated_members(group: Group) -> Statement | None:
    count = group.users_count
    return None if count is None else Statement("_embedded.stats.usersCount", count, count)


@attrs.frozen(kw_only=True, repr=False)
class GroupMembership(Entity):
    """The membership of a user in a group. `id` is the user's.

    Okta sends the whole user in each row. Only the id is kept, because there may be millions of rows.
    """

    PLURAL = "group_memberships"
    OWNER = ("group_id",)
    SOURCES = (
        Endpoint(
            "/api/v1/groups/{id}/users",
            scope="okta.groups.read",
            params={"limit": 1000},
            under=Group,
            when=lambda group, known: group.may_have_members,
            stated=_stated_members,
            may_refuse=lambda group: not group.lists_members,
            option=STATISTICS,
        ),
        Endpoint(
            "/api/v1/groups/{id}/users",
            scope="okta.groups.read",
            params={"limit": 1000},
            under=Group,
            stated=_stated_members,
            may_refuse=lambda group: not group.lists_members,
            option=Option("statistics", False),
        ),
    )

    id: str
    """The id of the `User`."""
    group_id: Annotated[str, Parent()]
    """The id of the `Group`."""
