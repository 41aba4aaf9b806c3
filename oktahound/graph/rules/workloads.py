"""AI agents, MCP servers and service accounts: the resources that they use, and their owners and keys.

Every traversable edge has an assumption, because no live organization has confirmed these edges.
"""

from __future__ import annotations

from collections.abc import Iterator

from oktahound.entities import (
    AgentKey,
    AiAgent,
    AiAgentOwners,
    ApiServiceIntegration,
    Application,
    ConsentGrant,
    DelegationLink,
    McpServer,
    OAuthScope,
    ResourceConnection,
    ServiceAccount,
)
from oktahound.graph.lifecycle import State, connection_state, mcp_client_state, state_of
from oktahound.graph.model import Edge, EdgeKind, rule
from oktahound.graph.org_index import OrgIndex
from oktahound.graph.scope_nodes import OAUTH_SCOPE, granted_scopes, scope_node

__all__ = [
    "AGENT_CONNECTS_TO",
    "AGENT_KEY_OF",
    "APPLICATION_OF_AGENT",
    "DELEGATES_TO",
    "MANAGE_WORKLOAD",
    "OWNS_AGENT",
    "OWNS_SERVICE_ACCOUNT",
    "RULES",
    "RULES_WITH_SCOPES",
    "SERVICE_ACCOUNT_IS",
]

_AGENT, _SERVER, _ACCOUNT = "OktaHound_AiAgent", "OktaHound_McpServer", "OktaHound_ServiceAccount"

AGENT_CONNECTS_TO = EdgeKind(
    "OktaHound_AgentConnectsTo",
    starts={_AGENT, _SERVER},
    ends={_AGENT, _SERVER, _ACCOUNT, "Okta_Application", "Okta_AuthorizationServer"},
    traversable=True,
    why="The agent or MCP server gets tokens or passwords for the connected resource.",
    abuse="Take over the agent, or control it through its input, and use its connection.",
    cut="Remove the connection, or limit it to the scopes that the agent needs.",
)
APPLICATION_OF_AGENT = EdgeKind(
    "OktaHound_ApplicationOfAgent",
    starts={"Okta_Application"},
    ends={_AGENT},
    traversable=False,
    why="Users sign in to the agent through the application, and the agent acts on their behalf.",
    abuse="Sign in to the application as an assigned user, and give instructions to the agent.",
    cut="Assign the application to fewer users.",
)
OWNS_AGENT = EdgeKind(
    "OktaHound_OwnsAgent",
    starts={"Okta_User", "Okta_Group"},
    ends={_AGENT},
    traversable=True,
    why="According to Okta's API reference, an owner has administrative control over the agent.",
    abuse="Approve a connection or a key for the agent, and act as it.",
    cut="Reduce the owners of the agent, and let another user approve its connections.",
)
AGENT_KEY_OF = EdgeKind(
    "OktaHound_AgentKeyOf",
    starts={"OktaHound_AgentKey"},
    ends={_AGENT},
    traversable=True,
    why="The agent authenticates to Okta with the private key.",
    abuse="Steal the private key from the agent's host, and request tokens as the agent.",
    cut="Rotate the key, and keep the private key in a key store.",
    same_tier=True,
)
DELEGATES_TO = EdgeKind(
    "OktaHound_DelegatesTo",
    starts={"Okta_Application", _AGENT, _SERVER},
    ends={_AGENT, _SERVER},
    traversable=True,
    why="Okta lets the client call the agent or MCP server, which then acts on behalf of the caller.",
    abuse="Take over the client, request a token for the agent, and let the agent use its connections.",
    cut="Delete the delegation link.",
)
SERVICE_ACCOUNT_IS = EdgeKind(
    "OktaHound_ServiceAccountIs",
    starts={_ACCOUNT},
    ends={"Okta_User"},
    traversable=True,
    why="The service account represents the user, and its password signs in as the user.",
    abuse="Obtain the password of the service account and sign in as the user.",
    cut="Require a second factor, or remove rights from the user.",
    same_tier=True,
)
OWNS_SERVICE_ACCOUNT = EdgeKind(
    "OktaHound_OwnsServiceAccount",
    starts={"Okta_User", "Okta_Group"},
    ends={_ACCOUNT},
    traversable=True,
    why="An owner grants access to the password of the service account.",
    abuse="Grant access to the service account and obtain its password.",
    cut="Reduce the owners of the service account, and require an approval.",
)
MANAGE_WORKLOAD = EdgeKind(
    "OktaHound_ManageWorkload",
    starts={OAUTH_SCOPE},
    ends={_AGENT, _SERVER, _ACCOUNT},
    traversable=True,
    why="The scope permits changing keys, owners or connections of agents, or the user of a service account.",
    abuse="Add a key to the agent, or an owner to the service account, and act as it.",
    cut="Revoke the scope.",
)

