"""Reading an org into a snapshot: the two verbs."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from oktahound.client import AsyncOktaClient, OktaClient
from oktahound.collecting.collection import Collection
from oktahound.collecting.log import log_end, log_start
from oktahound.collecting.log_reading import check_usage
from oktahound.collecting.plan import Plan, make_plan
from oktahound.collecting.progress import ProgressCallback, callback_of, check_callback
from oktahound.collecting.resume import Ledger
from oktahound.collecting.tenants import TenantLookup, lookup_of, with_entra_tenants
from oktahound.entities import Entity
from oktahound.errors import ConfigurationError
from oktahound.snapshot import Snapshot
from oktahound.snapshot.draft_folder import collecting_into
from oktahound.system_log import LogRange, duration_text, parse_duration

__all__ = ["collect", "collect_async"]


def collect(
    client: OktaClient,
    *,
    only: Iterable[type[Entity] | str] | None = None,
    mfa: Literal["roles", "all", "none"] = "roles",
    deprovisioned: bool = False,
    bindings: bool = False,
    statistics: bool = True,
    trust_boundaries: bool = False,
    usage: timedelta | None = None,
    entra_tenants: bool | TenantLookup = False,
    progress: ProgressCallback | bool | None = None,
    into: str | os.PathLike[str] | None = None,
) -> Snapshot:
    """Read an org.

    Args:
        client: a blocking client.
        only: the entities to read, as classes or by the names of the classes (``"User"``). What they need is
            read with them. All when None.
        mfa: whose factors to read, at a request for each user: of those who hold a role, by themselves or
            through a group; of all; of none.
        deprovisioned: read users whose status is DEPROVISIONED as well, whom Okta's listing leaves out.
        bindings: read the bindings and members of resource sets as well. They say again, from the other
            side, what role assignments say.
        statistics: save requests by Okta's statistics of groups: members of a group are not asked for where
            they say that it has none and holds no role. If False, members are asked for of every group.
        trust_boundaries: read what decides over memberships, sign-ins and tokens beside the model's own
            objects, such as group rules: a few requests for the whole org.
        usage: how far back to read the System Log, such as ``timedelta(days=90)``, the longest that Okta
            keeps. It takes the scope ``okta.logs.read``, and one listing for each integration, service
            application and API token. The events are folded to `ClientActivity` and `ClientAdministration` as
            they come, in bounded memory. The log is not read when None.
        entra_tenants: ask Microsoft for the Entra tenants of Office 365 applications of which Okta knows only
            the domain. This is the one thing that talks to anybody but Okta, without any credential. A
            `oktahound.collecting.tenants.TenantLookup` keeps the answers for the next collection.
        progress: True shows a progress bar in a terminal or notebook (needs ``oktahound[progress]``). A
            function is called with a `Progress` after every page. Nothing is shown when False or None.
        into: a folder to write to. Each finished listing is kept there as it ends. If the run is interrupted,
            by anything, the same call goes on from there and reads only what is missing. At the end the
            folder is a saved snapshot, as `Snapshot.save` writes it. A snapshot that it held before can be
            loaded until then. Files that are not part of a snapshot are never touched. Nothing is written
            when None.

    Returns:
        The snapshot. What could not be read is in its `gaps`.

    Raises:
        ConfigurationError: the client is of another class, `only` names something that is not an entity, an
            option has no such value, or `progress` is a coroutine function.
        AuthenticationError: the credential was refused.
        RequestError: the organization itself could not be read; without it there is nothing to collect.
        SnapshotError: another run writes to the folder at this moment; it holds an unfinished collection of
            another org or with other choices, or something that is not part of a snapshot; or the disk
            refuses. What was read is kept.
    """
    _check_client(client, OktaClient, "collect()", "await oktahound.collect_async(client)")
    check_callback(progress)
    return client.run(
        lambda asynchronous: collect_async(
            asynchronous,
            only=only,
            mfa=mfa,
            deprovisioned=deprovisioned,
            bindings=bindings,
            statistics=statistics,
            trust_boundaries=trust_boundaries,
            usage=usage,
            entra_tenants=entra_tenants,
            progress=progress,
            into=into,
        )
    )


async def collect_async(
    client: AsyncOktaClient,
    *,
    only: Iterable[type[Entity] | str] | None = None,
    mfa: Literal["roles", "all", "none"] = "roles",
    deprovisioned: bool = False,
    bindings: bool = False,
    statistics: bool = True,
    trust_boundaries: bool = False,
    usage: timedelta | None = None,
    entra_tenants: bool | TenantLookup = False,
    progress: ProgressCallback | bool | None = None,
    into: str | os.PathLike[str] | None = None,
) -> Snapshot:
    """Same as `collect`, with an async client."""
    _check_client(client, AsyncOktaClient, "collect_async()", "oktahound.collect(client)")
    check_callback(progress)
    check_usage(usage)
    plan = make_plan(
        only,
        {
            "mfa": mfa,
            "deprovisioned": deprovisioned,
            "bindings": bindings,
            "statistics": statistics,
            "trust_boundaries": trust_boundaries,
            "usage": False if usage is None else duration_text(usage),
        },
    )
    lookup = lookup_of(entra_tenants)
    if into is None:
        return await with_entra_tenants(await _collect(client, plan, progress, None), lookup, client.clock)
    with collecting_into(into, client.domain) as folder:
        with Ledger(folder, client.domain, plan, client.clock) as ledger:
            snapshot = await _collect(client, plan, progress, ledger)
            snapshot = await with_entra_tenants(snapshot, lookup, client.clock)
        folder.publish(snapshot)
    return snapshot


def _check_client(client: object, wanted: type, function: str, other: str) -> None:
    if not isinstance(client, wanted):
        hint = f"; use {other}" if isinstance(client, OktaClient | AsyncOktaClient) else ""
        message = f"{function} needs an {wanted.__name__}, not {type(client).__name__}{hint}"
        raise ConfigurationError(message)


async def _collect(
    client: AsyncOktaClient, plan: Plan, progress: ProgressCallback | bool | None, ledger: Ledger | None
) -> Snapshot:
    started = _now(client) if ledger is None else ledger.started_at
    began = client.clock.monotonic()
    log_start(client.domain, plan)
    granted = await client.authorize(plan.scopes)
    with callback_of(progress) as callback:
        collection = Collection(client, plan, granted, callback, ledger, log=_log_range(plan, started))
        await collection.run()
    store = collection.store
    log_end(client.domain, store, client.clock.monotonic() - began)
    rows: dict[str, Any] = {cls.PLURAL: store.rows(cls) for cls in plan.entities}
    return Snapshot(
        domain=client.domain,
        started_at=started,
        collected_at=_now(client),
        asked=frozenset(cls.__name__ for cls in plan.entities),
        options=plan.options,
        gaps=tuple(sorted(store.gaps, key=str)),
        interruptions=() if ledger is None else ledger.interruptions,
        **rows,
    )


def _log_range(plan: Plan, started: datetime) -> LogRange | None:
    length = plan.options["usage"]
    # From the beginning of the first run, so that a run that goes on with it reads the same part.
    return LogRange.before(started, parse_duration(length)) if isinstance(length, str) else None


def _now(client: AsyncOktaClient) -> datetime:
    return datetime.fromtimestamp(client.clock.time(), UTC)
