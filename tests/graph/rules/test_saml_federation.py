"""SAML trust from the settings of applications and identity providers, on small orgs."""

from __future__ import annotations

import hashlib
from typing import Any

import attrs
import networkx as nx
import pytest
from handwritten.admins import gap
from handwritten.orgs import snapshot_of

from oktahound import Snapshot, User, attack_view, build_graph
from oktahound.entities import (
    AccountMatching,
    AcsEndpoint,
    Application,
    AppUser,
    AttributeStatement,
    Entity,
    IdentityProvider,
    IdentityProviderUser,
    SamlSettings,
)

ANN = User(id="00uAnn", login="Ann@contoso.com", email="ann@mail.example", department="Law", status="ACTIVE")
WIKI = Application(id="0oaWiki", app_type="wiki_1", label="Wiki", sign_on_mode="SAML_2_0", status="ACTIVE")
SETTINGS = SamlSettings(
    id="0",
    app_id=WIKI.id,
    sso_acs_url="https://wiki.example/acs",
    audience="https://wiki.example",
    idp_issuer="https://contoso.example/idp",
    subject_name_id_template="${user.email}",
    subject_name_id_format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
)
PROVIDER, ISSUER, ACS = "okta:saml:provider:0oaWiki", "okta:saml:issuer:0oaWiki", "okta:saml:acs:0oaWiki:0"
HQ = IdentityProvider(
    id="0oaHq",
    name="HQ",
    type="SAML2",
    protocol_type="SAML2",
    status="ACTIVE",
    issuer="https://hq.example",
    trust_audience="https://contoso.okta.com",
    acs_url="https://contoso.okta.com/sso/saml2/0oaHq",
    acs_binding="HTTP-POST",
)
MATCHING = AccountMatching(
    id="0", idp_id=HQ.id, link_action="AUTO", match_type="USERNAME", user_name_template="idpuser.email"
)
SP, RULE = "okta:saml:service-provider:0oaHq", "okta:saml:account-resolution-rule:0oaHq"
FIELD = "okta:saml:account-resolution-field:0oaHq:login"


def graph_of(*rows: Entity, **about: Any) -> nx.MultiDiGraph:
    return build_graph(snapshot_of(*rows, **about), saml=True)


def edges_by_ends(graph: nx.MultiDiGraph, kind: str) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (start, end): properties
        for start, end, key, properties in graph.edges(keys=True, data=True)
        if key == kind
    }


def assigned(**about: Any) -> AppUser:
    return AppUser(**({"id": ANN.id, "app_id": WIKI.id, "status": "ACTIVE", "scope": "USER"} | about))


def test_without_the_option_the_graph_has_no_saml_trust():
    plain = build_graph(snapshot_of(ANN, WIKI, SETTINGS, HQ, MATCHING, assigned()))
    assert plain.graph["saml"] is False
    assert not [kind for _, kind in plain.nodes(data="kind") if kind.startswith(("SAML_", "OktaHound_"))]
    assert not [key for *_, key in plain.edges(keys=True) if key.startswith(("SAML_", "OktaHound_"))]


def test_a_saml_application_is_a_federation_provider_with_issuer_and_endpoint():
    graph = graph_of(WIKI, SETTINGS)
    assert set(edges_by_ends(graph, "SAML_Implements")) == {(WIKI.id, PROVIDER)}
    assert set(edges_by_ends(graph, "SAML_IssuesAs")) == {(PROVIDER, ISSUER)}
    assert set(edges_by_ends(graph, "SAML_IssuesAssertionsTo")) == {(PROVIDER, ACS)}
    assert graph.nodes[PROVIDER] | {} == {
        "kind": "SAML_FederationProvider",
        "oktaDomain": "contoso.okta.com",
        "environmentid": "00oOrg",
        "name": "Wiki",
        "displayName": "Wiki",
        "app_id": WIKI.id,
        "app_name": "wiki_1",
        "app_label": "Wiki",
        "app_status": "ACTIVE",
        "enabled": True,
        "issuer_resolution_diagnostics": [],
        "route_diagnostics": [],
    }
    assert graph.nodes[ISSUER]["entity_id"] == "https://contoso.example/idp"
    about = graph.nodes[ACS]
    assert (about["acs_url"], about["sp_entity_id"]) == ("https://wiki.example/acs", "https://wiki.example")
    assert (about["index"], about["is_default"], about["extraction_mode"]) == (0, True, "explicit_generic")


