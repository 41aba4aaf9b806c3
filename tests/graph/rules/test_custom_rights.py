"""The rights of custom roles over the objects in their resource sets."""

from __future__ import annotations

import pytest
from handwritten.admins import custom, edges_by_ends, gap, granted, graph_of, may, role

from oktahound import attack_view
from oktahound.entities import (
    AdminAssignee,
    ApiServiceIntegration,
    Application,
    ClientSecret,
    CustomRole,
    Group,
    GroupMembership,
    Resource,
    ResourceSet,
    RolePermission,
    User,
)

ANN, BOB, EVE = User(id="00uAnn"), User(id="00uBob"), User(id="00uEve")
STAFF, SALES = Group(id="00gStaff"), Group(id="00gSales")
OIDC, SLACK = Application(id="0oaOidc"), Application(id="0oaSlack")
FALCON = ApiServiceIntegration(id="0oaFalcon")
API = "https://contoso.okta.com/api/v1"
WHOLE = tuple(
    Resource(id=f"ire-{name}", resource_set_id="iam1", link=f"{API}/{name}")
    for name in ("users", "groups", "apps")
)
ORG = (
    ANN,
    BOB,
    EVE,
    STAFF,
    SALES,
    GroupMembership(id=BOB.id, group_id=STAFF.id),
    OIDC,
    SLACK,
    FALCON,
    ClientSecret(id="ocsOidc", owner_id=OIDC.id),
    ClientSecret(id="ocsFalcon", owner_id=FALCON.id),
    CustomRole(id="cr01"),
    ResourceSet(id="iam1"),
)
HELD = custom(ANN, "cr01", "iam1")
RIGHTS = {
    "Okta_ResetPassword", "Okta_ResetFactors", "Okta_AddMember", "Okta_ManageApp", "Okta_ReadClientSecret",
    "Okta_AppAdmin", "Okta_GroupAdmin", "Okta_HelpDeskAdmin",
}  # fmt: skip
DOUBT = (
    "okta.users.manage includes credentials, as other collectors assume, although Okta's help says that it "
    "does not include the credentials' values"
)


def rights(*rows, **about):
    graph = graph_of(*ORG, *rows, **about)
    return {(start, kind, end) for start, end, kind in graph.edges(keys=True) if kind in RIGHTS}


def of_ann(kind, *targets):
    return {(ANN.id, f"Okta_{kind}", target) for target in targets}


PASSWORD, FACTORS = of_ann("ResetPassword", BOB.id, EVE.id), of_ann("ResetFactors", BOB.id, EVE.id)
MEMBERS = of_ann("AddMember", STAFF.id, SALES.id)


@pytest.mark.parametrize(
    ("permission", "found"),
    [
        ("okta.users.manage", PASSWORD | FACTORS),
        ("okta.users.credentials.manage", PASSWORD | FACTORS),
        ("okta.users.credentials.resetPassword", PASSWORD),
        ("okta.users.credentials.expirePassword", PASSWORD),
        ("okta.users.credentials.manageTemporaryAccessCode", PASSWORD),
        ("okta.users.credentials.resetFactors", FACTORS),
        ("okta.groups.manage", MEMBERS),
        ("okta.groups.members.manage", MEMBERS),
        ("okta.apps.manage", of_ann("ManageApp", OIDC.id, SLACK.id)),
        ("okta.apps.clientCredentials.read", of_ann("ReadClientSecret", "ocsOidc")),
        ("okta.users.read", set()),
        ("okta.users.lifecycle.manage", set()),
        ("okta.never.own_secrets.of", set()),
    ],
)
def test_the_rights_of_a_permission_over_all_objects(permission, found):
    assert rights(HELD, *WHOLE, *may("cr01", permission)) == found


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/users/00uBob", of_ann("ResetPassword", BOB.id)),
        ("/groups/00gStaff/users", of_ann("ResetPassword", BOB.id)),
        ("/groups/00gStaff", of_ann("AddMember", STAFF.id)),
        ("/groups", MEMBERS),
        ("/apps/0oaOidc", of_ann("ManageApp", OIDC.id) | of_ann("ReadClientSecret", "ocsOidc")),
        ("/apps/0oaFalcon", set()),
        ("/devices", set()),
    ],
)
def test_a_right_reaches_only_what_is_in_the_set_and_of_its_kind(path, found):
    permissions = may(
        "cr01",
        "okta.users.credentials.resetPassword",
        "okta.groups.members.manage",
        "okta.apps.manage",
        "okta.apps.clientCredentials.read",
    )
    assert rights(HELD, *permissions, Resource(id="ire1", resource_set_id="iam1", link=API + path)) == found


