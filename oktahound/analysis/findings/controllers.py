"""Find the holders of direct rights over a node, without the paths that lead to the holders."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from oktahound.analysis.findings.inspection import Inspection
from oktahound.graph import EDGE_KINDS
from oktahound.graph.grants import COVERS, TARGET_SET
from oktahound.graph.merge_properties import joined_assumptions

__all__ = ["Controller", "controllers"]

_CONTAINERS = frozenset(
    {"Okta_Contains", "Okta_RealmContains", "Okta_ResourceSetContains", "OktaHound_Contains"}
)
"""Containment defines the reach of a right over the container. It is not a right itself."""

_RIGHTS = frozenset(
    kind.name
    for kind in EDGE_KINDS.values()
    if kind.traversable and not kind.same_tier and kind.name not in _CONTAINERS
)


@attrs.frozen
class Controller:
    """A node with a right over another node.

    Attributes:
        node: key of the holder's node.
        kind: the kind of the edge that represents the right.
        assumption: the undocumented assumption of the right; None if there is none.
    """

    node: str
    kind: str
    assumption: str | None = None


def controllers(org: Inspection, node: str) -> list[Controller]:
    """Return the holders of traversable, active rights over a node, sorted.

    Rights are edges that an administrator could revoke; memberships, credentials and trusts are not rights.
    """
    return sorted(set(_rights(org, node)), key=lambda each: (each.node, each.kind, each.assumption or ""))


def _rights(org: Inspection, node: str) -> Iterator[Controller]:
    if node not in org.graph:
        return
    for start, _, name, attributes in org.graph.in_edges(node, keys=True, data=True):
        if not attributes.get("active", True):
            continue
        if name == COVERS.name and org.kind(start) == TARGET_SET:
            for each in _rights(org, start):
                assumption = joined_assumptions(each.assumption, attributes.get("assumption"))
                yield Controller(each.node, each.kind, assumption)
        elif name in _RIGHTS:
            yield Controller(start, name, attributes.get("assumption"))
