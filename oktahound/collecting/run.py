"""`collect` and `collect_async`: read an org into a snapshot, and log the progress.

INFO records mark the start and end of a collection, WARNING records every gap. Each record also has its
values in ``extra``, under names that start with ``okta_``, so that services that read many organizations can
filter and index them.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from oktahound.client import AsyncOktaClient, OktaClient
from oktahound.collecting.collection import Collection
from oktahound.collecting.log_reading import check_usage
from oktahound.collecting.plan import Plan, make_plan
from oktahound.collecting.progress import ProgressCallback, callback_of, check_callback
from oktahound.collecting.resume import Checkpoint
from oktahound.collecting.row_store import RowStore
from oktahound.collecting.tenants import TenantLookup, lookup_of, with_entra_tenants
from oktahound.entities import Entity
from oktahound.errors import ConfigurationError
from oktahound.snapshot import Snapshot
from oktahound.snapshot.disk import collecting_into
from oktahound.snapshot.display import printable
from oktahound.system_log import LogRange, duration_text, parse_duration

__all__ = ["collect", "collect_async"]


def collect(
    client: OktaClient,
    *,
    only: Iterable[type[Entity] | str] | None = None,
    mfa: Literal["roles", "all", "none"] = "roles",
    deprovisioned: bool = False,
    bindings: bool = False,
    signing_keys: bool = False,
    statistics: bool = True,
    trust_boundaries: bool = False,
    usage: timedelta | None = None,
    entra_tenants: bool | TenantLookup = False,
    progress: ProgressCallback | bool | None = None,
    into: str | os.PathLike[str] | None = None,
) -> Snapshot:
    """Read an org into a snapshot.

    Args:
        client: a blocking client.
        only: the entities to read, as classes or names of classes (``"User"``). The entities that they
            depend on are read too. None reads all.
        mfa: the users whose factors are read, with one request for each user: users who hold a role directly
            or through a group (``"roles"``), all users, or none.
        deprovisioned: also read users whose status is DEPROVISIONED, which Okta's listing leaves out.
        bindings: also read the bindings and members of resource sets. They repeat the role assignments,
            listed by resource set.
        signing_keys: also read the signing keys of applications that assert users to a service provider (SAML
            2.0, SAML 1.1, WS-Federation), and the keys of identity providers, with the expiry of each. One
            request for each such application, and one for each 200 keys of identity providers.
        statistics: use Okta's statistics of groups to save requests: skip the members of a group that is
            empty according to its statistics and holds no role. False reads the members of every group.
        trust_boundaries: also read further objects that control memberships, sign-ins and tokens, such as
            group rules, with a few requests for the whole org.
        usage: the length of the System Log to read, such as ``timedelta(days=90)``, the longest that Okta
            keeps. It requires the scope ``okta.logs.read``, and sends one listing for each integration,
            service application and API token. The events are aggregated to `ClientActivity` and
            `ClientAdministration` as they arrive, in bounded memory. None does not read the log.
        entra_tenants: look up the Entra tenants of Office 365 applications at Microsoft if Okta has only the
            domain. This is the only option that contacts a server other than Okta. It sends no credential. A
            `oktahound.collecting.tenants.TenantLookup` caches the tenants for the next collection.
        progress: True shows a progress bar in a terminal or notebook (requires ``oktahound[progress]``). A
            function is called with a `Progress` after every page. False and None show nothing.
        into: a folder to write to. Each finished listing is saved there. If the run is interrupted for any
            reason, the same call resumes it and reads only what is missing. At the end the folder contains a
            snapshot as written by `Snapshot.save`. Until then, an earlier snapshot in the folder can still be
            loaded. Files that are not part of a snapshot are never changed. None writes nothing.

    Returns:
        The snapshot. Its `gaps` list everything that could not be read.

    Raises:
        ConfigurationError: the client has the wrong class, `only` names something that is not an entity, an
            option has an invalid value, or `progress` is a coroutine function.
        AuthenticationError: the credential was refused.
        RequestError: the organization itself could not be read. Without it nothing can be collected.
        SnapshotError: another process is writing to the folder; it contains an unfinished collection of
            another org or with other options, or files that are not part of a snapshot; or the disk fails.
            The rows read so far are kept.
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
            signing_keys=signing_keys,
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
    signing_keys: bool = False,
    statistics: bool = True,
    trust_boundaries: bool = False,
    usage: timedelta | None = None,
    entra_tenants: bool | TenantLookup = False,
    progress: ProgressCallback | bool | None = None,
    into: str | os.PathLike[str] | None = None,
) -> Snapshot:
    """Read an org into a snapshot with an async client; see `collect`."""
    _check_client(client, AsyncOktaClient, "collect_async()", "oktahound.collect(client)")
    check_callback(progress)
    check_usage(usage)
    plan = make_plan(
        only,
        {
            "mfa": mfa,
            "deprovisioned": deprovisioned,
            "bindings": bindings,
            "signing_keys": signing_keys,
            "statistics": statistics,
            "trust_boundaries": trust_boundaries,
            "usage": False if usage is None else duration_text(usage),
        },
    )
    lookup = lookup_of(entra_tenants)
    if into is None:
        return await with_entra_tenants(await _collect(client, plan, progress, None), lookup, client.clock)
    with collecting_into(into, client.domain) as folder:
        with Checkpoint(folder, client.domain, plan, client.clock) as checkpoint:
            snapshot = await _collect(client, plan, progress, checkpoint)
            snapshot = await with_entra_tenants(snapshot, lookup, client.clock)
        folder.publish(snapshot)
    return snapshot


