"""The targets of members of resource sets, in every form that Okta is known to return."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oktahound.entities import (
    All,
    Family,
    MembersOf,
    OfType,
    One,
    OneOrType,
    Resource,
    Unresolvable,
    orn_target,
    resource_target,
    url_target,
)

HOST = "https://contoso.okta.com"


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/api/v1/users", All(Family.USERS)),
        ("/api/v1/users/00u1", One(Family.USERS, "00u1")),
        ("/api/v1/groups", All(Family.GROUPS)),
        ("/api/v1/groups/00g1", One(Family.GROUPS, "00g1")),
        ("/api/v1/groups/00g1/", One(Family.GROUPS, "00g1")),
        ("/api/v1/groups/00g1/users", MembersOf("00g1")),
        ("/api/v1/apps", All(Family.APPS)),
        ('/api/v1/apps?filter=name+eq+"githubcloud"', OfType(Family.APPS, "githubcloud")),
        ("/api/v1/apps?filter=name%20eq%20%22githubcloud%22", OfType(Family.APPS, "githubcloud")),
        ("/api/v1/apps/0oa1", One(Family.APPS, "0oa1")),
        ("/api/v1/authorizationServers", All(Family.AUTHORIZATION_SERVERS)),
        ("/api/v1/authorizationServers/aus1", One(Family.AUTHORIZATION_SERVERS, "aus1")),
        ("/api/v1/devices", All(Family.DEVICES)),
        ("/api/v1/devices/guo1", One(Family.DEVICES, "guo1")),
        ("/api/v1/idps", All(Family.IDENTITY_PROVIDERS)),
        ("/api/v1/idps/0oa1", One(Family.IDENTITY_PROVIDERS, "0oa1")),
        ("/api/v1/policies", All(Family.POLICIES)),
        ("/api/v1/policies/ACCESS_POLICY", OfType(Family.POLICIES, "ACCESS_POLICY")),
        ("/api/v1/policies?type=ACCESS_POLICY", OfType(Family.POLICIES, "ACCESS_POLICY")),
        ("/api/v1/realms", All(Family.REALMS)),
        ("/api/v1/realms/guo1", One(Family.REALMS, "guo1")),
    ],
)
@pytest.mark.parametrize("host", [HOST, "https://login.contoso.com", "https://{yourOktaDomain}", ""])
def test_a_link_is_resolved_by_its_path(host, path, target):
    assert url_target(host + path) == target


@pytest.mark.parametrize(
    "url",
    [
        "",
        HOST,
        f"{HOST}/api/v1/zones/nzo1",
        f"{HOST}/api/v1/users/00u1/groups",
        f"{HOST}/api/v2/users",
        f"{HOST}/evil/api/v1/users",
        f"{HOST}/api/v1/groups/00g1/users/00u1",
        f"{HOST}/api/v1/apps?filter=status+eq+%22ACTIVE%22",
        f"{HOST}/api/v1/users?search=x",
        "https://[::1",
    ],
)
def test_a_link_of_another_form_is_unresolvable_and_never_everything(url):
    assert url_target(url) == Unresolvable(url)


@pytest.mark.parametrize(
    ("orn", "target"),
    [
        ("orn:okta:directory:00o1:users", All(Family.USERS)),
        ("orn:okta:directory:00o1:users:00u1", One(Family.USERS, "00u1")),
        ("orn:okta:directory:00o1:groups", All(Family.GROUPS)),
        ("orn:okta:directory:00o1:groups:00g1", One(Family.GROUPS, "00g1")),
        ("orn:okta:directory:00o1:groups:00g1:contained_resources", MembersOf("00g1")),
        ("orn:okta:idp:00o1:apps", All(Family.APPS)),
        ("orn:okta:idp:00o1:apps:slack", OneOrType("slack")),
        ("orn:okta:idp:00o1:apps:0oa1", OneOrType("0oa1")),
        ("orn:okta:idp:00o1:apps:slack:0oa1", One(Family.APPS, "0oa1")),
        ("orn:okta:universal-directory:00o1:devices", All(Family.DEVICES)),
        ("orn:okta:idp:00o1:devices:guo1", One(Family.DEVICES, "guo1")),
        ("orn:okta:idp:00o1:authorization_servers", All(Family.AUTHORIZATION_SERVERS)),
        ("orn:okta:idp:00o1:authorization_servers:aus1", One(Family.AUTHORIZATION_SERVERS, "aus1")),
        ("orn:okta:idp:00o1:identity_provider", All(Family.IDENTITY_PROVIDERS)),
        ("orn:oktapreview:idp:00o1:identity_provider:0oa1", One(Family.IDENTITY_PROVIDERS, "0oa1")),
        ("orn:okta:idp:00o1:policies", All(Family.POLICIES)),
        ("orn:okta:idp:00o1:policies:ACCESS_POLICY", OfType(Family.POLICIES, "ACCESS_POLICY")),
    ],
)
def test_an_orn_is_resolved_by_its_object(orn, target):
    assert orn_target(orn) == target


@pytest.mark.parametrize(
    "orn",
    [
        "orn:okta:iam:00o1:contained_resources",
        "orn:okta:support:00o1:cases",
        "orn:okta:workflow:00o1:flows",
        "orn:okta:idp:00o1:customizations",
        "orn:okta:directory:00o1:users:",
        "orn:okta:directory:00o1:groups::contained_resources",
        "orn:okta:directory:00o1:groups:00g1:something",
        "urn:okta:directory:00o1:users",
        "",
    ],
)
def test_an_orn_that_names_no_object_of_the_graph_is_unresolvable(orn):
    assert orn_target(orn) == Unresolvable(orn)


def test_the_link_is_used_and_otherwise_the_orn():
    users, orn = f"{HOST}/api/v1/users", "orn:okta:directory:00o1:groups"
    assert resource_target(users, orn) == All(Family.USERS)
    assert resource_target(None, orn) == resource_target("", orn) == All(Family.GROUPS)
    assert resource_target(f"{HOST}/api/v9/x", orn) == All(Family.GROUPS)
    assert resource_target(f"{HOST}/api/v9/x", "orn:okta:support:00o1:cases") == Unresolvable(
        f"{HOST}/api/v9/x"
    )
    assert resource_target(None, "orn:okta:support:00o1:cases") == Unresolvable("orn:okta:support:00o1:cases")
    assert resource_target(None, None) == Unresolvable("")


def test_a_resource_has_its_target_and_its_exclusions():
    resource = Resource(
        id="ire1",
        resource_set_id="iam1",
        orn="orn:okta:idp:00o1:apps",
        excluded=("orn:okta:idp:00o1:apps:0oa1", "orn:okta:idp:00o1:apps:slack"),
    )
    assert resource.target == All(Family.APPS)
    assert resource.exclusions == (OneOrType("0oa1"), OneOrType("slack"))
    assert Resource(id="ire2", resource_set_id="iam1").exclusions == ()


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_is_resolved_or_unresolvable(link, orn):
    assert resource_target(link, orn) is not None
    assert resource_target(f"{HOST}/api/v1/apps?{link}", None) is not None
