"""A Sphinx extension that generates the table of questions from the catalogue."""

from __future__ import annotations

from declared import TABLES, table
from sphinx.application import Sphinx

from oktahound.analysis import questions


def _rows(items: object) -> list[tuple[str, ...]]:
    return [
        (each.category, f"`{each.name}`", " ".join([each.text, *each.notes]),
         "<br>".join(f"`{path}`" for path in each.path_texts))
        for each in items
    ]  # fmt: skip


def question_table() -> str:
    """Every question, with its pattern."""
    return table(("category", "name", "question", "pattern"), _rows(questions))


def zone_rule_table() -> str:
    """Every privilege zone rule, with its pattern."""
    return table(("category", "name", "nodes", "pattern"), _rows(questions.privilege_zone_rules))


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the tables."""
    app.setup_extension("declared")
    TABLES.update({each.__name__: each for each in (question_table, zone_rule_table)})
    return {"parallel_read_safe": True}
