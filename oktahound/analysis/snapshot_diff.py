"""Compare two snapshots of an org: facts that appeared, facts that disappeared, and unknown changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from oktahound.analysis.pictures import picture_of
from oktahound.analysis.snapshot_facts import LOG_TOPICS, TOPICS, Fact, Facts
from oktahound.errors import ConfigurationError
from oktahound.scopes.display import cell, frame, table
from oktahound.scopes.records import record, stable_id
from oktahound.snapshot import Snapshot
from oktahound.snapshot.display import printable, spelled_out

__all__ = ["Change", "Difference", "diff"]


@attrs.frozen(kw_only=True)
class Change:
    """One difference between two snapshots, about one object.

    Attributes:
        topic: ``tier zero``, ``administrator``, ``role``, ``integration``, ``scope``, ``power``, ``service
            application``, ``token``, ``key``, ``secret``, ``identity provider`` or ``path``. If the System
            Log was read for both, also ``request`` (a scope of granted tokens) and ``network``.
        node: id of the object: the holder of a role, the client of a secret or key, the start of paths.
        what: the changed fact: the scope, the power, the role, the id and status of the secret. For paths:
            the key of the most severe node at their end.
        name: name of the object.
        detail: an explanation: the sentence of a power, the reason of tier zero. For paths: their number, and
            the most severe one with the reason for each step.
    """

    topic: str
    node: str
    what: str
    name: str
    detail: str = ""

    @property
    def integration(self) -> str:
        """The same as `node`, for changes of API service integrations."""
        return self.node

    def to_dict(self) -> dict[str, Any]:
        """Convert the change to JSON-ready values, with an id that is the same in every run."""
        detail = f": {self.detail}" if self.detail else ""
        return record(
            self,
            self.topic,
            self.node,
            self.what,
            meaning=f"The {self.topic} {self.what} of {self.name} differs between two snapshots{detail}.",
            what_to_do="Check that the change was planned, and find its author.",
            **attrs.asdict(self),
        )

    def __str__(self) -> str:
        return spelled_out(f"{self.topic} {self.what} of {self.name}")


@attrs.frozen(kw_only=True, repr=False)
class Difference:
    """The changes between two snapshots.

    Attributes:
        came: the facts that only the newer snapshot has.
        went: the facts that only the older snapshot has.
        unknown: the facts that only one snapshot has, if the other is too incomplete to prove that it lacks
            them.
    """

    came: tuple[Change, ...] = ()
    went: tuple[Change, ...] = ()
    unknown: tuple[Change, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.came or self.went or self.unknown)

    def to_rows(self) -> list[dict[str, Any]]:
        """Return a JSON-ready dict for each change: `Change.to_dict` and ``change`` (came, went, unknown).

        The id of a row depends on ``change`` too, because a fact that comes and later goes is two events.
        """
        return [
            each.to_dict()
            | {"id": stable_id("Change", direction, each.topic, each.node, each.what), "change": direction}
            for direction, each in self._all()
        ]

    def to_dict(self) -> dict[str, Any]:
        """Convert the difference to JSON-ready values, with an id that depends only on the changes."""
        rows = self.to_rows()
        counts = f"{len(self.came)} facts came, {len(self.went)} went, {len(self.unknown)} are unknown"
        return record(
            self,
            *(row["id"] for row in rows),
            meaning=f"{counts}.",
            what_to_do="Check that the changes were planned." if rows else "",
            changes=rows,
        )

    def to_dataframe(self) -> Any:
        """Convert to a pandas DataFrame, one row for each change.

        Raises:
            ConfigurationError: pandas is not installed.
        """
        names = ("change", "topic", "node", "name", "what", "detail")
        return frame(
            names,
            ([direction, *(getattr(each, name) for name in names[1:])] for direction, each in self._all()),
        )

    def _all(self) -> Iterator[tuple[str, Change]]:
        for direction in ("came", "went", "unknown"):
            for each in getattr(self, direction):
                yield direction, each

    def __repr__(self) -> str:
        counts = f"{len(self.came)} came, {len(self.went)} went, {len(self.unknown)} unknown"
        lines = [f"  {direction} {printable(_line(each))}" for direction, each in self._all()]
        return "\n".join([f"<Difference: {counts}", *lines]) + ">"

    def _repr_html_(self) -> str:
        rows = (
            tuple(map(cell, (direction, each.topic, each.name, each.what, each.detail)))
            for direction, each in self._all()
        )
        caption = f"{len(self.came)} came, {len(self.went)} went, {len(self.unknown)} are unknown"
        return picture_of(self) + table(caption, ("", "topic", "object", "fact", "detail"), rows)


def _line(change: Change) -> str:
    return f"{change}: {change.detail}" if change.topic in ("path", "tier zero") else str(change)


def diff(old: Snapshot, new: Snapshot) -> Difference:
    """Compare two snapshots of an org.

    A fact that one snapshot lacks came or went only if this snapshot is complete enough to prove it.
    Otherwise a failed request would look like a removal, so such changes are `unknown`. All paths of a
    machine identity are one change, with an explanation of the most severe path.

    Raises:
        ConfigurationError: the snapshots are of different organizations.
    """
    for snapshot in (old, new):
        if not isinstance(snapshot, Snapshot):
            raise ConfigurationError(f"diff() needs two Snapshots, not {type(snapshot).__name__}")
    if old.organization.id != new.organization.id:
        raise ConfigurationError(
            f"the snapshots are of different organizations: {old.organization.id} and {new.organization.id}"
        )
    before, after = Facts(old), Facts(new)
    came: list[Change] = []
    went: list[Change] = []
    unknown: list[Change] = []
    for topic in (*TOPICS, *(LOG_TOPICS if before.has_log and after.has_log else ())):
        old_facts, new_facts = before.of(topic), after.of(topic)
        for key in sorted(old_facts.keys() - new_facts.keys()):
            (went if after.known(topic, key[0]) else unknown).append(_change(topic, old_facts[key]))
        for key in sorted(new_facts.keys() - old_facts.keys()):
            (came if before.known(topic, key[0]) else unknown).append(_change(topic, new_facts[key]))
    for node in sorted({*before.machines, *after.machines}):
        reached_before, reached_after = before.reached(node), after.reached(node)
        if lost := reached_before - reached_after:
            (went if after.paths_known else unknown).append(_paths(before, node, lost))
        if gained := reached_after - reached_before:
            (came if before.paths_known else unknown).append(_paths(after, node, gained))
    return Difference(came=tuple(came), went=tuple(went), unknown=tuple(unknown))


def _change(topic: str, fact: Fact) -> Change:
    return Change(topic=topic, node=fact.node, what=fact.what, name=fact.name, detail=fact.detail())


def _paths(facts: Facts, node: str, ends: frozenset[str]) -> Change:
    worst, explained = facts.worst_path(node, ends)
    count = "1 object" if len(ends) == 1 else f"{len(ends)} objects"
    return Change(
        topic="path", node=node, what=worst, name=facts.name(node), detail=f"to {count}; worst: {explained}"
    )
