"""Applications of every sign-on mode, and their assignments of users and groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from oktahound.sim.app_credentials import AppCredentialMixin
from oktahound.sim.ids import ago
from oktahound.sim.mixin import link
from oktahound.sim.saml import SamlSignOn, sign_on_settings
from oktahound.sim.world import Json, World

__all__ = ["AppMixin", "OAuthSettings", "assignment_document"]

_TEN_YEARS = 3650
_FEDERATED = frozenset({"SAML_2_0", "SAML_1_1", "WS_FEDERATION", "OPENID_CONNECT"})


@attrs.frozen(kw_only=True)
class OAuthSettings:
    """The OAuth settings of an OpenID Connect application.

    Attributes:
        application_type: web, browser, native or service; None for apps whose client Okta does not show.
        grant_types: such as ``authorization_code`` or ``client_credentials``.
        auth_method: ``client_secret_basic``, ``private_key_jwt``, ``none``, ….
        client_id: by default, the id of the app.
        dpop: whether access tokens are bound to a key.
        zones: ids of the network zones from which tokens can be requested; none for no restriction.
    """

    application_type: str = "web"
    grant_types: tuple[str, ...] = ("authorization_code",)
    auth_method: str = "client_secret_basic"
    client_id: str | None = None
    dpop: bool = False
    zones: tuple[str, ...] = ()


class AppMixin(AppCredentialMixin):
    """Mixin for applications, assignments and pushed groups."""

    def add_app(
        self,
        name: str,
        *,
        label: str | None = None,
        sign_on_mode: str | None = "SAML_2_0",
        status: str = "ACTIVE",
        settings: Mapping[str, object] | None = None,
        features: Iterable[str] = (),
        oauth: OAuthSettings | None = None,
        created_days_ago: float = 400,
        user_name: str = "${source.login}",
        saml: SamlSignOn | None = None,
    ) -> str:
        """Add an application.

        Args:
            name: the key in the catalogue, such as ``office365``; ``oidc_client`` for a custom application.
            label: the display name.
            sign_on_mode: the sign-on mode; None for a directory integration.
            status: ACTIVE or INACTIVE.
            settings: the content of ``settings.app``.
            features: provisioning features.
            oauth: the OAuth settings, for OPENID_CONNECT only.
            created_days_ago: days before the org's fixed date (`PRESENT`).
            user_name: the template for user names.
            saml: the settings of an application that an administrator created, for SAML_2_0 only; None for
                one of the catalogue.
        """
        app_id = self.world.ids.new("0oa")
        document: Json = {
            "id": app_id,
            "orn": self.world.orn(f"apps:{name}:{app_id}"),
            "name": name,
            "label": label or name,
            "status": status,
            "lastUpdated": ago(min(created_days_ago, 30)),
            "created": ago(created_days_ago),
            "accessibility": {"selfService": False, "errorRedirectUrl": None, "loginRedirectUrl": None},
            "visibility": _visibility(sign_on_mode),
            "features": list(features),
            "signOnMode": sign_on_mode,
            "credentials": {
                "userNameTemplate": {"template": user_name, "type": "BUILT_IN"},
                "signing": {"kid": self.world.ids.opaque("kid")} if sign_on_mode in _FEDERATED else {},
            },
            "universalLogout": None,
            "settings": _settings(settings or {}),
            "_links": self._app_links(app_id, name, status),
        }
        if sign_on_mode == "SAML_2_0":
            document["settings"]["signOn"] = sign_on_settings(saml)
        if oauth is not None:
            self._make_oauth(document, oauth)
        self.world["apps"].add(document)
        if kid := document["credentials"]["signing"].get("kid"):
            self._put_signing_key(app_id, kid, created_days_ago, created_days_ago - _TEN_YEARS)
        return app_id

    def _make_oauth(self, document: Json, oauth: OAuthSettings) -> None:
        client: Json = {
            "autoKeyRotation": True,
            "client_id": oauth.client_id or document["id"],
            "token_endpoint_auth_method": oauth.auth_method,
        }
        document["credentials"]["oauthClient"] = client
        document["settings"]["oauthClient"] = {
            "redirect_uris": []
            if oauth.application_type == "service"
            else ["https://app.example.com/callback"],
            "response_types": ["token"] if oauth.application_type == "service" else ["code"],
            "grant_types": list(oauth.grant_types),
            "application_type": oauth.application_type,
            "issuer_mode": "DYNAMIC",
            "dpop_bound_access_tokens": oauth.dpop,
        }
        if oauth.zones:
            network = {"connection": "ZONE", "include": list(oauth.zones)}
            document["settings"]["oauthClient"]["network"] = network
        if oauth.auth_method.startswith("client_secret"):
            # As in Okta, the listing of applications contains the secret in clear text.
            client["client_secret"] = self._put_app_secret(document["id"], "ACTIVE")[1]
            document["_links"]["clientCredentials"] = [
                {"name": "secrets", **self._href(f"/api/v1/apps/{document['id']}/credentials/secrets")}
            ]

    def _app_links(self, app: str, name: str, status: str) -> Json:
        here = f"/api/v1/apps/{app}"
        change = "deactivate" if status == "ACTIVE" else "activate"
        return {
            "uploadLogo": self._href(f"{here}/logo", "POST"),
            "appLinks": [{"name": "login", **self._href(f"/home/{name}/{app}/1"), "type": "text/html"}],
            "groups": self._href(f"{here}/groups"),
            "logo": [
                {"name": "medium", "href": f"https://cdn.example.com/logos/{name}.png", "type": "image/png"}
            ],
            "users": self._href(f"{here}/users"),
            change: self._href(f"{here}/lifecycle/{change}"),
        }

    def assign_user(
        self,
        app: str,
        user: str,
        *,
        user_name: str | None = None,
        external_id: str | None = None,
        scope: str = "USER",
        status: str = "ACTIVE",
        sync_state: str = "DISABLED",
        profile: Mapping[str, object] | None = None,
    ) -> None:
        """Assign a user to an application.

        Args:
            app: the id of the application.
            user: the id of the user.
            user_name: the user name in the application; by default, the login.
            external_id: the id in the application.
            scope: USER for a direct assignment, GROUP for one through a group.
            status: the status of the assignment.
            sync_state: the state of provisioning.
            profile: attributes in the application.
        """
        name = user_name or str(self.world["users"][user]["profile"]["login"])
        document = assignment_document(
            self.world,
            app,
            user,
            user_name=name,
            external_id=external_id,
            scope=scope,
            status=status,
            sync_state=sync_state,
            profile=profile or {},
        )
        self.world["app_users", app].put(user, document)

    def assign_group(self, app: str, group: str, *, profile: Mapping[str, object] | None = None) -> None:
        """Assign a group to an application. Its members are not assigned one by one: see `assign_user`.

        Args:
            app: the id of the application.
            group: the id of the group.
            profile: the attributes of members in the application, such as a licence.
        """
        here = f"/api/v1/apps/{app}"
        self.world["app_groups", app].put(
            group,
            {
                "id": group,
                "lastUpdated": ago(90),
                "priority": len(self.world["app_groups", app]),
                "profile": dict(profile or {}),
                "_links": {
                    "app": self._href(here),
                    "self": self._href(f"{here}/groups/{group}"),
                    "group": self._href(f"/api/v1/groups/{group}"),
                },
            },
        )
        self.world.references("group_apps", group)[app] = None

    def push_group(self, app: str, source: str, *, target: str, status: str = "ACTIVE") -> str:
        """Push the members of a group to a group in the application, which Okta mirrors as `target`."""
        mapping = self.world.ids.new("gPm")
        # No recording of this endpoint exists. Times in its documentation have no milliseconds.
        moment = ago(60).replace(".000Z", "Z")
        self.world["push_mappings", app].put(
            mapping,
            {
                "id": mapping,
                "created": moment,
                "lastUpdated": moment,
                "lastPush": moment,
                "errorSummary": "",
                "sourceGroupId": source,
                "targetGroupId": target,
                "status": status,
                "_links": {
                    "app": self._href(f"/api/v1/apps/{app}"),
                    "sourceGroup": self._href(f"/api/v1/groups/{source}"),
                    "targetGroup": self._href(f"/api/v1/groups/{target}"),
                },
            },
        )
        self.world.references("group_mappings", source)[mapping] = None
        return mapping


def assignment_document(
    world: World,
    app: str,
    user: str,
    *,
    user_name: str,
    external_id: str | None = None,
    scope: str = "USER",
    status: str = "ACTIVE",
    sync_state: str = "DISABLED",
    profile: Mapping[str, object],
) -> Json:
    """Create the document of a user's assignment to an application; see `AppMixin.assign_user`."""
    return {
        "id": user,
        "externalId": external_id,
        "created": ago(100),
        "lastUpdated": ago(100),
        "scope": scope,
        "status": status,
        "statusChanged": ago(100),
        "passwordChanged": None,
        "syncState": sync_state,
        "credentials": {"userName": user_name},
        "profile": dict(profile),
        "_links": {
            "app": link(f"{world.url}/api/v1/apps/{app}"),
            "user": link(f"{world.url}/api/v1/users/{user}"),
        },
    }


def _visibility(sign_on_mode: str | None) -> Json:
    return {
        "autoSubmitToolbar": False,
        "hide": {"iOS": False, "web": False},
        "appLinks": {} if sign_on_mode is None else {"login": True},
    }


def _settings(app: Mapping[str, object]) -> Json:
    vpn = {"network": {"connection": "DISABLED"}, "message": None, "helpUrl": None}
    return {
        "app": dict(app),
        "notifications": {"vpn": vpn},
        "manualProvisioning": False,
        "implicitAssignment": False,
        "notes": {"admin": None, "enduser": None},
    }
