"""Every field of every entity is described, by a docstring right below it."""

from __future__ import annotations

import ast
import inspect
import itertools

import attrs
from each_case import for_each

from oktahound.entities import ENTITIES, Entity


def described_fields(cls: type) -> dict[str, str]:
    """The docstrings below the fields in the body of a class, by field."""
    (body,) = (
        node.body
        for node in ast.parse(inspect.getsource(inspect.getmodule(cls))).body
        if isinstance(node, ast.ClassDef) and node.name == cls.__name__
    )
    return {
        field.target.id: below.value.value
        for field, below in itertools.pairwise(body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(below, ast.Expr)
        and isinstance(below.value, ast.Constant)
        and isinstance(below.value.value, str)
    }


@for_each([Entity, *ENTITIES])
def test_every_field_has_a_description_below_it(cls: type[Entity]) -> None:
    own = [field.name for field in attrs.fields(cls) if not field.inherited]
    described = described_fields(cls)
    assert [name for name in own if name not in described] == []
    sentences = {name: described[name] for name in own}
    assert {name: text for name, text in sentences.items() if not text.strip().endswith(".")} == {}
