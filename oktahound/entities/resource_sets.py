"""Resource sets, which limit assignments of custom roles."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated

import attrs

from oktahound.entities.parsers import last_segment, resource_link
from oktahound.entities.resource_targets import ResourceTarget, orn_target, resource_target
from oktahound.entities.schema import Context, Entity, Parent, Wire, titled
from oktahound.entities.sources import Endpoint, Option

__all__ = ["BINDINGS", "Resource", "ResourceSet", "ResourceSetBinding", "ResourceSetMember"]

_BUILT_IN = re.compile(r"[A-Z]+(?:_[A-Z]+)+")

BINDINGS = Option("bindings")
"""Option to also read the bindings of each resource set. Every assignment already refers to its set. The
bindings show assignments that are missing in the listings by holder."""


@attrs.frozen(kw_only=True, repr=False)
class ResourceSet(Entity):
    """A set of resources. The ids of Okta's own sets are words, which are equal in every org."""

    KIND = "Okta_ResourceSet"
    PLURAL = "resource_sets"
    SOURCES = (Endpoint("/api/v1/iam/resource-sets", scope="okta.roles.read", rows_key="resource-sets"),)
    DERIVED = titled("The label.", lambda resources, context: resources.label)

    label: Annotated[str | None, Wire(prop="")] = None
    """The name that admins see."""
    description: str | None = None
    """The description."""
    created: datetime | None = None
    """The time at which the set was created."""
    last_updated: datetime | None = None
    """The time at which the set was last changed."""

    def node_id(self, context: Context) -> str:
        """Return the id, with the domain for sets whose id is equal in every org."""
        return f"{self.id}@{context.domain}" if _BUILT_IN.fullmatch(self.id) else self.id


@attrs.frozen(kw_only=True, repr=False)
class Resource(Entity):
    """A member of a resource set: an object, a collection, or a resource that is not an object.

    `link` is its REST URL; some kinds have only an ORN. `excluded` has the ORNs of excluded resources.
    """

    PLURAL = "resources"
    OWNER = ("resource_set_id",)
    SOURCES = (
        Endpoint(
            "/api/v1/iam/resource-sets/{id}/resources",
            scope="okta.roles.read",
            params={"limit": 100},
            rows_key="resources",
            under=ResourceSet,
        ),
    )

    id: str
    """The id of the member of the set. It is not the id of the object that it represents."""
    resource_set_id: Annotated[str, Parent()]
    """The id of the `ResourceSet`."""
    orn: str | None = None
    """The Okta resource name, such as `orn:okta:directory:00o1:groups`."""
    link: Annotated[str | None, Wire("_links.self.href", read=resource_link)] = None
    """The REST URL of the object or collection that it represents. Some kinds have only an ORN."""
    excluded: Annotated[tuple[str, ...] | None, Wire("conditions.Exclude.okta:ORN")] = None
    """The Okta resource names of the resources that are excluded from it."""
    created: datetime | None = None
    """The time at which it was added to the set."""
    last_updated: datetime | None = None
    """The time at which the member was last changed."""

    @property
    def target(self) -> ResourceTarget:
        """The resource that it refers to, before exclusions."""
        return resource_target(self.link, self.orn)

    @property
    def exclusions(self) -> tuple[ResourceTarget, ...]:
        """The excluded resources."""
        return tuple(orn_target(orn) for orn in self.excluded or ())


@attrs.frozen(kw_only=True, repr=False)
class ResourceSetBinding(Entity):
    """The binding of a role to a resource set. `id` is the role's."""

    PLURAL = "resource_set_bindings"
    OWNER = ("resource_set_id",)
    SOURCES = (
        Endpoint(
            "/api/v1/iam/resource-sets/{id}/bindings",
            scope="okta.roles.read",
            rows_key="roles",
            under=ResourceSet,
            option=BINDINGS,
        ),
    )

    id: str
    """The id of the role."""
    resource_set_id: Annotated[str, Parent()]
    """The id of the `ResourceSet`."""


@attrs.frozen(kw_only=True, repr=False)
class ResourceSetMember(Entity):
    """The assignment of a role over a resource set to a user, group or client.

    `id` is the member's id, which may differ from the id of the role assignment. `holder_id` is the id of the
    user, group or client.
    """

    PLURAL = "resource_set_members"
    OWNER = ("resource_set_id", "role_id")
    SOURCES = (
        Endpoint(
            "/api/v1/iam/resource-sets/{set}/bindings/{id}/members",
            scope="okta.roles.read",
            rows_key="members",
            under=ResourceSetBinding,
            ids=lambda binding: {"set": binding.resource_set_id, "id": binding.id},
            option=BINDINGS,
        ),
    )

    id: str
    """The id of the member, which may differ from the id of the role assignment."""
    resource_set_id: Annotated[str, Parent("resource_set_id")]
    """The id of the `ResourceSet`."""
    role_id: Annotated[str, Parent()]
    """The id of the role."""
    holder_id: Annotated[str | None, Wire("_links.self.href", read=last_segment)] = None
    """The id of the user, group or client who holds the role."""
    created: datetime | None = None
    """The time at which the member was added."""
    last_updated: datetime | None = None
    """The time at which the member was last changed."""
