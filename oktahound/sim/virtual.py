"""Virtual time: an event loop whose clock jumps to the next timer as soon as no task is ready."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, TypeVarTuple

import anyio
import anyio.lowlevel

__all__ = ["VirtualClock"]

_FOR_EVER = 100 * 365 * 86_400.0

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class VirtualClock:
    """A clock whose time advances only when code waits, and then immediately.

    Under `run`, every wait is by this clock: its `sleep`, those of anyio and asyncio, and every timeout. So a
    run takes only the computing time of the machine, although hours pass by this clock, and has the same
    course every time. Pass the clock to a simulated org and to its clients::

        clock = VirtualClock()
        org = SimulatedOrg(seed=1, users=500, clock=clock, rate_limits=RateLimits())
        snapshot = clock.run(read, org)  # `read` is a coroutine function

    The clock does not control threads and sockets, so code under `run` must not wait for them. Outside of
    `run`, `sleep` advances the time and returns.

    Args:
        epoch: the first value of `time`, in seconds since the epoch.
    """

    def __init__(self, epoch: float = 1_768_479_942.0) -> None:
        self._epoch = epoch
        self._passed = 0.0
        self._loop: asyncio.AbstractEventLoop | None = None

    def time(self) -> float:
        """Return the seconds since the epoch."""
        return self._epoch + self._passed

    def monotonic(self) -> float:
        """Return the seconds since this clock was created."""
        return self._passed

    async def sleep(self, seconds: float) -> None:
        """Advance the time by `seconds`, or wait for them under `run`."""
        if self._loop is not None:
            await anyio.sleep(seconds)
            return
        self.advance(seconds)
        await anyio.lowlevel.checkpoint()

    def advance(self, seconds: float) -> None:
        """Advance the time by `seconds`. Under `run`, tasks that sleep until then wake up."""
        self._passed += max(0.0, seconds)

    def run(self, main: Callable[[*Ts], Awaitable[T]], *args: *Ts) -> T:
        """Run a coroutine function to its end on a new asyncio event loop, in virtual time.

        Raises:
            RuntimeError: all tasks wait, and no timer is pending.
        """
        options = {"loop_factory": self._new_loop}
        try:
            return anyio.run(main, *args, backend="asyncio", backend_options=options)
        finally:
            self._loop = None

    def _new_loop(self) -> asyncio.AbstractEventLoop:
        self._loop = _VirtualLoop(self)
        return self._loop


class _VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop that uses the clock."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        super().__init__(_Jump(clock))

    def time(self) -> float:
        """Return the time for the timers of this loop."""
        return self._clock.monotonic()


class _Jump(selectors.SelectSelector):
    """Advances the clock to the next timer, instead of waiting for it."""

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__()
        self._clock = clock

    def select(self, timeout: float | None = None) -> Any:
        """Return the events that are ready now."""
        ready = super().select(0)
        # If no timer is pending, asyncio waits for a day again and again.
        if not ready and (timeout is None or (timeout > 0 and self._clock.monotonic() > _FOR_EVER)):
            raise RuntimeError("all tasks wait, and no timer is pending")
        if not ready and timeout:
            self._clock.advance(timeout)
        return ready
