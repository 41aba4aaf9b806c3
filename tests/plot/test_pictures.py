"""Pictures: their content, their limits, and the files that they are saved to."""

from __future__ import annotations

import itertools
import json
import math
import re
import stat
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import attrs
import networkx as nx
import pytest
from matplotlib.figure import Figure

import oktahound
from oktahound import Snapshot, analysis, plot
from oktahound.analysis.source_graph import graph_of
from oktahound.errors import ConfigurationError
from oktahound.plot.layout import ROW_HEIGHT, in_columns
from oktahound.sim import SimulatedOrg


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    org = oktahound.sim.SimulatedOrg(seed=1, users=12)
    with oktahound.OktaClient(org.url, oktahound.ApiToken(org.api_token), transport=org.transport) as client:
        return oktahound.collect(client)


@pytest.fixture(scope="module")
def graph(snapshot: Snapshot) -> nx.MultiDiGraph:
    return graph_of(snapshot, "pictures")


@pytest.fixture(scope="module")
def radius(snapshot: Snapshot, graph: nx.MultiDiGraph) -> analysis.Radius:
    radii = [analysis.blast_radius(graph, each) for each in snapshot.api_service_integrations]
    return max(radii, key=lambda each: each.share)


def texts(picture: plot.Picture) -> set[str]:
    """Every text in a picture."""
    found = picture.figure.findobj(lambda each: hasattr(each, "get_text"))
    return {part for each in found for part in each.get_text().split("\n")}


def test_a_path_shows_names_kinds_and_edges_from_left_to_right(
    graph: nx.MultiDiGraph, radius: analysis.Radius
) -> None:
    path = radius.organization
    assert path is not None
    picture = plot.paths(graph, path)
    shown = texts(picture)
    assert {step.kind.split("_", 1)[1] for step in path.steps} <= shown
    assert {
        graph.nodes[step.end]["name"] for step in path.steps if len(graph.nodes[step.end]["name"]) <= 24
    } <= shown
    places = {
        each.get_text(): each.get_position()[0] for each in picture.figure.axes[0].texts if each.get_text()
    }
    first, last = graph.nodes[path.steps[0].start]["name"], graph.nodes[path.steps[-1].end]["name"]
    assert places[first] < places[last]


def test_the_number_of_drawn_paths_is_limited_and_stated(
    graph: nx.MultiDiGraph, radius: analysis.Radius
) -> None:
    found = [radius.path(node) for node in sorted(radius.nodes)[:30]]
    picture = plot.paths(graph, found)
    assert picture.note == "18 more paths are not shown."
    assert picture.note in texts(picture)


def test_a_neighborhood_shows_the_nearest_nodes_and_the_number_of_omitted_ones(
    graph: nx.MultiDiGraph,
) -> None:
    organization = next(node for node, kind in graph.nodes(data="kind") if kind == "Okta_Organization")
    picture = plot.neighborhood(graph, organization, limit=10)
    assert picture.note is not None
    assert "more nodes within 1 hop are not shown." in picture.note
    assert "contoso.okta.com" in texts(picture)
    assert texts(picture) & {"Contains"}
    alone = nx.MultiDiGraph()
    alone.add_node("x", kind="Okta_User", name="Ann")
    assert plot.neighborhood(alone, "Ann").note is None
    with pytest.raises(ConfigurationError, match="hops="):
        plot.neighborhood(graph, organization, hops=0)


def arrows(picture: plot.Picture) -> int:
    return sum(hasattr(each, "arrow_patch") for each in picture.figure.axes[0].texts)


def test_a_neighborhood_of_two_hops_has_all_edges_between_its_nodes() -> None:
    ring = nx.MultiDiGraph()
    for node in "abcd":
        ring.add_node(node, kind="Okta_Group", name=node)
    for start, end in ("ab", "bc", "cd", "da", "db"):
        ring.add_edge(start, end, "Okta_MemberOf")
    assert arrows(plot.neighborhood(ring, "a", hops=1)) == 2
    assert arrows(plot.neighborhood(ring, "a", hops=2)) == 5


