"""Servers that run directory agents, and accounts that issue Kerberos tickets to Okta."""

from __future__ import annotations

from collections.abc import Iterator

from oktahound.entities import Agent, AgentPool, Application, Organization, Policy, PolicyRule
from oktahound.graph.foreign import Foreign
from oktahound.graph.lifecycle import State, node_state, policy_rule_state, state_of
from oktahound.graph.model import Edge, EdgeKind, Unmatched, rule
from oktahound.graph.org_index import OrgIndex

__all__ = ["HOSTS_AGENT", "KERBEROS_SSO", "RULES"]

HOSTS_AGENT = EdgeKind(
    "Okta_HostsAgent",
    starts={"Computer"},
    ends={"Okta_Agent"},
    traversable=True,
    why="Control of the server is control of the agent that runs on it.",
    abuse="Read the agent's token on the server, or watch the passwords that it checks.",
    cut="Move the agent to a server that only tier zero administrators control.",
    same_tier=True,
)
KERBEROS_SSO = EdgeKind(
    "Okta_KerberosSSO",
    starts={"User"},
    ends={"Okta_Application"},
    traversable=True,
    why="Okta accepts Kerberos tickets under the account's key for sign-ins of any user of the domain.",
    abuse=(
        "Forge a Kerberos ticket with the account's key and be signed in to Okta as any user of the domain."
    ),
    cut=(
        "Switch off agentless desktop single sign-on, or rotate the account's password and restrict read "
        "access to it."
    ),
    same_tier=True,
)

_NAMED_AFTER_SERVER = "the agent has the name of its server, which is in the domain that the agent serves"
_LONGEST_COMPUTER_NAME = 15
"""Maximum length of a NetBIOS name. Active Directory truncates host names to it for computer accounts."""

_BASE_DOMAINS = ("okta.com", "oktapreview.com", "okta-emea.com", "okta-gov.com", "okta.mil")
_USUAL_BASE_DOMAIN = "the org was read under a custom domain, and its Okta domain is a subdomain of okta.com"


@rule(HOSTS_AGENT, needs=(AgentPool, Agent), yields_unmatched=True)
def hosts_agent(org: OrgIndex) -> Iterator[Edge | Unmatched]:
    """Active Directory agents. The agent has the name of its server, the pool the name of the domain."""
    for pool, domain in _domains(org):
        for agent in org.of(Agent, (pool.id,)):
            host = (agent.name or "").strip().partition(".")[0][:_LONGEST_COMPUTER_NAME]
            if host and domain:
                computer = Foreign.where("Computer", samaccountname=f"{host}$".upper(), domain=domain)
                yield HOSTS_AGENT(computer, agent.id, assumption=_NAMED_AFTER_SERVER)
            else:
                yield Unmatched(agent.id, "Computer: no name of the agent or of its pool")


@rule(KERBEROS_SSO, needs=(Organization, AgentPool, Application, Policy, PolicyRule), yields_unmatched=True)
def kerberos_sso(org: OrgIndex) -> Iterator[Edge | Unmatched]:
    """Directories, if a routing rule accepts their Kerberos tickets (agentless desktop SSO).

    Inactive rules and policies do not count.

    The account is matched by the service principal name that Okta instructs admins to register. It contains
    the org's subdomain, even if the org was read under a custom domain.
    """
    accepting = _rules_that_accept_tickets(org)
    if not accepting:
        return
    # One active rule is enough.
    state = state_of(min(accepting, key=lambda each: each.get("assumption", "")))
    host, assumption = _kerberos_host(org)
    for pool, domain in _domains(org):
        if host and domain:
            account = Foreign.where("User", serviceprincipalnames=f"HTTP/{host}", domain=domain)
            yield KERBEROS_SSO(account, pool.id, **state_of(state, assumption=assumption))
        else:
            yield Unmatched(pool.id, "User: no subdomain of the org, or no name of the agent pool")


def _domains(org: OrgIndex) -> Iterator[tuple[AgentPool, str]]:
    """Yield pools of Active Directory, each with its domain in upper case, as in BloodHound."""
    for pool in org.rows(AgentPool):
        if (pool.type or "").casefold() == "ad":
            yield pool, (pool.name or "").strip().upper()


def _rules_that_accept_tickets(org: OrgIndex) -> list[State]:
    """Return the states of the routing rules that accept tickets, with their policies; none is inactive."""
    policies = org.by_id(Policy)
    states = (
        state_of(policy_rule_state(each.status), node_state(org, each.policy_id))
        for each in org.rows(PolicyRule)
        if "AgentlessDSSO" in (each.provider_types or ()) and each.policy_id in policies
    )
    return [state for state in states if "inactive" not in state]


def _kerberos_host(org: OrgIndex) -> tuple[str | None, str | None]:
    """Return the host for which Okta accepts tickets, and the assumption about it."""
    organization = org.by_id(Organization).get(org.organization_id)
    subdomain = ((organization and organization.subdomain) or "").strip().lower()
    domain = org.domain.lower()
    for base in _BASE_DOMAINS:
        if domain.endswith(f".{base}"):
            label = subdomain or domain.removesuffix(f".{base}").rpartition(".")[2].removesuffix("-admin")
            return f"{label}.kerberos.{base}", None
    return (f"{subdomain}.kerberos.okta.com", _USUAL_BASE_DOMAIN) if subdomain else (None, None)


RULES = (hosts_agent, kerberos_sso)
