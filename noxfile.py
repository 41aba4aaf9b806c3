"""How oktahound is checked. ``nox -s tests`` is the one to run; ``nox -l`` shows the others.

What is checked is what people install: sessions build the wheel, install it into an environment of
their own, and run in an empty folder, from which the working tree cannot be imported.
"""

from __future__ import annotations

import os
from pathlib import Path

import nox

nox.needs_version = ">=2024.10.9"
nox.options.default_venv_backend = "venv"
nox.options.reuse_venv = "yes"
nox.options.error_on_external_run = True
# A Python that the machine lacks is skipped and said to be; `coverage` fails when there was none at all.
nox.options.error_on_missing_interpreters = False
nox.options.sessions = ["lint", "typing", "tests", "docs", "quickstart"]

ROOT = Path(__file__).parent
PROJECT = nox.project.load_toml(ROOT / "pyproject.toml")
PYTHONS = nox.project.python_versions(PROJECT)
# Not named like a session: that would be the folder of its environment.
COVERAGE = ROOT / ".nox" / "coverage-data"

# pyenv hides the Pythons that are not switched on; here, each of the right version is.
if "PYENV_ROOT" in os.environ and "PYENV_VERSION" not in os.environ:
    kept = Path(os.environ["PYENV_ROOT"], "versions")
    if found := [path.name for version in PYTHONS for path in sorted(kept.glob(f"{version}.*"))]:
        os.environ["PYENV_VERSION"] = ":".join(found)

WHERE_IT_IS = """
import pathlib, sysconfig, oktahound
where = pathlib.Path(oktahound.__file__)
assert where.is_relative_to(sysconfig.get_path("purelib")), f"not the wheel: {where}"
assert (where.parent / "py.typed").is_file(), "the wheel lacks py.typed"
"""


def install_wheel(session: nox.Session, *groups: str, extra: str = "") -> None:
    """Build the wheel, install it with some dependency groups, and leave the working tree."""
    dist = Path(session.create_tmp()) / "dist"
    for old in dist.glob("*.whl"):
        old.unlink()
    session.run("python", "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(dist), str(ROOT))
    (wheel,) = dist.glob("*.whl")
    session.install(f"{wheel}{extra}", *(each for name in groups for each in requirements(name)))
    # The version does not change between two builds, and pip would keep the older one.
    session.install("--force-reinstall", "--no-deps", str(wheel))
    empty = dist.parent / "empty"
    empty.mkdir(exist_ok=True)
    session.chdir(empty)
    session.run("python", "-P", "-c", WHERE_IT_IS)


def run_pytest(session: nox.Session, *arguments: str, data: Path | None = None) -> None:
    """Run pytest as pyproject.toml has it, from elsewhere; with a file for `data`, measure coverage."""
    config = str(ROOT / "pyproject.toml")
    measure = ["coverage", "run", f"--rcfile={config}"] if data else ["python", "-P"]
    env = {"COVERAGE_FILE": str(data)} if data else {}
    session.run(*measure, "-m", "pytest", "-c", config, f"--rootdir={ROOT}", *arguments, env=env)


def requirements(group: str) -> tuple[str, ...]:
    """What a dependency group of pyproject.toml names."""
    return nox.project.dependency_groups(PROJECT, group)


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """The tests, on the wheel, warnings being errors. Arguments are pytest's, with paths from the root."""
    install_wheel(session, "tests", extra="[progress,arrow]")
    COVERAGE.mkdir(parents=True, exist_ok=True)
    data = COVERAGE / f".coverage.{session.python}"
    data.unlink(missing_ok=True)
    chosen = [str(ROOT / each) if (ROOT / each).exists() else each for each in session.posargs]
    run_pytest(session, *(chosen or [str(ROOT / "tests")]), data=data)
    # A run of some tests says nothing about what the tests cover.
    if not session.posargs:
        session.notify("coverage")


@nox.session
def coverage(session: nox.Session) -> None:
    """Branch coverage over all Pythons that ran; pyproject.toml says how much there must be."""
    session.install("coverage[toml]")
    env = {"COVERAGE_FILE": str(COVERAGE / ".coverage")}
    session.run("coverage", "combine", env=env)
    session.run("coverage", "report", env=env)


@nox.session
def lint(session: nox.Session) -> None:
    """Ruff's rules and ruff's layout, over everything."""
    session.install(*requirements("lint"))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def typing(session: nox.Session) -> None:
    """Mypy and pyright over the package, and over programs that use the wheel."""
    install_wheel(session, "typing", extra="[progress,arrow]")
    config, programs = str(ROOT / "pyproject.toml"), str(ROOT / "tests" / "typing")
    session.run("mypy", "--config-file", config, programs)
    session.run("pyright", "--project", config, programs)
    session.chdir(ROOT)
    session.run("mypy")
    session.run("pyright")


@nox.session
def docs(session: nox.Session) -> None:
    """Build the site, warnings being errors; run every code block."""
    install_wheel(session, "docs", "tests", extra="[progress,arrow]")
    source = ROOT / "docs"
    session.run("sphinx-build", "-W", "--keep-going", "-q", str(source), str(source / "_build" / "html"))
    run_pytest(session, str(ROOT / "tests" / "docs"))


@nox.session
def quickstart(session: nox.Session) -> None:
    """The example of the README, with the wheel and nothing else installed."""
    install_wheel(session)
    session.run("python", str(ROOT / "docs" / "examples" / "quickstart.py"))


@nox.session
def bench(session: nox.Session) -> None:
    """What oktahound costs, in some ten minutes. Prints, and judges nothing.

    Arguments: the names of programs in ``docs/bench``, all when there are none; or one name and its options.
    """
    install_wheel(session)
    programs = {path.stem: path for path in sorted((ROOT / "docs" / "bench").glob("*.py"))}
    names = [each for each in session.posargs if each in programs]
    options = [each for each in session.posargs if each not in programs]
    for name in names or programs:
        session.run("python", "-P", str(programs[name]), *options)
