"""Sign-ins across products: from Okta by each type of application, and into Okta from Entra."""

from __future__ import annotations

import pytest
from attrs import evolve
from handwritten.hybrid import crossings, unmatched
from handwritten.orgs import content, snapshot_of

from oktahound import attack_view, build_graph
from oktahound.entities import Application, AppUser, IdentityProvider, IdentityProviderUser, User
from oktahound.graph import EDGE_KINDS, Foreign

TENANT = "1111aaaa-2222-4333-8444-555555555555"
ANN = User(id="00uAnn", login="ann@contoso.com", status="ACTIVE")


def app(type_, mode="SAML_2_0", **settings):
    return Application(id="0oaApp", app_type=type_, sign_on_mode=mode, status="ACTIVE", **settings)


def assigned(user_name="Ann@Contoso.com", **facts):
    return AppUser(
        **{"id": "00uAnn", "app_id": "0oaApp", "user_name": user_name, "status": "ACTIVE", **facts}
    )


ORG2ORG = app("okta_org2org", setting_idp_id="0oaIdp", setting_base_url="https://adatum.okta.com")
OFFICE = app("office365", microsoft_tenant_id=TENANT)
GITHUB = app("githubcloud", setting_github_org="Contoso")
JAMF = app("jamfsoftwareserver", setting_domain="jamf.contoso.com")
CASPER = app("casper", "BROWSER_PLUGIN", setting_login_url="https://JSS.contoso.com:8443/login")
ONEPASSWORD = app("1password_business", setting_sub_domain="Contoso", setting_region_type="eu")
SNOWFLAKE = app("snowflake", setting_sub_domain="contoso-nr46411")

SAML, PLUGIN = {"mode": "SAML_2_0"}, {"mode": "BROWSER_PLUGIN"}


@pytest.mark.parametrize(
    ("application", "kind", "organization", "properties"),
    [
        (ORG2ORG, "Okta_OutboundOrgSSO", "Okta_IdentityProvider(0oaIdp)", SAML),
        (OFFICE, "Okta_OutboundOrgSSO", "AZTenant(1111AAAA-2222-4333-8444-555555555555)", SAML),
        (GITHUB, "Okta_OutboundOrgSSO", "GH_Organization(name=Contoso)", SAML),
        (JAMF, "Okta_OutboundOrgSSO", "jamf_SSOIntegration(jamf.contoso.com-SSO)", SAML),
        (CASPER, "Okta_OrgSWA", "jamf_SSOIntegration(jss.contoso.com-SSO)", PLUGIN),
        (ONEPASSWORD, "Okta_OutboundOrgSSO", "OP_Account(domain=contoso.1password.eu)", SAML),
        (SNOWFLAKE, "Okta_OutboundOrgSSO", "SNOW_Account(CONTOSO-NR46411)", SAML),
    ],
    ids=lambda each: getattr(each, "app_type", ""),
)
def test_the_organization_behind_each_type_of_application(application, kind, organization, properties):
    assert crossings(application) == {("0oaApp", kind, organization): properties}


GUESSED = SAML | {"assumption": "the user name in the application is the login at GitHub"}


@pytest.mark.parametrize(
    ("application", "kind", "account", "properties"),
    [
        (ORG2ORG, "Okta_OutboundSSO", "Okta_User(00uThere)", SAML),
        (
            OFFICE,
            "Okta_OutboundSSO",
            "AZUser(tenantid=1111AAAA-2222-4333-8444-555555555555,userprincipalname=ann@contoso.com)",
            SAML,
        ),
        (GITHUB, "Okta_OutboundSSO", "GH_User(environment_name=Contoso,login=Ann@Contoso.com)", GUESSED),
        (
            JAMF,
            "Okta_OutboundSSO",
            "jamf_Account(domainName=jamf.contoso.com,email=ann@contoso.com)",
            SAML,
        ),
        (CASPER, "Okta_SWA", "jamf_Account(domainName=jss.contoso.com,email=ann@contoso.com)", PLUGIN),
        (
            ONEPASSWORD,
            "Okta_OutboundSSO",
            "OP_User(account_name=contoso.1password.eu,email=ann@contoso.com)",
            SAML,
        ),
        (SNOWFLAKE, "Okta_OutboundSSO", "SNOW_User(CONTOSO-NR46411.ANN@CONTOSO.COM)", SAML),
    ],
    ids=lambda each: getattr(each, "app_type", ""),
)
def test_the_account_behind_an_assignment_to_each_type_of_application(application, kind, account, properties):
    found = crossings(ANN, application, assigned(external_id="00uThere"), kind=kind)
    assert found == {("00uAnn", kind, account): properties}


