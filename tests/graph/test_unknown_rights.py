"""Roles and permissions that oktahound does not know give no edge, and the graph names them."""

from __future__ import annotations

import json

from handwritten.orgs import snapshot_of

import oktahound
from oktahound import ApiToken, OktaClient, attack_view, build_graph
from oktahound.entities import (
    AdminAssignee,
    CustomRole,
    Group,
    Resource,
    ResourceSet,
    RoleAssignment,
    RolePermission,
    User,
)
from oktahound.sim import SimulatedOrg

ANN, BOB, SALES = User(id="00uAnn"), User(id="00uBob"), Group(id="00gSales")
NEW_ROLE = "AI_AGENT_ADMIN"
EVERYBODY = (
    CustomRole(id="cr0New", label="New"),
    ResourceSet(id="iamAll"),
    Resource(id="ire1", resource_set_id="iamAll", link="https://contoso.okta.com/api/v1/users"),
    Resource(id="ire2", resource_set_id="iamAll", link="https://contoso.okta.com/api/v1/groups"),
)


def held(type_: str, **about: str) -> tuple[AdminAssignee, RoleAssignment]:
    """Ann holds a role."""
    assignment = RoleAssignment(
        id="ra1", holder_id="00uAnn", holder_type="USER", type=type_, status="ACTIVE", **about
    )
    return AdminAssignee(id="00uAnn"), assignment


def rights(graph: oktahound.OktaGraph) -> set[str]:
    """The kinds of traversable edges that start at Ann."""
    return {kind for _, _, kind in attack_view(graph).out_edges("00uAnn", keys=True)}


def test_an_unknown_role_gives_no_edge_and_is_listed_with_its_holders():
    graph = build_graph(snapshot_of(ANN, BOB, SALES, *held(NEW_ROLE)), trust_boundaries=True)
    assert rights(graph) == set()
    assert graph.nodes[f"{NEW_ROLE}@contoso.okta.com"]["collected"] is False
    assert graph.graph["unknownRoles"] == [{"type": NEW_ROLE, "holders": ["00uAnn"]}]
    assert NEW_ROLE in repr(graph)


def test_an_unknown_role_protects_its_holder():
    administrator = RoleAssignment(
        id="ra2", holder_id="00uBob", holder_type="USER", type="HELP_DESK_ADMIN", status="ACTIVE"
    )
    rows = (ANN, BOB, *held(NEW_ROLE), AdminAssignee(id="00uBob"), administrator)
    assert "00uAnn" not in attack_view(build_graph(snapshot_of(*rows))).succ["00uBob"]


def test_an_unknown_permission_gives_no_edge_and_is_listed_with_its_roles():
    custom = held("CUSTOM", role_id="cr0New", resource_set_id="iamAll")
    permissions = [RolePermission(id="okta.users.behaviors.manage", role_id="cr0New")]
    permissions += [RolePermission(id="okta.users.read", role_id="cr0New")]
    rows = (ANN, BOB, SALES, *EVERYBODY, *custom, *permissions)
    graph = build_graph(snapshot_of(*rows), trust_boundaries=True, scopes=True)
    assert rights(graph) == set()
    assert graph.graph["unknownPermissions"] == [
        {"permission": "okta.users.behaviors.manage", "roles": ["cr0New"]}
    ]
    known = RolePermission(id="okta.groups.manage", role_id="cr0New")
    assert rights(build_graph(snapshot_of(*rows, known))) == {"Okta_AddMember"}


def test_known_roles_and_permissions_in_any_letter_case_are_not_listed():
    custom = held("CUSTOM", role_id="cr0New", resource_set_id="iamAll")
    permission = RolePermission(id="okta.inlineHooks.manage", role_id="cr0New")
    graph = build_graph(snapshot_of(ANN, *EVERYBODY, *custom, permission))
    assert (graph.graph["unknownRoles"], graph.graph["unknownPermissions"]) == ([], [])
    assert "unknown roles" not in repr(graph)


def test_a_malformed_permission_is_unknown():
    for name in ("", "okta users manage", "\u202eokta.new"):
        snapshot = snapshot_of(*EVERYBODY, RolePermission(id=name, role_id="cr0New"))
        assert build_graph(snapshot).graph["unknownPermissions"] == [
            {"permission": name, "roles": ["cr0New"]}
        ]
        assert len(oktahound.analysis.findings(snapshot).filter(finding=["UnknownPermission"])) == 1


def test_unknown_roles_and_permissions_are_in_the_report_and_the_export(tmp_path):
    org = SimulatedOrg.empty()
    ann = org.add_user("ann@contoso.com")
    org.assign_role(ann, NEW_ROLE)
    role = org.add_custom_role("New", permissions=["okta.agentsOfTomorrow.manage"])
    with OktaClient(org.url, ApiToken(org.api_token), transport=org.transport) as client:
        snapshot = oktahound.collect(client)
    oktahound.report(snapshot, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert f"role {NEW_ROLE}" in page
    assert "permission okta.agentsOfTomorrow.manage" in page
    written = oktahound.write_opengraph(snapshot, tmp_path / "graph")
    assert written.report is not None
    about = json.loads(written.report.read_text(encoding="utf-8"))
    assert about["unknownRoles"] == [{"type": NEW_ROLE, "holders": [ann]}]
    assert about["unknownPermissions"] == [{"permission": "okta.agentsOfTomorrow.manage", "roles": [role]}]
    found = {type(each).__name__ for each in oktahound.analysis.findings(snapshot)}
    assert {"UnknownRole", "UnknownPermission"} <= found
