"""Role assignments: their holders, roles and targets."""

from __future__ import annotations

import attrs
import pytest
from handwritten.admins import custom, edges_by_ends, gap, granted, graph_of, over_app, over_group, role
from handwritten.hybrid import unmatched

from oktahound import attack_view
from oktahound.entities import (
    ApiServiceIntegration,
    Application,
    ConsentGrant,
    CustomRole,
    Group,
    Resource,
    ResourceSet,
    ResourceSetMember,
    RoleAppTarget,
    RoleAssignment,
    RoleGroupTarget,
    User,
)

ANN, ADMINS = User(id="00uAnn"), Group(id="00gAdmins")
BOT = Application(id="0oaBot", client_id="chosen", client_type="service", grant_types=("client_credentials",))
FALCON = ApiServiceIntegration(id="0oaFalcon", app_type="falcon")
ROLES = {"Okta_HasRole", "Okta_HasRoleAssignment", "Okta_ScopedTo"}


def structure(*rows, **about):
    graph = graph_of(*rows, **about)
    return {(start, kind, end) for start, end, kind in graph.edges(keys=True) if kind in ROLES}


def scopes(*rows, **about):
    return {end for _, end in edges_by_ends(graph_of(*rows, **about), "Okta_ScopedTo")}


@pytest.mark.parametrize(
    "type_",
    ["SUPER_ADMIN", "ORG_ADMIN", "MOBILE_ADMIN", "READ_ONLY_ADMIN", "REPORT_ADMIN", "API_ADMIN",
     "API_ACCESS_MANAGEMENT_ADMIN", "USER_ADMIN", "HELP_DESK_ADMIN", "GROUP_MEMBERSHIP_ADMIN", "APP_ADMIN"],
)  # fmt: skip
def test_a_standard_role_without_targets_covers_the_organization(type_):
    assert structure(ANN, role(ANN, type_)) == {
        ("00uAnn", "Okta_HasRole", f"{type_}@contoso.okta.com"),
        ("00uAnn", "Okta_HasRoleAssignment", "ra1_00uAnn"),
        ("ra1_00uAnn", "Okta_ScopedTo", "00oOrg"),
    }


def test_one_assignment_id_with_two_holders_is_two_assignments():
    assert structure(ANN, ADMINS, role(ANN, "SUPER_ADMIN"), role(ADMINS, "SUPER_ADMIN")) == {
        ("00uAnn", "Okta_HasRole", "SUPER_ADMIN@contoso.okta.com"),
        ("00uAnn", "Okta_HasRoleAssignment", "ra1_00uAnn"),
        ("ra1_00uAnn", "Okta_ScopedTo", "00oOrg"),
        ("00gAdmins", "Okta_HasRole", "SUPER_ADMIN@contoso.okta.com"),
        ("00gAdmins", "Okta_HasRoleAssignment", "ra1_00gAdmins"),
        ("ra1_00gAdmins", "Okta_ScopedTo", "00oOrg"),
    }


def test_a_role_held_directly_and_through_a_group_counts_once_for_each():
    inherited = role(ANN, "HELP_DESK_ADMIN", assignment_type="GROUP")
    rows = (
        ANN,
        ADMINS,
        Group(id="00gB"),
        role(ANN, "HELP_DESK_ADMIN"),
        inherited,
        role(ADMINS, "HELP_DESK_ADMIN"),
    )
    narrowed = RoleGroupTarget(id="00gB", holder_id=ANN.id, assignment_id="ra1", inheritance="inherited")
    assert structure(*rows, narrowed) == {
        ("00uAnn", "Okta_HasRole", "HELP_DESK_ADMIN@contoso.okta.com"),
        ("00uAnn", "Okta_HasRoleAssignment", "ra1_00uAnn"),
        ("ra1_00uAnn", "Okta_ScopedTo", "00oOrg"),
        ("00gAdmins", "Okta_HasRole", "HELP_DESK_ADMIN@contoso.okta.com"),
        ("00gAdmins", "Okta_HasRoleAssignment", "ra1_00gAdmins"),
        ("ra1_00gAdmins", "Okta_ScopedTo", "00oOrg"),
    }


@pytest.mark.parametrize("facts", [{"status": "INACTIVE"}, {"assignment_type": "GROUP"}])
def test_an_inactive_or_inherited_assignment_has_no_edges_and_no_node(facts):
    graph = graph_of(ANN, role(ANN, "SUPER_ADMIN", **facts))
    assert "ra1_00uAnn" not in graph
    assert not {kind for *_, kind in graph.edges(keys=True)} & ROLES


