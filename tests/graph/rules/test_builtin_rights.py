"""The rights of Okta's built-in roles, and objects that they do not cover."""

from __future__ import annotations

import pytest
from handwritten.admins import edges_by_ends, gap, granted, graph_of, not_read, over_app, over_group, role

from oktahound import attack_view
from oktahound.entities import (
    AdminAssignee,
    ApiServiceIntegration,
    Application,
    ClientSecret,
    ConsentGrant,
    Device,
    Group,
    GroupMembership,
    RoleAppTarget,
    RoleGroupTarget,
    User,
)

ANN, BOB, EVE = User(id="00uAnn"), User(id="00uBob"), User(id="00uEve")
STAFF, SALES, EMPTY = Group(id="00gStaff", type="OKTA_GROUP"), Group(id="00gSales"), Group(id="00gEmpty")
IN_STAFF = GroupMembership(id=BOB.id, group_id=STAFF.id)
SLACK = Application(id="0oaSlack", app_type="slack", sign_on_mode="SAML_2_0")
OIDC = Application(id="0oaOidc", sign_on_mode="OPENID_CONNECT")
FALCON = ApiServiceIntegration(id="0oaFalcon", app_type="falcon")
PHONE = Device(id="guoPhone")
SECRETS = (
    ClientSecret(id="ocsOidc", owner_id=OIDC.id),
    ClientSecret(id="ocsFalcon", owner_id=FALCON.id),
    ClientSecret(id="ocsGone", owner_id="0oaGone"),
)
ORG = (ANN, BOB, EVE, STAFF, SALES, EMPTY, IN_STAFF, SLACK, OIDC, FALCON, PHONE, *SECRETS)
RIGHTS = {
    "Okta_SuperAdmin", "Okta_OrgAdmin", "Okta_GroupAdmin", "Okta_GroupMembershipAdmin", "Okta_HelpDeskAdmin",
    "Okta_AppAdmin", "Okta_MobileAdmin", "Okta_ReadClientSecret", "Okta_ManageApp", "Okta_AddMember",
    "Okta_ResetPassword", "Okta_ResetFactors",
}  # fmt: skip


def rights(*rows, **about):
    """Every right in an org, as (holder, kind, target)."""
    graph = graph_of(*ORG, *rows, **about)
    return {(start, kind, end) for start, end, kind in graph.edges(keys=True) if kind in RIGHTS}


def of_ann(kind, *targets):
    return {(ANN.id, f"Okta_{kind}", target) for target in targets}


