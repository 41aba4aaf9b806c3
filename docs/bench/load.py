"""How a collection uses an org's rate limits: alone, beside a client that eats half, and two at once.

Everything runs in virtual time against the simulated org: nothing waits, and the figures are the same on
every machine. Utilization is calls served by what the headers allowed, from a bucket's first window to the
last one that was used up, the time between two windows included.
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
GATE = 32


@attrs.frozen
class Use:
    """How one bucket was used.

    Attributes:
        bucket: which.
        limit: calls a minute by the headers.
        served: calls answered.
        refused: calls answered with a 429.
        utilization: of what was allowed while there was more to ask; None if no window was used up.
    """

    bucket: str
    limit: int
    served: int
    refused: int
    utilization: float | None


def uses(windows: Iterable[Window]) -> list[Use]:
    """How each bucket was used."""
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
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--users", type=int, default=600, help="users of the simulated org")
    parser.add_argument("--scale", type=float, default=0.1, help="part of Okta's default limits the org has")
    given = parser.parse_args()
    print_load(given.users, given.scale)


def print_load(users: int = 600, scale: float = 0.1) -> None:
    """Print the figures of the three runs. This is what ``bench.py`` calls."""
    for title, others, clients in (
        ("alone", False, 1),
        ("beside a client that eats half of each window", True, 1),
        ("two collections at once", False, 2),
    ):
        clock = VirtualClock()
        limits = RateLimits().scaled(scale)
        org = SimulatedOrg(seed=1, users=users, clock=clock, rate_limits=limits, latency=LATENCY)
        snapshots, glutton = clock.run(run, org, clients, others)
        minutes = clock.monotonic() / 60
        print(f"\n{title}: {len(org.requests)} calls in {minutes:.1f} minutes of virtual time")
        print(f"  gaps of the snapshots: {', '.join(str(len(one.gaps)) for one in snapshots)}")
        if others:
            print(f"  the other client: {glutton.served} served, {glutton.refused} 429")
        print(f"  most in flight {org.most_in_flight} (gate {GATE} for each client)")
        for use in uses(org.windows):
            share = "never used up" if use.utilization is None else f"{use.utilization:.1%} used"
            print(
                f"  {use.bucket:13} {use.limit:5} a minute {use.served:6} served {use.refused:3} 429  {share}"
            )


async def run(org: SimulatedOrg, clients: int, others: bool) -> tuple[list[oktahound.Snapshot], Glutton]:
    """Collect everything by so many clients at once; with `others`, beside one that eats half."""
    snapshots: list[oktahound.Snapshot] = []
    glutton = Glutton(org)

    async def collect(seed: int) -> None:
        jitter = random.Random(seed)
        token = oktahound.ApiToken(org.api_token)
        async with oktahound.AsyncOktaClient(
            org.url,
            token,
            transport=org.transport,
            clock=org.clock,
            concurrency=GATE,
            random=jitter.random,
        ) as client:
            snapshots.append(await oktahound.collect_async(client, mfa="all"))

    async with anyio.create_task_group() as eating:
        if others:
            eating.start_soon(glutton.eat)
        async with anyio.create_task_group() as collecting:
            for number in range(clients):
                collecting.start_soon(collect, number)
        eating.cancel_scope.cancel()
    return snapshots, glutton


class Glutton:
    """Another client of the org, which takes half of every window of three buckets as soon as it opens.

    Attributes:
        served: calls it was answered.
        refused: calls it was refused.
    """

    def __init__(self, org: SimulatedOrg) -> None:
        self._org = org
        self.served = self.refused = 0

    async def eat(self) -> None:
        """Go on until cancelled."""
        user = self._org.world["users"].keys()[0]
        async with anyio.create_task_group() as tasks:
            for path in ("/api/v1/apps", "/api/v1/groups", f"/api/v1/users/{user}"):
                tasks.start_soon(self._eat_bucket, path)

    async def _eat_bucket(self, path: str) -> None:
        org = self._org
        headers = {"Authorization": f"SSWS {org.api_token}"}
        async with httpx.AsyncClient(base_url=org.url, transport=org.transport, headers=headers) as http:
            window, eaten = "", 0
            while True:
                answer = await http.get(path, params={"limit": 1})
                self.served += answer.status_code == 200
                self.refused += answer.status_code == 429
                reset, limit = (answer.headers[f"x-rate-limit-{name}"] for name in ("reset", "limit"))
                window, eaten = reset, 1 if reset != window else eaten + 1
                if answer.status_code == 429 or eaten >= int(limit) // 2:
                    await org.clock.sleep(int(reset) - org.clock.time())


if __name__ == "__main__":
    main()
