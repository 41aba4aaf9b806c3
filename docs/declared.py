"""A Sphinx extension that generates tables from declarations in the package, so that they are current.

A page contains ``{declared} node_kinds``, for example. Each name is a function of this module that returns
Markdown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

import attrs
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from oktahound.entities import ENTITIES, OAUTH_CLIENTS, Endpoint, Entity, Field, Option, derived_of, fields_of
from oktahound.graph import ALL_RULES, EDGE_KINDS, SCOPE_RULES
from oktahound.graph.model import Premise
from oktahound.snapshot import Gap, GapReason


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table."""
    head = list(head)
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def code(texts: Iterable[str]) -> str:
    """Return the sorted texts as inline code."""
    return ", ".join(f"`{text}`" for text in sorted(texts))


def first_sentence(text: str | None) -> str:
    """Return the first paragraph of a docstring on one line."""
    return " ".join((text or "").strip().split("\n\n")[0].split())


def type_text(type_: Any) -> str:
    """Return the text of a type without its module and without None, which every field can be."""
    text = type_.__name__ if isinstance(type_, type) else str(type_)
    return re.sub(r"[a-z_]+\.", "", text).removesuffix(" | None")


def node_kinds() -> str:
    """Return every node kind with its properties."""
    return "\n\n".join(_node_kind(cls) for cls in ENTITIES if cls.KIND)


def _node_kind(cls: type[Entity]) -> str:
    derived = {each.name: each.why for each in derived_of(cls)}
    rows = [(f"`{name}`", why, "") for name, why in derived.items()]
    rows += [
        (f"`{field.prop}`", _paths(field), f"`{type_text(field.type)}`")
        for field in fields_of(cls)
        if field.prop and field.prop not in derived
    ]
    properties = table(("property", "from", "type"), rows)
    return f"### {cls.KIND}\n\n{first_sentence(cls.__doc__)}\n\nEntity: `{cls.__name__}`.\n\n{properties}"


def _paths(field: Field) -> str:
    """Return the paths of a field in Okta's response. The first path with a value is used."""
    return " or ".join(f"`{'.'.join(path)}`" for path in field.paths)


def edge_kinds() -> str:
    """Return every edge kind with its ends, its traversability and the reason."""
    return "\n\n".join(
        f"### {kind.name}\n\n{'Traversable' if kind.traversable else 'Not traversable'}. {kind.why}\n\n"
        f"- from {code(kind.starts)}\n- to {code(kind.ends)}\n"
        f"- abuse: {kind.abuse}\n- remedy: {kind.cut}"
        for kind in sorted(EDGE_KINDS.values(), key=lambda kind: kind.name)
    )


def rules() -> str:
    """Return every rule with the entities that must have been read."""
    return "\n\n".join(
        f"### {rule.name}\n\n{first_sentence(rule.why)}\n\n"
        f"- adds {code(kind.name for kind in rule.emits)}\n"
        f"- unsure without {code(cls.__name__ for cls in rule.needs)}"
        + (f"\n- withheld without {', '.join(_premise(each) for each in rule.absent)}" if rule.absent else "")
        for rule in ALL_RULES
        if rule not in SCOPE_RULES
    )


def _premise(absent: type[Entity] | Premise) -> str:
    return absent.text if isinstance(absent, Premise) else f"`{absent.__name__}`"


def reads() -> str:
    """Return the requests of each entity, and the scopes that they need."""
    sources = [(cls, source) for cls in ENTITIES for source in cls.SOURCES if isinstance(source, Endpoint)]
    rows = [
        (f"`{cls.__name__}`", code(source.scopes), f"`{source.path}`{_choice(source.option)}")
        for cls, source in sources
    ]
    # Listings that differ only in a parameter, such as policies by type, are one line.
    return table(("entity", "scopes", "GET"), dict.fromkeys(rows))


def _choice(option: Option | None) -> str:
    if option is None:
        return ""
    return f" with `{option.name}={option.value!r}`" + (", the default" if option.default else "")


def oauth_clients() -> str:
    """Return a comparison of the kinds of machine clients."""
    head = ("", *(f"`{each.kind}`" for each in OAUTH_CLIENTS))
    # The table has the descriptions from the docstring of the class.
    meanings = _attributes(type(OAUTH_CLIENTS[0]))
    compared = [attrs.asdict(each) for each in OAUTH_CLIENTS]
    names = [name for name, value in compared[0].items() if isinstance(value, bool)]
    values = {name: ["yes" if each[name] else "no" for each in compared] for name in names}
    return table(head, ((meanings[name], *cells) for name, cells in values.items()))


def _attributes(cls: type) -> dict[str, str]:
    """Return the descriptions in the ``Attributes:`` section of a class's docstring, by name."""
    section = (cls.__doc__ or "").partition("Attributes:")[2]
    pairs = (line.strip().partition(": ") for line in section.strip().splitlines())
    return {name: meaning.rstrip(".") for name, _, meaning in pairs}


def gap_reasons() -> str:
    """Return every reason of a gap, and whether rows are missing because of it."""
    head = ("`GapReason`", "value", "rows are missing")
    rows = []
    for reason in GapReason:
        lost = Gap(entity="", reason=reason, request="").loses_rows
        rows.append((f"`{reason.name}`", f"`{reason.value}`", "yes" if lost else "no"))
    return table(head, rows)


TABLES: dict[str, Callable[[], str]] = {
    each.__name__: each for each in (node_kinds, edge_kinds, rules, reads, oauth_clients, gap_reasons)
}


class Declared(SphinxDirective):
    """A directive that inserts one of the tables into a page."""

    required_arguments: ClassVar[int] = 1

    def run(self) -> list[nodes.Node]:
        """Return the parsed table."""
        return self.parse_text_to_nodes(TABLES[self.arguments[0]](), allow_section_headings=True)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("declared", Declared)
    return {"parallel_read_safe": True}
