"""Group rules: which groups they fill, and who decides over whom they put there.

Okta's help ("About group rules") says that only super administrators and organization administrators edit
rules, that rules apply to all users, and that a group with an admin role cannot be filled by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from oktahound.entities import (
    ApiServiceIntegration,
    Application,
    ConsentGrant,
    CustomRole,
    Group,
    GroupMembership,
    GroupRule,
    Resource,
    ResourceSet,
    RoleAssignment,
    RoleGroupTarget,
    RolePermission,
    User,
)
from oktahound.entities.role_assignments import privileged_groups
from oktahound.graph.barrier import GROUPS_KNOWN, USERS_KNOWN
from oktahound.graph.grants import Grant
from oktahound.graph.holders import assignments, usability
from oktahound.graph.merge_properties import assuming
from oktahound.graph.model import Edge, EdgeKind, rule
from oktahound.graph.org_index import OrgIndex
from oktahound.graph.resources import objects_in
from oktahound.graph.rules.builtin_rights import group_admin_over_users
from oktahound.graph.rules.role_structure import HOLDERS
from oktahound.graph.scope_nodes import OAUTH_SCOPE, granted_scopes, scope_node
from oktahound.graph.targets import users_as_targets
from oktahound.scopes import OAuthScope, power

__all__ = [
    "APPLICATION_WRITES_RULE_ATTRIBUTE",
    "EDIT_RULE_ATTRIBUTE",
    "GROUP_FEEDS_RULE",
    "MANAGE_GROUP_RULE",
    "RULES",
    "RULES_WITH_SCOPES",
    "RULE_FILLS_GROUP",
]

_RULE = "OktaHound_GroupRule"

RULE_FILLS_GROUP = EdgeKind(
    "OktaHound_RuleFillsGroup",
    starts={_RULE},
    ends={"Okta_Group"},
    traversable=True,
    why="Whoever decides over the rule, or over what it reads, decides over who is a member of the group.",
    abuse="Make the expression true of an account, and use the roles and applications of the group.",
    cut="Fill the group by hand or by request, and deactivate the rule.",
    same_tier=True,
)
MANAGE_GROUP_RULE = EdgeKind(
    "OktaHound_ManageGroupRule",
    starts={*HOLDERS, OAUTH_SCOPE},
    ends={_RULE},
    traversable=True,
    why="The holder can rewrite the expression of the rule.",
    abuse="Change the expression so that it is true for an own account, and wait for Okta to apply it.",
    cut="Revoke the role or scope, and alert on changes of group rules.",
)
EDIT_RULE_ATTRIBUTE = EdgeKind(
    "OktaHound_EditRuleAttribute",
    starts=HOLDERS,
    ends={_RULE},
    traversable=True,
    why="The holder can change an attribute of a user that the expression of the rule reads.",
    abuse="Write the value that the expression looks for into the profile of an account that one controls.",
    cut="Let the rule read only attributes that a directory or an HR system writes, or narrow the role.",
)
APPLICATION_WRITES_RULE_ATTRIBUTE = EdgeKind(
    "OktaHound_ApplicationWritesRuleAttribute",
    starts={"Okta_Application"},
    ends={_RULE},
    traversable=True,
    why="The application is a source of profiles: its accounts and mappings write what the rule reads.",
    abuse="Change an account in the application, or the mapping of the attribute, and let Okta import it.",
    cut="Let the rule read only attributes that no application writes, or take profile sourcing away.",
)
GROUP_FEEDS_RULE = EdgeKind(
    "OktaHound_GroupFeedsRule",
    starts={"Okta_Group"},
    ends={_RULE},
    traversable=True,
    why="The expression of the rule reads who is a member of the group.",
    abuse="Join an account to the group, and let the rule put it into the next one.",
    cut="Let the rule read an attribute that few people can change, and not a group.",
)

_REFUSED = "the rule fills a group that holds an admin role, which Okta's help says that it refuses"
_MAYBE_REFUSED = "the group holds no admin role: Okta's help says that rules fill no groups that hold one"
_WRITABLE = "no permission condition, attribute setting or profile source keeps the holder from writing {}"
_SOURCED = "the application writes the attributes that the rule reads: {}"
_SATISFIES = "being a member of the group, and not being none, makes the expression true"
_NO_ROLE_NEEDED = "a client with this scope needs no admin role to change group rules"
_PROFILE_PERMISSIONS = frozenset({"okta.users.userprofile.manage", "okta.users.manage"})

_ROLES = (RoleAssignment, ConsentGrant, Application, ApiServiceIntegration)


@rule(RULE_FILLS_GROUP, needs=(GroupRule,))
def rule_fills_group(org: OrgIndex) -> Iterator[Edge]:
    """Every rule leads to the groups that it puts users into; a rule that is not ACTIVE opens no path."""
    unknown = bool(GROUPS_KNOWN.missing(org))
    privileged = org.once(privileged_groups)
    for each in org.rows(GroupRule):
        for group in each.group_ids or ():
            assumption = _REFUSED if group in privileged else _MAYBE_REFUSED if unknown else None
            yield RULE_FILLS_GROUP(each.id, group, assumption=assumption)


@rule(GROUP_FEEDS_RULE, needs=(GroupRule,))
def group_feeds_rule(org: OrgIndex) -> Iterator[Edge]:
    """Groups whose ids the expression names, except those whose members the rule leaves out."""
    for each in org.rows(GroupRule):
        for group in set(each.read_group_ids).difference(each.excluded_group_ids or ()):
            yield GROUP_FEEDS_RULE(group, each.id, assumption=_SATISFIES)


@rule(APPLICATION_WRITES_RULE_ATTRIBUTE, needs=(GroupRule, Application))
def application_writes_attribute(org: OrgIndex) -> Iterator[Edge]:
    """Applications that are a source of profiles, over rules that read the profile.

    Whoever administers such an application edits its attribute mappings.
    """
    sources = [app for app in org.rows(Application) if "PROFILE_MASTERING" in (app.features or ())]
    for each in org.rows(GroupRule):
        if attributes := each.profile_attributes:
            said = _SOURCED.format(" and ".join(attributes))
            for app in sources:
                yield APPLICATION_WRITES_RULE_ATTRIBUTE(app.id, each.id, assumption=said)


@rule(MANAGE_GROUP_RULE, needs=(*_ROLES, GroupRule))
def group_rule_admin(org: OrgIndex) -> Iterator[Edge]:
    """Organization administrators can edit every rule. Super administrators control the organization."""
    for assignment in assignments(org):
        if assignment.type == "ORG_ADMIN":
            use = usability(assignment, power("adds-members").scopes, org)
            for each in org.rows(GroupRule):
                yield MANAGE_GROUP_RULE(assignment.holder_id, each.id, **use)


@rule(
    EDIT_RULE_ATTRIBUTE,
    needs=(*_ROLES, GroupRule, RoleGroupTarget, Group, GroupMembership, User),
    absent=(USERS_KNOWN,),
)
def group_admin_edits_attribute(org: OrgIndex) -> Iterator[Edge]:
    """Group administrators edit the profiles of the users in their scope who hold no role."""
    for grant in group_admin_over_users.body(org):
        if isinstance(grant, Grant):
            yield from _edits(org, grant.holder, grant.targets.ids, grant.properties)


@rule(
    EDIT_RULE_ATTRIBUTE,
    needs=(*_ROLES, GroupRule, CustomRole, RolePermission, ResourceSet, Resource, GroupMembership, User),
    absent=(USERS_KNOWN,),
)
def custom_role_edits_attribute(org: OrgIndex) -> Iterator[Edge]:
    """Custom roles with a permission over profiles, over the users in their resource set without a role."""
    permitted = org.once(_profile_roles)
    for assignment in assignments(org):
        set_id = assignment.resource_set_id
        if not (assignment.is_custom and assignment.role_id in permitted and set_id):
            continue
        # Half of a set is not its scope: what could not be read whole is unknown.
        if org.known(Resource, (set_id,)):
            users = users_as_targets(org, objects_in(set_id, org)).ids
            use = usability(assignment, power("resets-credentials").scopes, org)
            conditional = {"conditional": True} if permitted[assignment.role_id] else {}
            yield from _edits(org, assignment.holder_id, users, {**conditional, **use})


def _profile_roles(org: OrgIndex) -> dict[str, bool]:
    """Ids of the custom roles that may edit profiles, and whether conditions narrow all that they may."""
    found: dict[str, bool] = {}
    for row in org.rows(RolePermission):
        if row.id in _PROFILE_PERMISSIONS:
            found[row.role_id] = found.get(row.role_id, True) and row.is_conditional
    return found


def _edits(org: OrgIndex, holder: str, users: Sequence[str], properties: Mapping[str, Any]) -> Iterator[Edge]:
    for each in org.rows(GroupRule):
        attributes = each.profile_attributes
        if attributes and not set(users) <= set(each.excluded_user_ids or ()):
            yield EDIT_RULE_ATTRIBUTE(
                holder, each.id, **assuming(properties, _WRITABLE.format(" and ".join(attributes)))
            )


@rule(MANAGE_GROUP_RULE, needs=(GroupRule, ApiServiceIntegration, ConsentGrant))
def scope_manages_group_rule(org: OrgIndex) -> Iterator[Edge]:
    """The scope okta.groups.manage, by which Okta's API creates and replaces group rules."""
    for scope in granted_scopes(org):
        if scope.includes(OAuthScope("okta.groups.manage")):
            for each in org.rows(GroupRule):
                yield MANAGE_GROUP_RULE(scope_node(scope, org), each.id, assumption=_NO_ROLE_NEEDED)


RULES = (
    rule_fills_group,
    group_feeds_rule,
    group_rule_admin,
    group_admin_edits_attribute,
    custom_role_edits_attribute,
    application_writes_attribute,
)

RULES_WITH_SCOPES = (scope_manages_group_rule,)
"""Rules whose edges start at OAuth scopes: they run only when the graph shows scopes as well."""
