"""Identity providers, authorization servers, and policies with their rules and mappings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from oktahound.sim.ids import ago
from oktahound.sim.mixin import Mixin
from oktahound.sim.saml import public_key
from oktahound.sim.world import Json

__all__ = ["FederationMixin"]

_APP_POLICIES = frozenset({"ACCESS_POLICY", "PROFILE_ENROLLMENT"})


class FederationMixin(Mixin):
    """Mixin for identity providers, authorization servers and policies."""

    def add_identity_provider(
        self,
        name: str,
        *,
        type: str = "OIDC",
        status: str = "ACTIVE",
        issuer: str = "https://idp.example.com",
        provisioning: str = "AUTO",
        groups: Iterable[str] = (),
        users: Mapping[str, str] | None = None,
        key: str | None = None,
    ) -> str:
        """Add an identity provider.

        Args:
            name: the display name.
            type: OIDC, SAML2, GOOGLE, MICROSOFT, ….
            status: ACTIVE or INACTIVE.
            issuer: the URL of the issuer.
            provisioning: AUTO if unknown people become users when they sign in, else DISABLED.
            groups: the groups to which such users are added.
            users: the linked users, with their ids at the provider.
            key: for SAML2, the id of the key whose signatures Okta accepts; None for a new key.
        """
        idp = self.world.ids.new("0oa")
        here = f"/api/v1/idps/{idp}"
        self.world["idps"].add(
            {
                "id": idp,
                "type": type,
                "issuerMode": "ORG_URL",
                "name": name,
                "status": status,
                "created": ago(330),
                "lastUpdated": ago(33),
                "protocol": self._saml(issuer, key) if type == "SAML2" else self._oidc(type, issuer),
                "policy": _idp_policy(provisioning, list(groups)),
                "_links": {"users": self._href(f"{here}/users", "GET"), **self._saml_links(idp, type)},
            }
        )
        for user, external in (users or {}).items():
            self.world["idp_users", idp].put(
                user,
                {
                    "id": user,
                    "externalId": external,
                    "created": ago(80),
                    "lastUpdated": ago(80),
                    "profile": {"email": self.world["users"][user]["profile"]["email"]},
                    "_links": {
                        "self": self._href(f"{here}/users/{user}", "GET", "DELETE"),
                        "idp": self._href(here),
                        "user": self._href(f"/api/v1/users/{user}"),
                    },
                },
            )
        return idp

    def _saml_links(self, idp: str, type: str) -> Json:
        if type != "SAML2":
            return {}
        return {
            "acs": {**self._href(f"/sso/saml2/{idp}", "POST"), "type": "application/xml"},
            "metadata": {**self._href(f"/api/v1/idps/{idp}/metadata.xml", "GET"), "type": "application/xml"},
        }

    def _oidc(self, type: str, issuer: str) -> Json:
        # Okta returns the client secret of OpenID Connect and social providers in clear text.
        secret = self.world.keep_secret(self.world.ids.secret("idp secret"))
        return {
            "type": "OIDC" if type in {"OIDC", "MICROSOFT", "GOOGLE"} else "OAUTH2",
            "endpoints": {
                "authorization": {"url": f"{issuer}/authorize", "binding": "HTTP-REDIRECT"},
                "token": {"url": f"{issuer}/token", "binding": "HTTP-POST"},
            },
            "scopes": ["openid", "profile", "email"],
            "issuer": {"url": issuer},
            "credentials": {
                "client": {"client_id": self.world.ids.opaque("idp client"), "client_secret": secret}
            },
        }

    def add_trusted_key(self, *, expires_days_ago: float = -1825, created_days_ago: float = 330) -> str:
        """Add a certificate of an identity provider to the organization, and return the id of its key.

        Args:
            expires_days_ago: when the certificate expires; negative for a time in the future.
            created_days_ago: when it was added.
        """
        kid = self.world.ids.opaque("idp kid")
        self.world["trusted_keys"].put(
            kid, public_key(self.world.ids, kid, created_days_ago, expires_days_ago)
        )
        return kid

    def _saml(self, issuer: str, key: str | None) -> Json:
        return {
            "type": "SAML2",
            "endpoints": {
                "sso": {"url": f"{issuer}/saml2", "binding": "HTTP-POST", "destination": f"{issuer}/saml2"},
                "acs": {"binding": "HTTP-POST", "type": "INSTANCE"},
            },
            "algorithms": {"request": {"signature": {"algorithm": "SHA-256", "scope": "REQUEST"}}},
            "settings": {"nameFormat": "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"},
            "credentials": {
                "trust": {
                    "issuer": issuer,
                    "audience": self.world.url,
                    "kid": key or self.add_trusted_key(),
                },
                "signing": {"kid": self.world.ids.opaque("idp kid")},
            },
        }

    def add_authorization_server(
        self, name: str, *, audiences: Iterable[str] = ("api://default",), status: str = "ACTIVE"
    ) -> str:
        """Add a custom authorization server."""
        server = self.world.ids.new("aus")
        here = f"/api/v1/authorizationServers/{server}"
        self.world["authorization_servers"].add(
            {
                "id": server,
                "name": name,
                "description": f"Issues tokens for {name}",
                "audiences": list(audiences),
                "issuer": f"{self.world.url}/oauth2/{server}",
                "issuerMode": "ORG_URL",
                "status": status,
                "created": ago(380),
                "lastUpdated": ago(38),
                "credentials": {
                    "signing": {"rotationMode": "AUTO", "kid": self.world.ids.opaque("server kid")}
                },
                "_links": {
                    "self": self._href(here, "GET", "DELETE", "PUT"),
                    "scopes": self._href(f"{here}/scopes", "GET", "POST"),
                    "claims": self._href(f"{here}/claims", "GET", "POST"),
                    "policies": self._href(f"{here}/policies", "GET", "POST"),
                },
            }
        )
        return server

    def add_policy(
        self,
        name: str,
        *,
        type: str = "ACCESS_POLICY",
        system: bool = False,
        groups: Iterable[str] = (),
        apps: Iterable[str] = (),
        status: str = "ACTIVE",
    ) -> str:
        """Add a policy.

        Args:
            name: the name.
            type: ACCESS_POLICY, OKTA_SIGN_ON, PASSWORD, MFA_ENROLL, IDP_DISCOVERY, PROFILE_ENROLLMENT, ….
            system: whether Okta created it.
            groups: the groups to which it applies, for types that concern people.
            apps: the applications to which it is mapped, for ACCESS_POLICY and PROFILE_ENROLLMENT.
            status: ACTIVE or INACTIVE.
        """
        for_apps = type in _APP_POLICIES
        policy = self.world.ids.new("rst" if for_apps else "00p")
        here = f"/api/v1/policies/{policy}"
        people = {"people": {"groups": {"include": list(groups)}}}
        priority = 1 + len(self.world["policies"].view(type, lambda held: held["type"] == type))
        self.world["policies"].add(
            {
                "id": policy,
                "status": status,
                "name": name,
                "description": f"{name} of this org",
                "priority": priority,
                "system": system,
                "conditions": None if for_apps else people,
                "created": ago(360),
                "lastUpdated": ago(36),
                "_links": {
                    "self": self._href(here, *(("GET", "PUT") if system else ("GET", "PUT", "DELETE"))),
                    "rules": self._href(f"{here}/rules", "GET", "POST"),
                },
                "type": type,
            }
        )
        for app in apps:
            self._map_policy(policy, app)
        return policy

    def _map_policy(self, policy: str, app: str) -> None:
        here = f"/api/v1/policies/{policy}"
        self.world["policy_mappings", policy].put(
            app,
            {
                "id": app,
                "_links": {
                    "application": self._href(f"/api/v1/apps/{app}", "GET", "PUT", "DELETE"),
                    "policy": self._href(here, "GET", "PUT", "DELETE"),
                    "self": self._href(f"{here}/mappings/{app}", "GET", "PUT", "DELETE"),
                },
            },
        )
        target = self._href(here)
        self.world["apps"].change(app, lambda document: document["_links"].update(accessPolicy=target))

    def add_policy_rule(
        self,
        policy: str,
        name: str,
        *,
        type: str,
        actions: Mapping[str, object],
        conditions: Mapping[str, object] | None = None,
        system: bool = False,
        status: str = "ACTIVE",
    ) -> str:
        """Add a rule to a policy; `actions` and `conditions` are sent unchanged."""
        rule = self.world.ids.new("0pr")
        here = f"/api/v1/policies/{policy}/rules/{rule}"
        moment = None if system else ago(35)
        self.world["rules", policy].add(
            {
                "type": type,
                "id": rule,
                "status": status,
                "name": name,
                "priority": 1 + len(self.world["rules", policy]),
                "created": moment,
                "lastUpdated": moment,
                "system": system,
                "conditions": None if conditions is None else dict(conditions),
                "actions": dict(actions),
                "_links": {"self": self._href(here, "GET", "PUT", "DELETE")},
            }
        )
        return rule


def _idp_policy(provisioning: str, groups: list[str]) -> Json:
    assigned: Json = {"action": "ASSIGN", "assignments": groups} if groups else {"action": "NONE"}
    nothing = {"action": "NONE"}
    return {
        "provisioning": {
            "action": provisioning,
            "profileMaster": False,
            "groups": assigned,
            "conditions": {"deprovisioned": nothing, "suspended": nothing},
        },
        "accountLink": {"filter": None, "action": "AUTO"},
        "subject": {
            "userNameTemplate": {"template": "idpuser.email"},
            "filter": None,
            "matchType": "USERNAME",
            "matchAttribute": None,
        },
        "maxClockSkew": 0,
    }
