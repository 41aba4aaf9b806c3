"""The extension schema of oktahound's own kinds, which makes BloodHound walk their edges.

It is what BloodHound takes at ``PUT /api/v2/extensions`` (page "Graph Definition" of its documentation).
"""

from __future__ import annotations

from typing import Any

from oktahound.graph.grants import TARGET_SET
from oktahound.graph.kind_names import OWN_NAMESPACE
from oktahound.graph.model import EdgeKind
from oktahound.graph.rules import EDGE_KINDS
from oktahound.graph.saml.signing import SIGNING_KEY
from oktahound.graph.scope_nodes import OAUTH_SCOPE

__all__ = ["extension_schema"]

_NODE_KINDS = (
    (OAUTH_SCOPE, "OAuth Scope", "An OAuth scope that a client of the organization was granted.", "key"),
    ("OktaHound_GroupRule", "Group Rule", "A rule that puts users into groups by an expression.", "filter"),
    (SIGNING_KEY, "Signing Key", "A key that Okta signs assertions of applications with.", "certificate"),
    ("OktaHound_InlineHook", "Inline Hook", "A server whose answer Okta follows in a flow.", "code-branch"),
    ("OktaHound_EventHook", "Event Hook", "A server that Okta sends events to.", "bell"),
    ("OktaHound_AiAgent", "AI Agent", "An AI agent that is registered with Okta.", "robot"),
    ("OktaHound_ServiceAccount", "Service Account", "A user whose password Okta keeps.", "user-gear"),
    ("OktaHound_LogStream", "Log Stream", "A stream of the System Log to another system.", "water"),
    ("OktaHound_NetworkZone", "Network Zone", "A set of addresses that rules refer to.", "network-wired"),
    (TARGET_SET, "Target Set", "Objects that administrators hold the same right over.", "object-group"),
)
_COLOR = "#00297a"
_VERSION = "v1.1.0"
"""Of the schema: it rises when a kind is added, changed or removed."""


def extension_schema() -> dict[str, Any]:
    """The schema as a JSON-ready object."""
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
        # BloodHound takes a finding only with an environment of the same schema. Ours is Okta_Organization,
        # which belongs to its extension for Okta, so that abuse and remedy stand in the descriptions.
        "relationship_findings": [],
    }


def _description(kind: EdgeKind) -> str:
    """Why an edge of the kind can be walked, how it is abused and how it is cut.

    The schema has no field of its own for the latter two on a relationship kind.
    """
    words = (kind.why, f"Abuse: {kind.abuse}" if kind.abuse else "", f"Cut: {kind.cut}" if kind.cut else "")
    return " ".join(filter(None, words))
