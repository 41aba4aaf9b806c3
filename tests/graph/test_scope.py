"""The four scopes of a role assignment."""

from __future__ import annotations

import pytest
from handwritten.admins import custom, gap, over_app, over_group, role
from handwritten.orgs import snapshot_of

from oktahound.entities import ApiServiceIntegration, Application, Group, RoleAppTarget, RoleGroupTarget, User
from oktahound.graph import OrgIndex
from oktahound.graph.scope import EVERYTHING, NOTHING, UNKNOWN, These, apps_of_type, scope_of

ANN = User(id="00uAnn")
APPS = (
    Application(id="0oaB", app_type="slack"),
    Application(id="0oaA", app_type="slack"),
    Application(id="0oaNone"),
    ApiServiceIntegration(id="0oaFalcon", app_type="falcon"),
)


def scope(assignment, *rows, **about):
    return scope_of(assignment, OrgIndex(snapshot_of(ANN, assignment, *APPS, *rows, **about)))


@pytest.mark.parametrize("type_", ["SUPER_ADMIN", "ORG_ADMIN", "READ_ONLY_ADMIN"])
def test_some_roles_always_cover_the_organization(type_):
    assignment = role(ANN, type_)
    assert (
        scope(assignment, over_group(assignment, "00g1"), gaps=(gap(RoleGroupTarget), gap(RoleAppTarget)))
        is EVERYTHING
    )


@pytest.mark.parametrize("type_", ["USER_ADMIN", "HELP_DESK_ADMIN", "GROUP_MEMBERSHIP_ADMIN", "APP_ADMIN"])
def test_no_targets_means_the_organization_only_if_they_were_read(type_):
    assignment = role(ANN, type_)
    cls = RoleAppTarget if type_ == "APP_ADMIN" else RoleGroupTarget
    assert scope(assignment) is EVERYTHING
    assert scope(assignment, gaps=(gap(cls, assignment.id),)) is UNKNOWN
    assert scope(assignment, gaps=(gap(cls, ANN.id),)) is UNKNOWN
    assert scope(assignment, gaps=(gap(cls),)) is UNKNOWN
    assert scope(assignment, asked=frozenset({"RoleAssignment"})) is UNKNOWN


def test_target_groups_count_even_if_they_were_not_collected():
    assignment = role(ANN, "HELP_DESK_ADMIN")
    found = scope(
        assignment, Group(id="00g1"), over_group(assignment, "00g1"), over_group(assignment, "00gGone")
    )
    assert found == These(frozenset({"00g1", "00gGone"}))


@pytest.mark.parametrize(
    ("target", "found"),
    [
        ({"app_id": "0oaA", "name": "slack"}, These(frozenset({"0oaA"}))),
        ({"app_id": "0oaFalcon"}, These(frozenset({"0oaFalcon"}))),
        ({"app_id": "0oaGone"}, These(frozenset({"0oaGone"}))),
        ({"name": "slack"}, These(frozenset({"0oaA", "0oaB"}))),
        ({"name": "falcon"}, These(frozenset({"0oaFalcon"}))),
        ({"name": "nobody"}, NOTHING),
        ({}, NOTHING),
    ],
)
def test_target_applications_are_the_listed_ones_or_none(target, found):
    assignment = role(ANN, "APP_ADMIN")
    assert scope(assignment, over_app(assignment, **target)) == found


def test_targets_of_another_assignment_do_not_count():
    assignment = role(ANN, "HELP_DESK_ADMIN")
    other = role(Group(id="00gElse"), "HELP_DESK_ADMIN")
    inherited = RoleGroupTarget(
        id="00g1", holder_id=ANN.id, assignment_id=assignment.id, inheritance="inherited"
    )
    assert scope(assignment, over_group(other, "00g1"), inherited) is EVERYTHING


@pytest.mark.parametrize(
    "assignment", [role(ANN, "QUANTUM_ADMIN"), role(ANN, None), custom(ANN, "cr01", "iam1")]
)
def test_the_scope_of_an_unknown_role_is_unknown(assignment):
    assert scope(assignment) is UNKNOWN


def test_a_type_stands_for_applications_and_integrations_sorted():
    org = OrgIndex(snapshot_of(*APPS))
    assert apps_of_type("slack", org) == ("0oaA", "0oaB")
    assert apps_of_type("falcon", org) == ("0oaFalcon",)
    assert apps_of_type("nobody", org) == apps_of_type("", org) == apps_of_type(None, org) == ()
