"""The organization object and the API tokens of its administrators."""

from __future__ import annotations

from collections.abc import Iterable

from oktahound.sim.ids import ago
from oktahound.sim.mixin import Mixin
from oktahound.sim.world import Json

__all__ = ["OrganizationMixin"]


class OrganizationMixin(Mixin):
    """Mixin for the organization object and for API tokens."""

    def describe_organization(self, *, company: str = "Contoso", status: str = "ACTIVE") -> str:
        """Create the document of ``/api/v1/org``."""
        subdomain = self.world.domain.split(".")[0]
        self.world.organization = {
            "id": self.world.organization.get("id") or self.world.ids.new("00o"),
            "subdomain": subdomain,
            "companyName": company,
            "status": status,
            "expiresAt": None,
            "created": ago(2000),
            "lastUpdated": ago(12),
            "website": "https://www.contoso.com",
            # These three are empty strings if unset, but members of the address are null.
            "phoneNumber": "",
            "endUserSupportHelpURL": "",
            "supportPhoneNumber": "",
            "address1": None,
            "address2": None,
            "city": None,
            "state": None,
            "country": None,
            "postalCode": None,
            "_links": self._organization_links(),
        }
        return str(self.world.organization["id"])

    def _organization_links(self) -> Json:
        return {
            "preferences": self._href("/api/v1/org/preferences"),
            "uploadLogo": self._href("/api/v1/org/logo", "POST"),
            "oktaCommunication": self._href("/api/v1/org/privacy/oktaCommunication"),
            "logo": None,
            "oktaSupport": self._href("/api/v1/org/privacy/oktaSupport"),
            "contacts": self._href("/api/v1/org/contacts"),
        }

    def add_api_token(
        self,
        name: str,
        *,
        user: str,
        client_name: str = "Okta API",
        window: str | None = "P30D",
        created_days_ago: float = 40,
        expires_days_ago: float = -30,
        zones: Iterable[str] = (),
    ) -> str:
        """Add an API token of a user and return its **text**; ``world["api_tokens"]`` holds the document.

        Args:
            name: the name that the user chose.
            user: the id of its owner, whose rights it has.
            client_name: the kind of client that created it.
            window: its lifetime without use, as an ISO 8601 duration; Okta also sends null.
            created_days_ago: days before the org's fixed date (`PRESENT`).
            expires_days_ago: when it expires; negative for a valid token. An expired token is listed, but
                refused.
            zones: ids of the network zones from which it can be used; none for no restriction.
        """
        token_id = self.world.ids.new("00T")
        text = self.world.keep_secret(self.world.ids.secret("api token", prefix="00"))
        self.world["api_tokens"].add(
            {
                "id": token_id,
                "name": name,
                "userId": user,
                "tokenWindow": window,
                "network": _network(list(zones)),
                "clientName": client_name,
                "expiresAt": ago(expires_days_ago),
                "created": ago(created_days_ago),
                "lastUpdated": ago(min(created_days_ago, 1)),
                "_links": {
                    "self": self._href(f"/api/v1/api-tokens/{token_id}", "GET", "DELETE"),
                    "user": self._href(f"/api/v1/users/{user}", "GET"),
                },
            }
        )
        if expires_days_ago <= 0:
            self.credentials.register_api_token(text, token_id)
        return text

    def revoke_api_token(self, text_or_id: str) -> None:
        """Revoke an API token. Requests with it get a 401."""
        token_id = self.credentials.api_token_id(text_or_id) or text_or_id
        self.credentials.revoke_api_token(token_id)
        self.world["api_tokens"].remove(token_id)


def _network(zones: list[str]) -> Json:
    return {"connection": "ZONE", "include": zones} if zones else {"connection": "ANYWHERE"}
