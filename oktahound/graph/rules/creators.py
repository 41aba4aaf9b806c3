"""Creators of API service integrations."""

from __future__ import annotations

from collections.abc import Iterator

from oktahound.entities import ApiServiceIntegration, User
from oktahound.graph.model import Edge, EdgeKind, rule
from oktahound.graph.org_index import OrgIndex

__all__ = ["CREATOR_OF", "RULES"]

CREATOR_OF = EdgeKind(
    "Okta_CreatorOf",
    starts={"Okta_User"},
    ends={"Okta_ApiServiceIntegration"},
    traversable=False,
    why="The user added the integration and saw its secret once, which is not enough for a path.",
    abuse="Use the secret, if the creator kept it, to authenticate as the integration until it is deleted.",
    cut="Rotate the integration's secrets after the set-up, and when the creator leaves.",
)


@rule(CREATOR_OF, needs=(ApiServiceIntegration, User))
def creator_of(org: OrgIndex) -> Iterator[Edge]:
    """The creator of an integration, even if that user has been deactivated or deleted since."""
    for integration in org.rows(ApiServiceIntegration):
        if integration.created_by:
            yield CREATOR_OF(integration.created_by, integration.id)


RULES = (creator_of,)
