"""Identity providers: the users that they can sign in, and the groups to which they add users."""

from __future__ import annotations

from collections.abc import Iterator

from oktahound.entities import IdentityProvider, IdentityProviderUser
from oktahound.graph.model import Edge, EdgeKind, rule
from oktahound.graph.org_index import OrgIndex

__all__ = ["IDENTITY_PROVIDER_FOR", "IDP_GROUP_ASSIGNMENT", "RULES"]

IDENTITY_PROVIDER_FOR = EdgeKind(
    "Okta_IdentityProviderFor",
    starts={"Okta_IdentityProvider"},
    ends={"Okta_User"},
    traversable=True,
    why="The provider is linked to the user, so its operator can sign in as the user.",
    abuse="Have the provider assert the user and sign in to Okta without the user's password.",
    cut="Unlink the user from the provider, or require an Okta factor after the federated sign-in.",
    same_tier=True,
)

IDP_GROUP_ASSIGNMENT = EdgeKind(
    "Okta_IdpGroupAssignment",
    starts={"Okta_IdentityProvider"},
    ends={"Okta_Group"},
    traversable=False,
    why="Users who sign in through the provider can be added to the group.",
    abuse="Sign in through the provider, which adds the user to the group.",
    cut="Remove the group from the provider's assignments or filter, above all if it holds roles.",
)


@rule(IDENTITY_PROVIDER_FOR, needs=(IdentityProvider, IdentityProviderUser))
def identity_provider_for(org: OrgIndex) -> Iterator[Edge]:
    """The users who are linked to a provider."""
    for user in org.rows(IdentityProviderUser):
        yield IDENTITY_PROVIDER_FOR(user.idp_id, user.id, externalId=user.external_id)


@rule(IDP_GROUP_ASSIGNMENT, needs=(IdentityProvider,))
def idp_group_assignment(org: OrgIndex) -> Iterator[Edge]:
    """The groups to which a provider's policy adds users, depending on its action."""
    for idp in org.rows(IdentityProvider):
        for group in idp.governed_group_ids:
            yield IDP_GROUP_ASSIGNMENT(
                idp.id, group, action=idp.group_action, sourceAttributeName=idp.group_source_attribute
            )


RULES = (identity_provider_for, idp_group_assignment)