class TestOfTheWholeOrganization:
    """Each role, held by Ann without targets. She holds a role, so no right covers her."""

    @pytest.mark.parametrize(
        ("type_", "found"),
        [
            ("SUPER_ADMIN", of_ann("SuperAdmin", "00oOrg")),
            ("ORG_ADMIN", of_ann("OrgAdmin", BOB.id, EVE.id, STAFF.id, SALES.id, EMPTY.id, PHONE.id)),
            ("USER_ADMIN", of_ann("GroupAdmin", BOB.id, EVE.id, STAFF.id, SALES.id, EMPTY.id)),
            ("GROUP_MEMBERSHIP_ADMIN", of_ann("GroupMembershipAdmin", STAFF.id, SALES.id, EMPTY.id)),
            ("HELP_DESK_ADMIN", of_ann("HelpDeskAdmin", BOB.id, EVE.id)),
            ("MOBILE_ADMIN", of_ann("MobileAdmin", PHONE.id)),
            (
                "APP_ADMIN",
                of_ann("AppAdmin", SLACK.id, OIDC.id, FALCON.id) | of_ann("ReadClientSecret", "ocsOidc"),
            ),
            ("READ_ONLY_ADMIN", of_ann("ReadClientSecret", "ocsOidc")),
            (
                "API_ACCESS_MANAGEMENT_ADMIN",
                of_ann("ReadClientSecret", "ocsOidc") | of_ann("ManageApp", OIDC.id),
            ),
            ("ACCESS_REQUESTS_ADMIN", of_ann("ManageApp", SLACK.id, OIDC.id)),
            ("REPORT_ADMIN", set()),
            ("API_ADMIN", set()),
            ("WORKFLOWS_ADMIN", set()),
            ("ACCESS_CERTIFICATIONS_ADMIN", set()),
            ("QUANTUM_ADMIN", set()),
        ],
    )
    def test_the_rights_of_a_role(self, type_, found):
        assert rights(role(ANN, type_)) == found

    def test_ordinary_rights_have_no_properties(self):
        for type_ in (
            "SUPER_ADMIN",
            "ORG_ADMIN",
            "USER_ADMIN",
            "HELP_DESK_ADMIN",
            "APP_ADMIN",
            "MOBILE_ADMIN",
        ):
            graph = graph_of(*ORG, role(ANN, type_))
            right_of = [data for *_, kind, data in graph.edges(keys=True, data=True) if kind in RIGHTS]
            assert right_of
            assert not any(right_of)

    def test_rights_that_only_other_collectors_know_have_an_assumption(self):
        graph = graph_of(*ORG, role(ANN, "API_ACCESS_MANAGEMENT_ADMIN"), role(EVE, "ACCESS_REQUESTS_ADMIN"))
        assert edges_by_ends(graph, "Okta_ManageApp") == {
            (ANN.id, OIDC.id): {"assumption": "API_ACCESS_MANAGEMENT_ADMIN includes okta.apps.manage"},
            (EVE.id, SLACK.id): {"assumption": "ACCESS_REQUESTS_ADMIN includes okta.apps.manage"},
            (EVE.id, OIDC.id): {"assumption": "ACCESS_REQUESTS_ADMIN includes okta.apps.manage"},
        }

    @pytest.mark.parametrize("facts", [{"status": "INACTIVE"}, {"assignment_type": "GROUP"}])
    def test_an_inactive_or_inherited_assignment_gives_nothing(self, facts):
        assert rights(role(ANN, "SUPER_ADMIN", **facts)) == set()

    def test_every_right_is_traversable(self):
        attackable = attack_view(
            graph_of(*ORG, role(ANN, "ORG_ADMIN"), role(EVE, "APP_ADMIN"), role(STAFF, "SUPER_ADMIN"))
        )
        for start, end in (
            (ANN.id, PHONE.id),
            (EVE.id, FALCON.id),
            (EVE.id, "ocsOidc"),
            (STAFF.id, "00oOrg"),
        ):
            assert attackable.has_edge(start, end)

    def test_rights_of_a_group_start_at_the_group_only(self):
        assert rights(role(STAFF, "SUPER_ADMIN")) == {(STAFF.id, "Okta_SuperAdmin", "00oOrg")}

    def test_a_right_with_two_sources_is_one_edge(self):
        rows = (role(ANN, "APP_ADMIN"), role(ANN, "READ_ONLY_ADMIN", "ra2"))
        assert edges_by_ends(graph_of(*ORG, *rows), "Okta_ReadClientSecret") == {(ANN.id, "ocsOidc"): {}}


class TestOverGroups:
    def held(self, type_, *groups):
        assignment = role(ANN, type_)
        return (assignment, *(over_group(assignment, group) for group in groups))

    def test_a_group_administrator_has_the_groups_and_their_members(self):
        assert rights(*self.held("USER_ADMIN", STAFF.id)) == of_ann("GroupAdmin", STAFF.id, BOB.id)

    def test_a_membership_administrator_has_the_groups(self):
        held = self.held("GROUP_MEMBERSHIP_ADMIN", STAFF.id, SALES.id)
        assert rights(*held) == of_ann("GroupMembershipAdmin", STAFF.id, SALES.id)

    def test_a_help_desk_administrator_has_the_members(self):
        assert rights(*self.held("HELP_DESK_ADMIN", STAFF.id, SALES.id)) == of_ann("HelpDeskAdmin", BOB.id)

    @pytest.mark.parametrize(
        ("type_", "found"),
        [
            ("HELP_DESK_ADMIN", set()),
            ("GROUP_MEMBERSHIP_ADMIN", of_ann("GroupMembershipAdmin", EMPTY.id)),
            ("USER_ADMIN", of_ann("GroupAdmin", EMPTY.id)),
        ],
    )
    def test_an_empty_group_is_not_the_organization(self, type_, found):
        assert rights(*self.held(type_, EMPTY.id)) == found

    @pytest.mark.parametrize("type_", ["HELP_DESK_ADMIN", "GROUP_MEMBERSHIP_ADMIN", "USER_ADMIN"])
    def test_a_target_group_that_was_not_collected_is_not_the_organization(self, type_):
        assert rights(*self.held(type_, "00gGone")) == set()

    @pytest.mark.parametrize("type_", ["HELP_DESK_ADMIN", "GROUP_MEMBERSHIP_ADMIN", "USER_ADMIN"])
    def test_targets_that_were_not_read_give_no_right(self, type_):
        assert rights(*self.held(type_), gaps=(gap(RoleGroupTarget, "ra1"),)) == set()
        assert rights(*self.held(type_, STAFF.id), gaps=(gap(RoleGroupTarget),)) == set()
        assert rights(*self.held(type_), gaps=(gap(RoleGroupTarget, "raOther"),)) != set()

    def test_members_of_a_target_group_who_were_not_collected_are_no_targets(self):
        gone = GroupMembership(id="00uGone", group_id=SALES.id)
        assert rights(*self.held("HELP_DESK_ADMIN", SALES.id), gone) == set()


