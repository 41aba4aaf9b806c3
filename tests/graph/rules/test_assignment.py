"""Assignments of applications, and policies for applications."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from handwritten.admins import edges_by_ends, gap, graph_of, not_read

from oktahound import attack_view
from oktahound.entities import AppGroupAssignment, Application, AppUser, Group, Policy, PolicyMapping, User

ANN, STAFF, SLACK = User(id="00uAnn"), Group(id="00gStaff"), Application(id="0oaSlack", app_type="slack")
EVERYONE = Group(id="00gAll", type="BUILT_IN", name="Everyone")


def assigned(*rows):
    return edges_by_ends(graph_of(*rows), "Okta_AppAssignment")


@pytest.mark.parametrize(
    ("scope", "found"),
    [
        ("USER", {("00uAnn", "0oaSlack"): {}}),
        (None, {("00uAnn", "0oaSlack"): {}}),
        ("GROUP", {}),
    ],
)
def test_a_user_or_a_group_is_assigned(scope, found):
    assert assigned(ANN, SLACK, AppUser(id=ANN.id, app_id=SLACK.id, scope=scope, status="ACTIVE")) == found


@pytest.mark.parametrize("status", ["ACTIVE", "PROVISIONED", "IMPLICIT", "PENDING", None])
def test_an_assignment_in_these_statuses_counts(status):
    found = assigned(ANN, SLACK, AppUser(id=ANN.id, app_id=SLACK.id, status=status))
    assert found == {("00uAnn", "0oaSlack"): {}}


@pytest.mark.parametrize(
    "status", ["DEPROVISIONED", "INACTIVE", "REVOKED", "STAGED", "SUSPENDED", "UNASSIGNED"]
)
def test_an_assignment_in_these_statuses_is_inactive(status):
    found = assigned(ANN, SLACK, AppUser(id=ANN.id, app_id=SLACK.id, status=status))
    reason = f"the assignment is {status}"
    assert found == {("00uAnn", "0oaSlack"): {"active": False, "inactiveReason": reason}}


@pytest.mark.parametrize(
    "type_",
    [
        "okta_oin_submission_tester_app",
        "okta_access_requests_resource_catalog",
        "okta_enduser",
        "okta_browser_plugin",
        "active_directory",
        "ldap_interface",
    ],
)
def test_assignments_of_system_applications_are_edges_and_the_application_is_marked(type_):
    graph = graph_of(ANN, Application(id="0oa1", app_type=type_), AppUser(id=ANN.id, app_id="0oa1"))
    assert set(edges_by_ends(graph, "Okta_AppAssignment")) == {("00uAnn", "0oa1")}
    assert graph.nodes["0oa1"]["systemApp"] is True


def test_a_group_assignment_has_its_properties():
    rows = (
        STAFF,
        SLACK,
        AppGroupAssignment(id=STAFF.id, app_id=SLACK.id),
        AppGroupAssignment(
            id="00gGone",
            app_id=SLACK.id,
            priority=0,
            last_updated=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
            profile_fields=("role", "seat"),
        ),
    )
    assert assigned(*rows) == {
        ("00gStaff", "0oaSlack"): {},
        ("00gGone", "0oaSlack"): {
            **not_read("Okta_Group"),
            "priority": 0,
            "lastUpdated": "2026-01-02T03:04:05.000Z",
            "profileFields": ["role", "seat"],
        },
    }


@pytest.mark.parametrize(
    ("implicit", "group", "found"),
    [
        (True, EVERYONE, {("00gAll", "0oa1"): {}}),
        (False, EVERYONE, {}),
        (None, EVERYONE, {}),
        (True, Group(id="00gAll", type="OKTA_GROUP", name="Everyone"), {}),
        (True, Group(id="00gAll", type="BUILT_IN", name="Okta Administrators"), {}),
    ],
)
def test_an_application_with_implicit_assignment_is_assigned_to_everyone(implicit, group, found):
    assert assigned(group, Application(id="0oa1", implicit_assignment=implicit)) == found


def test_assignments_are_not_traversable():
    graph = graph_of(ANN, SLACK, AppUser(id=ANN.id, app_id=SLACK.id))
    assert not attack_view(graph).has_edge(ANN.id, SLACK.id)


def test_a_policy_has_edges_to_its_mapped_applications():
    rows = (
        Policy(id="rst1", type="ACCESS_POLICY"),
        SLACK,
        PolicyMapping(id="rst1", policy_id="rst1", application_id=SLACK.id),
        PolicyMapping(id="rst1", policy_id="rst1", application_id="0oaGone"),
        PolicyMapping(id="rst2", policy_id="rst1", application_id=None),
    )
    graph = graph_of(*rows)
    assert edges_by_ends(graph, "Okta_PolicyMapping") == {
        ("rst1", SLACK.id): {},
        ("rst1", "0oaGone"): not_read("Okta_Application"),
    }
    assert not attack_view(graph).has_edge("rst1", SLACK.id)
    assert graph.nodes["0oaGone"]["kind"] == "Okta_Application"


@pytest.mark.parametrize(
    ("cls", "rules"),
    [
        (AppUser, {"user_assignment"}),
        (AppGroupAssignment, {"group_assignment"}),
        (Application, {"user_assignment", "group_assignment", "implicit_assignment"}),
        (Group, {"implicit_assignment"}),
        (PolicyMapping, {"policy_mapping"}),
        (Policy, {"policy_mapping"}),
    ],
)
def test_assignments_are_unsure_if_their_ends_have_gaps(cls, rules):
    unsure = graph_of(gaps=(gap(cls),)).graph["unsure"]
    of_this_family = {"user_assignment", "group_assignment", "implicit_assignment", "policy_mapping"}
    assert of_this_family & set(unsure) == rules
