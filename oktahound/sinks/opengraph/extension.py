"""The extension schema of oktahound's own kinds, so that BloodHound can traverse their edges.

BloodHound accepts it at ``PUT /api/v2/extensions`` (page "Graph Definition" of its documentation).
"""

from __future__ import annotations

from typing import Any

from oktahound.graph.grants import TARGET_SET
from oktahound.graph.kind_names import OWN_NAMESPACE
from oktahound.graph.model import EdgeKind
from oktahound.graph.rules import EDGE_KINDS
from oktahound.graph.saml.signing import SIGNING_KEY, TRUSTED_KEY
from oktahound.graph.scope_nodes import OAUTH_SCOPE

__all__ = ["extension_schema"]

_NODE_KINDS = (
    (OAUTH_SCOPE, "OAuth Scope", "An OAuth scope that a client of the organization was granted.", "key"),
    ("OktaHound_GroupRule", "Group Rule", "A rule that adds users to groups by an expression.", "filter"),
    (SIGNING_KEY, "Signing Key", "A key that signs assertions of applications.", "certificate"),
    (TRUSTED_KEY, "Trusted Key", "A key that signs assertions of identity providers.", "certificate"),
    ("OktaHound_InlineHook", "Inline Hook", "A server whose response changes a flow of Okta.", "code-branch"),
    ("OktaHound_EventHook", "Event Hook", "A server that receives events from Okta.", "bell"),
    ("OktaHound_AiAgent", "AI Agent", "An AI agent that is registered with Okta.", "robot"),
    ("OktaHound_AgentKey", "AI Agent Key", "A public key with which an AI agent authenticates.", "key"),
    ("OktaHound_McpServer", "MCP Server", "A server with tools for AI agents.", "toolbox"),
    ("OktaHound_ServiceAccount", "Service Account", "A user whose password Okta manages.", "user-gear"),
    ("OktaHound_LogStream", "Log Stream", "A stream of the System Log to another system.", "water"),
    ("OktaHound_NetworkZone", "Network Zone", "A set of addresses that rules refer to.", "network-wired"),
    (TARGET_SET, "Target Set", "Objects over which administrators have the same right.", "object-group"),
)
_COLOR = "#00297a"
_VERSION = "v1.1.0"
"""The version of the schema. Increase it when a kind is added, changed or removed."""


def extension_schema() -> dict[str, Any]:
    """Return the schema as a JSON-ready object."""
    return {
        "schema": {
            "name": "oktahound-library",
            "display_name": "oktahound: OAuth scopes, shared targets, signing keys and trust boundaries",
            "version": _VERSION,
            "namespace": OWN_NAMESPACE.rstrip("_"),
        },
        "node_kinds": [
            {
                "name": name,
                "display_name": title,
                "description": text,
                "is_display_kind": True,
                "icon": icon,
                "color": _COLOR,
            }
            for name, title, text, icon in _NODE_KINDS
        ],
        "relationship_kinds": [
            {"name": kind.name, "description": _description(kind), "is_traversable": kind.traversable}
            for kind in EDGE_KINDS.values()
            if kind.name.startswith(OWN_NAMESPACE)
        ],
        "environments": [],
        # BloodHound accepts a finding only with an environment of the same schema. The environment here is
        # Okta_Organization, which belongs to its extension for Okta, so the descriptions contain the abuse
        # and the remedy.
        "relationship_findings": [],
    }


def _description(kind: EdgeKind) -> str:
    """Return the description of an edge kind: its meaning, its abuse and its remedy.

    The schema has no separate fields for abuse and remedy on a relationship kind.
    """
    parts = (kind.why, f"Abuse: {kind.abuse}" if kind.abuse else "", f"Cut: {kind.cut}" if kind.cut else "")
    return " ".join(filter(None, parts))
