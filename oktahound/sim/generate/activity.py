"""Generate the activity of machine clients, with one client for every result that the log can have."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from oktahound.sim.logs.events import Origin

if TYPE_CHECKING:
    from oktahound.sim.org import SimulatedOrg

__all__ = ["add_activity"]

_NEW_CLOUD = Origin(address="203.0.113.90", as_number=64511, as_name="another cloud")
_ANONYMIZER = Origin(address="203.0.113.7", as_number=64509, as_name="anonymizing proxy", proxy=True)


def add_activity(org: SimulatedOrg, user_ids: list[str]) -> None:
    """Add activity to the integrations, a service application and an API token."""
    ids = {row["name"]: row["id"] for row in org.world["api_services"].documents()}
    scopes = {row["name"]: row["grantedScopes"] for row in org.world["api_services"].documents()}
    admin = user_ids[0] if user_ids else "00uSimAdministrator0"
    # It requests every scope every hour, so the log cannot show which scopes it uses.
    org.add_client_behaviour(ids["Falcon Shield"], scopes=scopes["Falcon Shield"], every=timedelta(hours=1))
    # It uses a part of its grant, and moved to another network.
    northwind = ids["Northwind Lifecycle"]
    used, rhythm = ("okta.users.manage", "okta.logs.read"), timedelta(hours=6)
    org.add_client_behaviour(northwind, scopes=used, every=rhythm, to_days_ago=20)
    org.add_client_behaviour(northwind, scopes=used, every=rhythm, from_days_ago=20, origin=_NEW_CLOUD)
    org.add_client_behaviour(
        northwind,
        every=timedelta(days=2),
        writes=("user.lifecycle.deactivate", "user.session.clear"),
        targets=user_ids[1:2],
        from_days_ago=399,
    )
    # It is not used any more.
    org.add_client_behaviour(
        ids["Tailspin Log Archive"],
        scopes=scopes["Tailspin Log Archive"],
        every=timedelta(hours=12),
        to_days_ago=140,
    )
    # It requests two of three scopes; another caller uses its id to request scopes that it was not granted.
    org.add_client_behaviour(
        ids["Fabrikam Asset Inventory"],
        scopes=("okta.devices.read", "okta.users.read"),
        every=timedelta(days=1),
        actor_is_client=False,
    )
    for scope in ("okta.users.manage", "okta.apps.manage", "okta.roles.manage"):
        org.add_client_behaviour(
            ids["Fabrikam Asset Inventory"],
            scopes=(scope,),
            fails="no_matching_scope",
            every=timedelta(minutes=10),
            from_days_ago=3,
            to_days_ago=2.9,
            origin=_ANONYMIZER,
        )
    _add_activity_of_others(org, user_ids, admin)
    org.add_log_event(
        "app.oauth2.client.privilege.grant",
        actor=admin,
        target=[ids["Northwind Lifecycle"]],
        days_ago=11,
        debug={"privilegeGranted": "Help desk administrator"},
    )


def _add_activity_of_others(org: SimulatedOrg, user_ids: list[str], admin: str) -> None:
    """Add activity to the service applications and the API tokens."""
    services = [
        row["id"]
        for row in org.world["apps"].documents()
        if row.get("settings", {}).get("oauthClient", {}).get("application_type") == "service"
    ]
    for service in services[:1]:
        org.add_client_behaviour(
            service,
            scopes=("okta.groups.manage",),
            writes=("group.user_membership.add",),
            targets=user_ids[:1],
            every=timedelta(hours=8),
        )
        org.add_log_event("app.oauth2.client.read_client_secret", actor=admin, target=[service], days_ago=5)
    for token in list(org.world["api_tokens"])[:1]:
        org.add_client_behaviour(
            token, writes=("user.lifecycle.create",), targets=user_ids[:1], every=timedelta(days=1)
        )
