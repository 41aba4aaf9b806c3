"""A progress bar for terminals and notebooks (needs ``oktahound[progress]``)."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Self

from oktahound.collecting.progress import Progress
from oktahound.errors import ConfigurationError

__all__ = ["ProgressBar"]

_SECONDS_BETWEEN_REDRAWS = 0.1


class ProgressBar:
    """Shows the number of finished per-object requests, rows and gaps, and the entities being read.

    ``collect(client, progress=True)`` creates one. It redraws ten times a second at most. In a notebook with
    ipywidgets it is a widget, and a line of text otherwise.

        >>> from oktahound.collecting.progress_bar import ProgressBar  # doctest: +SKIP
        >>> snapshot = oktahound.collect(client, progress=ProgressBar())  # doctest: +SKIP

    Args:
        **options: passed to tqdm (``file``, ``disable``, …).

    Raises:
        ConfigurationError: tqdm is not installed.
    """

    def __init__(self, **options: Any) -> None:
        self._bar = _tqdm()(**{"unit": "obj", "mininterval": _SECONDS_BETWEEN_REDRAWS, "total": 0, **options})
        self._latest: dict[str, Progress] = {}

    def __call__(self, progress: Progress) -> None:
        """Update the bar with one progress report."""
        if not self._latest and progress.domain:
            self._bar.set_description(progress.domain, refresh=False)
        self._latest[progress.entity] = progress
        steps = self._latest.values()
        # An entity with one listing counts as one object. The total grows as parents become known.
        self._bar.total = sum(1 if step.parents is None else step.parents for step in steps)
        done = sum(step.finished if step.parents is None else step.parents_done for step in steps)
        rows, gaps = sum(step.rows for step in steps), sum(step.gaps for step in steps)
        reading = ", ".join(sorted(step.entity for step in steps if not step.finished)) or "done"
        log = _log_share(steps)
        self._bar.set_postfix_str(f"{rows} rows, {gaps} gaps; reading {reading}{log}", refresh=False)
        # tqdm decides whether it is time to redraw.
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        """Draw the last state and close the bar."""
        self._bar.refresh()
        self._bar.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _log_share(steps: Iterable[Progress]) -> str:
    """Return the share of the System Log that was read: ``; System Log 12% read``; empty if unknown."""
    of_log = [(step.covered, step.to_cover) for step in steps if step.covered and step.to_cover]
    if not of_log:
        return ""
    covered = sum((each for each, _ in of_log), timedelta())
    to_cover = sum((each for _, each in of_log), timedelta())
    return f"; System Log {min(covered / to_cover, 1):.0%} read"


def _tqdm() -> Any:
    """Return tqdm's class: the widget in notebooks that can show it (tqdm warns otherwise), or text."""
    try:
        widget = "ipykernel" in sys.modules and importlib.util.find_spec("ipywidgets") is not None
        if widget:
            from tqdm.notebook import tqdm as notebook_bar  # noqa: PLC0415 - only where it is shown

            return notebook_bar
        from tqdm.std import tqdm as text_bar  # noqa: PLC0415 - tqdm is optional
    except ImportError as error:
        raise ConfigurationError("a progress bar needs tqdm: pip install 'oktahound[progress]'") from error
    return text_bar
