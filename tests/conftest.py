"""Configuration of all tests: the hypothesis profile, the order of tests, parallel runs, and event loops."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Generator

import pytest
from _pytest.runner import runtestprotocol
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


def worker_number(config: pytest.Config) -> int | None:
    """Return the number of this process among the workers of pytest-xdist, or None without workers."""
    name: str | None = getattr(config, "workerinput", {}).get("workerid")
    return None if name is None else int(name.removeprefix("gw"))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    # pytest compiles a module in ten times the time of loading it compiled. Workers that start at the same
    # time at both ends of the list of modules compile half of them each and load the others.
    report = yield
    if isinstance(collector, pytest.Directory) and (worker_number(collector.config) or 0) % 2:
        report.result.reverse()
    return report


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> Generator[None, None, None]:
    if not is_deep():
        left_out = [item for item in items if item.get_closest_marker("deep")]
        items[:] = [item for item in items if not item.get_closest_marker("deep")]
        config.hook.pytest_deselected(items=left_out)
    # Every worker has to order the tests alike, whatever its order of modules was.
    items.sort(key=lambda item: item.path)
    yield
    items.sort(key=lambda item: layer(item.nodeid))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    # A worker sends the controller six messages for each test, which take longer than most tests. It needs
    # two of them: the report of the test and its end. Those that say what failed or was skipped stay.
    if worker_number(item.config) is None or item.config.getoption("durations") is not None:
        return None
    for report in runtestprotocol(item, log=False, nextitem=nextitem):
        if report.when == "call" or not report.passed:
            item.ihook.pytest_runtest_logreport(report=report)
    return True


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
