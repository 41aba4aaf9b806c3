"""Hooks, policies of authorization servers, log streams and network zones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from oktahound.sim.ids import ago
from oktahound.sim.mixin import Mixin
from oktahound.sim.world import Json

__all__ = ["BoundaryMixin"]


class BoundaryMixin(Mixin):
    """Mixin for hooks, policies of authorization servers, log streams and network zones."""

    def add_inline_hook(
        self,
        name: str,
        *,
        type: str = "com.okta.saml.tokens.transform",
        uri: str = "https://hooks.example.com/inline",
        status: str = "ACTIVE",
        oauth: bool = False,
        apps: Iterable[str] = (),
        imports: Iterable[str] = (),
    ) -> str:
        """Add an inline hook for applications. Its headers contain a secret in clear text.

        Args:
            name: the name.
            type: the type, which determines the flow of Okta that calls the hook.
            uri: the address that Okta calls.
            status: ACTIVE or INACTIVE.
            oauth: whether Okta authenticates with OAuth, and not with a header.
            apps: SAML applications whose assertions it can change.
            imports: applications for which Okta calls it when it imports a user.
        """
        hook = self.world.ids.new("cal")
        here = f"/api/v1/inlineHooks/{hook}"
        config: Json = {"uri": uri, "method": "POST", "headers": self._headers()}
        if oauth:
            config |= {
                "authType": "client_secret_post",
                "clientId": self.world.ids.opaque("hook client"),
                "tokenUrl": "https://hooks.example.com/token",
                "scope": "hook",
                "authScheme": None,
            }
        else:
            config["authScheme"] = {"type": "HEADER", "key": "Authorization"}
        self.world["inline_hooks"].add(
            {
                "id": hook,
                "status": status,
                "name": name,
                "type": type,
                "version": "1.0.2",
                "channel": {"type": "OAUTH" if oauth else "HTTP", "version": "1.0.0", "config": config},
                "created": ago(140),
                "lastUpdated": ago(14),
                "_links": {"self": self._href(here, "GET", "PUT", "DELETE")},
            }
        )
        for app in apps:
            self.world["apps"].change(app, lambda document: _call(document, hook))
        for app in imports:
            self.world["apps"].change(app, lambda document: document["settings"].update(inlineHookId=hook))
        return hook

    def _headers(self) -> list[Json]:
        secret = self.world.keep_secret(self.world.ids.secret("hook header"))
        return [{"key": "X-Key", "value": secret}]

    def add_event_hook(
        self,
        name: str,
        *,
        events: Iterable[str] = ("user.lifecycle.create",),
        uri: str = "https://hooks.example.com/events",
        status: str = "ACTIVE",
    ) -> str:
        """Add an event hook that receives events of some types."""
        hook = self.world.ids.new("who")
        self.world["event_hooks"].add(
            {
                "id": hook,
                "status": status,
                "verificationStatus": "VERIFIED",
                "name": name,
                "created": ago(130),
                "lastUpdated": ago(13),
                "createdBy": self.world.ids.new("00u"),
                "events": {"type": "EVENT_TYPE", "items": list(events)},
                "channel": {
                    "type": "HTTP",
                    "version": "1.0.0",
                    "config": {
                        "uri": uri,
                        "headers": self._headers(),
                        "method": "POST",
                        "authScheme": {"type": "HEADER", "key": "Authorization"},
                    },
                },
                "_links": {"self": self._href(f"/api/v1/eventHooks/{hook}", "GET", "PUT", "DELETE")},
            }
        )
        return hook

    def add_token_policy(
        self, server: str, name: str, *, hook: str | None = None, status: str = "ACTIVE"
    ) -> str:
        """Add a policy with one rule to an authorization server; the rule can call an inline hook."""
        policy, rule = self.world.ids.new("00p"), self.world.ids.new("0pr")
        here = f"/api/v1/authorizationServers/{server}/policies/{policy}"
        common = {
            "status": status,
            "priority": 1,
            "system": False,
            "created": ago(125),
            "lastUpdated": ago(12),
        }
        self.world["token_policies", server].add(
            {
                "id": policy,
                "type": "OAUTH_AUTHORIZATION_POLICY",
                "name": name,
                "description": name,
                "conditions": {"clients": {"include": ["ALL_CLIENTS"]}},
                **common,
                "_links": {"self": self._href(here, "GET", "PUT", "DELETE")},
            }
        )
        token: Json = {"accessTokenLifetimeMinutes": 60, "refreshTokenWindowMinutes": 10080}
        self.world["token_policy_rules", server, policy].add(
            {
                "id": rule,
                "type": "RESOURCE_ACCESS",
                "name": f"{name} rule",
                "conditions": {"scopes": {"include": ["*"]}},
                "actions": {"token": token if hook is None else {**token, "inlineHook": {"id": hook}}},
                **common,
                "_links": {"self": self._href(f"{here}/rules/{rule}", "GET", "PUT", "DELETE")},
            }
        )
        return policy

    def add_log_stream(
        self, name: str, *, type: str = "aws_eventbridge", settings: Mapping[str, object] | None = None
    ) -> str:
        """Add a log stream. `settings` are sent unchanged."""
        stream = self.world.ids.new("0oa")
        aws = {"accountId": "123456789012", "eventSourceName": "okta", "region": "eu-west-1"}
        self.world["log_streams"].add(
            {
                "id": stream,
                "type": type,
                "name": name,
                "status": "ACTIVE",
                "created": ago(110),
                "lastUpdated": ago(11),
                "settings": dict(aws if settings is None else settings),
                "_links": {"self": self._href(f"/api/v1/logStreams/{stream}")},
            }
        )
        return stream

    def add_network_zone(
        self, name: str, *addresses: str, usage: str = "POLICY", status: str = "ACTIVE"
    ) -> str:
        """Add a network zone of CIDR blocks."""
        zone = self.world.ids.new("nzo")
        self.world["network_zones"].add(
            {
                "id": zone,
                "type": "IP",
                "name": name,
                "status": status,
                "usage": usage,
                "system": False,
                "created": ago(300),
                "lastUpdated": ago(30),
                "gateways": [{"type": "CIDR", "value": address} for address in addresses],
                "proxies": None,
                "_links": {"self": self._href(f"/api/v1/zones/{zone}", "GET", "PUT", "DELETE")},
            }
        )
        return zone


def _call(app: Json, hook: str) -> None:
    app["settings"].setdefault("signOn", {}).setdefault("inlineHooks", []).append({"id": hook})