def _check_client(client: object, wanted: type, function: str, other: str) -> None:
    if not isinstance(client, wanted):
        hint = f"; use {other}" if isinstance(client, OktaClient | AsyncOktaClient) else ""
        message = f"{function} needs an {wanted.__name__}, not {type(client).__name__}{hint}"
        raise ConfigurationError(message)


async def _collect(
    client: AsyncOktaClient,
    plan: Plan,
    progress: ProgressCallback | bool | None,
    checkpoint: Checkpoint | None,
) -> Snapshot:
    started = _now(client) if checkpoint is None else checkpoint.started_at
    began = client.clock.monotonic()
    _log_start(client.domain, plan)
    granted = await client.authorize(plan.scopes)
    with callback_of(progress) as callback:
        collection = Collection(client, plan, granted, callback, checkpoint, log=_log_range(plan, started))
        await collection.run()
    store = collection.store
    _log_end(client.domain, store, client.clock.monotonic() - began)
    rows: dict[str, Any] = store.take()
    return Snapshot(
        domain=client.domain,
        started_at=started,
        collected_at=_now(client),
        asked=frozenset(cls.__name__ for cls in plan.entities),
        options=plan.options,
        gaps=tuple(sorted(store.gaps, key=str)),
        interruptions=() if checkpoint is None else checkpoint.interruptions,
        **rows,
    )


def _log_range(plan: Plan, started: datetime) -> LogRange | None:
    length = plan.options["usage"]
    # Relative to the start of the first run, so that a resumed run reads the same part.
    return LogRange.before(started, parse_duration(length)) if isinstance(length, str) else None


def _now(client: AsyncOktaClient) -> datetime:
    return datetime.fromtimestamp(client.clock.time(), UTC)


_log = logging.getLogger("oktahound.collecting")


def _log_start(domain: str, plan: Plan) -> None:
    """Log that a collection starts: ``okta_domain``, ``okta_entities``."""
    names = [cls.__name__ for cls in plan.entities]
    _log.info(
        "reading %s: %d entities", domain, len(names), extra={"okta_domain": domain, "okta_entities": names}
    )


def _log_end(domain: str, store: RowStore, seconds: float) -> None:
    """Log every gap, and that the collection ended.

    A gap has ``okta_domain``, ``okta_entity``, ``okta_reason``, ``okta_request`` (with the path template) and
    ``okta_status``; the end ``okta_domain``, ``okta_seconds``, ``okta_rows`` and ``okta_gaps``.
    """
    for gap in store.gaps:
        fields = {
            "okta_domain": domain,
            "okta_entity": gap.entity,
            "okta_reason": gap.reason.value,
            "okta_request": gap.request,
            "okta_status": gap.status,
        }
        _log.warning("%s: %s", domain, printable(str(gap)), extra=fields)
    rows = store.total()
    fields_of_end = {
        "okta_domain": domain,
        "okta_seconds": seconds,
        "okta_rows": rows,
        "okta_gaps": len(store.gaps),
    }
    _log.info(
        "read %s: %d rows and %d gaps in %.1f s", domain, rows, len(store.gaps), seconds, extra=fields_of_end
    )
