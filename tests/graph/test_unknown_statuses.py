"""Unknown statuses of objects that edges depend on."""

from __future__ import annotations

import pytest
from attrs import evolve
from handwritten.admins import custom, edges_by_ends, granted, graph_of, may, over_app, over_group, role
from handwritten.hybrid import crossings
from handwritten.orgs import snapshot_of

from oktahound import build_graph
from oktahound.entities import (
    AgentPool,
    ApiServiceIntegration,
    Application,
    ClientSecret,
    CustomRole,
    Group,
    GroupMembership,
    Policy,
    PolicyRule,
    Resource,
    ResourceSet,
    User,
)
from oktahound.graph import OrgIndex
from oktahound.graph.lifecycle import grant_state, role_state
from oktahound.graph.scope import These, scope_of

ANN, EVE = User(id="00uAnn", status="ACTIVE"), User(id="00uEve", status="ACTIVE")
BOT = Application(
    id="0oaBot", client_type="service", grant_types=("client_credentials",), sign_on_mode="OPENID_CONNECT"
)
SLACK, OTHER = (Application(id=each, app_type="slack") for each in ("0oaSlack", "0oaOther"))


def unknown(noun, status="PAUSED"):
    return f"the {noun} may be inactive: its status {status!r} is unknown to oktahound"


ROLE = {"assumption": unknown("role assignment")}


@pytest.mark.parametrize("status", ["ACTIVE", "INACTIVE", "PAUSED", "inactive", "REVOKED", "", None])
def test_an_assignment_counts_unless_its_status_is_known_to_be_inactive(status):
    assert role(ANN, "ORG_ADMIN", status=status).is_active is ("inactive" not in role_state(status))
    (grant,) = granted(BOT, "okta.users.read", status=status)
    assert grant.is_active is ("inactive" not in grant_state(status))


@pytest.mark.parametrize(
    ("type_", "kind", "target"),
    [
        ("SUPER_ADMIN", "Okta_SuperAdmin", "00oOrg"),
        ("ORG_ADMIN", "Okta_OrgAdmin", "00uEve"),
        ("HELP_DESK_ADMIN", "Okta_HelpDeskAdmin", "00uEve"),
        ("APP_ADMIN", "Okta_AppAdmin", "0oaSlack"),
        ("READ_ONLY_ADMIN", "Okta_ReadClientSecret", "ocs1"),
        ("ORG_ADMIN", "Okta_HasRole", "ORG_ADMIN@contoso.okta.com"),
        ("ORG_ADMIN", "Okta_HasRoleAssignment", "ra1_00uAnn"),
    ],
)
def test_every_right_of_such_an_assignment_has_an_assumption(type_, kind, target):
    assignment = role(ANN, type_, status="PAUSED")
    graph = graph_of(ANN, EVE, SLACK, ClientSecret(id="ocs1", owner_id=SLACK.id, status="ACTIVE"), assignment)
    assert edges_by_ends(graph, kind)["00uAnn", target] == ROLE
    assert edges_by_ends(graph, "Okta_ScopedTo") == {("ra1_00uAnn", "00oOrg"): ROLE}


def test_a_second_active_assignment_removes_the_assumption():
    assignment = (role(ANN, "ORG_ADMIN", status="PAUSED"), role(ANN, "ORG_ADMIN", "ra2"))
    assert edges_by_ends(graph_of(ANN, EVE, *assignment), "Okta_OrgAdmin")["00uAnn", "00uEve"] == {}


