"""Choose the sources of an entity that a collection reads; some are read only on request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from oktahound.entities import ENTITIES, Embedded, Endpoint, Entity, Option
from oktahound.errors import ConfigurationError

__all__ = ["Options", "chosen_sources", "declared_options", "settle_options"]

Options: TypeAlias = Mapping[str, str | bool]
"""The choices of a collection, by the name of the keyword argument."""


def chosen_sources(cls: type[Entity], options: Options) -> tuple[Endpoint | Embedded, ...]:
    """The sources of an entity that are read with these choices."""
    return tuple(source for source in cls.SOURCES if (it := _option_of(source)) is None or _fits(it, options))


def declared_options() -> dict[str, tuple[Option, ...]]:
    """What the entities leave to the caller: every answer they declare, by the name of the choice."""
    found: dict[str, list[Option]] = {}
    for cls in ENTITIES:
        for source in cls.SOURCES:
            if (option := _option_of(source)) is not None:
                found.setdefault(option.name, []).append(option)
    return {name: tuple(dict.fromkeys(found[name])) for name in sorted(found)}


def settle_options(given: Options) -> dict[str, str | bool]:
    """The choices with every one that was left open settled by its default.

    Raises:
        ConfigurationError: there is no such choice, or no such answer to it.
    """
    declared = declared_options()
    if unknown := given.keys() - declared.keys():
        raise ConfigurationError(f"there is no choice {min(unknown)!r}: there are {', '.join(declared)}")
    settled = {name: _default(answers) for name, answers in declared.items()} | dict(given)
    for name, answers in declared.items():
        allowed = list(dict.fromkeys([*(option.value for option in answers), _nothing(answers)]))
        if any(option.any_text for option in answers):
            if settled[name] is not False and not isinstance(settled[name], str):
                raise ConfigurationError(
                    f"{name}= is a text such as 'P90D', or False, and not {settled[name]!r}"
                )
            continue
        # By type too: 1 is not True.
        if not any(settled[name] == one and type(settled[name]) is type(one) for one in allowed):
            words = ", ".join(map(repr, allowed))
            raise ConfigurationError(f"{name}= is one of {words}, and not {settled[name]!r}")
    return settled


def _option_of(source: Endpoint | Embedded) -> Option | None:
    return source.option if isinstance(source, Endpoint) else None


def _fits(option: Option, options: Options) -> bool:
    answer = options.get(option.name)
    return isinstance(answer, str) if option.any_text else answer == option.value


def _default(answers: tuple[Option, ...]) -> str | bool:
    return next((option.value for option in answers if option.default), _nothing(answers))


def _nothing(answers: tuple[Option, ...]) -> str | bool:
    """The answer that reads none of the sources: False for yes or no, ``"none"`` where there are several."""
    return "none" if isinstance(answers[0].value, str) else False
