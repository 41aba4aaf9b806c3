"""Sessions that check oktahound. ``nox -s tests`` runs the tests; ``nox -l`` lists all sessions.

The sessions check the wheel, as users install it. Each session builds the wheel, installs it into its own
environment, and runs in an empty folder, from which the working tree cannot be imported.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import zipfile
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

import nox
from packaging.requirements import Requirement

nox.needs_version = ">=2024.10.9"
nox.options.default_venv_backend = "venv"
nox.options.reuse_venv = "yes"
nox.options.error_on_external_run = True
# Nox skips a Python that the machine lacks, and prints a warning.
nox.options.error_on_missing_interpreters = False
nox.options.sessions = ["lint", "typing", "tests", "docs", "quickstart"]

ROOT = Path(__file__).parent
PROJECT = nox.project.load_toml(ROOT / "pyproject.toml")
PYTHONS = nox.project.python_versions(PROJECT)
# PySpark takes 500 MB, so that only the session "spark" installs it.
EXTRAS = f"[{','.join(each for each in PROJECT['project']['optional-dependencies'] if each != 'spark')}]"
# The Python of the sessions that need only one.
OLDEST = PYTHONS[0]
# Not named after a session: nox would use the folder for the environment of that session.
COVERAGE = ROOT / ".nox" / "coverage-data"
# The tests that need PySpark. In other sessions they are skipped.
SPARK_TESTS = (
    "tests/sinks/spark",
    "tests/sinks/test_optional_libraries.py",
    "tests/docs/test_code_blocks.py::test_every_python_block_of_a_page_runs[docs/how-to/larger-than-one-machine.md]",
)
# The schemas that check-jsonschema contains, and the files below ".github" that they describe.
GITHUB_FILES = (
    ("github-workflows", "workflows/*.yml"),
    ("github-issue-forms", "ISSUE_TEMPLATE/[!c]*.yml"),
    ("github-issue-config", "ISSUE_TEMPLATE/config.yml"),
    ("dependabot", "dependabot.yml"),
)

# pyenv hides the Pythons that are not activated; this activates each one of a supported version.
if "PYENV_ROOT" in os.environ and "PYENV_VERSION" not in os.environ:
    versions = Path(os.environ["PYENV_ROOT"], "versions")
    if found := [path.name for version in PYTHONS for path in sorted(versions.glob(f"{version}.*"))]:
        os.environ["PYENV_VERSION"] = ":".join(found)

WHERE_IT_IS = """
import pathlib, sysconfig, oktahound
where = pathlib.Path(oktahound.__file__)
assert where.is_relative_to(sysconfig.get_path("purelib")), f"not the wheel: {where}"
assert (where.parent / "py.typed").is_file(), "the wheel lacks py.typed"
"""


def install_wheel(
    session: nox.Session, *groups: str, extra: str = "", constraints: Iterable[str] = ()
) -> None:
    """Build the wheel, install it with some dependency groups, and leave the working tree."""
    dist = Path(session.create_tmp()) / "dist"
    for old in dist.glob("*.whl"):
        old.unlink()
    session.run_install("python", "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(dist), str(ROOT))
    (wheel,) = dist.glob("*.whl")
    limits = dist.parent / "constraints.txt"
    limits.write_text("\n".join(constraints), encoding="utf-8")
    wanted = [each for name in groups for each in requirements(name)]
    session.install(f"{wheel}{extra}", *wanted, "--constraint", str(limits))
    # The version does not change between two builds, and pip would keep the older one.
    session.install("--force-reinstall", "--no-deps", str(wheel))
    empty = dist.parent / "empty"
    empty.mkdir(exist_ok=True)
    session.chdir(empty)
    session.run("python", "-P", "-c", WHERE_IT_IS)


def run_pytest(
    session: nox.Session, *arguments: str, data: Path | None = None, env: dict[str, str] | None = None
) -> None:
    """Run pytest on all cores with pyproject.toml's configuration, outside the repository's folder.

    `arguments` are pytest's, with paths relative to the repository; without a path, all tests run
    except the code blocks of the documentation. With `data`, measure coverage into that file.
    """
    config = str(ROOT / "pyproject.toml")
    measure = ["coverage", "run", f"--rcfile={config}"] if data else ["python", "-P"]
    paths = [each for each in arguments if (ROOT / each.partition("::")[0]).exists()]
    absolute = [str(ROOT / each) if each in paths else each for each in arguments]
    session.run(
        *measure,
        *("-m", "pytest", "-c", config, f"--rootdir={ROOT}", "--numprocesses=auto", "--dist=worksteal"),
        *(absolute if paths else [str(ROOT / "tests"), f"--ignore={ROOT / 'tests' / 'docs'}", *absolute]),
        # With compiled files from the last run, the tests are collected in a third of the time.
        env={
            "PYTHONDONTWRITEBYTECODE": None,
            **(env or {}),
            **({"COVERAGE_FILE": str(data)} if data else {}),
        },
    )


def requirements(group: str) -> tuple[str, ...]:
    """Return the requirements of a dependency group of pyproject.toml."""
    return nox.project.dependency_groups(PROJECT, group)


def lowest_versions() -> list[str]:
    """Return constraints that pin each dependency of the package and its extras to its lower bound."""
    project = PROJECT["project"]
    declared = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    bounds = [
        (requirement.name, clause.version)
        for requirement in map(Requirement, declared)
        for clause in requirement.specifier
        if clause.operator == ">="
    ]
    return [f"{name}=={version}" for name, version in bounds]


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the tests on the wheel. Arguments go to pytest; paths are relative to the repository.

    The property tests run all their examples on the oldest Python, and half of them on the others. The other
    runs only look for problems of a version of Python.
    """
    install_wheel(session, "tests", extra=EXTRAS)
    profile = {} if session.python == OLDEST else {"HYPOTHESIS_PROFILE": "fast"}
    run_pytest(session, *session.posargs, env=profile)


