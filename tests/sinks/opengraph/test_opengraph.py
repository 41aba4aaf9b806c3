"""BloodHound's files: their content, what is left out, and that BloodHound's validator accepts them."""

from __future__ import annotations

import json
import os
import stat
import tempfile
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import attrs
import jsonschema_rs
import networkx as nx
import pytest
from example_counts import examples
from handwritten.orgs import snapshot_of
from hypothesis import example, given
from hypothesis import strategies as st
from properties.losses import with_losses
from properties.orgs import orgs

import oktahound
from oktahound import ApiToken, Gap, GapReason, OktaClient, Snapshot, build_graph, collect, entities
from oktahound.bloodhound._files import find_files
from oktahound.entities import (
    Agent,
    AgentPool,
    Application,
    AppUser,
    Device,
    DeviceUser,
    Group,
    GroupMembership,
    JsonWebKey,
    Policy,
    PolicyRule,
    RoleAssignment,
    User,
)
from oktahound.errors import ConfigurationError, KindError
from oktahound.graph import EDGE_KINDS, EdgeRow, Foreign, GraphRows, NodeRow, graph_rows
from oktahound.sim import SimulatedOrg
from oktahound.sinks import write_opengraph
from oktahound.sinks.samples import HOSTILE, SAMPLES

SCHEMAS = {
    name: jsonschema_rs.Draft202012Validator(
        json.loads((Path(__file__).parent / "schemas" / f"{name}.json").read_text(encoding="utf-8"))
    )
    for name in ("metadata", "node", "edge")
}
ALL = {"include_inactive": True, "own_kinds": True}
TENANT = "11111111-2222-4333-8444-555555555555"

ANN = User(id="00uAnn", login="ann@contoso.com", status="ACTIVE")
OFFICE = Application(
    id="0oaOffice", app_type="office365", sign_on_mode="SAML_2_0", status="ACTIVE", microsoft_tenant_id=TENANT
)
ANN_IN_OFFICE = AppUser(id="00uAnn", app_id="0oaOffice", user_name="Ann@Contoso.com", status="ACTIVE")
HYBRID = snapshot_of(ANN, OFFICE, ANN_IN_OFFICE)


