"""Nodes of OAuth scopes: one for each scope that was granted in the org, shared by all its holders."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from oktahound.entities import ApiServiceIntegration, ConsentGrant, OAuthScope
from oktahound.graph.org_index import OrgIndex
from oktahound.scopes import Knowledge, Severity, catalogue, knowledge_of, powers_of_scopes

__all__ = ["OAUTH_SCOPE", "granted_scopes", "scope_node", "scope_nodes"]

OAUTH_SCOPE = "OktaHound_OAuthScope"
"""The node kind of OAuth scopes."""


def scope_node(scope: str, org: OrgIndex) -> str:
    """Return the key of a scope's node: scope and domain, so that it is unique across orgs."""
    return f"{scope}@{org.domain}"


def granted_scopes(org: OrgIndex) -> tuple[OAuthScope, ...]:
    """Return the scopes granted to integrations and applications, sorted. Revoked grants are ignored."""
    return org.once(_granted_scopes)


def _granted_scopes(org: OrgIndex) -> tuple[OAuthScope, ...]:
    integrations = (scope for each in org.rows(ApiServiceIntegration) for scope in each.oauth_scopes or ())
    grants = (grant.scope_id for grant in org.rows(ConsentGrant) if grant.scope_id and grant.is_active)
    return tuple(sorted({*integrations, *grants}))


def scope_nodes(org: OrgIndex) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield key and attributes of each scope node.

    ``severity`` is that of the most severe power that the scope gives by itself, and ``powers`` are the names
    of these powers. ``knowledge`` is the quality of the scope's documentation. If its operations are unknown,
    there is no ``operationCount``, and ``assumption`` explains the severity.
    """
    for scope in granted_scopes(org):
        powers, known = powers_of_scopes([scope]), catalogue().get(scope)
        attributes: dict[str, Any] = {
            "kind": OAUTH_SCOPE,
            "oktaDomain": org.domain,
            "environmentid": org.organization_id,
            "name": scope.text,
            "displayName": scope.text,
            "access": scope.access,
            "described": knowledge_of(scope) is Knowledge.KNOWN,
            "knowledge": knowledge_of(scope).value,
            "severity": (powers[0].severity if powers else Severity.INFO).value,
            "powers": [power.name for power in powers],
        }
        if known is not None:
            attributes["description"] = known.description
        if known is not None and known.knowledge is Knowledge.KNOWN:
            attributes["operationCount"] = len(known.operations)
        elif powers and powers[0].assumption:
            attributes["assumption"] = powers[0].assumption
        yield scope_node(scope, org), attributes
