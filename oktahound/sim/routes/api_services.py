"""API service integrations and their secrets."""

from __future__ import annotations

from oktahound.sim.errors import not_found
from oktahound.sim.routing import Call, Route, Rows

__all__ = ["API_SERVICES"]

_READ = ("okta.oauthIntegrations.read",)
_TEMPLATE = "/integrations/api/v1/api-services"


def _integrations(call: Call) -> Rows:
    return Rows.of(call.world["api_services"])


def _known(call: Call) -> str:
    key = call.path["apiServiceId"]
    if key not in call.world["api_services"]:
        raise not_found(key, "AppInstance")
    return key


def _integration(call: Call) -> bytes:
    return call.world["api_services"].sent(_known(call))


def _secrets(call: Call) -> Rows:
    return Rows.of(call.world["api_service_secrets", _known(call)])


API_SERVICES = (
    # The listing accepts only a cursor. Its page size is not recorded; with 50, large orgs have several
    # pages.
    Route(
        template=_TEMPLATE,
        answer=_integrations,
        scopes=_READ,
        bucket="integrations",
        paging="link",
        default=50,
        limited=False,
    ),
    Route(template=_TEMPLATE + "/{apiServiceId}", answer=_integration, scopes=_READ, bucket="integrations"),
    Route(
        template=_TEMPLATE + "/{apiServiceId}/credentials/secrets",
        answer=_secrets,
        scopes=_READ,
        bucket="integrations",
    ),
)
