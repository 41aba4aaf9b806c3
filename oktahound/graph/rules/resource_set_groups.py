"""Groups whose members are in a resource set, as the reason why users are in the set.

These kinds come from openhound-okta, in addition to the model of BloodHound's extension for Okta. The users
are ends of `Okta_ResourceSetContains` as well, which does not show the reason.
"""

from __future__ import annotations

from collections.abc import Iterator

from oktahound.entities import Group, GroupMembership, Resource, ResourceSet, User
from oktahound.entities.resource_targets import MembersOf
from oktahound.graph.model import Edge, EdgeKind, rule
from oktahound.graph.org_index import OrgIndex
from oktahound.graph.resources import objects_of

__all__ = ["CONTAINS_INDIRECT", "CONTAINS_MEMBERS_OF", "RULES"]

CONTAINS_MEMBERS_OF = EdgeKind(
    "Okta_ResourceSetContainsMembersOf",
    starts={"Okta_ResourceSet"},
    ends={"Okta_Group"},
    traversable=False,
    why="The set covers the members of the group, but not the group itself.",
    abuse="Gives no right over the group. Adding a user to the group adds the user to the set.",
    cut="Remove the members of the group from the resource set.",
)
CONTAINS_INDIRECT = EdgeKind(
    "Okta_ResourceSetContainsIndirect",
    starts={"Okta_ResourceSet"},
    ends={"Okta_User"},
    traversable=False,
    why="The user is in the set as a member of a group.",
    abuse="Use a role that is assigned over the set on the user.",
    cut="Remove the user from the group, or the members of the group from the resource set.",
)


@rule(
    CONTAINS_MEMBERS_OF,
    CONTAINS_INDIRECT,
    needs=(ResourceSet, Resource, Group, GroupMembership, User),
)
def resource_set_contains_members(org: OrgIndex) -> Iterator[Edge]:
    """The collected groups whose members a set covers, and the members that are not excluded."""
    groups = org.by_id(Group)
    for resources in org.rows(ResourceSet):
        node = resources.node_id(org)
        for resource in org.of(Resource, (resources.id,)):
            if isinstance(target := resource.target, MembersOf):
                if target.group_id in groups:
                    yield CONTAINS_MEMBERS_OF(node, target.group_id)
                for user in objects_of(resource, org):
                    yield CONTAINS_INDIRECT(node, user)


RULES = (resource_set_contains_members,)
