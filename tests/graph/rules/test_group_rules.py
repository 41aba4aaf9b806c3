"""Group rules: the groups that they assign, the attributes that they read, and who can change them."""

from __future__ import annotations

from typing import Any

import attrs
import networkx as nx
import pytest
from handwritten.admins import custom, edges_by_ends, gap, granted, may, role
from handwritten.orgs import content, snapshot_of

from oktahound import ApiServiceIntegration, OAuthScope, attack_view, build_graph
from oktahound.entities import (
    AdminAssignee,
    Application,
    CustomRole,
    Entity,
    Group,
    GroupRule,
    Resource,
    ResourceSet,
    RoleAssignment,
    User,
)

ANN, BOB = User(id="00uAnn"), User(id="00uBob")
SALES, STAFF = Group(id="00gSales", type="OKTA_GROUP"), Group(id="00gStaff", type="OKTA_GROUP")
RULE = GroupRule(
    id="0pr1",
    name="Sales by department",
    status="ACTIVE",
    expression='user.department=="Sales" && user.title!="user.secret"',
    group_ids=("00gSales",),
)
WRITABLE = (
    "no permission condition, attribute setting or profile source prevents the holder from writing "
    "department and title"
)
FILLS, FEEDS = "OktaHound_RuleFillsGroup", "OktaHound_GroupFeedsRule"
EDITS, MANAGES = "OktaHound_EditRuleAttribute", "OktaHound_ManageGroupRule"


def graph_of(*rows: Entity, scopes: bool = False, **about: Any) -> nx.MultiDiGraph:
    return build_graph(snapshot_of(*rows, **about), scopes=scopes, trust_boundaries=True)


def admin(holder: User, type_: str) -> tuple[Entity, ...]:
    return (holder, AdminAssignee(id=holder.id), role(holder, type_))


@pytest.mark.parametrize(
    ("expression", "attributes", "groups"),
    [
        ('user.department=="Sales"', ("department",), ()),
        ("user.a==user.b AND String.len(user.c_1) > 2", ("a", "b", "c_1"), ()),
        ('isMemberOfAnyGroup("00gA","00gB") OR isMemberOfGroup(\'00gA\')', (), ("00gA", "00gB")),
        ('isMemberOfGroupName("user.fake 00gC")', (), ()),
        ('user.city=="a\\"user.fake"', ("city",), ()),
        ("user.isMemberOf({'group.id': {'00gD'}})", (), ("00gD",)),
        ("", (), ()),
        (None, None, ()),
    ],
)
def test_the_attributes_that_an_expression_reads(expression, attributes, groups):
    rule = GroupRule(id="0pr1", expression=expression)
    assert (rule.profile_attributes, rule.read_group_ids) == (attributes, groups)


def test_a_rule_leads_to_its_groups_and_the_organization_contains_it():
    graph = graph_of(RULE, SALES)
    assert edges_by_ends(graph, FILLS) == {("0pr1", "00gSales"): {}}
    assert edges_by_ends(graph, "OktaHound_Contains") == {("00oOrg", "0pr1"): {}}
    about = graph.nodes["0pr1"]
    assert (about["kind"], about["displayName"]) == ("OktaHound_GroupRule", "Sales by department")
    assert about["profileAttributes"] == ["department", "title"]


@pytest.mark.parametrize("status", ["INACTIVE", "INVALID"])
def test_an_inactive_rule_adds_no_path(status):
    graph = graph_of(GroupRule(id="0pr1", status=status, group_ids=("00gSales",)), SALES)
    inactive = {"active": False, "inactiveReason": f"the group rule is {status}"}
    assert edges_by_ends(graph, FILLS) == {("0pr1", "00gSales"): inactive}
    assert "0pr1" not in nx.descendants(attack_view(graph), "00oOrg")


def test_a_rule_for_a_group_with_a_role_has_an_assumption():
    (properties,) = edges_by_ends(graph_of(RULE, SALES, role(SALES, "ORG_ADMIN")), FILLS).values()
    assert properties["assumption"].startswith("the rule fills a group with an admin role")
    (properties,) = edges_by_ends(graph_of(RULE, SALES, gaps=(gap(RoleAssignment),)), FILLS).values()
    assert properties["assumption"].startswith("the group holds no admin role")


def test_groups_in_the_expression_lead_to_the_rule_unless_their_members_are_excluded():
    rule = GroupRule(
        id="0pr1",
        expression='isMemberOfAnyGroup("00gSales","00gStaff")',
        group_ids=("00gOther",),
        excluded_group_ids=("00gStaff",),
    )
    found = edges_by_ends(graph_of(rule, SALES, STAFF, Group(id="00gOther")), FEEDS)
    assert set(found) == {("00gSales", "0pr1")}
    assert "makes the expression true" in found["00gSales", "0pr1"]["assumption"]


def test_only_organization_administrators_edit_rules():
    rows = (*admin(ANN, "ORG_ADMIN"), *admin(BOB, "APP_ADMIN"), RULE, SALES)
    assert edges_by_ends(graph_of(*rows), MANAGES) == {(ANN.id, "0pr1"): {}}


