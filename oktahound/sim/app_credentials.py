"""Credentials of applications: client secrets, public keys, signing keys, and granted scopes."""

from __future__ import annotations

from oktahound.sim.ids import ago
from oktahound.sim.mixin import Mixin
from oktahound.sim.saml import public_key
from oktahound.sim.world import Json

__all__ = ["AppCredentialMixin"]


class AppCredentialMixin(Mixin):
    """Methods of `SimulatedOrg` for secrets, keys and grants of OAuth applications."""

    def add_app_secret(self, app: str, *, status: str = "ACTIVE") -> str:
        """Add a client secret to an application and return its **text**."""
        return self._put_app_secret(app, status)[1]

    def _put_app_secret(self, app: str, status: str) -> tuple[str, str]:
        secret = self.world.ids.new("ocs")
        text = self.world.keep_secret(self.world.ids.secret("app secret"))
        here = f"/api/v1/apps/{app}/credentials/secrets/{secret}"
        self.world["app_secrets", app].add(
            {
                "id": secret,
                "created": ago(120),
                "lastUpdated": ago(120),
                "status": status,
                "client_secret": text,
                "secret_hash": self.world.ids.digest(text),
                "_links": self._lifecycle(here, status),
            }
        )
        return secret, text

    def _lifecycle(self, here: str, status: str) -> Json:
        if status == "ACTIVE":
            return {"deactivate": self._href(f"{here}/lifecycle/deactivate", "POST")}
        return {
            "activate": self._href(f"{here}/lifecycle/activate", "POST"),
            "delete": self._href(here, "DELETE"),
        }

    def add_app_key(self, app: str, *, status: str = "ACTIVE", use: str = "sig") -> str:
        """Add a public key to an application, whose document contains it too."""
        key = self.world.ids.new("pks")
        document = {
            "kty": "RSA",
            "e": "AQAB",
            # No client signs with this key, so any text of the length of a 2048-bit modulus is sufficient.
            "n": "".join(self.world.ids.opaque("modulus", 57) for _ in range(6)),
            "id": key,
            "kid": self.world.ids.opaque("kid", 43),
            "use": use,
            "created": ago(70),
            "lastUpdated": ago(70),
            "status": status,
            "_links": self._lifecycle(f"/api/v1/apps/{app}/credentials/jwks/{key}", status),
        }
        self.world["app_keys", app].add(document)
        embedded = {name: held for name, held in document.items() if name != "_links"}

        def embed(application: Json) -> None:
            application["settings"]["oauthClient"].setdefault("jwks", {"keys": []})["keys"].append(embedded)

        self.world["apps"].change(app, embed)
        return key

    def add_signing_key(
        self, app: str, *, expires_days_ago: float = -1825, created_days_ago: float = 200, use: bool = True
    ) -> str:
        """Generate a key with which Okta signs assertions of an application, and return its id.

        Args:
            app: the id of the application.
            expires_days_ago: when the certificate expires; negative for a time in the future.
            created_days_ago: when it was created.
            use: whether the application signs with it from now on.
        """
        kid = self.world.ids.opaque("kid")
        self._put_signing_key(app, kid, created_days_ago, expires_days_ago)
        if use:
            self._sign_with(app, kid)
        return kid

    def share_signing_key(self, source: str, target: str, *, use: bool = True) -> str:
        """Copy the signing key of one application to another, and return its id.

        Args:
            source: the id of the application that has the key.
            target: the id of the application that gets it.
            use: whether the target signs with it from now on.
        """
        kid = str(self.world["apps"][source]["credentials"]["signing"]["kid"])
        document = self.world["signing_keys", source][kid]
        self.world["signing_keys", target].put(kid, {**document, "created": ago(20), "lastUpdated": ago(20)})
        if use:
            self._sign_with(target, kid)
        return kid

    def _sign_with(self, app: str, kid: str) -> None:
        def choose(document: Json) -> None:
            document["credentials"]["signing"]["kid"] = kid

        self.world["apps"].change(app, choose)

    def _put_signing_key(self, app: str, kid: str, created_days_ago: float, expires_days_ago: float) -> None:
        self.world["signing_keys", app].put(
            kid, public_key(self.world.ids, kid, created_days_ago, expires_days_ago)
        )

    def grant_scope(self, app: str, scope: str, *, created_by: str) -> str:
        """Grant a scope to an application."""
        document = self.world["apps"][app]
        client = document["credentials"]["oauthClient"]["client_id"]
        grant = self.world.ids.new("oag")
        here = f"/api/v1/apps/{app}"
        self.world["app_grants", app].add(
            {
                "id": grant,
                "status": "ACTIVE",
                "created": ago(65),
                "createdBy": {"id": created_by, "type": "User"},
                "lastUpdated": ago(65),
                "issuer": self.world.url,
                "clientId": client,
                "scopeId": scope,
                "source": "ADMIN",
                "_links": {
                    "app": {**self._href(here), "title": document["label"]},
                    "self": self._href(f"{here}/grants/{grant}", "GET", "DELETE"),
                    "client": {**self._href(f"/oauth2/v1/clients/{client}"), "title": document["label"]},
                },
            }
        )
        return grant
