"""Shapes of endpoints that are neither in the JSON Schemas nor in the recorded responses.

They follow the examples in Okta's developer documentation, and for AI agents, MCP servers and service
accounts in public code that reads them. Values are made up.
"""

from __future__ import annotations

from typing import Any

TEXT, MAYBE_TEXT = {"t": ["string"]}, {"t": ["null", "string"]}
FLAG, NUMBER = {"t": ["boolean"]}, {"t": ["number"]}
ANYTHING = {"t": ["any"]}


def many(item: dict[str, Any]) -> dict[str, Any]:
    return {"t": ["array"], "i": item}


def thing(**members: Any) -> dict[str, Any]:
    return {"t": ["object"], "p": members}


LINKS = {"t": ["object"], "*": ANYTHING}
HEADER = thing(key=TEXT, value=TEXT)
DATES = {"created": TEXT, "lastUpdated": TEXT, "status": TEXT, "_links": LINKS}
SCHEME = {"t": ["null", "object"], "p": {"type": TEXT, "key": TEXT}}
CONFIG = {"uri": TEXT, "method": TEXT, "headers": many(HEADER), "authScheme": SCHEME}
OAUTH = {"authType": TEXT, "clientId": TEXT, "tokenUrl": TEXT, "scope": TEXT}
HOOK = {"id": TEXT, "name": TEXT, **DATES}
CHANNEL = {"type": TEXT, "version": TEXT}
AGENT = thing(
    id=TEXT,
    platform=MAYBE_TEXT,
    signOnProvider={"t": ["null", "object"], "p": {"appInstanceId": TEXT}},
    profile=thing(name=TEXT, description=MAYBE_TEXT),
    **DATES,
)
POLICY = {"id": TEXT, "name": TEXT, "type": TEXT, "priority": NUMBER, "system": FLAG, "conditions": ANYTHING}

NAMED = thing(orn=TEXT, name=TEXT)
CONNECTIONS = thing(
    data=many(
        thing(
            id=TEXT,
            connectionType=TEXT,
            status=TEXT,
            authorizationServer=NAMED,
            app=NAMED,
            serviceAccount=NAMED,
            resource=NAMED,
            scopeCondition=TEXT,
            scopes=many(TEXT),
            _links=LINKS,
        )
    )
)
OAUTH_CLIENT = thing(
    clientId=TEXT,
    orn=TEXT,
    status=TEXT,
    tokenEndpointAuthMethod=TEXT,
    grantTypes=many(TEXT),
    connectionCount=NUMBER,
)
DESCRIBED: dict[str, dict[str, Any]] = {
    "GET /api/v1/inlineHooks": many(
        thing(type=TEXT, version=TEXT, channel=thing(**CHANNEL, config=thing(**CONFIG, **OAUTH)), **HOOK)
    ),
    "GET /api/v1/eventHooks": many(
        thing(
            verificationStatus=TEXT,
            createdBy=TEXT,
            events=thing(type=TEXT, items=many(TEXT)),
            channel=thing(**CHANNEL, config=thing(**CONFIG)),
            **HOOK,
        )
    ),
    "GET /api/v1/authorizationServers/{authServerId}/policies": many(
        thing(description=TEXT, **POLICY, **DATES)
    ),
    "GET /api/v1/logStreams": many(thing(id=TEXT, name=TEXT, type=TEXT, settings=ANYTHING, **DATES)),
    "GET /api/v1/zones": many(
        thing(
            id=TEXT,
            name=TEXT,
            type=TEXT,
            usage=TEXT,
            system=FLAG,
            gateways=many(thing(type=TEXT, value=TEXT)),
            proxies={"t": ["array", "null"], "i": thing(type=TEXT, value=TEXT)},
            **DATES,
        )
    ),
    "GET /workload-principals/api/v1/ai-agents": thing(data=many(AGENT)),
    "GET /workload-principals/api/v1/ai-agents/{agentId}": AGENT,
    "GET /workload-principals/api/v1/ai-agents/{agentId}/connections": CONNECTIONS,
    "GET /workload-principals/api/v1/mcp-servers/{mcpServerId}/connections": CONNECTIONS,
    "GET /workload-principals/api/v1/ai-agents/{agentId}/credentials/jwks": many(
        thing(id=TEXT, kid=TEXT, kty=TEXT, crv=TEXT, x=TEXT, y=TEXT, use=TEXT, **DATES)
    ),
    "GET /workload-principals/api/v1/delegation-links": thing(
        data=many(
            {
                "t": ["object"],
                "p": {
                    "id": TEXT,
                    "from": thing(type=TEXT, clientOrn=TEXT, tokenType=TEXT),
                    "to": thing(resourceOrn=TEXT, authorizationServerOrn=MAYBE_TEXT),
                    "_links": LINKS,
                },
            }
        )
    ),
    "GET /resource-servers/api/v1/mcp-servers": thing(
        data=many(
            thing(
                id=TEXT,
                orn=TEXT,
                resourceUrl=TEXT,
                authorizationServerCount=NUMBER,
                metadata=thing(displayName=TEXT, description=MAYBE_TEXT),
                oauthClient=OAUTH_CLIENT,
                **DATES,
            )
        )
    ),
    "GET /governance/api/v1/resource-owners": thing(
        data=many(
            thing(
                parentResourceOrn=TEXT,
                resource=thing(
                    id=TEXT,
                    type=TEXT,
                    orn=TEXT,
                    profile=thing(id=TEXT, name=TEXT, description=MAYBE_TEXT),
                ),
                principals=many(thing(id=TEXT, type=TEXT, orn=TEXT, profile=thing(id=TEXT, name=TEXT))),
            )
        ),
        _links=LINKS,
    ),
    "GET /privileged-access/api/v1/okta-service-accounts": many(
        thing(
            id=TEXT,
            name=TEXT,
            description=MAYBE_TEXT,
            username=TEXT,
            oktaUserId=TEXT,
            ownerUserIds=many(TEXT),
            ownerGroupIds=many(TEXT),
            status=TEXT,
            statusDetail=TEXT,
            created=TEXT,
            lastUpdated=TEXT,
        )
    ),
}
"""Shapes by method and path template, in the form of `make_shapes`."""
