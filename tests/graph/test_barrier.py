"""Rules that are withheld or unsure when role holders are not known completely."""

from __future__ import annotations

import pytest
from handwritten.admins import edges_by_ends, gap, graph_of, role
from handwritten.orgs import snapshot_of

from oktahound.entities import (
    ENTITIES,
    AdminAssignee,
    Application,
    ConsentGrant,
    Device,
    Group,
    GroupMembership,
    Resource,
    RoleAssignment,
    RolePermission,
    User,
)
from oktahound.graph import RULES, OrgIndex
from oktahound.graph.barrier import unprotected_applications, unprotected_groups, unprotected_users

OF_USERS = {"org_admin_over_users", "group_admin_over_users", "help_desk_admin", "reset_credentials"}
OF_GROUPS = {"org_admin_over_groups", "group_admin_over_groups", "group_membership_admin", "add_member"}
OF_APPS = {"app_admin", "manage_app", "presumed_app_management"}

ANN, BOB, EVE = User(id="00uAnn"), User(id="00uBob"), User(id="00uEve")
ADMINS, STAFF = Group(id="00gAdmins"), Group(id="00gStaff")
BOT, SLACK = Application(id="0oaBot", client_type="service"), Application(id="0oaSlack")
ORG = (
    ANN,
    BOB,
    EVE,
    ADMINS,
    STAFF,
    BOT,
    SLACK,
    AdminAssignee(id=ANN.id),
    role(ADMINS, "REPORT_ADMIN", "ra2"),
    role(BOT, "REPORT_ADMIN", "ra3"),
    GroupMembership(id=EVE.id, group_id=ADMINS.id),
    GroupMembership(id=BOB.id, group_id=STAFF.id),
    role(ANN, "ORG_ADMIN"),
)
USERS_ROLES = "GET /api/v1/users/{id}/roles"
GROUPS_ROLES = "GET /api/v1/groups/{id}/roles"
CLIENTS_ROLES = "GET /oauth2/v1/clients/{id}/roles"


def withheld(*gaps, rows=ORG, **about):
    return graph_of(*rows, gaps=gaps, **about).graph["withheld"]


def test_with_everything_read_nothing_is_withheld_or_unsure():
    about = graph_of(*ORG).graph
    assert (about["withheld"], about["unsure"]) == ({}, {})


def test_objects_without_a_role():
    org = OrgIndex(snapshot_of(*ORG))
    assert unprotected_users(org) == {BOB.id}
    assert unprotected_groups(org) == {STAFF.id}
    assert unprotected_applications(org) == {SLACK.id}


@pytest.mark.parametrize(
    ("missing", "rules"),
    [
        (gap(AdminAssignee), OF_USERS),
        (gap(Group), OF_USERS | OF_GROUPS),
        (gap(Application), OF_APPS),
        (gap(RoleAssignment), OF_USERS | OF_GROUPS | OF_APPS),
        (gap(RoleAssignment, ANN.id, USERS_ROLES), OF_USERS),
        (gap(RoleAssignment, STAFF.id, GROUPS_ROLES), OF_USERS | OF_GROUPS),
        (gap(RoleAssignment, None, GROUPS_ROLES), OF_USERS | OF_GROUPS),
        (gap(RoleAssignment, SLACK.id, CLIENTS_ROLES), OF_APPS),
        (gap(RoleAssignment, None, CLIENTS_ROLES), OF_APPS),
        (gap(GroupMembership, ADMINS.id), OF_USERS),
        (gap(GroupMembership), OF_USERS),
        (gap(GroupMembership, STAFF.id), set()),
        (gap(User), {"manager_of"}),
    ],
)
def test_a_gap_withholds_exactly_the_rules_that_conclude_from_absence(missing, rules):
    assert withheld(missing) == {name: [missing.entity] for name in rules}


def test_no_other_entity_withholds_a_right():
    premises = (AdminAssignee, Group, Application, RoleAssignment, GroupMembership, User)
    others = tuple(gap(cls) for cls in ENTITIES if cls not in premises)
    assert withheld(*others) == {}


def test_an_entity_that_was_not_requested_withholds_like_a_gap():
    asked = frozenset(cls.__name__ for cls in ENTITIES) - {"RoleAssignment", "AdminAssignee"}
    found = withheld(asked=asked)
    assert set(found) == OF_USERS | OF_GROUPS | OF_APPS
    assert found["help_desk_admin"] == ["AdminAssignee", "RoleAssignment"]
    assert found["add_member"] == ["RoleAssignment"]


