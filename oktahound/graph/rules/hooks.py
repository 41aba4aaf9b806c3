"""Inline hooks and event hooks: the roles and scopes that can change them, and the sign-ins that they
control.

Okta's developer documentation ("Inline hooks") describes the flow that calls each type of hook. Settings of
applications and rules of authorization servers refer to the hooks that they call. `user_hooks` has the hooks
of registration, import and telephony.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from oktahound.entities import (
    BUILT_IN_ROLES,
    ApiServiceIntegration,
    Application,
    AuthorizationServer,
    ConsentGrant,
    CustomRole,
    EventHook,
    InlineHook,
    OAuthScope,
    RoleAssignment,
    RolePermission,
    TokenPolicy,
    TokenPolicyRule,
    User,
)
from oktahound.graph.holders import assignments, usability
from oktahound.graph.lifecycle import policy_rule_state, policy_state, state_of
from oktahound.graph.merge_properties import assuming
from oktahound.graph.model import Edge, EdgeKind, rule
from oktahound.graph.org_index import OrgIndex
from oktahound.graph.rules.role_structure import HOLDERS
from oktahound.graph.scope_nodes import OAUTH_SCOPE, granted_scopes, scope_node

__all__ = [
    "HOOK_ALTERS_ASSERTION",
    "HOOK_ALTERS_TOKENS",
    "HOOK_SEES_PASSWORD",
    "MANAGE_HOOK",
    "RULES",
    "RULES_WITH_SCOPES",
]

_INLINE, _EVENT = "OktaHound_InlineHook", "OktaHound_EventHook"

MANAGE_HOOK = EdgeKind(
    "OktaHound_ManageHook",
    starts={*HOLDERS, OAUTH_SCOPE},
    ends={_INLINE, _EVENT},
    traversable=True,
    why="The holder can point the hook at another server.",
    abuse="Point the hook to a server of the attacker, and read or change the data that Okta sends to it.",
    cut="Revoke the role, permission or scope, and alert on changes of hooks.",
)
HOOK_ALTERS_ASSERTION = EdgeKind(
    "OktaHound_HookAltersAssertion",
    starts={_INLINE},
    ends={"Okta_Application"},
    traversable=True,
    why="Okta calls the hook before it signs an assertion, and adds or replaces the claims that it returns.",
    abuse="Return the claims of a privileged account or role of the application.",
    cut="Remove the hook from the application, or let the application ignore claims that a hook may change.",
    same_tier=True,
)
HOOK_ALTERS_TOKENS = EdgeKind(
    "OktaHound_HookAltersTokens",
    starts={_INLINE},
    ends={"Okta_AuthorizationServer"},
    traversable=True,
    why="Okta calls the hook before it issues a token, and adds or replaces the claims that it returns.",
    abuse="Return claims that the API behind the authorization server accepts as privileges.",
    cut="Remove the hook from the policy rule, or let the API ignore claims that a hook may change.",
    same_tier=True,
)
HOOK_SEES_PASSWORD = EdgeKind(
    "OktaHound_HookSeesPassword",
    starts={_INLINE},
    ends={"Okta_User"},
    traversable=True,
    why="At the first sign-in, Okta sends the entered password to the hook, which verifies it.",
    abuse="Record the passwords that Okta sends, or accept any password.",
    cut="End the import: set passwords for the users who have not signed in yet, and deactivate the hook.",
)

_PERMISSIONS: dict[type[InlineHook | EventHook], tuple[str, str]] = {
    InlineHook: ("okta.inlinehooks.manage", "okta.inlineHooks.manage"),
    EventHook: ("okta.eventhooks.manage", "okta.eventHooks.manage"),
}
"""The admin permission and the OAuth scope for changing hooks of each kind."""

_BY_COLLECTORS = "the role {} includes {}, according to other collectors"
_EVERY_HOOK = "the resource set of the role covers the hook: the hooks of resource sets are not read"
_THIS_HOOK = "the user has not signed in since the import, and Okta calls this hook"
_PASSWORD_IMPORT = "com.okta.user.credential.password.import"  # noqa: S105 - a type of hooks

_ROLES = (RoleAssignment, ConsentGrant, Application, ApiServiceIntegration)
_HOOKS = (InlineHook, EventHook)


def _hooks(org: OrgIndex, cls: type[InlineHook | EventHook]) -> Sequence[InlineHook | EventHook]:
    return org.rows(InlineHook) if cls is InlineHook else org.rows(EventHook)


@rule(MANAGE_HOOK, needs=(*_ROLES, *_HOOKS))
def built_in_role_manages_hook(org: OrgIndex) -> Iterator[Edge]:
    """Built-in roles whose permissions include hooks. Super administrators control the organization."""
    for assignment in assignments(org):
        role = BUILT_IN_ROLES.get(assignment.type or "")
        for cls, (permission, scope) in _PERMISSIONS.items():
            if role is not None and permission in role.permissions:
                usable = usability(assignment, (scope,), org)
                properties = assuming(usable, _BY_COLLECTORS.format(role.type, permission))
                for hook in _hooks(org, cls):
                    yield MANAGE_HOOK(assignment.holder_id, hook.id, **properties)


@rule(MANAGE_HOOK, needs=(*_ROLES, *_HOOKS, CustomRole, RolePermission))
def custom_role_manages_hook(org: OrgIndex) -> Iterator[Edge]:
    """Custom roles with a permission for hooks."""
    for assignment in assignments(org):
        if assignment.is_custom and assignment.role_id:
            granted = {row.id.casefold(): row for row in org.of(RolePermission, (assignment.role_id,))}
            for cls, (permission, scope) in _PERMISSIONS.items():
                if (row := granted.get(permission)) is not None:
                    conditional = {"conditional": True} if row.is_conditional else {}
                    usable = {**conditional, **usability(assignment, (scope,), org)}
                    for hook in _hooks(org, cls):
                        yield MANAGE_HOOK(assignment.holder_id, hook.id, **assuming(usable, _EVERY_HOOK))


@rule(MANAGE_HOOK, needs=(*_HOOKS, ApiServiceIntegration, ConsentGrant))
def scope_manages_hook(org: OrgIndex) -> Iterator[Edge]:
    """The scopes that permit replacing hooks."""
    for scope in granted_scopes(org):
        for cls, (_, needed) in _PERMISSIONS.items():
            if scope.includes(OAuthScope(needed)):
                for hook in _hooks(org, cls):
                    yield MANAGE_HOOK(scope_node(scope, org), hook.id)


@rule(HOOK_ALTERS_ASSERTION, needs=(InlineHook, Application))
def hook_alters_assertion(org: OrgIndex) -> Iterator[Edge]:
    """The hooks in the sign-on settings of an application."""
    for app in org.rows(Application):
        for hook in app.inline_hook_ids or ():
            yield HOOK_ALTERS_ASSERTION(hook, app.id)


@rule(HOOK_ALTERS_TOKENS, needs=(InlineHook, AuthorizationServer, TokenPolicy, TokenPolicyRule))
def hook_alters_tokens(org: OrgIndex) -> Iterator[Edge]:
    """The hooks in rules of an authorization server's policies. The edge of an inactive rule is inactive."""
    policies = {policy.key: policy for policy in org.rows(TokenPolicy)}
    for each in org.rows(TokenPolicyRule):
        policy = policies.get(each.owner)
        if each.inline_hook_id and policy is not None:
            state = state_of(policy_rule_state(each.status), policy_state(policy.status))
            yield HOOK_ALTERS_TOKENS(each.inline_hook_id, each.server_id, **state)


@rule(HOOK_SEES_PASSWORD, needs=(InlineHook, User))
def hook_sees_password(org: OrgIndex) -> Iterator[Edge]:
    """Hooks for password import, over the users whose password is still to be imported."""
    importing = sorted(user.id for user in org.rows(User) if user.credential_provider_type == "IMPORT")
    for hook in org.rows(InlineHook):
        for user in importing if hook.type == _PASSWORD_IMPORT else ():
            yield HOOK_SEES_PASSWORD(hook.id, user, assumption=_THIS_HOOK)


RULES = (
    built_in_role_manages_hook,
    custom_role_manages_hook,
    hook_alters_assertion,
    hook_alters_tokens,
    hook_sees_password,
)

RULES_WITH_SCOPES = (scope_manages_hook,)
"""Rules with edges from OAuth scopes. They run only if the graph contains scopes."""