class TestOverApplications:
    @pytest.mark.parametrize(
        ("target", "found"),
        [
            ({"app_id": SLACK.id}, of_ann("AppAdmin", SLACK.id)),
            ({"app_id": OIDC.id}, of_ann("AppAdmin", OIDC.id) | of_ann("ReadClientSecret", "ocsOidc")),
            ({"app_id": FALCON.id}, of_ann("AppAdmin", FALCON.id)),
            ({"name": "slack"}, of_ann("AppAdmin", SLACK.id)),
            ({"name": "falcon"}, of_ann("AppAdmin", FALCON.id)),
            ({"name": "nobody"}, set()),
            ({"app_id": "0oaGone"}, set()),
            ({"app_id": "0oaGone", "name": "slack"}, set()),
        ],
    )
    def test_target_applications_are_instances_or_types(self, target, found):
        held = role(ANN, "APP_ADMIN")
        assert rights(held, over_app(held, **target)) == found

    def test_targets_that_were_not_read_give_no_right(self):
        assert rights(role(ANN, "APP_ADMIN"), gaps=(gap(RoleAppTarget, "ra1"),)) == set()

    def test_targets_of_the_other_kind_do_not_matter(self):
        found = rights(role(ANN, "APP_ADMIN"), gaps=(gap(RoleGroupTarget, "ra1"),))
        assert (ANN.id, "Okta_AppAdmin", SLACK.id) in found


class TestWhoIsProtected:
    """Role holders are no targets, whether they hold the role directly or not."""

    HELP = role(ANN, "HELP_DESK_ADMIN")

    @pytest.mark.parametrize(
        "rows",
        [
            [role(EVE, "REPORT_ADMIN", "ra2")],
            [role(EVE, "QUANTUM_ADMIN", "ra2")],
            [role(EVE, "CUSTOM", "ra2", role_id="cr01", resource_set_id="iam1")],
            [role(EVE, "REPORT_ADMIN", "ra2", assignment_type="GROUP")],
            [AdminAssignee(id=EVE.id)],
            [role(SALES, "REPORT_ADMIN", "ra2"), GroupMembership(id=EVE.id, group_id=SALES.id)],
            [
                Group(id="00gAdmins", has_admin_privilege=True),
                GroupMembership(id=EVE.id, group_id="00gAdmins"),
            ],
        ],
    )
    def test_a_user_who_is_an_admin_in_any_way(self, rows):
        assert rights(self.HELP, *rows) == of_ann("HelpDeskAdmin", BOB.id)

    def test_an_inactive_role_protects_no_user(self):
        inactive = role(EVE, "REPORT_ADMIN", "ra2", status="INACTIVE")
        assert rights(self.HELP, inactive) == of_ann("HelpDeskAdmin", BOB.id, EVE.id)

    @pytest.mark.parametrize("type_", ["ORG_ADMIN", "USER_ADMIN", "GROUP_MEMBERSHIP_ADMIN"])
    def test_a_group_that_holds_a_role(self, type_):
        targets = {end for _, _, end in rights(role(ANN, type_), role(SALES, "REPORT_ADMIN", "ra2"))}
        assert SALES.id not in targets
        assert STAFF.id in targets

    @pytest.mark.parametrize("type_", ["APP_ADMIN", "API_ACCESS_MANAGEMENT_ADMIN", "ACCESS_REQUESTS_ADMIN"])
    def test_an_application_with_a_role_is_protected_except_for_its_secrets(self, type_):
        found = rights(role(ANN, type_), role(OIDC, "REPORT_ADMIN", "ra2"))
        assert not {(ANN.id, "Okta_AppAdmin", OIDC.id), (ANN.id, "Okta_ManageApp", OIDC.id)} & found
        reads = (ANN.id, "Okta_ReadClientSecret", "ocsOidc") in found
        assert reads is (type_ != "ACCESS_REQUESTS_ADMIN")

    def test_integrations_and_devices_are_never_protected(self):
        rows = (
            role(ANN, "APP_ADMIN"),
            role(EVE, "ORG_ADMIN", "ra2"),
            AdminAssignee(id=FALCON.id),
            AdminAssignee(id=PHONE.id),
        )
        assert {(ANN.id, "Okta_AppAdmin", FALCON.id), (EVE.id, "Okta_OrgAdmin", PHONE.id)} <= rights(*rows)


