"""Links of applications to other objects: assigned users and groups, consent grants, pushed groups."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime
from types import MappingProxyType
from typing import Annotated

import attrs

from oktahound.entities.applications import Application
from oktahound.entities.groups import Group
from oktahound.entities.parsers import names_of
from oktahound.entities.schema import Context, Derived, Entity, Parent, Wire
from oktahound.entities.sources import NOT_FOUND, Endpoint, Key, Known
from oktahound.scopes import OAuthScope

__all__ = ["AppGroupAssignment", "AppUser", "ConsentGrant", "GroupPushMapping", "PushTargetGroup"]


def _domain_sids(context: Context) -> dict[str, str]:
    """Return the domain SID of each Active Directory application, by the id of the application."""
    directories = {app.id for app in context.rows(Application) if app.app_type == "active_directory"}
    # Imported users are the best source: a group can come from another domain of the forest.
    found: dict[str, str] = _most_common(
        (group.source_application_id, group.object_sid)
        for group in context.rows(Group)
        if group.is_from_directory and group.source_application_id in directories
    )
    for synchronized in (False, True):
        found |= _most_common(
            (user.app_id, user.object_sid)
            for user in context.rows(AppUser)
            if user.app_id in directories and (user.is_synchronized or not synchronized)
        )
    return found


def _most_common(pairs: Iterable[tuple[str | None, str | None]]) -> dict[str, str]:
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for app_id, sid in pairs:
        # Every domain SID of Windows begins with S-1-5-21. Other SIDs do not belong to a domain.
        if app_id and sid and sid.startswith("S-1-5-21-"):
            counts[app_id][sid.rpartition("-")[0]] += 1
    return {app_id: min(sids.items(), key=_by_frequency)[0] for app_id, sids in counts.items()}


def _by_frequency(sid_and_count: tuple[str, int]) -> tuple[int, str]:
    sid, count = sid_and_count
    return -count, sid


@attrs.frozen(kw_only=True, repr=False)
class AppUser(Entity):
    """The assignment of a user to an application, directly or through a group. `id` is the user's.

    Of the user's profile in the application, only the fields that identify the account there are kept.
    """

    PLURAL = "app_users"
    OWNER = ("app_id",)
    SOURCES = (
        Endpoint(
            "/api/v1/apps/{id}/users",
            scope="okta.apps.read",
            params={"limit": 500},
            under=Application,
        ),
    )
    LENDS = MappingProxyType(
        {
            Application: (
                Derived(
                    "domainSid",
                    "For Active Directory: the SID of its users without the last part; else of its groups.",
                    lambda app, context: context.once(_domain_sids).get(app.id),
                ),
            )
        }
    )

    id: str
    """The id of the `User`."""
    app_id: Annotated[str, Parent()]
    """The id of the `Application`."""
    external_id: str | None = None
    """The id of the account in the application or directory."""
    scope: str | None = None
    """The kind of assignment: `USER` for a direct one, `GROUP` for one through a group."""
    status: str | None = None
    """The status of the assignment, such as `ACTIVE`, `PROVISIONED` or `SUSPENDED`."""
    sync_state: str | None = None
    """Whether Okta and the application agree: `SYNCHRONIZED`, `OUT_OF_SYNC`, `ERROR`, `SYNCING` or
    `DISABLED`."""
    user_name: Annotated[str | None, Wire("credentials.userName")] = None
    """The user name in the application."""
    email: Annotated[str | None, Wire("profile.email")] = None
    """The e-mail address in the application."""
    object_sid: Annotated[str | None, Wire("profile.objectSid")] = None
    """The SID of the account in Active Directory."""
    immutable_id: Annotated[str | None, Wire("profile.immutableId")] = None
    """The immutable id that links the account to Microsoft Entra."""
    initial_status: Annotated[str | None, Wire("profile.initialStatus")] = None
    """The status in which Okta created the account in another org (Org2Org)."""
    created: datetime | None = None
    """The time at which the user was assigned."""
    last_updated: datetime | None = None
    """The time at which the assignment was last changed."""
    status_changed: datetime | None = None
    """The time at which the status last changed."""
    password_changed: datetime | None = None
    """The time at which the password in the application was last changed."""

    @property
    def is_direct(self) -> bool:
        """Whether the user was assigned directly. Okta then sends the scope ``USER`` or none."""
        return self.scope in (None, "USER")

    @property
    def has_initial_status(self) -> bool:
        """Whether Okta created the account in the other org. Org2Org then sends its initial status."""
        return self.initial_status is not None

    @property
    def is_synchronized(self) -> bool:
        """Whether the account is currently synchronized between Okta and the application."""
        return self.sync_state == "SYNCHRONIZED"


@attrs.frozen(kw_only=True, repr=False)
class AppGroupAssignment(Entity):
    """The assignment of a group to an application. `id` is the group's."""

    PLURAL = "app_group_assignments"
    OWNER = ("app_id",)
    SOURCES = (
        Endpoint(
            "/api/v1/apps/{id}/groups",
            scope="okta.apps.read",
            params={"limit": 200},
            under=Application,
        ),
    )

    id: str
    """The id of the `Group`."""
    app_id: Annotated[str, Parent()]
    """The id of the `Application`."""
    priority: int | None = None
    """The rank among the application's groups. The lowest number decides the profile of a user who is in
    several."""
    last_updated: datetime | None = None
    """The time at which the assignment was last changed."""
    profile_fields: Annotated[tuple[str, ...] | None, Wire("profile", read=names_of)] = None
    """The names of the profile attributes that the assignment sets. Their values are not kept."""