def test_objects_excluded_from_the_set_are_no_targets():
    resource = Resource(
        id="ire1", resource_set_id="iam1", link=f"{API}/apps", excluded=("orn:okta:idp:00oOrg:apps:0oaOidc",)
    )
    permissions = may("cr01", "okta.apps.manage", "okta.apps.clientCredentials.read")
    assert rights(HELD, *permissions, resource) == of_ann("ManageApp", SLACK.id)


@pytest.mark.parametrize(
    "assignment",
    [
        custom(ANN, "cr01", None),
        custom(ANN, "cr01", "iam2"),
        custom(ANN, "cr02", "iam1"),
        role(ANN, "CUSTOM", "irb1", resource_set_id="iam1"),
        custom(ANN, "cr01", "iam1", status="INACTIVE"),
        custom(ANN, "cr01", "iam1", assignment_type="GROUP"),
        role(ANN, "WORKFLOWS_ADMIN", "irb1", role_id="cr01", resource_set_id="iam1"),
    ],
)
def test_another_role_another_set_or_none_gives_nothing(assignment):
    assert rights(assignment, *WHOLE, *may("cr01", "okta.users.credentials.manage")) == set()


def test_two_assignments_reach_what_is_in_either_set():
    rows = (
        HELD,
        custom(ANN, "cr01", "iam2", "irb2"),
        Resource(id="ire1", resource_set_id="iam1", link=f"{API}/users/00uBob"),
        Resource(id="ire1", resource_set_id="iam2", link=f"{API}/users/00uEve"),
    )
    assert rights(*rows, *may("cr01", "okta.users.credentials.resetPassword")) == PASSWORD


def test_unread_permissions_give_nothing_and_the_rule_is_unsure():
    graph = graph_of(*ORG, HELD, *WHOLE, gaps=(gap(RolePermission, "cr01"),))
    assert not {kind for *_, kind in graph.edges(keys=True)} & RIGHTS
    assert "permissions" not in graph.nodes["cr01"]
    for rule in ("reset_credentials", "add_member", "manage_app", "read_secrets_in_scope"):
        assert graph.graph["unsure"][rule] == ["RolePermission"]


@pytest.mark.parametrize("parent", ["iam1", None])
def test_a_set_that_could_not_be_read_completely_gives_no_right(parent):
    permissions = may("cr01", "okta.users.credentials.manage", "okta.apps.clientCredentials.read")
    assert rights(HELD, *permissions, *WHOLE, gaps=(gap(Resource, parent),)) == set()


def test_another_set_that_could_not_be_read_does_not_matter():
    found = rights(HELD, *WHOLE, *may("cr01", "okta.users.credentials.manage"), gaps=(gap(Resource, "iam2"),))
    assert found == PASSWORD | FACTORS


