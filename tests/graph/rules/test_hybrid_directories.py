"""Servers that run directory agents, and accounts that issue Kerberos tickets to Okta."""

from __future__ import annotations

import pytest
from attrs import evolve
from handwritten.hybrid import crossings, unmatched
from handwritten.orgs import ORG, snapshot_of

from oktahound import build_graph
from oktahound.entities import Agent, AgentPool, Application, Organization, Policy, PolicyRule
from oktahound.graph import EDGE_KINDS

POOL = AgentPool(id="0oaAd", name="contoso.com", type="AD", operational_status="OPERATIONAL")
AGENT = Agent(id="a53One", pool_id="0oaAd", name="lon-srv1", operational_status="OPERATIONAL")
SERVER = "Computer(domain=CONTOSO.COM,samaccountname=LON-SRV1%24)"
GUESS = {"assumption": "the agent has the name of its server, which is in the domain that the agent serves"}


@pytest.mark.parametrize("type_", ["AD", "ad", "Ad"])
def test_the_server_of_an_agent_is_identified_by_the_names_of_agent_and_pool(type_):
    found = crossings(evolve(POOL, type=type_), AGENT)
    assert found == {(SERVER, "Okta_HostsAgent", "a53One"): GUESS}


@pytest.mark.parametrize(
    ("name", "account"),
    [
        ("LON-SRV1", "LON-SRV1%24"),
        ("lon-srv1.contoso.com", "LON-SRV1%24"),
        (" lon-srv1 ", "LON-SRV1%24"),
        ("a-server-with-a-long-name", "A-SERVER-WITH-A%24"),
        ("exactly-fifteen", "EXACTLY-FIFTEEN%24"),
    ],
)
def test_a_computer_account_has_the_first_label_cut_at_fifteen_characters(name, account):
    (edge,) = crossings(POOL, evolve(AGENT, name=name))
    assert edge[0] == f"Computer(domain=CONTOSO.COM,samaccountname={account})"


def test_each_agent_of_a_pool_has_its_server():
    found = crossings(POOL, AGENT, evolve(AGENT, id="a53Two", name="lon-srv2"))
    assert {end for _, _, end in found} == {"a53One", "a53Two"}


@pytest.mark.parametrize("type_", ["LDAP", "IWA", "MFA", "OPP", "RUM", "Radius", None])
def test_agents_of_other_kinds_have_no_server(type_):
    assert crossings(evolve(POOL, type=type_), AGENT) == {}


@pytest.mark.parametrize(
    ("pool", "agent"),
    [(POOL, evolve(AGENT, name=None)), (POOL, evolve(AGENT, name=" ")), (evolve(POOL, name=None), AGENT)],
)
def test_a_server_that_no_name_identifies_is_unmatched(pool, agent):
    assert crossings(pool, agent) == {}
    why = "Computer: no name of the agent or of its pool"
    assert unmatched(pool, agent) == {("hosts_agent", "a53One", why, 1)}


def test_the_server_of_an_inactive_agent_has_an_inactive_edge():
    (properties,) = crossings(POOL, evolve(AGENT, operational_status="INACTIVE")).values()
    assert properties == GUESS | {"active": False, "inactiveReason": "the agent is INACTIVE"}


APP = Application(id="0oaAd", app_type="active_directory", label="contoso.com", status="ACTIVE")
ROUTING = Policy(id="00pRoute", type="IDP_DISCOVERY", status="ACTIVE")
TICKETS = PolicyRule(
    id="0prSso", policy_id="00pRoute", status="ACTIVE", provider_types=("AgentlessDSSO", "OKTA")
)
DSSO = (APP, POOL, ROUTING, TICKETS)
ACCOUNT = "User(domain=CONTOSO.COM,serviceprincipalnames=HTTP%2Fcontoso.kerberos.okta.com)"


def test_an_active_routing_rule_gives_the_edge_of_the_kerberos_account():
    assert crossings(*DSSO) == {(ACCOUNT, "Okta_KerberosSSO", "0oaAd"): {}}
    node = build_graph(snapshot_of(*DSSO)).nodes[ACCOUNT]
    assert node == {
        "kind": "User",
        "foreign": True,
        "domain": "CONTOSO.COM",
        "serviceprincipalnames": "HTTP/contoso.kerberos.okta.com",
    }


@pytest.mark.parametrize(
    "rows",
    [
        (APP, POOL),
        (APP, POOL, ROUTING),
        (APP, POOL, TICKETS),
        (APP, POOL, ROUTING, evolve(TICKETS, status="INACTIVE")),
        (APP, POOL, ROUTING, evolve(TICKETS, provider_types=("OKTA",))),
        (APP, POOL, ROUTING, evolve(TICKETS, provider_types=None)),
        (APP, POOL, evolve(ROUTING, status="INACTIVE"), TICKETS),
        (APP, evolve(POOL, type="LDAP"), ROUTING, TICKETS),
    ],
)
def test_without_such_a_rule_no_ticket_is_accepted(rows):
    assert crossings(*rows, kind="Okta_KerberosSSO") == {}
    assert unmatched(*rows) == set()


def kerberos_accounts(domain, subdomain):
    snapshot = snapshot_of(*DSSO)
    organization = Organization(id=ORG.id, subdomain=subdomain)
    graph = build_graph(evolve(snapshot, domain=domain, organizations=(organization,)))
    edges = [
        (start, properties)
        for start, _, kind, properties in graph.edges(keys=True, data=True)
        if "Kerb" in kind
    ]
    return [
        (graph.nodes[start]["serviceprincipalnames"], properties) for start, properties in edges
    ], graph.graph


@pytest.mark.parametrize(
    ("domain", "subdomain", "name"),
    [
        ("contoso.okta.com", "contoso", "HTTP/contoso.kerberos.okta.com"),
        ("contoso.okta.com", None, "HTTP/contoso.kerberos.okta.com"),
        ("contoso-admin.okta.com", None, "HTTP/contoso.kerberos.okta.com"),
        ("Contoso.OktaPreview.com", "contoso", "HTTP/contoso.kerberos.oktapreview.com"),
        ("contoso.okta-emea.com", "contoso", "HTTP/contoso.kerberos.okta-emea.com"),
        ("renamed.okta.com", "contoso", "HTTP/contoso.kerberos.okta.com"),
    ],
)
def test_the_principal_is_made_of_the_subdomain_and_oktas_own_domain(domain, subdomain, name):
    assert kerberos_accounts(domain, subdomain)[0] == [(name, {})]


def test_with_a_custom_domain_the_org_is_assumed_to_be_at_okta_com():
    ((name, properties),), _ = kerberos_accounts("id.contoso.com", "contoso")
    assert name == "HTTP/contoso.kerberos.okta.com"
    assert "okta.com" in properties["assumption"]


@pytest.mark.parametrize("domain", ["id.contoso.com", "login", "notokta.com", ""])
def test_with_a_custom_domain_an_org_without_a_subdomain_is_unmatched(domain):
    found, about = kerberos_accounts(domain, None)
    assert found == []
    assert [each["rule"] for each in about["unmatched"]] == ["kerberos_sso"]


def test_an_inactive_directory_signs_no_user_in():
    (properties,) = crossings(evolve(APP, status="INACTIVE"), POOL, ROUTING, TICKETS).values()
    assert properties == {"active": False, "inactiveReason": "the application is INACTIVE"}


@pytest.mark.parametrize("kind", ["Okta_HostsAgent", "Okta_KerberosSSO"])
def test_both_kinds_are_traversable(kind):
    assert EDGE_KINDS[kind].traversable
