"""The report: one file, complete, escaped, and without external resources."""

from __future__ import annotations

import re
import stat
from html.parser import HTMLParser
from pathlib import Path

import attrs
import networkx as nx
import pytest
from handwritten.orgs import snapshot_of

import oktahound
from oktahound import Gap, GapReason, OAuthScope, Snapshot, User, analysis
from oktahound.entities import ApiServiceIntegration
from oktahound.errors import ConfigurationError
from oktahound.reporting.path_drawing import path_svg

VOID = {"meta", "br", "rect", "path", "link"}


class Checker(HTMLParser):
    """Collects text, and fails on tags that do not close."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.words: list[str] = []
        self.ids: set[str] = set()
        self.targets: list[str] = []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, found: list[tuple[str, str | None]]) -> None:
        values = dict(found)
        self.tags.append(tag)
        if "id" in values:
            self.ids.add(str(values["id"]))
        if "href" in values:
            self.targets.append(str(values["href"]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, found: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    org = oktahound.sim.SimulatedOrg(seed=1, users=40)
    with oktahound.OktaClient(org.url, oktahound.ApiToken(org.api_token), transport=org.transport) as client:
        return oktahound.collect(client)


@pytest.fixture(scope="module")
def page(snapshot: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> str:
    return oktahound.report(snapshot, tmp_path_factory.mktemp("report") / "report.html").read_text("utf-8")


def test_the_report_is_one_page_that_loads_nothing(page: str) -> None:
    checked = Checker(page)
    assert "script" not in checked.tags
    assert not {"img", "link", "iframe", "object", "embed"} & set(checked.tags)
    assert re.findall(r"""(?:src|href|url)\s*[=(]\s*["']?(?!#)\w+:""", page) == []
    assert {target.removeprefix("#") for target in checked.targets} <= checked.ids


def test_the_report_has_findings_machines_tier_zero_and_paths(page: str, snapshot: Snapshot) -> None:
    words = " ".join(Checker(page).words)
    findings = analysis.findings(snapshot)
    assert {each.title for each in findings} <= {
        part for part in [each.title for each in findings] if part in words
    }
    assert all(each.what_to_do in words for each in findings)
    assert all(each.name in words for each in snapshot.api_service_integrations if each.name)
    assert "Tier zero" in words
    assert '<svg class="path"' in page


def test_gaps_come_first_in_the_report(snapshot: Snapshot, tmp_path: Path) -> None:
    gap = Gap(entity="User", reason=GapReason.FORBIDDEN, request="GET /api/v1/users", status=403)
    page = oktahound.report(attrs.evolve(snapshot, gaps=(gap,)), tmp_path / "gaps.html").read_text("utf-8")
    assert page.index("1 gaps, 1 of them with missing rows") < page.index('id="machines"')
    assert "withheld, because they could add false edges" in page


def test_hostile_names_are_escaped_in_the_report(tmp_path: Path) -> None:
    evil = "</title><script>alert(1)</script>\x1b[31m\u202e\ud800"
    rows = (
        User(id="00u1", login=evil),
        ApiServiceIntegration(id="0oa1", name=evil, oauth_scopes=(OAuthScope("okta.users.manage"),)),
    )
    page = oktahound.report(snapshot_of(*rows), tmp_path / "evil.html").read_text("utf-8")
    checked = Checker(page)
    assert "script" not in checked.tags
    assert "\x1b" not in page
    assert "\u202e" not in page


def test_scopes_that_were_not_read_are_reported(tmp_path: Path) -> None:
    rows = (
        ApiServiceIntegration(id="0oa1", name="Unread"),
        ApiServiceIntegration(id="0oa2", oauth_scopes=()),
    )
    words = Checker(oktahound.report(snapshot_of(*rows), tmp_path / "x.html").read_text("utf-8")).words
    assert words.count("not read") == 1


def test_an_empty_org_has_a_report(tmp_path: Path) -> None:
    words = " ".join(Checker(oktahound.report(snapshot_of(), tmp_path / "x.html").read_text("utf-8")).words)
    assert "No machine identity has a path to control of the organization." in words


def test_the_file_is_private_and_replaced_completely(
    snapshot: Snapshot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "new" / "report.html"
    assert oktahound.report(snapshot_of(), path) == path
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_bytes()

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OSError, match="No space"):
        oktahound.report(snapshot, path)
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == ["report.html"]


def test_a_folder_is_refused(snapshot: Snapshot, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="is a folder"):
        oktahound.report(snapshot, tmp_path)


@pytest.mark.parametrize("length", [1, 2, 3, 5, 9])
def test_a_path_is_drawn_with_all_its_nodes_and_edges(length: int) -> None:
    graph = nx.MultiDiGraph()
    for number in range(length + 1):
        graph.add_node(str(number), kind="Okta_User", name=f"user {number} <b>")
    steps = [
        analysis.Step(str(n), "Okta_MemberOf", str(n + 1), "guess" if n else None) for n in range(length)
    ]
    svg = path_svg(graph, analysis.Path(tuple(steps)))
    assert svg.count("<rect") == length + 1
    assert svg.count("marker-end") == length
    assert svg.count('class="assumed"') == length - 1
    assert "<b>" not in svg
