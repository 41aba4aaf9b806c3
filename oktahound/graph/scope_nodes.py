"""OAuth scopes as nodes: one for each that somebody in the org was granted, shared by all who hold it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from oktahound.entities import ApiServiceIntegration, ConsentGrant, OAuthScope
from oktahound.graph.org_index import OrgIndex
from oktahound.scopes import Severity, all_powers, catalogue, powers_among

__all__ = ["OAUTH_SCOPE", "granted_scopes", "scope_node", "scope_nodes"]

OAUTH_SCOPE = "OktaHound_OAuthScope"
"""The node kind of OAuth scopes."""


def scope_node(scope: str, view: OrgIndex) -> str:
    """The key of a scope's node. The scope alone would be the same in every org."""
    return f"{scope}@{view.domain}"


def granted_scopes(view: OrgIndex) -> tuple[OAuthScope, ...]:
    """The scopes that an integration or an application was granted, sorted. A revoked grant gives none."""
    return view.once(_granted_scopes)


def _granted_scopes(view: OrgIndex) -> tuple[OAuthScope, ...]:
    integrations = (scope for each in view.rows(ApiServiceIntegration) for scope in each.oauth_scopes or ())
    grants = (grant.scope_id for grant in view.rows(ConsentGrant) if grant.scope_id and grant.is_active)
    return tuple(sorted({*integrations, *grants}))


def scope_nodes(view: OrgIndex) -> Iterator[tuple[str, dict[str, Any]]]:
    """Key and attributes of each.

    ``severity`` is that of the gravest power that the scope gives by itself, ``powers`` are their names. A
    scope that Okta's API description lacks has neither, nor a number of operations: nobody knows.
    """
    for scope in granted_scopes(view):
        attributes: dict[str, Any] = {
            "kind": OAUTH_SCOPE,
            "oktaDomain": view.domain,
            "environmentid": view.organization_id,
            "name": scope.text,
            "displayName": scope.text,
            "access": scope.access,
            "described": scope in catalogue(),
        }
        if scope in catalogue():
            powers = powers_among(all_powers(), [scope])
            attributes |= {
                "description": catalogue()[scope].description,
                "operationCount": len(catalogue()[scope].operations),
                "severity": (powers[0].severity if powers else Severity.INFO).value,
                "powers": [power.name for power in powers],
            }
        yield scope_node(scope, view), attributes
