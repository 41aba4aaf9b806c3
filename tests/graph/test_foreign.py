"""Objects outside the org: how they are identified, their placeholders, and joining graphs."""

from __future__ import annotations

import functools
import re

import networkx as nx
import pytest
from attrs import evolve
from handwritten.orgs import snapshot_of
from handwritten.rows import HOSTILE
from hypothesis import example, given
from hypothesis import strategies as st

from oktahound import ApiToken, Gap, GapReason, OktaClient, attack_view, build_graph, collect
from oktahound.entities import Application, AppUser, Group, GroupPushMapping, Organization, User
from oktahound.errors import KindError
from oktahound.graph import EDGE_KINDS, RULES, EdgeKind, Foreign, find_in, foreign_key, optional_parts, rule
from oktahound.sim import SimulatedOrg

TENANT = "11111111-2222-4333-8444-55555555555A"
ANN = User(id="00uAnn", login="ann@contoso.com", status="ACTIVE")
OFFICE = Application(
    id="0oaOffice", app_type="office365", sign_on_mode="SAML_2_0", status="ACTIVE", microsoft_tenant_id=TENANT
)
ANN_IN_OFFICE = AppUser(id="00uAnn", app_id="0oaOffice", user_name="Ann@Contoso.com", status="ACTIVE")
ANN_IN_ENTRA = f"AZUser(tenantid={TENANT},userprincipalname=ann@contoso.com)"

awkward = (
    st.text(st.characters(codec=None), min_size=1, max_size=8)
    | st.text("a=,()%:|'\"\n@", min_size=1, max_size=4)
    | st.sampled_from(["\ud83d", "\ude00", "\ud83d\ude00", "😀", *HOSTILE])
)
names = awkward.filter(lambda name: name not in {"kind", "id", "foreignId", "foreign", "collected"})
by_id = st.builds(Foreign.with_id, awkward, awkward)
by_matchers = st.builds(
    lambda kind, matchers: Foreign(kind, None, matchers.items()),
    awkward,
    st.dictionaries(names, awkward, min_size=1, max_size=3),
)
foreigns = by_id | by_matchers


@given(foreigns, foreigns)
@example(Foreign.with_id("a", "b=c"), Foreign.where("a", b="c"))
@example(Foreign("a", None, [("b", "c,d=e")]), Foreign.where("a", b="c", d="e"))
@example(Foreign.with_id("a(b", "c"), Foreign.with_id("a", "b(c"))
@example(Foreign.with_id("a", "%41"), Foreign.with_id("a", "A"))
def test_two_objects_never_share_a_key(one, other):
    assert (foreign_key(one) == foreign_key(other)) is (one == other)


@given(foreigns)
def test_a_key_is_plain_text_for_any_values(foreign):
    assert re.fullmatch(r"[A-Za-z0-9_.~@%-]+\([A-Za-z0-9_.~@%,=-]+\)", foreign.key)


@given(foreigns)
def test_an_object_is_read_back_from_its_placeholder(foreign):
    attributes = foreign.attributes
    assert Foreign.of_node(attributes) == foreign


def test_the_order_in_which_matchers_are_given_does_not_matter():
    one, other = (
        Foreign.where("AZUser", tenantid="T", upn="ann"),
        Foreign.where("AZUser", upn="ann", tenantid="T"),
    )
    assert one == other
    assert one.key == other.key == "AZUser(tenantid=T,upn=ann)"


def test_a_key_of_an_id():
    assert Foreign.with_id("Okta_User", "00u1").key == "Okta_User(00u1)"


@pytest.mark.parametrize(
    ("kind", "id_", "matchers"),
    [
        ("", "1", ()),
        ("User", None, ()),
        ("User", "", ()),
        ("User", "1", [("domain", "D")]),
        ("User", None, [("domain", "")]),
        ("User", None, [("", "D")]),
        ("User", None, [("kind", "D")]),
        ("User", None, [("id", "D")]),
        ("User", None, [("foreignId", "D")]),
        ("User", None, [("domain", "D"), ("domain", "E")]),
    ],
)
def test_an_object_without_an_identifier_is_refused(kind, id_, matchers):
    with pytest.raises(KindError):
        Foreign(kind, id_, matchers)