@pytest.mark.parametrize(
    ("mode", "of_organization", "of_account"),
    [
        ("SAML_2_0", "Okta_OutboundOrgSSO", "Okta_OutboundSSO"),
        ("SAML_1_1", "Okta_OutboundOrgSSO", "Okta_OutboundSSO"),
        ("WS_FEDERATION", "Okta_OutboundOrgSSO", "Okta_OutboundSSO"),
        ("OPENID_CONNECT", "Okta_OutboundOrgSSO", "Okta_OutboundSSO"),
        ("AUTO_LOGIN", "Okta_OrgSWA", "Okta_SWA"),
        ("BASIC_AUTH", "Okta_OrgSWA", "Okta_SWA"),
        ("BROWSER_PLUGIN", "Okta_OrgSWA", "Okta_SWA"),
        ("SECURE_PASSWORD_STORE", "Okta_OrgSWA", "Okta_SWA"),
    ],
)
def test_the_sign_on_mode_distinguishes_trust_from_filled_in_passwords(mode, of_organization, of_account):
    found = crossings(ANN, evolve(OFFICE, sign_on_mode=mode), assigned())
    assert {kind: properties for (_, kind, _), properties in found.items()} == {
        of_organization: {"mode": mode},
        of_account: {"mode": mode},
    }


@pytest.mark.parametrize("mode", ["BOOKMARK", "NEVER_SEEN", None])
def test_other_sign_on_modes_sign_no_user_in(mode):
    assert crossings(ANN, evolve(OFFICE, sign_on_mode=mode), assigned()) == {}


@pytest.mark.parametrize("type_", ["active_directory", "ldap_interface", "oidc_client", "slack", None])
def test_directories_and_unknown_types_are_not_signed_in_to(type_):
    application = app(type_, naming_context="contoso.com", setting_domain="contoso.com")
    assert crossings(ANN, application, assigned(object_sid="S-1-5-21-1-2-3-1104")) == {}


def test_no_user_is_signed_in_to_a_service():
    assert crossings(evolve(OFFICE, client_type="service")) == {}


@pytest.mark.parametrize(
    ("application", "organization"),
    [
        (app("okta_org2org", setting_acs_url="https://adatum.okta.com/sso/saml2/0oaIdp"), "0oaIdp"),
        (app("okta_org2org", setting_acs_url="https://adatum.okta.com/sso/saml2/0oaIdp/"), "0oaIdp"),
        (
            app(
                "okta_org2org", setting_idp_id="0oaOne", setting_acs_url="https://a.okta.com/sso/saml2/0oaTwo"
            ),
            "0oaOne",
        ),
    ],
)
def test_the_provider_in_the_other_org_is_also_identified_by_the_acs_url(application, organization):
    (edge,) = crossings(application)
    assert edge == ("0oaApp", "Okta_OutboundOrgSSO", f"Okta_IdentityProvider({organization})")


@pytest.mark.parametrize(
    "acs",
    ["https://a.okta.com/sso/saml2", "https://x.com/auth/saml2/0oaIdp", "https://x.com/sso/saml2/a/b", "//]"],
)
def test_another_url_identifies_no_provider(acs):
    application = app("okta_org2org", setting_acs_url=acs)
    assert crossings(application) == {}
    assert unmatched(application) == {
        ("outbound_organization", "0oaApp", "Okta_IdentityProvider: no idpId", 1)
    }


@pytest.mark.parametrize(
    ("application", "why"),
    [
        (app("office365"), "AZTenant: no microsoftTenantId"),
        (app("office365", microsoft_tenant_id="contoso.onmicrosoft.com"), "AZTenant: no microsoftTenantId"),
        (app("githubcloud", setting_github_org=" "), "GH_Organization: no name"),
        (app("jamfsoftwareserver"), "jamf_SSOIntegration: no domain"),
        (app("casper", "BROWSER_PLUGIN"), "jamf_SSOIntegration: no domain"),
        (app("1password_business", setting_sub_domain="contoso"), "OP_Account: no domain"),
        (app("snowflake", setting_sub_domain=""), "SNOW_Account: no subDomain"),
    ],
)
def test_an_organization_that_the_settings_do_not_identify_is_unmatched(application, why):
    assert crossings(application) == {}
    assert unmatched(application) == {("outbound_organization", "0oaApp", why, 1)}


def test_an_account_in_an_unknown_tenant_is_counted_without_an_edge():
    rows = (ANN, app("office365", setting_msft_tenant="contoso"), assigned())
    assert crossings(*rows) == {}
    assert ("outbound_account", "0oaApp", "AZUser: no tenantid", 1) in unmatched(*rows)


