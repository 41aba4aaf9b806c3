"""Powers over applications, OAuth clients, integrations and their credentials."""

from __future__ import annotations

from oktahound.knowledge.powers import NO_ROLE, Power
from oktahound.knowledge.severity import Severity

__all__ = [
    "MANAGES_APPS",
    "MINTS_CLIENT_SECRETS",
    "MINTS_INTEGRATION_SECRETS",
    "POWERS",
    "UPDATES_AGENTS",
    "WIDENS_SCOPES",
]

MANAGES_APPS = Power(
    name="manages-apps",
    scopes=("okta.apps.manage",),
    sentence=(
        "Adds secrets and keys to any application, changes where it signs people in, and assigns it to "
        "anybody."
    ),
    severity=Severity.CRITICAL,
    operations=(
        "createOAuth2ClientSecret",
        "addJwk",
        "replaceApplication",
        "assignUserToApplication",
        "assignGroupToApplication",
        "assignApplicationPolicy",
    ),
    assumption=NO_ROLE,
)
MINTS_CLIENT_SECRETS = Power(
    name="mints-client-secrets",
    scopes=("okta.clients.manage",),
    sentence="Replaces the secret and the settings of any OAuth client, and acts as the client.",
    severity=Severity.HIGH,
    operations=("generateNewClientSecret", "replaceClient", "deleteClient"),
    assumption=NO_ROLE,
)
MINTS_INTEGRATION_SECRETS = Power(
    name="mints-integration-secrets",
    scopes=("okta.oauthIntegrations.manage",),
    sentence=(
        "Makes a new secret for any API service integration, which Okta shows once, and acts with all its "
        "scopes."
    ),
    severity=Severity.CRITICAL,
    operations=("createApiServiceIntegrationInstanceSecret", "activateApiServiceIntegrationInstanceSecret"),
    condition="another API service integration",
)
WIDENS_SCOPES = Power(
    name="widens-scopes",
    scopes=("okta.appGrants.manage",),
    sentence="Grants any scope of Okta's APIs to any application, its own included.",
    severity=Severity.HIGH,
    operations=("grantConsentToScope",),
    assumption=(
        "Okta's help asks a super administrator for it, and does not speak of a client that holds the scope"
    ),
)
UPDATES_AGENTS = Power(
    name="updates-agents",
    scopes=("okta.agentPools.manage",),
    sentence="Starts, schedules and stops updates of the agents that tie Okta to directories on site.",
    severity=Severity.MEDIUM,
    operations=("createAgentPoolsUpdate", "activateAgentPoolsUpdate", "stopAgentPoolsUpdate"),
    condition="a directory agent",
)

POWERS = (
    MANAGES_APPS,
    MINTS_CLIENT_SECRETS,
    MINTS_INTEGRATION_SECRETS,
    WIDENS_SCOPES,
    Power(
        name="adds-integrations",
        scopes=("okta.oauthIntegrations.manage",),
        sentence=(
            "Adds an integration of any type in the catalogue, with the scopes of that type, and gets its "
            "secret."
        ),
        severity=Severity.CRITICAL,
        operations=("createApiServiceIntegrationInstance",),
        assumption=(
            "Okta does not say whether the new integration may hold scopes that the one that adds it lacks"
        ),
    ),
    Power(
        name="removes-integrations",
        scopes=("okta.oauthIntegrations.manage",),
        sentence=(
            "Revokes integrations and their secrets: security tools that watch the organization go blind."
        ),
        severity=Severity.HIGH,
        operations=("deleteApiServiceIntegrationInstance", "deactivateApiServiceIntegrationInstanceSecret"),
    ),
    Power(
        name="registers-clients",
        scopes=("okta.clients.register",),
        sentence=(
            "Registers OAuth clients with redirect addresses of its choice, under the organization's own "
            "name."
        ),
        severity=Severity.MEDIUM,
        operations=("createClient",),
    ),
    Power(
        name="trusts-clients",
        scopes=("okta.apps.interclientTrust.manage",),
        sentence="Lets one application start sessions at another for its signed-in users.",
        severity=Severity.MEDIUM,
        operations=("createInterclientTrustMapping",),
    ),
    Power(
        name="revokes-api-tokens",
        scopes=("okta.apiTokens.manage",),
        sentence="Revokes API tokens and changes from which networks they may be used.",
        severity=Severity.MEDIUM,
        operations=("revokeApiToken", "upsertApiToken"),
    ),
    UPDATES_AGENTS,
)