def test_such_an_assignment_protects_its_holder_and_members_of_its_group():
    staff = Group(id="00gStaff")
    rows = (ANN, EVE, staff, GroupMembership(id=EVE.id, group_id=staff.id))
    paused, desk = role(staff, "MOBILE_ADMIN", "ra9", status="PAUSED"), role(ANN, "HELP_DESK_ADMIN")
    assert edges_by_ends(graph_of(*rows, desk, paused), "Okta_HelpDeskAdmin") == {}
    of_eve = role(EVE, "MOBILE_ADMIN", "ra9", status="PAUSED")
    assert edges_by_ends(graph_of(ANN, EVE, desk, of_eve), "Okta_HelpDeskAdmin") == {}
    of_eve = role(EVE, "MOBILE_ADMIN", "ra9", status="INACTIVE")
    assert edges_by_ends(graph_of(ANN, EVE, desk, of_eve), "Okta_HelpDeskAdmin") == {("00uAnn", "00uEve"): {}}


def test_the_assumptions_of_a_custom_role_and_of_its_assignment_are_joined():
    rows = (
        CustomRole(id="cr1"),
        *may("cr1", "okta.users.manage"),
        ResourceSet(id="iam1"),
        Resource(id="ire1", resource_set_id="iam1", orn="orn:okta:directory:00oOrg:users"),
        custom(ANN, "cr1", "iam1", status="PAUSED"),
    )
    about = edges_by_ends(graph_of(ANN, EVE, *rows), "Okta_ResetPassword")["00uAnn", "00uEve"]
    first, second = about["assumption"].split("; ")
    assert first == ROLE["assumption"]
    assert second.startswith("okta.users.manage includes credentials")


def test_the_assumptions_of_a_target_and_of_the_assignment_are_joined():
    falcon = ApiServiceIntegration(id="0oaFalcon", oauth_scopes=())
    rows = (ANN, falcon, role(falcon, "READ_ONLY_ADMIN"), role(ANN, "APP_ADMIN", "ra2", status="PAUSED"))
    about = edges_by_ends(graph_of(*rows), "Okta_AppAdmin")["00uAnn", "0oaFalcon"]
    assert about["assumption"].startswith(f"{ROLE['assumption']}; ")
    assert "does not cover an API service integration" in about["assumption"]


@pytest.mark.parametrize("form", ["edges", "targets"])
def test_an_assumed_right_has_both_assumptions(form):
    assignment = role(ANN, "ACCESS_REQUESTS_ADMIN", status="PAUSED")
    graph = build_graph(snapshot_of(ANN, SLACK, assignment), permissions=form)
    (about,) = edges_by_ends(graph, "Okta_ManageApp").values()
    assert about["assumption"].split("; ") == [
        ROLE["assumption"],
        "ACCESS_REQUESTS_ADMIN includes okta.apps.manage",
    ]


def help_desk_of_bot(*grants, **facts):
    graph = graph_of(EVE, BOT, role(BOT, "HELP_DESK_ADMIN", **facts), *grants)
    return edges_by_ends(graph, "Okta_HelpDeskAdmin")["0oaBot", "00uEve"]


def test_a_grant_with_an_unknown_status_makes_usable_unknown():
    paused = granted(BOT, "okta.users.manage", status="PAUSED")
    assert help_desk_of_bot(*paused) == {"usable": "unknown", "assumption": unknown("consent grant")}
    about = help_desk_of_bot(*paused, status="STALLED")
    assert about["assumption"].split("; ") == [
        unknown("consent grant"),
        unknown("role assignment", "STALLED"),
    ]


def test_an_active_grant_takes_precedence_over_such_a_grant():
    (paused,) = granted(BOT, "okta.users.manage", status="PAUSED")
    assert help_desk_of_bot(paused, evolve(paused, id="oagMore", status="ACTIVE")) == {"usable": True}
    about = help_desk_of_bot(*granted(BOT, "okta.logs.read", status="PAUSED"))
    assert about["usable"] is False
    assert "assumption" not in about


def test_the_edge_to_its_scope_has_the_assumption_too():
    paused = granted(BOT, "okta.users.read", status="PAUSED")
    graph = build_graph(snapshot_of(BOT, *paused), scopes=True)
    ((_, about),) = edges_by_ends(graph, "OktaHound_HasScope").items()
    assert about["active"] is False
    assert about["assumption"] == unknown("consent grant")


TARGET = unknown("target of the role assignment")


