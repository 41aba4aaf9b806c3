"""Edge kinds of the SAML schema that several collectors share. None of them is traversable."""

from __future__ import annotations

from collections.abc import Iterable

from oktahound.graph.model import EdgeKind
from oktahound.graph.saml import ids

__all__ = [
    "ELIGIBLE_FOR",
    "HAS_ACCOUNT",
    "HAS_ACCOUNT_RESOLUTION_RULE",
    "HAS_ACCOUNT_RESOLUTION_VALUE",
    "HAS_ASSERTION_CONSUMER_SERVICE",
    "HAS_CLAIM_MAPPING",
    "HAS_CLAIM_VALUE",
    "IMPLEMENTS",
    "ISSUES_AS",
    "ISSUES_ASSERTIONS_TO",
    "TRUSTS_ISSUER",
    "USES_ACCOUNT_RESOLUTION_FIELD",
]


def _kind(
    name: str, start: str | Iterable[str], end: str | Iterable[str], *, why: str, abuse: str, cut: str
) -> EdgeKind:
    return EdgeKind(
        f"SAML_{name}",
        starts={start} if isinstance(start, str) else start,
        ends={end} if isinstance(end, str) else end,
        traversable=False,
        why=why,
        abuse=abuse,
        cut=cut,
    )


IMPLEMENTS = _kind(
    "Implements",
    {"Okta_Application", "Okta_IdentityProvider"},
    {ids.FEDERATION_PROVIDER, ids.SERVICE_PROVIDER},
    why="The application or identity provider is the SAML role.",
    abuse="Gives no right. Control of the application or the identity provider is control of the role.",
    cut="Deactivate the application or the identity provider if no user signs in through it.",
)
ISSUES_AS = _kind(
    "IssuesAs",
    ids.FEDERATION_PROVIDER,
    ids.ISSUER,
    why="Assertions of the provider contain the issuer.",
    abuse="Gives no right. A forged assertion must contain this issuer.",
    cut="Use a separate issuer for each application, so that one cannot impersonate another.",
)
ISSUES_ASSERTIONS_TO = _kind(
    "IssuesAssertionsTo",
    ids.FEDERATION_PROVIDER,
    ids.ASSERTION_CONSUMER_SERVICE,
    why="The provider sends assertions to the endpoint.",
    abuse="Gives no right. It shows the URL and the audience for a forged assertion.",
    cut="Remove endpoints that the service provider no longer uses.",
)
HAS_CLAIM_MAPPING = _kind(
    "HasClaimMapping",
    ids.FEDERATION_PROVIDER,
    ids.CLAIM_MAPPING,
    why="Assertions of the provider contain the claim.",
    abuse="Change the user attribute that is the source of the claim, and be identified as another user.",
    cut="For claims that control access, use attributes that users cannot change themselves.",
)
ELIGIBLE_FOR = _kind(
    "EligibleFor",
    "Okta_User",
    ids.FEDERATION_PROVIDER,
    why="The user can obtain an assertion of the provider, with the values in the edge's properties.",
    abuse="Sign in as the user, open the application and use the account that these values select.",
    cut="Remove the assignment of users who do not need the application.",
)
HAS_CLAIM_VALUE = _kind(
    "HasClaimValue",
    "Okta_User",
    ids.CLAIM_MAPPING,
    why="Assertions about the user contain the claim with the value in the edge's properties.",
    abuse="Sign in as the user to service providers that grant access by this value.",
    cut="Change the user's attribute, or remove the claim from the application.",
)
TRUSTS_ISSUER = _kind(
    "TrustsIssuer",
    ids.SERVICE_PROVIDER,
    ids.ISSUER,
    why="Okta accepts assertions that contain the issuer and are signed with its key.",
    abuse="Sign an assertion with the issuer's key and sign in to Okta as any user that it can select.",
    cut="Deactivate the identity provider, or limit the users who can be linked to it.",
)
HAS_ASSERTION_CONSUMER_SERVICE = _kind(
    "HasAssertionConsumerService",
    ids.SERVICE_PROVIDER,
    ids.ASSERTION_CONSUMER_SERVICE,
    why="Okta receives assertions of the identity provider at the endpoint.",
    abuse="Gives no right. It shows the URL and the audience for a forged assertion.",
    cut="Deactivate the identity provider if no user signs in through it.",
)
HAS_ACCOUNT_RESOLUTION_RULE = _kind(
    "HasAccountResolutionRule",
    ids.SERVICE_PROVIDER,
    ids.ACCOUNT_RESOLUTION_RULE,
    why="Okta finds the user of an assertion by the rule, without a link to the account.",
    abuse="Have the identity provider assert the login of a user who has never used it.",
    cut="Disable automatic account linking, or limit it to groups without administrators.",
)
USES_ACCOUNT_RESOLUTION_FIELD = _kind(
    "UsesAccountResolutionField",
    ids.ACCOUNT_RESOLUTION_RULE,
    ids.ACCOUNT_RESOLUTION_FIELD,
    why="The rule compares the assertion with the field.",
    abuse="Gives no right. It shows the required content of a forged assertion.",
    cut="Compare an attribute that outsiders do not know and cannot choose.",
)
HAS_ACCOUNT = _kind(
    "HasAccount",
    ids.SERVICE_PROVIDER,
    "Okta_User",
    why="An assertion of the identity provider can select the user by the values in the edge's properties.",
    abuse="Have the identity provider assert one of the values and sign in to Okta as the user.",
    cut="Unlink the user, disable automatic account linking, or require an Okta factor after the sign-in.",
)
HAS_ACCOUNT_RESOLUTION_VALUE = _kind(
    "HasAccountResolutionValue",
    "Okta_User",
    ids.ACCOUNT_RESOLUTION_FIELD,
    why="The field has the value for the user.",
    abuse="Gives no right. It is the value by which an assertion selects the user.",
    cut="Keep logins of administrators different from names that the identity provider can assert.",
)
