"""MCP servers, and the access of AI agents and MCP servers: resource connections and delegation links.

The shapes come from Okta's developer documentation ("Okta for AI Agents API", beta) and from public code
that reads them. All edges that rest on them have an assumption.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import attrs

from oktahound.entities.ai_agents import AiAgent
from oktahound.entities.parsers import host_of, last_orn_part, orn_type
from oktahound.entities.schema import Derived, Entity, Parent, Wire
from oktahound.entities.sources import TRUST_BOUNDARIES, Endpoint, Known

__all__ = ["DelegationLink", "McpServer", "ResourceConnection"]


@attrs.frozen(kw_only=True, repr=False)
class McpServer(Entity):
    """A server with tools for AI agents (Model Context Protocol) that is registered with Okta.

    Only the host of its address is kept: paths and queries can contain secrets. With an OAuth client it can
    also get tokens for other resources on behalf of the agent that called it.
    """

    KIND = "OktaHound_McpServer"
    PART = "trust_boundaries"
    PLURAL = "mcp_servers"
    SOURCES = (
        Endpoint(
            "/resource-servers/api/v1/mcp-servers",
            scope="okta.resourceServers.mcpServers.read",
            params={"limit": 200},
            rows_key="data",
            may_lack=True,
            option=TRUST_BOUNDARIES,
        ),
    )
    DERIVED = (Derived("displayName", "The name; else the host.", lambda row, context: row.name or row.host),)

    name: Annotated[str | None, Wire(("metadata.displayName", "detectedMetadata.resourceName"))] = None
    """The name that admins gave it; else the name in the server's own metadata."""
    status: str | None = None
    """`ACTIVE`, `INACTIVE`, `PENDING` while Okta reads its metadata, or `INVALID` if that failed."""
    host: Annotated[str | None, Wire("resourceUrl", read=host_of)] = None
    """The host of the server, with its port if one is given."""
    oauth_client_id: Annotated[str | None, Wire("oauthClient.clientId")] = None
    """The id of the OAuth client with which the server gets tokens; None if it has none."""
    oauth_client_name: Annotated[str | None, Wire("oauthClient.orn", prop="")] = None
    """The Okta Resource Name of that client."""
    oauth_client_status: Annotated[str | None, Wire("oauthClient.status")] = None
    """`ACTIVE` or `INACTIVE`."""
    created: datetime | None = None
    """The time at which the server was registered."""
    last_updated: datetime | None = None
    """The time at which the server was last changed."""


def _may_be_client(server: McpServer, known: Known) -> bool:
    """Whether an MCP server can have connections and be a delegation target: it has an OAuth client.

    Okta documents `oauthClient` for a single server, not for the listing. Its absence therefore counts only
    if the listing contains the client of another server.
    """
    return server.oauth_client_id is not None or not any(
        each.oauth_client_id for each in known.rows(McpServer)
    )