class TestGroupsKeptElsewhere:
    @pytest.mark.parametrize("type_", ["APP_GROUP", "BUILT_IN"])
    def test_a_membership_that_okta_does_not_edit_is_no_path(self, type_):
        group = Group(id="00gAd", type=type_)
        graph = graph_of(ANN, group, STAFF, SALES, role(ANN, "GROUP_MEMBERSHIP_ADMIN"))
        reason = f"the members of a group of type {type_} cannot be edited in Okta"
        assert edges_by_ends(graph, "Okta_GroupMembershipAdmin") == {
            (ANN.id, group.id): {"active": False, "inactiveReason": reason},
            (ANN.id, STAFF.id): {},
            (ANN.id, SALES.id): {},
        }
        assert not attack_view(graph).has_edge(ANN.id, group.id)

    @pytest.mark.parametrize(("role_type", "kind"), [("ORG_ADMIN", "OrgAdmin"), ("USER_ADMIN", "GroupAdmin")])
    def test_the_same_holds_for_other_administrators_of_groups(self, role_type, kind):
        graph = graph_of(ANN, Group(id="00gAd", type="APP_GROUP"), role(ANN, role_type))
        assert edges_by_ends(graph, f"Okta_{kind}")[ANN.id, "00gAd"]["active"] is False


