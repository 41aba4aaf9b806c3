"""Results for a SIEM: JSON-ready, with ids that are the same in every run, a meaning, and a remedy."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import orjson
import pytest

from oktahound import ApiToken, OktaClient, Snapshot, analysis, build_graph, collect
from oktahound.analysis import pictures
from oktahound.sim import SimulatedOrg


def collected() -> Snapshot:
    org = SimulatedOrg(seed=3, users=20)
    with OktaClient(org.url, ApiToken(org.api_token), transport=org.transport) as client:
        return collect(client, usage=timedelta(days=30))


def results(snapshot: Snapshot) -> Iterator[Any]:
    graph = build_graph(snapshot, scopes=True)
    integration = snapshot.api_service_integrations[0]
    radius = analysis.blast_radius(graph, integration.id)
    path = radius.path(min(radius.nodes))
    less = Snapshot(
        **{
            name: getattr(snapshot, name)
            for name in ("domain", "started_at", "collected_at", "asked", "organizations", "users")
        }
    )
    ranking = analysis.riskiest(graph)
    tier_zero, choke_points = analysis.tier_zero(graph), analysis.choke_points(graph)
    usage, sizes = analysis.usage(snapshot), analysis.right_size(snapshot)
    difference = analysis.diff(less, snapshot)
    findings = analysis.findings(snapshot)
    yield from (radius, analysis.who_can_reach(graph, integration.id), path, path.steps[0])
    yield from (findings, findings[0], difference, (*difference.came, *difference.unknown)[0])
    yield from (ranking, ranking[0], tier_zero, tier_zero[0], choke_points, choke_points[0])
    yield from (usage, usage[0], sizes, sizes[0])
    yield from (integration.reach(), analysis.compare_with_vendor(integration))
    yield next(iter(analysis.questions)).ask(graph)


@pytest.fixture(scope="module")
def two_runs() -> tuple[list[Any], list[Any]]:
    return list(results(collected())), list(results(collected()))


def test_a_result_is_json_ready_and_has_meaning_and_remedy(two_runs) -> None:
    for result in two_runs[0]:
        row = result.to_dict()
        assert orjson.loads(orjson.dumps(row)) == row
        assert re.fullmatch(r"[0-9a-f]{24}", row["id"]), type(result)
        assert row["meaning"].endswith("."), type(result)
        assert isinstance(row["what_to_do"], str)


def test_the_same_result_has_the_same_id_in_two_runs(two_runs) -> None:
    first, second = ([each.to_dict()["id"] for each in run] for run in two_runs)
    assert first == second
    assert len(set(first)) == len(first)


def test_rows_of_a_collection_have_the_ids_of_their_items(two_runs) -> None:
    for result in two_runs[0]:
        for name in ("to_rows", "rows"):
            rows = getattr(result, name, [])
            rows = rows() if callable(rows) else rows
            ids = [row["id"] for row in rows]
            assert len(set(ids)) == len(ids), type(result)


SHOWN = (analysis.Path, analysis.Radius, analysis.Findings, analysis.Difference)


def test_four_results_show_a_picture_if_matplotlib_is_installed(two_runs, monkeypatch) -> None:
    pytest.importorskip("matplotlib")
    shown = [each for each in two_runs[0] if isinstance(each, SHOWN)]
    assert {type(each) for each in shown} == set(SHOWN)
    for each in shown:
        assert "url('data:image/svg+xml;base64," in each._repr_html_()
    monkeypatch.setattr(pictures, "_has_matplotlib", lambda: False)
    for each in shown:
        assert "base64" not in each._repr_html_()


def test_nothing_imports_matplotlib_until_a_picture_is_drawn() -> None:
    code = "import oktahound, oktahound.analysis, sys; print('matplotlib' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"
