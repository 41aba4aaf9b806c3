"""Compare aggregating events of the System Log with parsing the same pages with orjson.

Run it in the repository::

    python docs/bench/log_folding.py [events]

It prints events per CPU second of both, and the ratio of the costs. Pages contain 1,000 events of one client,
as the simulated organization sends them.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import orjson

from oktahound.sim import Behaviour
from oktahound.system_log import ActivityFold

CLIENT = "0oaVendor"
PAGE = 1000


def pages(events: int) -> list[bytes]:
    """Return pages of events, of which two thirds are token requests and one third are writes."""
    behaviour = Behaviour(
        client=CLIENT,
        name="Vendor",
        begins=1_780_000_000_000,
        every=20_000,
        scopes=(
            "okta.users.manage",
            "okta.groups.read",
            "okta.logs.read",
            "okta.apps.read",
            "okta.roles.read",
        ),
        writes=("user.lifecycle.suspend",),
        targets=(("00uAnn", "User"),),
    )
    end = behaviour.begins + behaviour.every * (events // 2)
    found, page = [], []
    for entry in behaviour.entries(behaviour.begins, end):
        page.append(entry.event)
        if len(page) == PAGE:
            found.append(orjson.dumps(page))
            page = []
    return found


def cpu_seconds(work: Callable[[], object], times: int = 5) -> float:
    """Return the least CPU time of several runs."""

    def once() -> float:
        begun = time.process_time()
        work()
        return time.process_time() - begun

    return min(once() for _ in range(times))


def main(events: int) -> None:
    """Print the figures of both."""
    bodies = pages(events)
    parsed = [orjson.loads(body) for body in bodies]

    def parse() -> None:
        for body in bodies:
            orjson.loads(body)

    def fold() -> None:
        folding = ActivityFold([CLIENT])
        for page in parsed:
            folding.add(page)
        folding.rows()

    count = sum(map(len, parsed))
    parsing, folding = cpu_seconds(parse), cpu_seconds(fold)
    size = sum(map(len, bodies)) / count
    print(f"{count:,} events of {size:,.0f} bytes")
    print(f"orjson.loads  {count / parsing:>12,.0f} events per CPU second")
    cost = f"{folding / parsing:.2f} times the cost"
    print(f"ActivityFold  {count / folding:>12,.0f} events per CPU second, {cost}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000)
