"""API service integrations: machine clients of vendors from Okta's catalogue."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, ClassVar

import attrs

from oktahound.entities.parsers import url_without_user
from oktahound.entities.schema import Derived, Entity, Wire
from oktahound.entities.sources import Endpoint
from oktahound.scopes import OAuthScope, Reach, scope_reach

if TYPE_CHECKING:
    from oktahound.analysis.usage.model import ClientUsage
    from oktahound.snapshot import Snapshot

__all__ = ["ApiServiceIntegration"]


@attrs.frozen(kw_only=True, repr=False)
class ApiServiceIntegration(Entity):
    """An OAuth 2.0 service that an admin added from Okta's catalogue.

    It acts on the whole org with its granted scopes and needs no admin role, although an admin can assign it
    one. Its secrets cannot be read. `oauth_scopes` is sorted and has no duplicates.
    """

    KIND = "Okta_ApiServiceIntegration"
    PLURAL = "api_service_integrations"
    # Okta documents no `limit` for this listing, only the cursor.
    SOURCES = (Endpoint("/integrations/api/v1/api-services", scope="okta.oauthIntegrations.read"),)
    DERIVED = (Derived("displayName", "The name.", lambda integration, context: integration.name),)
    ASSIGNMENT_TYPE: ClassVar[str] = "CLIENT"
    """Okta's value for a role assignment that an OAuth client holds directly."""

    name: str | None = None
    """The name that admins see. It is initially the name in the catalogue."""
    app_type: Annotated[str | None, Wire("type")] = None
    """The type in the Okta Integration Network catalogue. It is the same for every org that adds the
    integration."""
    oauth_scopes: Annotated[tuple[OAuthScope, ...] | None, Wire("grantedScopes")] = None
    """The granted OAuth scopes, sorted and without duplicates."""
    created_at: datetime | None = None
    """The time at which it was added to the org."""
    created_by: str | None = None
    """The id of the user who added it."""
    config_guide_url: Annotated[str | None, Wire(prop="", read=url_without_user)] = None
    """The vendor's configuration guide, without user and password."""

    @property
    def role_path_id(self) -> str:
        """The id in the path of role listings: the integration's own, which is its OAuth client id."""
        return self.id

    def reach(self) -> Reach:
        """Return the operations and powers of its scopes; see `oktahound.analysis.scope_reach`.

        Raises:
            ConfigurationError: the scopes of the integration were not read.
        """
        return scope_reach(self)

    def usage(self, snapshot: Snapshot, *, days: int | None = None) -> ClientUsage:
        """Return its usage according to the System Log; see `oktahound.analysis.usage`.

        Raises:
            ConfigurationError: the log was not read, or is shorter than `days`.
        """
        # Imported here because analysis is above entities.
        from oktahound.analysis.usage.answers import LogEvidence  # noqa: PLC0415

        return LogEvidence(snapshot, days).client(self)
