"""Users: people, and services dressed as people."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import attrs

from oktahound.entities.schema import Derived, Entity, Wire
from oktahound.entities.sources import Endpoint, Option

__all__ = ["DEPROVISIONED_USERS", "DISABLED_USER_STATUSES", "User"]

DISABLED_USER_STATUSES = frozenset({"SUSPENDED", "DEPROVISIONED", "STAGED"})
"""The statuses in which a user cannot sign in and will not by their own doing. LOCKED_OUT is none of them:
it passes; nor is PROVISIONED: the activation link is out."""

DEPROVISIONED_USERS = Option("deprovisioned")
"""The choice to read users whose status is DEPROVISIONED as well: they keep their ids in tokens, groups and
integrations."""


@attrs.frozen(kw_only=True, repr=False)
class User(Entity):
    """A person, or a service dressed as one, who can sign in to the org.

    Okta's plain listing leaves out users whose status is DEPROVISIONED; a filter names them.
    """

    KIND = "Okta_User"
    PLURAL = "users"
    SOURCES = (
        Endpoint("/api/v1/users", scope="okta.users.read", params={"limit": 200}),
        Endpoint(
            "/api/v1/users",
            scope="okta.users.read",
            params={"limit": 200, "filter": 'status eq "DEPROVISIONED"'},
            option=DEPROVISIONED_USERS,
        ),
    )
    DERIVED = (
        Derived("name", "The login.", lambda user, context: user.login),
        Derived(
            "displayName",
            "The profile's display name; else the login, else the id.",
            lambda user, context: user.display_name or user.login or user.id,
        ),
        Derived(
            "enabled",
            "False when the status is SUSPENDED, DEPROVISIONED or STAGED; absent when it was not read.",
            lambda user, context: None if user.status is None else user.status not in DISABLED_USER_STATUSES,
        ),
    )

    status: str | None = None
    login: Annotated[str | None, Wire("profile.login")] = None
    email: Annotated[str | None, Wire("profile.email")] = None
    display_name: Annotated[str | None, Wire("profile.displayName", prop="")] = None
    first_name: Annotated[str | None, Wire("profile.firstName")] = None
    last_name: Annotated[str | None, Wire("profile.lastName")] = None
    created: datetime | None = None
    activated: datetime | None = None
    status_changed: datetime | None = None
    last_login: datetime | None = None
    last_updated: datetime | None = None
    password_changed: datetime | None = None
    user_type_id: Annotated[str | None, Wire("type.id")] = None
    user_type: Annotated[str | None, Wire("profile.userType")] = None
    title: Annotated[str | None, Wire("profile.title")] = None
    department: Annotated[str | None, Wire("profile.department")] = None
    city: Annotated[str | None, Wire("profile.city")] = None
    state: Annotated[str | None, Wire("profile.state")] = None
    country_code: Annotated[str | None, Wire("profile.countryCode")] = None
    employee_number: Annotated[str | None, Wire("profile.employeeNumber")] = None
    organization: Annotated[str | None, Wire("profile.organization")] = None
    division: Annotated[str | None, Wire("profile.division")] = None
    realm_id: str | None = None
    manager_id: Annotated[str | None, Wire("profile.managerId")] = None
    credential_provider_type: Annotated[str | None, Wire("credentials.provider.type")] = None
    credential_provider_name: Annotated[str | None, Wire("credentials.provider.name")] = None
