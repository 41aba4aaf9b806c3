"""Results and the report in a real browser: they fit a phone, load nothing, and are readable in dark."""

from __future__ import annotations

from typing import Any

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


@pytest.fixture(scope="module")
def measured(scene: Scene, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The measures of all pages of this module. The browser takes longer to start than to lay them out."""
    folder = tmp_path_factory.mktemp("pages")
    pages = {f"{name} {theme}": page for theme in THEMES for name, page in results(scene, theme).items()}
    pages["view"] = interactive_view()
    pages["report"] = oktahound.report(scene.snapshot, folder / "report.html").read_text("utf-8")
    return measure(pages, folder, width=NARROW)


def results(scene: Scene, theme: str) -> dict[str, str]:
    """Return a page in the style of a notebook for the result of each class."""
    # Tables and entities of all classes share their methods, so that the largest of each is enough.
    htmls: dict[str, str] = {}
    for each, html in sorted(zip(scene.answers, scene.html, strict=True), key=lambda pair: len(pair[1])):
        htmls["Entity" if isinstance(each, Entity) else type(each).__name__] = html
    style = f"<!doctype html><style>{NOTEBOOK}body{{margin:0;{THEMES[theme]}}}</style>"
    return {name: f"{style}{html}" for name, html in htmls.items()}


def interactive_view() -> str:
    """Return the page of an interactive view with a hostile name."""
    graph = nx.MultiDiGraph()
    graph.add_node("a", kind="Okta_User", name="Ann </script>")
    graph.add_node("b", kind="Okta_Organization", name="contoso.okta.com")
    graph.add_edge("a", "b", "Okta_SuperAdmin")
    return plot.interactive(graph).to_html()


def test_every_result_fits_into_a_narrow_notebook(measured: dict[str, dict[str, Any]]) -> None:
    found = {name: each for name, each in measured.items() if name.endswith(tuple(THEMES))}
    assert len(found) > 20
    assert {name: each["width"] for name, each in found.items() if each["width"] > NARROW} == {}
    assert {name: each["contrast"] for name, each in found.items() if each["contrast"] < 4.5} == {}
    assert [each["loads"] for each in found.values() if each["loads"]] == []


def test_the_interactive_view_is_drawn_and_loads_nothing(measured: dict[str, dict[str, Any]]) -> None:
    found = measured["view"]
    assert found["width"] <= NARROW
    assert found["loads"] == []
    assert "2 nodes, 1 edges" in found["text"]


def test_the_report_fits_onto_a_phone_and_loads_nothing(measured: dict[str, dict[str, Any]]) -> None:
    found = measured["report"]
    assert found["width"] <= NARROW
    assert (found["loads"], found["scripts"]) == ([], 0)
    assert found["contrast"] >= 4.5
