"""One run of a collection: reads all listings of a plan concurrently."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Iterator
from contextlib import aclosing, suppress
from typing import Any

import anyio

from oktahound.client import AsyncOktaClient
from oktahound.collecting.circuit_breaker import CircuitBreaker
from oktahound.collecting.contradictions import contradictions, fewer_rows_than_stated
from oktahound.collecting.gap_rules import (
    gap_of,
    gap_of_incomplete_parents,
    gap_of_missing_scopes,
    means_no_rows,
    no_request_gap,
)
from oktahound.collecting.log_reading import LogReader
from oktahound.collecting.plan import Plan, Read
from oktahound.collecting.progress import Progress, ProgressCallback, refuse_coroutine
from oktahound.collecting.resume import Checkpoint, ListingWriter
from oktahound.collecting.row_store import RowStore
from oktahound.entities import Endpoint, Entity, OAuthScope, Organization
from oktahound.errors import AuthenticationError, ProtocolError, RequestError
from oktahound.snapshot import Gap
from oktahound.system_log import LogRange

__all__ = ["Collection"]


class Collection:
    """One run of a collection: its rows, its gaps, and which entities are complete.

    Args:
        client: sends the requests.
        plan: the listings to read.
        granted: the scopes of the token; None for a credential without scopes. Then everything is requested.
        progress: called after every page.
        checkpoint: restores listings that an earlier run has finished, and saves those that this run
            finishes; None for a collection that is not written to disk.
        log: the part of the System Log to read; None if the plan does not read it.

    Attributes:
        store: the rows and gaps so far.
    """

    def __init__(
        self,
        client: AsyncOktaClient,
        plan: Plan,
        granted: frozenset[str] | None,
        progress: ProgressCallback | None,
        checkpoint: Checkpoint | None = None,
        *,
        log: LogRange | None = None,
    ) -> None:
        self.store = RowStore(plan)
        self._logs = LogReader(client, self.store, checkpoint, log, self._report)
        self._client = client
        self._plan = plan
        self._granted = None if granted is None else [OAuthScope(scope) for scope in granted]
        self._progress = progress
        self._checkpoint = checkpoint
        self._done = {cls: anyio.Event() for cls in plan.entities}
        self._sources_open = {cls: len(plan.sources(cls)) for cls in plan.entities}
        # For entities that are listed below others: how many parents are done, and how many are known.
        self._parents_done: dict[type[Entity], tuple[int, int | None]] = {}
        self._scope = anyio.CancelScope()
        self._failure: BaseException | None = None

    async def run(self) -> None:
        """Read all listings of the plan.

        The organization is read first: without it nothing else can be read, and one error is clearer than
        thirty gaps. Every run requests it, to check that it is still the same organization.
        """
        first, *rest = self._plan.reads
        self.store.add_page(first, [await self._client.get(first.endpoint.path)], 0, None)
        if not self.store.count(Organization):
            faults = "; ".join(f"{gap.where}: {gap.detail}" for gap in self.store.gaps)
            message = f"the organization could not be read: {faults}"
            raise ProtocolError(message, method="GET", path=first.endpoint.path)
        if self._checkpoint is not None:
            self._checkpoint.open(self.store.rows(Organization)[0].id)
        with suppress(_CallbackRaised):
            self._finish_source(first.cls)
            with self._scope:
                async with anyio.create_task_group() as tasks:
                    for read in rest:
                        tasks.start_soon(self._run_guarded, self._read, read)
        if self._failure is not None:
            raise self._failure
        for gap in contradictions(self.store, self._plan):
            self.store.add_gap(gap)
        if unfinished := [cls.__name__ for cls, done in self._done.items() if not done.is_set()]:
            raise RuntimeError(f"reading ended without an error before {', '.join(unfinished)} was complete")

    async def _run_guarded(self, work: Callable[..., Awaitable[None]], *args: object) -> None:
        """Run a part of the collection. `run` raises the first exception of any part, without a group.

        A cancellation is re-raised only while the run is being cancelled. Other code may raise an exception
        of the same class. It would end this part silently, and its unread rows would count as read.
        """
        try:
            await work(*args)
        except BaseException as error:
            if isinstance(error, anyio.get_cancelled_exc_class()) and _being_cancelled():
                raise
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        """End the run with this exception, unless another one has ended it already."""
        self._failure = self._failure or error
        self._scope.cancel()

    async def _read(self, read: Read) -> None:
        for cls in read.waits_for:
            await self._done[cls].wait()
        if (missing := self._not_granted(read)) and not self._has_any_listing(read):
            self.store.add_gap(gap_of_missing_scopes(read, missing))
        elif read.endpoint.under is None:
            self._logs.expect(read, 1)
            if (gap := await self._read_listing(read, None)) is not None:
                self.store.add_gap(gap)
        else:
            await self._read_below(read, read.endpoint.under)
        self._finish_source(read.cls)

    def _not_granted(self, read: Read) -> list[str]:
        granted = self._granted
        if granted is None:
            return []
        return [scope for scope in read.endpoint.scopes if not any(each.includes(scope) for each in granted)]

    def _has_any_listing(self, read: Read) -> bool:
        """Whether an earlier run, which may have had the scopes, has finished a part of it."""
        return self._checkpoint is not None and self._checkpoint.has_any_listing(read)

    def _finish_source(self, cls: type[Entity]) -> None:
        """Mark one source of an entity as complete, and those of the entities embedded in it."""
        self._sources_open[cls] -= 1
        if not self._sources_open[cls]:
            self._done[cls].set()
            for inner, source in self._plan.embedded_in(cls):
                if self.store.is_incomplete(cls, source.regardless_of):
                    self.store.add_gap(gap_of_incomplete_parents(inner, source, cls))
                self._finish_source(inner)
        self._report(cls)

    def _report(self, cls: type[Entity]) -> None:
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
            kept=0 if self._checkpoint is None else self._checkpoint.kept[cls],
            kept_from=None if self._checkpoint is None else self._checkpoint.kept_from,
            covered=self._logs.covered.get(cls),
            to_cover=self._logs.to_cover.get(cls),
        )
        try:
            refuse_coroutine(self._progress(progress))
        except BaseException as error:  # noqa: BLE001 - `run` raises it again
            # Stored before another exception replaces it: a `RequestError` would become a gap, and a
            # cancellation would end the task silently.
            self._fail(error)
            raise _CallbackRaised from None

    async def _read_below(self, read: Read, under: type[Entity]) -> None:
        """Read one listing for each parent that can have rows, concurrently up to the client's limit."""
        for cls in read.waits_for:
            if self.store.is_incomplete(cls, read.endpoint.regardless_of):
                self.store.add_gap(gap_of_incomplete_parents(read.cls, read.endpoint, cls))
        parents = self._parents(read, under)
        done, known = self._parents_done.get(read.cls, (0, None))
        self._parents_done[read.cls] = done, (known or 0) + len(parents)
        self._logs.expect(read, len(parents))
        breaker = CircuitBreaker(self.store.add_gap)
        todo = iter(parents)
        async with anyio.create_task_group() as tasks:
            for _ in range(min(self._client.concurrency, len(parents))):
                tasks.start_soon(self._run_guarded, self._read_next_parents, read, todo, breaker)
        breaker.close()

    def _parents(self, read: Read, under: type[Entity]) -> list[Entity]:
        when, among = read.endpoint.when, read.endpoint.among
        chosen = None if among is None else among(self.store)
        return [
            row
            for row in self.store.rows(under)
            if (chosen is None or row.key in chosen) and (when is None or when(row, self.store))
        ]

    async def _read_next_parents(self, read: Read, todo: Iterator[Entity], breaker: CircuitBreaker) -> None:
        for parent in todo:
            if breaker.is_open:
                breaker.skip()
            else:
                breaker.add(await self._read_listing(read, parent))
                done, parents = self._parents_done[read.cls]
                self._parents_done[read.cls] = done + 1, parents
                self._report(read.cls)

    async def _read_listing(self, read: Read, parent: Entity | None) -> Gap | None:
        """Read one listing to its end. Returns a gap if it failed."""
        gap = await self._request_or_restore(read, parent)
        self.store.end_listing(read.cls, parent)
        return gap

    async def _request_or_restore(self, read: Read, parent: Entity | None) -> Gap | None:
        if read.endpoint.log is not None:
            return await self._logs.read_listing(read, parent, read.endpoint.log)
        checkpoint = self._checkpoint
        if checkpoint is None:
            return await self._request_rows(read, parent, None)
        if not checkpoint.has_finished(read, parent):
            writer = checkpoint.begin(read, parent)
            # A listing that contradicts its parent's statistics is not saved either: it may be incomplete.
            if (gap := await self._request_rows(read, parent, writer)) is None:
                writer.finish()
            return gap
        for _ in checkpoint.restore(read, parent, self.store):
            self._report(read.cls)
            # Yield to other tasks, whose responses would otherwise wait for thousands of restored pages.
            await anyio.lowlevel.checkpoint()
        return None

    async def _request_rows(
        self, read: Read, parent: Entity | None, writer: ListingWriter | None
    ) -> Gap | None:
        endpoint, count, answered, different = read.endpoint, 0, False, 0
        ids, params = endpoint.ids(parent) if parent else {}, endpoint.params_of(parent)
        if params is None:
            return no_request_gap(read, parent)
        try:
            if endpoint.single:
                answer = await self._client.get(endpoint.path, params, ids=ids)
                self._take(read, _rows(endpoint, answer), 0, parent, writer)
                return None
            pages = self._client.pages(endpoint.path, params, ids=ids, rows_key=endpoint.rows_key)
            async with aclosing(pages):
                async for page in pages:
                    answered = True
                    first, count = count, count + len(page.rows)
                    different += self._take(read, page.rows, first, parent, writer)
                    self._report(read.cls)
        except AuthenticationError:
            # The credential is invalid, so all remaining requests would fail in the same way.
            raise
        except RequestError as error:
            if means_no_rows(read, error, ids) and not answered:
                return None
            return gap_of(read, error, parent, count)
        return fewer_rows_than_stated(read, parent, different)

    def _take(
        self, read: Read, rows: list[Any], first: int, parent: Entity | None, writer: ListingWriter | None
    ) -> int:
        """Store a page of rows. Returns their number, without duplicates."""
        known, before, count = len(self.store.gaps), self.store.count(read.cls), len(rows)
        taken = self.store.add_page(read, rows, first, parent)
        if writer is not None:
            writer.add(taken, self.store.gaps[known:])
        unread = count - len(taken.get(read.cls, ()))
        return self.store.count(read.cls) - before + unread


class _CallbackRaised(BaseException):
    """The progress callback raised an exception, which is the `_failure` of the collection."""


def _being_cancelled() -> bool:
    """Whether a cancel scope around this task was cancelled."""
    return anyio.current_effective_deadline() == -math.inf


def _rows(endpoint: Endpoint, answer: Any) -> list[Any]:
    """Extract the rows of a response that is one object."""
    if endpoint.read is None:
        return [answer]
    try:
        return list(endpoint.read(answer))
    except (ValueError, TypeError) as error:
        raise ProtocolError(str(error), method="GET", path=endpoint.path) from error