def test_other_nodes_are_no_placeholders():
    assert Foreign.of_node({"kind": "Okta_User", "collected": False}) is None
    assert Foreign.of_node({"kind": "AZUser", "foreign": "yes", "foreignId": "1"}) is None


def test_a_placeholder_has_its_matchers_and_no_data_of_this_org():
    nodes = build_graph(snapshot_of(ANN, OFFICE, ANN_IN_OFFICE)).nodes
    assert nodes[ANN_IN_ENTRA] == {
        "kind": "AZUser",
        "foreign": True,
        "tenantid": TENANT,
        "userprincipalname": "ann@contoso.com",
    }
    assert nodes[f"AZTenant({TENANT})"] == {"kind": "AZTenant", "foreign": True, "foreignId": TENANT}
    assert "foreign" not in nodes["00uAnn"]


def test_two_edges_to_one_object_share_its_placeholder():
    bob = User(id="00uBob")
    rows = (
        ANN,
        bob,
        OFFICE,
        ANN_IN_OFFICE,
        AppUser(id="00uBob", app_id="0oaOffice", user_name="ANN@contoso.com"),
    )
    graph = build_graph(snapshot_of(*rows))
    assert set(graph.predecessors(ANN_IN_ENTRA)) == {"00uAnn", "00uBob"}


def test_a_caller_who_knows_the_ids_names_them_by_a_function():
    asked = []

    def resolve(foreign):
        asked.append(foreign)
        return "0123-OBJECT" if foreign.kind == "AZUser" else None

    graph = build_graph(snapshot_of(ANN, OFFICE, ANN_IN_OFFICE), resolve=resolve)
    assert graph.has_edge("00uAnn", "0123-OBJECT", "Okta_OutboundSSO")
    assert graph.nodes["0123-OBJECT"] == {"kind": "AZUser", "foreign": True, "foreignId": "0123-OBJECT"}
    assert ANN_IN_ENTRA not in graph
    assert f"AZTenant({TENANT})" in graph
    assert len(asked) == len(set(asked)) == 2


def test_a_caller_who_knows_the_ids_names_them_by_a_mapping_from_keys():
    graph = build_graph(snapshot_of(ANN, OFFICE, ANN_IN_OFFICE), resolve={ANN_IN_ENTRA: "0123-OBJECT"})
    assert graph.has_edge("00uAnn", "0123-OBJECT", "Okta_OutboundSSO")


def test_an_object_that_is_in_the_graph_already_keeps_its_attributes():
    graph = build_graph(snapshot_of(ANN, OFFICE, ANN_IN_OFFICE), resolve=lambda foreign: "00uAnn")
    assert graph.nodes["00uAnn"]["kind"] == "Okta_User"
    assert "foreign" not in graph.nodes["00uAnn"]


@pytest.mark.parametrize("backwards", [False, True])
def test_objects_with_the_same_resolved_id_share_a_node_in_any_order(backwards):
    saml = {"sign_on_mode": "SAML_2_0"}
    rows = [
        Application(id="0oaA", app_type="githubcloud", setting_github_org="contoso", **saml),
        Application(id="0oaB", app_type="snowflake", setting_sub_domain="x-y", **saml),
    ]
    graph = build_graph(snapshot_of(*rows[:: -1 if backwards else 1]), resolve=lambda foreign: "ONE")
    assert graph.nodes["ONE"] == {"kind": "GH_Organization", "foreign": True, "foreignId": "ONE"}


def entra() -> nx.MultiDiGraph:
    graph = nx.MultiDiGraph()
    graph.add_node(TENANT, kind="AZTenant", name="CONTOSO")
    graph.add_node("0A-ANN", kind="AZUser", userprincipalname="Ann@contoso.com", tenantid=TENANT)
    graph.add_node("0A-BOB", kind="AZUser", userprincipalname="bob@contoso.com", tenantid=TENANT)
    graph.add_edge("0A-ANN", TENANT, "AZGlobalAdmin")
    return graph


