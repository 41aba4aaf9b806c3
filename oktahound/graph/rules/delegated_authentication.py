"""Delegated authentication: directory agents check the passwords that users enter at Okta's sign-in page.

According to Okta's help ("Delegated authentication"), Okta sends the password to an agent, which verifies it
with the directory. Published attacks read passwords on the agent's host.
"""

from __future__ import annotations

from collections.abc import Iterator

from oktahound.entities import AgentPool, Application, AppUser, User
from oktahound.graph.lifecycle import relation_state, state_of
from oktahound.graph.model import Edge, EdgeKind, Rule, rule
from oktahound.graph.org_index import OrgIndex

__all__ = ["RULES", "RULES_WITH_SCOPES", "SEES_TYPED_PASSWORD"]

SEES_TYPED_PASSWORD = EdgeKind(
    "OktaHound_SeesTypedPassword",
    starts={"Okta_AgentPool"},
    ends={"Okta_User"},
    traversable=True,
    why="An agent of the pool receives the password that the user enters at Okta's sign-in page.",
    abuse="Record the passwords on the host of an agent, or let the agent accept any password.",
    cut="Protect the hosts of agents like domain controllers, and require a factor that resists phishing.",
)

_DIRECTORIES = frozenset({"ACTIVE_DIRECTORY", "LDAP"})
_TYPES = frozenset({"ad", "ldap"})
_FEATURE = "OUTBOUND_DEL_AUTH"
_BY_FEATURE = f"the feature {_FEATURE} of the directory means that delegated authentication is on"
_DELEGATED = (
    "delegated authentication is on for the directory: Okta does not document a setting that shows it"
)


@rule(SEES_TYPED_PASSWORD, needs=(AgentPool, Application, AppUser, User))
def sees_typed_password(org: OrgIndex) -> Iterator[Edge]:
    """Users of the directory of a pool whose passwords a directory manages."""
    users, apps = org.by_id(User), org.by_id(Application)
    for pool in org.rows(AgentPool):
        if pool.id not in apps or (pool.type or "").casefold() not in _TYPES:
            continue
        is_shown = _FEATURE in (apps[pool.id].features or ())
        for assigned in org.of(AppUser, (pool.id,)):
            user = users.get(assigned.id)
            if user is not None and user.credential_provider_type in _DIRECTORIES:
                state = state_of(
                    relation_state(assigned.status), assumption=_BY_FEATURE if is_shown else _DELEGATED
                )
                yield SEES_TYPED_PASSWORD(pool.node_id(org), user.id, **state)


RULES = (sees_typed_password,)

RULES_WITH_SCOPES: tuple[Rule, ...] = ()
"""No rule of this module creates edges from OAuth scopes."""
