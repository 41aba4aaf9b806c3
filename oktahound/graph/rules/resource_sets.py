"""What resource sets hold."""

from __future__ import annotations

from collections.abc import Iterator

from oktahound.entities import GroupMembership, Resource, ResourceSet
from oktahound.graph.model import Edge, EdgeKind, rule
from oktahound.graph.resources import IN_RESOURCE_SETS, objects_in
from oktahound.graph.view import OrgView

__all__ = ["RESOURCE_SET_CONTAINS", "RULES"]

RESOURCE_SET_CONTAINS = EdgeKind(
    "Okta_ResourceSetContains",
    starts={"Okta_ResourceSet"},
    ends={cls.KIND or "" for cls in IN_RESOURCE_SETS},
    traversable=True,
    why="What is assigned over the set reaches the object. Nothing but the organization leads into a set.",
)


@rule(RESOURCE_SET_CONTAINS, needs=(ResourceSet, Resource, *IN_RESOURCE_SETS, GroupMembership))
def resource_set_contains(view: OrgView) -> Iterator[Edge]:
    """The collected objects behind the members of a set, without what the members exclude.

    "Members of a group" stands for the users and not for the group.
    """
    for resources in view.rows(ResourceSet):
        node = resources.node_id(view)
        for object_id in objects_in(resources.id, view):
            yield RESOURCE_SET_CONTAINS(node, object_id)


RULES = (resource_set_contains,)
