"""The list of public names, which other programs may use."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from types import ModuleType
from typing import Any

import pytest

import oktahound

PUBLIC = [
    "ApiServiceIntegration",
    "ApiToken",
    "AsyncOktaClient",
    "ClientSecret",
    "Gap",
    "GapReason",
    "OAuthScope",
    "OktaClient",
    "OktaHoundError",
    "Organization",
    "PrivateKeyJwt",
    "Progress",
    "Snapshot",
    "User",
    "analysis",
    "attack_view",
    "bloodhound",
    "build_graph",
    "collect",
    "collect_async",
    "entities",
    "errors",
    "plot",
    "report",
    "sim",
    "sinks",
    "write_opengraph",
]

# They need extras, so that they are imported only by name.
OPTIONAL = {"oktahound.collecting.progress_bar", "oktahound.sinks.arrow"}

MODULES = sorted(
    each.name
    for each in pkgutil.walk_packages(oktahound.__path__, "oktahound.")
    if not any(piece.startswith("_") for piece in each.name.split("."))
)


def test_dir_shows_the_public_names_only() -> None:
    assert dir(oktahound) == sorted([*PUBLIC, "__version__"])
    for part in ("analysis", "client", "collecting", "entities", "graph", "sim", "sinks", "snapshot"):
        module = importlib.import_module(f"oktahound.{part}")
        assert dir(module) == sorted(module.__all__)


def names_of(module: ModuleType) -> list[str]:
    names: list[str] = getattr(module, "__all__", [])
    return names


def things() -> dict[str, Any]:
    """Return every public class and function of the package by its full name."""
    found = {}
    for module in map(importlib.import_module, [name for name in MODULES if name not in OPTIONAL]):
        for thing in (getattr(module, name) for name in names_of(module)):
            if inspect.isclass(thing) or inspect.isfunction(thing):
                found[f"{thing.__module__}.{thing.__qualname__}"] = thing
    return {name: thing for name, thing in sorted(found.items()) if name.startswith("oktahound.")}


def methods(thing: Any) -> list[Any]:
    """The public functions that a class defines itself; a function is its own only one."""
    if inspect.isfunction(thing):
        return [thing]
    own = [member for name, member in vars(thing).items() if not name.startswith("_")]
    unwrapped = [getattr(each, "fget", getattr(each, "__func__", each)) for each in own]
    return [each for each in unwrapped if inspect.isfunction(each)]


THINGS = things()


def test_the_package_has_exactly_these_names() -> None:
    assert sorted(oktahound.__all__) == PUBLIC


def test_a_star_import_gives_exactly_these_names() -> None:
    found: dict[str, Any] = {}
    exec("from oktahound import *", found)
    assert sorted(found.keys() - {"__builtins__"}) == PUBLIC


def test_dir_shows_the_names_that_are_imported_on_demand() -> None:
    assert set(PUBLIC) <= set(dir(oktahound))


def test_a_name_that_does_not_exist_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        oktahound.no_such_name  # noqa: B018  - the access is the test


def test_every_module_has_a_docstring_and_all() -> None:
    for module in map(importlib.import_module, MODULES):
        assert inspect.getdoc(module), module
        names = names_of(module)
        assert hasattr(module, "__all__"), module
        assert len(names) == len(set(names)), module
        assert not [each for each in names if not hasattr(module, each)], module


def test_all_lists_every_name_without_an_underscore() -> None:
    for module in map(importlib.import_module, MODULES):
        defined = {
            each
            for each, thing in vars(module).items()
            if not each.startswith("_") and (inspect.isclass(thing) or inspect.isfunction(thing))
            if thing.__module__ == module.__name__
        }
        assert defined <= set(names_of(module)), module


def test_every_public_name_has_a_docstring() -> None:
    assert [name for name, thing in THINGS.items() if not (thing.__doc__ or "").strip()] == []
    functions = [function for thing in THINGS.values() for function in methods(thing)]
    assert [each.__qualname__ for each in functions if not (each.__doc__ or "").strip()] == []


def test_every_public_name_is_typed() -> None:
    for name, thing in THINGS.items():
        for function in methods(thing):
            parameters = inspect.signature(function).parameters.keys() - {"self", "cls", "_"}
            assert parameters | {"return"} <= function.__annotations__.keys(), f"{name}: {function.__name__}"
