"""Group the gaps of a graph by entity, as reasons why findings may be incomplete."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import attrs
import networkx as nx

from oktahound.entities import ENTITIES
from oktahound.snapshot import GapReason

__all__ = ["Loss", "losses_of"]


@attrs.frozen
class Loss:
    """Rows or fields of an entity that were not read for one reason.

    Attributes:
        text: the entity, the request and the reason.
        entirely: whether no row of the entity was read because of it.
        loses_rows: whether rows are missing, and not only fields.
    """

    text: str
    entirely: bool
    loses_rows: bool


def losses_of(graph: nx.MultiDiGraph[str]) -> Mapping[str, Sequence[Loss]]:
    """Return the losses of each entity by class name. Gaps that differ only in the object are one loss."""
    found: dict[str, list[Loss]] = {}
    for name in graph.graph["notAsked"]:
        found.setdefault(name, []).append(Loss(f"{name} was not requested", True, True))
    counts: Counter[tuple[str, str, str, str, bool]] = Counter()
    for gap in graph.graph["gaps"]:
        if gap["reason"] != GapReason.CONFLICT:
            counts[_group(gap)] += 1
    for (name, request, reason, status, whole), count in sorted(counts.items()):
        loses_rows = reason != GapReason.FIELD
        gaps = "" if whole else f" ({count} gaps)"
        text = f"{name} was not read completely: {request}{gaps}: {reason}{status}"
        # If the listing of the whole org was refused, there are no rows, except for entities with several.
        entirely = whole and name in _ONE_LISTING and reason in _NOTHING_READ
        found.setdefault(name, []).append(Loss(text, entirely, loses_rows))
    return found


def _group(gap: Mapping[str, Any]) -> tuple[str, str, str, str, bool]:
    status = f" [{gap['status']}]" if "status" in gap else ""
    whole = "parent" not in gap and "record" not in gap and not gap.get("rowsRead")
    return gap["entity"], gap["request"], gap["reason"], status, whole


_NOTHING_READ = frozenset({GapReason.FORBIDDEN.value, GapReason.NOT_LICENSED.value})
_ONE_LISTING = frozenset(cls.__name__ for cls in ENTITIES if len(cls.SOURCES) == 1)
