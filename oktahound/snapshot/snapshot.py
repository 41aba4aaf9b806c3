"""The `Snapshot` class: the entities that one collection read, and the gaps."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

import attrs

from oktahound.entities import (
    ENTITIES,
    Embedded,
    Endpoint,
    Entity,
    EntityTable,
    Organization,
    Records,
)
from oktahound.snapshot import disk, display, loading
from oktahound.snapshot.gaps import Gap
from oktahound.snapshot.interruptions import Interruption
from oktahound.snapshot.options import Options, chosen_sources

__all__ = ["Snapshot"]

E = TypeVar("E", bound=Entity)


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a time without a zone says nothing about when an org was read")
    return moment.astimezone(UTC)


def _own(options: Options) -> Options:
    return dict(options)


@attrs.frozen(kw_only=True, repr=False)
class Snapshot(Records):
    """What was read of an org, and what was not.

    Holds one table for each entity (`users`, `api_service_integrations`, …): an `EntityTable` is a tuple that
    also looks rows up (``snapshot.users.find(login=…)``) and becomes a data frame. An empty table says "none"
    only if `is_whole` says that nothing of that entity was missed.

    Attributes:
        domain: host of the org's URL, ``contoso.okta.com``.
        started_at: when the collection began, UTC. For one that was interrupted, its first sitting.
        collected_at: when it ended, UTC.
        asked: names of the entity classes that were asked for.
        options: the choices that the collection was given, such as ``{"mfa": "admins"}``.
        gaps: what exists, or may exist, and was not read.
        interruptions: when the collection stood still, in order; empty for one that was read in one go. They
            say how old the rows may be, and count when two snapshots are compared, as the other times do.
    """

    domain: str
    started_at: datetime = attrs.field(converter=_utc)
    collected_at: datetime = attrs.field(converter=_utc)
    asked: frozenset[str]
    options: Options = attrs.field(factory=dict, converter=_own, hash=False)
    gaps: tuple[Gap, ...] = ()
    interruptions: tuple[Interruption, ...] = ()

    @property
    def organization(self) -> Organization:
        """The organization. There is always one: without it nothing can be collected."""
        return self.organizations[0]

    def rows(self, cls: type[E]) -> EntityTable[E]:
        """All rows of an entity class."""
        return cast("EntityTable[E]", getattr(self, cls.PLURAL))

    def to_dataframes(self) -> dict[str, Any]:
        """A pandas DataFrame for each entity that was asked for, by the name of its table.

        Raises:
            ConfigurationError: pandas is not installed.
        """
        chosen = (cls for cls in ENTITIES if cls.__name__ in self.asked)
        return {cls.PLURAL: self.rows(cls).to_dataframe() for cls in chosen}

    def gaps_of(self, *classes: type[Entity]) -> tuple[Gap, ...]:
        """The gaps in these entities."""
        names = {cls.__name__ for cls in classes}
        return tuple(gap for gap in self.gaps if gap.entity in names)

    def sources(self, cls: type[Entity]) -> tuple[Endpoint | Embedded, ...]:
        """Where the rows of an entity were looked for: all its sources, or those that the options left."""
        return chosen_sources(cls, self.options)

    def is_whole(self, cls: type[Entity]) -> bool:
        """Whether every row of this entity was read.

        That is: it was asked for, of all objects and not of those that an option picked, and no gap lost
        a row of it. What an option adds does not count as missing: users whose status is DEPROVISIONED.
        """
        if cls.__name__ not in self.asked or any(gap.loses_rows for gap in self.gaps_of(cls)):
            return False
        endpoints = (source for source in self.sources(cls) if isinstance(source, Endpoint))
        # Without an option, `among` only passes over what has nothing to add.
        return not any(source.option is not None and source.among is not None for source in endpoints)

    def save(self, folder: str | os.PathLike[str]) -> None:
        """Write the snapshot to a folder, as gzipped JSON Lines with a manifest.

        Files are readable by their owner only. A snapshot that the folder holds is replaced in one step: a
        load at the same time, in any process, gives the old snapshot or the new one, whole. Files that are
        not part of a snapshot are never touched.

        Args:
            folder: the folder, which is made if it is not there. It may hold a snapshot of any org, ``.git``,
                ``.gitignore``, ``.gitattributes``, ``.DS_Store``, ``Thumbs.db`` and ``desktop.ini``.

        Raises:
            SnapshotError: the folder holds anything else, an unfinished collection included; another process
                has written to it for a minute; or the disk refuses. The folder holds what it held before.
        """
        disk.save(self, folder)

    @classmethod
    def load(cls, folder: str | os.PathLike[str], *, max_bytes: int = loading.MAX_BYTES) -> Snapshot:
        """Read a saved snapshot back, checking it on the way.

        Args:
            folder: where it was saved.
            max_bytes: how much unpacked data to accept, over all files; a snapshot that somebody sent
                may unpack to more than a disk holds.

        Raises:
            SnapshotError: not a snapshot, of an unknown format version, truncated, or altered.
        """
        return loading.load(cls, folder, max_bytes)

    def __repr__(self) -> str:
        return display.text(self)

    def _repr_html_(self) -> str:
        return display.html(self)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": self._repr_html_()}
