"""Time, as a value that can be handed in: the wall clock, or one that runs faster.

Everything in oktahound that waits or reads the time does so through a `Clock`, so that tests and the
simulated org can run an hour of rate limits in seconds without either side noticing.
"""

from __future__ import annotations

import time
from typing import Protocol

import anyio
import attrs

__all__ = ["Clock", "ScaledClock", "SystemClock"]


class Clock(Protocol):
    """What tells the time and waits. All values are seconds."""

    def time(self) -> float:
        """Seconds since the epoch, as a server's ``Date`` header would say."""
        ...

    def monotonic(self) -> float:
        """Seconds since some fixed moment; never goes back."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Let `seconds` of this clock pass."""
        ...


@attrs.frozen
class SystemClock:
    """The machine's own clock."""

    def time(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds since some fixed moment."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await anyio.sleep(seconds)


@attrs.frozen
class ScaledClock:
    """A clock that runs `factor` times as fast as the machine's, from the moment it was made.

    Hand the same one to a simulated org and to its client: a minute of rate limit then passes in
    ``60 / factor`` real seconds for both.
    """

    factor: float = attrs.field(validator=attrs.validators.gt(0))
    _started: float = attrs.field(factory=time.monotonic, init=False)
    _epoch: float = attrs.field(factory=time.time, init=False)

    def time(self) -> float:
        """Seconds since the epoch, running fast."""
        return self._epoch + (time.monotonic() - self._started) * self.factor

    def monotonic(self) -> float:
        """Seconds since some fixed moment, running fast."""
        return self._started + (time.monotonic() - self._started) * self.factor

    async def sleep(self, seconds: float) -> None:
        """Wait for `seconds` of this clock: ``seconds / factor`` real ones."""
        await anyio.sleep(seconds / self.factor)