def _over(assignment, *targets):
    return [evolve(over_app(assignment, app, name), status=status) for app, name, status in targets]


def test_a_target_of_unknown_status_is_in_scope_with_an_assumption():
    assignment = role(ANN, "APP_ADMIN")
    targets = _over(assignment, ("0oaSlack", "slack", "PAUSED"), ("0oaOther", "slack", "ACTIVE"))
    secret = ClientSecret(id="ocs1", owner_id=SLACK.id, status="ACTIVE")
    graph = graph_of(ANN, SLACK, OTHER, BOT, secret, assignment, *targets)
    assert edges_by_ends(graph, "Okta_AppAdmin") == {
        ("00uAnn", "0oaSlack"): {"assumption": TARGET},
        ("00uAnn", "0oaOther"): {},
    }
    assert edges_by_ends(graph, "Okta_ReadClientSecret") == {("00uAnn", "ocs1"): {"assumption": TARGET}}
    assert edges_by_ends(graph, "Okta_ScopedTo") == {
        ("ra1_00uAnn", "0oaSlack"): {"assumption": TARGET},
        ("ra1_00uAnn", "0oaOther"): {},
    }


def test_only_targets_of_unknown_status_do_not_mean_the_whole_organization():
    assignment = role(ANN, "APP_ADMIN")
    (target,) = _over(assignment, ("0oaSlack", "slack", "PAUSED"))
    org = OrgIndex(snapshot_of(ANN, SLACK, OTHER, assignment, target))
    assert scope_of(assignment, org) == These(frozenset({"0oaSlack"}), {"0oaSlack": TARGET})
    shared = build_graph(org.snapshot, permissions="targets")
    assert [*edges_by_ends(shared, "Okta_AppAdmin").values()] == [{"assumption": TARGET}]


def test_a_certain_type_takes_precedence_over_an_uncertain_instance():
    assignment = role(ANN, "APP_ADMIN")
    targets = _over(assignment, ("0oaSlack", "slack", "PAUSED"), (None, "slack", "ACTIVE"))
    org = OrgIndex(snapshot_of(ANN, SLACK, OTHER, assignment, *targets))
    assert scope_of(assignment, org) == These(frozenset({"0oaSlack", "0oaOther"}))


def test_target_groups_have_no_assumption():
    assignment = role(ANN, "HELP_DESK_ADMIN")
    org = OrgIndex(snapshot_of(ANN, assignment, over_group(assignment, "00g1")))
    assert scope_of(assignment, org) == These(frozenset({"00g1"}))


TICKETS = ("AgentlessDSSO",)
APP = Application(id="0oaAd", app_type="active_directory", status="ACTIVE")
POOL = AgentPool(id="0oaAd", name="contoso.com", type="AD", operational_status="OPERATIONAL")


@pytest.mark.parametrize(
    ("policy", "rule", "assumption"),
    [
        ("ACTIVE", "PAUSED", unknown("policy rule")),
        ("PAUSED", "ACTIVE", unknown("policy")),
        ("PAUSED", "STALLED", f"{unknown('policy rule', 'STALLED')}; {unknown('policy')}"),
        ("ACTIVE", None, None),
    ],
)
def test_a_routing_rule_that_may_be_active_may_accept_tickets(policy, rule, assumption):
    rows = (
        APP,
        POOL,
        Policy(id="00p1", type="IDP_DISCOVERY", status=policy),
        PolicyRule(id="0pr1", policy_id="00p1", status=rule, provider_types=TICKETS),
    )
    (about,) = crossings(*rows, kind="Okta_KerberosSSO").values()
    assert about == ({} if assumption is None else {"assumption": assumption})
    certain = PolicyRule(id="0pr2", policy_id="00p2", status="ACTIVE", provider_types=TICKETS)
    active = Policy(id="00p2", type="IDP_DISCOVERY", status="ACTIVE")
    assert [*crossings(*rows, certain, active, kind="Okta_KerberosSSO").values()] == [{}]
