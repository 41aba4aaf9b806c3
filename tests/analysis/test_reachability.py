"""Reachability: against an oracle that tries every path, and on an org with a known result."""

from __future__ import annotations

import networkx as nx
import pytest
from handwritten.admins import role
from handwritten.orgs import snapshot_of
from hypothesis import given
from hypothesis import strategies as st

from oktahound import (
    ApiServiceIntegration,
    ClientSecret,
    Gap,
    GapReason,
    OAuthScope,
    User,
    attack_view,
    build_graph,
)
from oktahound.analysis import blast_radius, diff, findings, questions, who_can_reach
from oktahound.analysis.reachability import _percentage
from oktahound.entities import AdminAssignee, Application, Group, GroupMembership, RoleAssignment
from oktahound.errors import ConfigurationError
from oktahound.scopes import NO_ROLE

KINDS = ["Okta_MemberOf", "Okta_SecretOf", "OktaHound_HasScope", "Okta_ManagerOf", "OktaHound_Covers"]
NODES = [f"n{number}" for number in range(7)]
OBJECTS = NODES[:4]
"""Never sets of targets: questions are asked about objects."""
MARKS = st.sampled_from([{}, {}, {"assumption": "perhaps"}, {"active": False, "inactiveReason": "off"}])


@st.composite
def graphs(draw) -> nx.MultiDiGraph:
    graph = nx.MultiDiGraph(scopes=True, unsure={}, withheld={})
    for node in NODES:
        kinds = ["Okta_User", "Okta_Group" if node in OBJECTS else "OktaHound_TargetSet"]
        graph.add_node(node, kind=draw(st.sampled_from(kinds)))
    ends = st.tuples(st.sampled_from(NODES), st.sampled_from(NODES), st.sampled_from(KINDS), MARKS)
    sets = {node for node, kind in graph.nodes(data="kind") if kind == "OktaHound_TargetSet"}
    for start, end, kind, marks in draw(st.lists(ends, max_size=16)):
        # A target set leads only to its members, and sets contain no sets.
        if (kind == "OktaHound_Covers") is (start in sets) and not {start, end} <= sets:
            graph.add_edge(start, end, kind, **marks)
    return graph


def walkable(graph: nx.MultiDiGraph, *, certain: bool) -> nx.MultiDiGraph:
    """Return whether an edge is usable, from the list of kinds above and not from the package."""
    found = nx.MultiDiGraph()
    found.add_nodes_from(graph)
    for start, end, kind, marks in graph.edges(keys=True, data=True):
        if kind != "Okta_ManagerOf" and marks.get("active", True) and not (certain and "assumption" in marks):
            found.add_edge(start, end, kind)
    return found


def hops(graph: nx.MultiDiGraph, start: str, *, certain: bool) -> dict[str, int]:
    """Return every reachable node and the length of its shortest path, by trying all simple paths."""
    view = walkable(graph, certain=certain)
    best: dict[str, int] = {}

    def go(at: str, seen: tuple[str, ...], steps: int) -> None:
        best[at] = min(steps, best.get(at, steps))
        for each in set(view.successors(at)) - set(seen):
            # An edge into a target set and an edge out of it count as one step.
            go(each, (*seen, each), steps + (graph.nodes[at]["kind"] != "OktaHound_TargetSet"))

    go(start, (start,), 0)
    return best


@given(graphs(), st.sampled_from(OBJECTS))
def test_the_radius_equals_that_of_the_oracle(graph, start):
    certain, anyhow = hops(graph, start, certain=True), hops(graph, start, certain=False)
    radius = blast_radius(graph, start)
    objects = {node for node in NODES if graph.nodes[node]["kind"] != "OktaHound_TargetSet"}
    assert radius.nodes == (set(anyhow) & objects) - {start}
    assert radius.certain == (set(certain) & objects) - {start}
    for node in radius.nodes:
        path = radius.path(node)
        assert len(path) == (certain if node in certain else anyhow)[node]
        assert bool(path.assumptions) is (node not in certain)
        assert (path.steps[0].start, path.steps[-1].end) == (start, node)


