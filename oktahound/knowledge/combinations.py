"""Powers of several scopes together, worse than their parts."""

from __future__ import annotations

from oktahound.knowledge.powers import NO_ROLE, Power
from oktahound.knowledge.severity import Severity

__all__ = ["POWERS"]

_OPERATIONS_ALONE = (
    "each scope permits its half; that the halves fit together was not tried with an integration"
)

POWERS = (
    Power(
        name="acts-as-privileged-client",
        scopes=("okta.clients.manage",),
        sentence="Replaces the secret of a client that holds an admin role, and has the role.",
        severity=Severity.CRITICAL,
        operations=("generateNewClientSecret", "replaceClient"),
        condition="a service application with an admin role",
        assumption=NO_ROLE,
    ),
    Power(
        name="takes-over-service-application",
        scopes=("okta.appGrants.manage", "okta.apps.manage"),
        sentence=(
            "Adds its own key to a service application that holds an admin role, grants it every scope, and"
            " uses all "
            "of the role."
        ),
        severity=Severity.CRITICAL,
        operations=("grantConsentToScope", "addJwk", "createOAuth2ClientSecret"),
        condition="a service application with an admin role",
        assumption=NO_ROLE,
    ),
    Power(
        name="builds-privileged-client",
        scopes=("okta.apps.manage", "okta.appGrants.manage", "okta.roles.manage"),
        sentence=(
            "Creates a service application with a key of its own, grants it every scope and assigns it an "
            "admin role."
        ),
        severity=Severity.CRITICAL,
        operations=("createApplication", "grantConsentToScope", "assignRoleToClient"),
        assumption=NO_ROLE,
    ),
    Power(
        name="adds-admin-clients",
        scopes=("okta.orgs.manage", "okta.apps.manage"),
        sentence="Has new client applications become Super Administrators, and then creates one.",
        severity=Severity.CRITICAL,
        operations=("assignClientPrivilegesSetting", "createApplication"),
        assumption=_OPERATIONS_ALONE,
    ),
    Power(
        name="registers-admin-clients",
        scopes=("okta.orgs.manage", "okta.clients.register"),
        sentence="Has new client applications become Super Administrators, and then registers one.",
        severity=Severity.CRITICAL,
        operations=("assignClientPrivilegesSetting", "createClient"),
        assumption=_OPERATIONS_ALONE,
    ),
    Power(
        name="creates-admins",
        scopes=("okta.roles.manage", "okta.users.manage"),
        sentence="Creates an account of its own and makes it a Super Administrator.",
        severity=Severity.CRITICAL,
        operations=("assignRoleToUser", "createUser"),
        assumption=NO_ROLE,
    ),
    Power(
        name="creates-members",
        scopes=("okta.groups.manage", "okta.users.manage"),
        sentence=(
            "Creates an account of its own and joins it to any group: a lasting way into every application."
        ),
        severity=Severity.CRITICAL,
        operations=("assignUserToGroup", "createUser"),
        assumption=NO_ROLE,
    ),
    Power(
        name="opens-back-door",
        scopes=("okta.idps.manage", "okta.policies.manage"),
        sentence=(
            "Adds an identity provider and rewrites the policies so that its sign-ins are routed there and "
            "need no "
            "second factor."
        ),
        severity=Severity.CRITICAL,
        operations=("createIdentityProvider", "replacePolicyRule", "createPolicyRule"),
        cited="https://www.obsidiansecurity.com/blog/behind-the-breach-cross-tenant-impersonation-in-okta/",
    ),
    Power(
        name="forges-tokens",
        scopes=("okta.authorizationServers.manage", "okta.inlineHooks.manage"),
        sentence=(
            "Ties a token hook at its own server to an authorization server, and writes any claim into any "
            "token."
        ),
        severity=Severity.CRITICAL,
        operations=("replaceAuthorizationServerPolicyRule", "createInlineHook"),
        condition="an authorization server of one's own",
    ),
    Power(
        name="trusts-own-network",
        scopes=("okta.networkZones.manage", "okta.policies.manage"),
        sentence=(
            "Declares its own addresses trusted and rewrites the policies so that trusted addresses pass."
        ),
        severity=Severity.HIGH,
        operations=("createNetworkZone", "replacePolicyRule"),
    ),
    Power(
        name="works-unseen",
        scopes=("okta.logStreams.manage", "okta.eventHooks.manage"),
        sentence="Silences every channel by which others learn what happens in the organization.",
        severity=Severity.HIGH,
        operations=("deactivateLogStream", "deactivateEventHook"),
    ),
    Power(
        name="knows-whom-to-attack",
        scopes=("okta.roles.read", "okta.users.read", "okta.logs.read"),
        sentence=(
            "Knows every administrator, their factors and their habits, and leaves no event behind while it"
            " looks."
        ),
        severity=Severity.MEDIUM,
        operations=("listUsersWithRoleAssignments", "listFactors", "listLogEvents"),
    ),
)
