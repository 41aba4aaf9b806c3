from __future__ import annotations

from pathlib import Path

import pytest
from part_order import LAYERS, first_failures, layer, part_of

import oktahound

# Folders whose tests exercise several parts at once, or none; they run after the layers.
SEVERAL_PARTS = {"docs", "faults", "hostile", "oracle", "properties", "security"}


@pytest.mark.parametrize(
    ("nodeid", "part"),
    [
        ("tests/client/test_paging.py::test_one", "client"),
        ("tests/graph/rules/test_builtin_rights.py::TestGroups::test_one[a/b]", "graph"),
        ("tests/test_layout.py::test_one", "test_layout"),
        ("README.md::line:3", "README.md"),
    ],
)
def test_the_part_of_a_test_is_its_folder(nodeid: str, part: str) -> None:
    assert part_of(nodeid) == part


def test_the_first_failure_of_each_part_is_named_and_the_lowest_part_comes_first() -> None:
    failed = ["tests/oracle/t.py::a", "tests/graph/t.py::b", "tests/graph/t.py::c", "tests/client/t.py::d"]
    assert list(first_failures(failed).items()) == [
        ("client", "tests/client/t.py::d"),
        ("graph", "tests/graph/t.py::b"),
        ("oracle", "tests/oracle/t.py::a"),
    ]


def test_every_folder_of_tests_has_a_layer_or_covers_several_parts() -> None:
    with_tests = {
        path.relative_to(Path(__file__).parent).parts[0]
        for path in Path(__file__).parent.glob("*/**/test_*.py")
    }
    assert with_tests <= set(LAYERS) | SEVERAL_PARTS


def test_folders_of_tests_are_folders_of_the_package() -> None:
    tests, package = Path(__file__).parent, Path(oktahound.__file__).parent
    folders = {
        path.parent.relative_to(tests).as_posix()
        for part in LAYERS
        for path in tests.glob(f"{part}/**/test_*.py")
    }
    named = folders
    assert {folder for folder in named if not (package / folder).is_dir()} == set()


def test_tests_of_one_part_run_before_tests_that_need_all_parts() -> None:
    assert layer("tests/client/t.py::a") < layer("tests/analysis/t.py::a") < layer("tests/oracle/t.py::a")
