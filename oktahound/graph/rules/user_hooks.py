"""Inline hooks of registration, import and telephony: the users and rules that their servers control.

Sources are these pages of Okta's developer documentation: "Registration inline hook" (controls profile
attributes and permission to register), "User import inline hook" (controls profile attributes and the
existing user to which an imported account is linked) and "Telephony inline hook" (receives one-time codes).
"""

from __future__ import annotations

from collections.abc import Iterator

from oktahound.entities import Application, Factor, GroupRule, InlineHook, Policy, PolicyRule, User
from oktahound.graph.grants import Grant, Targets
from oktahound.graph.lifecycle import State, may_be_active, node_state, policy_rule_state, state_of
from oktahound.graph.merge_properties import joined_assumptions
from oktahound.graph.model import Edge, EdgeKind, Rule, Unmatched, rule
from oktahound.graph.org_index import OrgIndex

__all__ = [
    "HOOK_ALTERS_IMPORT",
    "HOOK_ALTERS_REGISTRATION",
    "HOOK_LINKS_USER",
    "HOOK_SEES_CODE",
    "HOOK_WRITES_RULE_ATTRIBUTE",
    "RULES",
    "RULES_WITH_SCOPES",
]

_HOOK = "OktaHound_InlineHook"

HOOK_ALTERS_REGISTRATION = EdgeKind(
    "OktaHound_HookAltersRegistration",
    starts={_HOOK},
    ends={"Okta_Policy"},
    traversable=False,
    why="Okta calls the hook when users register: its response denies them or sets their attributes.",
    abuse="Gives no right over the policy. Attributes that the hook sets can satisfy group rules.",
    cut="Remove the hook from the rule of the policy, or set attributes without one.",
)
HOOK_ALTERS_IMPORT = EdgeKind(
    "OktaHound_HookAltersImport",
    starts={_HOOK},
    ends={"Okta_Application"},
    traversable=False,
    why="Okta calls the hook for each user that it imports from the application, and applies its response.",
    abuse="Gives no right over the application. See the users to whom the hook can link imported accounts.",
    cut="Remove the hook from the provisioning settings of the application.",
)
HOOK_LINKS_USER = EdgeKind(
    "OktaHound_HookLinksUser",
    starts={_HOOK},
    ends={"Okta_User"},
    traversable=True,
    why="The hook's response links an imported account to any user, and sets the user's attributes.",
    abuse=(
        "Have an account of the attacker imported, link it to the user, and sign in with its password, or "
        "recover the user through an e-mail address that the hook set."
    ),
    cut="Remove the hook from the application, or confirm matches by hand.",
)
HOOK_WRITES_RULE_ATTRIBUTE = EdgeKind(
    "OktaHound_HookWritesRuleAttribute",
    starts={_HOOK},
    ends={"OktaHound_GroupRule"},
    traversable=True,
    why="The hook's response sets attributes of users that the expression of the rule reads.",
    abuse="Register or have an account imported, and return the value that the expression requires.",
    cut="Let the rule read only attributes that no hook writes, or remove the hook.",
)
HOOK_SEES_CODE = EdgeKind(
    "OktaHound_HookSeesCode",
    starts={_HOOK},
    ends={"Okta_User"},
    traversable=True,
    why="Okta sends the hook the one-time codes for the user's phone.",
    abuse="Start a sign-in or a recovery of the user, and enter the code that the hook received.",
    cut="Enroll factors that need no phone number, and do not let phones recover accounts.",
)

_REGISTRATION = "users can register, and only the hook controls the attributes that the rule reads: {}"
_AT_SIGN_IN = (
    "the policy prompts users for missing attributes at sign-in, among them those that the rule reads: {}"
)
_IMPORT = "the import of the application writes the attributes that the rule reads: {}"
_LINKS = (
    "an attacker can have an account imported, Okta accepts the user in the hook's response as its match, "
    "and the account or the attributes that the hook sets then give access to the user"
)
_CODE = "a code by phone is enough, with the attacker's other credentials, to recover or sign in as the user"
_TELEPHONY = "com.okta.telephony.provider"
_PHONE_FACTORS = frozenset({"sms", "call"})
_IMPORTS = frozenset({"IMPORT_NEW_USERS", "IMPORT_PROFILE_UPDATES", "PROFILE_MASTERING"})
_NO_REGISTRATION = "the policy allows no registration, and does not prompt users for attributes"