@pytest.mark.parametrize("name", [None, "", "  "])
@pytest.mark.parametrize(
    ("application", "why"),
    [
        (OFFICE, "AZUser: no userprincipalname"),
        (GITHUB, "GH_User: no login"),
        (JAMF, "jamf_Account: no email"),
        (ONEPASSWORD, "OP_User: no email"),
        (SNOWFLAKE, "SNOW_User: no subDomain and user name"),
        (ORG2ORG, "Okta_User: no externalId"),
    ],
    ids=lambda each: getattr(each, "app_type", ""),
)
def test_accounts_without_a_name_are_counted_without_an_edge(application, why, name):
    rows = (application, assigned(name), assigned(name, id="00uBob", external_id=name))
    assert crossings(*rows, kind="Okta_OutboundSSO") == {}
    assert unmatched(*rows) == {("outbound_account", "0oaApp", why, 2)}


@pytest.mark.parametrize(
    ("subdomain", "account"),
    [
        ("cgxovhz-nr46411", "CGXOVHZ-NR46411"),
        ("CGXOVHZ-nr46411.privatelink", "CGXOVHZ-NR46411"),
        ("cgxovhz-nr46411.snowflakecomputing.com", "CGXOVHZ-NR46411"),
        ("cgxovhz-nr46411.privatelink.snowflakecomputing.com", "CGXOVHZ-NR46411"),
        ("https://cgxovhz-nr46411.snowflakecomputing.com/", "CGXOVHZ-NR46411"),
        ("xy12345.us-east-1", "XY12345.US-EAST-1"),
    ],
)
def test_the_known_forms_of_a_snowflake_account(subdomain, account):
    (edge,) = crossings(evolve(SNOWFLAKE, setting_sub_domain=subdomain))
    assert edge[2] == f"SNOW_Account({account})"


@pytest.mark.parametrize(
    "domain", ["jamf.contoso.com", "https://jamf.contoso.com/", "https://JAMF.contoso.com:8443"]
)
def test_a_jamf_domain_may_be_given_as_an_address(domain):
    (edge,) = crossings(evolve(JAMF, setting_domain=domain))
    assert edge[2] == "jamf_SSOIntegration(jamf.contoso.com-SSO)"


@pytest.mark.parametrize(
    ("application", "assignment", "reason"),
    [
        (OFFICE, assigned(status="STAGED"), "the assignment is STAGED"),
        (OFFICE, assigned(status="DEPROVISIONED"), "the assignment is DEPROVISIONED"),
        (evolve(OFFICE, status="INACTIVE"), assigned(), "the application is INACTIVE"),
    ],
)
def test_an_account_of_an_inactive_assignment_or_application_adds_no_path(application, assignment, reason):
    graph = build_graph(snapshot_of(ANN, application, assignment))
    (account,) = [node for node in graph if node.startswith("AZUser")]
    assert graph.edges["00uAnn", account, "Okta_OutboundSSO"] == SAML | {
        "active": False,
        "inactiveReason": reason,
    }
    assert not attack_view(graph).has_edge("00uAnn", account)


def test_a_suspended_user_cannot_sign_in():
    found = crossings(evolve(ANN, status="SUSPENDED"), OFFICE, assigned(), kind="Okta_OutboundSSO")
    assert [each["inactiveReason"] for each in found.values()] == ["the user is SUSPENDED"]


def test_an_inactive_application_signs_no_user_in():
    found = crossings(evolve(OFFICE, status="INACTIVE"))
    assert [each["inactiveReason"] for each in found.values()] == ["the application is INACTIVE"]


def test_an_assignment_whose_application_was_not_read_gives_no_edge():
    assert crossings(ANN, assigned()) == {}


ENTRA = IdentityProvider(
    id="0oaEntra", type="SAML2", status="ACTIVE", issuer=f"https://sts.windows.net/{TENANT}/"
)
AZ_TENANT = "AZTenant(1111AAAA-2222-4333-8444-555555555555)"


def linked(**facts):
    return IdentityProviderUser(id="00uAnn", idp_id="0oaEntra", **facts)


@pytest.mark.parametrize(
    "address",
    [
        {"issuer": f"https://sts.windows.net/{TENANT}/"},
        {"issuer": f"https://sts.windows.net/{TENANT.upper()}/"},
        {"sso_url": f"https://login.microsoftonline.com/{TENANT}/saml2"},
        {"authorization_url": f"https://login.microsoftonline.us/{TENANT}/oauth2/v2.0/authorize"},
        {"token_url": f"https://login.partner.microsoftonline.cn/{TENANT}/oauth2/token"},
        {"jwks_url": f"https://login.microsoft.com/{TENANT}/discovery/keys"},
    ],
)
@pytest.mark.parametrize("type_", ["SAML2", "OIDC"])
def test_a_provider_is_a_tenant_by_any_of_its_addresses(address, type_):
    found = crossings(IdentityProvider(id="0oaEntra", type=type_, status="ACTIVE", **address))
    assert found == {(AZ_TENANT, "Okta_InboundOrgSSO", "0oaEntra"): {}}


