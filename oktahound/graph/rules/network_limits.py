"""Network zones that credentials and policies are bound to, and streams that carry the System Log away."""

from __future__ import annotations

from collections.abc import Iterator

from oktahound.entities import (
    ApiServiceIntegration,
    ApiToken,
    Application,
    ConsentGrant,
    LogStream,
    NetworkZone,
    OAuthScope,
    PolicyRule,
)
from oktahound.graph.model import Edge, EdgeKind, rule
from oktahound.graph.org_index import OrgIndex
from oktahound.graph.scope_nodes import OAUTH_SCOPE, granted_scopes, scope_node

__all__ = ["LIMITED_TO_ZONE", "MANAGE_LOG_STREAM", "RULES", "RULES_WITH_SCOPES"]

LIMITED_TO_ZONE = EdgeKind(
    "OktaHound_LimitedToZone",
    starts={"Okta_ApiToken", "Okta_Application", "Okta_Policy"},
    ends={"OktaHound_NetworkZone"},
    traversable=False,
    why="The credential, client or rule of the policy works only from the zone. It makes theft harder.",
    abuse="Gives no right. An attacker needs an address in the zone, or one that can be added to it.",
    cut="Keep the limit, and keep zones small.",
)
MANAGE_LOG_STREAM = EdgeKind(
    "OktaHound_ManageLogStream",
    starts={OAUTH_SCOPE},
    ends={"OktaHound_LogStream"},
    traversable=False,
    why="The scope stops the stream or sends it elsewhere: whoever watches it sees nothing any more.",
    abuse="Stop the stream before an attack.",
    cut="Revoke the scope, and alert when the stream goes silent.",
)


@rule(LIMITED_TO_ZONE, needs=(NetworkZone, ApiToken, Application, PolicyRule))
def limited_to_zone(org: OrgIndex) -> Iterator[Edge]:
    """API tokens, OAuth clients and routing policies whose settings name zones."""
    holders: list[ApiToken | Application] = [*org.rows(ApiToken), *org.rows(Application)]
    limited = [(each.id, each.network_include) for each in holders if each.network_connection == "ZONE"]
    limited += [(each.policy_id, each.network_include) for each in org.rows(PolicyRule)]
    for node, zones in limited:
        for zone in zones or ():
            yield LIMITED_TO_ZONE(node, zone)


@rule(MANAGE_LOG_STREAM, needs=(LogStream, ApiServiceIntegration, ConsentGrant))
def scope_manages_log_stream(org: OrgIndex) -> Iterator[Edge]:
    """The scope okta.logStreams.manage, over every stream."""
    for scope in granted_scopes(org):
        if scope.includes(OAuthScope("okta.logStreams.manage")):
            for stream in org.rows(LogStream):
                yield MANAGE_LOG_STREAM(scope_node(scope, org), stream.id)


RULES = (limited_to_zone,)

RULES_WITH_SCOPES = (scope_manages_log_stream,)
"""Rules whose edges start at OAuth scopes: they run only when the graph shows scopes as well."""
