"""What a set of scopes permits: the operations, and what they are worth to whoever holds them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, Literal

import attrs

from oktahound.analysis.tables import badge, cell, details, frame, table
from oktahound.entities import ApiServiceIntegration, OAuthScope
from oktahound.errors import ConfigurationError
from oktahound.knowledge import POWERS, Operation, Power, Severity, catalogue, held_scopes, powers_among

__all__ = ["Reach", "scope_reach"]


def scope_reach(integration_or_scopes: ApiServiceIntegration | Iterable[str]) -> Reach:
    """What an integration, or whoever holds these scopes, can do.

    It takes no org: hand it the list of scopes that a vendor asks for.

    Args:
        integration_or_scopes: an integration, scopes, or one text with scopes apart by spaces.

    Raises:
        ConfigurationError: the integration's scopes were not read, or something is not a scope.

    Example:
        >>> scope_reach(["okta.logs.read"])
        <Reach of 1 scope: 1 operation, 0 writes; medium: 1 power>
    """
    if isinstance(integration_or_scopes, ApiServiceIntegration):
        name = integration_or_scopes.name or integration_or_scopes.id
        if integration_or_scopes.oauth_scopes is None:
            raise ConfigurationError(f"the scopes of {name} were not read")
        return Reach(scopes=integration_or_scopes.oauth_scopes, holder=name)
    given = integration_or_scopes
    texts = given.split() if isinstance(given, str) else given
    try:
        return Reach(scopes=texts)
    except (ValueError, TypeError) as error:
        raise ConfigurationError(f"scopes are words such as 'okta.users.read': {error}") from None


def _sorted_scopes(texts: Iterable[str]) -> tuple[OAuthScope, ...]:
    return tuple(sorted({OAuthScope(text) for text in texts}))


@attrs.frozen(kw_only=True, repr=False, slots=False)
class Reach:
    """What the holder of some scopes can do, wherever their admin roles do not bound them.

    Attributes:
        scopes: the scopes, sorted, each once.
        holder: name of the integration; None for a bare list of scopes.
    """

    scopes: tuple[OAuthScope, ...] = attrs.field(converter=_sorted_scopes)
    holder: str | None = None

    @cached_property
    def held(self) -> tuple[OAuthScope, ...]:
        """The scopes with what they include: a ``manage`` scope brings its ``read``."""
        return held_scopes(self.scopes)

    @property
    def unknown(self) -> tuple[OAuthScope, ...]:
        """The scopes that Okta's API description lacks.

        What they permit is not known: no operation and no power here speaks of them.
        """
        return tuple(scope for scope in self.scopes if scope not in catalogue())

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        """Every operation that is permitted, by path, each once."""
        permitted = (
            operation
            for scope in self.held
            if scope in catalogue()
            for operation in catalogue()[scope].operations
            if operation.permitted_by(self.held)
        )
        # One that takes two scopes is described under both.
        once = {operation.operation_id: operation for operation in permitted}
        return tuple(sorted(once.values(), key=lambda each: (each.path, each.method)))

    @cached_property
    def powers(self) -> tuple[Power, ...]:
        """What the scopes are worth, the gravest first."""
        return powers_among(POWERS, self.held)

    @property
    def reads(self) -> tuple[Operation, ...]:
        """The operations that change nothing."""
        return tuple(each for each in self.operations if not each.writes)

    @property
    def writes(self) -> tuple[Operation, ...]:
        """The operations that change something."""
        return tuple(each for each in self.operations if each.writes)

    @property
    def severity(self) -> Severity:
        """That of the gravest power."""
        return self.powers[0].severity if self.powers else Severity.INFO

    @property
    def by_subject(self) -> Mapping[str, tuple[Operation, ...]]:
        """The operations by what they touch, in the words of Okta's reference (``UserFactor``), sorted."""
        found: dict[str, list[Operation]] = {}
        for operation in self.operations:
            found.setdefault(operation.subject, []).append(operation)
        return {subject: tuple(found[subject]) for subject in sorted(found)}

    def to_dataframe(self, of: Literal["operations", "powers"] = "operations") -> Any:
        """A pandas DataFrame, one row for each operation or power.

        Raises:
            ConfigurationError: pandas is not installed, or `of` is neither.
        """
        names, rows = _COLUMNS.get(of, ()), {"operations": self.operations, "powers": self.powers}.get(of)
        if rows is not None:
            return frame(names, ([_plain(getattr(each, name)) for name in names] for each in rows))
        raise ConfigurationError(f"of= is 'operations' or 'powers', and not {of!r}")

    def __repr__(self) -> str:
        of = f" {self.holder!r}," if self.holder else ""
        unknown = f", {len(self.unknown)} unknown" if self.unknown else ""
        return (
            f"<Reach of{of} {_count(len(self.scopes), 'scope')}{unknown}: "
            f"{_count(len(self.operations), 'operation')}, {_count(len(self.writes), 'write')}; "
            f"{self.severity.value}: {_count(len(self.powers), 'power')}>"
        )

    def _repr_html_(self) -> str:
        powers = table(
            f"What {self.holder or 'the holder of these scopes'} can do",
            ("severity", "power", "takes", "if the org has", "assumed"),
            (
                (badge(each.severity), cell(each.sentence), cell(" + ".join(each.scopes)),
                 cell(each.condition), cell(each.assumption))
                for each in self.powers
            ),
        )  # fmt: skip
        operations = table(
            "",
            ("what", "operation", "scope", ""),
            (
                (cell(each.subject), cell(f"{each.method} {each.path}"), cell(each.scope),
                 "writes" if each.writes else "")
                for each in sorted(self.operations, key=lambda each: (each.subject, each.path))
            ),
        )  # fmt: skip
        unknown = f"<p>not in Okta's description: {cell(', '.join(self.unknown))}</p>" if self.unknown else ""
        counts = f"{len(self.operations)} operations, {len(self.writes)} of them write"
        return f"{powers}{unknown}{details(counts, operations)}"


_COLUMNS = {
    "operations": ("subject", "method", "path", "operation_id", "scope", "writes", "lifecycle"),
    "powers": ("name", "severity", "scopes", "sentence", "condition", "assumption", "operations", "source"),
}


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [str(each) for each in value]
    if isinstance(value, Severity):
        return value.value
    return str(value) if isinstance(value, str) else value


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
