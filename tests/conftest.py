"""Configuration of all tests: the hypothesis profile, the order of tests, and event loops."""

from __future__ import annotations

import gc
import os
import signal

import pytest
from example_counts import is_deep, load_profile
from part_order import first_failures, layer

import oktahound

load_profile()


def pytest_configure() -> None:
    # Background jobs of a shell ignore SIGINT, and some tests send it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # A test cannot cut the power, so that waiting for the disk checks nothing. It takes 3 ms each time.
    os.fsync = _do_not_wait_for_the_disk


def _do_not_wait_for_the_disk(descriptor: int) -> None:
    os.fstat(descriptor)  # a closed descriptor is still an error


def pytest_report_header() -> str:
    return f"oktahound: {oktahound.__file__}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not is_deep():
        left_out = [item for item in items if item.get_closest_marker("deep")]
        items[:] = [item for item in items if not item.get_closest_marker("deep")]
        config.hook.pytest_deselected(items=left_out)
    items.sort(key=lambda item: layer(item.nodeid))


def pytest_collection_finish() -> None:
    # Modules and collected tests live until the end, and small runs of the collector find little in a test.
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    stats = terminalreporter.stats
    failed = [report.nodeid for kind in ("error", "failed") for report in stats.get(kind, [])]
    if failed:
        terminalreporter.section("first failure of each part, lowest layer first")
        for part, nodeid in first_failures(failed).items():
            terminalreporter.write_line(f"{part}: {nodeid}")


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    """The event loop of a test marked `anyio`, which runs once on each."""
    name: str = request.param
    return name