def test_an_assignment_without_status_and_kind_counts_as_active_and_direct():
    bare = role(ANN, "SUPER_ADMIN", status=None, assignment_type=None)
    assert ("00uAnn", "Okta_HasRole", "SUPER_ADMIN@contoso.okta.com") in structure(ANN, bare)


def test_an_unknown_role_is_a_placeholder_of_unknown_scope():
    graph = graph_of(ANN, role(ANN, "QUANTUM_ADMIN"))
    assert structure(ANN, role(ANN, "QUANTUM_ADMIN")) == {
        ("00uAnn", "Okta_HasRole", "QUANTUM_ADMIN@contoso.okta.com"),
        ("00uAnn", "Okta_HasRoleAssignment", "ra1_00uAnn"),
    }
    node = graph.nodes["QUANTUM_ADMIN@contoso.okta.com"]
    assert (node["kind"], node["collected"]) == ("Okta_Role", False)
    assert graph.nodes["ra1_00uAnn"]["scopeComplete"] is False
    assert {kind for start, _, kind in graph.edges(keys=True) if start == ANN.id} <= ROLES


def test_an_assignment_that_does_not_name_its_role_has_no_role():
    assert structure(ANN, role(ANN, None)) == {("00uAnn", "Okta_HasRoleAssignment", "ra1_00uAnn")}


@pytest.mark.parametrize("type_", ["USER_ADMIN", "HELP_DESK_ADMIN", "GROUP_MEMBERSHIP_ADMIN"])
def test_target_groups_limit_an_assignment_to_groups(type_):
    assignment = role(ANN, type_)
    graph = graph_of(
        ANN, ADMINS, assignment, over_group(assignment, ADMINS.id), over_group(assignment, "00gGone")
    )
    assert set(edges_by_ends(graph, "Okta_ScopedTo")) == {
        ("ra1_00uAnn", ADMINS.id),
        ("ra1_00uAnn", "00gGone"),
    }
    assert (graph.nodes["00gGone"]["kind"], graph.nodes["00gGone"]["collected"]) == ("Okta_Group", False)


def test_target_applications_limit_an_assignment_to_instances_and_types():
    slack = [Application(id="0oaS1", app_type="slack"), Application(id="0oaS2", app_type="slack")]
    one, kind, integration = (role(ANN, "APP_ADMIN", id_) for id_ in ("raOne", "raType", "raFalcon"))
    rows = (
        ANN,
        *slack,
        FALCON,
        one,
        kind,
        integration,
        over_app(one, "0oaS1", "slack"),
        over_app(kind, name="slack"),
        over_app(integration, "0oaFalcon"),
        over_app(integration, name="falcon"),
    )
    assert edges_by_ends(graph_of(*rows), "Okta_ScopedTo") == {
        ("raOne_00uAnn", "0oaS1"): {},
        ("raType_00uAnn", "0oaS1"): {},
        ("raType_00uAnn", "0oaS2"): {},
        ("raFalcon_00uAnn", "0oaFalcon"): {},
    }


def test_a_target_that_matches_nothing_is_not_the_organization():
    assignment = role(ANN, "APP_ADMIN")
    assert scopes(ANN, FALCON, assignment, over_app(assignment, name="slack")) == set()
    assert scopes(
        ANN, FALCON, assignment, over_app(assignment, name="slack"), over_app(assignment, name="falcon")
    ) == {"0oaFalcon"}


def test_an_inactive_target_is_a_target_and_its_edge_is_inactive():
    inactive = Application(id="0oaOff", status="INACTIVE")
    assignment = role(ANN, "APP_ADMIN")
    target = RoleAppTarget(
        id="0oaOff", holder_id=ANN.id, assignment_id="ra1", instance_id="0oaOff", status="INACTIVE"
    )
    assert edges_by_ends(graph_of(ANN, inactive, assignment, target), "Okta_ScopedTo") == {
        ("ra1_00uAnn", "0oaOff"): {"active": False, "inactiveReason": "the application is INACTIVE"}
    }


