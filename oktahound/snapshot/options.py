"""Options of a collection, and the sources of an entity that it reads with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from oktahound.entities import ENTITIES, Embedded, Endpoint, Entity, Option
from oktahound.errors import ConfigurationError

__all__ = ["Options", "chosen_sources", "declared_options", "fill_in_defaults"]

Options: TypeAlias = Mapping[str, str | bool]
"""The options of a collection, by the name of the keyword argument."""


def chosen_sources(cls: type[Entity], options: Options) -> tuple[Endpoint | Embedded, ...]:
    """Return the sources of an entity that are read with these options."""
    return tuple(source for source in cls.SOURCES if (it := _option_of(source)) is None or _fits(it, options))


def declared_options() -> dict[str, tuple[Option, ...]]:
    """Return the options that the entities declare, with their possible values, by name."""
    found: dict[str, list[Option]] = {}
    for cls in ENTITIES:
        for source in cls.SOURCES:
            if (option := _option_of(source)) is not None:
                found.setdefault(option.name, []).append(option)
    return {name: tuple(dict.fromkeys(found[name])) for name in sorted(found)}


def fill_in_defaults(given: Options) -> dict[str, str | bool]:
    """Return the options with defaults for those that were not given.

    Raises:
        ConfigurationError: there is no such option, or it has no such value.
    """
    declared = declared_options()
    if unknown := given.keys() - declared.keys():
        raise ConfigurationError(f"unknown option {min(unknown)!r}; the options are {', '.join(declared)}")
    settled = {name: _default(answers) for name, answers in declared.items()} | dict(given)
    for name, answers in declared.items():
        allowed = list(dict.fromkeys([*(option.value for option in answers), _nothing(answers)]))
        if any(option.any_text for option in answers):
            if settled[name] is not False and not isinstance(settled[name], str):
                raise ConfigurationError(
                    f"{name}= must be a text such as 'P90D', or False, not {settled[name]!r}"
                )
            continue
        # By type too: 1 is not True.
        if not any(settled[name] == one and type(settled[name]) is type(one) for one in allowed):
            words = ", ".join(map(repr, allowed))
            raise ConfigurationError(f"{name}= must be one of {words}, not {settled[name]!r}")
    return settled


def _option_of(source: Endpoint | Embedded) -> Option | None:
    return source.option if isinstance(source, Endpoint) else None


def _fits(option: Option, options: Options) -> bool:
    answer = options.get(option.name)
    return isinstance(answer, str) if option.any_text else answer == option.value


def _default(answers: tuple[Option, ...]) -> str | bool:
    return next((option.value for option in answers if option.default), _nothing(answers))


def _nothing(answers: tuple[Option, ...]) -> str | bool:
    """Return the value that reads none of the sources: False for a flag, ``"none"`` for a text option."""
    return "none" if isinstance(answers[0].value, str) else False
