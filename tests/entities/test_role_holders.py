"""Administrators: listed, with own roles, through a group, or unknown."""

from __future__ import annotations

import pytest

from oktahound.entities import (
    AdminAssignee,
    Application,
    Group,
    GroupMembership,
    Resource,
    ResourceSet,
    RoleAppTarget,
    RoleAssignment,
    RoleGroupTarget,
    RoleScope,
    User,
    structure,
)
from oktahound.entities.role_assignments import privileged_groups, privileged_users, role_holders

ANN = User(id="00uAnn")
ADMINS = Group(id="00gAdmins")
APP = Application(id="0oa1", client_type="service")
MEMBER = GroupMembership(id=ANN.id, group_id=ADMINS.id)


def role(holder, type_="HELP_DESK_ADMIN", **facts):
    kinds = {User: "USER", Group: "GROUP", Application: "CLIENT"}
    kind = kinds[type(holder)]
    return RoleAssignment(
        **{
            "id": "ra1",
            "holder_id": holder.id,
            "holder_type": kind,
            "type": type_,
            "status": "ACTIVE",
            "assignment_type": kind,
        }
        | facts
    )


@pytest.mark.parametrize("holder", [ANN, ADMINS, APP])
def test_a_holder_of_an_active_role_is_an_admin(context, property_of, holder):
    assert property_of(holder, "hasRoleAssignments", context(holder, role(holder))) is True
    assert (
        property_of(holder, "hasRoleAssignments", context(holder, role(holder, status="INACTIVE"))) is False
    )
    assert property_of(holder, "hasRoleAssignments", context(holder)) is False


@pytest.mark.parametrize("holder", [ADMINS, APP])
def test_with_unread_roles_it_is_unknown_who_is_an_admin(context, property_of, holder):
    unread = context(holder, unknown={(RoleAssignment, holder.key)})
    assert property_of(holder, "hasRoleAssignments", unread) is None


def test_a_listed_assignee_is_an_admin_in_any_case(context, property_of):
    everything = {(cls, None) for cls in (AdminAssignee, RoleAssignment, Group, GroupMembership)}
    unread = context(ANN, AdminAssignee(id=ANN.id), unknown=everything)
    assert property_of(ANN, "hasRoleAssignments", unread) is True
    assert property_of(ANN, "hasInheritedRoleAssignments", unread) is None


def test_members_of_a_group_that_holds_a_role_are_admins(context, property_of):
    view = context(ANN, ADMINS, MEMBER, role(ADMINS))
    assert property_of(ANN, "hasRoleAssignments", view) is True
    assert property_of(ANN, "hasInheritedRoleAssignments", view) is True


def test_has_admin_privilege_makes_members_of_a_group_admins(context, property_of):
    privileged = Group(id=ADMINS.id, has_admin_privilege=True)
    view = context(ANN, privileged, MEMBER, unknown={(RoleAssignment, None)})
    assert property_of(privileged, "hasRoleAssignments", view) is True
    assert property_of(ANN, "hasRoleAssignments", view) is True


def test_an_inherited_role_in_the_listing_of_a_user_is_inherited(context, property_of):
    inherited = role(ANN, assignment_type="GROUP")
    view = context(ANN, inherited, unknown={(GroupMembership, None)})
    assert not inherited.is_direct
    assert property_of(ANN, "hasInheritedRoleAssignments", view) is True


def test_a_direct_role_is_not_an_inherited_one(context, property_of):
    assert property_of(ANN, "hasInheritedRoleAssignments", context(ANN, role(ANN))) is False


@pytest.mark.parametrize(
    "unread",
    [(AdminAssignee, None), (RoleAssignment, None), (Group, None), (GroupMembership, ADMINS.key)],
)
def test_no_user_counts_as_ordinary_if_the_evidence_was_not_read(context, property_of, unread):
    bob = User(id="00uBob")
    view = context(ANN, bob, ADMINS, role(ADMINS), unknown={unread})
    assert property_of(bob, "hasRoleAssignments", view) is None
    assert property_of(bob, "hasRoleAssignments", context(ANN, bob, ADMINS, role(ADMINS))) is False


def test_the_group_of_all_administrators_need_not_list_its_members(context, property_of):
    administrators = Group(
        id=ADMINS.id, type="BUILT_IN", name="Okta Administrators", has_admin_privilege=True
    )
    unread = {(GroupMembership, ADMINS.key)}
    assert property_of(ANN, "hasRoleAssignments", context(ANN, administrators, unknown=unread)) is False
    named_alike = Group(id=ADMINS.id, type="OKTA_GROUP", name="Okta Administrators", has_admin_privilege=True)
    assert property_of(ANN, "hasRoleAssignments", context(ANN, named_alike, unknown=unread)) is None