def _granted_scopes(app: Application, context: Context) -> list[str] | None:
    grants = context.of(ConsentGrant, app.key)
    scopes = sorted({str(grant.scope_id) for grant in grants if grant.scope_id and grant.is_active})
    return scopes or ([] if app.is_oauth_client and context.known(ConsentGrant, app.key) else None)


@attrs.frozen(kw_only=True, repr=False)
class ConsentGrant(Entity):
    """A consent grant: an application may use one OAuth scope of Okta's APIs."""

    PLURAL = "consent_grants"
    OWNER = ("app_id",)
    SOURCES = (
        Endpoint(
            "/api/v1/apps/{id}/grants",
            scope="okta.appGrants.read",
            under=Application,
            when=lambda app, known: app.is_oauth_client,
            empty_answers=(NOT_FOUND,),
        ),
    )
    LENDS = MappingProxyType(
        {
            Application: (
                Derived(
                    "oauthScopes",
                    "The granted scopes; absent if the grants were not read.",
                    _granted_scopes,
                ),
            )
        }
    )

    app_id: Annotated[str, Parent()]
    """The id of the `Application` that holds the grant."""
    scope_id: OAuthScope | None = None
    """The OAuth scope, such as `okta.users.read`."""
    client_id: str | None = None
    """The OAuth client id of the application."""
    issuer: str | None = None
    """The authorization server that issues the tokens, which is the org itself for Okta's scopes."""
    source: str | None = None
    """The kind of user who consented: `ADMIN` or `END_USER`."""
    status: str | None = None
    """`ACTIVE` or `REVOKED`."""
    created: datetime | None = None
    """The time at which the scope was granted."""
    created_by: Annotated[str | None, Wire("createdBy.id")] = None
    """The id of the user who granted the scope."""
    last_updated: datetime | None = None
    """The time at which the grant was last changed."""

    @property
    def is_active(self) -> bool:
        """Whether the application may use the scope: false only for the status ``REVOKED``.

        A grant without a status, or with one that Okta's API description does not list, counts. Edges that
        rest on an unlisted status have an `assumption`.
        """
        return self.status != "REVOKED"


@attrs.frozen(kw_only=True, repr=False)
class GroupPushMapping(Entity):
    """A push mapping, which keeps a group in an application equal to a group in Okta."""

    PLURAL = "group_push_mappings"
    OWNER = ("app_id",)
    SOURCES = (
        Endpoint(
            "/api/v1/apps/{id}/group-push/mappings",
            scope="okta.apps.read",
            also=("okta.groups.read",),
            params={"limit": 1000},
            under=Application,
            when=lambda app, known: app.may_push_groups,
            empty_answers=(NOT_FOUND,),
        ),
    )

    app_id: Annotated[str, Parent()]
    """The id of the `Application` that the group is pushed to."""
    source_group_id: str | None = None
    """The id of the `Group` in Okta."""
    target_group_id: str | None = None
    """The id that Okta gives to the group in the application."""
    status: str | None = None
    """`ACTIVE`, `INACTIVE` or `ERROR`."""
    error_summary: str | None = None
    """Okta's description of the error of the last push."""
    created: datetime | None = None
    """The time at which the mapping was created."""
    last_push: datetime | None = None
    """The time at which the group was last pushed."""
    last_updated: datetime | None = None
    """The time at which the mapping was last changed."""


def _mappings_to_unknown_groups(known: Known) -> frozenset[Key]:
    """Return one mapping for each target group that is not in the listing of groups."""
    listed = {group.id for group in known.rows(Group)}
    targets: dict[str, Key] = {}
    for mapping in known.rows(GroupPushMapping):
        if mapping.target_group_id is not None and mapping.target_group_id not in listed:
            first = targets.setdefault(mapping.target_group_id, mapping.key)
            targets[mapping.target_group_id] = min(first, mapping.key)
    return frozenset(targets.values())


@attrs.frozen(kw_only=True, repr=False)
class PushTargetGroup(Entity):
    """The name of a group that Okta pushes to, if the listing of groups does not contain it."""

    PLURAL = "push_target_groups"
    SOURCES = (
        Endpoint(
            "/api/v1/groups/{id}",
            scope="okta.groups.read",
            single=True,
            under=GroupPushMapping,
            ids=lambda mapping: {"id": mapping.target_group_id},
            when=lambda mapping, known: mapping.target_group_id is not None,
            among=_mappings_to_unknown_groups,
            after=(Group,),
            # The target was deleted in the meantime, which is not an error.
            empty_answers=(NOT_FOUND,),
        ),
    )

    name: Annotated[str | None, Wire("profile.name")] = None
    """The group's name."""
    type: str | None = None
    """The group's type, which is `APP_GROUP` for a group of an application."""
