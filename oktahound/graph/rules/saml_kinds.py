"""Edge kinds of the SAML schema that several collectors share. None of them is traversable: they explain."""

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
    why="Assertions of the provider name the issuer.",
    abuse="Gives no right. A forged assertion has to name this issuer.",
    cut="Use a separate issuer for each application, so that one cannot impersonate another.",
)
ISSUES_ASSERTIONS_TO = _kind(
    "IssuesAssertionsTo",
    ids.FEDERATION_PROVIDER,
    ids.ASSERTION_CONSUMER_SERVICE,
    why="The provider sends assertions to the endpoint.",
    abuse="Gives no right. It tells an attacker where to post an assertion, and for which audience.",
    cut="Remove endpoints that the service provider no longer uses.",
)
HAS_CLAIM_MAPPING = _kind(
    "HasClaimMapping",
    ids.FEDERATION_PROVIDER,
    ids.CLAIM_MAPPING,
    why="Assertions of the provider contain the claim.",
    abuse="Change the attribute of a user that the claim is made of, and be identified as another user.",
    cut="Fill claims that decide about access from attributes that users cannot change themselves.",
)
ELIGIBLE_FOR = _kind(
    "EligibleFor",
    "Okta_User",
    ids.FEDERATION_PROVIDER,
    why="The user can obtain an assertion of the provider, with the values that the edge carries.",
    abuse="Sign in as the user, open the application and use the account that these values select.",
    cut="Remove the assignment of users who do not need the application.",
)
HAS_CLAIM_VALUE = _kind(
    "HasClaimValue",
    "Okta_User",
    ids.CLAIM_MAPPING,
    why="Assertions about the user contain the claim with the value that the edge carries.",
    abuse="Use the user where a service provider decides by this value.",
    cut="Change the user's attribute, or take the claim out of the application.",
)
TRUSTS_ISSUER = _kind(
    "TrustsIssuer",
    ids.SERVICE_PROVIDER,
    ids.ISSUER,
    why="Okta accepts assertions that name the issuer and are signed with its key.",
    abuse="Sign an assertion with the issuer's key and sign in to Okta as a user whom it can name.",
    cut="Deactivate the identity provider, or limit the users who can be linked to it.",
)
HAS_ASSERTION_CONSUMER_SERVICE = _kind(
    "HasAssertionConsumerService",
    ids.SERVICE_PROVIDER,
    ids.ASSERTION_CONSUMER_SERVICE,
    why="Okta receives assertions of the identity provider at the endpoint.",
    abuse="Gives no right. It tells an attacker where to post an assertion, and for which audience.",
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
    abuse="Gives no right. It tells an attacker what the assertion has to contain.",
    cut="Compare an attribute that outsiders do not know and cannot choose.",
)
HAS_ACCOUNT = _kind(
    "HasAccount",
    ids.SERVICE_PROVIDER,
    "Okta_User",
    why="An assertion of the identity provider can select the user, by the values that the edge carries.",
    abuse="Have the identity provider assert one of the values and sign in to Okta as the user.",
    cut="Unlink the user, disable automatic account linking, or require an Okta factor after the sign-in.",
)
HAS_ACCOUNT_RESOLUTION_VALUE = _kind(
    "HasAccountResolutionValue",
    "Okta_User",
    ids.ACCOUNT_RESOLUTION_FIELD,
    why="The field holds the value for the user.",
    abuse="Gives no right. It is the value by which an assertion selects the user.",
    cut="Keep logins of administrators different from names that the identity provider can assert.",
)
