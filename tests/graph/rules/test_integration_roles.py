"""Admin roles of API service integrations, which Okta's release notes of May 2025 mention."""

from __future__ import annotations

import pytest
from handwritten.admins import edges_by_ends, gap, graph_of, role

from oktahound import ApiServiceIntegration, OAuthScope
from oktahound.entities import (
    Application,
    ClientSecret,
    CustomRole,
    Device,
    Group,
    Resource,
    ResourceSet,
    RoleAssignment,
    RolePermission,
    User,
)
from oktahound.graph.targets import UNPROTECTED_INTEGRATION

INTEGRATION_ROLES = "GET /oauth2/v1/clients/{integration}/roles"
ANN, STAFF, PHONE = User(id="00uAnn"), Group(id="00gStaff"), Device(id="guoPhone")
SLACK = Application(id="0oaSlack")
SECRET = ClientSecret(id="ocsSlack", owner_id="0oaSlack")


def vendor(*scopes: str, id: str = "0oaVendor") -> ApiServiceIntegration:
    return ApiServiceIntegration(
        id=id, name="Vendor", app_type="vendor", oauth_scopes=tuple(OAuthScope(each) for each in scopes)
    )


EVERYTHING = vendor(
    "okta.apps.manage", "okta.apps.read", "okta.devices.manage", "okta.groups.manage",
    "okta.oauthIntegrations.manage", "okta.users.manage",
)  # fmt: skip


def test_an_assignment_is_drawn_with_its_role_and_scope():
    graph = graph_of(EVERYTHING, role(EVERYTHING, "ORG_ADMIN"))
    assert set(edges_by_ends(graph, "Okta_HasRoleAssignment")) == {("0oaVendor", "ra1_0oaVendor")}
    assert set(edges_by_ends(graph, "Okta_HasRole")) == {("0oaVendor", "ORG_ADMIN@contoso.okta.com")}
    assert ("ra1_0oaVendor", graph.graph["organization"]) in edges_by_ends(graph, "Okta_ScopedTo")
    assert graph.nodes["0oaVendor"]["hasRoleAssignments"] is True


@pytest.mark.parametrize(
    ("type_", "kind", "ends"),
    [
        ("SUPER_ADMIN", "Okta_SuperAdmin", {"00oOrg"}),
        ("ORG_ADMIN", "Okta_OrgAdmin", {"00uAnn", "00gStaff", "guoPhone"}),
        ("USER_ADMIN", "Okta_GroupAdmin", {"00uAnn", "00gStaff"}),
        ("HELP_DESK_ADMIN", "Okta_HelpDeskAdmin", {"00uAnn"}),
        ("GROUP_MEMBERSHIP_ADMIN", "Okta_GroupMembershipAdmin", {"00gStaff"}),
        ("MOBILE_ADMIN", "Okta_MobileAdmin", {"guoPhone"}),
        ("APP_ADMIN", "Okta_AppAdmin", {"0oaSlack", "0oaOther"}),
        ("READ_ONLY_ADMIN", "Okta_ReadClientSecret", {"ocsSlack"}),
    ],
)
def test_every_right_of_a_built_in_role_begins_at_the_integration(type_, kind, ends):
    other = vendor(id="0oaOther")
    graph = graph_of(EVERYTHING, other, ANN, STAFF, PHONE, SLACK, SECRET, role(EVERYTHING, type_))
    edges = edges_by_ends(graph, kind)
    assert set(edges) == {("0oaVendor", end) for end in ends}
    assert all(marks["usable"] is True and marks.get("active", True) for marks in edges.values())


def test_a_right_of_a_custom_role_begins_at_the_integration():
    assignment = RoleAssignment(
        id="irb1", holder_id="0oaVendor", holder_type="CLIENT", type="CUSTOM", status="ACTIVE",
        role_id="cr01", resource_set_id="iam1",
    )  # fmt: skip
    rows = (
        CustomRole(id="cr01"),
        RolePermission(id="okta.users.credentials.resetPassword", role_id="cr01"),
        ResourceSet(id="iam1"),
        Resource(id="ire1", resource_set_id="iam1", orn="orn:okta:directory:00oOrg:users"),
    )
    graph = graph_of(EVERYTHING, ANN, assignment, *rows)
    assert set(edges_by_ends(graph, "Okta_ResetPassword")) == {("0oaVendor", "00uAnn")}


