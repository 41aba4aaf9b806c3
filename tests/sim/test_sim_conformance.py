"""Every field that the simulated org sends is documented or recorded, with its place and type.

`shapes.json` says what Okta shows; `make_shapes.py` makes it from Okta's document and from recorded answers.
"""

from __future__ import annotations

import importlib.util
import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from oktahound.sim import SimulatedOrg
from oktahound.sim.routes import ROUTES

HERE = Path(__file__).parent
SHAPES: dict[str, Any] = json.loads((HERE / "shapes.json").read_text(encoding="utf-8"))


def load(name: str) -> ModuleType:
    # The modules beside this one are not in a package, so that importlib mode cannot import them by name.
    spec = importlib.util.spec_from_file_location(f"sim_{name}", HERE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def written_out(shape: Any) -> dict[str, Any]:
    """Return the full form of an abbreviated shape of `shapes.json`."""
    if shape == "link":
        strings = {name: {"t": ["string"]} for name in ("href", "name", "type")}
        hints = {"t": ["object"], "p": {"allow": {"t": ["array"], "i": {"t": ["string"]}}}}
        return {
            "t": ["object"],
            "*": {"t": ["any"]},
            "p": {**strings, "templated": {"t": ["boolean"]}, "hints": hints},
        }
    if isinstance(shape, str):
        return {"t": shape.split("|")}
    whole: dict[str, Any] = {"t": shape["t"].split("|")}
    whole |= {name: written_out(shape[name]) for name in ("*", "i") if name in shape}
    if "p" in shape:
        whole["p"] = {name: written_out(member) for name, member in shape["p"].items()}
    return whole


def deviations(value: Any, shape: dict[str, Any], path: str = "$") -> Iterator[str]:
    """Return the parts of `value` that have an unknown place or another type."""
    kind = load_types(value)
    if "any" in shape["t"]:
        return
    if kind not in shape["t"]:
        yield f"{path}: {kind} where {' or '.join(shape['t'])} was expected"
    if isinstance(value, dict):
        for name, member in value.items():
            known = shape.get("p", {}).get(name) or shape.get("*")
            if known is None:
                yield f"{path}.{name}: nothing known"
            else:
                yield from deviations(member, known, f"{path}.{name}")
    if isinstance(value, list):
        for item in value:
            yield from deviations(item, shape.get("i", {"t": []}), f"{path}[]")


def load_types(value: object) -> str:
    names = {bool: "boolean", str: "string", type(None): "null", list: "array", dict: "object"}
    return names.get(type(value), "number")


def test_every_field_of_every_response_is_documented_or_recorded():
    org = SimulatedOrg(seed="conformance", users=60)
    found: Counter[str] = Counter()
    filled: set[str] = set()
    for route, answer in load("crawl").crawl(org):
        if answer.status_code == 404 or (answer.status_code == 400 and route.template.endswith("/app")):
            # Applications that hold no OAuth client and policies without applications say so in this way.
            continue
        assert answer.status_code == 200, answer.url
        body = answer.json()
        found.update(
            f"{route.template} {line}"
            for line in deviations(body, written_out(SHAPES[f"GET {route.template}"]))
        )
        if body and body != [] and not (isinstance(body, dict) and [] in body.values()):
            filled.add(route.template)
    assert sorted(found) == []
    # A listing that is empty in the whole org would test nothing.
    assert {route.template for route in ROUTES if route.method == "GET"} - filled == set()


def test_the_table_covers_the_endpoints_of_the_org_and_no_others():
    assert set(SHAPES) == {f"{route.method} {route.template}" for route in ROUTES}


@pytest.mark.parametrize(
    ("value", "shape", "said"),
    [
        (
            {"a": 1},
            {"t": ["object"], "p": {"a": {"t": ["string"]}}},
            ["$.a: number where string was expected"],
        ),
        ({"b": 1}, {"t": ["object"], "p": {"a": {"t": ["string"]}}}, ["$.b: nothing known"]),
        ([None], {"t": ["array"], "i": {"t": ["string"]}}, ["$[]: null where string was expected"]),
        ({"x": {"y": 1}}, {"t": ["object"], "*": {"t": ["any"]}}, []),
    ],
)
def test_a_deviation_is_detected_and_named(value, shape, said):
    assert list(deviations(value, shape)) == said


@pytest.mark.skipif(not os.environ.get("OKTAHOUND_CORPUS"), reason="needs the recorded answers")
def test_the_table_equals_the_output_of_its_sources():
    module = load("make_shapes")
    made = module.make(Path(os.environ["OKTAHOUND_CORPUS"]))
    assert module.text_of(made) == (HERE / "shapes.json").read_text(encoding="utf-8")