@nox.session(python=OLDEST)
def coverage(session: nox.Session) -> None:
    """Measure the branch coverage of the tests with few examples; pyproject.toml sets the lower limit."""
    install_wheel(session, "tests", extra=EXTRAS)
    COVERAGE.mkdir(parents=True, exist_ok=True)
    for old in COVERAGE.glob(".coverage*"):
        old.unlink()
    data = COVERAGE / ".coverage"
    run_pytest(session, *session.posargs, data=data, env={"HYPOTHESIS_PROFILE": "fast"})
    # The paths of the configuration are relative to the repository.
    session.chdir(ROOT)
    config, env = f"--rcfile={ROOT / 'pyproject.toml'}", {"COVERAGE_FILE": str(data)}
    session.run("coverage", "combine", config, env=env)
    session.run("coverage", "report", config, env=env)


@nox.session(python=OLDEST)
def deep(session: nox.Session) -> None:
    """Run the property tests with ten times the examples, drawn from a new seed on each run.

    Tests marked ``deep`` run only here.

    Arguments go to pytest: ``nox -s deep -- --hypothesis-seed=7`` repeats a run. The environment variable
    ``DEEP_FACTOR`` sets another multiple than ten.
    """
    install_wheel(session, "tests", extra=EXTRAS)
    arguments = list(session.posargs)
    if not any(each.startswith("--hypothesis-seed") for each in arguments):
        arguments.append(f"--hypothesis-seed={secrets.randbelow(2**32)}")
    session.log("repeat this run with: nox -s deep -- %s", " ".join(arguments))
    run_pytest(session, "-m", "hypothesis or deep", *arguments, env={"HYPOTHESIS_PROFILE": "deep"})


@nox.session(python=OLDEST)
def lowest(session: nox.Session) -> None:
    """Run the tests with the lowest versions that pyproject.toml allows for each dependency."""
    install_wheel(session, "tests", extra=EXTRAS, constraints=lowest_versions())
    run_pytest(session, *session.posargs, env={"HYPOTHESIS_PROFILE": "fast"})


@nox.session(python=OLDEST)
def spark(session: nox.Session) -> None:
    """Run the tests that need Apache Spark, with PySpark in local mode. Arguments go to pytest.

    The session is skipped on a machine without Java.
    """
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        session.skip("nothing was tested with Spark, because this machine has no Java 17 or later")
    install_wheel(session, "tests", extra="[arrow,spark]")
    # One process, because each process starts a Java machine of its own.
    run_pytest(session, "--numprocesses=0", *(session.posargs or SPARK_TESTS))


