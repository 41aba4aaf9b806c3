"""Applications: apps that users sign in to, directory integrations, and OAuth service applications."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar

import attrs

from oktahound.entities.parsers import bare_url, ids_of, lacks_ids, url_without_user, urls_without_user
from oktahound.entities.schema import Derived, Entity, Wire, titled
from oktahound.entities.sources import Endpoint

__all__ = ["SYSTEM_APPLICATIONS", "Application"]

SYSTEM_APPLICATIONS = frozenset(
    {
        "okta_oin_submission_tester_app",
        "okta_access_requests_resource_catalog",
        "okta_enduser",
        "okta_browser_plugin",
        "active_directory",
        "ldap_interface",
    }
)
"""Types of applications that are parts of Okta or represent a directory. Their assignment gives no access to
anything outside Okta."""

_CONSOLES = frozenset({"saasure", "okta_enduser", "okta_browser_plugin"})
"""Okta's own web pages. They use OpenID Connect, but Okta does not list their clients."""

_PUSHES_GROUPS = frozenset({"GROUP_PUSH", "SCIM_PROVISIONING"})

_ASSERTS_USER_NAMES = frozenset({"OPENID_CONNECT", "SAML_2_0", "SAML_1_1"})
"""Sign-on modes in which the user name template determines the asserted user. In others it fills a form."""


def _url(app: Application) -> str | None:
    """Return the URL of the application, from the field that fits its sign-on mode."""
    match app.sign_on_mode:
        case "OPENID_CONNECT":
            found = app.initiate_login_uri or next(iter(app.redirect_uris or ()), None)
        case "SAML_2_0":
            found = app.sso_acs_url
        case "SAML_1_1":
            found = app.sso_acs_url_override
        case "AUTO_LOGIN":
            found = app.sign_on_login_url
        case _:
            found = None
    return app.settings_url or found