def test_none_of_the_kinds_is_traversable():
    graph = graph_of(ANN, WIKI, SETTINGS, HQ, MATCHING, assigned())
    assert not [key for *_, key in attack_view(graph).edges(keys=True) if key.startswith("SAML_")]


@pytest.mark.parametrize("mode", ["SAML_1_1", "OPENID_CONNECT", "BRAND_NEW", None])
def test_applications_of_other_modes_are_no_federation_providers(mode: str | None):
    assert edges_by_ends(graph_of(attrs.evolve(WIKI, sign_on_mode=mode), SETTINGS), "SAML_Implements") == {}


@pytest.mark.parametrize(
    ("issuer", "why"),
    [
        ("http://www.okta.com/${org.externalKey}", "unresolved_idp_issuer_expression"),
        (None, "missing_issuer_evidence"),
        (" ", "missing_issuer_evidence"),
    ],
)
def test_an_issuer_template_gives_no_issuer(issuer: str | None, why: str):
    graph = graph_of(WIKI, attrs.evolve(SETTINGS, idp_issuer=issuer))
    assert edges_by_ends(graph, "SAML_IssuesAs") == {}
    assert graph.nodes[PROVIDER]["issuer_resolution_diagnostics"] == [why]


def test_endpoints_have_unique_numbers():
    urls = ("https://wiki.example/acs", "https://wiki.example/b", "https://wiki.example/c")
    endpoints = [
        AcsEndpoint(id=str(place), app_id=WIKI.id, url=url, index=index)
        for place, (url, index) in enumerate(zip(urls, (7, 0, None), strict=True))
    ]
    graph = graph_of(WIKI, SETTINGS, *endpoints)
    found = {graph.nodes[end]["acs_url"]: end for _, end in edges_by_ends(graph, "SAML_IssuesAssertionsTo")}
    # The first one is already in the settings.
    assert found == {
        urls[0]: "okta:saml:acs:0oaWiki:0",
        urls[1]: "okta:saml:acs:0oaWiki:1",
        urls[2]: "okta:saml:acs:0oaWiki:2",
    }


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"audience": None}, "missing_authoritative_sp_entity_evidence"),
        ({"sso_acs_url": None}, "missing_authoritative_acs_evidence"),
        ({"audience": None, "sso_acs_url": None}, "missing_authoritative_acs_and_sp_entity_evidence"),
        ({"sp_issuer": "https://other.example"}, "conflicting_explicit_sp_entity_fields"),
        ({"slo_issuer": "https://other.example"}, "conflicting_explicit_sp_entity_fields"),
    ],
)
def test_incomplete_or_contradictory_settings_prove_no_endpoint(changes: dict[str, Any], why: str):
    graph = graph_of(WIKI, attrs.evolve(SETTINGS, **changes))
    assert edges_by_ends(graph, "SAML_IssuesAssertionsTo") == {}
    assert graph.nodes[PROVIDER]["route_diagnostics"] == [why]


def test_an_override_takes_precedence():
    over = attrs.evolve(
        SETTINGS,
        sso_acs_url_override="https://wiki.example/over",
        audience_override="over",
        sp_issuer="https://other.example",
    )
    about = graph_of(WIKI, over).nodes[ACS]
    assert (about["acs_url"], about["sp_entity_id"]) == ("https://wiki.example/over", "over")