@pytest.mark.parametrize(
    "address",
    [
        "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
        f"https://login.microsoftonline.com.evil.example/{TENANT}/saml2",
        f"https://evil.example/login.microsoftonline.com/{TENANT}",
        "https://login.microsoftonline.com/contoso.com/saml2",
        "https://[",
        "",
    ],
)
def test_a_url_without_a_tenant_is_not_entra(address):
    provider = IdentityProvider(id="0oaEntra", type="SAML2", sso_url=address)
    assert crossings(ANN, provider, linked(external_id="ann@contoso.com")) == {}


def test_another_okta_org_as_a_provider_is_reported():
    hub = IdentityProvider(id="0oaHub", type="OKTA_INTEGRATION", okta_idp_org_url="https://adatum.okta.com")
    assert crossings(hub) == {}
    assert unmatched(hub) == {("inbound_organization", "0oaHub", "the provider is another Okta org", 1)}


@pytest.mark.parametrize(
    ("facts", "account"),
    [
        (
            {"external_id": "whatever", "ms_object_identifier": "0a0a0a0a-1111-4222-8333-444444444444"},
            "AZUser(0A0A0A0A-1111-4222-8333-444444444444)",
        ),
        (
            {"external_id": "Ann@Contoso.com"},
            "AZUser(tenantid=1111AAAA-2222-4333-8444-555555555555,userprincipalname=ann@contoso.com)",
        ),
        (
            {"external_id": "Ann@Contoso.com", "ms_object_identifier": "not a GUID"},
            "AZUser(tenantid=1111AAAA-2222-4333-8444-555555555555,userprincipalname=ann@contoso.com)",
        ),
    ],
)
def test_a_linked_account_is_identified_by_its_object_id_and_else_by_its_name(facts, account):
    found = crossings(ANN, ENTRA, linked(**facts), kind="Okta_InboundSSO")
    assert found == {(account, "Okta_InboundSSO", "00uAnn"): {}}


@pytest.mark.parametrize("external_id", [None, "", "ab12cd", "00u1"])
def test_a_linked_account_with_neither_is_unmatched(external_id):
    assert crossings(ANN, ENTRA, linked(external_id=external_id), kind="Okta_InboundSSO") == {}
    why = "AZUser: no object id, and no user principal name"
    assert unmatched(ANN, ENTRA, linked(external_id=external_id)) == {("inbound_account", "0oaEntra", why, 1)}


def test_an_inactive_provider_gives_no_access():
    found = crossings(ANN, evolve(ENTRA, status="INACTIVE"), linked(external_id="ann@contoso.com"))
    assert {kind: each["inactiveReason"] for (_, kind, _), each in found.items()} == {
        "Okta_InboundOrgSSO": "the identity provider is INACTIVE",
        "Okta_InboundSSO": "the identity provider is INACTIVE",
    }


HOSTILE = ["a'b\"c", "a\nb", "a:b|c", "a,b=c(d)", "\ud83d", "a\u202eb", "</script>", "x" * 70_000]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_any_text_can_name_an_account_or_an_organization(text):
    graph = build_graph(snapshot_of(ANN, evolve(GITHUB, setting_github_org=text), assigned(text)))
    foreign = [attributes for _, attributes in graph.nodes(data=True) if attributes.get("foreign")]
    assert {each["kind"]: each for each in foreign} == {
        "GH_Organization": {"kind": "GH_Organization", "foreign": True, "name": text},
        "GH_User": {"kind": "GH_User", "foreign": True, "login": text, "environment_name": text},
    }
    assert all(Foreign.of_node(each).key in graph for each in foreign)


def test_the_order_of_rows_does_not_matter():
    rows = [
        ANN,
        OFFICE,
        assigned(),
        assigned("ANN@contoso.com", id="00uBob", status="STAGED"),
        assigned(None, id="00uCy"),
        ENTRA,
        linked(external_id="ann@contoso.com"),
        IdentityProviderUser(id="00uCy", idp_id="0oaEntra"),
    ]
    assert content(build_graph(snapshot_of(*rows))) == content(build_graph(snapshot_of(*reversed(rows))))


@pytest.mark.parametrize(
    ("kind", "traversable"),
    [
        ("Okta_OutboundSSO", True),
        ("Okta_OutboundOrgSSO", True),
        ("Okta_InboundSSO", True),
        ("Okta_InboundOrgSSO", True),
        ("Okta_SWA", False),
        ("Okta_OrgSWA", False),
    ],
)
def test_trust_is_traversable_and_a_filled_in_password_is_not(kind, traversable):
    assert EDGE_KINDS[kind].traversable is traversable
