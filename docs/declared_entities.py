"""A Sphinx extension that generates the reference of entities from their classes.

The docstring of an entity gets its requests and a table of its fields; ``{declared} entity_index`` lists all
entities, and ``{entities} AREA`` documents those of an area.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from typing import Any, ClassVar

from areas import AREAS
from declared import TABLES, first_sentence, table
from docutils import nodes
from readable import type_text
from sphinx.application import Sphinx
from sphinx.pycode import ModuleAnalyzer
from sphinx.util.docutils import SphinxDirective

import oktahound.entities
from oktahound.entities import ENTITIES, Embedded, Endpoint, Entity, Field, derived_of, fields_of


def description(cls: type[Entity], name: str) -> str:
    """Return the docstring below a field, in the class or in the base class that declares the field."""
    for each in cls.__mro__:
        documented = ModuleAnalyzer.for_module(each.__module__).find_attr_docs()
        if found := documented.get((each.__name__, name)):
            return " ".join(found).strip()
    raise ValueError(f"{cls.__name__}.{name} has no description")


def _wire(field: Field) -> str:
    if field.parent is not None:
        return f"{'' if field.parent.isupper() else f'``{field.parent}`` '}of the parent".strip()
    return " or ".join(f"``{'.'.join(path)}``" for path in field.paths)


def field_table(cls: type[Entity]) -> list[str]:
    """Return the fields of an entity as a reStructuredText table."""
    rows: list[tuple[str, ...]] = [("field", "type", "description", "in Okta's JSON", "graph property")]
    rows += [
        (
            f"``{field.name}``",
            f"``{type_text(field.type)}``",
            description(cls, field.name),
            _wire(field),
            "key of the node"
            if field.name == "id" and cls.KIND
            else f"``{field.prop}``"
            if field.prop
            else "–",
        )
        for field in fields_of(cls)
    ]
    if not cls.KIND:
        rows = [row[:-1] for row in rows]
    lines = [".. list-table::", "   :header-rows: 1", "   :class: fields", ""]
    for row in rows:
        lines += [f"   {'*' if not index else ' '} - {cell}" for index, cell in enumerate(row)]
    return [*lines, ""]


def _sources(cls: type[Entity]) -> list[str]:
    lines = []
    for source in cls.SOURCES:
        if isinstance(source, Endpoint):
            scopes = " and ".join(f"``{scope}``" for scope in source.scopes)
            lines.append(f"- ``GET {source.path}``, with the scope {scopes}")
        elif isinstance(source, Embedded):
            lines.append(f"- ``{source.path}`` in the rows of `{source.inside.__name__}`")
    return ["Read from:", "", *dict.fromkeys(lines), ""]


def _derived(cls: type[Entity]) -> list[str]:
    found = derived_of(cls)
    if not found:
        return []
    return ["Further graph properties:", "", *(f"- ``{each.name}``: {each.why}" for each in found), ""]


def describe(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Put requests, fields and graph properties of an entity below its docstring."""
    if what != "class" or obj not in ENTITIES:
        return
    shown = f"Node kind ``{obj.KIND}``. " if obj.KIND else "It has no node of its own. "
    place = f"In a snapshot: ``snapshot.{obj.PLURAL}``."
    lines += ["", shown + place, "", *_sources(obj), *field_table(obj), "", *_derived(obj)]


def sign(app: Sphinx, what: str, name: str, obj: Any, *rest: Any) -> tuple[str, None] | None:
    """Omit the signature of an entity, because the table contains all of it."""
    return ("", None) if what == "class" and obj in ENTITIES else None


def entity_index() -> str:
    """Every entity, with its area, node kind and place in a snapshot."""
    rows = [
        (
            f"{{py:class}}`~oktahound.entities.{cls.__name__}`",
            first_sentence(cls.__doc__).replace("`", ""),
            f"`snapshot.{cls.PLURAL}`",
            f"`{cls.KIND}`" if cls.KIND else "–",
        )
        for area in AREAS
        for cls in area.entities
    ]
    return table(("entity", "what it is", "in a snapshot", "node kind"), rows)


class Entities(SphinxDirective):
    """Documents the entities of an area, or, as ``schema``, the other public names of the package."""

    required_arguments: ClassVar[int] = 1

    def run(self) -> list[nodes.Node]:
        """Return one section for each entity."""
        slug = self.arguments[0]
        if slug == "schema":
            documented = (Entity, *ENTITIES)
            public = oktahound.entities.__all__
            names = [name for name in public if getattr(oktahound.entities, name) not in documented]
            text = "".join(self._directive(name) for name in names)
            return self.parse_text_to_nodes(text, allow_section_headings=True)
        (area,) = (area for area in AREAS if area.slug == slug)
        found: list[nodes.Node] = []
        for cls in area.entities:
            text = f"## {cls.__name__}\n\n{self._directive(cls.__name__)}"
            found += self.parse_text_to_nodes(text, allow_section_headings=True)
        return found

    @staticmethod
    def _directive(name: str) -> str:
        obj = getattr(oktahound.entities, name)
        kind = (
            "autoclass"
            if isinstance(obj, type)
            else "autofunction"
            if inspect.isfunction(obj)
            else "autodata"
        )
        options = ""
        if kind == "autodata":
            options = "\n   :no-value:"
        elif obj in ENTITIES:
            options = f"\n   :exclude-members: {', '.join(_for_the_package(obj))}"
        return f"```{{eval-rst}}\n.. {kind}:: {_home(name)}.{name}{options}\n```\n\n"


def _for_the_package(cls: type[Entity]) -> list[str]:
    """Return the members of an entity that are in its table, or that only the package uses."""
    fields = [field.name for field in fields_of(cls)]
    return [*fields, *(name for name in vars(Entity) if not name.startswith("_"))]


def _home(name: str) -> str:
    """Return the module that documents a name. For constants, autodoc needs exactly this module."""
    package = oktahound.entities
    if isinstance(getattr(package, name), type):
        return package.__name__
    modules = (
        importlib.import_module(f"{package.__name__}.{each.name}")
        for each in pkgutil.iter_modules(package.__path__)
    )
    homes = [module.__name__ for module in modules if name in vars(module).get("__all__", ())]
    return homes[0] if homes else package.__name__


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive, the hooks of autodoc and the index."""
    app.setup_extension("declared")
    app.setup_extension("readable")
    app.add_directive("entities", Entities)
    app.connect("autodoc-process-docstring", describe, priority=600)
    app.connect("autodoc-process-signature", sign, priority=300)
    TABLES["entity_index"] = entity_index
    return {"parallel_read_safe": True}
