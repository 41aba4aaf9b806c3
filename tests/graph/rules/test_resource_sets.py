"""The content of resource sets: links and ORNs resolved to collected objects, without exclusions."""

from __future__ import annotations

import pytest
from handwritten.admins import edges_by_ends, gap, graph_of
from handwritten.hybrid import unmatched

from oktahound import attack_view
from oktahound.entities import (
    ApiServiceIntegration,
    Application,
    AuthorizationServer,
    Device,
    Group,
    GroupMembership,
    IdentityProvider,
    Policy,
    Realm,
    Resource,
    ResourceSet,
    User,
)

ORG = (
    User(id="00u1", realm_id="guoR"),
    User(id="00u2"),
    Group(id="00g1"),
    Group(id="00g2"),
    GroupMembership(id="00u1", group_id="00g1"),
    GroupMembership(id="00uGone", group_id="00g1"),
    Application(id="0oaSlack", app_type="slack"),
    Application(id="0oaOther"),
    ApiServiceIntegration(id="0oaFalcon", app_type="falcon"),
    AuthorizationServer(id="aus1"),
    Device(id="guoD", udid="AA"),
    IdentityProvider(id="0oaIdp"),
    Policy(id="rstA", type="ACCESS_POLICY"),
    Policy(id="rstP", type="PASSWORD"),
    Realm(id="guoR"),
    Realm(id="guoEmpty"),
    ResourceSet(id="iam1"),
)
USERS, GROUPS = {"00u1", "00u2"}, {"00g1", "00g2"}
APPS, POLICIES = {"0oaSlack", "0oaOther", "0oaFalcon"}, {"rstA", "rstP"}
API = "https://contoso.okta.com/api/v1"


def holds(*resources, **about):
    found = edges_by_ends(graph_of(*ORG, *resources, **about), "Okta_ResourceSetContains")
    assert all(start == "iam1" and properties == {} for (start, _), properties in found.items())
    return {end for _, end in found}


def linked(link, **facts):
    return Resource(id="ire1", resource_set_id="iam1", link=link, **facts)


def named(orn, **facts):
    return Resource(id="ire1", resource_set_id="iam1", orn=orn, **facts)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/users", USERS),
        ("/users/", USERS),
        ("/users/00u1", {"00u1"}),
        ("/users/00uGone", set()),
        ("/groups", GROUPS),
        ("/groups/00g1", {"00g1"}),
        ("/groups/00g1/users", {"00u1"}),
        ("/groups/00g2/users", set()),
        ("/groups/00gGone", set()),
        ("/apps", APPS),
        ('/apps?filter=name+eq+"slack"', {"0oaSlack"}),
        ("/apps?filter=name+eq+%22falcon%22", {"0oaFalcon"}),
        ('/apps?filter=name+eq+"nobody"', set()),
        ('/apps?filter=status+eq+"ACTIVE"', set()),
        ("/apps/0oaOther", {"0oaOther"}),
        ("/apps/0oaFalcon", {"0oaFalcon"}),
        ("/authorizationServers", {"aus1"}),
        ("/authorizationServers/aus1", {"aus1"}),
        ("/devices", {"guoD"}),
        ("/devices/guoD", {"guoD"}),
        ("/idps", {"0oaIdp"}),
        ("/idps/0oaIdp", {"0oaIdp"}),
        ("/policies", POLICIES),
        ("/policies/ACCESS_POLICY", {"rstA"}),
        ("/policies?type=PASSWORD", {"rstP"}),
        ("/realms", {"00u1"}),
        ("/realms/guoR", {"00u1"}),
        ("/realms/guoEmpty", set()),
        ("/brands", set()),
    ],
)
def test_a_link_is_resolved_to_the_collected_objects(path, found):
    assert holds(linked(API + path)) == found
    assert holds(linked("https://login.contoso.example/api/v1" + path)) == found


@pytest.mark.parametrize(
    ("orn", "found"),
    [
        ("orn:okta:directory:00oOrg:users", USERS),
        ("orn:okta:directory:00oOrg:users:00u2", {"00u2"}),
        ("orn:okta:directory:00oOrg:groups", GROUPS),
        ("orn:okta:directory:00oOrg:groups:00g2", {"00g2"}),
        ("orn:okta:directory:00oOrg:groups:00g1:contained_resources", {"00u1"}),
        ("orn:okta:idp:00oOrg:apps", APPS),
        ("orn:okta:idp:00oOrg:apps:slack", {"0oaSlack"}),
        ("orn:okta:idp:00oOrg:apps:falcon", {"0oaFalcon"}),
        ("orn:okta:idp:00oOrg:apps:0oaSlack", {"0oaSlack"}),
        ("orn:okta:idp:00oOrg:apps:slack:0oaSlack", {"0oaSlack"}),
        ("orn:okta:idp:00oOrg:apps:slack:0oaGone", set()),
        ("orn:okta:directory:00oOrg:devices", {"guoD"}),
        ("orn:okta:directory:00oOrg:devices:guoD", {"guoD"}),
        ("orn:okta:idp:00oOrg:authorization_servers", {"aus1"}),
        ("orn:okta:idp:00oOrg:authorization_servers:aus1", {"aus1"}),
        ("orn:okta:idp:00oOrg:identity_provider", {"0oaIdp"}),
        ("orn:okta:idp:00oOrg:identity_provider:0oaIdp", {"0oaIdp"}),
        ("orn:okta:idp:00oOrg:policies", POLICIES),
        ("orn:okta:idp:00oOrg:policies:PASSWORD", {"rstP"}),
        ("orn:okta:iam:00oOrg:contained_resources", set()),
        ("orn:okta:support:00oOrg:cases", set()),
        ("orn:okta:workflow:00oOrg:flows", set()),
        ("orn:okta:idp:00oOrg:customizations", set()),
    ],
)
def test_without_a_link_the_resource_name_counts(orn, found):
    assert holds(named(orn)) == found


