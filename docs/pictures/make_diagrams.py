"""Draw the edge kinds of each area, and the parts of the package (needs Graphviz's ``dot``).

Run it in the repository: ``python docs/pictures/make_diagrams.py``.
"""

from __future__ import annotations

import runpy
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import TypeAlias

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent))

from areas import AREAS  # noqa: E402

from oktahound.graph import EDGE_KINDS  # noqa: E402
from oktahound.graph.kind_names import is_of_org  # noqa: E402

_HEAD = (
    'digraph {{ rankdir={direction}; bgcolor="white"; nodesep=0.25; ranksep={gap}; '
    'node [shape=box style="rounded,filled" fillcolor="#eef4fa" color="#0072b2" fontname="Helvetica" '
    'fontsize=11]; edge [color="#555555" fontname="Helvetica" fontsize=9]; '
)
_MANY = 5
_FEW = 5

Between: TypeAlias = defaultdict[tuple[str, str], list[tuple[str, bool]]]

DRAWN = (
    "people",
    "machines",
    "applications",
    "roles",
    "federation",
    "saml",
    "policies",
    "hooks",
    "workloads",
)
"""The areas whose edges fit on a page at a readable size."""


_HOLDERS = frozenset({"Okta_ApiServiceIntegration", "Okta_Application", "Okta_Group", "Okta_User"})
_HOLDER = "who holds\\nan admin role"
_ELSEWHERE = "objects of\\nother systems"


def model(kinds: frozenset[str]) -> str:
    """Return a drawing of the edge kinds that start or end at some node kinds; dashed if not traversable.

    Edges between the same nodes share a line. Holders of admin roles are one node, and so are the objects of
    other systems. Containment edges are omitted, and so are the edge kinds of optional parts, unless the area
    has hardly any others.
    """
    between = _edges(kinds, "Okta_")
    if len(between) < _FEW:
        between = _edges(kinds, "")
    lines = [_HEAD.format(direction="LR", gap=0.9)]
    nodes = sorted({node for pair in between for node in pair})
    lines += [_node(node, of_area=node in kinds) for node in nodes]
    for (start, end), found in sorted(between.items()):
        for traversable in (True, False):
            names = [name.partition("_")[2] for name, each in found if each is traversable]
            if names:
                style = "solid" if traversable else "dashed"
                lines.append(f'"{start}" -> "{end}" [style={style} label="{_label(names)}"];')
    return "\n".join([*lines, "}"])


def _edges(kinds: frozenset[str], prefix: str) -> Between:
    """Return the edge kinds that begin with `prefix`, and whether they are traversable, by their ends."""
    between: Between = defaultdict(list)
    for kind in sorted(EDGE_KINDS.values(), key=lambda kind: kind.name):
        if kind.name in {"Okta_Contains", "Okta_ResourceSetContains", "OktaHound_Contains"}:
            continue
        if not kind.name.startswith(prefix):
            continue
        for start in _near(kind.starts, kinds):
            for end in _near(kind.ends, kinds):
                if start in kinds or end in kinds:
                    between[start, end].append((kind.name, kind.traversable))
    return between


def _near(ends: frozenset[str], kinds: frozenset[str]) -> list[str]:
    if ends >= _HOLDERS:
        return [_HOLDER, *_near(ends - _HOLDERS, kinds)]
    found = {each if is_of_org(each) else _ELSEWHERE for each in ends}
    inside = found & kinds
    return sorted(inside if len(found) > _MANY and inside else found)


def _node(node: str, *, of_area: bool) -> str:
    colors = "" if of_area else ' fillcolor="#f5f5f5" color="#999999"'
    prefix, _, name = node.partition("_")
    return f'"{node}" [label="{name if prefix in ("Okta", "OktaHound", "SAML") else node}"{colors}];'


def _label(names: list[str]) -> str:
    return "\\n".join(names)


def parts() -> str:
    """Return a drawing of the parts of the package, with arrows to imported parts, without ``errors``."""
    sees: dict[str, set[str]] = runpy.run_path(str(ROOT / "tests" / "test_layout.py"))["SEES"]
    lines = [_HEAD.format(direction="TB", gap=0.5)]
    for part, seen in sees.items():
        if part == "errors":
            continue
        lines.append(f'"{part}";')
        # An import that follows from another import is redundant in the picture.
        through = {each for other in seen for each in sees[other]}
        lines += [f'"{part}" -> "{each}";' for each in sorted(seen - through - {"errors"})]
    return "\n".join([*lines, "}"])


def main() -> None:
    """Write one SVG file for each area with node kinds, and one for the parts."""
    drawings = {f"model-{area.slug}": model(area.kinds) for area in AREAS if area.slug in DRAWN}
    drawings["parts"] = parts()
    for name, text in drawings.items():
        run = subprocess.run(["dot", "-Tsvg"], input=text, capture_output=True, text=True, check=True)
        svg = run.stdout[run.stdout.index("<svg") :]
        (HERE / f"{name}.svg").write_text(svg, encoding="utf-8")
        print(HERE / f"{name}.svg")


if __name__ == "__main__":
    main()
