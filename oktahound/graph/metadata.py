"""Metadata of a graph: its org, and what is missing in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from oktahound.entities import ENTITIES, time_text
from oktahound.errors import KindError
from oktahound.graph.model import Rule, Unmatched
from oktahound.graph.org_index import OrgIndex

__all__ = ["Running", "UnmatchedEndpoints"]


@attrs.frozen
class Running:
    """The rules of a graph that can run on a snapshot, and those that are withheld.

    Attributes:
        rules: the rules that run, in order.
        withheld: the other rules by name, each with the incomplete entities that it depends on.
    """

    rules: tuple[Rule, ...]
    withheld: dict[str, list[str]]

    @classmethod
    def of(cls, rules: Iterable[Rule], org: OrgIndex) -> Running:
        """Check the premises of every rule."""
        rules = tuple(rules)
        unproven = {each.name: each.unproven(org) for each in rules}
        return cls(
            tuple(each for each in rules if not unproven[each.name]),
            {name: missing for name, missing in unproven.items() if missing},
        )

    def about(
        self, org: OrgIndex, unmatched: UnmatchedEndpoints, *, parts: Mapping[str, bool]
    ) -> dict[str, Any]:
        """Return the attributes of the whole graph, as described at `oktahound.build_graph`."""
        snapshot = org.snapshot
        return {
            "organization": snapshot.organization.id,
            "oktaDomain": snapshot.domain,
            "collectedAt": time_text(snapshot.collected_at),
            **parts,
            "gaps": [gap.as_dict() for gap in snapshot.gaps],
            "notAsked": [cls.__name__ for cls in ENTITIES if cls.__name__ not in snapshot.asked],
            "unsure": {each.name: missing for each in self.rules if (missing := each.incomplete(org))},
            "withheld": self.withheld,
            "unmatched": unmatched.as_list(),
        }


class UnmatchedEndpoints:
    """Counts the edges whose endpoints could not be determined."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str, str]] = Counter()

    def note(self, rule: Rule, found: Unmatched) -> None:
        """Count one.

        Raises:
            KindError: the rule does not declare that it can yield `Unmatched`.
        """
        if not rule.untold:
            raise KindError(f"rule {rule.name} yielded Unmatched, but does not declare untold=True")
        self._counts[rule.name, found.object_id, found.why] += 1

    def as_list(self) -> list[dict[str, Any]]:
        """Return all of them with their counts, in a stable order."""
        return [
            {"rule": rule, "object": object_id, "why": why, "count": count}
            for (rule, object_id, why), count in sorted(self._counts.items())
        ]
