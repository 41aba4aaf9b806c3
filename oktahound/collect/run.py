"""The collection itself: every listing of a plan, side by side, into one snapshot."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import aclosing
from datetime import UTC, datetime

import anyio

from oktahound.client import AsyncOktaClient, OktaClient
from oktahound.collect.plan import Plan, Read, make_plan
from oktahound.collect.progress import Progress, ProgressCallback
from oktahound.collect.refusals import gap_of, means_none, not_granted, parents_missing, stopped_asking
from oktahound.collect.shelf import Shelf
from oktahound.entities import Entity, OAuthScope, Organization
from oktahound.errors import AuthenticationError, ProtocolError, RequestError
from oktahound.snapshot import Gap, GapReason, Snapshot

__all__ = ["collect", "collect_async"]

_REFUSALS_IN_A_ROW = 10
"""After so many objects in a row a listing below objects is taken for refused altogether."""


def collect(
    client: OktaClient,
    *,
    only: Iterable[type[Entity]] | None = None,
    progress: ProgressCallback | None = None,
) -> Snapshot:
    """Read an org.

    Args:
        client: a blocking client.
        only: the entity classes to read; what they need is read with them. All when None.
        progress: called after every page, such as a `oktahound.collect.bar.ProgressBar`.

    Returns:
        The snapshot. What could not be read is in its `gaps`.

    Raises:
        ConfigurationError: `only` names something that is not an entity.
        AuthenticationError: the credential was refused.
        RequestError: the organization itself could not be read; without it there is nothing to collect.
    """
    return client.run(lambda asynchronous: collect_async(asynchronous, only=only, progress=progress))


async def collect_async(
    client: AsyncOktaClient,
    *,
    only: Iterable[type[Entity]] | None = None,
    progress: ProgressCallback | None = None,
) -> Snapshot:
    """Same as `collect`, with an async client."""
    plan = make_plan(only)
    started = _now(client)
    granted = await client.authorize(plan.scopes)
    collection = _Collection(client, plan, granted, progress)
    await collection.run()
    rows = {cls.PLURAL: tuple(collection.shelf.rows(cls)) for cls in plan.entities}
    return Snapshot(
        domain=client.domain,
        started_at=started,
        collected_at=_now(client),
        asked=frozenset(cls.__name__ for cls in plan.entities),
        gaps=tuple(sorted(collection.shelf.gaps, key=str)),
        **rows,
    )


def _now(client: AsyncOktaClient) -> datetime:
    return datetime.fromtimestamp(client.clock.time(), UTC)


class _Collection:
    """One run: its rows, its gaps, and which entities are done."""

    def __init__(
        self,
        client: AsyncOktaClient,
        plan: Plan,
        granted: frozenset[str] | None,
        progress: ProgressCallback | None,
    ) -> None:
        self.shelf = Shelf(plan)
        self._client = client
        self._plan = plan
        self._granted = None if granted is None else [OAuthScope(scope) for scope in granted]
        self._progress = progress
        self._done = {cls: anyio.Event() for cls in plan.entities}
        self._sources_open = {cls: len(cls.SOURCES) for cls in plan.entities}

    async def run(self) -> None:
        """Read everything.

        The organization comes first: if that fails, nothing else can be read either, and the error says
        why better than thirty gaps would.
        """
        first, *rest = self._plan.reads
        self.shelf.take(first, [await self._client.get(first.endpoint.path)], 0, None)
        if not self.shelf.count(Organization):
            faults = "; ".join(f"{gap.where}: {gap.detail}" for gap in self.shelf.gaps)
            raise ProtocolError(f"the organization could not be read: {faults}", method="GET", path=first.endpoint.path)
        self._finish(first.cls)
        try:
            async with anyio.create_task_group() as tasks:
                for read in rest:
                    tasks.start_soon(self._read, read)
        except BaseExceptionGroup as group:
            # No exception group leaves the package: callers catch one error by its class.
            raise _first_of(group) from None

    async def _read(self, read: Read) -> None:
        for cls in read.waits_for:
            await self._done[cls].wait()
        if not self._may_read(read):
            self.shelf.gaps.append(not_granted(read))
        elif read.endpoint.under is None:
            if (gap := await self._walk(read, None)) is not None:
                self.shelf.gaps.append(gap)
        else:
            await self._read_below(read, read.endpoint.under)
        self._finish(read.cls)

    def _may_read(self, read: Read) -> bool:
        return self._granted is None or any(scope.includes(read.endpoint.scope) for scope in self._granted)

    def _finish(self, cls: type[Entity]) -> None:
        """One source of an entity has given all it has."""
        self._sources_open[cls] -= 1
        if not self._sources_open[cls]:
            self._done[cls].set()
            for inner, source in self._plan.embedded_in(cls):
                if self.shelf.loses(cls):
                    self.shelf.gaps.append(parents_missing(inner, source, cls))
                self._finish(inner)
        self._tell(cls)

    def _tell(self, cls: type[Entity]) -> None:
        if self._progress is not None:
            name = cls.__name__
            self._progress(
                Progress(
                    entity=name,
                    rows=self.shelf.count(cls),
                    gaps=sum(gap.entity == name for gap in self.shelf.gaps),
                    finished=self._done[cls].is_set(),
                )
            )

    async def _read_below(self, read: Read, under: type[Entity]) -> None:
        """One listing for each parent that can have an answer, as many at once as the client lets through."""
        if self.shelf.loses(under):
            self.shelf.gaps.append(parents_missing(read.cls, read.endpoint, under))
        when = read.endpoint.when
        parents = [row for row in self.shelf.rows(under) if when is None or when(row, self.shelf)]
        streak = _Streak(read, self.shelf.gaps)
        todo = iter(parents)

        async def work() -> None:
            for parent in todo:
                if streak.over:
                    streak.not_asked += 1
                else:
                    streak.add(await self._walk(read, parent))

        async with anyio.create_task_group() as tasks:
            for _ in range(min(self._client.concurrency, len(parents))):
                tasks.start_soon(work)
        streak.close()

    async def _walk(self, read: Read, parent: Entity | None) -> Gap | None:
        """Walk one listing to its end; the gap it left, if it broke."""
        endpoint, parent_id, count = read.endpoint, parent.id if parent else None, 0
        ids = endpoint.ids(parent) if parent else None
        try:
            if endpoint.single:
                self.shelf.take(read, [await self._client.get(endpoint.path, endpoint.params, ids=ids)], 0, parent_id)
                return None
            pages = self._client.pages(endpoint.path, endpoint.params, ids=ids, rows_key=endpoint.rows_key)
            async with aclosing(pages):
                async for page in pages:
                    self.shelf.take(read, page.rows, count, parent_id)
                    count += len(page.rows)
                    self._tell(read.cls)
        except AuthenticationError:
            # The credential is dead: what is left would all fail alike.
            raise
        except RequestError as error:
            if means_none(read, error) and not count:
                return None
            return gap_of(read, error, parent_id, count)
        return None


class _Streak:
    """Watches a listing below objects for refusals in a row.

    A role or a licence that is missing refuses every object alike; asking on would spend thousands of
    requests to learn nothing. Then one gap stands for all.
    """

    def __init__(self, read: Read, gaps: list[Gap]) -> None:
        self.over = False
        self.not_asked = 0
        self._endpoint = read.endpoint
        self._gaps = gaps
        self._refused: list[Gap] = []

    def add(self, gap: Gap | None) -> None:
        """The outcome of one more object."""
        if gap is None or gap.reason not in (GapReason.FORBIDDEN, GapReason.NOT_LICENSED):
            self._flush()
            if gap is not None:
                self._gaps.append(gap)
            return
        self._refused.append(gap)
        # A missing scope is missing for every object: there is no use in asking for a second.
        self.over = self.over or bool(gap.missing_scopes) or len(self._refused) >= _REFUSALS_IN_A_ROW

    def close(self) -> None:
        """There are no more objects."""
        if self.over and self._refused:
            self._gaps.append(stopped_asking(self._refused[-1], len(self._refused), self.not_asked))
        else:
            self._flush()

    def _flush(self) -> None:
        if not self.over:
            self._gaps.extend(self._refused)
            self._refused.clear()


def _first_of(group: BaseExceptionGroup[BaseException]) -> BaseException:
    first = group.exceptions[0]
    return _first_of(first) if isinstance(first, BaseExceptionGroup) else first