@pytest.mark.parametrize(
    ("app_type", "settings", "url", "entity"),
    [
        (
            "okta_org2org",
            {"setting_acs_url": "https://hub.okta.com/sso/saml2/0oaX", "setting_audience": "aud"},
            "https://hub.okta.com/sso/saml2/0oaX",
            "aud",
        ),
        (
            "jamfsoftwareserver",
            {"setting_domain": "jamf.contoso.com"},
            "https://jamf.contoso.com/saml/SSO",
            "https://jamf.contoso.com/saml/metadata",
        ),
        (
            "githubcloud",
            {"setting_github_org": "contoso"},
            "https://github.com/orgs/contoso/saml/consume",
            "https://github.com/orgs/contoso",
        ),
        (
            "githubenterprisemanageduser",
            {"setting_enterprise_name": "contoso"},
            "https://github.com/enterprises/contoso/saml/consume",
            "https://github.com/enterprises/contoso",
        ),
    ],
)
def test_some_types_of_the_catalogue_have_documented_endpoints(app_type, settings, url, entity):
    about = graph_of(attrs.evolve(WIKI, app_type=app_type, **settings)).nodes[ACS]
    assert (about["acs_url"], about["sp_entity_id"]) == (url, entity)
    broken = dict.fromkeys(settings, "not/a name")
    if app_type != "okta_org2org":
        assert ACS not in graph_of(attrs.evolve(WIKI, app_type=app_type, **broken))
    assert ACS not in graph_of(attrs.evolve(WIKI, app_type=app_type))


def test_settings_that_contradict_the_documented_endpoint_give_none():
    github = attrs.evolve(WIKI, app_type="githubcloud", setting_github_org="contoso")
    half = SamlSettings(id="0", app_id=WIKI.id, sso_acs_url_override="https://elsewhere.example")
    graph = graph_of(github, half)
    assert edges_by_ends(graph, "SAML_IssuesAssertionsTo") == {}
    assert graph.nodes[PROVIDER]["route_diagnostics"] == ["partial_explicit_acs_conflicts_with_oin_route"]
    about = graph_of(github, SETTINGS).nodes[ACS]
    assert about["acs_url"] == "https://wiki.example/acs"
    assert about["route_conflicts"] == ["explicit_generic_route_overrides_conflicting_oin_route"]


def test_an_assertion_has_the_values_of_plain_fields():
    statements = (
        AttributeStatement(id="0", app_id=WIKI.id, name="upn", values=("user.login",)),
        AttributeStatement(id="1", app_id=WIKI.id, name="department", values=("user.department",)),
        AttributeStatement(id="2", app_id=WIKI.id, name="mail", values=("String.toLower(user.email)",)),
        AttributeStatement(id="3", app_id=WIKI.id, name="groups", type="GROUP", filter_value="Wiki "),
    )
    graph = graph_of(ANN, WIKI, SETTINGS, assigned(), *statements)
    claims = [f"okta:saml:claim-mapping:0oaWiki:{index}" for index in range(5)]
    assert set(edges_by_ends(graph, "SAML_HasClaimMapping")) == {(PROVIDER, claim) for claim in claims}
    assert [graph.nodes[claim]["claim_name"] for claim in claims] == [
        "NameID",
        "upn",
        "department",
        "mail",
        "groups",
    ]
    assert edges_by_ends(graph, "SAML_EligibleFor") == {
        (ANN.id, PROVIDER): {
            "match_values": ["ann@mail.example", "Ann@contoso.com"],
            "email_match_values": ["ann@mail.example"],
            "upn_match_values": ["ann@contoso.com"],
            "incomplete_match_value_fields": ["email_match_values"],
            "source_property": "user.email",
            "source_properties": ["user.email", "user.login"],
            "assignment_source": "USER",
        }
    }
    assert edges_by_ends(graph, "SAML_HasClaimValue") == {
        (ANN.id, claims[2]): {
            "match_values": ["Law"],
            "canonical_match_values": ["Law"],
            "source_property": "user.department",
        }
    }


@pytest.mark.parametrize(
    ("template", "format_", "family"),
    [
        ("${user.userName}", None, "subject"),
        (
            "${user.userName}",
            "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
            "scoped_exact_match_values",
        ),
        (None, None, "scoped_exact_match_values"),
    ],
)
def test_the_user_name_of_the_application_is_a_separate_value(template, format_, family):
    app = attrs.evolve(WIKI, user_name_mapping="${user.userName}")
    settings = attrs.evolve(SETTINGS, subject_name_id_template=template, subject_name_id_format=format_)
    graph = graph_of(ANN, app, settings, assigned(user_name="ann.over.there"))
    properties = edges_by_ends(graph, "SAML_EligibleFor")[ANN.id, PROVIDER]
    assert properties["match_values"] == ["ann.over.there"]
    assert (family in properties) is (family != "subject")


