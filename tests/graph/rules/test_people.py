"""Memberships, managers, devices."""

from __future__ import annotations

import pytest
from handwritten.admins import edges_by_ends, gap, graph_of, not_read
from handwritten.orgs import edges

from oktahound import attack_view
from oktahound.entities import Device, DeviceUser, Group, GroupMembership, User

STAFF = Group(id="00gStaff")
ANN = User(id="00uAnn", login="Ann@contoso.com", email="ann.a@contoso.com", employee_number="007")


def managers(*rows, **about):
    return edges_by_ends(graph_of(*rows, **about), "Okta_ManagerOf")


def employee(manager_id, id="00uBob", **facts):
    return User(id=id, login="bob@contoso.com", manager_id=manager_id, **facts)


def test_memberships_include_users_who_were_not_collected():
    rows = (
        ANN,
        STAFF,
        GroupMembership(id=ANN.id, group_id=STAFF.id),
        GroupMembership(id="00uGone", group_id=STAFF.id),
        GroupMembership(id=ANN.id, group_id="00gGone"),
    )
    graph = graph_of(*rows)
    assert edges_by_ends(graph, "Okta_MemberOf") == {
        (ANN.id, STAFF.id): {},
        ("00uGone", STAFF.id): not_read("Okta_User"),
        (ANN.id, "00gGone"): not_read("Okta_Group"),
    }
    assert graph.nodes["00uGone"]["kind"] == "Okta_User"
    assert graph.nodes["00gGone"]["kind"] == "Okta_Group"
    assert attack_view(graph).has_edge(ANN.id, STAFF.id)


@pytest.mark.parametrize("cls", [Group, GroupMembership])
def test_memberships_are_unsure_if_groups_or_members_have_gaps(cls):
    assert graph_of(gaps=(gap(cls),)).graph["unsure"]["member_of"] == [cls.__name__]


@pytest.mark.parametrize(
    ("manager_id", "properties"),
    [
        ("Ann@contoso.com", {}),
        ("ann@CONTOSO.com", {}),
        (" ann@contoso.com ", {}),
        ("ANN.A@contoso.com", {"matchedBy": "email"}),
        ("007", {"matchedBy": "employeeNumber"}),
        ("00uAnn", {"matchedBy": "id"}),
    ],
)
def test_a_manager_is_found_by_login_then_email_then_employee_number_then_id(manager_id, properties):
    assert managers(ANN, employee(manager_id)) == {("00uAnn", "00uBob"): properties}


@pytest.mark.parametrize(
    "manager_id", ["jose\u0301@contoso.com", "JOS\u00c9@contoso.com", "\uff4aos\u00e9@contoso.com"]
)
def test_a_manager_is_found_in_any_unicode_form(manager_id):
    jose = User(id="00uJose", login="Jos\u00e9@contoso.com")
    assert managers(jose, employee(manager_id)) == {("00uJose", "00uBob"): {}}


@pytest.mark.parametrize("manager_id", [None, "", "  ", "nobody@contoso.com", "Ann"])
def test_an_unknown_manager_gives_no_edge(manager_id):
    assert managers(ANN, employee(manager_id)) == {}


def test_a_match_by_login_takes_precedence():
    other = User(id="00uOther", login="other@contoso.com", email="ann@contoso.com")
    assert managers(ANN, other, employee("ann@contoso.com")) == {("00uAnn", "00uBob"): {}}


def test_a_login_need_not_look_like_an_address():
    boss = User(id="00uBoss", login="boss")
    assert managers(boss, employee("BOSS")) == {("00uBoss", "00uBob"): {}}


def test_two_users_with_the_same_login_both_have_edges():
    twin = User(id="00uTwin", login="ann@contoso.COM")
    properties = {"assumption": "one of 2 users with the same login"}
    assert managers(ANN, twin, employee("ann@contoso.com")) == {
        ("00uAnn", "00uBob"): properties,
        ("00uTwin", "00uBob"): properties,
    }


def test_two_users_with_the_same_email_both_have_edges():
    twin = User(id="00uTwin", login="twin@contoso.com", email="ann.a@contoso.com")
    properties = {"matchedBy": "email", "assumption": "one of 2 users with the same email"}
    assert managers(ANN, twin, employee("ann.a@contoso.com")) == {
        ("00uAnn", "00uBob"): properties,
        ("00uTwin", "00uBob"): properties,
    }


def test_managers_have_no_right_over_their_users():
    graph = graph_of(ANN, employee("ann@contoso.com"))
    assert not attack_view(graph).has_edge("00uAnn", "00uBob")


def test_with_missing_users_managers_are_unsure():
    graph = graph_of(ANN, employee("ann@contoso.com"), gaps=(gap(User),))
    assert graph.graph["withheld"]["manager_of"] == ["User"]
    assert edges_by_ends(graph, "Okta_ManagerOf") == {}


def test_a_device_belongs_to_the_users_listed_with_it():
    rows = (
        Device(id="guo1", udid="AA"),
        Device(id="guo2", udid="AA"),
        ANN,
        DeviceUser(id=ANN.id, device_id="guo1", management_status="MANAGED", screen_lock_type="BIOMETRIC"),
        DeviceUser(id="00uGone", device_id="guo2"),
    )
    graph = graph_of(*rows)
    assert edges_by_ends(graph, "Okta_DeviceOf") == {
        ("guo1", ANN.id): {"managementStatus": "MANAGED", "screenLockType": "BIOMETRIC"},
        ("guo2", "00uGone"): not_read("Okta_User"),
    }
    assert not attack_view(graph).has_edge("guo1", ANN.id)
    assert edges(*rows) == {("guo1", "Okta_DeviceOf", ANN.id), ("guo2", "Okta_DeviceOf", "00uGone")}
