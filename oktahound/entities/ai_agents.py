"""AI agents and their connections, and service accounts of Okta Privileged Access.

Okta's API description (2026-06) does not hold the endpoints of AI agents; shapes and statuses are those of
Okta's developer documentation and of public code that reads them. Everything that the graph draws of
them has an assumption.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import attrs

from oktahound.entities.optional_reads import TRUST_BOUNDARIES
from oktahound.entities.parsers import last_orn_part, last_segment
from oktahound.entities.schema import Derived, Entity, Parent, Wire
from oktahound.entities.sources import Endpoint

__all__ = ["AiAgent", "AiAgentConnection", "ServiceAccount"]


@attrs.frozen(kw_only=True, repr=False)
class AiAgent(Entity):
    """An AI agent that is registered as a workload principal. Reading it takes a super administrator."""

    KIND = "OktaHound_AiAgent"
    PART = "trust_boundaries"
    PLURAL = "ai_agents"
    SOURCES = (
        Endpoint(
            "/workload-principals/api/v1/ai-agents",
            scope="okta.aiAgents.read",
            params={"limit": 200},
            rows_key="data",
            may_lack=True,
            option=TRUST_BOUNDARIES,
        ),
    )
    DERIVED = (Derived("displayName", "The profile's name.", lambda agent, context: agent.name),)

    name: Annotated[str | None, Wire("profile.name")] = None
    """The name in the agent's profile."""
    status: str | None = None
    """`ACTIVE`, `INACTIVE`, `DEACTIVATED`, or `STAGED` before the first activation."""
    platform: str | None = None
    """The platform that the agent was imported from, such as `AWS_BEDROCK_AGENTS`."""
    app_id: str | None = None
    """The id of the application through which people sign in to the agent."""
    created: datetime | None = None
    """When the agent was registered."""
    last_updated: datetime | None = None
    """When the agent was last changed."""


@attrs.frozen(kw_only=True, repr=False)
class AiAgentConnection(Entity):
    """A connection of an AI agent: what it may get tokens, secrets or accounts of."""

    PLURAL = "ai_agent_connections"
    OWNER = ("agent_id",)
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
    )

    agent_id: Annotated[str, Parent()]
    """The id of the agent."""
    connection_type: str | None = None
    """Such as `IDENTITY_ASSERTION_CUSTOM_AS`, `IDENTITY_ASSERTION_APP_INSTANCE` or `STS_SERVICE_ACCOUNT`."""
    status: str | None = None
    """`ACTIVE` or `INACTIVE`."""
    scope_condition: str | None = None
    """Which scopes it may ask for: `ALL_SCOPES` or `INCLUDE_ONLY`."""
    scopes: tuple[str, ...] | None = None
    """The scopes that it may ask for."""
    authorization_server_id: Annotated[str | None, Wire("authorizationServer.orn", read=last_orn_part)] = None
    """The id of the authorization server whose tokens it gets."""
    application_id: Annotated[str | None, Wire(("app.orn", "application.orn"), read=last_orn_part)] = None
    """The id of the application instance whose tokens it gets."""
    service_account_id: Annotated[str | None, Wire("serviceAccount.orn", read=last_orn_part)] = None
    """The id of the service account whose password it gets."""
    resource_id: Annotated[str | None, Wire("resource.orn", read=last_orn_part)] = None
    """The id of the resource server, or of the other agent, that it may call."""


@attrs.frozen(kw_only=True, repr=False)
class ServiceAccount(Entity):
    """A user of the organization whose password Okta Privileged Access keeps and rotates."""

    KIND = "OktaHound_ServiceAccount"
    PART = "trust_boundaries"
    PLURAL = "service_accounts"
    SOURCES = (
        Endpoint(
            "/privileged-access/api/v1/okta-service-accounts",
            scope="okta.serviceAccounts.okta.read",
            params={"limit": 200},
            may_lack=True,
            option=TRUST_BOUNDARIES,
        ),
    )
    DERIVED = (Derived("displayName", "The name.", lambda account, context: account.name),)

    name: str | None = None
    """The service account's name."""
    username: str | None = None
    """The login of the user."""
    status: str | None = None
    """How far the password is under control, such as `UNSECURED`, `VAULTED` or `STAGED`."""
    okta_user_id: Annotated[str | None, Wire(("oktaUserId", "_links.user.href"), read=last_segment)] = None
    """The id of the user."""
    owner_user_ids: tuple[str, ...] | None = None
    """The ids of the users who own it."""
    owner_group_ids: tuple[str, ...] | None = None
    """The ids of the groups whose members own it."""
    created: datetime | None = None
    """When the service account was created."""
    last_updated: datetime | None = None
    """When the service account was last changed."""
