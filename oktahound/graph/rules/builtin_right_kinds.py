"""Edge kinds for the rights of Okta's built-in roles."""

from __future__ import annotations

from oktahound.graph.model import EdgeKind
from oktahound.graph.rules.role_structure import HOLDERS

__all__ = [
    "APP_ADMIN",
    "GROUP_ADMIN",
    "GROUP_MEMBERSHIP_ADMIN",
    "HELP_DESK_ADMIN",
    "MANAGE_APP",
    "MOBILE_ADMIN",
    "ORG_ADMIN",
    "READ_CLIENT_SECRET",
    "SUPER_ADMIN",
]

SUPER_ADMIN = EdgeKind(
    "Okta_SuperAdmin",
    starts=HOLDERS,
    ends={"Okta_Organization"},
    traversable=True,
    why="A super administrator can do everything in the organization.",
    abuse=(
        "Use the role: create administrators, read every secret, change every policy and add identity "
        "providers."
    ),
    cut="Revoke the role assignment, or replace it with a custom role over the required resources.",
    same_tier=True,
)
ORG_ADMIN = EdgeKind(
    "Okta_OrgAdmin",
    starts=HOLDERS,
    ends={"Okta_User", "Okta_Group", "Okta_Device"},
    traversable=True,
    why="An organization administrator manages users, groups and devices, but not applications.",
    abuse=(
        "Reset the user's password and factors, add accounts to the group, or unlock the device, and use "
        "their rights."
    ),
    cut="Replace the organization administrator role with a custom role over a resource set, or revoke it.",
)
GROUP_ADMIN = EdgeKind(
    "Okta_GroupAdmin",
    starts=HOLDERS,
    ends={"Okta_User", "Okta_Group"},
    traversable=True,
    why="A group administrator manages the groups and resets credentials of their members.",
    abuse="Add an account to the group, or set a new password and factors for the user and sign in.",
    cut=(
        "Limit the assignment to groups without sensitive members, or replace the role with a narrower "
        "custom role."
    ),
)
GROUP_MEMBERSHIP_ADMIN = EdgeKind(
    "Okta_GroupMembershipAdmin",
    starts=HOLDERS,
    ends={"Okta_Group"},
    traversable=True,
    why="A group membership administrator can add any user to the group.",
    abuse="Add an account to the group and use the roles and applications of the group.",
    cut=(
        "Remove the group from the assignment's targets, or assign its roles and applications to a group "
        "that the assignment does not cover."
    ),
)
HELP_DESK_ADMIN = EdgeKind(
    "Okta_HelpDeskAdmin",
    starts=HOLDERS,
    ends={"Okta_User"},
    traversable=True,
    why="A help desk administrator resets the user's password and factors.",
    abuse="Reset the user's password and factors, enroll a factor and sign in as the user.",
    cut=("Limit the assignment to groups without sensitive users, and require proof of identity for resets."),
)
APP_ADMIN = EdgeKind(
    "Okta_AppAdmin",
    starts=HOLDERS,
    ends={"Okta_Application", "Okta_ApiServiceIntegration"},
    traversable=True,
    why="An application administrator changes the client's credentials and settings.",
    abuse="Add a secret or key to the client, or redirect its sign-ins, and act as the client.",
    cut=(
        "Limit the assignment to the required applications, and exclude clients with powerful scopes or "
        "roles."
    ),
)
MOBILE_ADMIN = EdgeKind(
    "Okta_MobileAdmin",
    starts=HOLDERS,
    ends={"Okta_Device"},
    traversable=True,
    why="A mobile administrator manages the device.",
    abuse="Unsuspend or reactivate a device that was blocked, or lock its user out.",
    cut="Revoke the mobile administrator role if it is not used to manage devices.",
)
MANAGE_APP = EdgeKind(
    "Okta_ManageApp",
    starts=HOLDERS,
    ends={"Okta_Application"},
    traversable=True,
    why="The holder manages the application and can change its credentials and settings.",
    abuse="Add a secret or key to the application, or change where it sends sign-ins, and act as it.",
    cut="Remove the application from the resource set, or the permission from the role.",
)
READ_CLIENT_SECRET = EdgeKind(
    "Okta_ReadClientSecret",
    starts=HOLDERS,
    ends={"Okta_ClientSecret"},
    traversable=True,
    why="Okta shows secrets of applications in clear text to administrators who may see their credentials.",
    abuse="Read the secret in the admin console or over the API, and authenticate as the application.",
    cut=(
        "Let the application authenticate with a private key instead, and delete the secret; or revoke the "
        "role."
    ),
)
