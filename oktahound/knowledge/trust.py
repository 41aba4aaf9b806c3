"""Powers over whom the organization trusts: providers, policies, authenticators, tokens, hooks."""

from __future__ import annotations

from oktahound.knowledge.powers import Power
from oktahound.knowledge.severity import Severity

__all__ = [
    "ADDS_IDENTITY_PROVIDERS",
    "ALTERS_TOKENS",
    "CONTROLS_IDENTITY_PROVIDERS",
    "POWERS",
    "REWRITES_POLICIES",
]

_IMPERSONATION = "https://www.obsidiansecurity.com/blog/behind-the-breach-cross-tenant-impersonation-in-okta/"

ADDS_IDENTITY_PROVIDERS = Power(
    name="adds-identity-providers",
    scopes=("okta.idps.manage",),
    sentence=(
        "Adds an identity provider of its own that links itself to existing users, and signs in as any of "
        "them."
    ),
    severity=Severity.CRITICAL,
    operations=("createIdentityProvider", "activateIdentityProvider", "createIdentityProviderKey"),
    assumption="sign-in policies accept the new provider, and Okta lets it link itself to existing users",
    cited=_IMPERSONATION,
)
CONTROLS_IDENTITY_PROVIDERS = Power(
    name="controls-identity-providers",
    scopes=("okta.idps.manage",),
    sentence=(
        "Replaces key, address and account links of any identity provider, and signs in as the users linked"
        " to it."
    ),
    severity=Severity.CRITICAL,
    operations=("replaceIdentityProvider", "replaceIdentityProviderKey", "createIdentityProviderKey"),
    cited=_IMPERSONATION,
)
REWRITES_POLICIES = Power(
    name="rewrites-policies",
    scopes=("okta.policies.manage",),
    sentence=(
        "Rewrites sign-in, password, recovery and routing policies: it can take the second factor away for "
        "everybody."
    ),
    severity=Severity.HIGH,
    operations=(
        "replacePolicy",
        "createPolicyRule",
        "replacePolicyRule",
        "deactivatePolicyRule",
        "mapResourceToPolicy",
    ),
)
ALTERS_TOKENS = Power(
    name="alters-tokens",
    scopes=("okta.authorizationServers.manage",),
    sentence=(
        "Changes claims, scopes and access policies of authorization servers: the APIs behind believe what "
        "it writes."
    ),
    severity=Severity.HIGH,
    operations=(
        "createOAuth2Claim",
        "replaceOAuth2Claim",
        "createAuthorizationServerPolicyRule",
        "replaceAuthorizationServerPolicyRule",
        "replaceAuthorizationServer",
    ),
    condition="an authorization server of one's own",
)