@rule(HOOK_ALTERS_REGISTRATION, needs=(InlineHook, Policy, PolicyRule))
def hook_alters_registration(org: OrgIndex) -> Iterator[Edge]:
    """The hooks in rules of profile enrollment policies."""
    for each in org.rows(PolicyRule):
        for hook in each.registration_hook_ids or ():
            yield HOOK_ALTERS_REGISTRATION(hook, each.policy_id, **_registration_state(org, each))


def _registration_state(org: OrgIndex, each: PolicyRule) -> State:
    is_off = each.unknown_user_action == "DENY" and each.progressive_profiling_action in (None, "DISABLED")
    action: State = {"inactive": _NO_REGISTRATION} if is_off else {}
    return state_of(policy_rule_state(each.status), node_state(org, each.policy_id), action)


@rule(HOOK_ALTERS_IMPORT, needs=(InlineHook, Application))
def hook_alters_import(org: OrgIndex) -> Iterator[Edge]:
    """The hook in the provisioning settings of an application."""
    for app, state in _importing(org):
        yield HOOK_ALTERS_IMPORT(app.import_hook_id or "", app.id, **state)


def _importing(org: OrgIndex) -> Iterator[tuple[Application, State]]:
    """Yield applications whose import calls a hook, with the state of the import."""
    for app in org.rows(Application):
        if app.import_hook_id:
            # Okta lists no features for directories, whose users it always imports.
            imports_none = bool(app.features) and _IMPORTS.isdisjoint(app.features or ())
            state: State = {"inactive": "the application imports no users"} if imports_none else {}
            yield app, state


@rule(HOOK_LINKS_USER, needs=(InlineHook, Application, User))
def hook_links_user(org: OrgIndex) -> Iterator[Grant]:
    """All users, for the hook of an active import."""
    users = Targets(user.id for user in org.rows(User))
    apps: dict[str, list[State]] = {}
    for app, state in _importing(org):
        apps.setdefault(app.import_hook_id or "", []).append(state_of(state, node_state(org, app.id)))
    for hook, states in apps.items():
        # One active import is enough.
        assumptions = [state.get("assumption") for state in states if "inactive" not in state]
        if assumptions and users.ids:
            assumption = None if None in assumptions else min(each or "" for each in assumptions)
            yield Grant(HOOK_LINKS_USER, hook, users, {"assumption": joined_assumptions(_LINKS, assumption)})


@rule(HOOK_WRITES_RULE_ATTRIBUTE, needs=(InlineHook, Policy, PolicyRule, Application, GroupRule))
def hook_writes_rule_attribute(org: OrgIndex) -> Iterator[Edge]:
    """Hooks of registration and import, over group rules that read profile attributes."""
    reading = [(each, each.profile_attributes) for each in org.rows(GroupRule) if each.profile_attributes]
    writing: list[tuple[str, str, State]] = []
    for each in org.rows(PolicyRule):
        for hook in each.registration_hook_ids or ():
            assumption = _AT_SIGN_IN if each.unknown_user_action == "DENY" else _REGISTRATION
            writing.append((hook, assumption, _registration_state(org, each)))
    for app, state in _importing(org):
        writing.append((app.import_hook_id or "", _IMPORT, state_of(state, node_state(org, app.id))))
    for hook, assumption, state in writing:
        for group_rule, attributes in reading:
            names = " and ".join(attributes)
            yield HOOK_WRITES_RULE_ATTRIBUTE(
                hook, group_rule.id, **state_of(state, assumption=assumption.format(names))
            )


@rule(HOOK_SEES_CODE, needs=(InlineHook, User), yields_unmatched=True)
def hook_sees_code(org: OrgIndex) -> Iterator[Edge | Unmatched]:
    """Hooks for telephony, over the users who enrolled a phone, as far as factors were read.

    According to Okta's help, one hook for telephony is active at a time. A collection reads the factors of
    role holders only, unless all are requested. Each such hook then has an `Unmatched`.
    """
    users = org.by_id(User)
    phones = sorted(
        {
            factor.user_id
            for factor in org.rows(Factor)
            if factor.type in _PHONE_FACTORS and may_be_active(factor) and factor.user_id in users
        }
    )
    for hook in org.rows(InlineHook):
        if hook.type == _TELEPHONY:
            for user in phones:
                yield HOOK_SEES_CODE(hook.id, user, assumption=_CODE)
            if not org.known(Factor):
                yield Unmatched(hook.id, "Okta_User: not every user's factors were read")


RULES = (
    hook_alters_registration,
    hook_alters_import,
    hook_links_user,
    hook_writes_rule_attribute,
    hook_sees_code,
)

RULES_WITH_SCOPES: tuple[Rule, ...] = ()
"""No rule of this module creates edges from OAuth scopes."""
