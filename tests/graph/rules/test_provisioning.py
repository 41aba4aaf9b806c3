"""Provisioning of accounts and groups: its direction, and the resulting rights."""

from __future__ import annotations

import pytest
from handwritten.admins import edges_by_ends, gap, graph_of
from handwritten.orgs import edges

from oktahound import attack_view
from oktahound.entities import Application, AppUser, Group, GroupPushMapping, User

ANN = User(id="00uAnn")
IN = {("0oaApp", "Okta_UserPull", "00uAnn")}
OUT = {("00uAnn", "Okta_UserPush", "0oaApp")}
MASTERING = ("PROFILE_MASTERING",)


def account(scope="USER", **facts):
    return AppUser(**{"id": ANN.id, "app_id": "0oaApp", "scope": scope, "sync_state": "SYNCHRONIZED"} | facts)


def synchronized(app, user):
    return edges(ANN, app, user, but="Okta_Contains") - {("00uAnn", "Okta_AppAssignment", "0oaApp")}


@pytest.mark.parametrize(
    ("type_", "features", "user", "found"),
    [
        # Active Directory: by the scope, whatever the features say.
        ("active_directory", MASTERING, account("USER"), IN),
        ("active_directory", (), account("USER"), IN),
        ("active_directory", MASTERING, account("GROUP"), OUT),
        ("active_directory", (), account(None), IN),
        # The LDAP interface: always inward.
        ("ldap_interface", (), account("USER"), IN),
        ("ldap_interface", (), account("GROUP"), IN),
        # Assigned through a group: outward.
        ("slack", MASTERING, account("GROUP"), OUT),
        ("okta_org2org", MASTERING, account("GROUP"), OUT),
        # Org2Org: inward only when the account over there was not made by Okta, and the app masters.
        ("okta_org2org", MASTERING, account(), IN),
        ("okta_org2org", MASTERING, account(initial_status="active_with_pass"), OUT),
        ("okta_org2org", (), account(), OUT),
        ("okta_org2org", None, account(), OUT),
        # Anything else: by profile mastering.
        ("slack", MASTERING, account(), IN),
        ("slack", MASTERING, account(initial_status="active_with_pass"), IN),
        ("slack", ("PUSH_NEW_USERS",), account(), OUT),
        ("slack", None, account(), OUT),
        ("slack", (), account(None), OUT),
        (None, MASTERING, account(), IN),
    ],
)
def test_the_direction_in_which_an_account_is_synchronized(type_, features, user, found):
    assert synchronized(Application(id="0oaApp", app_type=type_, features=features), user) == found


@pytest.mark.parametrize("state", ["SYNCING", "OUT_OF_SYNC", "ERROR", "DISABLED", None])
def test_an_unsynchronized_account_is_neither_pushed_nor_pulled(state):
    app = Application(
        id="0oaApp", app_type="workday", features=("PROFILE_MASTERING", "PUSH_PASSWORD_UPDATES")
    )
    assert synchronized(app, account(sync_state=state)) == set()


@pytest.mark.parametrize("type_", ["okta_flow_sso", "okta_atspoke_sso"])
def test_no_user_is_provisioned_to_an_application_of_okta_itself(type_):
    assert synchronized(Application(id="0oaApp", app_type=type_, features=()), account()) == set()
    assert synchronized(Application(id="0oaApp", app_type=type_, features=MASTERING), account()) == IN


def test_the_direction_is_not_guessed_for_an_application_that_was_not_read():
    assert edges(ANN, account()) == {("00uAnn", "Okta_AppAssignment", "0oaApp")}


def test_an_ended_account_is_neither_pushed_nor_pulled():
    ended = {"active": False, "inactiveReason": "the assignment is SUSPENDED"}
    out = graph_of(ANN, Application(id="0oaApp"), account(status="SUSPENDED"))
    assert edges_by_ends(out, "Okta_UserPush") == {("00uAnn", "0oaApp"): ended}
    into = graph_of(ANN, Application(id="0oaApp", features=MASTERING), account(status="SUSPENDED"))
    assert edges_by_ends(into, "Okta_UserPull") == {("0oaApp", "00uAnn"): ended}


def test_push_and_pull_edges_are_not_traversable():
    rows = (ANN, Application(id="0oaApp"), account(), Application(id="0oaHr", features=MASTERING))
    graph = graph_of(*rows, account(app_id="0oaHr"))
    assert set(edges_by_ends(graph, "Okta_UserPush")) == {("00uAnn", "0oaApp")}
    assert set(edges_by_ends(graph, "Okta_UserPull")) == {("0oaHr", "00uAnn")}
    assert not attack_view(graph).has_edge("00uAnn", "0oaApp")
    assert not attack_view(graph).has_edge("0oaHr", "00uAnn")