def test_an_inactive_target_is_a_target_and_gives_no_right():
    assignment = role(ANN, "APP_ADMIN")
    of_type = attrs.evolve(over_app(assignment, name="falcon"), status="INACTIVE")
    of_one = attrs.evolve(over_app(assignment, "0oaApp"), status="INACTIVE")
    assert scopes(ANN, FALCON, Application(id="0oaApp"), assignment, of_type, of_one) == set()


@pytest.mark.parametrize(
    ("type_", "cls"),
    [("USER_ADMIN", RoleGroupTarget), ("HELP_DESK_ADMIN", RoleGroupTarget), ("APP_ADMIN", RoleAppTarget)],
)
def test_targets_that_could_not_be_read_are_not_the_organization(type_, cls):
    assignment, other = role(ANN, type_), role(ADMINS, type_, "ra2")
    graph = graph_of(ANN, ADMINS, assignment, other, gaps=(gap(cls, "ra1"),))
    assert set(edges_by_ends(graph, "Okta_ScopedTo")) == {("ra2_00gAdmins", "00oOrg")}
    assert graph.nodes["ra1_00uAnn"]["scopeComplete"] is False
    assert graph.nodes["ra2_00gAdmins"]["scopeComplete"] is True
    assert scopes(ANN, assignment, gaps=(gap(cls),)) == set()
    assert scopes(ANN, assignment, asked=frozenset({"Organization", "User", "RoleAssignment"})) == set()


def test_an_incomplete_listing_of_targets_gives_no_scope():
    assignment = role(ANN, "HELP_DESK_ADMIN")
    assert (
        scopes(
            ANN, ADMINS, assignment, over_group(assignment, ADMINS.id), gaps=(gap(RoleGroupTarget, "ra1"),)
        )
        == set()
    )


def test_a_custom_role_covers_the_set_of_its_assignment():
    rows = (ANN, CustomRole(id="cr01"), ResourceSet(id="iam1"), custom(ANN, "cr01", "iam1"))
    assert structure(*rows) == {
        ("00uAnn", "Okta_HasRole", "cr01"),
        ("00uAnn", "Okta_HasRoleAssignment", "irb1_00uAnn"),
        ("irb1_00uAnn", "Okta_ScopedTo", "iam1"),
    }


def test_a_custom_role_and_a_set_that_were_not_read_are_placeholders():
    graph = graph_of(ANN, custom(ANN, "cr0Gone", "iamGone"))
    assert (graph.nodes["cr0Gone"]["kind"], graph.nodes["cr0Gone"]["collected"]) == ("Okta_CustomRole", False)
    assert (graph.nodes["iamGone"]["kind"], graph.nodes["iamGone"]["collected"]) == (
        "Okta_ResourceSet",
        False,
    )
    assert set(edges_by_ends(graph, "Okta_ScopedTo")) == {("irb1_00uAnn", "iamGone")}


def test_a_custom_role_without_a_set_has_no_scope():
    rows = (ANN, CustomRole(id="cr01"), custom(ANN, "cr01", None))
    assert structure(*rows) == {
        ("00uAnn", "Okta_HasRole", "cr01"),
        ("00uAnn", "Okta_HasRoleAssignment", "irb1_00uAnn"),
    }


@pytest.mark.parametrize(
    ("type_", "set_id"),
    [
        ("WORKFLOWS_ADMIN", "WORKFLOWS_IAM_POLICY"),
        ("ACCESS_CERTIFICATIONS_ADMIN", "ACCESS_CERTIFICATIONS_IAM_POLICY"),
        ("ACCESS_REQUESTS_ADMIN", "ACCESS_REQUESTS_IAM_POLICY"),
    ],
)
def test_a_built_in_role_in_the_custom_form_is_the_built_in_one(type_, set_id):
    rows = (ANN, CustomRole(id=type_), ResourceSet(id=set_id))
    assignment = role(ANN, type_, "irb1", role_id=type_, resource_set_id=set_id)
    assert structure(*rows, assignment) == {
        ("00uAnn", "Okta_HasRole", f"{type_}@contoso.okta.com"),
        ("00uAnn", "Okta_HasRoleAssignment", "irb1_00uAnn"),
        ("irb1_00uAnn", "Okta_ScopedTo", f"{set_id}@contoso.okta.com"),
    }
    assert graph_of(*rows, assignment).nodes[f"{type_}@contoso.okta.com"].get("collected") is None


def test_the_same_role_in_the_standard_form_has_no_scope():
    assert scopes(ANN, role(ANN, "WORKFLOWS_ADMIN")) == set()


