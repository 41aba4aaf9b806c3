"""Comparison of the two kinds of OAuth 2.0 machine clients of an org.

Both get tokens by client credentials from the org's authorization server. They differ in most other ways,
and the differences decide which edges are possible. Rules and documentation use this table.
Sources: Okta's help on API service integrations and its management API description
(``/integrations/api/v1/api-services`` has no endpoint for keys, roles or assignment).
"""

from __future__ import annotations

import attrs

__all__ = ["API_SERVICE_INTEGRATION", "OAUTH_CLIENTS", "SERVICE_APPLICATION", "OAuthClientTraits"]


@attrs.frozen(kw_only=True)
class OAuthClientTraits:
    """The properties of all clients of one kind.

    Attributes:
        kind: the node kind in the graph.
        made_by_hand: an admin can create a client of this kind.
        from_catalogue: it can be added from the Okta Integration Network catalogue.
        needs_role_assignment: a scope has no effect without an assigned admin role. An API
            service integration can hold a role, and does not need one.
        client_secrets: it can authenticate with a client secret.
        private_keys: it can authenticate with a private key (``private_key_jwt``).
        secret_readable: admins can read an existing secret in clear text.
    """

    kind: str
    made_by_hand: bool
    from_catalogue: bool
    needs_role_assignment: bool
    client_secrets: bool
    private_keys: bool
    secret_readable: bool


API_SERVICE_INTEGRATION = OAuthClientTraits(
    kind="Okta_ApiServiceIntegration",
    made_by_hand=False,
    from_catalogue=True,
    needs_role_assignment=False,
    client_secrets=True,
    private_keys=False,
    secret_readable=False,
)
"""API service integrations."""

SERVICE_APPLICATION = OAuthClientTraits(
    kind="Okta_Application",
    made_by_hand=True,
    from_catalogue=False,
    needs_role_assignment=True,
    client_secrets=True,
    private_keys=True,
    secret_readable=True,
)
"""Service applications: OIDC applications of type ``service``."""

OAUTH_CLIENTS = (API_SERVICE_INTEGRATION, SERVICE_APPLICATION)
"""The traits of both kinds."""
