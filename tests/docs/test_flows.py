"""The table of flows in the architecture page: each flow passes through the files that the table names."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from faults.socket_server import faulty_server, good

import oktahound
from oktahound import (
    ApiToken,
    AsyncOktaClient,
    OktaClient,
    Snapshot,
    analysis,
    collect_async,
    write_opengraph,
)
from oktahound.entities import User
from oktahound.entities.structuring import structure
from oktahound.sim import SimulatedOrg

PACKAGE = Path(oktahound.__file__).parent
PAGE = (Path(__file__).parents[2] / "docs" / "explanation" / "architecture.md").read_text(encoding="utf-8")
TABLE = PAGE.partition("## Five flows")[2].partition("\n## ")[0]
FLOWS = {
    line.split("|")[1].strip().partition(",")[0].partition(":")[0]: line.split("|")[2:4]
    for line in TABLE.splitlines()
    if line.startswith("| a")
}

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@contextmanager
def files_that_run() -> Iterator[set[str]]:
    """Collect the files of the package whose functions are called in the block, except the simulated org."""
    files: set[str] = set()

    def called(frame: Any, event: str, _: object) -> None:
        path = frame.f_code.co_filename
        if event == "call" and path.startswith(str(PACKAGE)):
            files.add(Path(path).relative_to(PACKAGE).as_posix())

    before = sys.getprofile()
    sys.setprofile(called)
    try:
        yield files
    finally:
        sys.setprofile(before)
        files.difference_update([file for file in files if file.startswith("sim/")])


def in_order(flow: str) -> set[str]:
    """Return the files of a flow in the table."""
    return set(re.findall(r"`([\w/]+\.py)`", FLOWS[flow][0]))


def beside(flow: str) -> set[str]:
    """Return the further files of a flow in the table."""
    return set(re.findall(r"`([\w/]+\.py)`", FLOWS[flow][1]))


def test_each_of_the_five_flows_passes_through_at_most_eight_files():
    assert len(FLOWS) == 5
    assert {flow: len(in_order(flow)) for flow in FLOWS if not 1 <= len(in_order(flow)) <= 8} == {}


async def test_a_request_passes_through_its_files_and_no_others():
    with faulty_server(good()) as server:
        async with AsyncOktaClient(server.url, ApiToken("00secret")) as client:
            await client.get("/api/v1/users")
            with files_that_run() as files:
                await client.get("/api/v1/users")
    assert in_order("a request") <= files
    assert files <= in_order("a request") | beside("a request")


def test_a_row_passes_through_its_files():
    structure(User, {"id": "00u0", "status": "ACTIVE"})  # generates the reader
    with files_that_run() as files:
        structure(User, {"id": "00u1", "status": "ACTIVE", "created": "2026-01-01T00:00:00.000Z"})
    assert in_order("a row") <= files


async def test_resuming_adds_its_files_to_a_collection_and_no_others(tmp_path: Path):
    async def collected(**options: Any) -> set[str]:
        async with AsyncOktaClient(org.url, ApiToken(org.api_token), transport=org.transport) as client:
            with files_that_run() as files:
                await collect_async(client, only=["User", "Group"], **options)
        return files

    def interrupt(progress: object) -> None:
        raise KeyboardInterrupt

    org = SimulatedOrg(seed=1, users=5)
    folder = tmp_path / "contoso.okta"
    with pytest.raises(KeyboardInterrupt):
        await collected(into=folder, progress=interrupt)
    in_memory = await collected()
    resumed = await collected(into=folder)
    assert resumed - in_memory - beside("a resumed collection") == in_order("a resumed collection")
    assert beside("a resumed collection") <= resumed


def test_an_edge_passes_through_its_files(tmp_path: Path, snapshot: Snapshot):
    with files_that_run() as files:
        write_opengraph(snapshot, tmp_path)
    assert in_order("an edge") <= files


def test_a_question_passes_through_its_files(snapshot: Snapshot):
    with files_that_run() as files:
        analysis.who_can_reach(snapshot, snapshot.api_service_integrations[0])
    assert in_order("a question") <= files


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    org = SimulatedOrg(seed=1, users=5)
    with OktaClient(org.url, ApiToken(org.api_token), transport=org.transport) as client:
        return oktahound.collect(client)