@pytest.mark.parametrize(
    ("scopes", "usable"),
    [
        (("okta.users.manage",), True),
        (("okta.logs.read",), False),
        ((), False),
    ],
)
def test_a_role_without_its_scope_is_not_usable(scopes, usable):
    integration = vendor(*scopes)
    (edge,) = edges_by_ends(
        graph_of(integration, role(integration, "SUPER_ADMIN")), "Okta_SuperAdmin"
    ).values()
    assert edge["usable"] is usable
    assert edge.get("active", True) is usable
    if not usable:
        assert "lacks an OAuth scope" in edge["inactiveReason"]


def test_unread_scopes_add_no_path():
    integration = ApiServiceIntegration(id="0oaVendor")
    (edge,) = edges_by_ends(
        graph_of(integration, role(integration, "SUPER_ADMIN")), "Okta_SuperAdmin"
    ).values()
    assert (edge["usable"], edge["active"]) == ("unknown", False)


def test_an_unread_integration_adds_no_path():
    graph = graph_of(role(EVERYTHING, "SUPER_ADMIN"), gaps=(gap(ApiServiceIntegration),))
    (edge,) = edges_by_ends(graph, "Okta_SuperAdmin").values()
    assert (edge["usable"], edge["active"]) == ("unknown", False)


def test_an_admin_of_applications_reaches_an_integration_that_holds_a_role_with_an_assumption():
    other = vendor("okta.logs.read", id="0oaOther")
    rows = (ANN, EVERYTHING, other, role(ANN, "APP_ADMIN"), role(EVERYTHING, "REPORT_ADMIN", "ra2"))
    edges = edges_by_ends(graph_of(*rows), "Okta_AppAdmin")
    assert edges["00uAnn", "0oaVendor"] == {"assumption": UNPROTECTED_INTEGRATION}
    assert edges["00uAnn", "0oaOther"] == {}


@pytest.mark.parametrize(
    "lost",
    [
        gap(RoleAssignment, "0oaVendor", INTEGRATION_ROLES),
        gap(RoleAssignment, None, INTEGRATION_ROLES),
        gap(RoleAssignment),
    ],
)
def test_unread_roles_of_an_integration_do_not_count_as_none(lost):
    rows = (ANN, EVERYTHING, role(ANN, "APP_ADMIN"))
    graph = graph_of(*rows, gaps=(lost,))
    assert edges_by_ends(graph, "Okta_AppAdmin")["00uAnn", "0oaVendor"] == {
        "assumption": UNPROTECTED_INTEGRATION
    }
    assert "hasRoleAssignments" not in graph.nodes["0oaVendor"]


def test_a_gap_in_the_roles_of_integrations_leaves_all_other_holders_known():
    rows = (ANN, STAFF, SLACK, EVERYTHING, role(STAFF, "HELP_DESK_ADMIN"))
    complete, lossy = graph_of(*rows), graph_of(*rows, gaps=(gap(RoleAssignment, None, INTEGRATION_ROLES),))
    assert lossy.graph["withheld"] == {}
    for node in ("00uAnn", "00gStaff", "0oaSlack"):
        assert lossy.nodes[node] == complete.nodes[node]
    assert lossy.nodes["00uAnn"]["hasRoleAssignments"] is False
    assert set(edges_by_ends(lossy, "Okta_HelpDeskAdmin")) == set(
        edges_by_ends(complete, "Okta_HelpDeskAdmin")
    )


def test_a_gap_in_the_roles_of_applications_does_not_affect_integrations():
    rows = (ANN, EVERYTHING, role(ANN, "APP_ADMIN"))
    graph = graph_of(*rows, gaps=(gap(RoleAssignment, "0oaSlack", "GET /oauth2/v1/clients/{id}/roles"),))
    assert edges_by_ends(graph, "Okta_AppAdmin")["00uAnn", "0oaVendor"] == {}
