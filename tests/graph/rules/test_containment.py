"""Containment: the objects of the organization, and the users of realms."""

from __future__ import annotations

import pytest
from handwritten.admins import edges_by_ends, gap, graph_of, role

from oktahound.entities import (
    Agent,
    AgentPool,
    ApiServiceIntegration,
    ApiToken,
    Application,
    AuthorizationServer,
    ClientSecret,
    CustomRole,
    Device,
    Group,
    IdentityProvider,
    JsonWebKey,
    Policy,
    Realm,
    ResourceSet,
    RoleAssignment,
    User,
)

NO_ROLES = frozenset({"Organization", "User"})
BUILT_IN = {
    f"{type_}@contoso.okta.com"
    for type_ in (
        "SUPER_ADMIN",
        "ORG_ADMIN",
        "USER_ADMIN",
        "GROUP_MEMBERSHIP_ADMIN",
        "HELP_DESK_ADMIN",
        "APP_ADMIN",
        "API_ACCESS_MANAGEMENT_ADMIN",
        "READ_ONLY_ADMIN",
        "MOBILE_ADMIN",
        "REPORT_ADMIN",
        "API_ADMIN",
        "WORKFLOWS_ADMIN",
        "ACCESS_CERTIFICATIONS_ADMIN",
        "ACCESS_REQUESTS_ADMIN",
    )
}


def contained(*rows, **about):
    return {end for _, end in edges_by_ends(graph_of(*rows, **about), "Okta_Contains")}


@pytest.mark.parametrize(
    ("row", "node"),
    [
        (User(id="00u1"), "00u1"),
        (Group(id="00g1"), "00g1"),
        (Device(id="guo1", udid="AA-BB"), "guo1"),
        (Application(id="0oa1"), "0oa1"),
        (ApiServiceIntegration(id="0oa2"), "0oa2"),
        (ResourceSet(id="iamX0a1B2c3D4e5"), "iamX0a1B2c3D4e5"),
        (ResourceSet(id="WORKFLOWS_IAM_POLICY"), "WORKFLOWS_IAM_POLICY@contoso.okta.com"),
        (CustomRole(id="cr01"), "cr01"),
        (Realm(id="guo2"), "guo2"),
        (AgentPool(id="0oa9"), "0oa9_pool"),
        (AuthorizationServer(id="aus1"), "aus1"),
        (IdentityProvider(id="0oa3"), "0oa3"),
        (Policy(id="rst1"), "rst1"),
    ],
)
def test_the_organization_contains_what_it_lists(row, node):
    assert contained(row) == {node} | BUILT_IN
    assert edges_by_ends(graph_of(row), "Okta_Contains")["00oOrg", node] == {}


def test_the_built_in_roles_are_contained_only_when_roles_were_requested():
    assert contained() == BUILT_IN
    assert contained(User(id="00u1"), asked=NO_ROLES) == {"00u1"}


def test_a_built_in_role_among_the_custom_ones_is_contained_once_as_what_it_is():
    assert contained(CustomRole(id="WORKFLOWS_ADMIN", label="Workflows Administrator")) == BUILT_IN


def test_objects_below_other_objects_are_not_contained():
    ann = User(id="00u1")
    rows = (
        ann,
        ApiToken(id="00T1", user_id=ann.id),
        ClientSecret(id="ocs1", owner_id="0oa1"),
        JsonWebKey(id="pks1", app_id="0oa1"),
        Agent(id="a1", pool_id="0oa9"),
        role(ann, "SUPER_ADMIN"),
    )
    assert contained(*rows) == {ann.id} | BUILT_IN


def test_placeholders_are_not_contained():
    graph = graph_of(User(id="00u1", realm_id="guoElsewhere"))
    assert ("00oOrg", "guoElsewhere") not in edges_by_ends(graph, "Okta_Contains")
    assert graph.nodes["guoElsewhere"]["collected"] is False


def test_a_user_is_in_the_realm_of_the_profile():
    rows = (
        Realm(id="guo1"),
        User(id="00u1", realm_id="guo1"),
        User(id="00u2", realm_id=None),
        User(id="00u3", realm_id=""),
        User(id="00u4", realm_id="guo2"),
    )
    assert set(edges_by_ends(graph_of(*rows), "Okta_RealmContains")) == {("guo1", "00u1"), ("guo2", "00u4")}


def test_a_realm_that_was_not_read_is_a_placeholder_of_its_kind():
    graph = graph_of(User(id="00u1", realm_id="guo2"), gaps=(gap(Realm),))
    assert graph.nodes["guo2"] == {
        "kind": "Okta_Realm",
        "collected": False,
        "oktaDomain": "contoso.okta.com",
        "environmentid": "00oOrg",
    }


@pytest.mark.parametrize("cls", [User, Policy, ResourceSet])
def test_containment_is_unsure_if_a_listing_has_gaps(cls):
    assert graph_of(gaps=(gap(cls),)).graph["unsure"]["contains"] == [cls.__name__]


def test_assignments_of_roles_have_nodes_of_their_own():
    ann = User(id="00u1")
    graph = graph_of(
        ann, role(ann, "SUPER_ADMIN"), RoleAssignment(id="raGone", holder_id=ann.id, status="INACTIVE")
    )
    assert "ra1_00u1" in graph
    assert "raGone_00u1" not in graph