@pytest.mark.parametrize(
    ("type_", "features", "user", "found"),
    [
        ("slack", ("PUSH_PASSWORD_UPDATES",), account(), {("0oaApp", "00uAnn"): {}}),
        ("slack", ("PUSH_PASSWORD_UPDATES",), account("GROUP"), {("0oaApp", "00uAnn"): {}}),
        ("slack", ("PUSH_NEW_USERS",), account(), {}),
        ("slack", None, account(), {}),
        ("slack", ("PUSH_PASSWORD_UPDATES",), account(sync_state="OUT_OF_SYNC"), {}),
        ("slack", ("PUSH_PASSWORD_UPDATES",), account(sync_state=None), {}),
        ("active_directory", ("PUSH_PASSWORD_UPDATES",), account("GROUP"), {}),
        (
            "slack",
            ("PUSH_PASSWORD_UPDATES",),
            account(status="DEPROVISIONED"),
            {("0oaApp", "00uAnn"): {"active": False, "inactiveReason": "the assignment is DEPROVISIONED"}},
        ),
    ],
)
def test_the_applications_that_receive_the_password_of_a_user(type_, features, user, found):
    graph = graph_of(ANN, Application(id="0oaApp", app_type=type_, features=features), user)
    assert edges_by_ends(graph, "Okta_ReadPasswordUpdates") == found


def test_reading_password_updates_is_traversable():
    app = Application(id="0oaApp", features=("PUSH_PASSWORD_UPDATES",))
    assert attack_view(graph_of(ANN, app, account())).has_edge("0oaApp", "00uAnn")


def test_passwords_sent_to_an_unread_application_have_no_edge():
    assert edges_by_ends(graph_of(ANN, account()), "Okta_ReadPasswordUpdates") == {}


@pytest.mark.parametrize(
    ("status", "properties"),
    [
        ("ACTIVE", {}),
        (None, {}),
        ("INACTIVE", {"active": False, "inactiveReason": "the group push mapping is INACTIVE"}),
        ("ERROR", {"active": False, "inactiveReason": "the group push mapping is ERROR"}),
    ],
)
def test_a_group_is_pushed_if_its_mapping_works(status, properties):
    mapping = GroupPushMapping(id="gPm1", app_id="0oaApp", source_group_id="00g1", status=status)
    graph = graph_of(Group(id="00g1"), Application(id="0oaApp"), mapping)
    assert edges_by_ends(graph, "Okta_GroupPush") == {("00g1", "0oaApp"): properties}
    assert not attack_view(graph).has_edge("00g1", "0oaApp")


def test_a_working_mapping_takes_precedence_over_a_failed_one():
    mappings = [
        GroupPushMapping(id=f"gPm{status}", app_id="0oaApp", source_group_id="00g1", status=status)
        for status in ("INACTIVE", "ACTIVE", "ERROR")
    ]
    graph = graph_of(Group(id="00g1"), Application(id="0oaApp"), *mappings)
    assert edges_by_ends(graph, "Okta_GroupPush") == {("00g1", "0oaApp"): {}}


def test_a_mapping_of_a_group_that_was_not_collected_leads_from_a_placeholder():
    rows = (
        Application(id="0oaApp"),
        GroupPushMapping(id="1", app_id="0oaApp", source_group_id="00gGone"),
        GroupPushMapping(id="2", app_id="0oaApp", source_group_id=None),
    )
    graph = graph_of(*rows)
    assert set(edges_by_ends(graph, "Okta_GroupPush")) == {("00gGone", "0oaApp")}
    assert graph.nodes["00gGone"]["kind"] == "Okta_Group"


def test_an_imported_group_is_controlled_by_its_application():
    rows = (
        Application(id="0oaAd", app_type="active_directory"),
        Group(id="00gAd", type="APP_GROUP", source_application_id="0oaAd", object_sid=None),
        Group(id="00gOwn", type="OKTA_GROUP"),
    )
    graph = graph_of(*rows)
    assert edges_by_ends(graph, "Okta_GroupPull") == {("0oaAd", "00gAd"): {}}
    assert attack_view(graph).has_edge("0oaAd", "00gAd")


def test_the_application_of_an_imported_group_need_not_have_been_read():
    graph = graph_of(Group(id="00gAd", source_application_id="elsewhere"))
    assert set(edges_by_ends(graph, "Okta_GroupPull")) == {("elsewhere", "00gAd")}
    assert graph.nodes["elsewhere"] == {
        "kind": "Okta_Application",
        "collected": False,
        "oktaDomain": "contoso.okta.com",
        "environmentid": "00oOrg",
    }


@pytest.mark.parametrize(
    ("cls", "rules"),
    [
        (Application, {"user_sync", "read_password_updates", "group_push", "group_pull"}),
        (AppUser, {"user_sync", "read_password_updates"}),
        (GroupPushMapping, {"group_push"}),
        (Group, {"group_pull"}),
    ],
)
def test_provisioning_is_unsure_if_its_ends_have_gaps(cls, rules):
    unsure = graph_of(gaps=(gap(cls),)).graph["unsure"]
    assert {"user_sync", "read_password_updates", "group_push", "group_pull"} & set(unsure) == rules