_CONNECTED = "the agent can use the connection without the user on whose behalf it acts"
_THE_USER = "the password in Okta Privileged Access is enough to sign in as the user"
_OWNER = "owners of a service account can obtain its password"
_CONTROL = "the administrative control of owners over an AI agent includes its keys or connections"
_KEY = "Okta accepts every active key in the listing: no live organization has confirmed this"
_CALLER = "the agent uses its connections on behalf of the client that calls it"
_OPERATIONS = "the scope permits the operations in its name: no live organization has confirmed this"

_MANAGING = (
    (AiAgent, "okta.aiAgents.manage"),
    (AiAgent, "okta.governance.resourceOwner.manage"),
    (McpServer, "okta.resourceServers.mcpServers.manage"),
    (ServiceAccount, "okta.serviceAccounts.okta.manage"),
)
"""The scopes that change workloads. With the scope for owners, a client can add an owner of its choice."""


@rule(AGENT_CONNECTS_TO, needs=(AiAgent, McpServer, ResourceConnection, ServiceAccount))
def agent_connects_to(org: OrgIndex) -> Iterator[Edge]:
    """The authorization servers, applications, service accounts, agents and MCP servers of connections."""
    accounts = org.by_id(ServiceAccount)
    for each in org.rows(ResourceConnection):
        # Ids of service accounts do not show their kind: one that was not read has no node.
        account = each.service_account_id if each.service_account_id in accounts else None
        ends = (each.authorization_server_id, each.application_id, account, _called_workload(each, org))
        client = _client_state(org.by_id(McpServer).get(each.principal_id))
        state = state_of(connection_state(each.status), client, assumption=_CONNECTED)
        for end in filter(None, ends):
            yield AGENT_CONNECTS_TO(each.principal_id, end, **state)


def _called_workload(connection: ResourceConnection, org: OrgIndex) -> str | None:
    """Return the agent or MCP server of a connection; None for another kind of resource server."""
    id_, type_ = connection.resource_id or "", connection.resource_type
    # Ids of virtual MCP servers begin like those of agents, so that the prefix alone is not enough.
    if id_ in org.by_id(AiAgent) or (type_ == "a2a" and id_.startswith("wlp")):
        return id_
    return id_ if id_ in org.by_id(McpServer) or (type_ == "mcp" and id_.startswith("ems")) else None


def _client_state(server: McpServer | None) -> State:
    """Return the state of the OAuth client of an MCP server."""
    return mcp_client_state(None if server is None else server.oauth_client_status)


@rule(APPLICATION_OF_AGENT, needs=(AiAgent,))
def application_of_agent(org: OrgIndex) -> Iterator[Edge]:
    """The application to which an agent is linked."""
    for agent in org.rows(AiAgent):
        if agent.app_id:
            yield APPLICATION_OF_AGENT(agent.app_id, agent.id)


