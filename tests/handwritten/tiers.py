"""Graphs with an organization: random ones, and one with a known tier zero."""

from __future__ import annotations

import networkx as nx
from hypothesis import strategies as st

from handwritten.admins import granted, role
from oktahound import ApiServiceIntegration, ClientSecret, OAuthScope, User
from oktahound.entities import (
    AdminAssignee,
    ApiToken,
    Application,
    Group,
    GroupMembership,
    IdentityProvider,
    IdentityProviderUser,
)

SAME_TIER = ["Okta_MemberOf", "Okta_SecretOf"]
RIGHTS = ["Okta_AppAdmin", "Okta_HelpDeskAdmin"]
NODES = [f"n{number}" for number in range(7)]
MARKS = st.sampled_from([{}, {}, {"assumption": "perhaps"}, {"active": False, "inactiveReason": "off"}])


@st.composite
def graphs(draw) -> nx.MultiDiGraph:
    """Objects, sets of targets, and edges of either sort; some lead to the organization."""
    graph = nx.MultiDiGraph(organization="org", scopes=True, unsure={}, withheld={})
    graph.add_node("org", kind="Okta_Organization")
    for node in NODES:
        graph.add_node(node, kind=draw(st.sampled_from(["Okta_User", "Okta_User", "OktaHound_TargetSet"])))
    sets = {node for node in NODES if graph.nodes[node]["kind"] == "OktaHound_TargetSet"}
    ends = st.tuples(
        st.sampled_from(NODES),
        st.sampled_from(["org", *NODES]),
        st.sampled_from([*SAME_TIER, *RIGHTS, "Okta_ManagerOf"]),
        MARKS,
    )
    for start, end, kind, marks in draw(st.lists(ends, max_size=18)):
        if end == "org":
            graph.add_edge(start, end, "Okta_SuperAdmin", **marks) if start not in sets else None
        elif start in sets and end not in sets:
            graph.add_edge(start, end, "OktaHound_Covers", **marks)
        elif start not in sets and (end not in sets or kind in RIGHTS) and start != end:
            graph.add_edge(start, end, kind, **marks)
    return graph


def is_set(graph, node: str) -> bool:
    return graph.nodes[node]["kind"] == "OktaHound_TargetSet"


ANN = User(id="00uAnn", login="ann@contoso.com", status="ACTIVE")
BOB = User(id="00uBob", login="bob@contoso.com", status="ACTIVE")
TOP = Application(
    id="0oaTop",
    label="Top",
    status="ACTIVE",
    sign_on_mode="OPENID_CONNECT",
    client_type="service",
    grant_types=("client_credentials",),
    client_id="0oaTop",
)
ORG = (
    ANN,
    BOB,
    AdminAssignee(id="00uBob"),
    role(BOB, "APP_ADMIN", "raBob"),
    Group(id="00gAdmins", name="Admins", type="OKTA_GROUP"),
    role(Group(id="00gAdmins"), "SUPER_ADMIN", "raGroup"),
    GroupMembership(id="00uAnn", group_id="00gAdmins"),
    ApiToken(id="00T1", name="Script", user_id="00uAnn"),
    IdentityProvider(id="0oaIdp", name="Partner", status="ACTIVE", type="SAML2"),
    IdentityProviderUser(id="00uAnn", idp_id="0oaIdp"),
    TOP,
    role(TOP, "SUPER_ADMIN", "raTop"),
    *granted(TOP, "okta.users.manage"),
    ClientSecret(id="ocs1", owner_id="0oaTop", status="ACTIVE"),
    ApiServiceIntegration(id="0oaRoles", name="Roles", oauth_scopes=(OAuthScope("okta.roles.manage"),)),
    ApiServiceIntegration(id="0oaLogs", name="Logs", oauth_scopes=(OAuthScope("okta.logs.read"),)),
)
