"""The role assignments that count, and whether an OAuth client can use one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from oktahound.entities import ApiServiceIntegration, Application, ConsentGrant, OAuthScope, RoleAssignment
from oktahound.graph.org_index import OrgIndex

__all__ = ["ANY", "ANY_CHANGE", "assignments", "usability"]

_GRANT_TYPE = "client_credentials"

ANY = ("okta.*",)
"""Any scope of Okta's APIs is enough to use the role for something."""

ANY_CHANGE = ("okta.*.manage",)
"""Any scope that writes. With scopes that only read, even a super administrator can only read."""


def assignments(view: OrgIndex) -> Sequence[RoleAssignment]:
    """The direct and active assignments, sorted by key."""
    return view.once(_assignments)


def _assignments(view: OrgIndex) -> Sequence[RoleAssignment]:
    return sorted((row for row in view.rows(RoleAssignment) if row.counts), key=lambda row: row.key)


def usability(assignment: RoleAssignment, scopes: Sequence[str], view: OrgIndex) -> dict[str, Any]:
    """The properties of an edge that say whether its holder can use the role.

    An OAuth client needs, in addition to the role, a scope for what the role permits, and a grant type by
    which it gets tokens. An API service integration always has the grant type. Users and groups need
    neither: the answer is then empty.

    Args:
        assignment: the role assignment.
        scopes: any one of these scopes is enough; `ANY` and `ANY_CHANGE` stand for many.
        view: the org.
    """
    if assignment.holder_type != "CLIENT":
        return {}
    integration = view.by_id(ApiServiceIntegration).get(assignment.holder_id)
    if integration is not None:
        return _usable_by_integration(integration, scopes)
    if assignment.holder_id not in view.by_id(Application) and not view.known(ApiServiceIntegration):
        # It may be an integration whose scopes do not help. A gap must not add an edge.
        return {"usable": "unknown", "inactive": "the client that holds the role was not read"}
    usable = _usable(assignment.holder_id, scopes, view)
    if usable is False:
        reason = "the application holds no OAuth scope and grant type that let it use the role"
        return {"usable": False, "inactive": reason}
    if usable == "unknown" and not view.known(ConsentGrant, (assignment.holder_id,)):
        # The application may hold no scope. An edge must not exist only because the scopes were not read.
        return {"usable": usable, "inactive": "the OAuth scopes of the application were not read"}
    return {"usable": usable}


def _usable_by_integration(integration: ApiServiceIntegration, scopes: Sequence[str]) -> dict[str, Any]:
    if integration.oauth_scopes is None:
        return {"usable": "unknown", "inactive": "the OAuth scopes of the integration were not read"}
    if any(_helps(held, scopes) for held in integration.oauth_scopes):
        return {"usable": True}
    return {"usable": False, "inactive": "the integration holds no OAuth scope that lets it use the role"}


def _usable(app_id: str, scopes: Sequence[str], view: OrgIndex) -> bool | str:
    app = view.by_id(Application).get(app_id)
    if app is None:
        # Grants are found through applications: if the application was not read, its grants were not either.
        return "unknown"
    grant_type = "unknown" if app.grant_types is None else _GRANT_TYPE in app.grant_types
    granted = _holds_scope(app_id, scopes, view)
    if grant_type is False or granted is False:
        return False
    return "unknown" if "unknown" in (grant_type, granted) else True


def _holds_scope(app_id: str, scopes: Sequence[str], view: OrgIndex) -> bool | str:
    grants = (grant for grant in view.of(ConsentGrant, (app_id,)) if grant.is_active)
    if any(grant.scope_id is not None and _helps(grant.scope_id, scopes) for grant in grants):
        return True
    return False if view.known(ConsentGrant, (app_id,)) else "unknown"


def _helps(held: OAuthScope, scopes: Sequence[str]) -> bool:
    if scopes in (ANY, ANY_CHANGE):
        return held.startswith("okta.") and (scopes is ANY or held.writes)
    return any(held.includes(scope) for scope in scopes)