def test_a_withheld_rule_adds_no_edge_and_the_others_run():
    graph = graph_of(*ORG, Device(id="guo1"), gaps=(gap(AdminAssignee),))
    assert set(edges_by_ends(graph, "Okta_OrgAdmin")) == {(ANN.id, STAFF.id), (ANN.id, "guo1")}


def test_members_of_groups_that_hold_no_role_need_not_be_known():
    graph = graph_of(*ORG, gaps=(gap(GroupMembership, STAFF.id),))
    assert (ANN.id, BOB.id) in edges_by_ends(graph, "Okta_OrgAdmin")
    assert graph.graph["unsure"]["help_desk_admin"] == ["GroupMembership"]


def test_members_of_a_group_that_okta_calls_privileged_must_be_known():
    rows = (ANN, Group(id="00gStated", has_admin_privilege=True))
    assert set(withheld(gap(GroupMembership, "00gStated"), rows=rows)) == OF_USERS


def test_members_of_an_admin_group_that_was_not_collected_must_be_known():
    rows = (ANN, role(Group(id="00gGone"), "REPORT_ADMIN"))
    assert set(withheld(gap(GroupMembership, "00gGone"), rows=rows)) == OF_USERS
    assert withheld(rows=rows) == {}


def test_members_of_okta_administrators_need_not_be_known():
    administrators = Group(id="00gAll", type="BUILT_IN", name="Okta Administrators", has_admin_privilege=True)
    assert withheld(gap(GroupMembership, "00gAll"), rows=(ANN, administrators)) == {}
    alike = Group(id="00gAll", type="OKTA_GROUP", name="Okta Administrators", has_admin_privilege=True)
    assert set(withheld(gap(GroupMembership, "00gAll"), rows=(ANN, alike))) == OF_USERS


OF_BUILT_IN = {
    "super_admin",
    "org_admin_over_users",
    "org_admin_over_groups",
    "device_admin",
    "group_admin_over_groups",
    "group_admin_over_users",
    "group_membership_admin",
    "help_desk_admin",
    "app_admin",
    "integration_admin",
    "read_client_secret",
    "presumed_app_management",
}
OF_CUSTOM = {"reset_credentials", "add_member", "manage_app", "read_secrets_in_scope"}
TO_GROUPS = {"group_admin_over_groups", "group_admin_over_users", "group_membership_admin", "help_desk_admin"}
TO_USERS = {"org_admin_over_users", "group_admin_over_users", "help_desk_admin", "reset_credentials"}


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ("User", TO_USERS),
        ("Group", TO_GROUPS | {"org_admin_over_groups", "add_member"}),
        ("GroupMembership", {"group_admin_over_users", "help_desk_admin", "reset_credentials"}),
        ("Application", OF_BUILT_IN | OF_CUSTOM),
        ("ApiServiceIntegration", OF_BUILT_IN | OF_CUSTOM),
        ("ClientSecret", {"read_client_secret", "read_secrets_in_scope"}),
        ("Device", {"device_admin"}),
        ("RoleAssignment", OF_BUILT_IN | OF_CUSTOM),
        ("ConsentGrant", OF_BUILT_IN | OF_CUSTOM),
        ("RoleGroupTarget", TO_GROUPS),
        ("RoleAppTarget", {"app_admin", "integration_admin", "read_client_secret"}),
        ("CustomRole", OF_CUSTOM),
        ("RolePermission", OF_CUSTOM),
        ("ResourceSet", OF_CUSTOM),
        ("Resource", OF_CUSTOM),
    ],
)
def test_the_rights_that_depend_on_an_entity(name, rules):
    rights = {each.name: each for each in RULES if each.name in OF_BUILT_IN | OF_CUSTOM}
    assert len(rights) == len(OF_BUILT_IN | OF_CUSTOM)
    assert {each.name for each in rights.values() if name in {cls.__name__ for cls in each.needs}} == rules


@pytest.mark.parametrize("cls", [ConsentGrant, RolePermission, Resource, User])
def test_rights_are_unsure_and_not_withheld_if_their_entities_have_gaps(cls):
    about = graph_of(*ORG, gaps=(gap(cls),)).graph
    assert set(about["withheld"]) <= {"manager_of"}
    assert about["unsure"]["reset_credentials"] == [cls.__name__]
