"""What the organization contains."""

from __future__ import annotations

from collections.abc import Iterator

from oktahound.entities import ApiServiceIntegration, Organization, User
from oktahound.graph.model import Edge, EdgeKind, rule
from oktahound.graph.view import OrgView

__all__ = ["CONTAINED", "CONTAINS", "RULES"]

CONTAINED = (User, ApiServiceIntegration)
"""The entities that the organization contains; credentials and role assignments hang off their holders."""

CONTAINS = EdgeKind(
    "Okta_Contains",
    starts={"Okta_Organization"},
    ends={cls.KIND for cls in CONTAINED},
    traversable=True,
    why="Who owns the tenant owns every object in it.",
)


@rule(CONTAINS, needs=(Organization, *CONTAINED))
def contains(view: OrgView) -> Iterator[Edge]:
    """The organization contains every object that was read of the contained kinds."""
    for cls in CONTAINED:
        for row in view.rows(cls):
            yield CONTAINS(view.organization_id, row.id)


RULES = (contains,)
