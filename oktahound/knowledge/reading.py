"""Powers of ``read`` scopes: secrets that they show, and what else is worth knowing to an attacker."""

from __future__ import annotations

from oktahound.knowledge.powers import Power
from oktahound.knowledge.severity import Severity

__all__ = ["POWERS", "READS_APP_SECRETS"]

READS_APP_SECRETS = Power(
    name="reads-app-secrets",
    scopes=("okta.apps.read",),
    sentence=(
        "Reads the client secrets of applications in clear text, and can act as those that sign in with one."
    ),
    severity=Severity.HIGH,
    operations=("listOAuth2ClientSecrets", "getOAuth2ClientSecret", "listApplications"),
    condition="applications that authenticate with a client secret",
    assumption=(
        "Okta's API reference shows the secret to whoever holds the scope, and names no exception for a "
        "client "
        "that holds no admin role"
    ),
)


def _recon(
    name: str, scope: str, sentence: str, *operations: str, severity: Severity = Severity.LOW
) -> Power:
    return Power(name=name, scopes=(scope,), sentence=sentence, severity=severity, operations=operations)


POWERS = (
    READS_APP_SECRETS,
    _recon(
        "reads-system-log",
        "okta.logs.read",
        "Reads who does what, from where and with which device: people's whereabouts, and what "
        "defenders see.",
        "listLogEvents",
        severity=Severity.MEDIUM,
    ),
    _recon(
        "reads-people",
        "okta.users.read",
        "Reads everybody's profile, contact data, factors and groups: whom to call, and who has a weak "
        "factor.",
        "listUsers",
        "listFactors",
        "listUserGroups",
        "listAppLinks",
        severity=Severity.MEDIUM,
    ),
    _recon(
        "reads-groups",
        "okta.groups.read",
        "Reads groups, their members and the rules that fill them: which attribute to forge.",
        "listGroups",
        "listGroupUsers",
        "listGroupRules",
    ),
    _recon(
        "reads-applications",
        "okta.apps.read",
        "Reads which applications there are, their settings and who may open them.",
        "listApplications",
        "listApplicationUsers",
        "listApplicationGroupAssignments",
    ),
    _recon(
        "reads-grants",
        "okta.appGrants.read",
        "Reads which application holds which scope of Okta's APIs.",
        "listScopeConsentGrants",
    ),
    _recon(
        "reads-admins",
        "okta.roles.read",
        "Reads who is an administrator, of which kind and over what: the list of people worth phishing.",
        "listUsersWithRoleAssignments",
        "listAssignedRolesForUser",
        "listRoles",
        severity=Severity.MEDIUM,
    ),
    _recon(
        "reads-policies",
        "okta.policies.read",
        "Reads, and simulates, which sign-ins need no second factor.",
        "listPolicies",
        "listPolicyRules",
        "createPolicySimulation",
    ),
    _recon(
        "reads-network-zones",
        "okta.networkZones.read",
        "Reads which addresses the organization trusts.",
        "listNetworkZones",
    ),
    _recon(
        "reads-api-tokens",
        "okta.apiTokens.read",
        "Reads whose API tokens there are, when they were used and from which networks they may be.",
        "listApiTokens",
    ),
    _recon(
        "reads-integrations",
        "okta.oauthIntegrations.read",
        "Reads which integrations there are, with which scopes; their secrets are not shown.",
        "listApiServiceIntegrationInstances",
        "listApiServiceIntegrationInstanceSecrets",
    ),
    _recon(
        "reads-devices",
        "okta.devices.read",
        "Reads everybody's devices, their systems and whether they are managed.",
        "listDevices",
        "listDeviceUsers",
    ),
    _recon(
        "reads-authenticators",
        "okta.authenticators.read",
        "Reads which authenticators the organization accepts.",
        "listAuthenticators",
    ),
    _recon(
        "reads-identity-providers",
        "okta.idps.read",
        "Reads which providers are trusted, how users are matched, and who is linked.",
        "listIdentityProviders",
        "listIdentityProviderApplicationUsers",
    ),
    _recon(
        "reads-hooks",
        "okta.inlineHooks.read",
        "Reads where the organization's inline hooks are.",
        "listInlineHooks",
    ),
    _recon(
        "reads-log-streams",
        "okta.logStreams.read",
        "Reads where the System Log goes.",
        "listLogStreams",
    ),
    _recon(
        "reads-defences",
        "okta.threatInsights.read",
        "Reads whether ThreatInsight blocks, and whom it exempts.",
        "getCurrentConfiguration",
    ),
    _recon(
        "reads-agents",
        "okta.agentPools.read",
        "Reads which directory agents there are, their versions and hosts.",
        "listAgentPools",
    ),
    _recon(
        "reads-sessions",
        "okta.sessions.read",
        "Reads about a session whose id it knows.",
        "getSession",
        severity=Severity.INFO,
    ),
    _recon(
        "reads-organization",
        "okta.orgs.read",
        "Reads the organization's settings, contacts and whether Okta's support has access.",
        "getOrgSettings",
        "listOrgContactTypes",
        "getOrgOktaSupportSettings",
        severity=Severity.INFO,
    ),
    _recon(
        "reads-domains",
        "okta.domains.read",
        "Reads the organization's own sign-in addresses.",
        "listCustomDomains",
        severity=Severity.INFO,
    ),
    _recon(
        "reads-features",
        "okta.features.read",
        "Reads which features are switched on.",
        "listFeatures",
        severity=Severity.INFO,
    ),
)
