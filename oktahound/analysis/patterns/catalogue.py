"""The questions of oktahound, loaded from ``questions.toml`` in this package, and a loader for others."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any, overload

import attrs

from oktahound.analysis.patterns.pattern import AnyOf, Condition, Where
from oktahound.analysis.patterns.question import Question
from oktahound.errors import ConfigurationError
from oktahound.scopes.display import cell, table

__all__ = ["PrivilegeZoneRule", "Questions", "load_questions", "questions"]


@attrs.frozen(kw_only=True)
class PrivilegeZoneRule(Question):
    """A question whose answer is the set of nodes in one of BloodHound's privilege zones.

    Attributes:
        zone: the name of the zone.
    """

    zone: str


class Questions(Sequence[Question]):
    """Questions by name: iterate over them, or look one up with ``questions["group-members"]``.

    Args:
        items: the questions; their names must differ.
        privilege_zone_rules: the rules that define the nodes of privilege zones.

    Raises:
        ConfigurationError: two questions have the same name.
    """

    def __init__(
        self, items: Iterable[Question], privilege_zone_rules: Iterable[PrivilegeZoneRule] = ()
    ) -> None:
        self._items = tuple(items)
        self.privilege_zone_rules = tuple(privilege_zone_rules)
        self._by_name = {each.name: each for each in self._items}
        if len(self._by_name) != len(self._items):
            names = [each.name for each in self._items]
            doubled = next(name for name in names if names.count(name) > 1)
            raise ConfigurationError(f"two questions are named {doubled!r}: rename one of them")

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def __getitem__(self, index: int | str) -> Question: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Question]: ...
    def __getitem__(self, index: int | slice | str) -> Question | Sequence[Question]:
        if not isinstance(index, str):
            return self._items[index]
        if index not in self._by_name:
            close = difflib.get_close_matches(index, self._by_name, n=3)
            hint = (
                f"Did you mean {' or '.join(map(repr, close))}?"
                if close
                else "Iterate over the questions to list their names"
            )
            raise ConfigurationError(f"no question is named {index!r}. {hint}")
        return self._by_name[index]

    @property
    def categories(self) -> tuple[str, ...]:
        """The categories, each once, in alphabetical order."""
        return tuple(sorted({each.category for each in self._items}))

    def of(self, category: str) -> tuple[Question, ...]:
        """Return the questions of one category."""
        return tuple(each for each in self._items if each.category == category)

    def __repr__(self) -> str:
        return f"<{len(self)} questions: {', '.join(self.categories)}>"

    def _repr_html_(self) -> str:
        rows = ((cell(each.category), cell(each.name), cell(each.text)) for each in self._items)
        return table(f"{len(self)} questions", ("category", "name", "question"), rows)


def load_questions(text: str) -> Questions:
    """Load questions from TOML.

    Each ``[[question]]`` has ``name``, ``category``, ``text`` and ``paths`` (a list of path patterns). It may
    have ``where`` (a list of conditions, each with ``node``, ``property``, ``op`` and ``value``, or with
    ``any``: a list of alternatives), ``parameters``, ``returns`` and ``notes``. A
    ``[[privilege_zone_rule]]`` has ``zone`` in addition.

    Raises:
        ConfigurationError: the text is not TOML, or a question in it is invalid. The message names it.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"the questions are not valid TOML: {error}") from error
    if unknown := sorted(document.keys() - {"question", "privilege_zone_rule"}):
        raise ConfigurationError(f"the questions contain an unknown table {unknown[0]!r}: use [[question]]")
    return Questions(
        [_question_of(Question, entry) for entry in document.get("question", ())],
        [_question_of(PrivilegeZoneRule, entry) for entry in document.get("privilege_zone_rule", ())],
    )


def _question_of(cls: type[Any], entry: Mapping[str, Any]) -> Any:
    label = f"question {entry.get('name', '(without a name)')!r}"
    values = {**entry, "where": [_condition(each, label) for each in entry.get("where", ())]}
    try:
        return cls(**values)
    except TypeError as error:
        raise ConfigurationError(f"{label}: {error}".replace("Question.__init__() ", "")) from error
    except ConfigurationError as error:
        raise ConfigurationError(str(error) if label in str(error) else f"{label}: {error}") from error


def _condition(entry: Mapping[str, Any], label: str) -> Where:
    if "any" in entry:
        return AnyOf(tuple(_plain_condition(each, label) for each in entry["any"]))
    return _plain_condition(entry, label)


def _plain_condition(entry: Mapping[str, Any], label: str) -> Condition:
    try:
        return Condition(entry["node"], entry["property"], entry["op"], entry.get("value"))
    except KeyError as error:
        raise ConfigurationError(f"{label}: a condition lacks {error}") from error
    except ConfigurationError as error:
        raise ConfigurationError(f"{label}: {error}") from error


@cache
def _load_built_in() -> Questions:
    return load_questions(
        resources.files("oktahound.analysis.patterns").joinpath("questions.toml").read_text(encoding="utf-8")
    )


questions = _load_built_in()
"""The forty-five questions, and the three privilege zone rules, that come with oktahound."""