def test_a_service_application_holds_its_roles_under_its_own_id_and_not_its_clients():
    rows = (BOT, *granted(BOT, "okta.users.manage"), role(BOT, "SUPER_ADMIN", holder_path_id="chosen"))
    assert structure(*rows) == {
        ("0oaBot", "Okta_HasRole", "SUPER_ADMIN@contoso.okta.com"),
        ("0oaBot", "Okta_HasRoleAssignment", "ra1_0oaBot"),
        ("ra1_0oaBot", "Okta_ScopedTo", "00oOrg"),
    }
    assert edges_by_ends(graph_of(*rows), "Okta_HasRole") == {
        ("0oaBot", "SUPER_ADMIN@contoso.okta.com"): {"usable": True}
    }


def test_role_structure_is_not_traversable():
    view = attack_view(graph_of(ANN, role(ANN, "READ_ONLY_ADMIN")))
    assert not view.has_edge("00uAnn", "READ_ONLY_ADMIN@contoso.okta.com")
    assert not view.has_edge("00uAnn", "ra1_00uAnn")
    assert not view.has_edge("ra1_00uAnn", "00oOrg")


@pytest.mark.parametrize(
    ("cls", "rules"),
    [
        (RoleAssignment, {"has_role", "has_role_assignment", "scoped_to"}),
        (ConsentGrant, {"has_role", "has_role_assignment"}),
        (RoleGroupTarget, {"scoped_to"}),
        (RoleAppTarget, {"scoped_to"}),
        (Application, {"has_role", "has_role_assignment", "scoped_to"}),
        (ApiServiceIntegration, {"has_role", "has_role_assignment", "scoped_to"}),
        (Resource, set()),
    ],
)
def test_role_structure_is_unsure_if_its_entities_have_gaps(cls, rules):
    unsure = graph_of(gaps=(gap(cls),)).graph["unsure"]
    assert {"has_role", "has_role_assignment", "scoped_to"} & set(unsure) == rules


def test_gaps_in_the_contents_of_sets_do_not_affect_role_structure():
    rows = (ANN, custom(ANN, "cr01", "iam1"))
    graph = graph_of(*rows, gaps=(gap(Resource),))
    assert set(edges_by_ends(graph, "Okta_ScopedTo")) == {("irb1_00uAnn", "iam1")}
    assert graph.nodes["irb1_00uAnn"]["scopeComplete"] is False


def test_a_binding_without_an_assignment_is_unmatched():
    client = Application(id="0oaApp", client_id="chosen")
    assignment = (
        custom(ANN, "cr01", "iam1"),
        attrs.evolve(custom(client, "cr01", "iam1"), holder_path_id="chosen"),
    )
    bound = [
        ResourceSetMember(id=f"irb{number}", holder_id=holder, role_id="cr01", resource_set_id="iam1")
        for number, holder in enumerate((ANN.id, "chosen", "00uBob"))
    ]
    rows = (ANN, client, ResourceSet(id="iam1"), *assignment)
    assert unmatched(*rows, *bound) == {
        ("scoped_to", "00uBob", "bound to role cr01 over iam1, but no such assignment was read", 1)
    }
    assert structure(*rows, *bound) == structure(*rows)


def test_a_built_in_set_that_was_not_read_is_a_placeholder_of_its_kind():
    assignment = role(ANN, "WORKFLOWS_ADMIN", "irb1", resource_set_id="WORKFLOWS_IAM_POLICY")
    node = graph_of(ANN, assignment).nodes["WORKFLOWS_IAM_POLICY@contoso.okta.com"]
    assert (node["kind"], node["collected"]) == ("Okta_ResourceSet", False)


def test_a_built_in_role_with_a_custom_name_is_the_same_role():
    rows = (ANN, CustomRole(id="WORKFLOWS_ADMIN"), custom(ANN, "WORKFLOWS_ADMIN", "WORKFLOWS_IAM_POLICY"))
    assert structure(*rows) == {
        ("00uAnn", "Okta_HasRole", "WORKFLOWS_ADMIN@contoso.okta.com"),
        ("00uAnn", "Okta_HasRoleAssignment", "irb1_00uAnn"),
        ("irb1_00uAnn", "Okta_ScopedTo", "WORKFLOWS_IAM_POLICY@contoso.okta.com"),
    }
