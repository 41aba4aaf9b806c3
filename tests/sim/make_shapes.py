"""Generate `shapes.json`: the members that Okta's responses may have, their places and their types.

Run it with the environment variable OKTAHOUND_CORPUS naming the folder of recorded answers; the JSON Schemas
of Okta's OpenAPI document are expected beside that folder, in ``okta-api/``. The table has two sources and
keeps no words of either: the schemas and the examples of the document, and the recorded answers themselves
(lines marked ``recorded``), which depart from the document in some hundred places. What one endpoint shows of
an entity counts for every endpoint that sends the same entity.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from oktahound.sim.routes import ROUTES

TABLE = Path(__file__).with_name("shapes.json")

Shape = dict[str, Any]
"""``t``: the types of a value; ``p``: the members of an object; ``*``: any other member; ``i``: the items."""

ANY: Shape = {"t": ["any"]}


LINK: Shape = {
    "t": ["object"],
    "*": ANY,
    "p": {
        "hints": {"t": ["object"], "p": {"allow": {"t": ["array"], "i": {"t": ["string"]}}}},
        "href": {"t": ["string"]},
        "name": {"t": ["string"]},
        "templated": {"t": ["boolean"]},
        "type": {"t": ["string"]},
    },
}
"""A member of ``_links`` as the document describes nearly all of them."""

ENTITIES = {
    "user": ("/api/v1/users", "/api/v1/users/{id}", "/api/v1/groups/{groupId}/users"),
    "group": ("/api/v1/groups", "/api/v1/groups/{groupId}", "/api/v1/users/{id}/groups"),
    "app": (
        "/api/v1/apps",
        "/api/v1/apps/{appId}",
        "/api/v1/groups/{groupId}/apps",
        "/api/v1/policies/{policyId}/app",
    ),
    "token": ("/api/v1/api-tokens", "/api/v1/api-tokens/{apiTokenId}"),
    "role": tuple(f"{base}/roles" for base in ("/api/v1/users/{userId}", "/api/v1/groups/{groupId}")),
    "client": ("/oauth2/v1/clients", "/oauth2/v1/clients/{clientId}"),
    "integration": ("/integrations/api/v1/api-services", "/integrations/api/v1/api-services/{apiServiceId}"),
}
"""Endpoints that send the same entity, one or many."""

NESTED = {
    "user": (
        ("/api/v1/devices", ("i", "p", "_embedded", "p", "users", "i", "p", "user")),
        ("/api/v1/devices/{deviceId}/users", ("i", "p", "user")),
        ("/api/v1/apps/{appId}/users", ("i", "p", "_embedded", "p", "user")),
    ),
    "group": tuple(
        (template, ("i", "p", "_embedded", "p", "targets", "p", "groups", "i"))
        for template in ENTITIES["role"]
    ),
}
"""Where an entity stands inside of another's answer."""

LISTED_AS_ONE = {"/api/v1/iam/roles": ("/api/v1/iam/roles/{roleIdOrLabel}", ("p", "roles", "i"))}
"""Objects that hold rows of an entity which has an endpoint of its own."""

ALSO = {("/api/v1/apps", ("i", "p", "signOnMode")): {"t": ["null"]}}
"""What neither source shows. Directory integrations have no sign-on mode: the recordings hold none of these
applications, and the collectors that are used on real orgs read null here."""


NULLABLE = ("/api/v1/logs",)
"""Endpoints any member of whose rows may be null. The document gives no example of an event; those of Okta's
guide to the System Log have nulls in many places."""


def merge(one: Shape, two: Shape) -> Shape:
    """Return a shape that allows both."""
    if "any" in one.get("t", ()) or "any" in two.get("t", ()):
        return ANY
    merged: Shape = {"t": sorted({*one.get("t", ()), *two.get("t", ())})}
    for name in ("*", "i"):
        found = [shape[name] for shape in (one, two) if name in shape]
        if found:
            merged[name] = found[0] if len(found) == 1 else merge(*found)
    names = {*one.get("p", ()), *two.get("p", ())}
    if names:
        first, second = one.get("p", {}), two.get("p", {})
        merged["p"] = {
            name: merge(first[name], second[name])
            if name in first and name in second
            else {**first, **second}[name]
            for name in sorted(names)
        }
    return merged


def of_schema(schema: dict[str, Any], definitions: dict[str, Any]) -> Shape:
    """Return the shape of a JSON Schema."""
    if "$ref" in schema:
        return of_schema(definitions[schema["$ref"].removeprefix("#/$defs/")], definitions)
    shape: Shape = {"t": types_of(schema)}
    if schema.get("properties"):
        shape["p"] = {name: of_schema(sub, definitions) for name, sub in sorted(schema["properties"].items())}
    if isinstance(schema.get("items"), dict):
        shape["i"] = of_schema(schema["items"], definitions)
    more = schema.get("additionalProperties")
    if more or ("object" in shape["t"] and not schema.get("properties") and not composed(schema)):
        # An object without a description may contain anything, such as `_embedded` in the document.
        shape["*"] = of_schema(more, definitions) if isinstance(more, dict) and more else ANY
    for part in composed(schema):
        shape = merge(shape, of_schema(part, definitions))
    return shape


def composed(schema: dict[str, Any]) -> list[dict[str, Any]]:
    return [part for word in ("allOf", "anyOf", "oneOf") for part in schema.get(word, ())]


