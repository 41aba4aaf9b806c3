"""Inactive objects, and the effect on their edges."""

from __future__ import annotations

import networkx as nx
import pytest
from example_counts import examples
from handwritten.admins import edges_by_ends, gap, graph_of, not_read, role
from handwritten.orgs import snapshot_of
from hypothesis import example, given
from hypothesis import strategies as st

from oktahound import attack_view, build_graph
from oktahound.entities import (
    Agent,
    AgentKey,
    AgentPool,
    ApiServiceIntegration,
    Application,
    AppUser,
    AuthorizationServer,
    ClientSecret,
    Device,
    Group,
    GroupMembership,
    GroupPushMapping,
    IdentityProvider,
    JsonWebKey,
    Policy,
    User,
)
from oktahound.graph.lifecycle import _LIFECYCLES


def of_the_org(row):
    graph = graph_of(row)
    return edges_by_ends(graph, "Okta_Contains")["00oOrg", row.id]


@pytest.mark.parametrize(
    ("cls", "status", "noun"),
    [
        (User, "SUSPENDED", "user"),
        (User, "DEPROVISIONED", "user"),
        (Application, "INACTIVE", "application"),
        (Application, "DELETED", "application"),
        (Device, "SUSPENDED", "device"),
        (Device, "DEACTIVATED", "device"),
        (IdentityProvider, "INACTIVE", "identity provider"),
        (Policy, "INACTIVE", "policy"),
        (AuthorizationServer, "INACTIVE", "authorization server"),
    ],
)
def test_edges_of_an_object_in_this_status_are_inactive(cls, status, noun):
    assert of_the_org(cls(id="x1", status=status)) == {
        "active": False,
        "inactiveReason": f"the {noun} is {status}",
    }


@pytest.mark.parametrize(
    ("cls", "status"),
    [
        (User, "ACTIVE"),
        (User, "STAGED"),
        (User, "PROVISIONED"),
        (User, "LOCKED_OUT"),
        (User, "PASSWORD_EXPIRED"),
        (User, "RECOVERY"),
        (User, None),
        (Application, "ACTIVE"),
        (Application, None),
        (Device, "UNSUSPENDED"),
        (Device, "ACTIVE"),
        (IdentityProvider, None),
        (Policy, "ACTIVE"),
        (AuthorizationServer, "ACTIVE"),
    ],
)
def test_edges_of_an_object_in_another_status_are_active(cls, status):
    assert of_the_org(cls(id="x1", status=status)) == {}


SUSPENDED = User(id="00uOff", status="SUSPENDED")
OFF = {"active": False, "inactiveReason": "the user is SUSPENDED"}


def test_a_suspended_user_is_in_the_graph_but_in_no_path():
    rows = (
        SUSPENDED,
        Group(id="00g1"),
        GroupMembership(id="00uOff", group_id="00g1"),
        role(SUSPENDED, "SUPER_ADMIN"),
    )
    graph = graph_of(*rows)
    assert edges_by_ends(graph, "Okta_MemberOf") == {("00uOff", "00g1"): OFF}
    assert edges_by_ends(graph, "Okta_SuperAdmin") == {("00uOff", "00oOrg"): OFF}
    assert edges_by_ends(graph, "Okta_HasRole") == {("00uOff", "SUPER_ADMIN@contoso.okta.com"): OFF}
    attackable = attack_view(graph)
    assert "00uOff" in attackable
    assert not list(attackable.in_edges("00uOff"))
    assert not list(attackable.out_edges("00uOff"))


def test_a_suspended_user_is_a_target_whose_edge_is_inactive():
    ann, bob = User(id="00uAnn"), User(id="00uBob")
    graph = graph_of(ann, bob, SUSPENDED, role(ann, "HELP_DESK_ADMIN"))
    assert edges_by_ends(graph, "Okta_HelpDeskAdmin") == {("00uAnn", "00uBob"): {}, ("00uAnn", "00uOff"): OFF}


def test_a_secret_of_an_inactive_application_has_an_inactive_edge():
    rows = (
        Application(id="0oaOff", status="INACTIVE"),
        ClientSecret(id="ocs1", owner_id="0oaOff", status="ACTIVE"),
    )
    graph = graph_of(*rows)
    assert edges_by_ends(graph, "Okta_SecretOf") == {
        ("ocs1", "0oaOff"): {"active": False, "inactiveReason": "the application is INACTIVE"}
    }
    assert not nx.has_path(attack_view(graph), "ocs1", "0oaOff")


def test_reading_an_inactive_secret_gives_no_path():
    ann, app = User(id="00uAnn"), Application(id="0oaApp")
    rows = (
        ann,
        app,
        ClientSecret(id="ocs1", owner_id=app.id, status="INACTIVE"),
        role(ann, "READ_ONLY_ADMIN"),
    )
    inactive = {"active": False, "inactiveReason": "the secret is INACTIVE"}
    assert edges_by_ends(graph_of(*rows), "Okta_ReadClientSecret") == {("00uAnn", "ocs1"): inactive}


