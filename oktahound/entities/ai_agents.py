"""AI agents with their owners and keys, and service accounts of Okta Privileged Access.

Okta's API description (2026-06) does not contain the endpoints of AI agents. Shapes and statuses come from
Okta's developer documentation and from public code that reads them. All edges that rest on them have an
assumption.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import attrs

from oktahound.entities.parsers import (
    last_orn_part,
    last_segment,
    orn_in_filter,
    principals_of_type,
    wrapped_keys,
)
from oktahound.entities.schema import Context, Derived, Entity, Parent, Wire
from oktahound.entities.sources import TRUST_BOUNDARIES, Endpoint

__all__ = ["AgentKey", "AiAgent", "AiAgentOwners", "ServiceAccount"]


def _has_owners(agent: AiAgent, context: Context) -> bool | None:
    if not context.known(AiAgentOwners):
        return None
    return any(row.id == agent.id and row.are_named for row in context.rows(AiAgentOwners))


@attrs.frozen(kw_only=True, repr=False)
class AiAgent(Entity):
    """An AI agent that is registered as a workload principal. Only a super administrator can read it."""

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
    DERIVED = (
        Derived("displayName", "The profile's name.", lambda agent, context: agent.name),
        Derived("hasOwners", "Whether it has an owner; absent when owners were not read.", _has_owners),
    )

    name: Annotated[str | None, Wire("profile.name")] = None
    """The name in the agent's profile."""
    status: str | None = None
    """`ACTIVE`, `INACTIVE`, `DEACTIVATED`, or `STAGED` before the first activation."""
    platform: Annotated[str | None, Wire(("platform", "profile.platform"))] = None
    """The platform that the agent was imported from, such as `AWS_BEDROCK_AGENTS`."""
    app_id: Annotated[str | None, Wire(("signOnProvider.appInstanceId", "appId"), prop="appId")] = None
    """The id of the application through which people sign in to the agent."""
    resource_name: Annotated[
        str | None, Wire(("_links.delegationLinks.href",), prop="", read=orn_in_filter)
    ] = None
    """The agent's Okta Resource Name, from the link to its delegation links."""
    created: Annotated[datetime | None, Wire(("created", "createdDate"))] = None
    """The time at which the agent was registered."""
    last_updated: Annotated[datetime | None, Wire(("lastUpdated", "lastUpdatedDate"))] = None
    """The time at which the agent was last changed."""


@attrs.frozen(kw_only=True, repr=False)
class AiAgentOwners(Entity):
    """The owners of one AI agent, from Okta Identity Governance. `id` is the agent's.

    An agent without owners has no row.
    """

    PLURAL = "ai_agent_owners"
    SOURCES = (
        Endpoint(
            "/governance/api/v1/resource-owners",
            scope="okta.governance.resourceOwner.read",
            params={"filter": 'resource.type eq "ai-agents"', "limit": 200},
            rows_key="data",
            may_lack=True,
            option=TRUST_BOUNDARIES,
        ),
    )

    id: Annotated[str, Wire(("resource.orn", "resource.id"), read=last_orn_part)]
    """The id of the agent."""
    user_ids: Annotated[tuple[str, ...] | None, Wire("principals", read=principals_of_type("users"))] = None
    """The ids of the users who own it."""
    group_ids: Annotated[tuple[str, ...] | None, Wire("principals", read=principals_of_type("groups"))] = None
    """The ids of the groups whose members own it."""

    @property
    def are_named(self) -> bool:
        """Whether the row names any user or group."""
        return bool(self.user_ids or self.group_ids)


@attrs.frozen(kw_only=True, repr=False)
class AgentKey(Entity):
    """A public key of an AI agent, without its key material. The agent signs its token requests with it."""

    KIND = "OktaHound_AgentKey"
    PART = "trust_boundaries"
    PLURAL = "agent_keys"
    OWNER = ("agent_id",)
    SOURCES = (
        Endpoint(
            "/workload-principals/api/v1/ai-agents/{id}/credentials/jwks",
            scope="okta.aiAgents.read",
            single=True,
            read=wrapped_keys,
            under=AiAgent,
            option=TRUST_BOUNDARIES,
        ),
    )
    DERIVED = (Derived("displayName", "The key id; else Okta's id.", lambda key, context: key.kid or key.id),)

    agent_id: Annotated[str, Parent()]
    """The id of the agent."""
    kid: Annotated[str | None, Wire(prop="name")] = None
    """The key id, as in the header of a signed JWT."""
    kty: str | None = None
    """The type of key: `RSA` or `EC`."""
    status: str | None = None
    """`ACTIVE` or `INACTIVE`."""
    created: datetime | None = None
    """The time at which the key was added."""
    last_updated: datetime | None = None
    """The time at which the key was last changed."""


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
    """The state of the password, such as `UNSECURED`, `VAULTED` or `STAGED`."""
    okta_user_id: Annotated[str | None, Wire(("oktaUserId", "_links.user.href"), read=last_segment)] = None
    """The id of the user."""
    owner_user_ids: tuple[str, ...] | None = None
    """The ids of the users who own it."""
    owner_group_ids: tuple[str, ...] | None = None
    """The ids of the groups whose members own it."""
    created: datetime | None = None
    """The time at which the service account was created."""
    last_updated: datetime | None = None
    """The time at which the service account was last changed."""