def read(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the files of a folder by their stems, after validation with BloodHound's schemas."""
    found = {}
    for path in sorted(folder.iterdir()):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        text = path.read_bytes()
        if path.suffix == ".zip":
            with ZipFile(path) as packed:
                assert packed.namelist() == [f"{path.stem}.json"]
                text = packed.read(f"{path.stem}.json")
        content = json.loads(text)
        if path.stem.startswith("okta-graph"):
            hold_to_contract(content)
        found[path.stem] = content
    return found


def hold_to_contract(content: dict[str, Any]) -> None:
    assert list(content) == ["metadata", "graph"]
    assert list(content["graph"]) == ["nodes", "edges"]
    SCHEMAS["metadata"].validate(content["metadata"])
    for node in content["graph"]["nodes"]:
        SCHEMAS["node"].validate(node)
        assert node["id"] == node["id"].upper()
        assert node["id"]
        assert ":" not in node["id"]
        assert len({*node["kinds"], content["metadata"].get("source_kind", "x")}) <= 3
        hold_properties(node["properties"])
    ids = [node["id"] for node in content["graph"]["nodes"]]
    assert len(ids) == len(set(ids))
    for edge in content["graph"]["edges"]:
        SCHEMAS["edge"].validate(edge)
        hold_properties(edge["properties"])
        for end in (edge["start"], edge["end"]):
            assert end["kind"]
            assert end["match_by"] in ("id", "property")
            if end["match_by"] == "id":
                assert end["value"] == end["value"].upper()
            else:
                assert end["property_matchers"]


def hold_properties(properties: dict[str, Any]) -> None:
    names = [name.casefold() for name in properties]
    assert {"objectid", "ref"}.isdisjoint(names)
    assert len(set(names)) == len(names)
    for value in properties.values():
        items = value if isinstance(value, list) else [value]
        assert {type(item) for item in items} <= {str, int, float, bool}
        assert len({type(item) for item in items}) <= 1


def written(source: Any, **options: Any) -> tuple[dict[str, dict[str, Any]], Any]:
    with tempfile.TemporaryDirectory() as folder:
        export = write_opengraph(source, folder, **options)
        files = read(Path(folder))
    report = files.pop("oktahound-export")
    assert set(report["graph"]) == {each.path.name for each in export.files}
    assert report["gaps"] == list(export.gaps)
    for each in export.files:
        graph = files[each.path.stem]["graph"]
        assert (len(graph["nodes"]), len(graph["edges"])) == (each.nodes, each.edges)
    return files, export


def end_of(end: dict[str, Any]) -> tuple[str, ...]:
    matchers = (f"{each['key']}={each['value']}" for each in end.get("property_matchers", ()))
    return (end["kind"], end["value"]) if "value" in end else (end["kind"], *matchers)


def nodes_of(files: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the nodes of all files by their original ids."""
    found = [node for content in files.values() for node in content.get("graph", {}).get("nodes", ())]
    return {node["properties"]["id"]: node for node in found}


def edges_of(*contents: dict[str, Any]) -> dict[tuple[Any, str, Any], dict[str, Any]]:
    found = [edge for content in contents for edge in content.get("graph", {}).get("edges", ())]
    drawn = {(end_of(edge["start"]), edge["kind"], end_of(edge["end"])): edge["properties"] for edge in found}
    assert len(drawn) == len(found)
    return drawn


def expected_end(graph: nx.MultiDiGraph, nodes: dict[str, dict[str, Any]], node: str) -> tuple[str, ...]:
    said = graph.nodes[node]
    if not said.get("foreign"):
        return said["kind"], nodes[node]["id"]
    if "foreignId" in said:
        return said["kind"], said["foreignId"].upper()
    matchers = {name: value for name, value in said.items() if name not in ("kind", "foreign")}
    if "name" in matchers:
        matchers["name"] = matchers["name"].upper()
    return said["kind"], *(f"{name}={value}" for name, value in sorted(matchers.items()))


def is_kerberos(graph: nx.MultiDiGraph, node: str) -> bool:
    return "serviceprincipalnames" in graph.nodes[node]


any_org = st.one_of(orgs(), orgs().flatmap(with_losses))


@given(any_org, st.sampled_from(["edges", "targets"]), st.booleans())
@examples(6)
def test_the_files_together_contain_the_graph(org: Snapshot, form: Any, scopes: bool):
    graph = build_graph(org, permissions=form, scopes=scopes)
    files, export = written(org, permissions=form, scopes=scopes, **ALL)
    nodes = nodes_of(files)
    assert nodes.keys() == {node for node, said in graph.nodes(data=True) if not said.get("foreign")}
    for node, exported in nodes.items():
        said = dict(graph.nodes[node])
        assert exported["kinds"] == [said.pop("kind")]
        properties = dict(exported["properties"])
        assert properties.pop("id") == node
        for name in ("name", "environmentid"):
            if name in said:
                assert properties.pop(name) == said.pop(name).upper()
        assert properties == said
    wanted = {
        (expected_end(graph, nodes, start), kind, expected_end(graph, nodes, end)): said
        for start, end, kind, said in graph.edges(keys=True, data=True)
        if not is_kerberos(graph, start)
    }
    assert edges_of(*files.values()) == wanted
    assert sum(each.count for each in export.left_out) == graph.number_of_edges() - len(wanted)


SID = "S-1-5-21-1-2-3"
AD_APP = Application(id="0oaAd", app_type="active_directory", naming_context="c.local", status="ACTIVE")


def imported_user(sid: str) -> AppUser:
    return AppUser(id="00uAnn", app_id="0oaAd", scope="USER", sync_state="SYNCHRONIZED", object_sid=sid)


def imported_group(sid: str) -> Group:
    return Group(
        id="00gAd",
        name="Admins",
        type="APP_GROUP",
        object_class="okta:windows_security_principal",
        object_sid=sid,
        sam_account_name="Admins",
        source_application_id="0oaAd",
    )


def org_with_sids(user: str, group: str) -> Snapshot:
    return snapshot_of(ANN, AD_APP, imported_user(user), imported_group(group))


@given(any_org, st.booleans())
@example(org_with_sids(f"{SID}-500", f"{SID}-500"), False)
@example(org_with_sids(f"{SID}-500", f" {SID.lower()}-500"), True)
@examples(3)
def test_a_snapshot_and_its_graph_give_the_same_files(org: Snapshot, include_inactive: bool):
    one, other = (
        written(source, include_inactive=include_inactive, active_directory=True)
        for source in (org, build_graph(org))
    )
    for stem in one[0].keys() | other[0].keys():
        for part in ("nodes", "edges"):
            first, second = (
                sorted(json.dumps(each, sort_keys=True) for each in files[stem]["graph"][part])
                for files in (one[0], other[0])
            )
            assert first == second
    assert one[1].left_out == other[1].left_out


@pytest.mark.parametrize("compress", [False, True])
def test_a_simulated_org_passes_the_validator(compress: bool):
    org = SimulatedOrg(seed=3, users=60)
    with OktaClient(org.url, ApiToken(org.api_token), transport=org.transport) as client:
        snapshot = collect(client)
    files, export = written(snapshot, active_directory=True, scopes=True, compress=compress, **ALL)
    assert set(files) == {
        "okta-graph",
        "okta-graph-hybrid",
        "okta-graph-oktahound",
        "okta-graph-ad",
        "oktahound-extension",
    }
    assert export.nodes > 100
    assert export.edges > 500


@pytest.mark.parametrize("sample", SAMPLES)
def test_graphs_with_unusual_content_pass_the_validator(sample: str):
    rows = GraphRows(dict, lambda: iter(SAMPLES[sample]))
    files, _ = written(rows, **ALL)
    own = [
        row for row in SAMPLES[sample] if isinstance(row, NodeRow) and row.kind.startswith(("Okta", "SAML_"))
    ]
    assert nodes_of(files).keys() == {row.id for row in own}


@given(st.lists(st.text(max_size=8), unique=True, max_size=6), st.text(max_size=8))
def test_any_text_can_be_an_id_and_no_two_nodes_become_one(ids: list[str], text: str):
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(ids, kind="Okta_User", name=text, features=[text])
    ids = [each for each in ids if each]
    graph.remove_nodes_from([""])
    graph.add_edges_from((node, ids[0], "Okta_ManagerOf", {"assumption": text}) for node in ids)
    files, _ = written(graph)
    nodes = nodes_of(files)
    assert nodes.keys() == set(ids)
    assert edges_of(files["okta-graph"]).keys() == {
        (("Okta_User", nodes[node]["id"]), "Okta_ManagerOf", ("Okta_User", nodes[ids[0]]["id"]))
        for node in ids
    }


def test_ids_that_differ_by_letter_case_get_a_suffix_in_any_order():
    def exported(*ids: str) -> tuple[dict[str, str], Any]:
        files, export = written(snapshot_of(*(User(id=each) for each in ids)))
        return {id_: node["id"] for id_, node in nodes_of(files).items() if id_.startswith("00u")}, export

    found, export = exported("00uAnn", "00uANN", "00uBob")
    assert found["00uBob"] == "00UBOB"
    assert {id_.partition("~")[0] for id_ in (found["00uAnn"], found["00uANN"])} == {"00UANN"}
    assert len(set(found.values())) == 3
    assert export.renamed == ("00UANN",)
    assert exported("00uANN", "00uBob", "00uAnn")[0] == found
    assert exported("00uAnn")[0] == {"00uAnn": "00UANN"}


def test_the_id_of_a_device_is_its_udid_if_it_is_unique():
    devices = (Device(id="guo1", udid="aa-1"), Device(id="guo2", udid="bb"), Device(id="guo3", udid="BB"))
    owned = (DeviceUser(id="00uAnn", device_id=each.id) for each in devices)
    files, _ = written(snapshot_of(ANN, *devices, *owned))
    ids = {node["properties"]["id"]: node["id"] for node in files["okta-graph"]["graph"]["nodes"]}
    assert [ids[f"guo{n}"] for n in (1, 2, 3)] == ["AA-1@CONTOSO.OKTA.COM", "GUO2", "GUO3"]
    owners = {
        edge["start"]["value"]
        for edge in files["okta-graph"]["graph"]["edges"]
        if edge["kind"] == "Okta_DeviceOf"
    }
    assert owners == {"AA-1@CONTOSO.OKTA.COM", "GUO2", "GUO3"}


def test_ids_that_differ_by_colons_stay_different():
    key = JsonWebKey(id="a:b", kid="a:b", app_id="0oa1", kty="RSA")
    other = JsonWebKey(id="a%3ab", kid="a%3ab", app_id="0oa1", kty="RSA")
    files, _ = written(snapshot_of(Application(id="0oa1", client_type="service"), key, other))
    ids = {node["properties"]["id"]: node["id"] for node in files["okta-graph"]["graph"]["nodes"]}
    assert ids["a:b_0oa1"] == "A%3AB_0OA1"
    assert ids["a%3ab_0oa1"] == "A%253AB_0OA1"


def test_the_organization_is_the_environment_and_is_marked_as_collected():
    files, _ = written(snapshot_of(ANN, GroupMembership(id="00uGone", group_id="00gGone")))
    nodes = nodes_of(files)
    assert files["okta-graph"]["metadata"] == {"source_kind": "Okta"}
    assert nodes["00oOrg"]["properties"]["collected"] is True
    assert nodes["00uGone"]["properties"]["collected"] is False
    assert {node["properties"]["environmentid"] for node in nodes.values()} == {"00OORG"}


def test_hybrid_edges_are_in_a_file_without_a_source_kind():
    files, _ = written(HYBRID)
    assert files["okta-graph-hybrid"]["metadata"] == {}
    assert files["okta-graph-hybrid"]["graph"]["nodes"] == []
    ann = ("Okta_User", "00UANN")
    in_entra = ("AZUser", f"tenantid={TENANT}", "userprincipalname=ann@contoso.com")
    hybrid = edges_of(files["okta-graph-hybrid"])
    assert (ann, "Okta_OutboundSSO", in_entra) in hybrid
    assert (("Okta_Application", "0OAOFFICE"), "Okta_OutboundOrgSSO", ("AZTenant", TENANT)) in hybrid
    assert not any(
        kind in ("Okta_OutboundSSO", "Okta_OutboundOrgSSO") for _, kind, _ in edges_of(files["okta-graph"])
    )


def test_resolved_ids_of_the_other_product_are_matched_by_id():
    files, _ = written(HYBRID, resolve=lambda foreign: "0123-object" if foreign.kind == "AZUser" else None)
    assert (("Okta_User", "00UANN"), "Okta_OutboundSSO", ("AZUser", "0123-OBJECT")) in edges_of(
        files["okta-graph-hybrid"]
    )


def test_names_are_matched_in_the_case_in_which_bloodhound_stores_them():
    app = Application(
        id="0oa1",
        app_type="githubcloud",
        sign_on_mode="SAML_2_0",
        setting_github_org="Contoso",
        status="ACTIVE",
    )
    files, _ = written(snapshot_of(app))
    assert (
        ("Okta_Application", "0OA1"),
        "Okta_OutboundOrgSSO",
        ("GH_Organization", "name=CONTOSO"),
    ) in edges_of(files["okta-graph-hybrid"])


def test_an_inactive_edge_of_a_traversable_kind_is_left_out_and_counted():
    gone = User(id="00uGone", status="SUSPENDED")
    org = snapshot_of(
        gone,
        Group(id="00g1"),
        GroupMembership(id="00uGone", group_id="00g1"),
        OFFICE,
        AppUser(id="00uGone", app_id="0oaOffice", scope="USER"),
    )
    member = (("Okta_User", "00UGONE"), "Okta_MemberOf", ("Okta_Group", "00G1"))
    assignment = (("Okta_User", "00UGONE"), "Okta_AppAssignment", ("Okta_Application", "0OAOFFICE"))
    files, export = written(org)
    assert member not in edges_of(files["okta-graph"])
    # Its kind is not traversable.
    assert edges_of(files["okta-graph"])[assignment]["active"] is False
    (left,) = [each for each in export.left_out if each.kind == "Okta_MemberOf"]
    assert left.count == 1
    assert "inactive" in left.why
    files, export = written(org, include_inactive=True)
    assert edges_of(files["okta-graph"])[member] == {
        "active": False,
        "inactiveReason": "the user is SUSPENDED",
    }
    assert export.left_out == ()


def test_an_account_that_only_a_list_identifies_is_left_out_and_reported():
    org = snapshot_of(
        AgentPool(id="0oaAd", name="contoso.local", type="AD"),
        Application(id="0oaAd", app_type="active_directory"),
        Policy(id="00p1", type="IDP_DISCOVERY", status="ACTIVE"),
        PolicyRule(id="0pr1", policy_id="00p1", provider_types=("AgentlessDSSO",), status="ACTIVE"),
    )
    assert any(kind == "Okta_KerberosSSO" for *_, kind in build_graph(org).edges(keys=True))
    files, export = written(org)
    assert not any(kind == "Okta_KerberosSSO" for _, kind, _ in edges_of(*files.values()))
    assert [(each.kind, each.count) for each in export.left_out] == [("Okta_KerberosSSO", 1)]
    assert "serviceprincipalnames" in export.left_out[0].why


def test_own_kinds_have_a_separate_file_and_extension():
    org = snapshot_of(
        oktahound.ApiServiceIntegration(id="0oaV", oauth_scopes=(oktahound.OAuthScope("okta.users.manage"),)),
        ANN,
    )
    graph = build_graph(org, scopes=True)
    files, export = written(graph)
    assert set(files) == {"okta-graph", "okta-graph-hybrid"}
    assert {each.kind for each in export.left_out} >= {"OktaHound_OAuthScope", "OktaHound_HasScope"}
    assert export.extension is None

    files, export = written(org, scopes=True, own_kinds=True)
    own, schema = files["okta-graph-oktahound"], files["oktahound-extension"]
    assert export.left_out == ()
    assert export.extension is not None
    assert schema["schema"]["namespace"] == "OktaHound"
    declared = {kind["name"]: kind["is_traversable"] for kind in schema["relationship_kinds"]}
    assert declared == {
        name: kind.traversable for name, kind in EDGE_KINDS.items() if name.startswith("OktaHound_")
    }
    assert {edge["kind"] for edge in own["graph"]["edges"]} <= declared.keys()
    assert {kind for node in own["graph"]["nodes"] for kind in node["kinds"]} <= {
        kind["name"] for kind in schema["node_kinds"]
    }
    assert all(
        kind["name"].startswith("OktaHound_")
        for kind in (*schema["node_kinds"], *schema["relationship_kinds"])
    )
    assert not any(
        kind.startswith("OktaHound_")
        for node in files["okta-graph"]["graph"]["nodes"]
        for kind in node["kinds"]
    )


def test_kinds_outside_the_extension_have_a_separate_file():
    app = entities.Application(
        id="0oaGithub",
        app_type="githubcloud",
        sign_on_mode="SAML_2_0",
        setting_github_org="contoso",
        signing_key_id="key1",
    )
    org = snapshot_of(
        ANN,
        app,
        entities.AppUser(id=ANN.id, app_id=app.id, status="ACTIVE"),
        entities.Group(id="00g1"),
        entities.GroupMembership(id=ANN.id, group_id="00g1"),
        entities.ResourceSet(id="iam1"),
        entities.Resource(
            id="ire1", resource_set_id="iam1", link="https://contoso.okta.com/api/v1/groups/00g1/users"
        ),
    )
    files, export = written(org, own_kinds=True, saml=True, indirect_members=True)
    own = files["okta-graph-oktahound"]["graph"]
    kinds = {edge["kind"] for edge in own["edges"]}
    assert {"SAML_EligibleFor", "OktaHound_SignsWith", "Okta_ResourceSetContainsIndirect"} <= kinds
    assert {"SAML_FederationProvider", "OktaHound_SigningKey"} <= {
        kind for node in own["nodes"] for kind in node["kinds"]
    }
    beyond = ("SAML_", "OktaHound_", "Okta_ResourceSetContainsMembersOf", "Okta_ResourceSetContainsIndirect")
    for name in ("okta-graph", "okta-graph-hybrid"):
        graph = files[name]["graph"]
        assert not [edge for edge in graph["edges"] if edge["kind"].startswith(beyond)]
        assert not [node for node in graph["nodes"] if node["kinds"][0].startswith(beyond)]
    assert not [each for each in export.left_out if each.kind.startswith(beyond)]
    # The schema of the extension accepts only kinds of its own namespace.
    declared = {kind["name"] for kind in files["oktahound-extension"]["relationship_kinds"]}
    assert "OktaHound_SpeaksTo" in declared
    assert not [kind for kind in declared if kind.startswith("SAML_")]


@pytest.mark.parametrize(
    "drawn", [{"permissions": "targets"}, {"scopes": True}, {"saml": True}, {"indirect_members": True}]
)
def test_options_that_need_own_kinds_are_refused_without_them(drawn: Any, tmp_path: Path):
    with pytest.raises(ConfigurationError, match="own_kinds=True"):
        write_opengraph(HYBRID, tmp_path, **drawn)
    assert list(tmp_path.iterdir()) == []


def test_active_directory_on_request():
    sid = "S-1-5-21-1-2-3"
    org = snapshot_of(
        ANN,
        Application(id="0oaAd", app_type="active_directory", naming_context="contoso.local", status="ACTIVE"),
        AppUser(
            id="00uAnn", app_id="0oaAd", scope="USER", sync_state="SYNCHRONIZED", object_sid=f"{sid}-500"
        ),
        Group(
            id="00gAd",
            name="Admins",
            type="APP_GROUP",
            object_class="okta:windows_security_principal",
            object_sid=f"{sid}-512",
            sam_account_name="Admins",
            distinguished_name="CN=Admins,DC=contoso,DC=local",
            source_application_id="0oaAd",
        ),
    )
    assert "okta-graph-ad" not in written(org)[0]
    directory = written(org, active_directory=True)[0]["okta-graph-ad"]
    assert directory["metadata"] == {}
    assert {node["id"]: (node["kinds"], node["properties"]) for node in directory["graph"]["nodes"]} == {
        f"{sid}-500": (["User"], {"domainsid": sid}),
        f"{sid}-512": (
            ["Group"],
            {
                "domainsid": sid,
                "name": "ADMINS@CONTOSO.LOCAL",
                "samaccountname": "Admins",
                "distinguishedname": "CN=ADMINS,DC=CONTOSO,DC=LOCAL",
            },
        ),
        sid: (["Domain"], {"domainsid": sid, "name": "CONTOSO.LOCAL"}),
    }
    assert edges_of(directory).keys() == {
        (("Domain", sid), "Contains", ("User", f"{sid}-500")),
        (("Domain", sid), "Contains", ("Group", f"{sid}-512")),
    }


def test_an_account_and_a_group_with_the_same_sid_are_one_node_of_both_kinds():
    org = org_with_sids(f"{SID}-500", f"{SID}-500")
    directory = written(org, active_directory=True)[0]["okta-graph-ad"]
    assert {node["id"]: node["kinds"] for node in directory["graph"]["nodes"]} == {
        f"{SID}-500": ["Group", "User"],
        SID: ["Domain"],
    }
    assert len(directory["graph"]["edges"]) == 1


def test_an_account_with_the_sid_of_a_domain_is_one_node():
    directory = written(org_with_sids(SID, f"{SID}-512"), active_directory=True)[0]["okta-graph-ad"]
    assert {node["id"]: node["kinds"] for node in directory["graph"]["nodes"]} == {
        SID: ["Domain", "User"],
        f"{SID}-512": ["Group"],
    }


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
@pytest.mark.parametrize("umask", [0o000, 0o002, 0o022, 0o077])
def test_only_the_owner_can_read_the_folder_for_any_umask(tmp_path: Path, umask: int):
    before = os.umask(umask)
    try:
        write_opengraph(HYBRID, tmp_path / "a" / "out", own_kinds=True)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a" / "out").stat().st_mode) == 0o700
    read(tmp_path / "a" / "out")


def test_the_result_and_the_report_contain_gaps_and_withheld_rules(tmp_path: Path):
    gap = Gap(entity="RoleAssignment", reason=GapReason.FORBIDDEN, request="GET /x", status=403)
    org = attrs.evolve(HYBRID, gaps=(gap,), asked=HYBRID.asked - {"Factor"})
    graph = build_graph(org)
    for source in (org, graph):
        export = write_opengraph(source, tmp_path)
        assert export.complete is False
        assert export.gaps == (gap.as_dict(),)
        assert export.withheld == graph.graph["withheld"] != {}
        assert export.unsure == graph.graph["unsure"]
        assert export.not_asked == tuple(graph.graph["notAsked"])
        assert export.report == tmp_path / "oktahound-export.json"
        report = json.loads(export.report.read_bytes())
        assert report["complete"] is False
        assert report["gaps"] == [gap.as_dict()]
        assert report["withheld"] == graph.graph["withheld"]
        assert report["oktaDomain"] == "contoso.okta.com"
        assert {name for name in report["files"] if name.startswith("okta-graph")} == {
            each.path.name for each in export.files
        }
    assert len(repr(export)) < 3_000
    assert write_opengraph(HYBRID, tmp_path).complete is True
    graph.graph.clear()
    assert write_opengraph(graph, tmp_path).complete is False


def test_the_report_is_not_uploaded(tmp_path: Path):
    write_opengraph(HYBRID, tmp_path, own_kinds=True)
    assert [piece.name for piece in find_files(tmp_path)] == [
        "okta-graph.json",
        "okta-graph-hybrid.json",
        "okta-graph-oktahound.json",
    ]


@pytest.mark.parametrize(
    "name", ["okta-graph.json", "okta-graph-ad.json", "okta-graph.zip", "oktahound-export.json"]
)
def test_a_file_that_no_run_wrote_is_neither_replaced_nor_removed(tmp_path: Path, name: str):
    (tmp_path / name).write_text('{"files": ["okta-graph.json"]}')
    with pytest.raises(ConfigurationError, match="in the way"):
        write_opengraph(HYBRID, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    (tmp_path / name).rename(tmp_path / "mine")
    write_opengraph(HYBRID, tmp_path)
    if name.startswith("okta-graph-ad"):
        (tmp_path / "mine").rename(tmp_path / name)
        with pytest.raises(ConfigurationError, match="in the way"):
            write_opengraph(HYBRID, tmp_path)
        assert (tmp_path / name).exists()


@pytest.mark.skipif(os.name != "posix", reason="symbolic links")
def test_a_link_under_the_name_of_a_file_is_not_replaced(tmp_path: Path):
    write_opengraph(HYBRID, tmp_path / "out")
    (tmp_path / "out" / "okta-graph.json").rename(tmp_path / "elsewhere.json")
    (tmp_path / "out" / "okta-graph.json").symlink_to(tmp_path / "elsewhere.json")
    before = (tmp_path / "elsewhere.json").read_bytes()
    with pytest.raises(ConfigurationError, match="in the way"):
        write_opengraph(snapshot_of(), tmp_path / "out")
    assert (tmp_path / "elsewhere.json").read_bytes() == before


RESERVED_NAMES = ["objectid", "ObjectID", "OBJECTID", "ref", "Ref", "REF"]


@pytest.mark.parametrize("name", RESERVED_NAMES)
def test_names_that_bloodhound_reserves_are_left_out_and_reported(name: str):
    graph = build_graph(snapshot_of(ANN, Group(id="00g1"), GroupMembership(id="00uAnn", group_id="00g1")))
    graph.nodes["00uAnn"][name] = "x"
    graph.edges["00uAnn", "00g1", "Okta_MemberOf"][name] = "x"
    export = written(graph)[1]
    assert [(each.name, each.count) for each in export.dropped] == [(name, 2)]
    assert "reserves" in export.dropped[0].why


def test_if_names_differ_by_letter_case_the_one_of_the_model_is_kept():
    graph = build_graph(snapshot_of(ANN))
    added = {"Risk": 1, "risk": 2, "RISK": 3, "LOGIN": "x", "Id": "x", "ID": "x", "id": "x"}
    graph.nodes["00uAnn"].update(added)
    expected = None
    for attributes in (graph.nodes["00uAnn"], dict(reversed(graph.nodes["00uAnn"].items()))):
        row = NodeRow(
            "00uAnn", "Okta_User", {name: attributes[name] for name in attributes if name != "kind"}
        )
        files, export = written(GraphRows(dict, lambda: iter([row])))
        properties = nodes_of(files)["00uAnn"]["properties"]
        assert properties["login"] == "ann@contoso.com"
        assert properties["RISK"] == 3
        assert {each.name for each in export.dropped} == {"Risk", "risk", "LOGIN", "Id", "ID", "id"}
        assert expected in (None, properties)
        expected = properties


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=6,
)
odd_names = st.text(max_size=6) | st.sampled_from(
    [*RESERVED_NAMES, "Name", "NAME", "ID", "displayname", "ß", "SS"]
)


@given(
    st.dictionaries(odd_names, json_values, max_size=6), st.dictionaries(odd_names, json_values, max_size=4)
)
def test_attributes_of_the_caller_are_valid_and_dropped_ones_are_listed(
    on_node: dict[str, Any], on_edge: dict[str, Any]
):
    graph = build_graph(snapshot_of(ANN, Group(id="00g1"), GroupMembership(id="00uAnn", group_id="00g1")))
    graph.nodes["00uAnn"].update({name: value for name, value in on_node.items() if name != "kind"})
    graph.edges["00uAnn", "00g1", "Okta_MemberOf"].update(on_edge)
    files, export = written(graph, include_inactive=True)
    said = {each.name for each in export.dropped}
    (edge,) = [each for each in files["okta-graph"]["graph"]["edges"] if each["kind"] == "Okta_MemberOf"]
    for kept, given_names in (
        (nodes_of(files)["00uAnn"]["properties"], graph.nodes["00uAnn"].keys() - {"kind"}),
        (edge["properties"], graph.edges["00uAnn", "00g1", "Okta_MemberOf"].keys()),
    ):
        printed = {name.encode("utf-8", "backslashreplace").decode() for name in given_names - said}
        assert printed <= kept.keys()


def test_added_attributes_become_properties_that_bloodhound_accepts():
    graph = build_graph(snapshot_of(ANN))
    graph.nodes["00uAnn"].update(
        score=0.5,
        nothing=None,
        no_number=float("nan"),
        mixed=[1, "a", None, True],
        nested={"a": [1]},
        objectid="x",
        big=2**70,
        half="\ud83d",
        tags=("b", "a"),
        lists=[["a"], ["b"]],
    )
    files, export = written(graph)
    properties = nodes_of(files)["00uAnn"]["properties"]
    assert [each.name for each in export.dropped] == ["mixed", "no_number", "nothing", "objectid"]
    assert properties["score"] == 0.5
    assert {"nothing", "no_number", "objectid"}.isdisjoint(properties)
    assert properties["mixed"] == ["1", "a", "true"]
    assert properties["nested"] == '{"a":[1]}'
    assert properties["big"] == 2**70
    assert properties["half"] == "\\ud83d"
    assert properties["tags"] == ["b", "a"]
    assert properties["lists"] == ['["a"]', '["b"]']


def test_nodes_of_another_product_in_a_joined_graph_are_not_written():
    graph = build_graph(HYBRID, resolve={f"AZTenant({TENANT})": TENANT})
    graph.add_node("0A-EVE", kind="AZUser", userprincipalname="eve@contoso.com")
    files, export = written(graph)
    assert "0A-EVE" not in nodes_of(files)
    assert [(each.kind, each.count) for each in export.left_out] == [("AZUser", 1)]


@pytest.mark.parametrize("compress", [False, True])
def test_a_later_run_replaces_all_files_of_the_earlier_one(tmp_path: Path, compress: bool):
    (tmp_path / "okta-graph-notes.txt").write_text("mine")
    write_opengraph(HYBRID, tmp_path, own_kinds=True, active_directory=True, compress=not compress)
    export = write_opengraph(snapshot_of(), tmp_path, compress=compress)
    left = sorted(path.name for path in tmp_path.iterdir())
    suffix = "zip" if compress else "json"
    assert left == [
        f"okta-graph-hybrid.{suffix}",
        "okta-graph-notes.txt",
        f"okta-graph.{suffix}",
        "oktahound-export.json",
    ]
    assert [each.path for each in export.files] == [tmp_path / f"okta-graph.{suffix}", tmp_path / left[0]]


def test_if_rows_fail_the_earlier_files_are_kept(tmp_path: Path):
    write_opengraph(HYBRID, tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    graph = build_graph(snapshot_of(ANN))
    graph.add_edge("00uAnn", "00oOrg", "AZOwns")
    with pytest.raises(KindError):
        write_opengraph(graph, tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_the_same_snapshot_gives_the_same_bytes(tmp_path: Path):
    for name in ("one", "other"):
        write_opengraph(HYBRID, tmp_path / name, compress=True)
    assert (tmp_path / "one/okta-graph.zip").read_bytes() == (tmp_path / "other/okta-graph.zip").read_bytes()


def test_rows_with_a_repeated_node_or_an_edge_without_a_node_are_refused(tmp_path: Path):
    twice = [NodeRow("00u1", "Okta_User", {}), NodeRow("00u1", "Okta_User", {})]
    with pytest.raises(KindError, match="added twice"):
        write_opengraph(GraphRows(dict, lambda: iter(twice)), tmp_path)
    nowhere = [twice[0], EdgeRow(EDGE_KINDS["Okta_ManagerOf"], "00u1", "00u2", {})]
    with pytest.raises(KindError, match="'00u2', which is not a node"):
        write_opengraph(GraphRows(dict, lambda: iter(nowhere)), tmp_path)


@pytest.mark.parametrize("drawn", [{"permissions": "targets"}, {"scopes": True}, {"resolve": {}}])
def test_options_for_a_snapshot_are_refused_for_rows(drawn: Any, tmp_path: Path):
    for source in (graph_rows(HYBRID), build_graph(HYBRID)):
        with pytest.raises(ConfigurationError, match="apply to a snapshot only"):
            write_opengraph(source, tmp_path, own_kinds=True, **drawn)


def test_an_okta_object_of_another_org_has_the_id_of_its_own_export():
    there = Foreign.with_id("Okta_User", "00u:There")
    rows = [
        NodeRow("00u1", "Okta_User", {}),
        NodeRow(there.key, "Okta_User", {"foreign": True, "foreignId": "00u:There"}),
        EdgeRow(EDGE_KINDS["Okta_UserSync"], "00u1", there.key, {}),
    ]
    files, _ = written(GraphRows(dict, lambda: iter(rows)))
    (edge,) = files["okta-graph-hybrid"]["graph"]["edges"]
    assert edge["end"] == {"match_by": "id", "value": "00U%3ATHERE", "kind": "Okta_User"}


def test_roles_and_hostile_names_are_exported():
    people = [User(id=f"00u{number}", login=text, status="ACTIVE") for number, text in enumerate(HOSTILE)]
    admin = RoleAssignment(id="ra1", holder_id="00u0", holder_type="USER", type="ORG_ADMIN", status="ACTIVE")
    nodes = nodes_of(written(snapshot_of(*people, admin, Agent(id="a53", pool_id="p")))[0])
    for user in people:
        assert nodes[user.id]["properties"]["login"] == user.login
