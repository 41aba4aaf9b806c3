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
    return tuple(
        source for source in cls.SOURCES if (option := _option_of(source)) is None or _fits(option, options)
    )


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
        ConfigurationError: an option does not exist, or does not have the given value.
    """
    declared = declared_options()
    if unknown := given.keys() - declared.keys():
        raise ConfigurationError(f"unknown option {min(unknown)!r}; the options are {', '.join(declared)}")
    settled = {name: _default(choices) for name, choices in declared.items()} | dict(given)
    for name, choices in declared.items():
        allowed = list(dict.fromkeys([*(option.value for option in choices), _off(choices)]))
        if any(option.any_text for option in choices):
            if settled[name] is not False and not isinstance(settled[name], str):
                raise ConfigurationError(
                    f"{name}= must be a text such as 'P90D', or False, not {settled[name]!r}"
                )
            continue
        # The types are compared too, because 1 == True.
        if not any(settled[name] == value and type(settled[name]) is type(value) for value in allowed):
            values = ", ".join(map(repr, allowed))
            raise ConfigurationError(f"{name}= must be one of {values}, not {settled[name]!r}")
    return settled


def _option_of(source: Endpoint | Embedded) -> Option | None:
    return source.option if isinstance(source, Endpoint) else None


def _fits(option: Option, options: Options) -> bool:
    value = options.get(option.name)
    return isinstance(value, str) if option.any_text else value == option.value


def _default(choices: tuple[Option, ...]) -> str | bool:
    return next((option.value for option in choices if option.default), _off(choices))


def _off(choices: tuple[Option, ...]) -> str | bool:
    """Return the value that reads none of the sources: False for a flag, ``"none"`` for a text option."""
    return "none" if isinstance(choices[0].value, str) else False