def test_a_transient_subject_selects_no_user():
    transient = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
    graph = graph_of(ANN, WIKI, attrs.evolve(SETTINGS, subject_name_id_format=transient), assigned())
    assert "match_values" not in edges_by_ends(graph, "SAML_EligibleFor")[ANN.id, PROVIDER]
    (properties,) = edges_by_ends(graph, "SAML_HasClaimValue").values()
    assert properties["unsafe_match_values"] == ["ann@mail.example"]


@pytest.mark.parametrize(
    ("rows", "is_drawn"),
    [
        ((ANN, WIKI, assigned(status="PROVISIONED")), True),
        ((ANN, WIKI, assigned(status="STAGED")), False),
        ((ANN, WIKI, assigned(status=None)), False),
        ((ANN, attrs.evolve(WIKI, status="INACTIVE"), assigned()), False),
        ((attrs.evolve(ANN, status="LOCKED_OUT"), WIKI, assigned()), False),
        ((attrs.evolve(ANN, status="SUSPENDED"), WIKI, assigned()), False),
        ((attrs.evolve(ANN, status="PASSWORD_EXPIRED"), WIKI, assigned()), True),
        ((WIKI, assigned()), False),
    ],
)
def test_who_can_obtain_an_assertion(rows: tuple[Entity, ...], is_drawn: bool):
    assert bool(edges_by_ends(graph_of(*rows, SETTINGS), "SAML_EligibleFor")) is is_drawn


def test_a_saml_identity_provider_is_a_service_provider_that_trusts_an_issuer():
    graph = graph_of(HQ)
    issuer = (
        "okta:saml:trusted-issuer:" + hashlib.sha256(b'["contoso.okta.com","https://hq.example"]').hexdigest()
    )
    acs = "okta:saml:sp-acs:0oaHq:0"
    assert set(edges_by_ends(graph, "SAML_Implements")) == {(HQ.id, SP)}
    assert set(edges_by_ends(graph, "SAML_TrustsIssuer")) == {(SP, issuer)}
    assert set(edges_by_ends(graph, "SAML_HasAssertionConsumerService")) == {(SP, acs)}
    assert graph.nodes[SP]["sp_entity_id"] == "https://contoso.okta.com"
    assert (graph.nodes[acs]["acs_url"], graph.nodes[acs]["binding"]) == (HQ.acs_url, "HTTP-POST")
    assert graph.nodes[issuer]["app_id"] == HQ.id


def test_two_identity_providers_with_one_issuer_share_its_node():
    other = attrs.evolve(HQ, id="0oaHq2", name="HQ 2")
    for rows in ((HQ, other), (other, HQ)):
        graph = graph_of(*rows)
        (issuer,) = {end for _, end in edges_by_ends(graph, "SAML_TrustsIssuer")}
        assert "app_id" not in graph.nodes[issuer]


@pytest.mark.parametrize("changes", [{"type": "OIDC"}, {"protocol_type": "OIDC"}, {"type": None}])
def test_other_identity_providers_have_no_saml_role(changes: dict[str, Any]):
    graph = graph_of(attrs.evolve(HQ, **changes), MATCHING)
    assert not [kind for _, kind in graph.nodes(data="kind") if kind.startswith("SAML_")]


