"""AI agents, MCP servers and service accounts."""

from __future__ import annotations

from collections.abc import Iterable

from oktahound.sim.ids import ago
from oktahound.sim.mixin import Mixin
from oktahound.sim.world import Json

__all__ = ["WorkloadMixin"]


class WorkloadMixin(Mixin):
    """Mixin for AI agents, MCP servers and service accounts, and their connections."""

    def add_ai_agent(
        self,
        name: str,
        *,
        status: str = "ACTIVE",
        app: str | None = None,
        servers: Iterable[str] = (),
        owners: Iterable[str] = (),
        keys: int = 0,
    ) -> str:
        """Add an AI agent.

        Args:
            name: the name in its profile.
            status: ACTIVE, INACTIVE, DEACTIVATED or STAGED.
            app: the application through which users sign in to it.
            servers: the connected authorization servers.
            owners: the users and groups that own it.
            keys: the number of its public keys.
        """
        agent = self.world.ids.new("wlp")
        here = f"/workload-principals/api/v1/ai-agents/{agent}"
        name_of_agent = self._directory_orn(f"workload-principals:ai-agents:{agent}")
        links = f'/workload-principals/api/v1/delegation-links?filter=to.resourceOrn%20eq%20"{name_of_agent}"'
        self.world["ai_agents"].add(
            {
                "id": agent,
                "status": status,
                "platform": None,
                "signOnProvider": None if app is None else {"appInstanceId": app},
                "profile": {"name": name, "description": None},
                "created": ago(60),
                "lastUpdated": ago(6),
                "_links": {
                    "self": self._href(here),
                    "connections": self._href(f"{here}/connections"),
                    "delegationLinks": self._href(links.replace('"', "%22")),
                },
            }
        )
        for _ in range(keys):
            self._add_agent_key(agent)
        for server in servers:
            self.connect_workload(agent, server=server)
        owning = list(owners)
        if owning:
            self._add_agent_owners(agent, name_of_agent, name, owning)
        return agent

    def _add_agent_key(self, agent: str) -> None:
        key = self.world.ids.new("wpc")
        self.world["agent_keys", agent].add(
            {
                "id": key,
                "kid": self.world.ids.opaque("agent key"),
                "kty": "EC",
                "crv": "P-256",
                "x": self.world.ids.opaque("x"),
                "y": self.world.ids.opaque("y"),
                "use": "sig",
                "status": "ACTIVE",
                "created": ago(60),
                "lastUpdated": ago(6),
                "_links": {},
            }
        )

    def _add_agent_owners(self, agent: str, orn: str, name: str, owners: list[str]) -> None:
        principals: list[Json] = []
        for owner in owners:
            kind = "users" if owner in self.world["users"] else "groups"
            principals.append(
                {
                    "id": self.world.ids.new("pri"),
                    "type": kind,
                    "orn": self._directory_orn(f"{kind}:{owner}"),
                    "profile": {"id": owner, "name": self.world[kind][owner]["id"]},
                }
            )
        self.world["resource_owners"].put(
            agent,
            {
                "parentResourceOrn": orn,
                "resource": {
                    "id": agent,
                    "type": "ai-agents",
                    "orn": orn,
                    "profile": {"id": agent, "name": name, "description": None},
                },
                "principals": principals,
            },
        )

    def add_mcp_server(
        self,
        name: str,
        *,
        uri: str = "https://mcp.example.com/mcp",
        status: str = "ACTIVE",
        client: bool = False,
    ) -> str:
        """Add an MCP server, optionally with an OAuth client."""
        server = self.world.ids.new("ems")
        document: Json = {
            "id": server,
            "orn": self._directory_orn(f"resource-servers:mcp:{server}"),
            "resourceUrl": uri,
            "status": status,
            "created": ago(40),
            "lastUpdated": ago(4),
            "authorizationServerCount": 0,
            "metadata": {"displayName": name, "description": None},
            "_links": {"self": self._href(f"/resource-servers/api/v1/mcp-servers/{server}")},
        }
        if client:
            client_id = self.world.ids.new("wlp")
            document["oauthClient"] = {
                "clientId": client_id,
                "orn": self._directory_orn(f"workload-principals:mcp:{client_id}"),
                "status": "ACTIVE",
                "tokenEndpointAuthMethod": "private_key_jwt",
                "grantTypes": [
                    "urn:ietf:params:oauth:grant-type:token-exchange",
                    "urn:ietf:params:oauth:grant-type:jwt-bearer",
                ],
                "connectionCount": 0,
            }
        self.world["mcp_servers"].add(document)
        return server

    def connect_workload(
        self,
        workload: str,
        *,
        server: str | None = None,
        app: str | None = None,
        account: str | None = None,
        agent: str | None = None,
        mcp_server: str | None = None,
        status: str = "ACTIVE",
    ) -> str:
        """Connect an AI agent or MCP server to one resource, and return the id of the connection.

        Args:
            workload: the AI agent or MCP server.
            server: an authorization server.
            app: an application instance.
            account: a service account.
            agent: another AI agent.
            mcp_server: an MCP server.
            status: ACTIVE or INACTIVE.
        """
        connection = self.world.ids.new("mcn")
        kind = "ai-agents" if workload in self.world["ai_agents"] else "mcp-servers"
        here = f"/workload-principals/api/v1/{kind}/{workload}/connections/{connection}"
        document: Json = {
            "id": connection,
            "status": status,
            "scopeCondition": "INCLUDE_ONLY",
            "scopes": ["orders:read"],
            "_links": {"self": self._href(here)},
        }
        if server is not None:
            document["connectionType"] = "IDENTITY_ASSERTION_CUSTOM_AS"
            document["authorizationServer"] = {
                "orn": self.world.orn(f"authorization_servers:{server}"),
                "name": self.world["authorization_servers"][server]["name"],
            }
        elif app is not None:
            document["connectionType"] = "IDENTITY_ASSERTION_APP_INSTANCE"
            document["app"] = {"orn": self.world.orn_of_path(f"/api/v1/apps/{app}")}
        elif account is not None:
            document["connectionType"] = "STS_SERVICE_ACCOUNT"
            document["serviceAccount"] = {"orn": self._directory_orn(f"service-accounts:{account}")}
        elif agent is not None:
            document["connectionType"] = "IDENTITY_ASSERTION_A2A_SERVER"
            document["resource"] = {"orn": self._directory_orn(f"resource-servers:a2a:{agent}")}
        elif mcp_server is not None:
            document["connectionType"] = "IDENTITY_ASSERTION_MCP_SERVER"
            document["resource"] = {"orn": self.world["mcp_servers"][mcp_server]["orn"]}
        self.world["resource_connections", workload].add(document)
        return connection

    def add_delegation_link(self, client: str, target: str) -> str:
        """Allow a client to delegate to an AI agent, or to an MCP server with an OAuth client.

        Args:
            client: an application, an AI agent or an MCP server.
            target: the AI agent or MCP server.
        """
        link = self.world.ids.new("dlk")
        self.world["delegation_links"].add(
            {
                "id": link,
                "from": {
                    "type": "OKTA_AUTHORIZATION_SERVER",
                    "clientOrn": self._orn_of_client(client),
                    "tokenType": "ACCESS_TOKEN",
                },
                "to": {"resourceOrn": self._orn_of_client(target), "authorizationServerOrn": None},
                "_links": {"self": self._href(f"/workload-principals/api/v1/delegation-links/{link}")},
            }
        )
        return link

    def _orn_of_client(self, id_: str) -> str:
        if id_ in self.world["apps"]:
            return self.world.orn_of_path(f"/api/v1/apps/{id_}")
        if id_ in self.world["ai_agents"]:
            return self._directory_orn(f"workload-principals:ai-agents:{id_}")
        name: str = self.world["mcp_servers"][id_]["oauthClient"]["orn"]
        return name

    def _directory_orn(self, rest: str) -> str:
        return f"orn:okta:directory:{self.world.organization['id']}:{rest}"

    def add_service_account(self, name: str, user: str, *, owners: Iterable[str] = ()) -> str:
        """Make a user a service account, whose password Okta Privileged Access manages."""
        account = self.world.ids.new("svc")
        self.world["service_accounts"].add(
            {
                "id": account,
                "name": name,
                "description": None,
                "username": self.world["users"][user]["profile"]["login"],
                "oktaUserId": user,
                "ownerUserIds": list(owners),
                "ownerGroupIds": [],
                "status": "UNSECURED",
                "statusDetail": "STAGED",
                "created": ago(50),
                "lastUpdated": ago(5),
            }
        )
        return account
