"""The example of the README: its output and its data source."""

from __future__ import annotations

import re
import runpy
import sys
from pathlib import Path

import httpx
import pytest

from oktahound.sim import SimulatedOrg

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


EXAMPLE = str(ROOT / "docs" / "examples" / "quickstart.py")


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys, "argv", [EXAMPLE, *arguments])
        runpy.run_path(EXAMPLE, run_name="__main__")
    return capsys.readouterr().out.splitlines()


@pytest.fixture(autouse=True)
def nothing_configured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("ORGURL", "TOKEN", "CLIENTID", "PRIVATEKEY", "AUTHORIZATIONMODE", "SCOPES"):
        monkeypatch.delenv(f"OKTA_CLIENT_{name}", raising=False)
        monkeypatch.delenv(f"OKTA_{name}", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)


def test_the_readme_shows_what_the_quickstart_prints(capsys: pytest.CaptureFixture[str]) -> None:
    (block,) = re.findall(r"^```text\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    # Something is left out only where an ellipsis says so.
    pattern = re.escape(block).replace("…\\\n", "(?:.*\\n)*?")
    assert re.search(pattern, "\n".join([*run(capsys), ""]))


def test_the_output_fits_a_screen_and_the_report_is_written(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    printed = run(capsys)
    assert len(printed) <= 60
    text = "\n".join(printed)
    assert "0 gaps" in text
    assert re.search(r"critical  Northwind Lifecycle: \d+ scopes, \d+ of them write", text)
    assert "If the secret of Northwind Lifecycle leaks" in text
    assert "To do: " in text
    assert str((tmp_path / "report.html").resolve()) in text
    assert (tmp_path / "report.html").read_text("utf-8").startswith("<!doctype html>")
    assert "Okta_MemberOf" not in text


def test_counts_by_kind_are_an_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert any("Okta_MemberOf" in line for line in run(capsys, "--counts"))


def test_with_an_org_in_the_environment_it_reads_that_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    org = SimulatedOrg.empty(domain="fabrikam.okta.com")
    org.add_api_service_integration("Rude \x1b[2J", type="rude", scopes=["okta.users.manage"])

    async def answer(self: object, request: httpx.Request) -> httpx.Response:
        return await org.transport.handle_async_request(request)

    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", answer)
    monkeypatch.setenv("OKTA_CLIENT_ORGURL", org.url)
    monkeypatch.setenv("OKTA_CLIENT_TOKEN", org.api_token)
    printed = "\n".join(run(capsys))
    assert "fabrikam.okta.com" in printed
    assert "simulated" not in printed
    assert "\x1b" not in printed


def test_a_wrong_configuration_ends_it_with_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OKTA_CLIENT_ORGURL", "https://contoso-admin.okta.com")
    monkeypatch.setenv("OKTA_CLIENT_TOKEN", "00...")
    monkeypatch.setattr(sys, "argv", [EXAMPLE])
    with pytest.raises(SystemExit, match="ConfigurationError: contoso-admin"):
        runpy.run_path(EXAMPLE, run_name="__main__")


def test_ci_runs_the_command_that_the_readme_gives_for_the_tests() -> None:
    commands = re.findall(r"^```console\n(.*?)\n```", README, re.MULTILINE | re.DOTALL)
    assert len(commands) == 2
    (tests,) = [command for command in commands if "nox" in command]
    assert tests in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