@given(graphs(), st.sampled_from(OBJECTS))
def test_who_can_reach_is_the_inverse_of_blast_radius(graph, end):
    reached_by = who_can_reach(graph, end)
    reaching = {
        node
        for node in NODES
        if node != end
        and graph.nodes[node]["kind"] != "OktaHound_TargetSet"
        and end in hops(graph, node, certain=False)
    }
    assert reached_by.nodes == reaching
    for node in reaching:
        path = reached_by.path(node)
        assert (path.steps[0].start, path.steps[-1].end) == (node, end)


@given(graphs(), st.sampled_from(OBJECTS), st.randoms())
def test_the_order_of_the_graph_does_not_change_the_paths(graph, start, random):
    other = nx.MultiDiGraph(**graph.graph)
    nodes, edges = list(graph.nodes(data=True)), list(graph.edges(keys=True, data=True))
    random.shuffle(nodes)
    random.shuffle(edges)
    other.add_nodes_from(nodes)
    for begin, end, kind, marks in edges:
        other.add_edge(begin, end, kind, **marks)
    one, two = blast_radius(graph, start), blast_radius(other, start)
    assert [str(one.path(node)) for node in sorted(one.nodes)] == [
        str(two.path(node)) for node in sorted(two.nodes)
    ]


@given(graphs(), st.sampled_from(OBJECTS))
def test_every_step_of_a_path_is_an_edge_of_the_attack_view(graph, start):
    view = attack_view(graph)
    sets = {node for node in NODES if graph.nodes[node]["kind"] == "OktaHound_TargetSet"}
    radius = blast_radius(graph, start)
    for node in radius.nodes:
        for step in radius.path(node).steps:
            direct = view.has_edge(step.start, step.end, step.kind)
            through = any(
                view.has_edge(step.start, each, step.kind)
                and view.has_edge(each, step.end, "OktaHound_Covers")
                for each in sets
            )
            assert direct or through
            assert step.why.endswith(".")


# The vendor can reset users. So it can act as Eve, who is a super administrator.
VENDOR = ApiServiceIntegration(id="0oaVendor", name="Vendor", oauth_scopes=(OAuthScope("okta.users.manage"),))
ORG = (
    VENDOR,
    ClientSecret(id="ocs1", owner_id="0oaVendor", status="ACTIVE"),
    ClientSecret(id="ocs2", owner_id="0oaVendor", status="INACTIVE"),
    User(id="00uAnn", login="ann@contoso.com", status="ACTIVE"),
    User(id="00uEve", login="eve@contoso.com", status="ACTIVE"),
    User(id="00uOld", login="old@contoso.com", status="SUSPENDED"),
    AdminAssignee(id="00uEve"),
    RoleAssignment(id="KVJ", holder_id="00uEve", holder_type="USER", type="SUPER_ADMIN", status="ACTIVE"),
    Group(id="00gStaff", type="OKTA_GROUP", name="Staff"),
    GroupMembership(id="00uAnn", group_id="00gStaff"),
)


@pytest.mark.parametrize("permissions", ["edges", "targets"])
def test_a_leaked_secret_leads_to_the_organization(permissions):
    graph = build_graph(snapshot_of(*ORG), scopes=True, permissions=permissions)
    radius = blast_radius(graph, "ocs1")
    assert radius.organization.to_text(ids=True) == (
        "ocs1 -[Okta_SecretOf]-> 0oaVendor -[OktaHound_HasScope]-> okta.users.manage@contoso.okta.com "
        "-[OktaHound_ResetsCredentials]-> 00uEve -[Okta_SuperAdmin]-> 00oOrg"
    )
    assert radius.organization.assumptions == (NO_ROLE,)
    assert radius.principals == ("00uAnn", "00uEve", "0oaVendor")
    assert radius.groups == ("00gStaff",)
    assert "00uOld" not in radius.nodes
    assert radius.share == 4 / 5
    assert {"00uAnn", "00gStaff"} <= radius.certain
    assert "00uEve" not in radius.certain
    assert str(radius.path("00gStaff")).endswith("-> ann@contoso.com -[Okta_MemberOf]-> Staff")