def test_a_neighborhood_with_too_many_edges_is_cut() -> None:
    dense = nx.MultiDiGraph()
    dense.add_nodes_from(map(str, range(30)), kind="Okta_Group")
    dense.add_edges_from((*pair, "Okta_MemberOf") for pair in itertools.permutations(dense, 2))
    picture = plot.neighborhood(dense, "0", hops=2)
    assert arrows(picture) <= 80
    assert picture.note is not None
    assert "more nodes" in picture.note


def test_many_nodes_of_one_column_do_not_overlap() -> None:
    star = nx.MultiDiGraph()
    star.add_node("hub", kind="Okta_Group", name="hub")
    for number in range(30):
        star.add_node(f"u{number}", kind="Okta_User", name=f"user {number}")
        star.add_edge(f"u{number}", "hub", "Okta_MemberOf")
    positions = in_columns(
        {"hub": 1} | {f"u{n}": 0 for n in range(30)}, [(f"u{n}", "hub") for n in range(30)]
    )
    distances = [math.dist(one, other) for one, other in itertools.combinations(positions.values(), 2)]
    assert min(distances) > ROW_HEIGHT / 2
    width, height = plot.neighborhood(star, "hub").figure.get_size_inches()
    assert height < 1.5 * width


def test_a_blast_radius_counts_every_node_once(radius: analysis.Radius) -> None:
    picture = plot.blast_radius(radius)
    bars = [patch.get_width() for patch in picture.figure.axes[0].patches]
    shown = [len(nodes) for nodes in radius.by_kind.values()]
    assert sum(bars) == sum(sorted(shown, reverse=True)[:14])
    assert "users" not in picture.title
    assert "%" in picture.title


def test_machine_identities_are_placed_by_severity(snapshot: Snapshot) -> None:
    picture = plot.machine_identities(snapshot)
    named = {each.display_text for each in snapshot.api_service_integrations}
    assert named <= texts(picture)
    levels = [each.get_text() for each in picture.figure.axes[0].get_yticklabels()]
    assert levels == ["no scopes, or not read", "info", "low", "medium", "high", "critical"]


def test_agents_servers_and_service_accounts_are_machine_identities() -> None:
    org = SimulatedOrg.empty()
    bot, agent = org.add_user("bot@contoso.com"), org.add_ai_agent("Helper")
    org.connect_workload(agent, account=org.add_service_account("Export", bot))
    org.add_mcp_server("Tools")
    with oktahound.OktaClient(org.url, oktahound.ApiToken(org.api_token), transport=org.transport) as client:
        picture = plot.machine_identities(oktahound.collect(client, trust_boundaries=True))
    assert {"Helper", "Export", "Tools"} <= texts(picture)


def test_the_matrix_has_a_mark_for_every_granted_scope(snapshot: Snapshot) -> None:
    picture = plot.scope_matrix(snapshot)
    held = sum(len(each.oauth_scopes or ()) for each in snapshot.api_service_integrations)
    letters = [each for each in picture.figure.axes[0].texts if len(each.get_text()) == 1]
    assert len(letters) == held
    with pytest.raises(ConfigurationError, match="no scopes of an API service integration were read"):
        plot.scope_matrix(oktahound.Snapshot(
            domain="x", started_at=snapshot.started_at, collected_at=snapshot.collected_at, asked=frozenset(),
            organizations=snapshot.organizations))  # fmt: skip


def test_a_diff_counts_additions_and_removals(snapshot: Snapshot) -> None:
    fewer = attrs.evolve(snapshot, api_service_integrations=snapshot.api_service_integrations[1:])
    difference = analysis.diff(fewer, snapshot)
    assert difference.came
    picture = plot.diff(difference)
    assert picture.title == f"{len(difference.came)} came, {len(difference.went)} went"


def test_pictures_can_be_saved(graph: nx.MultiDiGraph, radius: analysis.Radius, tmp_path: Path) -> None:
    path = radius.organization
    assert path is not None
    picture = plot.paths(graph, path)
    starts = {".svg": b"<svg", ".png": b"\x89PNG", ".pdf": b"%PDF", ".html": b"<!doctype html>"}
    for suffix, start in starts.items():
        file = picture.save(tmp_path / f"path{suffix}")
        assert start in file.read_bytes()[:400]
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    html = (tmp_path / "path.html").read_text()
    assert "http://" not in html.replace("http://www.w3.org/", "").replace("http://purl.org/", "").replace(
        "http://creativecommons.org/", "")  # fmt: skip
    assert "<script" not in html
    ET.fromstring(picture.to_svg())
    assert picture.to_svg() == plot.paths(graph, path).to_svg()
    assert picture._repr_png_().startswith(b"\x89PNG")
    assert isinstance(picture.figure, Figure)
    with pytest.raises(ConfigurationError, match="suffix of a picture"):
        picture.save(tmp_path / "path.gif")