class TestEdgeProperties:
    def edges_of_kind(self, kind, *rows):
        return edges_by_ends(graph_of(*ORG, HELD, *WHOLE, *rows), f"Okta_{kind}")

    def test_managing_users_resets_credentials_with_an_assumption(self):
        found = self.edges_of_kind("ResetPassword", *may("cr01", "okta.users.manage"))
        assert found == {(ANN.id, BOB.id): {"assumption": DOUBT}, (ANN.id, EVE.id): {"assumption": DOUBT}}

    def test_a_documented_permission_removes_the_assumption(self):
        rows = may("cr01", "okta.users.manage", "okta.users.credentials.resetPassword")
        assert self.edges_of_kind("ResetPassword", *rows) == {(ANN.id, BOB.id): {}, (ANN.id, EVE.id): {}}
        assert self.edges_of_kind("ResetFactors", *rows)[ANN.id, BOB.id] == {"assumption": DOUBT}

    def test_conditions_are_a_property_of_the_edge(self):
        rows = may("cr01", "okta.users.credentials.manage", conditions='{"include":{"x":["city"]}}')
        assert self.edges_of_kind("ResetFactors", *rows)[ANN.id, BOB.id] == {"conditional": True}

    def test_empty_conditions_are_no_property(self):
        assert (
            self.edges_of_kind("AddMember", *may("cr01", "okta.groups.manage", conditions="{}"))[
                ANN.id, STAFF.id
            ]
            == {}
        )

    def test_a_conditional_documented_permission_takes_precedence_over_an_assumed_one(self):
        narrowed = may("cr01", "okta.users.credentials.manage", conditions='{"include":{"x":["city"]}}')
        for rows in (
            [*narrowed, *may("cr01", "okta.users.manage")],
            [*may("cr01", "okta.users.manage"), *narrowed],
        ):
            assert self.edges_of_kind("ResetPassword", *rows)[ANN.id, BOB.id] == {"conditional": True}

    def test_a_conditional_assumed_permission_has_both_properties(self):
        rows = may("cr01", "okta.users.manage", conditions='{"include":{"x":["city"]}}')
        assert self.edges_of_kind("ResetPassword", *rows)[ANN.id, BOB.id] == {
            "assumption": DOUBT,
            "conditional": True,
        }

    @pytest.mark.parametrize(
        ("provider", "edges_of_kind"),
        [("OKTA", {}), (None, {}), ("FEDERATION", None), ("ACTIVE_DIRECTORY", None)],
    )
    def test_a_password_of_another_system_names_the_system(self, provider, edges_of_kind):
        zoe = User(id="00uZoe", credential_provider_type=provider)
        found = self.edges_of_kind("ResetPassword", zoe, *may("cr01", "okta.users.credentials.manage"))
        assert found[ANN.id, zoe.id] == (
            {"credentialProviderType": provider} if edges_of_kind is None else {}
        )
        factors = self.edges_of_kind("ResetFactors", zoe, *may("cr01", "okta.users.credentials.manage"))
        assert factors[ANN.id, zoe.id] == {}

    def test_a_membership_that_okta_does_not_edit_is_no_path(self):
        graph = graph_of(
            *ORG, HELD, *WHOLE, *may("cr01", "okta.groups.manage"), Group(id="00gAd", type="APP_GROUP")
        )
        assert edges_by_ends(graph, "Okta_AddMember")[ANN.id, "00gAd"] == {
            "active": False,
            "inactiveReason": "the members of a group of type APP_GROUP cannot be edited in Okta",
        }
        assert not attack_view(graph).has_edge(ANN.id, "00gAd")
        assert attack_view(graph).has_edge(ANN.id, STAFF.id)

    @pytest.mark.parametrize(
        ("permission", "kind", "target", "scope"),
        [
            ("okta.users.credentials.manage", "ResetPassword", "00uBob", "okta.users.manage"),
            ("okta.users.credentials.manage", "ResetFactors", "00uBob", "okta.users.manage"),
            ("okta.groups.manage", "AddMember", "00gStaff", "okta.groups.manage"),
            ("okta.apps.manage", "ManageApp", "0oaSlack", "okta.apps.manage"),
            ("okta.apps.clientCredentials.read", "ReadClientSecret", "ocsOidc", "okta.apps.read"),
        ],
    )
    def test_a_service_application_needs_the_scope_as_well(self, permission, kind, target, scope):
        bot = Application(id="0oaBot", client_type="service", grant_types=("client_credentials",))
        rows = (*ORG, bot, custom(bot, "cr01", "iam1"), *WHOLE, *may("cr01", permission))
        with_scope = edges_by_ends(graph_of(*rows, *granted(bot, scope)), f"Okta_{kind}")
        assert with_scope[bot.id, target] == {"usable": True}
        without = edges_by_ends(graph_of(*rows, *granted(bot, "okta.logs.read")), f"Okta_{kind}")
        assert without[bot.id, target]["usable"] is False
        assert without[bot.id, target]["active"] is False


class TestWhoIsProtected:
    ALL = (
        HELD,
        *WHOLE,
        *may("cr01", "okta.users.credentials.resetPassword", "okta.groups.manage", "okta.apps.manage"),
        *may("cr01", "okta.apps.clientCredentials.read"),
    )

    def test_admins_directly_and_through_groups(self):
        rows = (role(STAFF, "REPORT_ADMIN", "ra2"), AdminAssignee(id=EVE.id))
        found = rights(*self.ALL, *rows)
        assert {target for _, kind, target in found if kind == "Okta_ResetPassword"} == set()
        assert {target for _, kind, target in found if kind == "Okta_AddMember"} == {SALES.id}

    def test_applications_but_for_their_secrets(self):
        found = rights(*self.ALL, role(OIDC, "REPORT_ADMIN", "ra2"))
        assert {target for _, kind, target in found if kind == "Okta_ManageApp"} == {SLACK.id}
        assert (ANN.id, "Okta_ReadClientSecret", "ocsOidc") in found