def test_exact_automatic_matching_gives_a_rule_for_every_login():
    nameless = User(id="00uNameless", status="ACTIVE")
    graph = graph_of(ANN, nameless, HQ, MATCHING)
    assert set(edges_by_ends(graph, "SAML_HasAccountResolutionRule")) == {(SP, RULE)}
    assert set(edges_by_ends(graph, "SAML_UsesAccountResolutionField")) == {(RULE, FIELD)}
    assert edges_by_ends(graph, "SAML_HasAccountResolutionValue") == {
        (ANN.id, FIELD): {"match_values": ["Ann@contoso.com"], "canonical_match_values": ["ann@contoso.com"]}
    }
    assert graph.nodes[RULE]["expression"] == (
        'account.fields.exists(field, field.name == "login" && '
        "assertion.email_match_values.exists(value, value in field.match_values))"
    )
    assert edges_by_ends(graph, "SAML_HasAccount") == {
        (SP, ANN.id): {
            "match_values": ["Ann@contoso.com"],
            "account_state": "enabled",
            "direct_binding": False,
            "source_property": "login",
        }
    }


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"link_action": "DISABLED"}, "policy.accountLink.action_must_be_AUTO"),
        ({"link_action": None}, "policy.accountLink.action_must_be_AUTO"),
        ({"has_link_filter": True}, "policy.accountLink.filter_is_scoped_or_unsupported"),
        ({"match_type": "EMAIL"}, "policy.subject.matchType_must_be_USERNAME"),
        ({"subject_filter": ".*"}, "policy.subject.filter_is_unsupported"),
        ({"match_attribute": "mail"}, "policy.subject.matchAttribute_conflicts_with_username"),
        ({"user_name_template": "idpuser.firstName"}, "policy.subject.userNameTemplate_is_unsupported"),
    ],
)
def test_other_matching_gives_no_rule(changes: dict[str, Any], why: str):
    graph = graph_of(ANN, HQ, attrs.evolve(MATCHING, **changes))
    assert RULE not in graph
    assert edges_by_ends(graph, "SAML_HasAccount") == {}
    assert graph.nodes[SP]["account_resolution_diagnostics"] == [why]


def test_linked_users_are_accounts_independent_of_the_rule():
    link = IdentityProviderUser(id=ANN.id, idp_id=HQ.id, external_id="ann-7", email="Ann@HQ.example")
    nameless = IdentityProviderUser(id="00uBob", idp_id=HQ.id)
    properties = edges_by_ends(graph_of(ANN, HQ, link, nameless), "SAML_HasAccount")
    assert properties == {
        (SP, ANN.id): {
            "match_values": ["ann@hq.example", "ann-7"],
            "email_match_values": ["ann@hq.example"],
            "scoped_exact_match_values": ["ann-7"],
            "account_state": "enabled",
            "direct_binding": True,
            "direct_binding_source": "/api/v1/idps/{id}/users",
        }
    }
    assert (
        edges_by_ends(graph_of(ANN, attrs.evolve(HQ, status="INACTIVE"), link, MATCHING), "SAML_HasAccount")
        == {}
    )


def only_fewer(whole: Snapshot, lossy: Snapshot) -> None:
    before, after = (build_graph(each, saml=True) for each in (whole, lossy))
    assert set(after.edges(keys=True)) <= set(before.edges(keys=True))


@pytest.mark.parametrize("cls", [SamlSettings, AcsEndpoint, AttributeStatement, AccountMatching, AppUser])
def test_unread_settings_give_no_edge(cls: type[Entity]):
    # Without its settings, the documented endpoint would replace the one in the settings.
    github = attrs.evolve(WIKI, app_type="githubcloud", setting_github_org="contoso")
    rows = (ANN, github, SETTINGS, assigned(), HQ, MATCHING)
    kept = tuple(row for row in rows if type(row) is not cls)
    only_fewer(snapshot_of(*rows), snapshot_of(*kept, gaps=(gap(cls),)))
    if cls is SamlSettings:
        graph = graph_of(*kept, gaps=(gap(cls),))
        assert edges_by_ends(graph, "SAML_IssuesAssertionsTo") == {}
        assert graph.nodes[PROVIDER]["route_diagnostics"] == ["sign_on_settings_not_read"]
    if cls is AccountMatching:
        graph = graph_of(*kept, gaps=(gap(cls),))
        assert graph.nodes[SP]["account_resolution_diagnostics"] == ["policy_not_read"]
        assert "account_resolution" in graph.graph["unsure"]
