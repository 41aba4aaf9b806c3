"""Generate the administrators of an org, with every way in which Okta can assign a role."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oktahound.sim.org import SimulatedOrg

__all__ = ["add_administrators"]


def add_administrators(
    org: SimulatedOrg, user_ids: list[str], apps: dict[str, str], groups: dict[str, str]
) -> None:
    """Assign built-in and custom roles to users, groups and clients, and create API tokens of admins."""
    roles = _custom_roles(org)
    sets = _resource_sets(org, user_ids, apps, groups)
    org.assign_role(groups["Help Desk"], "HELP_DESK_ADMIN", groups=[groups["Sales"], groups["Support"]])
    org.assign_role(groups["Security"], "READ_ONLY_ADMIN")
    org.assign_role(groups["Operations"], "APP_ADMIN", app_types=["zoomus"])
    org.assign_role(apps["key_service"], "USER_ADMIN", groups=[groups["Engineering"]])
    org.assign_role(apps["secret_service"], "APP_ADMIN", apps=[apps["web"]])
    members = [groups["Support"], apps["key_service"], *user_ids[3:4]]
    org.bind_role(sets["people"], roles["Password Helper"], members=members)
    org.bind_role(sets["apps"], roles["App Keeper"], members=user_ids[2:3])
    _assign_role_to_integration(org)
    if len(user_ids) < 4:
        return
    org.assign_role(user_ids[0], "SUPER_ADMIN")
    org.assign_role(user_ids[1], "ORG_ADMIN")
    org.assign_role(user_ids[1], "APP_ADMIN", app_types=["github_enterprise"])
    org.assign_role(user_ids[2], "APP_ADMIN", apps=[apps["web"]], app_types=["office365"])
    org.assign_role(user_ids[3], "GROUP_MEMBERSHIP_ADMIN", groups=[groups[f"Project {0}"]])
    org.bind_role(sets["workflows"], roles["WORKFLOWS_ADMIN"], members=user_ids[1:2])
    org.add_api_token("Terraform", user=user_ids[0], created_days_ago=300)
    org.add_api_token("Reports", user=user_ids[1], window=None)
    # This token was not used for longer than its window, so it has expired.
    org.add_api_token(
        "Old script", user=user_ids[3], created_days_ago=500, expires_days_ago=100, window="PT5M"
    )


def _assign_role_to_integration(org: SimulatedOrg) -> None:
    """Assign a role to one API service integration. It needs none, but real organizations do that."""
    for integration in org.world["api_services"].documents():
        if integration["name"] == "Fabrikam Asset Inventory":
            org.assign_role(integration["id"], "READ_ONLY_ADMIN")


def _custom_roles(org: SimulatedOrg) -> dict[str, str]:
    return {
        "Password Helper": org.add_custom_role(
            "Password Helper",
            permissions=["okta.users.credentials.resetPassword", "okta.users.read", "okta.groups.read"],
        ),
        "App Keeper": org.add_custom_role("App Keeper", permissions=["okta.apps.manage", "okta.apps.read"]),
        # The listing of custom roles contains roles of Okta whose id is a keyword.
        "WORKFLOWS_ADMIN": org.add_custom_role(
            "Workflows Administrator", permissions=["okta.workflows.invoke"], id="WORKFLOWS_ADMIN"
        ),
    }


def _resource_sets(
    org: SimulatedOrg, user_ids: list[str], apps: dict[str, str], groups: dict[str, str]
) -> dict[str, str]:
    group, app = f"/api/v1/groups/{groups['Sales']}", f"/api/v1/apps/{apps['web']}"
    users = [f"/api/v1/users/{user}" for user in user_ids[10:12]]
    return {
        "people": org.add_resource_set("Sales people", resources=[group, f"{group}/users", *users]),
        "apps": org.add_resource_set("Some apps", resources=[app, '/api/v1/apps?filter=name+eq+"bookmark"']),
        "all": org.add_resource_set(
            "Everything", resources=["/api/v1/users", "/api/v1/groups", "/api/v1/apps", "/api/v1/devices"]
        ),
        "workflows": org.add_resource_set(
            "Workflows Resource Set", resources=[org.world.orn("workflow")], id="WORKFLOWS_IAM_POLICY"
        ),
    }
