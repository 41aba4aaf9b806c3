"""Inline hooks of registration, import and telephony: the users whom their servers decide over."""

from __future__ import annotations

from typing import Any

import networkx as nx
import pytest
from handwritten.admins import edges_by_ends, gap
from handwritten.orgs import snapshot_of

from oktahound import attack_view, build_graph
from oktahound.analysis import blast_radius, findings
from oktahound.entities import (
    AdminAssignee,
    Application,
    Entity,
    Factor,
    GroupRule,
    InlineHook,
    Policy,
    PolicyRule,
    RoleAssignment,
    User,
)

ANN, BOB = User(id="00uAnn", login="ann@contoso.com"), User(id="00uBob", login="bob@contoso.com")
REGISTRATION = InlineHook(id="cal1", name="Partners", type="com.okta.user.pre-registration", status="ACTIVE")
IMPORT = InlineHook(id="cal2", name="Names", type="com.okta.import.transform", status="ACTIVE")
TELEPHONY = InlineHook(id="cal3", name="Codes", type="com.okta.telephony.provider", status="ACTIVE")
ENROLLMENT = Policy(id="rst1", name="Partners", type="PROFILE_ENROLLMENT", status="ACTIVE")
HR = Application(id="0oaHr", status="ACTIVE", import_hook_id="cal2", features=("IMPORT_NEW_USERS",))
BY_DEPARTMENT = GroupRule(
    id="0pr9", status="ACTIVE", expression='user.department=="Sales"', group_ids=("00g1",)
)
REGISTERS, IMPORTS = "OktaHound_HookAltersRegistration", "OktaHound_HookAltersImport"
LINKS, CODES, WRITES = (
    "OktaHound_HookLinksUser",
    "OktaHound_HookSeesCode",
    "OktaHound_HookWritesRuleAttribute",
)


def graph_of(*rows: Entity, **about: Any) -> nx.MultiDiGraph:
    return build_graph(snapshot_of(*rows, **about), trust_boundaries=True)


def enrolling(**fields: Any) -> PolicyRule:
    properties = {"status": "ACTIVE", "unknown_user_action": "REGISTER", "registration_hook_ids": ("cal1",)}
    return PolicyRule(id="0pr1", policy_id="rst1", **{**properties, **fields})


@pytest.mark.parametrize(
    ("rule", "policy", "found"),
    [
        (enrolling(), "ACTIVE", {}),
        (enrolling(status="INACTIVE"), "ACTIVE", "the policy rule is INACTIVE"),
        (enrolling(), "INACTIVE", "the policy is INACTIVE"),
        (
            enrolling(unknown_user_action="DENY"),
            "ACTIVE",
            "the policy allows no registration, and does not prompt users for attributes",
        ),
        (enrolling(unknown_user_action="DENY", progressive_profiling_action="ENABLED"), "ACTIVE", {}),
    ],
)
def test_a_policy_of_profile_enrollment_names_the_hook_of_registration(rule, policy, found):
    graph = graph_of(REGISTRATION, Policy(id="rst1", type="PROFILE_ENROLLMENT", status=policy), rule)
    expected = found if found == {} else {"active": False, "inactiveReason": found}
    assert edges_by_ends(graph, REGISTERS) == {("cal1", "rst1"): expected}


def test_registration_and_import_reach_group_rules_that_read_the_profile():
    by_group = GroupRule(id="0pr8", status="ACTIVE", expression='isMemberOfAnyGroup("00g2")')
    graph = graph_of(REGISTRATION, IMPORT, ENROLLMENT, enrolling(), HR, BY_DEPARTMENT, by_group)
    found = edges_by_ends(graph, WRITES)
    assert set(found) == {("cal1", "0pr9"), ("cal2", "0pr9")}
    assert all("department" in marks["assumption"] for marks in found.values())
    assert "00g1" in nx.descendants(attack_view(graph), "cal1")


