"""The reach of a set of scopes: the operations that they permit and the powers that they give."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, Literal, Protocol, runtime_checkable

import attrs

from oktahound.errors import ConfigurationError
from oktahound.scopes.assumed import powers_of_scopes
from oktahound.scopes.catalogue import Knowledge, Operation, catalogue, held_scopes, knowledge_of
from oktahound.scopes.display import badge, cell, details, frame, paragraph, table
from oktahound.scopes.powers import Power
from oktahound.scopes.records import record
from oktahound.scopes.severity import Severity
from oktahound.scopes.text import OAuthScope

__all__ = ["Reach", "ScopeHolder", "scope_reach"]


@runtime_checkable
class ScopeHolder(Protocol):
    """An object that was granted scopes: in practice an `oktahound.ApiServiceIntegration`."""

    @property
    def id(self) -> str:
        """The id."""
        ...

    @property
    def name(self) -> str | None:
        """The display name; None if it was not read."""
        ...

    @property
    def oauth_scopes(self) -> Iterable[str] | None:
        """The granted scopes; None if they were not read."""
        ...


def scope_reach(integration_or_scopes: ScopeHolder | Iterable[str]) -> Reach:
    """Return the operations that a set of scopes permits, and the powers that they give.

    It needs no org: a list of scopes, such as those that a vendor requests, is enough.

    Args:
        integration_or_scopes: an API service integration; or scopes, as an iterable or as one text
            separated by spaces.

    Raises:
        ConfigurationError: the integration's scopes were not read, or an item is not a scope.

    Example:
        >>> scope_reach(["okta.logs.read"])
        <Reach of 1 scope: 1 operation, 0 writes; medium: 1 power>
    """
    given = integration_or_scopes
    if isinstance(given, ScopeHolder):
        name = given.name or given.id
        if given.oauth_scopes is None:
            raise ConfigurationError(
                f"the scopes of {name} were not read. Pass them as a list of texts instead"
            )
        return Reach(scopes=given.oauth_scopes, holder=name)
    texts = given.split() if isinstance(given, str) else given
    try:
        return Reach(scopes=texts)
    except (ValueError, TypeError) as error:
        raise ConfigurationError(f"expected scopes such as 'okta.users.read': {error}") from None


def _sorted_scopes(texts: Iterable[str]) -> tuple[OAuthScope, ...]:
    return tuple(sorted({OAuthScope(text) for text in texts}))


@attrs.frozen(kw_only=True, repr=False, slots=False)
class Reach:
    """The operations and powers of a set of scopes whose holder is not limited by an admin role.

    Attributes:
        scopes: the scopes, sorted, without duplicates.
        holder: the name of the integration; None for a list of scopes.
    """

    scopes: tuple[OAuthScope, ...] = attrs.field(converter=_sorted_scopes)
    holder: str | None = None

    @cached_property
    def held(self) -> tuple[OAuthScope, ...]:
        """The scopes and the scopes that they include: a ``manage`` scope includes its ``read`` scope."""
        return held_scopes(self.scopes)

    @property
    def unknown(self) -> tuple[OAuthScope, ...]:
        """The scopes with unknown operations: Okta's API description does not list them.

        `knowledge` shows whether at least the resource of a scope is known. Their powers depend on
        assumptions.
        """
        return tuple(scope for scope in self.scopes if knowledge_of(scope) is not Knowledge.KNOWN)

    @property
    def knowledge(self) -> Mapping[OAuthScope, Knowledge]:
        """The degree to which the operations of each scope are known."""
        return {scope: knowledge_of(scope) for scope in self.scopes}

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        """Every permitted operation, sorted by path, without duplicates."""
        permitted = (
            operation
            for scope in self.held
            if scope in catalogue()
            for operation in catalogue()[scope].operations
            if operation.permitted_by(self.held)
        )
        # An operation that needs two scopes is listed under both.
        once = {operation.operation_id: operation for operation in permitted}
        return tuple(sorted(once.values(), key=lambda each: (each.path, each.method)))

    @cached_property
    def powers(self) -> tuple[Power, ...]:
        """The powers that the scopes give, most severe first.

        An undocumented scope gives a power with an assumption. Its severity is at least HIGH for any access
        other than ``read`` and ``self``, and LOW for ``read``.
        """
        return powers_of_scopes(self.held)

    @property
    def reads(self) -> tuple[Operation, ...]:
        """The permitted operations that change nothing."""
        return tuple(each for each in self.operations if not each.writes)

    @property
    def writes(self) -> tuple[Operation, ...]:
        """The permitted operations that change something."""
        return tuple(each for each in self.operations if each.writes)

    @property
    def severity(self) -> Severity:
        """The severity of the most severe power; INFO if there is no power."""
        return self.powers[0].severity if self.powers else Severity.INFO

    @property
    def by_subject(self) -> Mapping[str, tuple[Operation, ...]]:
        """The permitted operations by their tag in Okta's reference (``UserFactor``), sorted."""
        subjects: dict[str, list[Operation]] = {}
        for operation in self.operations:
            subjects.setdefault(operation.subject, []).append(operation)
        return {subject: tuple(subjects[subject]) for subject in sorted(subjects)}

    def to_dict(self) -> dict[str, Any]:
        """Return the reach as JSON-ready values, with an id that depends only on the scopes."""
        holder = self.holder or "The holder of these scopes"
        sentences = " ".join(each.sentence for each in self.powers) or "The scopes give no power."
        return record(
            self,
            *self.scopes,
            meaning=f"{holder} can use {_count(len(self.operations), 'operation')}. {sentences}",
            what_to_do=" ".join(dict.fromkeys(each.cut for each in self.powers)),
            holder=self.holder,
            severity=self.severity,
            scopes=self.scopes,
            unknown=self.unknown,
            powers=self.powers,
            operations=self.operations,
        )

    def to_dataframe(self, of: Literal["operations", "powers"] = "operations") -> Any:
        """Return a pandas DataFrame with one row for each operation or power.

        Raises:
            ConfigurationError: pandas is not installed, or `of` has another value.
        """
        names, rows = _COLUMNS.get(of, ()), {"operations": self.operations, "powers": self.powers}.get(of)
        if rows is not None:
            return frame(names, ([_table_value(getattr(each, name)) for name in names] for each in rows))
        raise ConfigurationError(f"of= must be 'operations' or 'powers', not {of!r}")

    def __repr__(self) -> str:
        holder = f" {self.holder!r}," if self.holder else ""
        unknown = f", {len(self.unknown)} unknown" if self.unknown else ""
        return (
            f"<Reach of{holder} {_count(len(self.scopes), 'scope')}{unknown}: "
            f"{_count(len(self.operations), 'operation')}, {_count(len(self.writes), 'write')}; "
            f"{self.severity.value}: {_count(len(self.powers), 'power')}>"
        )

    def _repr_html_(self) -> str:
        powers = table(
            f"Powers of {self.holder or 'these scopes'}",
                ("severity", "power", "scopes", "requires in the org", "assumption"),
            (
                (badge(each.severity), cell(each.sentence), cell(" + ".join(each.scopes)),
                 cell(each.condition), cell(each.assumption))
                for each in self.powers
            ),
        )  # fmt: skip
        operations = table(
            "",
            ("subject", "operation", "scope", ""),
            (
                (cell(each.subject), cell(f"{each.method} {each.path}"), cell(each.scope),
                 "writes" if each.writes else "")
                for each in sorted(self.operations, key=lambda each: (each.subject, each.path))
            ),
        )  # fmt: skip
        states = (f"{scope} ({knowledge_of(scope).value})" for scope in self.unknown)
        unknown = paragraph(f"not in Okta's API description: {', '.join(states)}") if self.unknown else ""
        counts = f"{len(self.operations)} operations, {len(self.writes)} of them with write access"
        return f"{powers}{unknown}{details(counts, operations)}"


_COLUMNS = {
    "operations": ("subject", "method", "path", "operation_id", "scope", "writes", "lifecycle"),
    "powers": ("name", "severity", "scopes", "sentence", "condition", "assumption", "operations", "source"),
}


def _table_value(value: object) -> object:
    if isinstance(value, tuple):
        return [str(each) for each in value]
    if isinstance(value, Severity):
        return value.value
    return str(value) if isinstance(value, str) else value


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
