"""The architecture: which part of the package may import which, and the maximum length of a module."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterable
from pathlib import Path

import pytest

import oktahound

PACKAGE = Path(oktahound.__file__).parent

# The parts that each part may import. "graph" imports neither "client" nor "collecting": it works offline.
SEES: dict[str, set[str]] = {
    "errors": set(),
    "clock": set(),
    "gc_control": set(),
    "no_pickle": set(),
    "file_types": set(),
    "folder_lock": set(),
    "client": {"errors", "clock", "no_pickle"},
    "scopes": {"errors"},
    "system_log": set(),
    "entities": {"errors", "scopes", "system_log"},
    "snapshot": {"errors", "gc_control", "file_types", "folder_lock", "scopes", "entities"},
    "collecting": {"errors", "clock", "gc_control", "client", "entities", "snapshot", "system_log"},
    "graph": {"errors", "gc_control", "entities", "snapshot", "scopes"},
    "sim": {"errors", "clock"},
    "bloodhound": {"errors", "clock", "no_pickle", "file_types", "client"},
    "sinks": {"errors", "file_types", "folder_lock", "entities", "snapshot", "graph"},
    "analysis": {"errors", "entities", "snapshot", "graph", "scopes", "system_log"},
    "reporting": {"errors", "file_types", "entities", "snapshot", "graph", "scopes", "analysis"},
    "plot": {"errors", "entities", "snapshot", "graph", "scopes", "analysis"},
}

# Modules that import further parts inside a function or for types only, with the reason.
LATE: dict[str, tuple[set[str], str]] = {
    "entities/integrations.py": ({"analysis", "snapshot"}, "integration.usage() gives an answer of analysis"),
    "analysis/pictures.py": ({"plot"}, "the HTML of a result shows a picture where matplotlib is installed"),
}

LIMIT = 400
# "graph/big.py": (340, "the reason"). Limits may only decrease, and entries may only be removed.
LONGER: dict[str, tuple[int, str]] = {}

MODULES = sorted(PACKAGE.rglob("*.py"))
SOURCES = {path: path.read_text(encoding="utf-8") for path in MODULES}

Import = ast.Import | ast.ImportFrom


@functools.cache
def imports() -> dict[Path, list[Import]]:
    """Return the import statements of each module of the package."""
    return {path: imports_of(ast.parse(source)) for path, source in SOURCES.items()}


def imports_of(tree: ast.Module) -> list[Import]:
    """Return all import statements of a module. Expressions cannot contain one, and are skipped."""
    found: list[Import] = []
    left: list[ast.AST] = [tree]
    while left:
        for node in ast.iter_child_nodes(left.pop()):
            if isinstance(node, Import):
                found.append(node)
            elif not isinstance(node, ast.expr):
                left.append(node)
    return found


def part_of(path: Path) -> str:
    """Return the part of the package to which a file belongs; ``__init__`` is the package itself."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(nodes: Iterable[Import]) -> set[str]:
    """Return the parts of the package that statements import; the package itself counts as ``__init__``."""
    names: list[str] = []
    for node in nodes:
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        else:
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    pieces = [[*name.split("."), "__init__"] for name in names]
    parts = {piece[1] for piece in pieces if piece[0] == "oktahound"}
    # `from oktahound import build_graph` imports no part by that name, but all of them.
    return {part if part in SEES else "__init__" for part in parts}


def test_a_module_imports_only_the_allowed_parts() -> None:
    for path, nodes in imports().items():
        part = part_of(path)
        late, _ = LATE.get(path.relative_to(PACKAGE).as_posix(), (set(), ""))
        assert imported(nodes) <= SEES.get(part, set(SEES)) | {part} | late, path


@pytest.mark.parametrize("name", LATE)
def test_late_imports_are_not_at_the_top_level(name: str) -> None:
    late, reason = LATE[name]
    tree = ast.parse((PACKAGE / name).read_text(encoding="utf-8"))
    assert late.isdisjoint(imported(node for node in tree.body if isinstance(node, Import)))
    assert reason


def test_a_module_does_not_exceed_the_maximum_length() -> None:
    for path, source in SOURCES.items():
        most, _ = LONGER.get(path.relative_to(PACKAGE).as_posix(), (LIMIT, ""))
        assert source.count("\n") <= most, path


def test_imports_are_absolute() -> None:
    for path, nodes in imports().items():
        relative = [node.lineno for node in nodes if isinstance(node, ast.ImportFrom) and node.level]
        assert relative == [], path


def test_every_part_of_the_package_is_on_the_import_map() -> None:
    assert {part_of(path) for path in MODULES} - {"__init__"} <= set(SEES)


def test_the_import_map_has_no_cycles() -> None:
    left = {part: set(seen) for part, seen in SEES.items()}
    while left:
        leaves = {part for part, seen in left.items() if not seen & set(left)}
        assert leaves, f"these see each other: {sorted(left)}"
        left = {part: seen for part, seen in left.items() if part not in leaves}


def test_exceptions_to_the_length_have_a_reason_and_are_needed() -> None:
    for name, (most, reason) in LONGER.items():
        lines = (PACKAGE / name).read_text(encoding="utf-8").count("\n")
        assert LIMIT < lines <= most
        assert reason


@pytest.mark.parametrize(
    ("source", "parts"),
    [
        ("import oktahound.client.auth", {"client"}),
        ("from oktahound.graph import build_graph", {"graph"}),
        ("from oktahound import client", {"client"}),
        ("from oktahound import build_graph", {"__init__"}),
        ("import oktahound", {"__init__"}),
        ("def late():\n    from oktahound.sim.org import SimulatedOrg", {"sim"}),
        ("try:\n    pass\nexcept OSError:\n    import oktahound.plot", {"plot"}),
        ("match 1:\n    case 1:\n        import oktahound.plot", {"plot"}),
        ("import networkx, oktahounds\nfrom collections import abc", set()),
    ],
)
def test_every_form_of_import_is_parsed(source: str, parts: set[str]) -> None:
    assert imported(imports_of(ast.parse(source))) == parts
