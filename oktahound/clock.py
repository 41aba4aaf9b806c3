"""Define clocks that can be passed to a client: the system clock, or a faster one.

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
    """The interface of a clock: it returns the time and sleeps. All values are seconds."""

    def time(self) -> float:
        """Return the seconds since the epoch, as in a server's ``Date`` header."""
        ...

    def monotonic(self) -> float:
        """Return the seconds since a fixed moment. The value never decreases."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait for `seconds` of this clock."""
        ...


@attrs.frozen
class SystemClock:
    """The clock of the machine."""

    def time(self) -> float:
        """Return the seconds since the epoch."""
        return time.time()

    def monotonic(self) -> float:
        """Return the seconds since a fixed moment."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait for this number of seconds."""
        await anyio.sleep(seconds)


@attrs.frozen
class ScaledClock:
    """A clock that runs `factor` times as fast as the machine's, starting when it is created.

    Pass the same clock to a simulated org and to its client: a minute of rate limit then takes
    ``60 / factor`` real seconds for both.
    """

    factor: float = attrs.field(validator=attrs.validators.gt(0))
    _started: float = attrs.field(factory=time.monotonic, init=False)
    _epoch: float = attrs.field(factory=time.time, init=False)

    def time(self) -> float:
        """Return the seconds since the epoch, counted `factor` times as fast."""
        return self._epoch + (time.monotonic() - self._started) * self.factor

    def monotonic(self) -> float:
        """Return the seconds since a fixed moment, counted `factor` times as fast."""
        return self._started + (time.monotonic() - self._started) * self.factor

    async def sleep(self, seconds: float) -> None:
        """Wait for `seconds` of this clock, which are ``seconds / factor`` real seconds."""
        await anyio.sleep(seconds / self.factor)
