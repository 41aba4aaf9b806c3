"""Groups and their members."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from oktahound.sim.ids import ago
from oktahound.sim.mixin import Mixin
from oktahound.sim.world import Json, World

__all__ = ["GroupMixin", "groups_of", "members_of"]

_LOGOS = "https://cdn.example.com/img/logos/groups"


class GroupMixin(Mixin):
    """Mixin for groups: created in Okta, built in, or imported by an application."""

    def add_group(
        self,
        name: str,
        *,
        description: str | None = None,
        type: str = "OKTA_GROUP",
        app: str | None = None,
        members: Iterable[str] = (),
        profile: Mapping[str, object] | None = None,
        object_class: str | None = None,
        created_days_ago: float = 200,
    ) -> str:
        """Add a group.

        Args:
            name: the name.
            description: the description; None for none, which Okta sends as null.
            type: OKTA_GROUP, APP_GROUP, or BUILT_IN (whose members are all users).
            app: the application from which an APP_GROUP is imported.
            members: ids of users.
            profile: further attributes, such as those of an Active Directory group.
            object_class: the object class; by default derived from `type` and `profile`.
            created_days_ago: days before the org's fixed date (`PRESENT`).
        """
        group_id = self.world.ids.new("00g")
        here = f"/api/v1/groups/{group_id}"
        windows = "objectSid" in (profile or {})
        imported = {} if app is None else {"source": self._href(f"/api/v1/apps/{app}")}
        kind = "okta:windows_security_principal" if windows else "okta:user_group"
        logo = "active_directory" if windows else "okta"
        self.world["groups"].add(
            {
                "id": group_id,
                "created": ago(created_days_ago),
                "lastUpdated": ago(min(created_days_ago, 20)),
                "lastMembershipUpdated": ago(min(created_days_ago, 3)),
                "objectClass": [object_class or kind],
                "type": type,
                "profile": {"name": name, "description": description, **(profile or {})},
                "_links": {
                    "logo": [
                        {"name": size, "href": f"{_LOGOS}/{logo}-{size}.png", "type": "image/png"}
                        for size in ("medium", "large")
                    ],
                    **imported,
                    "users": self._href(f"{here}/users"),
                    "apps": self._href(f"{here}/apps"),
                },
            }
        )
        for member in members:
            self.add_to_group(group_id, member)
        return group_id

    def add_active_directory_group(
        self, name: str, *, app: str, domain: str, sid: str, members: Iterable[str] = ()
    ) -> str:
        """Add a group that the Active Directory application `app` imported from `domain`."""
        base = ",".join(f"DC={part}" for part in domain.split("."))
        profile = {
            "dn": f"CN={name},OU=Groups,{base}",
            "externalId": self.world.ids.digest(sid) + "==",
            "groupScope": "Global",
            "groupType": "Security",
            "objectSid": sid,
            "samAccountName": name,
            "windowsDomainQualifiedName": f"{domain.partition('.')[0].upper()}\\{name}",
        }
        return self.add_group(
            name,
            description=f"{domain}/Groups/{name}",
            type="APP_GROUP",
            app=app,
            members=members,
            profile=profile,
        )

    def add_group_rule(
        self,
        name: str,
        expression: str,
        *,
        groups: Iterable[str],
        status: str = "ACTIVE",
        excluded_users: Iterable[str] = (),
    ) -> str:
        """Add a rule that assigns users to groups. It changes no memberships: use `add_to_group` for them.

        Args:
            name: the name.
            expression: a condition in Okta's expression language, such as ``user.department=="Sales"``.
            groups: ids of the groups to which it adds users.
            status: ACTIVE, INACTIVE, or INVALID for a rule that refers to a deleted object.
            excluded_users: ids of users to whom the rule does not apply.
        """
        rule = self.world.ids.new("0pr")
        self.world["group_rules"].add(
            {
                "type": "group_rule",
                "id": rule,
                "status": status,
                "name": name,
                "created": ago(150),
                "lastUpdated": ago(15),
                "conditions": {
                    "people": {"users": {"exclude": list(excluded_users)}, "groups": {"exclude": []}},
                    "expression": {"value": expression, "type": "urn:okta:expression:1.0"},
                },
                "actions": {"assignUserToGroups": {"groupIds": list(groups)}},
            }
        )
        return rule

    def add_to_group(self, group: str, user: str) -> None:
        """Add a user to a group."""
        self.world.references("group_users", group)[user] = None
        self.world["users"].forget(_view_of(group))

    def remove_from_group(self, group: str, user: str) -> None:
        """Remove a user from a group."""
        del self.world.references("group_users", group)[user]
        self.world["users"].forget(_view_of(group))

    def remove_group(self, group: str) -> None:
        """Delete a group with its memberships."""
        for user in tuple(self.world.references("group_users", group)):
            self.remove_from_group(group, user)
        self.world["groups"].remove(group)


def members_of(world: World, group: Json) -> tuple[str, ...]:
    """Return the ids of a group's existing members."""
    users = world["users"]
    if group["type"] == "BUILT_IN" and group["profile"]["name"] == "Okta Administrators":
        return _administrators(world)
    if group["type"] == "BUILT_IN":
        return users.view("plain", lambda user: user["status"] != "DEPROVISIONED")
    group_id = group["id"]
    # Cached: each page of a listing of a hundred thousand members needs them.
    return users.existing(_view_of(group_id), lambda: world.references("group_users", group_id))


def groups_of(world: World, user: str) -> tuple[str, ...]:
    """Return the ids of the groups of a user, in the order of the groups."""
    # Not stored, because a set for each of a million users takes 350 MB, and the groups of few are requested.
    return tuple(group for group in world["groups"] if user in world.read_references("group_users", group))


def _view_of(group: str) -> str:
    return f"members of {group}"


def _administrators(world: World) -> tuple[str, ...]:
    """Return the users with a role, directly or through a group; Okta is reported not to list them."""
    holders = {parents[0] for parents, roles in world.below("roles") if roles}
    members = {
        user
        for holder in holders & set(world["groups"])
        if world["groups"][holder]["type"] != "BUILT_IN"
        for user in world.references("group_users", holder)
    }
    return tuple(user for user in world["users"] if user in holders or user in members)