def test_an_inactive_secret_gives_no_edge():
    radius = blast_radius(snapshot_of(*ORG), "ocs2")
    assert (radius.nodes, radius.share, radius.organization) == (frozenset(), 0.0, None)
    assert "reaches nothing" in repr(radius)


def test_who_can_reach_the_organization():
    snapshot = snapshot_of(*ORG)
    radius = who_can_reach(snapshot, snapshot.organization)
    assert {"ocs1", "0oaVendor", "00uEve"} <= radius.nodes
    assert not {"ocs2", "00uAnn"} & radius.nodes
    assert radius.certain == {"00uEve"}
    assert str(radius.path("00uEve")) == "eve@contoso.com -[Okta_SuperAdmin]-> contoso.okta.com"
    assert radius.path("00uEve").to_text(ids=True) == "00uEve -[Okta_SuperAdmin]-> 00oOrg"
    assert "is reached by" in repr(radius)


def test_a_snapshot_gives_the_same_answer_as_its_graph():
    snapshot = snapshot_of(*ORG)
    graph = build_graph(snapshot, scopes=True)
    assert blast_radius(snapshot, VENDOR).nodes == blast_radius(graph, "0oaVendor").nodes


def test_missing_data_is_listed():
    assert blast_radius(snapshot_of(*ORG), VENDOR).missing == ()
    refused = Gap(entity="Group", reason=GapReason.FORBIDDEN, request="GET /api/v1/groups")
    lacking = blast_radius(snapshot_of(*ORG, gaps=(refused,)), VENDOR)
    assert "member_of is unsure: Group incomplete" in lacking.missing
    assert "there may be more" in repr(lacking)
    assert "there may be more" in lacking._repr_html_()


def test_a_graph_without_scopes_is_refused_if_the_answer_depends_on_them():
    graph = build_graph(snapshot_of(*ORG))
    with pytest.raises(ConfigurationError, match=r"build_graph\(snapshot, scopes=True\)"):
        blast_radius(graph, VENDOR)
    with pytest.raises(ConfigurationError, match="scopes=True"):
        who_can_reach(graph, "00uEve")
    # The secret leads to the integration, whose paths depend on its scopes.
    with pytest.raises(ConfigurationError, match="0oaVendor"):
        blast_radius(graph, "ocs1")


def test_a_graph_without_scopes_is_accepted_if_the_answer_does_not_depend_on_them():
    graph = build_graph(snapshot_of(*ORG))
    # Eve is a super administrator, so that scopes of integrations add nothing to what she reaches.
    radius = blast_radius(graph, "00uEve")
    assert radius.organization is not None
    assert any("scopes=True" in each for each in radius.missing)
    bare = build_graph(snapshot_of(ApiServiceIntegration(id="0oaBare", oauth_scopes=()), User(id="00uAnn")))
    assert blast_radius(bare, "0oaBare").nodes == frozenset()
    assert who_can_reach(bare, "00uAnn").nodes <= {"00oOrg"}


def test_a_scope_with_an_undocumented_effect_makes_the_answer_incomplete():
    scopes = (OAuthScope("okta.new.manage"), OAuthScope("okta.new.read"))
    vendor = ApiServiceIntegration(id="0oaVendor", oauth_scopes=scopes)
    radius = blast_radius(snapshot_of(vendor), vendor)
    assert radius.missing == ("the objects that okta.new.manage controls are not documented",)