def test_unread_members_of_an_ordinary_group_do_not_matter(context, property_of):
    view = context(ANN, ADMINS, unknown={(GroupMembership, ADMINS.key)})
    assert property_of(ANN, "hasRoleAssignments", view) is False


@pytest.mark.parametrize(
    ("facts", "scope"),
    [
        ({"type": "SUPER_ADMIN"}, RoleScope.ORGANIZATION),
        ({"type": "USER_ADMIN"}, RoleScope.GROUPS),
        ({"type": "APP_ADMIN"}, RoleScope.APPS),
        ({"type": "CUSTOM"}, RoleScope.RESOURCE_SET),
        ({"type": "WORKFLOWS_ADMIN"}, RoleScope.RESOURCE_SET),
        ({"type": "ACCESS_REQUESTS_ADMIN", "resource_set_id": "iam1"}, RoleScope.RESOURCE_SET),
        ({"type": "NEVER_HEARD_OF"}, None),
        ({"type": None}, None),
    ],
)
def test_an_assignment_has_the_kinds_of_its_possible_targets(facts, scope):
    assert role(ANN, **{"type_": facts.pop("type"), **facts}).scope is scope


@pytest.mark.parametrize(
    ("facts", "unread", "complete"),
    [
        ({"type_": "SUPER_ADMIN"}, RoleGroupTarget, True),
        ({"type_": "USER_ADMIN"}, RoleGroupTarget, False),
        ({"type_": "USER_ADMIN"}, RoleAppTarget, True),
        ({"type_": "APP_ADMIN"}, RoleAppTarget, False),
        ({"type_": "APP_ADMIN"}, RoleGroupTarget, True),
        ({"type_": "CUSTOM", "resource_set_id": "iam1"}, Resource, False),
        ({"type_": "CUSTOM", "resource_set_id": "iam1"}, RoleAppTarget, True),
        ({"type_": "CUSTOM", "resource_set_id": "iamNeverListed"}, RoleAppTarget, False),
        ({"type_": "CUSTOM"}, RoleAppTarget, False),
        ({"type_": None}, RoleAppTarget, False),
    ],
)
def test_a_scope_is_complete_if_all_its_targets_were_read(context, property_of, facts, unread, complete):
    row = role(ANN, **facts)
    view = context(row, ResourceSet(id="iam1"), unknown={(unread, None)})
    assert property_of(row, "scopeComplete", view) is complete


def test_the_key_of_a_built_in_role_contains_the_org(context):
    assert role(ANN).role_node_id("contoso.okta.com") == "HELP_DESK_ADMIN@contoso.okta.com"
    assert role(ANN, "CUSTOM", role_id="cr01").role_node_id("contoso.okta.com") == "cr01"
    assert role(ANN, None).role_node_id("contoso.okta.com") is None
    assert role(ANN).node_id(context()) == "ra1_00uAnn"


def test_rules_can_use_the_sets_of_privileged_objects_of_each_kind(context):
    bob, privileged = User(id="00uBob"), Group(id="00gStated", has_admin_privilege=True)
    through_stated = GroupMembership(id=bob.id, group_id=privileged.id)
    listed = AdminAssignee(id="00uListed")
    view = context(ANN, bob, ADMINS, privileged, MEMBER, through_stated, APP, listed, role(ADMINS), role(APP))
    assert role_holders(view) == {ADMINS.id, APP.id}
    assert privileged_groups(view) == {ADMINS.id, privileged.id}
    assert privileged_users(view) == {ANN.id, bob.id, listed.id}


def test_targets_of_an_inherited_role_are_not_those_of_the_same_role_held_directly():
    own, inherited = role(ANN), role(ANN, assignment_type="GROUP")
    assert own.id == inherited.id
    assert own.key != inherited.key
    targets = [structure(RoleGroupTarget, {"id": "00g1"}, each)[0] for each in (own, inherited)]
    assert [target.owner for target in targets] == [own.key, inherited.key]


@pytest.mark.parametrize("holder", [ADMINS, AdminAssignee(id="00u1"), Application(id="0oa1")])
def test_the_id_of_a_holder_in_role_listings(holder):
    assert holder.role_path_id == holder.id
