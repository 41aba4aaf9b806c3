"""Measure how collections use an org's rate limits: one alone, one beside another client, and two at once.

The simulated org and the clients run in virtual time, so that nothing waits and the figures are the same on
every machine. Utilization is the number of served calls divided by the number that the headers allowed, from
a bucket's first window to the last exhausted one, including the time between windows.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterable, Sequence

import anyio
import attrs
import httpx

import oktahound
from oktahound.sim import RateLimits, SimulatedOrg, VirtualClock, Window

LATENCY = 0.15
CONCURRENCY = 32


@attrs.frozen
class Use:
    """The use of one bucket.

    Attributes:
        bucket: name of the bucket.
        limit: allowed calls per minute, from the headers.
        served: number of served calls.
        refused: number of 429 responses.
        utilization: served calls divided by allowed ones while calls were waiting; None if no window was
            exhausted.
    """

    bucket: str
    limit: int
    served: int
    refused: int
    utilization: float | None


def uses(windows: Iterable[Window]) -> list[Use]:
    """Return the use of each bucket."""
    by_bucket: dict[str, list[Window]] = {}
    for window in windows:
        by_bucket.setdefault(window.bucket, []).append(window)
    return [_use(known) for known in by_bucket.values()]


def _use(known: Sequence[Window]) -> Use:
    limit = known[0].limit
    full = [number for number, one in enumerate(known[:-1]) if one.served == limit]
    saturated = known[: full[-1] + 1] if full else []
    minutes = (known[len(saturated)].opened - known[0].opened) / 60
    return Use(
        known[0].bucket,
        limit,
        sum(one.served for one in known),
        sum(one.refused for one in known),
        sum(one.served for one in saturated) / (limit * minutes) if saturated else None,
    )


def main() -> None:
    """Print the use of the rate limits."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--users", type=int, default=600, help="users of the simulated org")
    parser.add_argument("--scale", type=float, default=0.1, help="part of Okta's default limits the org has")
    given = parser.parse_args()
    print_load(given.users, given.scale)


def print_load(users: int = 600, scale: float = 0.1) -> None:
    """Print the figures of the three runs."""
    for title, others, clients in (
        ("alone", False, 1),
        ("beside a client that uses half of each window", True, 1),
        ("two collections at once", False, 2),
    ):
        clock = VirtualClock()
        limits = RateLimits().scaled(scale)
        org = SimulatedOrg(seed=1, users=users, clock=clock, rate_limits=limits, latency=LATENCY)
        snapshots, other = clock.run(run, org, clients, others)
        minutes = clock.monotonic() / 60
        print(f"\n{title}: {len(org.requests)} calls in {minutes:.1f} minutes of virtual time")
        print(f"  gaps of the snapshots: {', '.join(str(len(one.gaps)) for one in snapshots)}")
        if others:
            print(f"  the other client: {other.served} served, {other.refused} 429")
        print(f"  most in flight {org.most_in_flight} (limit {CONCURRENCY} for each client)")
        for use in uses(org.windows):
            share = "never exhausted" if use.utilization is None else f"{use.utilization:.1%} used"
            print(
                f"  {use.bucket:13} {use.limit:5} a minute {use.served:6} served {use.refused:3} 429  {share}"
            )


async def run(org: SimulatedOrg, clients: int, others: bool) -> tuple[list[oktahound.Snapshot], OtherClient]:
    """Collect with several clients at once; with `others`, beside a client that uses half of the limits."""
    snapshots: list[oktahound.Snapshot] = []
    other = OtherClient(org)

    async def collect(seed: int) -> None:
        jitter = random.Random(seed)
        token = oktahound.ApiToken(org.api_token)
        async with oktahound.AsyncOktaClient(
            org.url,
            token,
            transport=org.transport,
            clock=org.clock,
            concurrency=CONCURRENCY,
            random=jitter.random,
        ) as client:
            snapshots.append(await oktahound.collect_async(client, mfa="all"))

    async with anyio.create_task_group() as background:
        if others:
            background.start_soon(other.run)
        async with anyio.create_task_group() as collecting:
            for number in range(clients):
                collecting.start_soon(collect, number)
        background.cancel_scope.cancel()
    return snapshots, other


class OtherClient:
    """Another client of the org, which uses half of every window of three buckets as soon as it opens.

    Attributes:
        served: number of served calls.
        refused: number of 429 responses.
    """

    def __init__(self, org: SimulatedOrg) -> None:
        self._org = org
        self.served = self.refused = 0

    async def run(self) -> None:
        """Send requests until cancelled."""
        user = self._org.world["users"].keys()[0]
        async with anyio.create_task_group() as tasks:
            for path in ("/api/v1/apps", "/api/v1/groups", f"/api/v1/users/{user}"):
                tasks.start_soon(self._use_bucket, path)

    async def _use_bucket(self, path: str) -> None:
        org = self._org
        headers = {"Authorization": f"SSWS {org.api_token}"}
        async with httpx.AsyncClient(base_url=org.url, transport=org.transport, headers=headers) as http:
            window, used = "", 0
            while True:
                response = await http.get(path, params={"limit": 1})
                self.served += response.status_code == 200
                self.refused += response.status_code == 429
                reset, limit = (response.headers[f"x-rate-limit-{name}"] for name in ("reset", "limit"))
                window, used = reset, 1 if reset != window else used + 1
                if response.status_code == 429 or used >= int(limit) // 2:
                    await org.clock.sleep(int(reset) - org.clock.time())


if __name__ == "__main__":
    main()