@pytest.mark.parametrize(
    "wrong", [None, "contoso.okta", 7, nx.DiGraph(), object()], ids=lambda wrong: type(wrong).__name__
)
def test_something_that_is_neither_a_graph_nor_a_snapshot_is_refused(wrong):
    for ask in (blast_radius, who_can_reach):
        with pytest.raises(ConfigurationError, match=r"needs a Snapshot.* or a graph"):
            ask(wrong, "00uAnn")
    with pytest.raises(ConfigurationError, match=r"findings\(\) needs a Snapshot"):
        findings(wrong)
    with pytest.raises(ConfigurationError, match=r"ask\(\) needs a Snapshot"):
        next(iter(questions)).ask(wrong)
    with pytest.raises(ConfigurationError, match="needs two Snapshots"):
        diff(snapshot_of(), wrong)
    with pytest.raises(ConfigurationError, match=r"build_graph\(\) needs a Snapshot"):
        build_graph(wrong)


def test_an_unknown_node_is_refused():
    with pytest.raises(ConfigurationError, match="no node '00uNobody'"):
        blast_radius(snapshot_of(*ORG), "00uNobody")
    with pytest.raises(KeyError):
        blast_radius(snapshot_of(*ORG), "ocs2").path("00uAnn")


def test_html_escapes_names_and_shows_the_path():
    hostile = User(id="00uEvil", login="<img src=x>", status="ACTIVE")
    role = RoleAssignment(
        id="KVJ", holder_id="00uEvil", holder_type="USER", type="SUPER_ADMIN", status="ACTIVE"
    )
    shown = blast_radius(
        snapshot_of(VENDOR, hostile, role, AdminAssignee(id="00uEvil")), VENDOR
    )._repr_html_()
    assert "<img" not in shown
    assert "&lt;img src=x&gt;" in shown
    assert NO_ROLE in shown


def test_a_data_frame_has_a_row_for_each_node():
    pytest.importorskip("pandas")
    radius = blast_radius(snapshot_of(*ORG), VENDOR)
    table = radius.to_dataframe()
    assert set(table["node"]) == radius.nodes
    assert table.set_index("node").loc["00uAnn", "steps"] == 2


def test_the_path_from_a_node_to_itself_is_empty():
    path = blast_radius(snapshot_of(*ORG), "ocs1").path("ocs1")
    assert (len(path), str(path), path.assumptions) == (0, "", ())
    assert repr(blast_radius(snapshot_of(*ORG), VENDOR).path("00uAnn")).startswith("<Path Vendor -[")


def test_the_applications_of_a_radius_are_its_application_nodes():
    vendor = ApiServiceIntegration(id="0oaVendor", oauth_scopes=(OAuthScope("okta.apps.manage"),))
    app = Application(id="0oaApp", sign_on_mode="SAML_2_0")
    assert blast_radius(snapshot_of(vendor, app), vendor).applications == ("0oaApp",)


@pytest.mark.parametrize(("share", "text"), [(0.0, "0%"), (0.0004, "<1%"), (0.01, "1%"), (0.97, "97%")])
def test_a_small_share_is_not_rounded_to_zero(share: float, text: str) -> None:
    assert _percentage(share) == text


def test_a_step_over_a_target_set_has_the_assumptions_of_both_edges() -> None:
    group = Group(id="00gAdmins", name="Admins", type="OKTA_GROUP")
    apps = [
        Application(id=f"0oa{number}", client_id=f"0oa{number}", sign_on_mode="OPENID_CONNECT", status=status)
        for number, status in enumerate(("ACTIVE", "ACTIVE", "QUARANTINED"))
    ]
    org = snapshot_of(group, *apps, role(group, "API_ACCESS_MANAGEMENT_ADMIN"))
    plain, shared = (
        blast_radius(build_graph(org, scopes=True, permissions=form), "00gAdmins").path("0oa2").assumptions
        for form in ("edges", "targets")
    )
    assert shared == plain
    assert "API_ACCESS_MANAGEMENT_ADMIN" in shared[0]
    assert "QUARANTINED" in shared[0]
