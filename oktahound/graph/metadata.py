"""The metadata of a graph: its org, the gaps of its snapshot, and the rules that did not run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from oktahound.entities import ENTITIES, time_text
from oktahound.errors import KindError
from oktahound.graph.model import Rule, Unmatched
from oktahound.graph.org_index import OrgIndex
from oktahound.graph.unknown_rights import unknown_permissions, unknown_roles

__all__ = ["RuleSelection", "UnmatchedEndpoints"]


@attrs.frozen
class RuleSelection:
    """The rules that can run on a snapshot, and the rules that are withheld.

    Attributes:
        rules: the rules that run, in order.
        withheld: the other rules by name, each with the incomplete entities that it depends on.
    """

    rules: tuple[Rule, ...]
    withheld: dict[str, list[str]]

    @classmethod
    def of(cls, rules: Iterable[Rule], org: OrgIndex) -> RuleSelection:
        """Check the premises of every rule against a snapshot."""
        rules = tuple(rules)
        unproven = {each.name: each.unproven(org) for each in rules}
        return cls(
            tuple(each for each in rules if not unproven[each.name]),
            {name: missing for name, missing in unproven.items() if missing},
        )

    def metadata(
        self, org: OrgIndex, unmatched: UnmatchedEndpoints, *, parts: Mapping[str, bool]
    ) -> dict[str, Any]:
        """Return the attributes of the whole graph (``graph.graph``); see `oktahound.build_graph`."""
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
            "unknownRoles": unknown_roles(org),
            "unknownPermissions": unknown_permissions(org),
        }


class UnmatchedEndpoints:
    """Counts the edges whose endpoints could not be determined."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str, str]] = Counter()

    def add(self, rule: Rule, edge: Unmatched) -> None:
        """Count an edge of a rule.

        Raises:
            KindError: the rule does not declare that it can yield `Unmatched`.
        """
        if not rule.yields_unmatched:
            raise KindError(f"rule {rule.name} yielded Unmatched, but does not declare yields_unmatched=True")
        self._counts[rule.name, edge.object_id, edge.why] += 1

    def as_list(self) -> list[dict[str, Any]]:
        """Return the counts by rule, object and reason, sorted."""
        return [
            {"rule": rule, "object": object_id, "why": why, "count": count}
            for (rule, object_id, why), count in sorted(self._counts.items())
        ]
