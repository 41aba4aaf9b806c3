"""`Finding`, the base class of all findings: a class has fixed texts, an instance has the evidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, Self

import attrs

from oktahound.analysis.findings import rendering
from oktahound.analysis.findings.inspection import Inspection
from oktahound.analysis.paths import Path
from oktahound.entities import Entity, RoleAssignment
from oktahound.scopes import Severity
from oktahound.scopes.records import stable_id
from oktahound.snapshot.display import spelled_out

__all__ = ["Finding", "NotChecked"]


@attrs.frozen(kw_only=True)
class Finding:
    """A weakness of one object of the org.

    Each subclass is one kind of weakness. Its texts and its severity are the same in every org. An instance
    has the evidence.

    Attributes:
        node: key of the object's node in the graph.
        name: name of the object.
        kind: the node's kind, such as ``Okta_User``.
        evidence: the facts that show the weakness, one text for each.
        assumptions: undocumented behaviour of Okta that the finding depends on.
        advice: sentences on attackers' use of the powers or edges of this finding, and on removing them;
            empty if the class has no such texts.
        part: distinguishes several findings of a class about one object: the name of a power, the id of a
            secret. Empty if a class has only one finding for each object.
    """

    TITLE: ClassVar[str]
    """A short statement of the weakness."""

    MEANING: ClassVar[str]
    """The consequence of the weakness, in one or two sentences."""

    WHAT_TO_DO: ClassVar[str]
    """The remedy, in one or two sentences."""

    SEVERITY: ClassVar[Severity]
    """The severity, the same for every finding of the class."""

    SEVERITY_REASON: ClassVar[str]
    """The reason for the severity, in one sentence."""

    SUBJECT: ClassVar[str]
    """The kind of object with the weakness, such as ``API tokens``."""

    READS: ClassVar[tuple[type[Entity], ...]] = ()
    """Entities that the class uses. A gap in one of them makes the result incomplete."""

    NEEDS_SNAPSHOT: ClassVar[bool] = True
    """Whether the class uses rows that a graph does not contain."""

    NEEDS_SCOPES: ClassVar[bool] = False
    """Whether the class needs a graph that was built with ``scopes=True``."""

    node: str
    name: str
    kind: str = ""
    evidence: tuple[str, ...]
    assumptions: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()
    part: str = ""

    @property
    def id(self) -> str:
        """A stable id: the same weakness of the same object has the same id in every run."""
        return stable_id(type(self).__name__, self.node, self.part)

    @property
    def title(self) -> str:
        """The class's title."""
        return self.TITLE

    @property
    def meaning(self) -> str:
        """The consequence of the weakness."""
        return self.MEANING

    @property
    def what_to_do(self) -> str:
        """The remedy."""
        return self.WHAT_TO_DO

    @property
    def severity(self) -> Severity:
        """The class's severity."""
        return self.SEVERITY

    @property
    def severity_reason(self) -> str:
        """The reason for the severity."""
        return self.SEVERITY_REASON

    @property
    def subject(self) -> str:
        """The kind of object with the weakness."""
        return self.SUBJECT

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield every instance in an org.

        An implementation must not draw conclusions from missing rows unless all rows were read, which
        `Inspection.known` returns.

        Raises:
            NotImplementedError: the class does not implement it.
        """
        raise NotImplementedError(f"{cls.__name__} does not implement look()")

    @classmethod
    def along(cls, org: Inspection, node: str, path: Path, *evidence: str, part: str = "") -> Self:
        """Create a finding about a node at the start of an attack path. The steps are the evidence."""
        advice = (f"{step.kind}: {step.cut}" for step in path.steps)
        return cls.at(
            org,
            node,
            *evidence,
            *org.steps(path),
            *(f"{org.name(step.start)}: {step.limit}" for step in path.steps if step.limit),
            assumptions=path.assumptions,
            advice=dict.fromkeys(advice),
            part=part,
        )

    @classmethod
    def undecided(cls, org: Inspection) -> Iterable[str]:  # noqa: ARG003 - for subclasses
        """Return the reasons, other than gaps in `READS`, why some instances may be missing."""
        return ()

    @classmethod
    def at(
        cls,
        org: Inspection,
        node: str,
        *evidence: str,
        assumptions: Iterable[str] = (),
        advice: Iterable[str] = (),
        part: str = "",
        rests_on: Iterable[str] = (),
    ) -> Self:
        """Create a finding about a node, with the name and kind of the node.

        If the status of the node, or of a node in `rests_on`, is unknown to oktahound, the finding assumes
        that the object is active. The same applies to the roles of these nodes, if the class uses roles.
        """
        doubts = list(assumptions)
        for each in (node, *rests_on):
            doubts += filter(None, (org.status_assumptions.get(each),))
            doubts += org.role_assumptions(each) if RoleAssignment in cls.READS else ()
        return cls(
            node=node,
            name=org.name(node),
            kind=org.kind(node),
            evidence=evidence,
            assumptions=tuple(dict.fromkeys(doubts)),
            advice=tuple(advice),
            part=part,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as JSON-ready values, with its stable id."""
        return rendering.as_dict(self)

    def __str__(self) -> str:
        return spelled_out(f"{self.SEVERITY.value}: {self.name}: {self.TITLE} ({'; '.join(self.evidence)})")


@attrs.frozen(kw_only=True)
class NotChecked:
    """A finding class that could not be checked for some or all objects, and the reason.

    Attributes:
        finding: name of the class.
        reason: the data that was not read, with the reason.
        entirely: True if the class was not checked at all; False if it was checked for the existing data.
    """

    finding: str
    reason: str
    entirely: bool

    def __str__(self) -> str:
        return f"{self.finding} {'not checked' if self.entirely else 'incomplete'}: {self.reason}"