def test_the_link_counts_before_the_name():
    assert holds(linked(f"{API}/users/00u1", orn="orn:okta:directory:00oOrg:users")) == {"00u1"}


def test_an_empty_member_contains_nothing():
    assert holds(Resource(id="ire1", resource_set_id="iam1")) == set()


def test_unresolvable_members_and_exclusions_are_unmatched():
    customizations = "orn:okta:idp:00oOrg:customizations"
    rows = (
        ResourceSet(id="iam1"),
        named(customizations),
        Resource(id="ire2", resource_set_id="iam1"),
        Resource(id="ire3", resource_set_id="iam1", link=f"{API}/users", excluded=("orn:x",)),
    )
    assert unmatched(*rows) == {
        ("resource_set_contains", "iam1", f"no object in the graph for {customizations}", 1),
        ("resource_set_contains", "iam1", "no object in the graph for a member without link and ORN", 1),
        ("resource_set_contains", "iam1", "a member is left out, because it excludes the unknown orn:x", 1),
    }


@pytest.mark.parametrize(
    ("excluded", "found"),
    [
        (["orn:okta:idp:00oOrg:apps:0oaSlack"], {"0oaOther", "0oaFalcon"}),
        (["orn:okta:idp:00oOrg:apps:slack"], {"0oaOther", "0oaFalcon"}),
        (["orn:okta:idp:00oOrg:apps:falcon:0oaFalcon"], {"0oaOther", "0oaSlack"}),
        (["orn:okta:idp:00oOrg:apps:slack", "orn:okta:idp:00oOrg:apps:0oaOther"], {"0oaFalcon"}),
        (["orn:okta:idp:00oOrg:apps:0oaGone"], APPS),
        (["orn:okta:idp:00oOrg:apps"], set()),
        ([], APPS),
        (["orn:okta:idp:00oOrg:somethings:x"], set()),
        (["orn:okta:idp:00oOrg:apps:slack", "not an orn"], set()),
    ],
)
def test_exclusions_are_removed_and_an_unknown_exclusion_removes_everything(excluded, found):
    assert holds(linked(f"{API}/apps", excluded=tuple(excluded))) == found


def test_members_of_an_excluded_group_are_removed_if_they_are_known():
    excluded = ("orn:okta:directory:00oOrg:groups:00g1:contained_resources",)
    resource = linked(f"{API}/users", excluded=excluded)
    assert holds(resource) == {"00u2"}
    assert holds(resource, gaps=(gap(GroupMembership, "00g2"),)) == {"00u2"}
    assert holds(resource, gaps=(gap(GroupMembership, "00g1"),)) == set()
    assert holds(resource, gaps=(gap(GroupMembership),)) == set()


def test_an_exclusion_affects_its_own_member_only():
    slack = Resource(id="ire2", resource_set_id="iam1", link=f"{API}/apps/0oaSlack")
    assert holds(linked(f"{API}/apps", excluded=("orn:okta:idp:00oOrg:apps",)), slack) == {"0oaSlack"}


def test_an_object_named_twice_has_one_edge():
    again = Resource(id="ire2", resource_set_id="iam1", link=f"{API}/groups/00g1/users")
    assert holds(linked(f"{API}/users/00u1"), again) == {"00u1"}


def test_the_members_of_another_set_are_not_of_this_one():
    assert holds(Resource(id="ire1", resource_set_id="iam2", link=f"{API}/users")) == set()


def test_the_key_of_a_built_in_set_contains_the_org():
    rows = (
        User(id="00u1"),
        ResourceSet(id="WORKFLOWS_IAM_POLICY"),
        Resource(id="ire1", resource_set_id="WORKFLOWS_IAM_POLICY", link=f"{API}/users"),
    )
    graph = graph_of(*rows)
    assert set(edges_by_ends(graph, "Okta_ResourceSetContains")) == {
        ("WORKFLOWS_IAM_POLICY@contoso.okta.com", "00u1")
    }


def test_a_device_in_a_set_has_oktas_id():
    assert holds(linked(f"{API}/devices/AA@contoso.okta.com")) == set()


def test_the_edges_of_sets_are_traversable_as_in_the_model():
    assert attack_view(graph_of(*ORG, linked(f"{API}/users/00u1"))).has_edge("iam1", "00u1")


@pytest.mark.parametrize(
    "cls",
    [
        ResourceSet,
        Resource,
        User,
        Group,
        Application,
        ApiServiceIntegration,
        AuthorizationServer,
        Device,
        IdentityProvider,
        Policy,
        GroupMembership,
    ],
)
def test_contents_of_sets_are_unsure_if_sets_or_objects_have_gaps(cls):
    assert graph_of(gaps=(gap(cls),)).graph["unsure"]["resource_set_contains"] == [cls.__name__]
