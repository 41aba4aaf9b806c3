"""AI agents and service accounts: what they reach, and who decides over them.

Every traversable edge has an assumption: no live organization has confirmed them.
"""

from __future__ import annotations

from collections.abc import Iterator

from oktahound.entities import (
    AiAgent,
    AiAgentConnection,
    ApiServiceIntegration,
    ConsentGrant,
    OAuthScope,
    ServiceAccount,
)
from oktahound.graph.lifecycle import connection_state, state_of
from oktahound.graph.model import Edge, EdgeKind, rule
from oktahound.graph.org_index import OrgIndex
from oktahound.graph.scope_nodes import OAUTH_SCOPE, granted_scopes, scope_node

__all__ = [
    "AGENT_CONNECTS_TO",
    "APPLICATION_OF_AGENT",
    "MANAGE_WORKLOAD",
    "OWNS_SERVICE_ACCOUNT",
    "RULES",
    "RULES_WITH_SCOPES",
    "SERVICE_ACCOUNT_IS",
]

_AGENT, _ACCOUNT = "OktaHound_AiAgent", "OktaHound_ServiceAccount"

AGENT_CONNECTS_TO = EdgeKind(
    "OktaHound_AgentConnectsTo",
    starts={_AGENT},
    ends={_AGENT, _ACCOUNT, "Okta_Application", "Okta_AuthorizationServer"},
    traversable=True,
    why="The agent gets tokens or passwords for what it is connected to.",
    abuse="Take over the agent, or steer it by its input, and use its connection.",
    cut="Remove the connection, or limit it to the scopes that the agent needs.",
)
APPLICATION_OF_AGENT = EdgeKind(
    "OktaHound_ApplicationOfAgent",
    starts={"Okta_Application"},
    ends={_AGENT},
    traversable=False,
    why="People sign in to the agent through the application.",
    abuse="Sign in to the application as an assigned user, and give instructions to the agent.",
    cut="Assign the application to fewer people.",
)
SERVICE_ACCOUNT_IS = EdgeKind(
    "OktaHound_ServiceAccountIs",
    starts={_ACCOUNT},
    ends={"Okta_User"},
    traversable=True,
    why="The service account stands for the user, and its password signs in as the user.",
    abuse="Obtain the password of the service account and sign in as the user.",
    cut="Require a factor that a password does not replace, or remove rights from the user.",
    same_tier=True,
)
OWNS_SERVICE_ACCOUNT = EdgeKind(
    "OktaHound_OwnsServiceAccount",
    starts={"Okta_User", "Okta_Group"},
    ends={_ACCOUNT},
    traversable=True,
    why="An owner decides who may obtain the password of the service account.",
    abuse="Grant oneself access to the service account and obtain its password.",
    cut="Reduce the owners of the service account, and require an approval.",
)
MANAGE_WORKLOAD = EdgeKind(
    "OktaHound_ManageWorkload",
    starts={OAUTH_SCOPE},
    ends={_AGENT, _ACCOUNT},
    traversable=True,
    why="The scope changes keys, owners and connections of AI agents, or what a service account stands for.",
    abuse="Add a key to the agent, or an owner to the service account, and act as it.",
    cut="Revoke the scope.",
)

_CONNECTED = "the agent can use the connection without the user on whose behalf it acts"
_THE_USER = "the password that Okta Privileged Access keeps is enough to sign in as the user"
_OWNER = "owners of a service account can obtain its password"
_OPERATIONS = "the scope permits what its name says: a live organization has not confirmed it"


@rule(AGENT_CONNECTS_TO, needs=(AiAgent, AiAgentConnection, ServiceAccount))
def agent_connects_to(org: OrgIndex) -> Iterator[Edge]:
    """The authorization servers, applications, service accounts and agents that a connection names."""
    accounts = org.by_id(ServiceAccount)
    for each in org.rows(AiAgentConnection):
        # Ids of service accounts say nothing about their kind: one that was not read has no node.
        account = each.service_account_id if each.service_account_id in accounts else None
        agent = each.resource_id if (each.resource_id or "").startswith("wlp") else None
        ends = (each.authorization_server_id, each.application_id, account, agent)
        state = state_of(connection_state(each.status), assumption=_CONNECTED)
        for end in filter(None, ends):
            yield AGENT_CONNECTS_TO(each.agent_id, end, **state)


@rule(APPLICATION_OF_AGENT, needs=(AiAgent,))
def application_of_agent(org: OrgIndex) -> Iterator[Edge]:
    """The application that an agent is linked to."""
    for agent in org.rows(AiAgent):
        if agent.app_id:
            yield APPLICATION_OF_AGENT(agent.app_id, agent.id)


@rule(SERVICE_ACCOUNT_IS, needs=(ServiceAccount,))
def service_account_is(org: OrgIndex) -> Iterator[Edge]:
    """The user that a service account stands for."""
    for account in org.rows(ServiceAccount):
        if account.okta_user_id:
            yield SERVICE_ACCOUNT_IS(account.id, account.okta_user_id, assumption=_THE_USER)


@rule(OWNS_SERVICE_ACCOUNT, needs=(ServiceAccount,))
def owns_service_account(org: OrgIndex) -> Iterator[Edge]:
    """The users and groups that own a service account."""
    for account in org.rows(ServiceAccount):
        for owner in (*(account.owner_user_ids or ()), *(account.owner_group_ids or ())):
            yield OWNS_SERVICE_ACCOUNT(owner, account.id, assumption=_OWNER)


@rule(MANAGE_WORKLOAD, needs=(AiAgent, ServiceAccount, ApiServiceIntegration, ConsentGrant))
def scope_manages_workload(org: OrgIndex) -> Iterator[Edge]:
    """The scopes for AI agents and for service accounts."""
    for scope in granted_scopes(org):
        for cls, needed in (
            (AiAgent, "okta.aiAgents.manage"),
            (ServiceAccount, "okta.serviceAccounts.okta.manage"),
        ):
            if scope.includes(OAuthScope(needed)):
                for row in org.rows(cls):
                    yield MANAGE_WORKLOAD(scope_node(scope, org), row.id, assumption=_OPERATIONS)


RULES = (agent_connects_to, application_of_agent, service_account_is, owns_service_account)

RULES_WITH_SCOPES = (scope_manages_workload,)
"""Rules whose edges start at OAuth scopes: they run only when the graph shows scopes as well."""
