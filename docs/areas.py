"""The areas into which the reference and the diagrams divide the entities."""

from __future__ import annotations

import attrs

from oktahound.entities import ENTITIES, Entity
from oktahound.graph import EDGE_KINDS
from oktahound.graph.saml.signing import SIGNING_KEY, TRUSTED_KEY

__all__ = ["AREAS", "Area"]


@attrs.frozen
class Area:
    """A group of related entities, with one page and one diagram.

    Attributes:
        slug: the name of its page and of its diagram.
        title: its heading.
        modules: the modules of `oktahound.entities` that define its entities.
        derived_kinds: node kinds that are derived from several entities and declared by none.
    """

    slug: str
    title: str
    modules: tuple[str, ...]
    derived_kinds: frozenset[str] = frozenset()

    @property
    def entities(self) -> tuple[type[Entity], ...]:
        """The entities of the area, in the order of the page."""
        return tuple(cls for cls in ENTITIES if cls.__module__.rpartition(".")[2] in self.modules)

    @property
    def kinds(self) -> frozenset[str]:
        """The node kinds of the area."""
        return self.derived_kinds | {cls.KIND for cls in self.entities if cls.KIND}


AREAS = (
    Area(
        "people",
        "Users, groups and devices",
        ("organization", "users", "groups", "group_rules", "realms", "devices", "factors"),
    ),
    Area(
        "machines",
        "Machine clients and their credentials",
        ("integrations", "client_secrets", "json_web_keys", "api_tokens"),
    ),
    Area("applications", "Applications", ("applications", "application_links")),
    Area("roles", "Admin roles", ("roles", "role_assignments", "role_targets", "resource_sets")),
    Area("federation", "Identity providers and directories", ("identity_providers", "agent_pools")),
    Area(
        "saml",
        "SAML trust and signing keys",
        ("saml", "signing_keys"),
        frozenset(
            kind
            for edge in EDGE_KINDS.values()
            for kind in edge.starts | edge.ends
            if kind.startswith("SAML_") or kind in (SIGNING_KEY, TRUSTED_KEY)
        ),
    ),
    Area(
        "policies",
        "Policies, authorization servers and network zones",
        ("policies", "authorization_servers", "token_policies", "network_zones"),
    ),
    Area("hooks", "Hooks and log streams", ("hooks", "log_streams")),
    Area("workloads", "AI agents, MCP servers and service accounts", ("ai_agents", "mcp_servers")),
    Area(
        "activity",
        "Activity from the System Log",
        ("log_windows", "client_activity", "client_administration"),
    ),
)
"""All areas, in the order of the reference. Every entity is in exactly one."""
