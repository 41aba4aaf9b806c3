"""Hooks, policies of authorization servers, log streams and network zones."""

from __future__ import annotations

from oktahound.sim.errors import not_found
from oktahound.sim.lookup import below, known, listing
from oktahound.sim.routing import Call, Route, Rows

__all__ = ["BOUNDARIES"]

_SERVERS = ("okta.authorizationServers.read",)


def _inline_hooks(call: Call) -> Rows:
    hooks, wanted = call.world["inline_hooks"], call.query.get("type")
    return Rows.of(hooks, hooks.view(f"type={wanted}", lambda hook: wanted in (None, hook["type"])))


def _token_policy_rules(call: Call) -> Rows:
    server = known(call, "authorization_servers", "authServerId", "AuthorizationServer")
    policy = call.path["policyId"]
    if policy not in call.world["token_policies", server]:
        raise not_found(policy, "Policy")
    return Rows.of(call.world["token_policy_rules", server, policy])


BOUNDARIES = (
    Route(
        template="/api/v1/inlineHooks",
        answer=_inline_hooks,
        scopes=("okta.inlineHooks.read",),
        bucket="other",
    ),
    Route(
        template="/api/v1/eventHooks",
        answer=listing("event_hooks"),
        scopes=("okta.eventHooks.read",),
        bucket="other",
    ),
    Route(
        template="/api/v1/authorizationServers/{authServerId}/policies",
        answer=below("token_policies", "authorization_servers", "authServerId", "AuthorizationServer"),
        scopes=_SERVERS,
        bucket="other",
    ),
    Route(
        template="/api/v1/authorizationServers/{authServerId}/policies/{policyId}/rules",
        answer=_token_policy_rules,
        scopes=_SERVERS,
        bucket="other",
    ),
    Route(
        template="/api/v1/logStreams",
        answer=listing("log_streams"),
        scopes=("okta.logStreams.read",),
        bucket="other",
        paging="link",
        default=20,
        maximum=200,
    ),
    Route(
        template="/api/v1/zones",
        answer=listing("network_zones"),
        scopes=("okta.networkZones.read",),
        bucket="other",
        paging="link",
        default=200,
        maximum=200,
    ),
)
