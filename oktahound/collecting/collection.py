"""One run: every listing of a plan, side by side."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Iterator
from contextlib import aclosing, suppress
from typing import Any

import anyio

from oktahound.client import AsyncOktaClient
from oktahound.collecting.circuit_breaker import CircuitBreaker
from oktahound.collecting.contradictions import contradictions, fewer_rows_than_stated
from oktahound.collecting.gap_rules import gap_of, means_none, not_granted, others_missing
from oktahound.collecting.log_reading import LogReader
from oktahound.collecting.plan import Plan, Read
from oktahound.collecting.progress import Progress, ProgressCallback, refuse_coroutine
from oktahound.collecting.resume import Draft, Ledger
from oktahound.collecting.row_store import RowStore
from oktahound.entities import Endpoint, Entity, OAuthScope, Organization
from oktahound.errors import AuthenticationError, ProtocolError, RequestError
from oktahound.snapshot import Gap
from oktahound.system_log import LogRange

__all__ = ["Collection"]


class Collection:
    """One run: its rows, its gaps, and which entities are done.

    Args:
        client: who asks.
        plan: what to read.
        granted: the scopes of the token; None for a credential that has none, which is asked everything.
        progress: called after every page.
        ledger: answers what an earlier sitting has finished, and keeps what this one finishes; None for a
            collection that is not written down.

        log: the part of the System Log to read; None when the plan reads none.

    Attributes:
        shelf: what was read so far.
    """

    def __init__(
        self,
        client: AsyncOktaClient,
        plan: Plan,
        granted: frozenset[str] | None,
        progress: ProgressCallback | None,
        ledger: Ledger | None = None,
        *,
        log: LogRange | None = None,
    ) -> None:
        self.store = RowStore(plan)
        self._logs = LogReader(client, self.store, ledger, log, self._tell)
        self._client = client
        self._plan = plan
        self._granted = None if granted is None else [OAuthScope(scope) for scope in granted]
        self._progress = progress
        self._ledger = ledger
        self._done = {cls: anyio.Event() for cls in plan.entities}
        self._sources_open = {cls: len(plan.sources(cls)) for cls in plan.entities}
        # For entities that are listed below others: how many parents are done, and how many are known.
        self._parents_done: dict[type[Entity], tuple[int, int | None]] = {}
        self._scope = anyio.CancelScope()
        self._failure: BaseException | None = None

    async def run(self) -> None:
        """Read everything.

        The organization comes first: if that fails, nothing else can be read either, and the error says
        why better than thirty gaps would. It is asked for in every sitting, since only that tells whether it
        is still the same one.
        """
        first, *rest = self._plan.reads
        self.store.take(first, [await self._client.get(first.endpoint.path)], 0, None)
        if not self.store.count(Organization):
            faults = "; ".join(f"{gap.where}: {gap.detail}" for gap in self.store.gaps)
            message = f"the organization could not be read: {faults}"
            raise ProtocolError(message, method="GET", path=first.endpoint.path)
        if self._ledger is not None:
            self._ledger.open(self.store.rows(Organization)[0].id)
        with suppress(_CallbackRaised):
            self._finish(first.cls)
            with self._scope:
                async with anyio.create_task_group() as tasks:
                    for read in rest:
                        tasks.start_soon(self._guarded, self._read, read)
        if self._failure is not None:
            raise self._failure
        for gap in contradictions(self.store, self._plan):
            self.store.miss(gap)
        if unfinished := [cls.__name__ for cls, done in self._done.items() if not done.is_set()]:
            raise RuntimeError(f"reading ended without an error before {', '.join(unfinished)} was complete")

    async def _guarded(self, work: Callable[..., Awaitable[None]], *args: object) -> None:
        """Run a part of the collection. `run` raises the first exception of any part, without a group.

        A cancellation passes only while the run is being cancelled. An exception of the same class that
        something raised by itself would otherwise end this part in silence, and what it did not read would
        count as read.
        """
        try:
            await work(*args)
        except BaseException as error:
            if isinstance(error, anyio.get_cancelled_exc_class()) and _being_cancelled():
                raise
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        """End the run with this exception, unless another one ended it before."""
        self._failure = self._failure or error
        self._scope.cancel()

    async def _read(self, read: Read) -> None:
        for cls in read.waits_for:
            await self._done[cls].wait()
        if (missing := self._not_granted(read)) and not self._has_begun(read):
            self.store.miss(not_granted(read, missing))
        elif read.endpoint.under is None:
            self._logs.expect(read, 1)
            if (gap := await self._walk(read, None)) is not None:
                self.store.miss(gap)
        else:
            await self._read_below(read, read.endpoint.under)
        self._finish(read.cls)

    def _not_granted(self, read: Read) -> list[str]:
        granted = self._granted
        if granted is None:
            return []
        return [scope for scope in read.endpoint.scopes if not any(held.includes(scope) for held in granted)]

    def _has_begun(self, read: Read) -> bool:
        """Whether an earlier sitting, which may have had the scopes, has finished a part of it."""
        return self._ledger is not None and self._ledger.has_begun(read)

    def _finish(self, cls: type[Entity]) -> None:
        """One source of an entity has given all it has."""
        self._sources_open[cls] -= 1
        if not self._sources_open[cls]:
            self._done[cls].set()
            for inner, source in self._plan.embedded_in(cls):
                if self.store.loses(cls, source.regardless_of):
                    self.store.miss(others_missing(inner, source, cls))
                self._finish(inner)
        self._tell(cls)

    def _tell(self, cls: type[Entity]) -> None:
        if self._progress is None:
            return
        done, parents = self._parents_done.get(cls, (0, None))
        progress = Progress(
            domain=self._client.domain,
            entity=cls.__name__,
            rows=self.store.count(cls),
            gaps=self.store.count_gaps(cls),
            finished=self._done[cls].is_set(),
            parents_done=done,
            parents=parents,
            kept=0 if self._ledger is None else self._ledger.kept[cls],
            kept_from=None if self._ledger is None else self._ledger.kept_from,
            covered=self._logs.covered.get(cls),
            to_cover=self._logs.to_cover.get(cls),
        )
        try:
            refuse_coroutine(self._progress(progress))
        except BaseException as error:  # noqa: BLE001 - `run` raises it again
            # Noted before it is raised: some of its classes mean something else on the way out, such as a
            # `RequestError` (a gap) or a cancellation (the end of a task).
            self._fail(error)
            raise _CallbackRaised from None

    async def _read_below(self, read: Read, under: type[Entity]) -> None:
        """One listing for each parent that can have an answer, as many at once as the client lets through."""
        for cls in read.waits_for:
            if self.store.loses(cls, read.endpoint.regardless_of):
                self.store.miss(others_missing(read.cls, read.endpoint, cls))
        parents = self._parents(read, under)
        done, known = self._parents_done.get(read.cls, (0, None))
        self._parents_done[read.cls] = done, (known or 0) + len(parents)
        self._logs.expect(read, len(parents))
        streak = CircuitBreaker(self.store.miss)
        todo = iter(parents)
        async with anyio.create_task_group() as tasks:
            for _ in range(min(self._client.concurrency, len(parents))):
                tasks.start_soon(self._guarded, self._work_off, read, todo, streak)
        streak.close()

    def _parents(self, read: Read, under: type[Entity]) -> list[Entity]:
        when, among = read.endpoint.when, read.endpoint.among
        chosen = None if among is None else among(self.store)
        return [
            row
            for row in self.store.rows(under)
            if (chosen is None or row.key in chosen) and (when is None or when(row, self.store))
        ]

    async def _work_off(self, read: Read, todo: Iterator[Entity], streak: CircuitBreaker) -> None:
        for parent in todo:
            if streak.over:
                streak.skip()
            else:
                streak.add(await self._walk(read, parent))
                done, parents = self._parents_done[read.cls]
                self._parents_done[read.cls] = done + 1, parents
                self._tell(read.cls)

    async def _walk(self, read: Read, parent: Entity | None) -> Gap | None:
        """Walk one listing to its end; the gap it left, if it broke."""
        if read.endpoint.log is not None:
            return await self._logs.walk(read, parent, read.endpoint.log)
        ledger = self._ledger
        if ledger is None:
            return await self._ask(read, parent, None)
        if not ledger.knows(read, parent):
            draft = ledger.begin(read, parent)
            # A listing that contradicts what Okta says of its parent is not kept either: it may be cut short.
            if (gap := await self._ask(read, parent, draft)) is None:
                draft.finish()
            return gap
        for _ in ledger.put_back(read, parent, self.store):
            self._tell(read.cls)
            # Many thousands of them must not keep the answers to other requests waiting.
            await anyio.lowlevel.checkpoint()
        return None

    async def _ask(self, read: Read, parent: Entity | None, draft: Draft | None) -> Gap | None:
        endpoint, count, answered, different = read.endpoint, 0, False, 0
        ids = endpoint.ids(parent) if parent else {}
        try:
            if endpoint.single:
                answer = await self._client.get(endpoint.path, endpoint.params, ids=ids)
                self._take(read, _rows(endpoint, answer), 0, parent, draft)
                return None
            pages = self._client.pages(endpoint.path, endpoint.params, ids=ids, rows_key=endpoint.rows_key)
            async with aclosing(pages):
                async for page in pages:
                    answered = True
                    first, count = count, count + len(page.rows)
                    different += self._take(read, page.rows, first, parent, draft)
                    self._tell(read.cls)
        except AuthenticationError:
            # The credential is dead: what is left would all fail alike.
            raise
        except RequestError as error:
            if means_none(read, error, ids) and not answered:
                return None
            return gap_of(read, error, parent, count)
        return fewer_rows_than_stated(read, parent, different)

    def _take(
        self, read: Read, rows: list[Any], first: int, parent: Entity | None, draft: Draft | None
    ) -> int:
        """Take a page of rows; how many there were, each object once."""
        known, before, count = len(self.store.gaps), self.store.count(read.cls), len(rows)
        taken = self.store.take(read, rows, first, parent)
        if draft is not None:
            draft.add(taken, self.store.gaps[known:])
        unread = count - len(taken.get(read.cls, ()))
        return self.store.count(read.cls) - before + unread


class _CallbackRaised(BaseException):
    """The progress callback raised an exception, which is the `_failure` of the collection."""


def _being_cancelled() -> bool:
    """Whether a cancel scope around this task was cancelled."""
    return anyio.current_effective_deadline() == -math.inf


def _rows(endpoint: Endpoint, answer: Any) -> list[Any]:
    """The rows of an answer that is one object."""
    if endpoint.read is None:
        return [answer]
    try:
        return list(endpoint.read(answer))
    except (ValueError, TypeError) as error:
        raise ProtocolError(str(error), method="GET", path=endpoint.path) from error