POWERS = (
    ADDS_IDENTITY_PROVIDERS,
    CONTROLS_IDENTITY_PROVIDERS,
    REWRITES_POLICIES,
    ALTERS_TOKENS,
    Power(
        name="weakens-authenticators",
        scopes=("okta.authenticators.manage",),
        sentence="Switches authenticators off or adds weak ones, for everybody at once.",
        severity=Severity.HIGH,
        operations=(
            "deactivateAuthenticator",
            "replaceAuthenticator",
            "deactivateAuthenticatorMethod",
            "createAuthenticator",
        ),
        assumption=(
            "policies accept what is left; Okta refuses to switch off an authenticator that a policy names"
        ),
    ),
    Power(
        name="runs-inline-hooks",
        scopes=("okta.inlineHooks.manage",),
        sentence=(
            "Points inline hooks at a server of its own, which then sees sign-ins, imports and tokens and "
            "alters them."
        ),
        severity=Severity.HIGH,
        operations=("createInlineHook", "replaceInlineHook", "updateInlineHook", "activateInlineHook"),
        condition="an inline hook that a flow uses already; a new one has to be tied to a flow first",
    ),
    Power(
        name="listens-to-events",
        scopes=("okta.eventHooks.manage",),
        sentence=(
            "Sends chosen events to a server of its own as they happen, or switches the organization's "
            "hooks off."
        ),
        severity=Severity.MEDIUM,
        operations=("createEventHook", "replaceEventHook", "deactivateEventHook"),
    ),
    Power(
        name="diverts-logs",
        scopes=("okta.logStreams.manage",),
        sentence="Stops or redirects the streams that carry the System Log to whoever watches it.",
        severity=Severity.HIGH,
        operations=("deactivateLogStream", "replaceLogStream", "deleteLogStream", "createLogStream"),
    ),
    Power(
        name="moves-network-zones",
        scopes=("okta.networkZones.manage",),
        sentence="Counts its own addresses as trusted, or takes blocked ones off the list.",
        severity=Severity.HIGH,
        operations=("replaceNetworkZone", "deactivateNetworkZone", "createNetworkZone"),
        condition="policies or tokens that look at network zones",
    ),
    Power(
        name="lets-okta-support-in",
        scopes=("okta.orgs.manage",),
        sentence=(
            "Opens the organization to Okta's support, and changes contacts, lockout and third-party admin "
            "settings."
        ),
        severity=Severity.HIGH,
        operations=(
            "grantOktaSupport",
            "updateThirdPartyAdminSetting",
            "replaceUserLockoutSettings",
            "replaceOrgContactUser",
        ),
    ),
    Power(
        name="makes-new-clients-admins",
        scopes=("okta.orgs.manage",),
        sentence=(
            "Has Okta assign the Super Administrator role to every new public client application by default."
        ),
        severity=Severity.HIGH,
        operations=("assignClientPrivilegesSetting",),
        assumption="Okta does not say whether a client that holds no admin role may change this setting",
    ),
    Power(
        name="weakens-detection",
        scopes=("okta.threatInsights.manage",),
        sentence="Switches ThreatInsight to watching only, or exempts its own addresses.",
        severity=Severity.MEDIUM,
        operations=("updateConfiguration",),
    ),
    Power(
        name="rewrites-behaviors",
        scopes=("okta.behaviors.manage",),
        sentence="Switches off what tells an unusual sign-in from a usual one.",
        severity=Severity.MEDIUM,
        operations=("deactivateBehaviorDetectionRule", "replaceBehaviorDetectionRule"),
    ),
    Power(
        name="trusts-origins",
        scopes=("okta.trustedOrigins.manage",),
        sentence="Lets pages of other sites call Okta's APIs with a visitor's session, or receive redirects.",
        severity=Severity.MEDIUM,
        operations=("createTrustedOrigin", "replaceTrustedOrigin"),
    ),
    Power(
        name="rewrites-sign-in-page",
        scopes=("okta.brands.manage",),
        sentence="Changes the sign-in page, script included, and so sees what people type there.",
        severity=Severity.HIGH,
        operations=("replaceCustomizedSignInPage",),
        condition="a brand with a custom domain",
    ),
    Power(
        name="phishes-from-inside",
        scopes=("okta.templates.manage",),
        sentence="Rewrites the mails and text messages that Okta sends, links included.",
        severity=Severity.MEDIUM,
        operations=("createEmailCustomization", "replaceEmailCustomization", "replaceSmsTemplate"),
    ),
    Power(
        name="reads-one-time-codes",
        scopes=("okta.customTelephonyProvider.manage",),
        sentence="Sends one-time codes through a telephony account of its own.",
        severity=Severity.HIGH,
        operations=("createCustomTelephonyProviderCredentials", "setAsPrimaryCustomTelephonyCredential"),
        condition="factors that arrive by telephone",
    ),
    Power(
        name="reads-mail",
        scopes=("okta.emailServers.manage",),
        sentence="Sends the organization's mail, reset links included, through a server of its own.",
        severity=Severity.HIGH,
        operations=("createEmailServer", "updateEmailServer"),
    ),
)
