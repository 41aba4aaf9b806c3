"""The collection that `findings` returns: select, group and export findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, overload

import attrs

from oktahound.analysis.findings import rendering
from oktahound.analysis.findings.model import Finding, NotChecked
from oktahound.entities import Entity
from oktahound.errors import ConfigurationError
from oktahound.scopes import Severity

__all__ = ["Findings"]


def _as_tuple(items: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(items)


@attrs.frozen(kw_only=True, repr=False)
class Findings(Sequence[Finding]):
    """A sequence of findings, the most severe first.

    Attributes:
        items: the findings.
        not_checked: the classes that could not be checked, with the reasons. A class that has no findings and
            is not listed here was checked, and the org does not have the weakness.
        domain: host of the org's URL.
        collected_at: the time at which the org was read, ISO 8601.
    """

    items: tuple[Finding, ...] = attrs.field(converter=_as_tuple)
    not_checked: tuple[NotChecked, ...] = ()
    domain: str = ""
    collected_at: str = ""

    def __len__(self) -> int:
        return len(self.items)

    @overload
    def __getitem__(self, index: int) -> Finding: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Finding]: ...
    def __getitem__(self, index: int | slice) -> Finding | Sequence[Finding]:
        return self.items[index]

    @property
    def missing(self) -> tuple[str, ...]:
        """Reasons why there may be more findings, without duplicates."""
        return tuple(dict.fromkeys(each.reason for each in self.not_checked))

    def of(self, node: str) -> tuple[Finding, ...]:
        """Return the findings about one node."""
        return tuple(each for each in self.items if each.node == node)

    def filter(
        self,
        *,
        entity: str | Entity | type[Entity] | None = None,
        severity: Severity | str | Iterable[Severity | str] | None = None,
        at_least: Severity | str | None = None,
        finding: type[Finding] | str | Iterable[type[Finding] | str] | None = None,
        subject: str | None = None,
    ) -> Findings:
        """Return the findings that match all given conditions.

        Args:
            entity: an entity, its id, or an entity class (then every object of that class).
            severity: one severity or several: members of `Severity` or their values (``"high"``).
            at_least: this severity or a higher one.
            finding: one finding class or several, or their names.
            subject: the kind of object, as in `Finding.SUBJECT`.

        Raises:
            ConfigurationError: a severity, class or subject does not exist.
        """
        tests: list[Callable[[Finding], bool]] = []
        if entity is not None:
            tests.append(_about(entity))
        if severity is not None:
            wanted = {_severity(each) for each in _several(severity)}
            tests.append(lambda each: each.severity in wanted)
        if at_least is not None:
            least = _severity(at_least)
            tests.append(lambda each: each.severity >= least)
        names: set[str] | None = None
        if finding is not None:
            names = {_class_name(each) for each in _several(finding)}
        if subject is not None:
            of_subject = {each.__name__ for each in _classes() if subject == each.SUBJECT}
            if not of_subject:
                known = sorted({each.SUBJECT for each in _classes()})
                raise ConfigurationError(f"unknown subject {subject!r}; the subjects are {', '.join(known)}")
            names = of_subject if names is None else names & of_subject
        chosen = names
        if chosen is not None:
            tests.append(lambda each: type(each).__name__ in chosen)
        return attrs.evolve(
            self,
            items=tuple(each for each in self.items if all(test(each) for test in tests)),
            not_checked=tuple(each for each in self.not_checked if names is None or each.finding in names),
        )

    @property
    def by_subject(self) -> Mapping[str, Findings]:
        """The findings grouped by the kind of their object."""
        return self._grouped(lambda each: each.subject)

    @property
    def by_node(self) -> Mapping[str, Findings]:
        """The findings grouped by the key of the object's node."""
        return self._grouped(lambda each: each.node)

    @property
    def by_class(self) -> Mapping[str, Findings]:
        """The findings grouped by the name of their class."""
        return self._grouped(lambda each: type(each).__name__)

    def _grouped(self, key: Callable[[Finding], str]) -> Mapping[str, Findings]:
        groups: dict[str, list[Finding]] = {}
        for each in self.items:
            groups.setdefault(key(each), []).append(each)
        return {name: attrs.evolve(self, items=items) for name, items in groups.items()}

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one JSON-ready dict for each finding, with a stable ``id``."""
        return [each.to_dict() for each in self.items]

    def to_dict(self) -> dict[str, Any]:
        """Return the findings, the classes that were not checked, and the org, as JSON-ready values."""
        return rendering.as_document(self)

    def to_json(self) -> str:
        """Return the result of `to_dict` as one JSON document."""
        return rendering.to_json(self)

    def to_sarif(self) -> dict[str, Any]:
        """Return the findings as a SARIF 2.1.0 log, JSON-ready.

        Each checked class is a rule. Each finding is a result with the object as a logical location and its
        stable id as a fingerprint. Classes that were not checked are tool notifications.
        """
        from oktahound.analysis.findings import sarif  # noqa: PLC0415 - it needs the list of classes

        return sarif.sarif_log(self)

    def to_dataframe(self) -> Any:
        """Convert to a pandas DataFrame with one row for each finding.

        Raises:
            ConfigurationError: pandas is not installed.
        """
        return rendering.to_dataframe(self)

    def __repr__(self) -> str:
        return rendering.text(self)

    def _repr_html_(self) -> str:
        return rendering.html(self)


def _classes() -> tuple[type[Finding], ...]:
    from oktahound.analysis.findings import FINDINGS  # noqa: PLC0415 - the classes are defined on this module

    return FINDINGS


def _several(value: Any) -> Iterable[Any]:
    return (value,) if isinstance(value, str | Severity | type) else value


def _about(entity: str | Entity | type[Entity]) -> Callable[[Finding], bool]:
    if isinstance(entity, type):
        return lambda each: each.kind == entity.KIND
    key = entity.id if isinstance(entity, Entity) else entity
    return lambda each: each.node == key


def _severity(value: Severity | str) -> Severity:
    try:
        return Severity(value)
    except ValueError:
        known = ", ".join(each.value for each in Severity)
        raise ConfigurationError(f"unknown severity {value!r}; the severities are {known}") from None


def _class_name(finding: type[Finding] | str) -> str:
    name = finding if isinstance(finding, str) else finding.__name__
    if name not in {each.__name__ for each in _classes()}:
        raise ConfigurationError(f"unknown finding {name!r}. oktahound.analysis.FINDINGS lists all findings")
    return name
