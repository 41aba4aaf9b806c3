"""Reading an org into a snapshot: the two verbs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Literal

from oktahound.client import AsyncOktaClient, OktaClient
from oktahound.collecting.collection import Collection
from oktahound.collecting.plan import make_plan
from oktahound.collecting.progress import ProgressCallback
from oktahound.entities import Entity
from oktahound.snapshot import Snapshot

__all__ = ["collect", "collect_async"]


def collect(
    client: OktaClient,
    *,
    only: Iterable[type[Entity]] | None = None,
    mfa: Literal["roles", "all", "none"] = "roles",
    deprovisioned: bool = False,
    bindings: bool = False,
    progress: ProgressCallback | None = None,
) -> Snapshot:
    """Read an org.

    Args:
        client: a blocking client.
        only: the entity classes to read; what they need is read with them. All when None.
        mfa: whose factors to read, at a request for each user: of those who hold a role, by themselves or
            through a group; of all; of none.
        deprovisioned: read users whose status is DEPROVISIONED as well, whom Okta's listing leaves out.
        bindings: read the bindings and members of resource sets as well. They say again, from the other
            side, what role assignments say.
        progress: called after every page, such as a `oktahound.collecting.bar.ProgressBar`.

    Returns:
        The snapshot. What could not be read is in its `gaps`.

    Raises:
        ConfigurationError: `only` names something that is not an entity, or an option has no such value.
        AuthenticationError: the credential was refused.
        RequestError: the organization itself could not be read; without it there is nothing to collect.
    """
    return client.run(
        lambda asynchronous: collect_async(
            asynchronous,
            only=only,
            mfa=mfa,
            deprovisioned=deprovisioned,
            bindings=bindings,
            progress=progress,
        )
    )


async def collect_async(
    client: AsyncOktaClient,
    *,
    only: Iterable[type[Entity]] | None = None,
    mfa: Literal["roles", "all", "none"] = "roles",
    deprovisioned: bool = False,
    bindings: bool = False,
    progress: ProgressCallback | None = None,
) -> Snapshot:
    """Same as `collect`, with an async client."""
    plan = make_plan(only, {"mfa": mfa, "deprovisioned": deprovisioned, "bindings": bindings})
    started = _now(client)
    granted = await client.authorize(plan.scopes)
    collection = Collection(client, plan, granted, progress)
    await collection.run()
    shelf = collection.shelf
    rows: dict[str, Any] = {cls.PLURAL: shelf.rows(cls) for cls in plan.entities}
    return Snapshot(
        domain=client.domain,
        started_at=started,
        collected_at=_now(client),
        asked=frozenset(cls.__name__ for cls in plan.entities),
        options=plan.options,
        gaps=tuple(sorted(shelf.gaps, key=str)),
        **rows,
    )


def _now(client: AsyncOktaClient) -> datetime:
    return datetime.fromtimestamp(client.clock.time(), UTC)
