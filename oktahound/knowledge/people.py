"""Powers over people, groups, roles and devices."""

from __future__ import annotations

from oktahound.knowledge.powers import NO_ROLE, Power
from oktahound.knowledge.severity import Severity

__all__ = [
    "ADDS_DIRECTORY_MEMBERS",
    "ADDS_MEMBERS",
    "GRANTS_ROLES",
    "MANAGES_DEVICES",
    "POWERS",
    "RESETS_CREDENTIALS",
]

RESETS_CREDENTIALS = Power(
    name="resets-credentials",
    scopes=("okta.users.manage",),
    sentence=(
        "Sets a new password, resets factors and enrols factors of its own for any user, and signs in as "
        "them."
    ),
    severity=Severity.CRITICAL,
    operations=(
        "updateUser",
        "resetPassword",
        "expirePasswordWithTempPassword",
        "resetFactors",
        "unenrollFactor",
        "enrollFactor",
        "activateFactor",
        "createTacAuthenticatorEnrollment",
    ),
    assumption=NO_ROLE,
)
ADDS_MEMBERS = Power(
    name="adds-members",
    scopes=("okta.groups.manage",),
    sentence=(
        "Joins any user to any group that Okta itself keeps, also by rule, and so to its applications and "
        "roles."
    ),
    severity=Severity.HIGH,
    operations=("assignUserToGroup", "createGroupRule", "activateGroupRule", "assignGroupOwner"),
    assumption=NO_ROLE,
)
GRANTS_ROLES = Power(
    name="grants-roles",
    scopes=("okta.roles.manage",),
    sentence="Grants admin roles to users, groups and clients, Super Administrator included.",
    severity=Severity.CRITICAL,
    operations=(
        "assignRoleToUser",
        "assignRoleToGroup",
        "assignRoleToClient",
        "createRole",
        "createResourceSetBinding",
        "addMembersToBinding",
    ),
    assumption=NO_ROLE,
    cited="https://developer.okta.com/docs/reference/api/roles",
)
MANAGES_DEVICES = Power(
    name="manages-devices",
    scopes=("okta.devices.manage",),
    sentence="Activates, suspends and deletes devices: locks people out, or lets a blocked device back in.",
    severity=Severity.MEDIUM,
    operations=("activateDevice", "unsuspendDevice", "deactivateDevice", "suspendDevice", "deleteDevice"),
)
ADDS_DIRECTORY_MEMBERS = Power(
    name="adds-directory-members",
    scopes=("okta.directories.groups.manage",),
    sentence="Joins people to groups of Active Directory or LDAP through the directory agent.",
    severity=Severity.HIGH,
    operations=("updateGroupMembership",),
    condition="a directory whose agent writes group memberships back",
    assumption="the directory lets the agent's account change the group: its own permissions decide that",
)

POWERS = (
    RESETS_CREDENTIALS,
    ADDS_MEMBERS,
    GRANTS_ROLES,
    MANAGES_DEVICES,
    ADDS_DIRECTORY_MEMBERS,
    Power(
        name="creates-users",
        scopes=("okta.users.manage",),
        sentence="Creates accounts with a password of its choice, and brings suspended and locked ones back.",
        severity=Severity.HIGH,
        operations=("createUser", "activateUser", "reactivateUser", "unsuspendUser", "unlockUser"),
    ),
    Power(
        name="removes-users",
        scopes=("okta.users.manage",),
        sentence="Suspends, deactivates and deletes users: it can lock the organization's people out.",
        severity=Severity.HIGH,
        operations=("suspendUser", "deactivateUser", "deleteUser"),
        assumption=NO_ROLE,
    ),
    Power(
        name="links-users",
        scopes=("okta.users.manage",),
        sentence=(
            "Links a user to an account at a social identity provider; whoever owns that account signs in "
            "as them."
        ),
        severity=Severity.HIGH,
        operations=("linkUserToIdentityProvider",),
        condition="an identity provider whose users are linked by hand",
        assumption=NO_ROLE,
    ),
    Power(
        name="ends-sessions",
        scopes=("okta.sessions.manage",),
        sentence="Keeps a session alive or ends it, if it knows the session's id.",
        severity=Severity.LOW,
        operations=("refreshSession", "revokeSession"),
    ),
    Power(
        name="logs-everybody-out",
        scopes=("okta.universalLogout.manage",),
        sentence="Ends all sessions and revokes all tokens of a user.",
        severity=Severity.LOW,
        operations=("globalTokenRevocation",),
    ),
    Power(
        name="hides-risk",
        scopes=("okta.userRisk.manage",),
        sentence="Sets the risk that Okta sees in a user, and so what policies ask of them.",
        severity=Severity.MEDIUM,
        operations=("upsertUserRisk",),
    ),
    Power(
        name="feeds-identity-source",
        scopes=("okta.identitySources.manage",),
        sentence=(
            "Imports users, groups and memberships through a custom identity source: it writes who people "
            "are."
        ),
        severity=Severity.HIGH,
        operations=(
            "uploadIdentitySourceDataForUpsert",
            "uploadIdentitySourceGroupMembershipsForUpsert",
            "startImportFromIdentitySource",
            "createIdentitySourceUser",
            "replaceExistingIdentitySourceUser",
        ),
        condition="a custom identity source",
        assumption="imported people are matched to existing users by the import rules of the source",
    ),
    Power(
        name="rewrites-profiles",
        scopes=("okta.profileMappings.manage",),
        sentence=(
            "Rewrites which attribute of an application fills which attribute of a user, group rules "
            "included."
        ),
        severity=Severity.MEDIUM,
        operations=("updateProfileMapping",),
        assumption=(
            "harm needs something that trusts the attribute: a group rule, a claim, a user name at an "
            "application"
        ),
    ),
    Power(
        name="moves-users-between-realms",
        scopes=("okta.realmAssignments.manage",),
        sentence="Moves users into another realm, under whoever administers that one.",
        severity=Severity.MEDIUM,
        operations=("createRealmAssignment", "activateRealmAssignment", "executeRealmAssignment"),
        condition="realms with administrators of their own",
    ),
    Power(
        name="creates-service-accounts",
        scopes=("okta.serviceAccounts.manage",),
        sentence="Adds and changes service accounts of applications that Okta Privileged Access keeps.",
        severity=Severity.MEDIUM,
        operations=("createAppServiceAccount", "updateAppServiceAccount", "deleteAppServiceAccount"),
        condition="Okta Privileged Access",
    ),
)
