"""Results and the report in a real browser: they fit a phone, load nothing, and are readable in dark."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import pytest
from browser import measure
from hostile.scene import Scene

import oktahound
from oktahound import plot
from oktahound.analysis import pictures
from oktahound.entities import Entity

NARROW = 400
THEMES = {"light": "color:#212121;background:#ffffff", "dark": "color:#e0e0e0;background:#111111"}
# The style of JupyterLab for tables in outputs.
NOTEBOOK = "table{border-collapse:collapse;font-size:12px}td,th{padding:.5em;white-space:normal}"


@pytest.fixture(scope="module")
def scene() -> Scene:
    with pytest.MonkeyPatch.context() as patched:
        # A picture is an image, as wide as its page at most.
        patched.setattr(pictures, "_has_matplotlib", lambda: False)
        found = Scene("W" * 200 + " <b> & words of many lengths, some of them quite ordinary")
        assert len(found.answers) > 50
        return found


def test_every_result_fits_into_a_narrow_notebook(scene: Scene, tmp_path: Path) -> None:
    # Tables and entities of all classes share their methods, so that the largest of each is enough.
    htmls: dict[str, str] = {}
    for each, html in sorted(zip(scene.answers, scene.html, strict=True), key=lambda pair: len(pair[1])):
        htmls["Entity" if isinstance(each, Entity) else type(each).__name__] = html
    style = f"<!doctype html><style>{NOTEBOOK}"
    pages = {
        f"{name} {theme}": f"{style}body{{margin:0;{colors}}}</style>{html}"
        for theme, colors in THEMES.items()
        for name, html in htmls.items()
    }
    found = measure(pages, tmp_path, width=NARROW)
    assert {name: each["width"] for name, each in found.items() if each["width"] > NARROW} == {}
    assert {name: each["contrast"] for name, each in found.items() if each["contrast"] < 4.5} == {}
    assert [each["loads"] for each in found.values() if each["loads"]] == []


def test_the_interactive_view_is_drawn_and_loads_nothing(tmp_path: Path) -> None:
    graph = nx.MultiDiGraph()
    graph.add_node("a", kind="Okta_User", name="Ann </script>")
    graph.add_node("b", kind="Okta_Organization", name="contoso.okta.com")
    graph.add_edge("a", "b", "Okta_SuperAdmin")
    found = measure({"view": plot.interactive(graph).to_html()}, tmp_path, width=NARROW)["view"]
    assert found["width"] <= NARROW
    assert found["loads"] == []
    assert "2 nodes, 1 edges" in found["text"]


def test_the_report_fits_onto_a_phone_and_loads_nothing(scene: Scene, tmp_path: Path) -> None:
    page = oktahound.report(scene.snapshot, tmp_path / "report.html").read_text("utf-8")
    found = measure({"report": page}, tmp_path, width=NARROW)["report"]
    assert found["width"] <= NARROW
    assert (found["loads"], found["scripts"]) == ([], 0)
    assert found["contrast"] >= 4.5
