"""Run every code block of the README and the docs without changes.

The network is replaced by a simulated org under the address and with the credentials that the docs use,
so that a block which opens a client of contoso.okta.com does just that, and by a stand-in for a BloodHound
server that checks what it is sent.
"""

from __future__ import annotations

import doctest
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from handwritten.bloodhound import FakeServer
from joserfc.jwk import ECKey
from spark_sessions import spark_session
from sybil import Document, Sybil
from sybil.parsers.myst import PythonCodeBlockParser

import oktahound
from oktahound.sim import SimulatedOrg

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
PAGES = [page for page in PAGES if "_build" not in page.parts]
NAMES = [page.relative_to(ROOT).as_posix() for page in PAGES]
every_page = pytest.mark.parametrize("page", PAGES, ids=NAMES)

# Pages whose blocks only `nox -s spark` runs.
NEEDS_SPARK = {"docs/how-to/larger-than-one-machine.md"}

# Blocks of these languages are not run.
SHOWN = {"console", "text", "yaml", "toml", "json"}


def parse(page: Path) -> Document:
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    return Sybil([PythonCodeBlockParser(doctest_optionflags=flags)], path=str(page.parent)).parse(page)


@pytest.fixture
def contoso(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> SimulatedOrg:
    """Replace the network with the org of the docs, and change to an empty folder."""
    org = SimulatedOrg(seed=1, users=200)
    org.credentials.register_api_token("00...", "00Tdocs")
    key = ECKey.generate_key("P-256", {"kid": "docs"})
    app = org.credentials.register_app("0oadocs", org.service_app.scopes, key.as_dict(private=True), True)
    (tmp_path / "oktahound.jwk").write_bytes(key.as_bytes(private=True))
    assert app.client_id == "0oadocs"

    bloodhound = FakeServer()

    async def answer(self: object, request: httpx.Request) -> httpx.Response:
        if request.url.host == "bloodhound.contoso.com":
            target, body = request.url.raw_path.decode(), await request.aread()
            status, doc = bloodhound.answer(request.method, target, request.headers, body)
            return httpx.Response(status, json=doc)
        assert request.url.host == org.domain, "a code block sends a request to another host"
        return await org.transport.handle_async_request(request)

    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", answer)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return org


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    """oktahound's logger, without the handlers and the level that a block of a page gives it."""
    found = logging.getLogger("oktahound")
    handlers, level = list(found.handlers), found.level
    yield found
    found.handlers[:] = handlers
    found.setLevel(level)


def test_structlog_writes_the_records_as_the_page_shows_them(
    contoso: SimulatedOrg, logger: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    page = ROOT / "docs" / "how-to" / "embed.md"
    (block,) = [each for each in parse(page).examples() if "import structlog" in str(each.parsed)]
    block.evaluate()
    contoso.fail("GET /api/v1/users", status=503, times=1)
    contoso.forbid("okta.apiTokens.read")
    with oktahound.OktaClient(contoso.url, oktahound.ApiToken("00...")) as client:
        oktahound.collect(client, only=[oktahound.User, oktahound.entities.ApiToken])
    (shown,) = re.findall(r"^```json\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    wanted = [json.loads(line) for line in shown.splitlines()]
    written = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [list(each) for each in written] == [list(each) for each in wanted]
    assert [each["level"] for each in written] == [each["level"] for each in wanted]
    assert written[2] | {"timestamp": ""} == wanted[2] | {"timestamp": ""}


@every_page
def test_every_python_block_of_a_page_runs(page: Path, contoso: SimulatedOrg, logger: logging.Logger) -> None:
    if page.relative_to(ROOT).as_posix() in NEEDS_SPARK:
        spark_session()  # a block that asks for a session gets this one
    for example in parse(page).examples():
        example.evaluate()


@every_page
def test_only_blocks_of_other_languages_are_not_run(page: Path) -> None:
    fences = re.findall(r"^ *(?:```+|~~~+)([^\n]*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    languages = {fence.strip() for fence in fences[::2]}
    assert {name for name in languages if not name.startswith("{")} <= SHOWN | {"python"}


@every_page
def test_every_link_to_a_file_has_a_target(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    local = [link for link in links if "://" not in link]
    assert [link for link in local if not (page.parent / link).exists()] == []


def test_there_are_pages() -> None:
    assert {"README.md", "docs/tutorial.md", "docs/explanation/completeness.md", *NEEDS_SPARK} <= set(NAMES)


def test_a_wrong_block_fails(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```python\n>>> 1 + 1\n3\n```\n")
    (example,) = parse(page).examples()
    with pytest.raises(AssertionError, match="Expected"):
        example.evaluate()