def test_a_service_application_needs_a_scope_as_well():
    app = Application(id="0oa1", client_type="service", grant_types=("client_credentials",))
    graph = graph_of(app, role(app, "ORG_ADMIN"), *granted(app, "okta.groups.manage"), RULE)
    assert edges_by_ends(graph, MANAGES) == {("0oa1", "0pr1"): {"usable": True}}
    (without,) = edges_by_ends(graph_of(app, role(app, "ORG_ADMIN"), RULE), MANAGES).values()
    assert (without["usable"], without["active"]) == (False, False)


def test_group_administrators_edit_the_profiles_that_a_rule_reads():
    rows = (*admin(ANN, "USER_ADMIN"), BOB, SALES)
    assert edges_by_ends(graph_of(*rows, RULE), EDITS) == {(ANN.id, "0pr1"): {"assumption": WRITABLE}}
    # No user in scope, no attribute in the expression, and a rule that excludes all users.
    assert edges_by_ends(graph_of(*admin(ANN, "USER_ADMIN"), SALES, RULE), EDITS) == {}
    assert edges_by_ends(graph_of(*rows, GroupRule(id="0pr1", expression="true")), EDITS) == {}
    left_out = GroupRule(id="0pr1", expression=RULE.expression, excluded_user_ids=("00uBob",))
    assert edges_by_ends(graph_of(*rows, left_out), EDITS) == {}


@pytest.mark.parametrize(
    ("permission", "conditions", "found"),
    [
        ("okta.users.userprofile.manage", None, {"assumption": WRITABLE}),
        ("okta.users.manage", None, {"assumption": WRITABLE}),
        ("okta.users.manage", '{"include":{"a":"b"}}', {"conditional": True, "assumption": WRITABLE}),
        ("okta.users.credentials.manage", None, None),
    ],
)
def test_custom_roles_over_profiles(permission, conditions, found):
    rows = (
        *(ANN, AdminAssignee(id=ANN.id), BOB, RULE, SALES),
        *(CustomRole(id="cr01"), *may("cr01", permission, conditions=conditions)),
        *(ResourceSet(id="iam1"), custom(ANN, "cr01", "iam1")),
        Resource(id="ire1", resource_set_id="iam1", link="https://contoso.okta.com/api/v1/users/00uBob"),
    )
    assert edges_by_ends(graph_of(*rows), EDITS) == ({} if found is None else {(ANN.id, "0pr1"): found})


def test_without_known_administrators_no_edit_rights_are_emitted():
    graph = graph_of(*admin(ANN, "USER_ADMIN"), BOB, SALES, RULE, gaps=(gap(AdminAssignee),))
    assert edges_by_ends(graph, EDITS) == {}
    assert {"group_admin_edits_attribute", "custom_role_edits_attribute"} <= set(graph.graph["withheld"])


def test_with_scopes_the_scope_for_groups_changes_rules():
    vendor = ApiServiceIntegration(id="0oaV", oauth_scopes=(OAuthScope("okta.groups.manage"),))
    found = edges_by_ends(graph_of(vendor, RULE, scopes=True), MANAGES)
    assert set(found) == {("okta.groups.manage@contoso.okta.com", "0pr1")}
    assert "needs no admin role" in next(iter(found.values()))["assumption"]
    assert edges_by_ends(graph_of(vendor, RULE), MANAGES) == {}


@pytest.mark.parametrize(
    ("features", "expression", "writes"),
    [
        (("PROFILE_MASTERING",), RULE.expression, True),
        (("IMPORT_NEW_USERS",), RULE.expression, False),
        (None, RULE.expression, False),
        (("PROFILE_MASTERING",), 'isMemberOfAnyGroup("00gStaff")', False),
    ],
)
def test_administrators_of_a_profile_source_write_the_attributes_of_a_rule(features, expression, writes):
    hr = Application(id="0oaHr", status="ACTIVE", features=features)
    rule = attrs.evolve(RULE, expression=expression)
    graph = graph_of(*admin(ANN, "APP_ADMIN"), hr, SALES, rule)
    found = edges_by_ends(graph, "OktaHound_ApplicationWritesRuleAttribute")
    assert set(found) == ({(hr.id, rule.id)} if writes else set())
    assert ("00gSales" in nx.descendants(attack_view(graph), ANN.id)) is writes


def test_unread_rules_make_their_edges_unsure():
    graph = graph_of(SALES, gaps=(gap(GroupRule),))
    assert graph.graph["unsure"]["rule_fills_group"] == ["GroupRule"]


def test_without_the_option_the_graph_is_unchanged():
    rows = (*admin(ANN, "USER_ADMIN"), BOB, SALES, STAFF)
    plain, unshown = build_graph(snapshot_of(*rows)), build_graph(snapshot_of(*rows, RULE))
    assert content(plain) == content(unshown)
    assert plain.graph["trust_boundaries"] is False
    shown = graph_of(*rows, RULE)
    own = [node for node, kind in shown.nodes(data="kind") if kind.startswith("OktaHound_")]
    shown.remove_nodes_from(own)
    assert content(shown)[:2] == content(plain)[:2]