class TestServiceApplications:
    """A role of an application is usable only with a matching scope and grant type."""

    BOT = Application(id="0oaBot", client_type="service", grant_types=("client_credentials",))
    OFF = {
        "usable": False,
        "active": False,
        "inactiveReason": "the application lacks the OAuth scope or the grant type to use the role",
    }

    def right_of(self, type_, kind, *rows, bot=BOT, target="00uEve", **about):
        ours = (bot, EVE, STAFF, PHONE, SLACK, FALCON, *SECRETS, OIDC)
        graph = graph_of(*ours, role(bot, type_), *rows, **about)
        found = edges_by_ends(graph, f"Okta_{kind}")[bot.id, target]
        assert attack_view(graph).has_edge(bot.id, target) is found.get("active", True)
        return found

    @pytest.mark.parametrize(
        ("scopes", "usable"),
        [
            (["okta.users.manage"], True),
            (["okta.logs.read", "okta.users.manage"], True),
            (["okta.users.read"], False),
            (["okta.groups.manage"], False),
            (["openid"], False),
            ([], False),
        ],
    )
    def test_resetting_credentials_needs_the_scope_to_manage_users(self, scopes, usable):
        found = self.right_of("HELP_DESK_ADMIN", "HelpDeskAdmin", *granted(self.BOT, *scopes))
        assert found == ({"usable": True} if usable else self.OFF)

    @pytest.mark.parametrize(
        ("type_", "kind", "target", "scope"),
        [
            ("ORG_ADMIN", "OrgAdmin", "00uEve", "okta.users.manage"),
            ("ORG_ADMIN", "OrgAdmin", "00gStaff", "okta.groups.manage"),
            ("ORG_ADMIN", "OrgAdmin", "guoPhone", "okta.devices.manage"),
            ("MOBILE_ADMIN", "MobileAdmin", "guoPhone", "okta.devices.manage"),
            ("USER_ADMIN", "GroupAdmin", "00gStaff", "okta.groups.manage"),
            ("USER_ADMIN", "GroupAdmin", "00uEve", "okta.users.manage"),
            ("GROUP_MEMBERSHIP_ADMIN", "GroupMembershipAdmin", "00gStaff", "okta.groups.manage"),
            ("APP_ADMIN", "AppAdmin", "0oaSlack", "okta.apps.manage"),
            ("APP_ADMIN", "AppAdmin", "0oaFalcon", "okta.oauthIntegrations.manage"),
            ("APP_ADMIN", "ReadClientSecret", "ocsOidc", "okta.apps.read"),
            ("APP_ADMIN", "ReadClientSecret", "ocsOidc", "okta.apps.manage"),
            ("READ_ONLY_ADMIN", "ReadClientSecret", "ocsOidc", "okta.apps.read"),
            ("SUPER_ADMIN", "SuperAdmin", "00oOrg", "okta.roles.manage"),
        ],
    )
    def test_each_right_needs_the_scope_of_its_objects(self, type_, kind, target, scope):
        assert self.right_of(type_, kind, *granted(self.BOT, scope), target=target) == {"usable": True}
        other = granted(self.BOT, "okta.logs.read" if type_ == "SUPER_ADMIN" else "okta.policies.manage")
        assert self.right_of(type_, kind, *other, target=target) == self.OFF

    def test_scopes_of_applications_and_of_integrations_are_separate(self):
        for scope, target in (
            ("okta.apps.manage", "0oaFalcon"),
            ("okta.oauthIntegrations.manage", "0oaSlack"),
        ):
            assert (
                self.right_of("APP_ADMIN", "AppAdmin", *granted(self.BOT, scope), target=target) == self.OFF
            )

    def test_the_assumed_right_needs_its_scope_too(self):
        assumed = {"assumption": "ACCESS_REQUESTS_ADMIN includes okta.apps.manage"}
        found = self.right_of("ACCESS_REQUESTS_ADMIN", "ManageApp", target="0oaSlack")
        assert found == {**assumed, **self.OFF}

    def test_a_scope_without_the_grant_type_is_not_usable(self):
        bot = Application(id="0oaBot", client_type="service", grant_types=("authorization_code",))
        assert (
            self.right_of(
                "SUPER_ADMIN", "SuperAdmin", *granted(bot, "okta.users.manage"), bot=bot, target="00oOrg"
            )
            == self.OFF
        )

    def test_a_revoked_grant_is_not_usable(self):
        revoked = granted(self.BOT, "okta.users.manage", status="REVOKED")
        assert self.right_of("HELP_DESK_ADMIN", "HelpDeskAdmin", *revoked) == self.OFF

    def test_unread_grants_make_usable_unknown_and_add_no_path(self):
        unknown = {
            "usable": "unknown",
            "active": False,
            "inactiveReason": "the OAuth scopes of the application were not read",
        }
        assert (
            self.right_of("HELP_DESK_ADMIN", "HelpDeskAdmin", gaps=(gap(ConsentGrant, "0oaBot"),)) == unknown
        )
        read = granted(self.BOT, "okta.users.read")
        assert self.right_of("HELP_DESK_ADMIN", "HelpDeskAdmin", *read, gaps=(gap(ConsentGrant),)) == unknown
        assert (
            self.right_of("HELP_DESK_ADMIN", "HelpDeskAdmin", gaps=(gap(ConsentGrant, "0oaElse"),))
            == self.OFF
        )

    def test_one_known_scope_is_enough_if_others_are_unread(self):
        read = granted(self.BOT, "okta.users.manage")
        assert self.right_of("HELP_DESK_ADMIN", "HelpDeskAdmin", *read, gaps=(gap(ConsentGrant),)) == {
            "usable": True
        }

    def test_unread_grant_types_make_usable_unknown(self):
        bot = Application(id="0oaBot", client_type="service")
        found = self.right_of("HELP_DESK_ADMIN", "HelpDeskAdmin", *granted(bot, "okta.users.manage"), bot=bot)
        assert found == {"usable": "unknown"}
        assert self.right_of("HELP_DESK_ADMIN", "HelpDeskAdmin", bot=bot) == self.OFF

    def test_usable_is_unknown_for_an_unread_application(self):
        held = role(self.BOT, "SUPER_ADMIN")
        assert edges_by_ends(graph_of(held), "Okta_SuperAdmin") == {
            ("0oaBot", "00oOrg"): {"usable": "unknown", **not_read("Okta_Application")}
        }

    def test_users_and_groups_need_no_scope(self):
        graph = graph_of(ANN, STAFF, role(ANN, "SUPER_ADMIN"), role(STAFF, "SUPER_ADMIN"))
        assert edges_by_ends(graph, "Okta_SuperAdmin") == {(ANN.id, "00oOrg"): {}, (STAFF.id, "00oOrg"): {}}


def test_differences_between_integrations_and_service_applications():
    """Admins of applications reach both; only the application has keys and readable secrets."""
    bot = Application(id="0oaBot", client_type="service", grant_types=("client_credentials",))
    rows = (
        ANN,
        bot,
        FALCON,
        *SECRETS,
        ClientSecret(id="ocsBot", owner_id=bot.id),
        role(ANN, "APP_ADMIN"),
        role(EVE, "READ_ONLY_ADMIN"),
    )
    graph = graph_of(*rows)
    assert set(edges_by_ends(graph, "Okta_AppAdmin")) == {(ANN.id, bot.id), (ANN.id, FALCON.id)}
    assert set(edges_by_ends(graph, "Okta_ReadClientSecret")) == {(ANN.id, "ocsBot"), (EVE.id, "ocsBot")}
    assert {end for _, end in edges_by_ends(graph, "Okta_SecretOf")} == {
        bot.id,
        FALCON.id,
        OIDC.id,
        "0oaGone",
    }
    assert "hasRoleAssignments" in graph.nodes[bot.id]
    assert "hasRoleAssignments" not in graph.nodes[FALCON.id]
