"""A progress bar for terminals and notebooks (needs ``oktahound[progress]``)."""

from __future__ import annotations

from typing import Any, Self

from tqdm.auto import tqdm

from oktahound.collecting.progress import Progress

__all__ = ["ProgressBar"]


class ProgressBar:
    """Shows the entities that are done, and the rows and gaps so far.

        >>> from oktahound.collecting.progress_bar import ProgressBar  # doctest: +SKIP
        >>> snapshot = oktahound.collect(client, progress=ProgressBar())  # doctest: +SKIP

    Args:
        **options: handed to tqdm (``file``, ``disable``, …).
    """

    def __init__(self, **options: Any) -> None:
        self._bar = tqdm(unit=" rows", **options)
        self._rows: dict[str, int] = {}
        self._gaps: dict[str, int] = {}
        self._unfinished: set[str] = set()

    def __call__(self, progress: Progress) -> None:
        """Take one step of a collection into account."""
        self._bar.update(progress.rows - self._rows.get(progress.entity, 0))
        self._rows[progress.entity] = progress.rows
        self._gaps[progress.entity] = progress.gaps
        (self._unfinished.discard if progress.finished else self._unfinished.add)(progress.entity)
        gaps = sum(self._gaps.values())
        reading = ", ".join(sorted(self._unfinished)) or "done"
        self._bar.set_postfix_str(f"{gaps} gaps; reading {reading}")

    def close(self) -> None:
        """Leave the bar as it stands."""
        self._bar.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