def test_a_graph_of_another_product_is_joined_by_composing():
    okta = build_graph(snapshot_of(ANN, OFFICE, ANN_IN_OFFICE), resolve=find_in(entra()))
    joined = nx.compose(okta, entra())
    assert joined.has_edge("00uAnn", "0A-ANN", "Okta_OutboundSSO")
    assert joined.has_edge("0A-ANN", TENANT, "AZGlobalAdmin")
    assert joined.nodes["0A-ANN"]["userprincipalname"] == "Ann@contoso.com"
    assert joined.nodes["0A-ANN"]["foreign"] is True


def test_an_existing_graph_is_joined_by_relabelling():
    okta, found = build_graph(snapshot_of(ANN, OFFICE, ANN_IN_OFFICE)), find_in(entra())
    names = {
        node: found(foreign) or node
        for node, attributes in okta.nodes(data=True)
        if (foreign := Foreign.of_node(attributes)) is not None
    }
    joined = nx.compose(nx.relabel_nodes(okta, names), entra())
    assert joined.has_edge("00uAnn", "0A-ANN", "Okta_OutboundSSO")
    assert joined.has_edge("0oaOffice", TENANT, "Okta_OutboundOrgSSO")
    assert not any("(" in node for node in joined)


def test_paths_across_products_use_the_traversable_parts_of_both():
    okta = build_graph(
        snapshot_of(ANN, evolve(OFFICE, status="INACTIVE"), ANN_IN_OFFICE), resolve=find_in(entra())
    )
    assert nx.has_path(nx.compose(okta, entra()), "00uAnn", TENANT)
    assert not nx.has_path(nx.compose(attack_view(okta), entra()), "00uAnn", TENANT)


def test_no_match_or_several_matches_are_not_resolved():
    graph = entra()
    graph.add_node("0A-ANN2", kind="AZUser", userprincipalname="ANN@CONTOSO.COM", tenantid=TENANT)
    find = find_in(graph)
    assert find(Foreign.where("AZUser", userprincipalname="bob@contoso.com", tenantid=TENANT)) == "0A-BOB"
    assert find(Foreign.where("AZUser", userprincipalname="ann@contoso.com", tenantid=TENANT)) is None
    assert find(Foreign.where("AZUser", userprincipalname="bob@contoso.com", tenantid="other")) is None
    assert find(Foreign.where("AZGroup", userprincipalname="bob@contoso.com")) is None
    assert find(Foreign.with_id("AZTenant", TENANT.lower())) == TENANT
    assert find(Foreign.with_id("AZUser", TENANT)) is None


def test_a_list_matches_if_it_contains_the_value():
    graph = nx.MultiDiGraph()
    graph.add_node("S-1", kind="User", serviceprincipalnames=["HTTP/a", "HTTP/contoso.kerberos.okta.com"])
    graph.add_node("S-2", kind="User", serviceprincipalnames=[])
    graph.add_node("S-3", kind="User", serviceprincipalnames=None)
    find = find_in(graph)
    assert find(Foreign.where("User", serviceprincipalnames="http/CONTOSO.kerberos.okta.com")) == "S-1"


def test_placeholders_and_nodes_without_a_kind_do_not_match():
    graph = nx.MultiDiGraph()
    graph.add_node("ours", **Foreign.where("AZUser", upn="ann").attributes)
    graph.add_node("bare")
    graph.add_node(7, kind="AZUser", upn="ann")
    assert find_in(graph)(Foreign.where("AZUser", upn="ann")) == 7


def test_two_okta_orgs_are_joined_where_one_pushes_into_the_other():
    hub_id, name = "00uHubAnn", "IT"
    hub = build_graph(snapshot_of(User(id=hub_id, login="ann@adatum.com"), Group(id="00gHubIt", name=name)))
    nx.set_node_attributes(hub, "adatum.okta.com", "oktaDomain")
    spoke = (
        ANN,
        Application(
            id="0oaOrg",
            app_type="okta_org2org",
            sign_on_mode="SAML_2_0",
            setting_base_url="https://Adatum.okta.com",
        ),
        AppUser(id="00uAnn", app_id="0oaOrg", external_id=hub_id, status="ACTIVE"),
        Group(id="00gIt", name=name, type="OKTA_GROUP"),
        Group(id="00gThere", name=name, type="APP_GROUP", object_class="okta:user_group"),
        GroupPushMapping(
            id="gPm", app_id="0oaOrg", source_group_id="00gIt", target_group_id="00gThere", status="ACTIVE"
        ),
    )
    joined = nx.compose(build_graph(snapshot_of(*spoke), resolve=find_in(hub)), hub)
    assert joined.has_edge("00uAnn", hub_id, "Okta_OutboundSSO")
    assert joined.has_edge("00gIt", "00gHubIt", "Okta_MembershipSync")


