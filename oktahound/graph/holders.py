"""Effective role assignments, and whether an OAuth client can use one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from oktahound.entities import ApiServiceIntegration, Application, ConsentGrant, OAuthScope, RoleAssignment
from oktahound.graph.lifecycle import grant_state, role_state
from oktahound.graph.merge_properties import assuming, joined_assumptions
from oktahound.graph.org_index import OrgIndex

__all__ = ["ANY", "ANY_CHANGE", "assignments", "usability"]

_GRANT_TYPE = "client_credentials"

ANY = ("okta.*",)
"""Any scope of Okta's APIs: each is enough to use the role for something."""

ANY_CHANGE = ("okta.*.manage",)
"""Any scope with write access. With read scopes only, even a super administrator can only read."""


def assignments(org: OrgIndex) -> Sequence[RoleAssignment]:
    """Return the direct assignments that are not known to be inactive, sorted by key."""
    return org.once(_assignments)


def _assignments(org: OrgIndex) -> Sequence[RoleAssignment]:
    return sorted((row for row in org.rows(RoleAssignment) if row.counts), key=lambda row: row.key)


def usability(assignment: RoleAssignment, scopes: Sequence[str], org: OrgIndex) -> dict[str, Any]:
    """Return the properties of an edge that show whether its holder can use the role.

    They include an `assumption` if the status of the assignment is unknown, or the status of the only consent
    grants with which the holder can use it.

    In addition to the role, an OAuth client needs a scope for the permitted operations, and a grant type with
    which it gets tokens. An API service integration always has the grant type. Users and groups need
    neither.

    Args:
        assignment: the role assignment.
        scopes: any one of these scopes is enough. `ANY` and `ANY_CHANGE` are patterns.
        org: the index of the snapshot.
    """
    properties = _client_usability(assignment, scopes, org) if assignment.holder_type == "CLIENT" else {}
    return assuming(properties, role_state(assignment.status).get("assumption"))


def _client_usability(assignment: RoleAssignment, scopes: Sequence[str], org: OrgIndex) -> dict[str, Any]:
    integration = org.by_id(ApiServiceIntegration).get(assignment.holder_id)
    if integration is not None:
        return _usable_by_integration(integration, scopes)
    if assignment.holder_id not in org.by_id(Application) and not org.known(ApiServiceIntegration):
        # It may be an integration whose scopes are not sufficient. A gap must not add an edge.
        return {"usable": "unknown", "inactive": "the client that holds the role was not read"}
    usable, doubt = _usable(assignment.holder_id, scopes, org)
    if usable is False:
        reason = "the application lacks the OAuth scope or the grant type to use the role"
        return {"usable": False, "inactive": reason}
    if usable == "unknown" and not org.known(ConsentGrant, (assignment.holder_id,)):
        # The application may hold no scope. An edge must not exist only because the scopes were not read.
        return {"usable": usable, "inactive": "the OAuth scopes of the application were not read"}
    return assuming({"usable": usable}, doubt)


def _usable_by_integration(integration: ApiServiceIntegration, scopes: Sequence[str]) -> dict[str, Any]:
    if integration.oauth_scopes is None:
        return {"usable": "unknown", "inactive": "the OAuth scopes of the integration were not read"}
    if any(_is_sufficient(granted, scopes) for granted in integration.oauth_scopes):
        return {"usable": True}
    return {"usable": False, "inactive": "the integration lacks an OAuth scope to use the role"}


def _usable(app_id: str, scopes: Sequence[str], org: OrgIndex) -> tuple[bool | str, str | None]:
    """Return whether an application can use a role, and the assumption about the statuses of its grants."""
    app = org.by_id(Application).get(app_id)
    if app is None:
        # Grants are found through applications: if the application was not read, its grants were not either.
        return "unknown", None
    grant_type = "unknown" if app.grant_types is None else _GRANT_TYPE in app.grant_types
    granted, doubt = _holds_scope(app_id, scopes, org)
    if grant_type is False or granted is False:
        return False, None
    return "unknown" if "unknown" in (grant_type, granted) else True, doubt


def _holds_scope(app_id: str, scopes: Sequence[str], org: OrgIndex) -> tuple[bool | str, str | None]:
    doubts = {
        grant_state(grant.status).get("assumption")
        for grant in org.of(ConsentGrant, (app_id,))
        if grant.is_active and grant.scope_id is not None and _is_sufficient(grant.scope_id, scopes)
    }
    if None in doubts:
        return True, None
    if not org.known(ConsentGrant, (app_id,)):
        return "unknown", None
    doubt = joined_assumptions(*sorted(text for text in doubts if text))
    return (False, None) if doubt is None else ("unknown", doubt)


def _is_sufficient(granted: OAuthScope, scopes: Sequence[str]) -> bool:
    if scopes in (ANY, ANY_CHANGE):
        return granted.startswith("okta.") and (scopes is ANY or granted.writes)
    return any(granted.includes(scope) for scope in scopes)
