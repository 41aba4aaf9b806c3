"""The organization contains the objects of kinds that are oktahound's own."""

from __future__ import annotations

from collections.abc import Iterator

from oktahound.entities import (
    AiAgent,
    Entity,
    EventHook,
    GroupRule,
    InlineHook,
    LogStream,
    McpServer,
    NetworkZone,
    ServiceAccount,
)
from oktahound.graph.model import Edge, EdgeKind, rule
from oktahound.graph.org_index import OrgIndex

__all__ = ["CONTAINED", "CONTAINS_OWN", "RULES"]

CONTAINED: tuple[type[Entity], ...] = (
    GroupRule,
    InlineHook,
    EventHook,
    AiAgent,
    McpServer,
    ServiceAccount,
    LogStream,
    NetworkZone,
)
"""The entities beyond the model that the organization contains."""

CONTAINS_OWN = EdgeKind(
    "OktaHound_Contains",
    starts={"Okta_Organization"},
    ends={cls.KIND or "" for cls in CONTAINED},
    traversable=True,
    why="Control of the tenant is control of every object in it.",
    abuse="Use a super administrator's rights on the object.",
    cut="Cannot be cut: reduce who controls the organization instead.",
)


@rule(CONTAINS_OWN, needs=CONTAINED)
def contains_own(org: OrgIndex) -> Iterator[Edge]:
    """The organization contains every object that was read of these kinds."""
    for cls in CONTAINED:
        for row in org.rows(cls):
            node = row.node_id(org)
            if node is not None:
                yield CONTAINS_OWN(org.organization_id, node)


RULES = (contains_own,)
