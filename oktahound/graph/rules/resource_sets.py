"""Members of resource sets."""

from __future__ import annotations

from collections.abc import Iterator

from oktahound.entities import GroupMembership, Resource, ResourceSet
from oktahound.entities.resource_targets import Unresolvable
from oktahound.graph.model import Edge, EdgeKind, Unmatched, rule
from oktahound.graph.org_index import OrgIndex
from oktahound.graph.resources import IN_RESOURCE_SETS, objects_in

__all__ = ["RESOURCE_SET_CONTAINS", "RULES"]

RESOURCE_SET_CONTAINS = EdgeKind(
    "Okta_ResourceSetContains",
    starts={"Okta_ResourceSet"},
    ends={cls.KIND or "" for cls in IN_RESOURCE_SETS},
    traversable=True,
    why="An assignment over the set covers the object. Only the organization leads to a set.",
    abuse="Use a role that is assigned over the set on the object.",
    cut="Remove the object from the resource set.",
)


@rule(
    RESOURCE_SET_CONTAINS,
    needs=(ResourceSet, Resource, *IN_RESOURCE_SETS, GroupMembership),
    yields_unmatched=True,
)
def resource_set_contains(org: OrgIndex) -> Iterator[Edge | Unmatched]:
    """The collected objects to which the members of a set refer, without excluded ones.

    "Members of a group" are the users, not the group.
    """
    for resources in org.rows(ResourceSet):
        node = resources.node_id(org)
        for object_id in objects_in(resources.id, org):
            yield RESOURCE_SET_CONTAINS(node, object_id)
        for resource in org.of(Resource, (resources.id,)):
            yield from _unresolved(node, resource)


def _unresolved(node: str, resource: Resource) -> Iterator[Unmatched]:
    # Workflows, customizations and the like can be members, but are not objects of the model.
    if isinstance(target := resource.target, Unresolvable):
        yield Unmatched(node, f"no object in the graph for {target.text or 'a member without link and ORN'}")
    for target in resource.exclusions:
        if isinstance(target, Unresolvable):
            yield Unmatched(node, f"a member is left out, because it excludes the unknown {target.text}")


RULES = (resource_set_contains,)