def test_hostile_names_are_drawn_as_text(tmp_path: Path) -> None:
    graph = nx.MultiDiGraph()
    graph.add_node("a", kind="Okta_User", name="$\\frac{1}{<b>\x1b名\u202e")
    graph.add_node("b", kind="Okta_Group", name="</svg><script>alert(1)</script>")
    graph.add_edge("a", "b", "Okta_MemberOf")
    picture = plot.neighborhood(graph, "a")
    for suffix in (".svg", ".png", ".pdf", ".html"):
        picture.save(tmp_path / f"hostile{suffix}")
    assert "<script>" not in picture.to_html()
    ET.fromstring(picture.to_svg())


def data_of(view: plot.InteractiveView) -> dict[str, Any]:
    """The data in the page of a view."""
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', view.to_html())
    assert found
    return json.loads(found[1])


def test_the_interactive_view_has_names_and_texts(graph: nx.MultiDiGraph, radius: analysis.Radius) -> None:
    part = graph.subgraph([radius.node, *radius.nodes])
    view = plot.interactive(part)
    data = data_of(view)
    attack = oktahound.attack_view(part)
    assert len(data["edges"]) == attack.number_of_edges() < part.number_of_edges()
    names = {each["id"]: each["name"] for each in data["nodes"]}
    assert names[radius.node] == part.nodes[radius.node]["name"]
    accounts = {node: name for node, name in names.items() if node.startswith("AZUser(")}
    assert accounts
    assert all(node.endswith(f"={name})") for node, name in accounts.items())
    assert all(data["meanings"][each["kind"]] for each in data["edges"])
    assert {each["kind"] for each in data["nodes"]} <= data["kinds"].keys()
    assert len(data_of(plot.interactive(part, attack=False))["edges"]) == part.number_of_edges()
    assert plot.interactive(part).to_html() == view.to_html()


def test_the_interactive_view_refuses_too_many_nodes() -> None:
    large = nx.empty_graph(1_501, create_using=nx.MultiDiGraph)
    with pytest.raises(ConfigurationError, match=r"1501 nodes and 0 edges .* graph.subgraph"):
        plot.interactive(large)
    with pytest.raises(ConfigurationError, match="height="):
        plot.interactive(nx.MultiDiGraph(), height=0)
    assert data_of(plot.interactive(nx.MultiDiGraph()))["nodes"] == []
    chain = nx.MultiDiGraph([(str(n), str(n + 1), "Okta_MemberOf") for n in range(200)])
    assert len(data_of(plot.interactive(chain))["nodes"]) == 201


def test_names_are_escaped_in_the_interactive_view(tmp_path: Path) -> None:
    evil = nx.MultiDiGraph()
    evil.add_node("a", kind="Okta_User", name="</script><script>alert(1)</script>\x1b\u202e")
    evil.add_node('b"><b>', kind="Okta_Group", name="")
    evil.add_edge("a", 'b"><b>', "Okta_MemberOf", assumption="<!--")
    view = plot.interactive(evil)
    assert view.to_html().count("</script>") == 3
    assert data_of(view)["nodes"][0]["name"] == "</script><script>alert(1)</script>\\x1b\\u202e"
    frame = view._repr_mimebundle_()["text/html"]
    assert frame.count("<") == 2
    assert 'sandbox="allow-scripts"' in frame
    file = view.save(tmp_path / "view.html")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(ConfigurationError, match=r"\.html"):
        view.save(tmp_path / "view.png")


def test_a_path_without_steps_is_no_picture(graph: nx.MultiDiGraph) -> None:
    with pytest.raises(ConfigurationError, match="no path"):
        plot.paths(graph, [])
