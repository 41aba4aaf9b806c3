"""The role assignments that count, and whether a service application can use one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from oktahound.entities import Application, ConsentGrant, OAuthScope, RoleAssignment
from oktahound.graph.org_index import OrgIndex

__all__ = ["ANY", "ANY_CHANGE", "assignments", "usability"]

_GRANT_TYPE = "client_credentials"

ANY = ("okta.*",)
"""Any scope of Okta's APIs at all is enough to use the role for something."""

ANY_CHANGE = ("okta.*.manage",)
"""Any scope that changes something: with scopes that only read, even a super administrator only reads."""


def assignments(view: OrgIndex) -> Sequence[RoleAssignment]:
    """Direct and active assignments, in the order of their keys."""
    return view.once(_assignments)


def _assignments(view: OrgIndex) -> Sequence[RoleAssignment]:
    return sorted((row for row in view.rows(RoleAssignment) if row.counts), key=lambda row: row.key)


def usability(assignment: RoleAssignment, scopes: Sequence[str], view: OrgIndex) -> dict[str, Any]:
    """What an edge of this assignment says about its use.

    A service application needs, beside the role, an OAuth scope for what the role permits, and the grant
    type that gets it a token. Users and groups need nothing: the answer is then empty.

    Args:
        assignment: whose holder it is about.
        scopes: any one of these is enough; `ANY` and `ANY_CHANGE` stand for many.
        view: the org.
    """
    if assignment.holder_type != "CLIENT":
        return {}
    usable = _usable(assignment.holder_id, scopes, view)
    if usable is False:
        reason = "the application holds no OAuth scope and grant type that let it use the role"
        return {"usable": False, "inactive": reason}
    if usable == "unknown" and not view.known(ConsentGrant, (assignment.holder_id,)):
        # It may hold none of them: a path that is there only because nobody looked is no path.
        return {"usable": usable, "inactive": "the OAuth scopes of the application were not read"}
    return {"usable": usable}


def _usable(app_id: str, scopes: Sequence[str], view: OrgIndex) -> bool | str:
    app = view.by_id(Application).get(app_id)
    if app is None:
        # Grants are found through applications: of one that was not read, nothing says that it has none.
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
