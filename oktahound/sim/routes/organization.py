"""The org, its token endpoint, and API tokens."""

from __future__ import annotations

from oktahound.sim.errors import not_found
from oktahound.sim.oauth import TOKEN_PATH
from oktahound.sim.routing import Call, Route, Rows
from oktahound.sim.world import Json

__all__ = ["ORGANIZATION"]


def _organization(call: Call) -> Json:
    return call.world.organization


def _api_tokens(call: Call) -> Rows:
    return Rows.of(call.world["api_tokens"])


def _api_token(call: Call) -> bytes:
    key = call.path["apiTokenId"]
    if key not in call.world["api_tokens"]:
        raise not_found(key, "Token")
    return call.world["api_tokens"].sent(key)


ORGANIZATION = (
    Route(template="/api/v1/org", answer=_organization, scopes=("okta.orgs.read",), bucket="other"),
    Route(template=TOKEN_PATH, method="POST", answer=None, scopes=(), bucket="token"),
    # Recorded: /api-tokens?limit=3 returns four rows. The parameter is ignored, and there are no pages.
    Route(template="/api/v1/api-tokens", answer=_api_tokens, scopes=("okta.apiTokens.read",), bucket="other"),
    Route(
        template="/api/v1/api-tokens/{apiTokenId}",
        answer=_api_token,
        scopes=("okta.apiTokens.read",),
        bucket="other",
    ),
)
