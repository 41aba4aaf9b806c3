"""Okta users, including service accounts that are modelled as users."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import attrs

from oktahound.entities.schema import Derived, Entity, Wire
from oktahound.entities.sources import Endpoint, Option

__all__ = ["DEPROVISIONED_USERS", "DISABLED_USER_STATUSES", "User"]

DISABLED_USER_STATUSES = frozenset({"SUSPENDED", "DEPROVISIONED", "STAGED"})
"""Statuses in which users cannot sign in and cannot change that themselves. LOCKED_OUT is not included
because it is temporary, PROVISIONED because the activation link was sent."""

DEPROVISIONED_USERS = Option("deprovisioned")
"""Option to also read users whose status is DEPROVISIONED. Tokens, groups and integrations still refer to
them."""


@attrs.frozen(kw_only=True, repr=False)
class User(Entity):
    """A person or a service account that can sign in to the org.

    Okta's listing without a filter leaves out users whose status is DEPROVISIONED.
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
            "False if the status is SUSPENDED, DEPROVISIONED or STAGED; absent if it was not read.",
            lambda user, context: None if user.status is None else user.status not in DISABLED_USER_STATUSES,
        ),
    )

    status: str | None = None
    """The state of the account's lifecycle: `STAGED`, `PROVISIONED`, `ACTIVE`, `RECOVERY`,
    `PASSWORD_EXPIRED`, `LOCKED_OUT`, `SUSPENDED` or `DEPROVISIONED`."""
    login: Annotated[str | None, Wire("profile.login")] = None
    """The unique user name, usually an e-mail address."""
    email: Annotated[str | None, Wire("profile.email")] = None
    """The primary e-mail address. Okta sends password resets to it."""
    display_name: Annotated[str | None, Wire("profile.displayName", prop="")] = None
    """The name for display, if the profile has one."""
    first_name: Annotated[str | None, Wire("profile.firstName")] = None
    """The given name."""
    last_name: Annotated[str | None, Wire("profile.lastName")] = None
    """The family name."""
    created: datetime | None = None
    """The time at which the user was created."""
    activated: datetime | None = None
    """The time at which the account was first activated."""
    status_changed: datetime | None = None
    """The time at which the status last changed."""
    last_login: datetime | None = None
    """The time at which the user last signed in."""
    last_updated: datetime | None = None
    """The time at which the user was last changed."""
    password_changed: datetime | None = None
    """The time at which the password was last changed."""
    user_type_id: Annotated[str | None, Wire("type.id")] = None
    """The id of the Okta user type, which defines the profile attributes."""
    user_type: Annotated[str | None, Wire("profile.userType")] = None
    """The profile attribute `userType`, free text such as `Employee` or `Contractor`."""
    title: Annotated[str | None, Wire("profile.title")] = None
    """The job title."""
    department: Annotated[str | None, Wire("profile.department")] = None
    """The department."""
    city: Annotated[str | None, Wire("profile.city")] = None
    """The city."""
    state: Annotated[str | None, Wire("profile.state")] = None
    """The state or region."""
    country_code: Annotated[str | None, Wire("profile.countryCode")] = None
    """The country, as an ISO 3166-1 alpha-2 code."""
    employee_number: Annotated[str | None, Wire("profile.employeeNumber")] = None
    """The number or code that the company assigned to the person."""
    organization: Annotated[str | None, Wire("profile.organization")] = None
    """The name of the person's company or organization. This is text of the profile, not the Okta org."""
    division: Annotated[str | None, Wire("profile.division")] = None
    """The division."""
    realm_id: str | None = None
    """The id of the user's `Realm`, in orgs that have realms."""
    manager_id: Annotated[str | None, Wire("profile.managerId")] = None
    """The manager, as entered in the profile. Each org decides whether this is an id, a login or something
    else."""
    credential_provider_type: Annotated[str | None, Wire("credentials.provider.type")] = None
    """The kind of system that checks the password: `OKTA`, `ACTIVE_DIRECTORY`, `LDAP`, `FEDERATION`, `SOCIAL`
    or `IMPORT`."""
    credential_provider_name: Annotated[str | None, Wire("credentials.provider.name")] = None
    """The name of the directory or identity provider that checks the password."""