def test_the_precedence_of_inactive_reasons_is_relation_start_end():
    app = Application(id="0oaOff", status="INACTIVE")
    graph = graph_of(SUSPENDED, app, AppUser(id="00uOff", app_id="0oaOff"))
    assert edges_by_ends(graph, "Okta_AppAssignment") == {("00uOff", "0oaOff"): OFF}
    graph = graph_of(SUSPENDED, app, AppUser(id="00uOff", app_id="0oaOff", status="REVOKED"))
    assert (
        edges_by_ends(graph, "Okta_AppAssignment")["00uOff", "0oaOff"]["inactiveReason"]
        == "the assignment is REVOKED"
    )


def test_an_integration_has_no_lifecycle_of_its_own():
    assert of_the_org(ApiServiceIntegration(id="0oaFalcon")) == {}


def test_edges_of_an_object_of_an_incomplete_listing_are_inactive():
    member = GroupMembership(id="00uLost", group_id="00g1")
    whole = graph_of(Group(id="00g1"), member)
    assert edges_by_ends(whole, "Okta_MemberOf") == {("00uLost", "00g1"): not_read("Okta_User")}
    reason = "it is unknown whether it is active: not every User was read"
    broken = graph_of(Group(id="00g1"), member, gaps=(gap(User),))
    assert edges_by_ends(broken, "Okta_MemberOf") == {
        ("00uLost", "00g1"): {"active": False, "inactiveReason": reason}
    }
    collected = graph_of(Group(id="00g1"), User(id="00uLost"), member, gaps=(gap(User),))
    assert edges_by_ends(collected, "Okta_MemberOf") == {("00uLost", "00g1"): {}}


words = st.text(min_size=1, max_size=12) | st.sampled_from(
    ["active", "ACTIVE ", "FROZEN", "PENDING", "inactive"]
)


@pytest.mark.parametrize("cls", list(_LIFECYCLES))
@given(status=words)
@example(status="FROZEN")
@examples(5)
def test_an_unknown_status_gives_an_assumption(cls, status):
    lifecycle = _LIFECYCLES[cls]
    known = {*lifecycle.active, *lifecycle.inactive}
    owner = Application(id="0oaOwner", status="ACTIVE")
    pool = AgentPool(id="0oaPool")
    parents = {
        ClientSecret: {"owner_id": owner.id},
        JsonWebKey: {"app_id": owner.id},
        Agent: {"pool_id": pool.id},
        AgentKey: {"agent_id": "wlpAgent"},
    }
    row = cls(id="x1", **{lifecycle.field: status}, **parents.get(cls, {}))
    graph = build_graph(snapshot_of(owner, pool, row), trust_boundaries=True)
    edges = [
        about
        for start, end, about in graph.edges(data=True)
        if any(node.startswith("x1") for node in (start, end))
    ]
    assert edges
    for about in edges:
        if status in lifecycle.inactive:
            assert about["active"] is False
        elif status in lifecycle.active:
            assert "active" not in about
        else:
            assert status not in known
            assert f"its status {status!r} is unknown to oktahound" in about["assumption"]
            assert "active" not in about


def test_the_assumptions_of_both_ends_and_of_the_relation_are_joined():
    rows = (
        User(id="00u1", status="FROZEN"),
        Application(id="0oa1", status="MELTED"),
        AppUser(id="00u1", app_id="0oa1", status="BOILED"),
    )
    about = edges_by_ends(graph_of(*rows), "Okta_AppAssignment")["00u1", "0oa1"]
    assert [each.rsplit("status ")[-1].split()[0] for each in about["assumption"].split("; ")] == [
        "'BOILED'",
        "'FROZEN'",
        "'MELTED'",
    ]


@pytest.mark.parametrize("other", ["SUSPENDED", "DEPROVISIONED"])
def test_an_inactive_end_takes_precedence_over_an_unknown_status(other):
    rows = (
        User(id="00u1", status=other),
        Application(id="0oa1", status="MELTED"),
        AppUser(id="00u1", app_id="0oa1", status="ACTIVE"),
    )
    about = edges_by_ends(graph_of(*rows), "Okta_AppAssignment")["00u1", "0oa1"]
    assert about == {"active": False, "inactiveReason": f"the user is {other}"}


def test_a_push_mapping_with_an_unknown_status_has_an_assumption():
    rows = (
        Application(id="0oa1", status="ACTIVE"),
        Group(id="00g1"),
        GroupPushMapping(id="gPm1", app_id="0oa1", source_group_id="00g1", status="PAUSED"),
    )
    about = edges_by_ends(graph_of(*rows), "Okta_GroupPush")["00g1", "0oa1"]
    assert about["assumption"].endswith("its status 'PAUSED' is unknown to oktahound")
