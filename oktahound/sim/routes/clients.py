"""OAuth clients, as the authorization server of the org sees applications and integrations."""

from __future__ import annotations

import orjson

from oktahound.sim.errors import not_found
from oktahound.sim.routing import Call, Route, Rows
from oktahound.sim.world import Json, World

__all__ = ["CLIENTS", "client_ids"]

_ISSUED = 1_735_000_000


def client_ids(world: World) -> dict[str, str]:
    """Return the id of the application of each client id."""
    apps = world["apps"]
    oauth = apps.view("oauth", lambda app: "oauthClient" in app["credentials"])
    return {apps[key]["credentials"]["oauthClient"]["client_id"]: key for key in oauth}


def _of_app(app: Json) -> Json:
    credentials, settings = app["credentials"]["oauthClient"], app["settings"]["oauthClient"]
    return {
        "client_id": credentials["client_id"],
        "client_id_issued_at": _ISSUED,
        "client_name": app["label"],
        "client_uri": None,
        "logo_uri": None,
        "redirect_uris": settings["redirect_uris"],
        "response_types": settings["response_types"],
        "grant_types": settings["grant_types"],
        "application_type": settings["application_type"],
        "token_endpoint_auth_method": credentials["token_endpoint_auth_method"],
    }


def _of_integration(integration: Json) -> Json:
    return {
        "client_id": integration["id"],
        "client_id_issued_at": _ISSUED,
        "client_name": integration["name"],
        "redirect_uris": [],
        "response_types": ["token"],
        "grant_types": ["client_credentials"],
        "application_type": "service",
        "token_endpoint_auth_method": "client_secret_basic",
    }


def _clients(call: Call) -> Rows:
    apps, ids = call.world["apps"], client_ids(call.world)
    return Rows(tuple(ids), lambda client: orjson.dumps(_of_app(apps[ids[client]])))


def _client(call: Call) -> Json:
    client, ids = call.path["clientId"], client_ids(call.world)
    if client in ids:
        return _of_app(call.world["apps"][ids[client]])
    if client in call.world["api_services"]:
        return _of_integration(call.world["api_services"][client])
    raise not_found(client, "PublicClientApp")


CLIENTS = (
    Route(
        template="/oauth2/v1/clients",
        answer=_clients,
        scopes=("okta.clients.read",),
        bucket="clients",
        paging="link",
        default=20,
        maximum=200,
    ),
    Route(
        template="/oauth2/v1/clients/{clientId}",
        answer=_client,
        scopes=("okta.clients.read",),
        bucket="clients",
    ),
)
