"""Containment edges from the organization to objects of kinds that only oktahound defines."""

from __future__ import annotations

from collections.abc import Iterator

from oktahound.entities import (
    AiAgent,
    Application,
    Entity,
    EventHook,
    GroupRule,
    IdentityProvider,
    InlineHook,
    LogStream,
    McpServer,
    NetworkZone,
    ServiceAccount,
    SigningKey,
    TrustedKey,
)
from oktahound.graph.model import Edge, EdgeKind, rule
from oktahound.graph.org_index import OrgIndex
from oktahound.graph.saml.signing import (
    SIGNING_KEY,
    TRUSTED_KEY,
    key_node,
    signing_key_ids,
    trusted_key_ids,
    trusted_key_node,
)

__all__ = ["CONTAINED", "CONTAINS_OWN", "RULES", "RULES_OF_KEYS"]

CONTAINED: tuple[type[Entity], ...] = (
    GroupRule,
    InlineHook,
    EventHook,
    AiAgent,
    McpServer,
    ServiceAccount,
    LogStream,
    NetworkZone,
)
"""The entities that the organization contains and that are not in the reference model."""

CONTAINS_OWN = EdgeKind(
    "OktaHound_Contains",
    starts={"Okta_Organization"},
    ends={SIGNING_KEY, TRUSTED_KEY, *(cls.KIND or "" for cls in CONTAINED)},
    traversable=True,
    why="Control of the tenant is control of every object in it.",
    abuse="Use a super administrator's rights on the object.",
    cut="Cannot be cut: reduce the number of administrators who control the organization instead.",
)


@rule(CONTAINS_OWN, needs=CONTAINED)
def contains_own(org: OrgIndex) -> Iterator[Edge]:
    """The organization contains every collected object of these kinds."""
    for cls in CONTAINED:
        for row in org.rows(cls):
            node = row.node_id(org)
            if node is not None:
                yield CONTAINS_OWN(org.organization_id, node)


@rule(CONTAINS_OWN, needs=(Application, IdentityProvider, SigningKey, TrustedKey))
def contains_keys(org: OrgIndex) -> Iterator[Edge]:
    """The organization contains the keys with which it signs, and the keys that it trusts."""
    for key_id in signing_key_ids(org):
        yield CONTAINS_OWN(org.organization_id, key_node(key_id, org))
    for key_id in trusted_key_ids(org):
        yield CONTAINS_OWN(org.organization_id, trusted_key_node(key_id, org))


RULES = (contains_own,)

RULES_OF_KEYS = (contains_keys,)
"""The rule for the keys of SAML trust, which belong to another part of the graph."""