def types_of(schema: dict[str, Any]) -> list[str]:
    said = schema.get("type", [])
    found = {said} if isinstance(said, str) else set(said)
    if not found and "enum" in schema:
        found = {type_of(value) for value in schema["enum"]}
    if not found and ("properties" in schema or "additionalProperties" in schema):
        found = {"object"}
    return sorted("number" if name == "integer" else name for name in found)


def type_of(value: object) -> str:
    names = {bool: "boolean", str: "string", type(None): "null", list: "array", dict: "object"}
    return names.get(type(value), "number")


def of_value(value: Any) -> Shape:
    """Return the shape of a value."""
    shape: Shape = {"t": [type_of(value)]}
    if isinstance(value, dict) and value:
        shape["p"] = {name: of_value(member) for name, member in sorted(value.items())}
    if isinstance(value, list):
        for item in value:
            shape["i"] = merge(shape["i"], of_value(item)) if "i" in shape else of_value(item)
    return shape


def recorded(corpus: Path) -> Iterator[tuple[str, Any]]:
    """Yield every recorded successful response, with its method and template."""
    for path in sorted(corpus.glob("*.jsonl")):
        if path.stem.endswith(".writes"):
            continue
        for line in path.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            if record["provenance"] == "recorded" and record["status"] == 200:
                yield f"{record['method']} {record['path_template']}", record["body"]


def _sibling(name: str) -> ModuleType:
    # The modules beside this one are not in a package, so that importlib mode cannot import them by name.
    spec = importlib.util.spec_from_file_location(f"sim_{name}", TABLE.with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def make(corpus: Path) -> dict[str, Shape]:
    """Return the table of all endpoints of the simulated org."""
    api = corpus.resolve().parent / "okta-api"
    schemas = json.loads((api / "schemas.json").read_text(encoding="utf-8"))
    operations = json.loads((api / "operations.json").read_text(encoding="utf-8"))["operations"]
    table: dict[str, Shape] = {}
    wanted = {f"{route.method} {route.template}" for route in ROUTES}
    for operation_id, operation in operations.items():
        key = f"{operation['method']} {operation['path']}"
        good = schemas["operations"].get(operation_id, {}).get("200")
        if key in wanted and good is not None:
            table[key] = of_schema(good, schemas["$defs"])
            for body in schemas["examples"].get(operation_id, {}).get("200", {}).values():
                table[key] = merge(table[key], of_value(body))
    for key, body in recorded(corpus):
        if key in wanted:
            table[key] = merge(table[key], of_value(body)) if key in table else of_value(body)
    described = _sibling("described_shapes").DESCRIBED
    table |= {key: shape for key, shape in described.items() if key in wanted and key not in table}
    share(table)
    return dict(sorted(table.items()))


def share(table: dict[str, Shape]) -> None:
    """Give every endpoint of an entity the shapes of all of them."""
    for template in NULLABLE:
        for member in table[f"GET {template}"]["i"]["p"].values():
            allow_null(member)
    for (template, path), shape in ALSO.items():
        widen(table[f"GET {template}"], path, shape)
    for templates in ENTITIES.values():
        places = [
            (f"GET {template}", ("i",) if "i" in table[f"GET {template}"] else ()) for template in templates
        ]
        whole: Shape = {}
        for key, path in places:
            whole = merge(whole, at(table[key], path))
        for key, path in places:
            widen(table[key], path, whole)
    for entity, nested in NESTED.items():
        for template, path in nested:
            widen(table[f"GET {template}"], path, table[f"GET {ENTITIES[entity][0]}"]["i"])
    for template, (one, path) in LISTED_AS_ONE.items():
        widen(table[f"GET {template}"], path, table[f"GET {one}"])


def allow_null(shape: Shape) -> None:
    """Allow null for a value and for everything inside it."""
    if shape["t"] != ["any"]:
        shape["t"] = sorted({*shape["t"], "null"})
    for member in (*shape.get("p", {}).values(), *(shape[name] for name in ("*", "i") if name in shape)):
        allow_null(member)


def at(shape: Shape, path: tuple[str, ...]) -> Shape:
    for step in path:
        shape = shape[step]
    return shape


def widen(shape: Shape, path: tuple[str, ...], more: Shape) -> None:
    found = at(shape, path)
    wider = merge(found, more)
    found.clear()
    found.update(wider)


def text_of(table: dict[str, Shape]) -> str:
    """Return one line for each endpoint, so that diffs are readable."""
    written = {key: json.dumps(short(shape), separators=(",", ":")) for key, shape in table.items()}
    lines = (f"{json.dumps(key)}: {text}" for key, text in written.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def short(shape: Shape) -> Shape | str:
    """A shape as it is written: ``string|null`` for one of types alone, ``link`` for the commonest object."""
    if set(shape) == {"t"}:
        return "|".join(shape["t"])
    if shape == LINK:
        return "link"
    written: Shape = {"t": "|".join(shape["t"])}
    for name in ("*", "i"):
        if name in shape:
            written[name] = short(shape[name])
    if "p" in shape:
        written["p"] = {name: short(member) for name, member in sorted(shape["p"].items())}
    return written


if __name__ == "__main__":
    if not os.environ.get("OKTAHOUND_CORPUS"):
        sys.exit("Set OKTAHOUND_CORPUS to the folder of recorded answers.")
    TABLE.write_text(text_of(make(Path(os.environ["OKTAHOUND_CORPUS"]))), encoding="utf-8")