@attrs.frozen(kw_only=True, repr=False)
class ResourceConnection(Entity):
    """A resource whose tokens, secrets or accounts an AI agent or MCP server may get."""

    PLURAL = "resource_connections"
    OWNER = ("principal_id",)
    SOURCES = (
        Endpoint(
            "/workload-principals/api/v1/ai-agents/{id}/connections",
            scope="okta.aiAgents.read",
            params={"limit": 200},
            rows_key="data",
            under=AiAgent,
            may_lack=True,
            option=TRUST_BOUNDARIES,
        ),
        Endpoint(
            "/workload-principals/api/v1/mcp-servers/{id}/connections",
            scope="okta.resourceServers.mcpServers.read",
            params={"limit": 200},
            rows_key="data",
            under=McpServer,
            when=_may_be_client,
            option=TRUST_BOUNDARIES,
        ),
    )

    principal_id: Annotated[str, Parent()]
    """The id of the AI agent or MCP server."""
    connection_type: str | None = None
    """The kind of connection, such as `IDENTITY_ASSERTION_CUSTOM_AS`, `IDENTITY_ASSERTION_APP_INSTANCE`,
    `IDENTITY_ASSERTION_MCP_SERVER` or `STS_SERVICE_ACCOUNT`."""
    status: str | None = None
    """`ACTIVE` or `INACTIVE`."""
    scope_condition: str | None = None
    """The scopes that it may request: all (`ALL_SCOPES`), or those in `scopes` (`INCLUDE_ONLY`)."""
    scopes: tuple[str, ...] | None = None
    """The scopes that it may request."""
    authorization_server_id: Annotated[str | None, Wire("authorizationServer.orn", read=last_orn_part)] = None
    """The id of the authorization server whose tokens it gets."""
    application_id: Annotated[str | None, Wire(("app.orn", "application.orn"), read=last_orn_part)] = None
    """The id of the application instance whose tokens it gets."""
    service_account_id: Annotated[str | None, Wire("serviceAccount.orn", read=last_orn_part)] = None
    """The id of the service account whose password it gets."""
    resource_id: Annotated[str | None, Wire("resource.orn", read=last_orn_part)] = None
    """The id of the resource server that it may call: another AI agent or an MCP server."""
    resource_type: Annotated[str | None, Wire("resource.orn", read=orn_type)] = None
    """The type of that resource server: `a2a` for another AI agent, `mcp` for an MCP server."""


def _filter_for_links_to(name: str | None) -> dict[str, str] | None:
    """Return the filter for the links to the object with this Okta Resource Name; None if it has none."""
    return None if name is None or '"' in name else {"filter": f'to.resourceOrn eq "{name}"'}


def _no_ids(parent: Any) -> dict[str, str]:  # noqa: ARG001 - see Endpoint.ids
    return {}


@attrs.frozen(kw_only=True, repr=False)
class DelegationLink(Entity):
    """A client that may delegate to an AI agent or MCP server, which then acts on behalf of its users."""

    PLURAL = "delegation_links"
    OWNER = ("target_id",)
    # Okta's listing requires a filter with the Okta Resource Name of the target or the client.
    SOURCES = (
        Endpoint(
            "/workload-principals/api/v1/delegation-links",
            scope="okta.aiAgents.read",
            params={"filter": 'to.resourceOrn eq "{agent}"', "limit": 200},
            rows_key="data",
            under=AiAgent,
            ids=_no_ids,
            may_lack=True,
            query=lambda agent: _filter_for_links_to(agent.resource_name),
            option=TRUST_BOUNDARIES,
        ),
        Endpoint(
            "/workload-principals/api/v1/delegation-links",
            scope="okta.aiAgents.read",
            params={"filter": 'to.resourceOrn eq "{oauthClient.orn of the MCP server}"', "limit": 200},
            rows_key="data",
            under=McpServer,
            ids=_no_ids,
            may_lack=True,
            query=lambda server: _filter_for_links_to(server.oauth_client_name),
            when=_may_be_client,
            option=TRUST_BOUNDARIES,
        ),
    )

    target_id: Annotated[str, Parent()]
    """The id of the AI agent or MCP server."""
    client_id: Annotated[str | None, Wire("from.clientOrn", read=last_orn_part)] = None
    """The id of the client: an application, an AI agent, or the OAuth client of an MCP server."""
    client_type: Annotated[str | None, Wire("from.clientOrn", read=orn_type)] = None
    """The type of client in its Okta Resource Name: `ai-agents`, `mcp`, or a type of application."""
    resource_id: Annotated[str | None, Wire("to.resourceOrn", read=last_orn_part)] = None
    """The id in the target's Okta Resource Name: the AI agent, or the OAuth client of the MCP server."""
    authorization_server_id: Annotated[str | None, Wire("to.authorizationServerOrn", read=last_orn_part)] = (
        None
    )
    """The id of the authorization server that issues the token."""