@rule(OWNS_AGENT, needs=(AiAgent, AiAgentOwners))
def owns_agent(org: OrgIndex) -> Iterator[Edge]:
    """The users and groups that own an AI agent."""
    for row in org.rows(AiAgentOwners):
        # Okta lists owners of other resources too, if it does not apply the filter.
        if row.id not in org.by_id(AiAgent) and not row.id.startswith("wlp"):
            continue
        for owner in (*(row.user_ids or ()), *(row.group_ids or ())):
            yield OWNS_AGENT(owner, row.id, assumption=_CONTROL)


@rule(AGENT_KEY_OF, needs=(AiAgent, AgentKey))
def agent_key_of(org: OrgIndex) -> Iterator[Edge]:
    """The agent to which a key belongs."""
    for key in org.rows(AgentKey):
        yield AGENT_KEY_OF(key.id, key.agent_id, assumption=_KEY)


@rule(DELEGATES_TO, needs=(AiAgent, McpServer, DelegationLink, Application))
def delegates_to(org: OrgIndex) -> Iterator[Edge]:
    """The clients that may delegate to an agent or MCP server."""
    servers = org.by_id(McpServer)
    by_client = {each.oauth_client_id: each.id for each in servers.values() if each.oauth_client_id}
    for link in org.rows(DelegationLink):
        start = by_client.get(link.client_id or "") or _delegating(link, org)
        # Without a start, the client is of an unknown kind. If Okta does not apply the filter, links to other
        # resources are listed here, too.
        if start is not None and link.resource_id in (None, link.target_id, *_client_of(link, org)):
            states = (_client_state(servers.get(end)) for end in (start, link.target_id))
            yield DELEGATES_TO(start, link.target_id, **state_of(*states, assumption=_CALLER))


def _client_of(link: DelegationLink, org: OrgIndex) -> tuple[str | None, ...]:
    """Return the OAuth client of the MCP server that a link leads to; nothing for an AI agent."""
    server = org.by_id(McpServer).get(link.target_id)
    return () if server is None else (server.oauth_client_id,)


def _delegating(link: DelegationLink, org: OrgIndex) -> str | None:
    """Return the AI agent or application that is the client of a delegation link."""
    id_ = link.client_id or ""
    if id_ in org.by_id(AiAgent) or (link.client_type == "ai-agents" and id_.startswith("wlp")):
        return id_
    return id_ if id_ in org.by_id(Application) or id_.startswith("0oa") else None


@rule(SERVICE_ACCOUNT_IS, needs=(ServiceAccount,))
def service_account_is(org: OrgIndex) -> Iterator[Edge]:
    """The user that a service account represents."""
    for account in org.rows(ServiceAccount):
        if account.okta_user_id:
            yield SERVICE_ACCOUNT_IS(account.id, account.okta_user_id, assumption=_THE_USER)


@rule(OWNS_SERVICE_ACCOUNT, needs=(ServiceAccount,))
def owns_service_account(org: OrgIndex) -> Iterator[Edge]:
    """The users and groups that own a service account."""
    for account in org.rows(ServiceAccount):
        for owner in (*(account.owner_user_ids or ()), *(account.owner_group_ids or ())):
            yield OWNS_SERVICE_ACCOUNT(owner, account.id, assumption=_OWNER)


@rule(MANAGE_WORKLOAD, needs=(AiAgent, McpServer, ServiceAccount, ApiServiceIntegration, ConsentGrant))
def scope_manages_workload(org: OrgIndex) -> Iterator[Edge]:
    """The scopes for AI agents, their owners, MCP servers and service accounts."""
    for scope in granted_scopes(org):
        for cls, needed in _MANAGING:
            if scope.includes(OAuthScope(needed)):
                for row in org.rows(cls):
                    yield MANAGE_WORKLOAD(scope_node(scope, org), row.id, assumption=_OPERATIONS)


RULES = (
    agent_connects_to,
    application_of_agent,
    owns_agent,
    agent_key_of,
    delegates_to,
    service_account_is,
    owns_service_account,
)

RULES_WITH_SCOPES = (scope_manages_workload,)
"""Rules with edges from OAuth scopes. They run only if the graph contains scopes."""
