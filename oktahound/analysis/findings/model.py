"""What a finding is: a class with fixed words and severity; an instance is the evidence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, overload

import attrs

from oktahound.analysis.findings.inspection import Inspection
from oktahound.analysis.tables import badge, cell, frame, table
from oktahound.scopes import Severity
from oktahound.snapshot.display import printable, spelled_out

__all__ = ["Finding", "Findings"]


@attrs.frozen(kw_only=True)
class Finding:
    """Something about one integration that somebody should look at.

    Subclasses say what: their words and their severity are the same for every org.

    Attributes:
        node: key of the integration's node.
        name: its name.
        evidence: what was seen, one fact each.
        assumptions: what it rests on that Okta does not document.
    """

    TITLE: ClassVar[str]
    """A few words."""

    MEANING: ClassVar[str]
    """Why it matters, and what to do, in a sentence or two."""

    SEVERITY: ClassVar[Severity]
    """How bad it is."""

    node: str
    name: str
    evidence: tuple[str, ...]
    assumptions: tuple[str, ...] = ()

    @property
    def severity(self) -> Severity:
        """How bad it is: the same for every finding of the class."""
        return self.SEVERITY

    @property
    def title(self) -> str:
        """The class's few words."""
        return self.TITLE

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Every instance in an org.

        Raises:
            NotImplementedError: the class does not say how to look.
        """
        raise NotImplementedError(f"{cls.__name__} does not say how to look for it")

    def __str__(self) -> str:
        told = f"{self.SEVERITY.value}: {self.name}: {self.TITLE} ({'; '.join(self.evidence)})"
        return spelled_out(told)


@attrs.frozen(repr=False)
class Findings(Sequence[Finding]):
    """Findings, the gravest first; a sequence.

    Attributes:
        items: the findings.
        missing: why there may be more: what could not be looked for, and why.
    """

    items: tuple[Finding, ...]
    missing: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.items)

    @overload
    def __getitem__(self, index: int) -> Finding: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Finding]: ...
    def __getitem__(self, index: int | slice) -> Finding | Sequence[Finding]:
        return self.items[index]

    def of(self, node: str) -> tuple[Finding, ...]:
        """The findings about one node."""
        return tuple(each for each in self.items if each.node == node)

    def to_dataframe(self) -> Any:
        """A pandas DataFrame, one row for each finding.

        Raises:
            ConfigurationError: pandas is not installed.
        """
        names = ("severity", "finding", "title", "node", "name", "evidence", "assumptions")
        return frame(
            names,
            (
                [each.severity.value, type(each).__name__, each.title, each.node, each.name,
                 list(each.evidence), list(each.assumptions)]
                for each in self.items
            ),
        )  # fmt: skip

    def __repr__(self) -> str:
        lines = [f"<{len(self.items)} findings", *(f"  {printable(str(each))}" for each in self.items)]
        lines += [f" there may be more: {each}" for each in self.missing]
        return "\n".join(lines) + ">"

    def _repr_html_(self) -> str:
        rows = (
            (badge(each.severity), cell(each.name), cell(each.title), cell("; ".join(each.evidence)),
             cell("; ".join(each.assumptions)))
            for each in self.items
        )  # fmt: skip
        missing = "".join(f"<p>there may be more: {cell(each)}</p>" for each in self.missing)
        head = ("severity", "integration", "finding", "evidence", "assumed")
        return table(f"{len(self.items)} findings", head, rows) + missing