@nox.session
def lint(session: nox.Session) -> None:
    """Check all files with ruff's rules and its formatter, and the files for GitHub with their schemas."""
    session.install(*requirements("lint"))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    for schema, pattern in GITHUB_FILES:
        files = sorted(str(path) for path in (ROOT / ".github").glob(pattern))
        session.run("check-jsonschema", "--builtin-schema", f"vendor.{schema}", *files)


@nox.session
def typing(session: nox.Session) -> None:
    """Run mypy and pyright on the package, and on programs that use the wheel."""
    install_wheel(session, "typing", extra=EXTRAS)
    config, programs = str(ROOT / "pyproject.toml"), str(ROOT / "tests" / "typing")
    session.run("mypy", "--config-file", config, programs)
    session.run("pyright", "--project", config, programs)
    session.chdir(ROOT)
    session.run("mypy")
    session.run("pyright")


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation with warnings as errors, and run its code blocks."""
    install_wheel(session, "docs", "tests", extra=EXTRAS)
    source = ROOT / "docs"
    session.run("sphinx-build", "-W", "--keep-going", "-q", str(source), str(source / "_build" / "html"))
    run_pytest(session, "tests/docs")


@nox.session
def pages(session: nox.Session) -> None:
    """Open each page that the session ``docs`` built in Chromium, at the widths of a phone and of a desktop.

    Arguments go to ``docs/site/check_pages.py``: ``--pictures FOLDER`` saves a picture of each page, and
    ``--browser PROGRAM`` uses an installed Chromium in place of the one that Playwright downloads.
    """
    session.install(*requirements("pages"))
    if "--browser" not in session.posargs:
        session.run("playwright", "install", "chromium")
    session.run("python", str(ROOT / "docs" / "site" / "check_pages.py"), *session.posargs)


@nox.session
def quickstart(session: nox.Session) -> None:
    """Run the README's example with nothing but the wheel installed."""
    install_wheel(session)
    session.run("python", str(ROOT / "docs" / "examples" / "quickstart.py"))


@nox.session
def build(session: nox.Session) -> None:
    """Build the source archive and the wheel into ``dist``, and check their metadata for PyPI.

    An argument is the tag of a release, such as ``v0.1.0``: the session fails unless the version in
    pyproject.toml and the newest release in the changelog are the same.
    """
    for tag in session.posargs:
        check_release(session, tag)
    session.install("build", "twine")
    dist = ROOT / "dist"
    for old in dist.glob("oktahound-*"):
        old.unlink()
    session.run("python", "-m", "build", "--outdir", str(dist), str(ROOT))
    session.run("python", "-m", "twine", "check", "--strict", *map(str, sorted(dist.glob("oktahound-*"))))
    check_description(session, *dist.glob("*.whl"))


def check_description(session: nox.Session, wheel: Path) -> None:
    """Fail if the text that PyPI shows has a link or a picture that only works in the repository."""
    with zipfile.ZipFile(wheel) as files:
        (metadata,) = [name for name in files.namelist() if name.endswith(".dist-info/METADATA")]
        text = files.read(metadata).decode("utf-8")
    links = re.findall(r"\]\(([^)]*)\)", text)
    if not links or not all(link.startswith("https://") for link in links):
        session.error(f"the description of {wheel.name} must have links, and only such with https://")


def check_release(session: nox.Session, tag: str) -> None:
    """Fail unless pyproject.toml and the changelog are ready for a release under `tag`."""
    version = PROJECT["project"]["version"]
    if tag != f"v{version}":
        session.error(f"the tag is {tag}, but pyproject.toml has version {version}")
    headings = re.findall(r"^## (.+)$", (ROOT / "docs" / "changelog.md").read_text("utf-8"), re.MULTILINE)
    if not headings or not re.fullmatch(rf"{re.escape(version)} - \d{{4}}-\d\d-\d\d", headings[0]):
        session.error(f"the first heading of docs/changelog.md must be '## {version} - YYYY-MM-DD'")


@nox.session
def bench(session: nox.Session) -> None:
    """Measure time, memory and requests, in about ten minutes. The figures are printed and not checked.

    Arguments: the names of programs in ``docs/bench``, or one name and its options. Without arguments, all
    programs run.
    """
    install_wheel(session)
    programs = {path.stem: path for path in sorted((ROOT / "docs" / "bench").glob("*.py"))}
    names = [each for each in session.posargs if each in programs]
    options = [each for each in session.posargs if each not in programs]
    for name in names or programs:
        session.run("python", "-P", str(programs[name]), *options)
