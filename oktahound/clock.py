"""Clocks that can be passed to a client: the system clock, or one that runs faster.

Everything in oktahound that waits or reads the time uses a `Clock`. Tests and the simulated org can thus run
an hour of rate limits in seconds.
"""

from __future__ import annotations

import time
from typing import Protocol

import anyio
import attrs

__all__ = ["Clock", "ScaledClock", "SystemClock"]


class Clock(Protocol):
    """Interface of a clock: tells the time and sleeps. All values are seconds."""

    def time(self) -> float:
        """Seconds since the epoch, as in a server's ``Date`` header."""
        ...

    def monotonic(self) -> float:
        """Seconds since a fixed moment. Never decreases."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait for `seconds` of this clock."""
        ...


@attrs.frozen
class SystemClock:
    """The clock of the machine."""

    def time(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds since a fixed moment."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await anyio.sleep(seconds)


@attrs.frozen
class ScaledClock:
    """A clock that runs `factor` times as fast as the machine's, starting when it is created.

    Pass the same one to a simulated org and to its client: a minute of rate limit then takes
    ``60 / factor`` real seconds for both.
    """

    factor: float = attrs.field(validator=attrs.validators.gt(0))
    _started: float = attrs.field(factory=time.monotonic, init=False)
    _epoch: float = attrs.field(factory=time.time, init=False)

    def time(self) -> float:
        """Seconds since the epoch, `factor` times as fast."""
        return self._epoch + (time.monotonic() - self._started) * self.factor

    def monotonic(self) -> float:
        """Seconds since a fixed moment, `factor` times as fast."""
        return self._started + (time.monotonic() - self._started) * self.factor

    async def sleep(self, seconds: float) -> None:
        """Wait for `seconds` of this clock, which are ``seconds / factor`` real seconds."""
        await anyio.sleep(seconds / self.factor)
