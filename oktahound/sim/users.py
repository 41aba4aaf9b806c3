"""Users: their documents in the listing, and the further fields of a single user."""

from __future__ import annotations

from collections.abc import Mapping

from oktahound.sim.ids import ago
from oktahound.sim.mixin import Mixin, link
from oktahound.sim.world import Json, World

__all__ = ["STATUSES", "UserMixin", "user_document", "with_action_links"]

STATUSES = (
    "ACTIVE",
    "STAGED",
    "PROVISIONED",
    "RECOVERY",
    "PASSWORD_EXPIRED",
    "LOCKED_OUT",
    "SUSPENDED",
    "DEPROVISIONED",
)
"""All statuses of users."""

_NOT_YET_ACTIVATED = frozenset({"STAGED"})
_ACTIONS = {
    "STAGED": ("activate", "deactivate"),
    "PROVISIONED": ("reactivate", "deactivate", "suspend"),
    "DEPROVISIONED": ("activate",),
    "SUSPENDED": ("unsuspend", "deactivate"),
    "LOCKED_OUT": ("unlock", "resetPassword", "resetFactors", "deactivate"),
}
_ACTIVE_ACTIONS = (
    "suspend",
    "resetPassword",
    "expirePassword",
    "forgotPassword",
    "resetFactors",
    "deactivate",
    "changeRecoveryQuestion",
    "changePassword",
)
_ADDRESS = {
    "activate": "lifecycle/activate",
    "reactivate": "lifecycle/reactivate",
    "deactivate": "lifecycle/deactivate",
    "suspend": "lifecycle/suspend",
    "unsuspend": "lifecycle/unsuspend",
    "unlock": "lifecycle/unlock",
    "resetPassword": "lifecycle/reset_password",
    "expirePassword": "lifecycle/expire_password",
    "resetFactors": "lifecycle/reset_factors",
    "forgotPassword": "credentials/forgot_password",
    "changePassword": "credentials/change_password",
    "changeRecoveryQuestion": "credentials/change_recovery_question",
}


class UserMixin(Mixin):
    """Mixin for users."""

    def add_user(
        self,
        login: str,
        *,
        status: str = "ACTIVE",
        first_name: str | None = None,
        last_name: str | None = None,
        manager: str | None = None,
        created_days_ago: float = 300,
        last_login_days_ago: float | None = 2,
        realm: str | None = None,
        provider: str = "OKTA",
        profile: Mapping[str, object] | None = None,
    ) -> str:
        """Add a user.

        Args:
            login: the login, which is also the primary e-mail address.
            status: one of `STATUSES`, or another text to test how a client handles it.
            first_name: the first name; by default derived from the login.
            last_name: the last name; by default derived from the login.
            manager: the login of the manager, for ``managerId``.
            created_days_ago: days before the org's fixed date (`PRESENT`).
            last_login_days_ago: days since the last sign-in; None for a user who never signed in.
            realm: the id of a realm.
            provider: the system that checks the password: OKTA, ACTIVE_DIRECTORY, FEDERATION, ….
            profile: further attributes, including custom attributes.
        """
        user_id = self.world.ids.new("00u")
        document = user_document(
            self.world,
            user_id,
            login,
            status=status,
            names=(first_name, last_name),
            manager=manager,
            created_days_ago=created_days_ago,
            last_login_days_ago=last_login_days_ago,
            realm=realm,
            provider=provider,
            profile=profile or {},
        )
        self.world["users"].put(user_id, document)
        return user_id

    def set_user_status(self, user: str, status: str) -> None:
        """Change a user's status, as a deactivation or a suspension would."""
        self.world["users"].change(
            user, lambda document: document.update(status=status, statusChanged=ago(0))
        )

    def remove_user(self, user: str) -> None:
        """Delete a user permanently. References to the id remain, as in Okta."""
        self.world["users"].remove(user)


def user_document(
    world: World,
    user_id: str,
    login: str,
    *,
    status: str,
    names: tuple[str | None, str | None],
    manager: str | None,
    created_days_ago: float,
    last_login_days_ago: float | None,
    realm: str | None,
    provider: str,
    profile: Mapping[str, object],
) -> Json:
    """Create the document of a user in the listing; see `UserMixin.add_user`."""
    return {
        "id": user_id,
        "status": status,
        **_moments(status, created_days_ago, last_login_days_ago),
        "type": {"id": world.user_type},
        **({} if realm is None else {"realmId": realm}),
        "profile": _profile(login, *names, manager, profile),
        "credentials": _credentials(login, provider, world.domain),
        "_links": {"self": link(f"{world.url}/api/v1/users/{user_id}")},
    }


def _moments(status: str, created: float, last_login: float | None) -> Json:
    activated = None if status in _NOT_YET_ACTIVATED else ago(created)
    return {
        "created": ago(created),
        "activated": activated,
        "statusChanged": activated,
        "lastLogin": None if last_login is None or activated is None else ago(min(last_login, created)),
        "lastUpdated": ago(min(created, 5)),
        "passwordChanged": activated,
    }


def _profile(
    login: str, first: str | None, last: str | None, manager: str | None, more: Mapping[str, object]
) -> Json:
    local = login.partition("@")[0]
    before, _, after = local.partition(".")
    return {
        "firstName": before.capitalize() if first is None else first,
        "lastName": (after or before).capitalize() if last is None else last,
        "mobilePhone": None,
        "secondEmail": None,
        "login": login,
        "email": login,
        **({} if manager is None else {"managerId": manager}),
        **more,
    }


def _credentials(login: str, provider: str, domain: str) -> Json:
    name = {"OKTA": "OKTA", "ACTIVE_DIRECTORY": domain.partition(".")[0] + ".local"}.get(
        provider, provider.title()
    )
    emails = {"emails": [{"value": login, "status": "VERIFIED", "type": "PRIMARY"}]}
    # An empty object means "has a password"; users of other providers have none here.
    password: Json = {"password": {}} if provider == "OKTA" else {}
    return {**password, **emails, "provider": {"type": provider, "name": name}}


def with_action_links(world: World, user: Json) -> Json:
    """Return a user as ``/api/v1/users/{id}`` does: the document of the listing with further links."""
    here = f"{world.url}/api/v1/users/{user['id']}"
    type_id = user["type"]["id"]
    links: Json = {}
    for action in _ACTIONS.get(user["status"], _ACTIVE_ACTIONS):
        links[action] = {"href": f"{here}/{_ADDRESS[action]}", "method": "POST"}
    links["schema"] = {"href": f"{world.url}/api/v1/meta/schemas/user/osc{type_id[3:]}"}
    links["self"] = {"href": here}
    links["type"] = {"href": f"{world.url}/api/v1/meta/types/user/{type_id}"}
    return {**user, "_links": links}