def test_a_foreign_end_of_an_undeclared_kind_is_an_error(monkeypatch):
    odd = EdgeKind("Odd_Edge", starts={"Okta_User"}, ends={"AZUser"}, traversable=False, why="For this test.")

    @rule(odd, needs=(User,))
    def strays(view):
        yield odd("00uAnn", Foreign.with_id("AZGroup", "1"))

    monkeypatch.setattr(optional_parts, "RULES", (strays,))
    with pytest.raises(KindError, match="AZGroup"):
        build_graph(snapshot_of(ANN))


@functools.cache
def simulated():
    org = SimulatedOrg(seed=1, users=50)
    with OktaClient(org.url, ApiToken(org.api_token), transport=org.transport) as client:
        return collect(client)


def test_a_simulated_org_has_every_edge_out_of_it_between_kinds_that_it_can_join():
    graph = build_graph(simulated())
    crossing = [
        (graph.nodes[start]["kind"], EDGE_KINDS[kind], graph.nodes[end]["kind"])
        for start, end, kind in graph.edges(keys=True)
        if graph.nodes[start].get("foreign") or graph.nodes[end].get("foreign")
    ]
    assert {kind.name for _, kind, _ in crossing} == {
        "Okta_HostsAgent",
        "Okta_KerberosSSO",
        "Okta_MembershipSync",
        "Okta_OrgSWA",
        "Okta_OutboundOrgSSO",
        "Okta_OutboundSSO",
        "Okta_PasswordSync",
        "Okta_SWA",
        "Okta_UserSync",
    }
    assert all(start in kind.starts and end in kind.ends for start, kind, end in crossing)


def test_every_placeholder_of_a_simulated_org_has_its_own_key():
    nodes = build_graph(simulated()).nodes
    placeholders = {node: foreign for node in nodes if (foreign := Foreign.of_node(nodes[node]))}
    assert len({foreign.kind for foreign in placeholders.values()}) > 10
    assert {node: foreign.key for node, foreign in placeholders.items()} == {
        each: each for each in placeholders
    }


def test_both_forms_of_permissions_give_the_same_foreign_edges():
    snapshot = simulated()
    one, other = build_graph(snapshot), build_graph(snapshot, permissions="targets")
    assert one.graph["unmatched"] == other.graph["unmatched"] != []
    assert [node for node in one if "(" in node] == [node for node in other if "(" in node]


# All entities that the rules read, except the organization, which every snapshot has.
READ_BY_RULES = sorted(
    {cls for each in RULES if "hybrid" in each.body.__module__ for cls in each.needs} - {Organization},
    key=lambda cls: cls.__name__,
)


@pytest.mark.parametrize("lost", READ_BY_RULES, ids=lambda cls: cls.__name__)
@pytest.mark.parametrize("every", [1, 2, 3])
def test_a_gap_never_adds_an_edge_out_of_the_org(lost, every):
    whole = simulated()
    kept = tuple(row for number, row in enumerate(whole.rows(lost)) if number % every)
    gap = Gap(entity=lost.__name__, reason=GapReason.SERVER, request="GET /lost", status=500)
    partly = evolve(whole, gaps=(*whole.gaps, gap), **{lost.PLURAL: kept})

    for found, there in zip(crossing(partly), crossing_of_whole(), strict=True):
        assert found <= there


def crossing(snapshot):
    """Return the edges that cross the border of the org, of the graph and of its attack view."""
    graph = build_graph(snapshot)
    return [
        {
            edge
            for edge in each.edges(keys=True)
            if graph.nodes[edge[0]].get("foreign") or graph.nodes[edge[1]].get("foreign")
        }
        for each in (graph, attack_view(graph))
    ]


@functools.cache
def crossing_of_whole():
    return crossing(simulated())