def test_an_import_hook_can_link_an_imported_account_to_any_user():
    graph = graph_of(IMPORT, HR, ANN, BOB)
    assert edges_by_ends(graph, IMPORTS) == {("cal2", "0oaHr"): {}}
    found = edges_by_ends(graph, LINKS)
    assert set(found) == {("cal2", ANN.id), ("cal2", BOB.id)}
    assert "imported" in found["cal2", ANN.id]["assumption"]
    assert not attack_view(graph).has_edge("cal2", "0oaHr")


@pytest.mark.parametrize(
    ("app", "links"),
    [
        (Application(id="0oaHr", status="INACTIVE", import_hook_id="cal2"), False),
        (Application(id="0oaHr", status="ACTIVE", import_hook_id="cal2", features=("GROUP_PUSH",)), False),
        (Application(id="0oaHr", status="ACTIVE", import_hook_id="cal2", features=()), True),
        (Application(id="0oaHr", status="ACTIVE"), False),
    ],
)
def test_only_a_hook_that_an_import_calls_links_users(app, links):
    view = attack_view(graph_of(IMPORT, app, ANN))
    assert view.has_edge("cal2", ANN.id) is links


def test_an_inactive_hook_links_no_user():
    inactive = InlineHook(id="cal2", type=IMPORT.type, status="INACTIVE")
    assert edges_by_ends(graph_of(inactive, HR, ANN), LINKS)["cal2", ANN.id]["active"] is False


def test_a_telephony_hook_receives_the_codes_of_users_with_a_phone():
    sms = Factor(id="sms1", user_id=ANN.id, type="sms", status="ACTIVE")
    totp = Factor(id="otp1", user_id=BOB.id, type="token:software:totp", status="ACTIVE")
    pending = Factor(id="sms2", user_id=BOB.id, type="call", status="PENDING_ACTIVATION")
    graph = graph_of(TELEPHONY, REGISTRATION, ANN, BOB, sms, totp, pending)
    assert set(edges_by_ends(graph, CODES)) == {("cal3", ANN.id)}
    assert "hook_sees_code" not in {each["rule"] for each in graph.graph["unmatched"]}


def test_a_telephony_hook_is_unsure_if_factors_were_not_read():
    graph = graph_of(TELEPHONY, ANN, gaps=(gap(Factor, parent=ANN.id),))
    (noted,) = [each for each in graph.graph["unmatched"] if each["rule"] == "hook_sees_code"]
    assert noted["why"] == "Okta_User: not every user's factors were read"


def test_a_path_through_a_hook_has_its_assumption_in_both_forms_of_the_graph():
    admin = (
        AdminAssignee(id=BOB.id),
        RoleAssignment(id="ra1", holder_id=BOB.id, holder_type="USER", type="SUPER_ADMIN", status="ACTIVE"),
    )
    for permissions in ("edges", "targets"):
        graph = build_graph(
            snapshot_of(IMPORT, HR, ANN, BOB, *admin),
            scopes=True,
            trust_boundaries=True,
            permissions=permissions,
        )
        path = blast_radius(graph, "cal2").path("00oOrg")
        assert [step.kind for step in path.steps] == [LINKS, "Okta_SuperAdmin"]
        assert len(path.assumptions) == 1


def test_the_finding_names_the_decision_of_each_type_of_hook():
    admin = (
        AdminAssignee(id=ANN.id),
        RoleAssignment(id="ra1", holder_id=ANN.id, holder_type="USER", type="ORG_ADMIN", status="ACTIVE"),
    )
    phone = Factor(id="sms1", user_id=BOB.id, type="sms", status="ACTIVE")
    rows = (REGISTRATION, IMPORT, TELEPHONY, ENROLLMENT, enrolling(), HR, ANN, BOB, phone, *admin)
    found = {
        each.node: each.evidence
        for each in findings(snapshot_of(*rows)).filter(finding="InlineHookUnderOthers")
    }
    assert set(found) == {"cal1", "cal2", "cal3"}
    assert "affects: Partners" in found["cal1"]
    assert "affects: 0oaHr" in found["cal2"]
    assert "affects: bob@contoso.com" in found["cal3"]
