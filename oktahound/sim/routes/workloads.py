"""AI agents, MCP servers, delegation links, owners and service accounts."""

from __future__ import annotations

from functools import partial

from oktahound.sim.errors import bad_request
from oktahound.sim.lookup import below, filtered, listing, single
from oktahound.sim.routing import Answer, Call, Route, Rows

__all__ = ["WORKLOADS"]

_PRINCIPALS = "/workload-principals/api/v1"
_AGENTS = _PRINCIPALS + "/ai-agents"
_SERVERS = "/resource-servers/api/v1/mcp-servers"


def _by_filter(collection: str, call: Call) -> Answer:
    """List the documents that match the filter, without which Okta refuses these listings."""
    if not call.query.get("filter"):
        raise bad_request("filter", "filter: The field cannot be left blank")
    return Rows.of(call.world[collection], filtered(call, call.world[collection]))


_paged = partial(Route, bucket="other", paging="link", default=20, maximum=200, envelope="data")

WORKLOADS = (
    _paged(template=_AGENTS, answer=listing("ai_agents"), scopes=("okta.aiAgents.read",)),
    Route(
        template=_AGENTS + "/{agentId}",
        answer=single("ai_agents", "agentId", "AiAgent"),
        scopes=("okta.aiAgents.read",),
        bucket="other",
    ),
    _paged(
        template=_AGENTS + "/{agentId}/connections",
        answer=below("resource_connections", "ai_agents", "agentId", "AiAgent"),
        scopes=("okta.aiAgents.read",),
    ),
    Route(
        template=_AGENTS + "/{agentId}/credentials/jwks",
        answer=below("agent_keys", "ai_agents", "agentId", "AiAgent"),
        scopes=("okta.aiAgents.read",),
        bucket="other",
    ),
    _paged(
        template=_PRINCIPALS + "/delegation-links",
        answer=partial(_by_filter, "delegation_links"),
        scopes=("okta.aiAgents.read",),
    ),
    _paged(
        template=_SERVERS,
        answer=listing("mcp_servers"),
        scopes=("okta.resourceServers.mcpServers.read",),
    ),
    _paged(
        template=_PRINCIPALS + "/mcp-servers/{mcpServerId}/connections",
        answer=below("resource_connections", "mcp_servers", "mcpServerId", "McpServer"),
        scopes=("okta.resourceServers.mcpServers.read",),
    ),
    Route(
        template="/governance/api/v1/resource-owners",
        answer=partial(_by_filter, "resource_owners"),
        scopes=("okta.governance.resourceOwner.read",),
        bucket="other",
        paging="body",
        default=20,
        maximum=200,
        envelope="data",
    ),
    Route(
        template="/privileged-access/api/v1/okta-service-accounts",
        answer=listing("service_accounts"),
        scopes=("okta.serviceAccounts.okta.read",),
        bucket="other",
        paging="link",
        default=20,
        maximum=200,
    ),
)
