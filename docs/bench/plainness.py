"""Measure each place where the code trades plainness for speed: ``nox -s bench -- plainness``.

For each place, the code and its plainer version do the same work in turns, in one process. The program prints
the ratio of the least CPU times, and both times with the median and the greatest one in parentheses.
``docs/explanation/speed.md`` lists the places.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

import orjson

import oktahound
from oktahound.collecting import row_store
from oktahound.entities import (
    ENTITIES,
    Derived,
    SharedValues,
    User,
    derived_of,
    fields_of,
    row_reader,
    saved_form,
    structuring,
    time_text,
    time_texts,
)
from oktahound.graph import OrgIndex, build, nodes
from oktahound.sim import SimulatedOrg

Measured = Callable[[], object]


def main() -> None:
    """Print the ratio of each place."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--users", type=int, default=5_000, help="users of the simulated org")
    parser.add_argument("--repeats", type=int, default=7, help="repeats of each measurement")
    given = parser.parse_args()
    org = SimulatedOrg(seed=1, users=given.users)
    with oktahound.OktaClient(org.url, oktahound.ApiToken(org.api_token), transport=org.transport) as client:
        users = client.list("/api/v1/users")
        snapshot = oktahound.collect(client)
    print(f"{given.users} users, {given.repeats} repeats: least CPU seconds (median, greatest)\n")
    for name, (fast, plain) in {
        "generated readers, instead of a loop over the fields": structuring_users(users),
        "plain assignment, instead of the constructor": constructing(users),
        "generated functions for node attributes, instead of a loop over the fields": describing(snapshot),
        "times with orjson, instead of isoformat": writing_times(snapshot),
        "garbage collection paused while structuring": structuring_paused(users),
        "garbage collection paused while building": building(snapshot),
        "shared values": sharing(snapshot),
    }.items():
        compare(name, fast, plain, given.repeats)


def structuring_users(rows: list[Any]) -> tuple[Measured, Measured]:
    """Structure users from JSON, with the generated function and field by field."""
    by_field = structuring._structure_by_field  # noqa: SLF001 - the plain code, used for faulty rows
    return (
        lambda: [structuring.structure(User, row) for row in rows],
        lambda: [by_field(User, row, None) for row in rows],
    )


def constructing(rows: list[Any]) -> tuple[Measured, Measured]:
    """Structure users with and without a call of their constructor."""
    readers = []
    blank_of = row_reader.blank_of
    for replaced in (blank_of, lambda _: None):
        row_reader.blank_of = replaced  # type: ignore[assignment]
        converter = structuring.make_converter()
        readers.append(row_reader.make_reader(User, fields_of(User), converter, lambda *_: None))
    row_reader.blank_of = blank_of
    fast, plain = ((lambda read=read: [read(row, None, SharedValues()) for row in rows]) for read in readers)
    return fast, plain


def describing(snapshot: oktahound.Snapshot) -> tuple[Measured, Measured]:
    """Write the attributes of the nodes of users."""
    org = OrgIndex(snapshot)
    describe = nodes._describer(User)  # noqa: SLF001 - the code that is measured
    derived = {each.name: each for each in derived_of(User)}

    def fast() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for user in snapshot.users:
            attributes: dict[str, Any] = {}
            describe(attributes, user, org)
            found.append(attributes)
        return found

    def plain() -> list[dict[str, Any]]:
        return [attributes_of(user, derived, org) for user in snapshot.users]

    if fast() != plain():
        raise AssertionError("the two ways do not give the same attributes")
    return fast, plain


def attributes_of(user: User, derived: dict[str, Derived], org: OrgIndex) -> dict[str, Any]:
    """Return the attributes of the node of a user, computed field by field."""
    found: dict[str, Any] = {"kind": User.KIND, "oktaDomain": org.domain}
    found["environmentid"] = org.organization_id
    found |= {name: each.of(user, org) for name, each in derived.items()}
    for field in fields_of(User):
        if field.prop is not None and field.prop not in derived:
            value = getattr(user, field.name)
            if isinstance(value, tuple):
                value = [str(item) for item in value]
            found[field.prop] = time_text(value) if isinstance(value, datetime) else value
    return {name: value for name, value in found.items() if value is not None}


def writing_times(snapshot: oktahound.Snapshot) -> tuple[Measured, Measured]:
    """Write the times of users as text."""
    times = [[user.created, user.last_updated, user.status_changed] for user in snapshot.users]

    def plain() -> list[list[str | None]]:
        return [
            [each and each.isoformat(timespec="milliseconds").replace("+00:00", "Z") for each in some]
            for some in times
        ]

    return lambda: [time_texts(list(some)) for some in times], plain


def structuring_paused(rows: list[Any]) -> tuple[Measured, Measured]:
    """Structure the users ten times page by page, and keep them: the effect grows with their number."""
    pages = [orjson.dumps(rows[start : start + 200]) for start in range(0, len(rows), 200)] * 10

    def work() -> list[Any]:
        kept: list[Any] = []
        for page in pages:
            with row_store.without_gc():
                parsed = orjson.loads(page)
                kept += [structuring.structure(User, row)[0] for row in parsed]
                parsed.clear()
        return kept

    return work, without(row_store, work)


def building(snapshot: oktahound.Snapshot) -> tuple[Measured, Measured]:
    """Build the graph."""

    def work() -> object:
        return oktahound.build_graph(snapshot)

    return work, without(build, work)


def without(module: Any, work: Measured) -> Measured:
    """Return a function that does the same work without pausing the garbage collection."""

    @contextlib.contextmanager
    def not_paused() -> Iterator[None]:
        yield

    def plain() -> object:
        paused, module.without_gc = module.without_gc, not_paused
        try:
            return work()
        finally:
            module.without_gc = paused

    return plain


def sharing(snapshot: oktahound.Snapshot) -> tuple[Measured, Measured]:
    """Read all saved rows with and without sharing of equal values. Sharing saves memory, and costs time."""
    lines = [(cls, orjson.dumps(saved_form(row))) for cls in ENTITIES for row in snapshot.rows(cls)]

    def fast() -> list[Any]:
        shared = SharedValues()
        return [structuring.structure_saved(cls, orjson.loads(line), shared) for cls, line in lines]

    def plain() -> list[Any]:
        return [structuring.structure_saved(cls, orjson.loads(line)) for cls, line in lines]

    return fast, plain


def compare(name: str, fast: Measured, plain: Measured, repeats: int) -> None:
    """Measure both in turns and print one line."""
    times: list[list[float]] = [[], []]
    for _ in range(repeats):
        for work, found in zip((fast, plain), times, strict=True):
            gc.collect()
            before = time.process_time()
            kept = work()
            found.append(time.process_time() - before)
            del kept
    print(f"{min(times[0]) / min(times[1]):5.2f}  {name}: {summary(times[0])} : {summary(times[1])}")


def summary(times: Sequence[float]) -> str:
    """Return the least time, with the median and the greatest one in parentheses."""
    return f"{min(times):.3f} ({statistics.median(times):.3f}, {max(times):.3f})"


if __name__ == "__main__":
    main()
