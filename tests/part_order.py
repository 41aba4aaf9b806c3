"""Run the tests of lower layers first, and name the first failing test of each part of the package.

A broken part makes tests of the parts above it fail as well. The lowest part in the summary is the one
to look at.
"""

from __future__ import annotations

from collections.abc import Iterable

# The folders of tests/, ordered like the layers of the package: a part comes after the parts it imports.
LAYERS = (
    "client",
    "scopes",
    "system_log",
    "entities",
    "snapshot",
    "sim",
    "collecting",
    "graph",
    "sinks",
    "bloodhound",
    "analysis",
    "plot",
    "reporting",
)


def part_of(nodeid: str) -> str:
    """Return the part that a test belongs to: its folder below ``tests``, or its module's name."""
    pieces = nodeid.partition("::")[0].split("/")
    return pieces[1].removesuffix(".py") if len(pieces) > 1 else pieces[0]


def layer(nodeid: str) -> int:
    """Return the position of a test's part among the layers; tests of several parts come last."""
    part = part_of(nodeid)
    return LAYERS.index(part) if part in LAYERS else len(LAYERS)


def first_failures(nodeids: Iterable[str]) -> dict[str, str]:
    """Return the first failing test of each part, with the lowest layer first."""
    first: dict[str, str] = {}
    for nodeid in sorted(nodeids, key=layer):
        first.setdefault(part_of(nodeid), nodeid)
    return first
