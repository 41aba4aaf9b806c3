"""Group rules: the groups that they fill, and the objects that control their members.

According to Okta's help ("About group rules"), only super administrators and organization administrators edit
rules, rules apply to all users, and a rule cannot fill a group with an admin role.
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
    why="Control of the rule, or of the attributes that it reads, is control of the group's members.",
    abuse="Make the expression true for an account, and use the roles and applications of the group.",
    cut="Fill the group by hand or by request, and deactivate the rule.",
    same_tier=True,
)
MANAGE_GROUP_RULE = EdgeKind(
    "OktaHound_ManageGroupRule",
    starts={*HOLDERS, OAUTH_SCOPE},
    ends={_RULE},
    traversable=True,
    why="The holder can rewrite the expression of the rule.",
    abuse="Make the expression true for an account of the attacker, and wait for Okta to apply it.",
    cut="Revoke the role or scope, and alert on changes of group rules.",
)
EDIT_RULE_ATTRIBUTE = EdgeKind(
    "OktaHound_EditRuleAttribute",
    starts=HOLDERS,
    ends={_RULE},
    traversable=True,
    why="The holder can change an attribute of a user that the expression of the rule reads.",
    abuse="Write the value that the expression requires into the profile of a controlled account.",
    cut="Let the rule read only attributes that a directory or an HR system writes, or narrow the role.",
)
APPLICATION_WRITES_RULE_ATTRIBUTE = EdgeKind(
    "OktaHound_ApplicationWritesRuleAttribute",
    starts={"Okta_Application"},
    ends={_RULE},
    traversable=True,
    why="The application is a source of profiles: it writes the attributes that the rule reads.",
    abuse="Change an account in the application, or the mapping of the attribute, and let Okta import it.",
    cut="Let the rule read only attributes that no application writes, or disable profile sourcing.",
)
GROUP_FEEDS_RULE = EdgeKind(
    "OktaHound_GroupFeedsRule",
    starts={"Okta_Group"},
    ends={_RULE},
    traversable=True,
    why="The expression of the rule reads the members of the group.",
    abuse="Add an account to the group, so that the rule adds it to the next one.",
    cut="Let the rule read an attribute that few people can change, instead of a group.",
)

_REFUSED = "the rule fills a group with an admin role, which Okta refuses according to its help"
_MAYBE_REFUSED = "the group holds no admin role: according to Okta's help, rules fill no groups with a role"
_WRITABLE = "no permission condition, attribute setting or profile source prevents the holder from writing {}"
_SOURCED = "the application writes the attributes that the rule reads: {}"
_SATISFIES = "membership in the group, not its absence, makes the expression true"
_NO_ROLE_NEEDED = "a client with this scope needs no admin role to change group rules"
_PROFILE_PERMISSIONS = frozenset({"okta.users.userprofile.manage", "okta.users.manage"})

_ROLES = (RoleAssignment, ConsentGrant, Application, ApiServiceIntegration)


@rule(RULE_FILLS_GROUP, needs=(GroupRule,))
def rule_fills_group(org: OrgIndex) -> Iterator[Edge]:
    """Every rule leads to the groups to which it adds users. The edge of an inactive rule is inactive."""
    unknown = bool(GROUPS_KNOWN.missing(org))
    privileged = org.once(privileged_groups)
    for each in org.rows(GroupRule):
        for group in each.group_ids or ():
            assumption = _REFUSED if group in privileged else _MAYBE_REFUSED if unknown else None
            yield RULE_FILLS_GROUP(each.id, group, assumption=assumption)


@rule(GROUP_FEEDS_RULE, needs=(GroupRule,))
def group_feeds_rule(org: OrgIndex) -> Iterator[Edge]:
    """Groups whose ids are in the expression, except those whose members the rule excludes."""
    for each in org.rows(GroupRule):
        for group in set(each.read_group_ids).difference(each.excluded_group_ids or ()):
            yield GROUP_FEEDS_RULE(group, each.id, assumption=_SATISFIES)


@rule(APPLICATION_WRITES_RULE_ATTRIBUTE, needs=(GroupRule, Application))
def application_writes_attribute(org: OrgIndex) -> Iterator[Edge]:
    """Applications that are a source of profiles, over rules that read the profile.

    Administrators of such an application edit its attribute mappings.
    """
    sources = [app for app in org.rows(Application) if "PROFILE_MASTERING" in (app.features or ())]
    for each in org.rows(GroupRule):
        if attributes := each.profile_attributes:
            assumption = _SOURCED.format(" and ".join(attributes))
            for app in sources:
                yield APPLICATION_WRITES_RULE_ATTRIBUTE(app.id, each.id, assumption=assumption)


@rule(MANAGE_GROUP_RULE, needs=(*_ROLES, GroupRule))
def group_rule_admin(org: OrgIndex) -> Iterator[Edge]:
    """Organization administrators can edit every rule. Super administrators control the organization."""
    for assignment in assignments(org):
        if assignment.type == "ORG_ADMIN":
            usable = usability(assignment, power("adds-members").scopes, org)
            for each in org.rows(GroupRule):
                yield MANAGE_GROUP_RULE(assignment.holder_id, each.id, **usable)


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
    """Custom roles with a permission for profiles, over the users in their resource set without a role."""
    permitted = org.once(_profile_roles)
    for assignment in assignments(org):
        set_id = assignment.resource_set_id
        if not (assignment.is_custom and assignment.role_id in permitted and set_id):
            continue
        # If a resource set was not read completely, the scope is unknown.
        if org.known(Resource, (set_id,)):
            users = users_as_targets(org, objects_in(set_id, org)).ids
            usable = usability(assignment, power("resets-credentials").scopes, org)
            conditional = {"conditional": True} if permitted[assignment.role_id] else {}
            yield from _edits(org, assignment.holder_id, users, {**conditional, **usable})


def _profile_roles(org: OrgIndex) -> dict[str, bool]:
    """Return the ids of the custom roles that may edit profiles, and whether conditions limit all of it."""
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
    """The scope okta.groups.manage, which permits creating and replacing group rules."""
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
"""Rules with edges from OAuth scopes. They run only if the graph contains scopes."""
