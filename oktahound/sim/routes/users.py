"""Users."""

from __future__ import annotations

from oktahound.sim.errors import not_found
from oktahound.sim.filters import compile_filter
from oktahound.sim.routing import Call, Route, Rows
from oktahound.sim.users import with_action_links
from oktahound.sim.world import Json

__all__ = ["USERS", "find_user"]


_Q_PAGE = 10
"""Number of rows for a request with ``q`` and without a limit."""


def _users(call: Call) -> Rows:
    users = call.world["users"]
    criteria = call.query.get("search") or call.query.get("filter")
    if criteria:
        return Rows.of(users, users.view(criteria, compile_filter(criteria)))
    # Only a search or a filter returns deprovisioned users; the plain listing and `q` omit them.
    if start := call.query.get("q", "").lower():
        found = users.view(f"q={start}", lambda user: _begins(user, start))
        return Rows.of(users, found if "limit" in call.query else found[:_Q_PAGE], paged=False)
    return Rows.of(users, users.view("plain", lambda user: user["status"] != "DEPROVISIONED"))


def _begins(user: Json, start: str) -> bool:
    names = (user["profile"].get(name) or "" for name in ("firstName", "lastName", "email"))
    return user["status"] != "DEPROVISIONED" and any(name.lower().startswith(start) for name in names)


def find_user(call: Call, key: str) -> str:
    """Return the id of the user with this id or login.

    Raises:
        Refusal: no user has this id or login.
    """
    users = call.world["users"]
    if key in users:
        return key
    logins = users.index("login", lambda user: str(user["profile"]["login"]))
    if key not in logins:
        raise not_found(key, "User")
    return logins[key]


def _user(call: Call) -> Json:
    return with_action_links(call.world, call.world["users"][find_user(call, call.path["id"])])


USERS = (
    Route(
        template="/api/v1/users",
        answer=_users,
        scopes=("okta.users.read",),
        bucket="users",
        paging="link",
        default=200,
        maximum=200,
    ),
    Route(template="/api/v1/users/{id}", answer=_user, scopes=("okta.users.read",), bucket="user"),
)
