"""The `Snapshot` class: the entities and gaps of one collection."""

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
        raise ValueError(f"{moment} has no time zone. Use a time in UTC")
    return moment.astimezone(UTC)


def _copied(options: Options) -> Options:
    return dict(options)


@attrs.frozen(kw_only=True, repr=False)
class Snapshot(Records):
    """The rows that one collection read of an org, and the gaps that it left.

    It has one table for each entity (`users`, `api_service_integrations`, …). An `EntityTable` is a tuple
    that can also look up rows (``snapshot.users.find(login=…)``) and convert them to a data frame. An empty
    table means "none" only if `is_whole` confirms that no row of that entity is missing.

    Attributes:
        domain: host of the org's URL, ``contoso.okta.com``.
        started_at: the time at which the collection began, UTC; for a resumed collection, its first run.
        collected_at: the time at which it ended, UTC.
        asked: names of the requested entity classes.
        options: the options of the collection, such as ``{"mfa": "roles"}``.
        gaps: records of objects that exist, or may exist, but were not read.
        interruptions: the periods between the runs of a resumed collection, in order. They show how old the
            rows may be, and count in comparisons of two snapshots like the other times.
    """

    domain: str
    started_at: datetime = attrs.field(converter=_utc)
    collected_at: datetime = attrs.field(converter=_utc)
    asked: frozenset[str]
    options: Options = attrs.field(factory=dict, converter=_copied, hash=False)
    gaps: tuple[Gap, ...] = ()
    interruptions: tuple[Interruption, ...] = ()

    @property
    def organization(self) -> Organization:
        """The organization. There is always one, because nothing can be collected without it."""
        return self.organizations[0]

    def rows(self, cls: type[E]) -> EntityTable[E]:
        """Return all rows of an entity class."""
        return cast("EntityTable[E]", getattr(self, cls.PLURAL))

    def to_dataframes(self) -> dict[str, Any]:
        """Convert each requested entity to a pandas DataFrame, by the name of its table.

        Raises:
            ConfigurationError: pandas is not installed.
        """
        chosen = (cls for cls in ENTITIES if cls.__name__ in self.asked)
        return {cls.PLURAL: self.rows(cls).to_dataframe() for cls in chosen}

    def gaps_of(self, *classes: type[Entity]) -> tuple[Gap, ...]:
        """Return the gaps of these entities."""
        if not self.gaps:
            return ()
        names = {cls.__name__ for cls in classes}
        return tuple(gap for gap in self.gaps if gap.entity in names)

    def sources(self, cls: type[Entity]) -> tuple[Endpoint | Embedded, ...]:
        """Return the sources of an entity that were read with these options."""
        return chosen_sources(cls, self.options)

    def is_whole(self, cls: type[Entity]) -> bool:
        """Whether every row of this entity was read.

        That means: it was requested for all objects, not only for those that an option selects, and no gap
        lost a row. Rows that only an option adds, such as users whose status is DEPROVISIONED, do not count
        as missing.
        """
        if cls.__name__ not in self.asked or any(gap.loses_rows for gap in self.gaps_of(cls)):
            return False
        endpoints = (source for source in self.sources(cls) if isinstance(source, Endpoint))
        # Without an option, `among` only skips objects that have no rows.
        return not any(source.option is not None and source.among is not None for source in endpoints)

    def save(self, folder: str | os.PathLike[str]) -> None:
        """Write the snapshot to a folder, as gzipped JSON Lines with a manifest.

        Only the owner can read the files. An earlier snapshot in the folder is replaced in one step: a
        concurrent load, in any process, returns the complete old snapshot or the complete new one. Files that
        are not part of a snapshot are never changed.

        Args:
            folder: the folder, which is created if it does not exist. It may contain a snapshot of any org,
                ``.git``, ``.gitignore``, ``.gitattributes``, ``.DS_Store``, ``Thumbs.db``, ``desktop.ini``.

        Raises:
            SnapshotError: the folder contains anything else, including an unfinished collection; another
                process has been writing to it for a minute; or the disk fails. The folder is unchanged.
        """
        disk.save(self, folder)

    @classmethod
    def load(cls, folder: str | os.PathLike[str], *, max_bytes: int = loading.MAX_BYTES) -> Snapshot:
        """Load and check a saved snapshot.

        Args:
            folder: the folder of the snapshot.
            max_bytes: maximum unpacked size of all files. A snapshot from somebody else may be a
                decompression bomb.

        Raises:
            SnapshotError: the folder is not a snapshot, has an unknown format version, is truncated or was
                    altered.
        """
        return loading.load(cls, folder, max_bytes)

    def __repr__(self) -> str:
        return display.text(self)

    def _repr_html_(self) -> str:
        return display.html(self)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": self._repr_html_()}
