"""Laws of statuses: an unknown status neither makes an edge certain nor removes one."""

from __future__ import annotations

from typing import Any

import attrs
import networkx as nx
from example_counts import examples
from handwritten.orgs import snapshot_of
from hypothesis import assume, given
from hypothesis import strategies as st

from oktahound import Snapshot
from oktahound.entities import (
    ENTITIES,
    Agent,
    AgentKey,
    AgentPool,
    AiAgent,
    Application,
    AppUser,
    AuthorizationServer,
    ClientSecret,
    ConsentGrant,
    Device,
    Entity,
    EventHook,
    Factor,
    GroupPushMapping,
    GroupRule,
    IdentityProvider,
    IdentityProviderUser,
    InlineHook,
    JsonWebKey,
    LogStream,
    McpServer,
    NetworkZone,
    Organization,
    Policy,
    PolicyRule,
    ResourceConnection,
    RoleAppTarget,
    RoleAssignment,
    ServiceAccount,
    TokenPolicy,
    TokenPolicyRule,
    User,
)
from oktahound.graph.scope_nodes import OAUTH_SCOPE
from properties.graphs import Key, edges_of, graph_of
from properties.orgs import orgs

STATUSES: dict[type[Entity], tuple[str, str, str]] = {
    User: ("status", "ACTIVE", "SUSPENDED"),
    Application: ("status", "ACTIVE", "INACTIVE"),
    AppUser: ("status", "ACTIVE", "REVOKED"),
    ConsentGrant: ("status", "ACTIVE", "REVOKED"),
    GroupPushMapping: ("status", "ACTIVE", "ERROR"),
    ClientSecret: ("status", "ACTIVE", "INACTIVE"),
    JsonWebKey: ("status", "ACTIVE", "INACTIVE"),
    Device: ("status", "ACTIVE", "SUSPENDED"),
    IdentityProvider: ("status", "ACTIVE", "INACTIVE"),
    Policy: ("status", "ACTIVE", "INACTIVE"),
    PolicyRule: ("status", "ACTIVE", "INACTIVE"),
    AuthorizationServer: ("status", "ACTIVE", "INACTIVE"),
    AgentPool: ("operational_status", "OPERATIONAL", "INACTIVE"),
    Agent: ("operational_status", "OPERATIONAL", "INACTIVE"),
    RoleAssignment: ("status", "ACTIVE", "INACTIVE"),
    RoleAppTarget: ("status", "ACTIVE", "INACTIVE"),
    InlineHook: ("status", "ACTIVE", "INACTIVE"),
    EventHook: ("status", "ACTIVE", "INACTIVE"),
    TokenPolicy: ("status", "ACTIVE", "INACTIVE"),
    TokenPolicyRule: ("status", "ACTIVE", "INACTIVE"),
    AgentKey: ("status", "ACTIVE", "INACTIVE"),
    McpServer: ("status", "ACTIVE", "PENDING"),
    ResourceConnection: ("status", "ACTIVE", "INACTIVE"),
    LogStream: ("status", "ACTIVE", "INACTIVE"),
    NetworkZone: ("status", "ACTIVE", "INACTIVE"),
    AiAgent: ("status", "ACTIVE", "STAGED"),
    GroupRule: ("status", "ACTIVE", "INVALID"),
}
"""The field with the status, an active status and an inactive one, by entity."""

GRAPH_IGNORES = {Organization, Factor, ServiceAccount}
"""Entities whose status decides no edge."""

words = st.sampled_from(["FROZEN", "active", "ACTIVE ", ""]) | st.text(min_size=1, max_size=8)


def certain(graph: nx.MultiDiGraph) -> set[Key]:
    """Return the active edges without an assumption about an unknown status.

    Those of OAuth scopes are left out. What a scope permits does not depend on the grants of it: a grant
    whose status is unknown is an edge to the scope, under this law like the others.
    """
    scopes = {node for node, kind in graph.nodes(data="kind") if kind == OAUTH_SCOPE}
    return {
        key
        for key, edges in edges_of(graph).items()
        if key[0] not in scopes
        and edges.get("active", True)
        and "assumption" not in edges
        and edges.get("usable", True) is True
    }


def test_every_status_is_tested():
    fields = {"status", "operational_status"}
    with_status = {cls for cls in ENTITIES if fields & {field.name for field in attrs.fields(cls)}}
    assert with_status - GRAPH_IGNORES == set(STATUSES)


def test_an_unknown_status_of_a_saml_provider_or_assignment_keeps_the_accounts():
    ann = User(id="00uAnn", status="ACTIVE", login="ann")
    idp = IdentityProvider(id="0oaIdp", type="SAML2", protocol_type="SAML2", status="FROZEN")
    link = IdentityProviderUser(id=ann.id, idp_id=idp.id, external_id="ann@partner.com")
    app = Application(id="0oaApp", status="ACTIVE", sign_on_mode="SAML_2_0")
    assignment = AppUser(id=ann.id, app_id=app.id, status="FROZEN")
    edges = edges_of(graph_of(snapshot_of(ann, idp, link, app, assignment)))
    found = {kind: each for (_, kind, _), each in edges.items() if kind.startswith("SAML_")}
    for kind in ("SAML_HasAccount", "SAML_EligibleFor"):
        assert "its status 'FROZEN' is unknown to oktahound" in found[kind]["assumption"]


@given(orgs(), words, st.data())
@examples(10)
def test_an_unknown_status_makes_no_edge_certain_and_drops_none(org: Snapshot, word: str, data: Any):
    cls = data.draw(st.sampled_from([each for each in STATUSES if org.rows(each)]))
    field, active, inactive = STATUSES[cls]
    rows = org.rows(cls)
    # Statuses that Okta documents are upper case.
    assume(word == "FROZEN" or word != word.upper() or not word)
    place = data.draw(st.integers(0, len(rows) - 1))

    def with_status(status: str) -> nx.MultiDiGraph:
        row = attrs.evolve(rows[place], **{field: status})
        return graph_of(attrs.evolve(org, **{cls.PLURAL: (*rows[:place], row, *rows[place + 1 :])}))

    unknown, on, off = with_status(word), with_status(active), with_status(inactive)
    assert set(edges_of(unknown)) == set(edges_of(on))
    assert certain(unknown) <= certain(on) & certain(off)
    for key, edges in edges_of(on).items():
        if edges.get("active", True):
            assert edges_of(unknown)[key].get("active", True)