@attrs.frozen(kw_only=True, repr=False)
class Application(Entity):
    """An application of any sign-on mode. Directory integrations have none: `sign_on_mode` is None.

    Only the settings named here are kept, because applications store passwords and keys in the same place.
    Their fields begin with ``setting_`` and their graph properties with ``settings.``, because a setting may
    be called ``status`` or ``name``.
    """

    KIND = "Okta_Application"
    PLURAL = "applications"
    SOURCES = (Endpoint("/api/v1/apps", scope="okta.apps.read", params={"limit": 200}),)
    ASSIGNMENT_TYPE: ClassVar[str] = "CLIENT"
    """Okta's value for a role assignment that a client holds directly."""
    DERIVED = (
        *titled(
            "The label; else the application's type, else the id.",
            lambda app, context: app.label or app.app_type or app.id,
        ),
        Derived(
            "url",
            "The address in the settings, or else the one of the sign-on mode.",
            lambda app, context: _url(app),
        ),
        Derived(
            "userNameMapping",
            "The template of the user names that Okta asserts to the application: OIDC and SAML only.",
            lambda app, context: app.user_name_mapping if app.sign_on_mode in _ASSERTS_USER_NAMES else None,
        ),
        Derived(
            "systemApp",
            "True for types that are parts of Okta or represent a directory.",
            lambda app, context: None if app.app_type is None else app.app_type in SYSTEM_APPLICATIONS,
        ),
    )

    label: Annotated[str | None, Wire(prop="")] = None
    """The name that people see."""
    app_type: Annotated[str | None, Wire("name")] = None
    """The kind of application in Okta's catalogue, such as `salesforce` or `active_directory`."""
    sign_on_mode: str | None = None
    """The way in which users sign in: `OPENID_CONNECT`, `SAML_2_0`, `AUTO_LOGIN`, `BOOKMARK` and others."""
    status: str | None = None
    """`ACTIVE`, `INACTIVE` or `DELETED`."""
    features: tuple[str, ...] | None = None
    """The provisioning features that are on, such as `PUSH_NEW_USERS` or `IMPORT_PROFILE_UPDATES`."""
    created: datetime | None = None
    """The time at which the application was created."""
    last_updated: datetime | None = None
    """The time at which the application was last changed."""

    client_id: Annotated[str | None, Wire("credentials.oauthClient.client_id")] = None
    """The OAuth client id. It is usually the application's own id, and can be chosen to differ."""
    client_type: Annotated[str | None, Wire("settings.oauthClient.application_type")] = None
    """The type of OAuth client: `web`, `native`, `browser` or `service`."""
    grant_types: Annotated[tuple[str, ...] | None, Wire("settings.oauthClient.grant_types")] = None
    """The OAuth grant types that the client may use, such as `client_credentials`."""
    token_endpoint_auth_method: Annotated[
        str | None, Wire("credentials.oauthClient.token_endpoint_auth_method")
    ] = None
    """The client's authentication method: `client_secret_basic`, `client_secret_post`, `client_secret_jwt`,
    `private_key_jwt` or `none`."""
    has_keys_without_ids: Annotated[
        bool | None, Wire("settings.oauthClient.jwks", prop="", read=lacks_ids)
    ] = None
    """Whether the listing of applications contains a public key of the client without Okta's id."""
    jwks_uri: Annotated[str | None, Wire("settings.oauthClient.jwks_uri", read=url_without_user)] = None
    """The URL from which Okta fetches the client's public keys, without user and password."""
    initiate_login_uri: Annotated[
        str | None, Wire("settings.oauthClient.initiate_login_uri", prop="", read=url_without_user)
    ] = None
    """The URL that starts a sign-in at the application, without user and password."""
    redirect_uris: Annotated[
        tuple[str, ...] | None, Wire("settings.oauthClient.redirect_uris", prop="", read=urls_without_user)
    ] = None
    """The URLs to which Okta sends users after an OAuth sign-in, without user and password."""

    user_name_mapping: Annotated[str | None, Wire("credentials.userNameTemplate.template", prop="")] = None
    """The template for the user's name in the application, such as `${source.login}`."""
    signing_key_id: Annotated[str | None, Wire("credentials.signing.kid", prop="")] = None
    """The id of the key with which Okta signs assertions for the application."""
    credentials_scheme: Annotated[str | None, Wire("credentials.scheme")] = None
    """The scheme that determines who chooses the credentials of a password application, such as
    `SHARED_USERNAME_AND_PASSWORD` or
    `EDIT_USERNAME_AND_PASSWORD`."""
    implicit_assignment: Annotated[bool | None, Wire("settings.implicitAssignment")] = None
    """Whether every user may use the application without being assigned."""
    sso_acs_url: Annotated[str | None, Wire("settings.signOn.ssoAcsUrl", prop="", read=url_without_user)] = (
        None
    )
    """The assertion consumer service URL of a SAML 2.0 application."""
    sso_acs_url_override: Annotated[
        str | None, Wire("settings.signOn.ssoAcsUrlOverride", prop="", read=url_without_user)
    ] = None
    """The assertion consumer service URL that replaces the one of the catalogue."""
    sign_on_login_url: Annotated[str | None, Wire("settings.signOn.loginUrl", prop="", read=bare_url)] = None
    """The login page of an `AUTO_LOGIN` application, without user, query and fragment."""
    settings_url: Annotated[str | None, Wire("settings.app.url", prop="", read=bare_url)] = None
    """The address of the application in its settings, without user, query and fragment."""

    inline_hook_ids: Annotated[
        tuple[str, ...] | None, Wire("settings.signOn.inlineHooks", prop="", read=ids_of)
    ] = None
    """The ids of the inline hooks that may change the assertions of the application."""
    import_hook_id: Annotated[str | None, Wire("settings.inlineHookId", prop="")] = None
    """The id of the inline hook that Okta calls for each user that it imports from the application."""
    network_connection: Annotated[str | None, Wire("settings.oauthClient.network.connection", prop="")] = None
    """The networks from which an OAuth client may request tokens: `ANYWHERE` or `ZONE`."""
    network_include: Annotated[
        tuple[str, ...] | None, Wire("settings.oauthClient.network.include", prop="")
    ] = None
    """The ids of the network zones from which it may request tokens."""
    network_exclude: Annotated[
        tuple[str, ...] | None, Wire("settings.oauthClient.network.exclude", prop="")
    ] = None
    """The ids of the network zones from which it may not request tokens."""

    naming_context: Annotated[str | None, Wire("settings.app.namingContext")] = None
    """The domain that a directory integration reads: the DNS name of the Active Directory domain, or the LDAP
    base."""
    filter_groups_by_ou: Annotated[
        bool | None, Wire("settings.app.filterGroupsByOU", prop="filterGroupsByOU")
    ] = None
    """Whether a directory integration imports groups only from chosen organizational units."""
    microsoft_tenant_id: Annotated[str | None, Wire("settings.app.microsoftTenantId")] = None
    """The id of the Microsoft Entra tenant of an Office 365 application."""

    setting_account_id: Annotated[str | None, Wire("settings.app.accountID", prop="settings.accountID")] = (
        None
    )
    """The account id in AWS and similar applications."""
    setting_acs_url: Annotated[
        str | None, Wire("settings.app.acsUrl", prop="settings.acsUrl", read=bare_url)
    ] = None
    """The assertion consumer service URL in the application's own settings."""
    setting_audience: Annotated[
        str | None, Wire("settings.app.audRestriction", prop="settings.audRestriction")
    ] = None
    """The audience to which SAML assertions are restricted."""
    setting_base_url: Annotated[
        str | None,
        Wire(("settings.app.baseUrl", "settings.app.baseURL"), prop="settings.baseUrl", read=bare_url),
    ] = None
    """The base URL of the application, such as the URL of another Okta org for Org2Org."""
    setting_domain: Annotated[str | None, Wire("settings.app.domain", prop="settings.domain")] = None
    """The domain at the application, such as the Google Workspace domain."""
    setting_enterprise_name: Annotated[
        str | None, Wire("settings.app.enterpriseName", prop="settings.enterpriseName")
    ] = None
    """The name of the enterprise at GitHub Enterprise Cloud."""
    setting_github_org: Annotated[
        str | None, Wire(("settings.app.githubOrg", "settings.app.orgName"), prop="settings.githubOrg")
    ] = None
    """The name of the GitHub organization."""
    setting_idp_arn: Annotated[
        str | None, Wire("settings.app.identityProviderArn", prop="settings.identityProviderArn")
    ] = None
    """The ARN of the identity provider in AWS that represents Okta."""
    setting_idp_id: Annotated[str | None, Wire("settings.app.idpId", prop="settings.idpId")] = None
    """The id of the identity provider in the application that represents Okta."""
    setting_login_url: Annotated[
        str | None, Wire("settings.app.loginURL", prop="settings.loginURL", read=bare_url)
    ] = None
    """The login page in the application's own settings, without user, query and fragment."""
    setting_microsoft_discovery_endpoint: Annotated[
        str | None,
        Wire(
            "settings.app.microsoftDiscoveryEndpoint",
            prop="settings.microsoftDiscoveryEndpoint",
            read=bare_url,
        ),
    ] = None
    """The discovery endpoint of the Microsoft cloud, which distinguishes national clouds."""
    setting_msft_tenant: Annotated[
        str | None, Wire("settings.app.msftTenant", prop="settings.msftTenant")
    ] = None
    """The name of the Microsoft Entra tenant: `contoso` in `contoso.onmicrosoft.com`."""
    setting_region_type: Annotated[
        str | None, Wire("settings.app.regionType", prop="settings.regionType")
    ] = None
    """The type of region in the application's settings."""
    setting_sub_domain: Annotated[str | None, Wire("settings.app.subDomain", prop="settings.subDomain")] = (
        None
    )
    """The customer's subdomain at the application."""

    @property
    def is_service(self) -> bool:
        """Whether it is a service that uses client credentials. Users do not sign in to it."""
        return self.client_type == "service"

    @property
    def is_oauth_client(self) -> bool:
        """Whether it is an OAuth client. Only OAuth clients have grants, secrets and keys."""
        if self.client_type is not None or self.client_id is not None:
            return True
        return self.sign_on_mode == "OPENID_CONNECT" and self.app_type not in _CONSOLES

    @property
    def may_have_secrets(self) -> bool:
        """Whether it may have client secrets: its method is one or is unknown, or it is a service."""
        method = self.token_endpoint_auth_method
        may_use_secret = method is None or method.startswith("client_secret")
        return self.is_service or (self.is_oauth_client and may_use_secret)

    @property
    def may_push_groups(self) -> bool:
        """Whether groups may be pushed to it. Provisioning over SCIM does not list it as a feature."""
        if self.app_type in ("active_directory", "okta_org2org") or self.features is None:
            return True
        return not _PUSHES_GROUPS.isdisjoint(self.features)

    @property
    def role_path_id(self) -> str:
        """The id in the path of role listings: the client id, which can differ from `id`."""
        return self.client_id or self.id
