"""The diagrams of the model contain exactly the declared edge kinds."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

from oktahound.graph import EDGE_KINDS

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"


@pytest.fixture(scope="module")
def script() -> dict[str, object]:
    with pytest.MonkeyPatch.context() as patched:
        patched.syspath_prepend(str(PICTURES.parent))
        return runpy.run_path(str(PICTURES / "make_diagrams.py"))


def test_each_diagram_is_current(script) -> None:
    areas = {area.slug: area for area in script["AREAS"]}
    for slug in script["DRAWN"]:
        wanted = re.findall(r'label="([^"]*)"\];', script["model"](areas[slug].kinds))
        known = {kind.partition("_")[2] for kind in EDGE_KINDS}
        names = {name for label in wanted for name in label.split("\\n")} & known
        drawn = (PICTURES / f"model-{slug}.svg").read_text("utf-8")
        shown = set(re.findall(r">([^<>]+)</text>", drawn)) & known
        assert names
        assert shown == names, "run docs/pictures/make_diagrams.py"


def test_the_picture_of_the_parts_has_every_part(script) -> None:
    drawn = (PICTURES / "parts.svg").read_text("utf-8")
    parts = re.findall(r'^"(\w+)";', script["parts"](), re.MULTILINE)
    assert len(parts) > 10
    assert [part for part in parts if f">{part}</text>" not in drawn] == []
