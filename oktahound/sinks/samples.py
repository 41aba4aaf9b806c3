"""Sample graphs with cases that output formats often get wrong."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

from oktahound.graph.foreign import Foreign
from oktahound.graph.kind_names import is_of_org
from oktahound.graph.rows import EdgeRow, NodeRow
from oktahound.graph.rules import EDGE_KINDS

__all__ = ["SAMPLES"]

Rows: TypeAlias = tuple[NodeRow | EdgeRow, ...]

HOSTILE = (
    "",
    " ",
    "NULL",
    "<script>alert(1)</script>",
    "\x1b]0;owned\x07",
    "a\u202eb",
    "line\nbreak\r\t\0",
    "\u2028\u2029\ufeff",
    "../../etc/passwd",
    "'; DROP TABLE nodes; --",
    '"quoted",\\backslash\\',
    "=cmd|' /C calc'!A0",
    "Straße ŉ İı ﬁ",
    "e\u0301 é",
    "😀" * 3,
    "x" * 70_000,
    '{"id":"00u"}',
    "{{ template }}",
    "%3A:%25",
)
_ORG = NodeRow("00oOrg", "Okta_Organization", {"name": "contoso.okta.com", "collected": True})


def _node(id_: str, kind: str = "Okta_User", **attributes: Any) -> NodeRow:
    return NodeRow(id_, kind, attributes)


def _edge(start: str, kind: str, end: str, **attributes: Any) -> EdgeRow:
    return EdgeRow(EDGE_KINDS[kind], start, end, attributes)


def _foreign(foreign: Foreign) -> NodeRow:
    attributes = foreign.attributes
    return NodeRow(foreign.key, attributes.pop("kind"), attributes)


def _every_kind() -> Rows:
    """Return an edge of every kind, between nodes of the alphabetically first kinds that it allows."""
    kinds = sorted({end for kind in EDGE_KINDS.values() for end in kind.starts | kind.ends})
    nodes = [NodeRow(f"of-{kind}", kind, {"environmentid": "00oOrg"}) for kind in kinds if is_of_org(kind)]
    nodes += [_foreign(Foreign.with_id(kind, f"over there {kind}")) for kind in kinds if not is_of_org(kind)]
    by_kind = {node.kind: node.id for node in nodes}
    edges = [
        EdgeRow(kind, by_kind[min(kind.starts)], by_kind[min(kind.ends)], {}) for kind in EDGE_KINDS.values()
    ]
    return (*nodes, *edges)


def _hostile() -> Rows:
    nodes = [
        _node(f"00u{number}{text}", name=text, login=text, features=[text, text])
        for number, text in enumerate(HOSTILE)
    ]
    edges = [
        _edge(node.id, "Okta_ManagerOf", nodes[0].id, assumption=node.attributes["name"]) for node in nodes
    ]
    return (*nodes, *edges)


_TYPES: Rows = (
    _node("00uNone"),
    _node("00uText", name="Ann", login="", created="2026-01-15T12:25:42.000Z"),
    _node("00uFlags", enabled=True, hasRoleAssignments=False),
    _node("00uNumbers", authenticationFactors=0, priority=-1, size=2**63 - 1, least=-(2**63)),
    _node("00uLists", features=[], oauthScopes=["okta.users.read"], permissions=["b", "a", "b"]),
    _node("00uCase"),
    _node("00Ucase"),
    _node("00u:colon:"),
    _edge("00uNone", "Okta_ManagerOf", "00uText", matchedBy="email"),
    _edge("00uNone", "Okta_ManagerOf", "00uCase", usable=True, priority=0),
    _edge("00uNone", "Okta_ManagerOf", "00Ucase", usable=False),
    _edge("00uNone", "Okta_ManagerOf", "00u:colon:"),
)

_OUTSIDE: Rows = (
    _ORG,
    _node("00u1"),
    _node("00uGone", collected=False, environmentid="00oOrg"),
    _node("0oa1", "Okta_Application"),
    _foreign(Foreign.with_id("AZTenant", "11111111-2222-4333-8444-555555555555")),
    _foreign(Foreign.where("AZUser", userprincipalname="ann@contoso.com", tenantid="1A")),
    _foreign(Foreign.where("User", serviceprincipalnames="HTTP/contoso.kerberos.okta.com", domain="CONTOSO")),
    _edge("00oOrg", "Okta_Contains", "00u1"),
    _edge("00uGone", "Okta_ManagerOf", "00u1"),
    _edge("00u1", "Okta_ManagerOf", "00u1"),
    _edge("00u1", "Okta_AppAssignment", "0oa1", active=False, inactiveReason="the application is INACTIVE"),
    _edge("0oa1", "Okta_UserPull", "00u1"),
    _edge("0oa1", "Okta_ReadPasswordUpdates", "00u1", active=False, inactiveReason="the user is SUSPENDED"),
    _edge("0oa1", "Okta_OutboundOrgSSO", "AZTenant(11111111-2222-4333-8444-555555555555)", mode="SAML_2_0"),
    _edge("00u1", "Okta_OutboundSSO", "AZUser(tenantid=1A,userprincipalname=ann@contoso.com)"),
    _edge(
        "User(domain=CONTOSO,serviceprincipalnames=HTTP%2Fcontoso.kerberos.okta.com)",
        "Okta_KerberosSSO",
        "0oa1",
    ),
)

_MANY: Rows = (
    *(_node(f"00u{number}", name=f"user {number}", number=number) for number in range(3000)),
    *(_edge(f"00u{number}", "Okta_ManagerOf", f"00u{number // 2}") for number in range(3000)),
)

SAMPLES: Mapping[str, Rows] = MappingProxyType(
    {
        "many rows": _MANY,
        "an empty graph": (),
        "a node alone": (_ORG,),
        "an edge of every kind": _every_kind(),
        "hostile text": _hostile(),
        "every type of attribute": _TYPES,
        "placeholders and objects outside the org": _OUTSIDE,
    }
)
"""Sample rows by topic. The first sample is large, so that the second must replace it completely."""
