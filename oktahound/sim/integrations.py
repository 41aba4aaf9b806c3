"""API service integrations: OAuth clients that an admin added from Okta's catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from oktahound.sim.ids import ago
from oktahound.sim.logs.events import principal
from oktahound.sim.mixin import Mixin, link
from oktahound.sim.world import Json

__all__ = ["FALCON_SHIELD_SCOPES", "IntegrationMixin", "RegisteredIntegration"]

FALCON_SHIELD_SCOPES = (
    "okta.users.read",
    "okta.oauthIntegrations.read",
    "okta.threatInsights.read",
    "okta.devices.read",
    "okta.apiTokens.read",
    "okta.roles.read",
    "okta.logs.read",
    "okta.groups.read",
    "okta.apps.read",
    "okta.domains.read",
    "okta.factors.read",
    "okta.authenticators.read",
    "okta.policies.read",
    "okta.networkZones.read",
    "okta.features.read",
)
"""The scopes of CrowdStrike's Falcon Shield, in the order in which OktaHound's documentation shows them."""


_ADMINISTRATOR = principal("00uSimAdministrator0", "User", "Administrator", "admin@example.com")
"""The default actor of events."""


@attrs.frozen
class RegisteredIntegration:
    """An integration that was just added, with its secrets, which cannot be read later.

    Attributes:
        id: the id of the integration, which is also its OAuth client id.
        secrets: the client secrets by the id of the secret. They are not in the `repr`.
    """

    id: str
    secrets: dict[str, str] = attrs.field(repr=False)


class IntegrationMixin(Mixin):
    """Mixin for API service integrations and their secrets."""

    def add_api_service_integration(
        self,
        name: str,
        *,
        type: str,
        scopes: Iterable[str],
        created_by: str | None = None,
        created_at: str | None = None,
        secrets: int | Iterable[str] = 1,
        properties: Mapping[str, str] | None = None,
        config_guide_url: str | None = None,
    ) -> RegisteredIntegration:
        """Add an integration, which can immediately request tokens with its id and one of its secrets.

        Args:
            name: the name in the catalogue.
            type: the key in the catalogue.
            scopes: granted scopes, in the order in which they are sent.
            created_by: the id of a user, who can be a deleted user; None to omit the field.
            created_at: a time in Okta's format.
            secrets: the number of active secrets, or the status of each secret.
            properties: settings of the integration, if it has any.
            config_guide_url: the URL of the vendor's guide; by default derived from `type`.
        """
        integration_id = self.world.ids.new("0oa")
        here = f"/integrations/api/v1/api-services/{integration_id}"
        document: Json = {
            "id": integration_id,
            "type": type,
            "name": name,
            "createdAt": created_at or ago(90),
            "createdBy": created_by,
            "configGuideUrl": config_guide_url or f"https://docs.example.com/{type}/configuration-guide",
            "grantedScopes": list(scopes),
            "_links": {
                "self": self._href(here, "GET", "DELETE"),
                "client": self._href(f"/oauth2/v1/clients/{integration_id}", "GET"),
                "logo": link(f"https://logo.example.com/{type}_small_logo", name="small"),
            },
        }
        if created_by is None:
            del document["createdBy"]
        if properties is not None:
            document["properties"] = dict(properties)
        self.world["api_services"].add(document)
        self.credentials.register_integration(integration_id, document["grantedScopes"], {})
        if created_by is not None:
            self._log(
                "integration.api_service.lifecycle.authorize",
                created_by,
                [integration_id],
                published=document["createdAt"],
            )
        statuses = ("ACTIVE",) * secrets if isinstance(secrets, int) else tuple(secrets)
        texts = [self._add_secret(integration_id, status, index) for index, status in enumerate(statuses)]
        return RegisteredIntegration(integration_id, dict(texts))

    def add_integration_secret(self, integration: str, *, status: str = "ACTIVE") -> str:
        """Add a secret to an integration and return its **text**."""
        count = len(self.world["api_service_secrets", integration])
        text = self._add_secret(integration, status, count)[1]
        self._log("app.oauth2.credentials.lifecycle.create", _ADMINISTRATOR, [integration])
        return text

    def _add_secret(self, integration: str, status: str, index: int) -> tuple[str, str]:
        secret_id = self.world.ids.new("ocs")
        text = self.world.keep_secret(self.world.ids.secret("client secret"))
        created = ago(80 - 30 * min(index, 2))
        self.world["api_service_secrets", integration].add(
            {
                "id": secret_id,
                "client_secret": "***" + text[-4:],
                "secret_hash": self.world.ids.digest(text),
                "status": status,
                "created": created,
                "lastUpdated": created,
                "_links": self._secret_links(integration, secret_id, status),
            }
        )
        if status == "ACTIVE":
            self.credentials.clients[integration].secrets[secret_id] = text
        return secret_id, text

    def _secret_links(self, integration: str, secret: str, status: str) -> Json:
        here = f"/integrations/api/v1/api-services/{integration}/credentials/secrets/{secret}"
        if status == "ACTIVE":
            return {"deactivate": self._href(f"{here}/lifecycle/deactivate", "POST")}
        return {
            "activate": self._href(f"{here}/lifecycle/activate", "POST"),
            "delete": self._href(here, "DELETE"),
        }

    def deactivate_integration_secret(self, integration: str, secret: str) -> None:
        """Deactivate a secret, so that token requests with it fail."""
        links = self._secret_links(integration, secret, "INACTIVE")
        self.world["api_service_secrets", integration].change(
            secret, lambda document: document.update(status="INACTIVE", lastUpdated=ago(0), _links=links)
        )
        self.credentials.clients[integration].secrets.pop(secret, None)
        self._log("app.oauth2.credentials.lifecycle.deactivate", _ADMINISTRATOR, [integration])

    def revoke_api_service_integration(self, integration: str) -> None:
        """Remove an integration with its secrets and tokens."""
        self._log("integration.api_service.lifecycle.revoke", _ADMINISTRATOR, [integration])
        self.world["api_services"].remove(integration)
        self.world["api_service_secrets", integration].clear()
        self.world["roles", integration].clear()
        self.credentials.clients.pop(integration)
        self.credentials.revoke_access_tokens(integration)
