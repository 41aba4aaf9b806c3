"""A Sphinx extension: tables made of what the package declares, so that no page can fall behind it.

``{declared} nodes`` and its like stand in the pages; each is a function of this module that gives Markdown.
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
    """A Markdown table."""
    head = list(head)
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def code(texts: Iterable[str]) -> str:
    """Texts as code, in order."""
    return ", ".join(f"`{text}`" for text in sorted(texts))


def first_sentence(text: str | None) -> str:
    """The first paragraph of a docstring on one line."""
    return " ".join((text or "").strip().split("\n\n")[0].split())


def type_text(type_: Any) -> str:
    """A type as one would write it, without its module and without None: every field can be that."""
    text = type_.__name__ if isinstance(type_, type) else str(type_)
    return re.sub(r"[a-z_]+\.", "", text).removesuffix(" | None")


def node_kinds() -> str:
    """Every node kind with its properties."""
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
    """Where a field's value stands in Okta's answer; the first of several that holds something counts."""
    return " or ".join(f"`{'.'.join(path)}`" for path in field.paths)


def edge_kinds() -> str:
    """Every edge kind: what it joins, and whether and why it can be walked."""
    return "\n\n".join(
        f"### {kind.name}\n\n{'Traversable' if kind.traversable else 'Not traversable'}. {kind.why}\n\n"
        f"- from {code(kind.starts)}\n- to {code(kind.ends)}\n"
        f"- how it is abused: {kind.abuse}\n- how it is cut: {kind.cut}"
        for kind in sorted(EDGE_KINDS.values(), key=lambda kind: kind.name)
    )


def rules() -> str:
    """Every rule, with what it needs to have been read."""
    return "\n\n".join(
        f"### {rule.name}\n\n{first_sentence(rule.why)}\n\n"
        f"- draws {code(kind.name for kind in rule.emits)}\n"
        f"- unsure without {code(cls.__name__ for cls in rule.needs)}"
        + (f"\n- withheld without {', '.join(_premise(each) for each in rule.absent)}" if rule.absent else "")
        for rule in ALL_RULES
        if rule not in SCOPE_RULES
    )


def _premise(absent: type[Entity] | Premise) -> str:
    return absent.text if isinstance(absent, Premise) else f"`{absent.__name__}`"


def reads() -> str:
    """What is asked of Okta, and the scopes that it takes."""
    sources = [(cls, source) for cls in ENTITIES for source in cls.SOURCES if isinstance(source, Endpoint)]
    rows = [
        (f"`{cls.__name__}`", code(source.scopes), f"`{source.path}`{_choice(source.option)}")
        for cls, source in sources
    ]
    # Listings that differ in a parameter only, such as policies by type, are one line here.
    return table(("entity", "scopes", "GET"), dict.fromkeys(rows))


def _choice(option: Option | None) -> str:
    if option is None:
        return ""
    return f" with `{option.name}={option.value!r}`" + (", the default" if option.default else "")


def oauth_clients() -> str:
    """The kinds of machine clients, compared."""
    head = ("", *(f"`{each.kind}`" for each in OAUTH_CLIENTS))
    # The class says in its docstring what each trait means; the table speaks the same words.
    meanings = _attributes(type(OAUTH_CLIENTS[0]))
    compared = [attrs.asdict(each) for each in OAUTH_CLIENTS]
    names = [name for name, value in compared[0].items() if isinstance(value, bool)]
    answers = {name: ["yes" if each[name] else "no" for each in compared] for name in names}
    return table(head, ((meanings[name], *said) for name, said in answers.items()))


def _attributes(cls: type) -> dict[str, str]:
    """What the ``Attributes:`` section of a class's docstring says of each."""
    section = (cls.__doc__ or "").partition("Attributes:")[2]
    pairs = (line.strip().partition(": ") for line in section.strip().splitlines())
    return {name: meaning.rstrip(".") for name, _, meaning in pairs}


def gap_reasons() -> str:
    """Every reason of a gap, and whether rows are missing because of it."""
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
    """Puts one of the tables into a page."""

    required_arguments: ClassVar[int] = 1

    def run(self) -> list[nodes.Node]:
        """The parsed table."""
        return self.parse_text_to_nodes(TABLES[self.arguments[0]](), allow_section_headings=True)


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.add_directive("declared", Declared)
    # The tables follow the package, which Sphinx does not watch.
    return {"parallel_read_safe": True}
