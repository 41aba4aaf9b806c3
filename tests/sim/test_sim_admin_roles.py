"""Role assignments and their targets, custom roles, resource sets and bindings."""

from __future__ import annotations

import pytest

from oktahound.sim import OAuthSettings, SimulatedOrg


@pytest.fixture
def empty_org(clock):
    return SimulatedOrg.empty(clock=clock)


@pytest.fixture
def http(empty_org, client):
    return client(empty_org)


def test_ids_of_scopable_roles_are_their_names_in_base32_and_repeat(empty_org, http):
    ann, team = empty_org.add_user("ann@contoso.com"), empty_org.add_group("Team")
    assert empty_org.assign_role(ann, "APP_ADMIN") == "IFIFAX2BIRGUSTQ"
    assert empty_org.assign_role(team, "USER_ADMIN") == "KVJUKUS7IFCE2SKO"
    assert empty_org.assign_role(team, "HELP_DESK_ADMIN") == "JBCUYUC7IRCVGS27IFCE2SKO"
    assert empty_org.assign_role(team, "APP_ADMIN") == "IFIFAX2BIRGUSTQ"
    assert empty_org.assign_role(ann, "SUPER_ADMIN").startswith("ra1")
    assert empty_org.assign_role(team, "SUPER_ADMIN").startswith("gra")
    first = http.get(f"/api/v1/users/{ann}/roles").json()[0]
    assert (first["type"], first["label"], first["assignmentType"]) == (
        "APP_ADMIN",
        "Application Administrator",
        "USER",
    )
    assert first["_links"]["assignee"]["href"].endswith(f"/api/v1/users/{ann}")


def test_a_users_roles_include_those_of_the_users_groups_marked_as_such(empty_org, http):
    ann = empty_org.add_user("ann@contoso.com")
    team = empty_org.add_group("Team", members=[ann])
    empty_org.assign_role(ann, "APP_ADMIN")
    empty_org.assign_role(team, "APP_ADMIN")
    roles = http.get(f"/api/v1/users/{ann}/roles").json()
    assert [(role["id"], role["assignmentType"]) for role in roles] == [
        ("IFIFAX2BIRGUSTQ", "USER"),
        ("IFIFAX2BIRGUSTQ", "GROUP"),
    ]


def test_assignees_are_the_users_with_roles_of_their_own_by_pages_in_the_body(empty_org, http, read_all):
    users = [empty_org.add_user(f"u{number}@contoso.com") for number in range(5)]
    for user in users[1:]:
        empty_org.assign_role(user, "READ_ONLY_ADMIN")
    answer = http.get("/api/v1/iam/assignees/users", params={"limit": 3})
    assert set(answer.json()["_links"]) == {"next"}
    assert "next" not in answer.links
    rows = read_all(http, "/api/v1/iam/assignees/users", "value", limit=3)
    assert [row["id"] for row in rows] == users[1:]
    assert rows[0]["orn"] == f"orn:okta:directory:{empty_org.organization_id}:users:{users[1]}"


def test_group_targets_page_by_twenty_even_when_more_is_asked(empty_org, http, read_all):
    ann = empty_org.add_user("ann@contoso.com")
    groups = [empty_org.add_group(f"G{number}") for number in range(45)]
    role = empty_org.assign_role(ann, "HELP_DESK_ADMIN", groups=groups)
    path = f"/api/v1/users/{ann}/roles/{role}/targets/groups"
    assert len(http.get(path, params={"limit": 200}).json()) == 20
    assert [row["id"] for row in read_all(http, path, limit=200)] == groups


def test_app_targets_are_one_application_or_a_kind_of_applications(empty_org, http):
    team, zoom = empty_org.add_group("Team"), empty_org.add_app("zoomus", label="Zoom")
    role = empty_org.assign_role(team, "APP_ADMIN", apps=[zoom], app_types=["office365"])
    one, kind = http.get(f"/api/v1/groups/{team}/roles/{role}/targets/catalog/apps").json()
    assert (one["id"], one["name"]) == (zoom, "zoomus")
    assert ("id" in kind, kind["name"]) == (False, "office365")


def test_targets_are_embedded_on_request(empty_org, http):
    ann, team, zoom = (
        empty_org.add_user("ann@contoso.com"),
        empty_org.add_group("Team"),
        empty_org.add_app("zoomus"),
    )
    empty_org.assign_role(ann, "APP_ADMIN", apps=[zoom])
    empty_org.assign_role(ann, "USER_ADMIN", groups=[team])
    path = f"/api/v1/users/{ann}/roles"
    assert "_embedded" not in http.get(path).text
    apps, groups = http.get(path, params={"expand": "targets/groups,targets/catalog/apps"}).json()
    assert [app["id"] for app in apps["_embedded"]["targets"]["catalog"]["apps"]] == [zoom]
    assert [group["id"] for group in groups["_embedded"]["targets"]["groups"]] == [team]
    only = http.get(path, params={"expand": "targets/groups"}).json()
    assert ["_embedded" in role for role in only] == [False, True]


def test_a_role_that_the_holder_does_not_have_has_no_targets(empty_org, http):
    ann = empty_org.add_user("ann@contoso.com")
    answer = http.get(f"/api/v1/users/{ann}/roles/IFIFAX2BIRGUSTQ/targets/groups")
    assert (answer.status_code, answer.json()["errorCode"]) == (404, "E0000007")


def test_clients_hold_roles_by_their_client_id(empty_org, http):
    oauth = OAuthSettings(application_type="service", client_id="my-own-client-id")
    empty_org.add_app("oidc_client", sign_on_mode="OPENID_CONNECT", oauth=oauth)
    empty_org.assign_role("my-own-client-id", "REPORT_ADMIN")
    (role,) = http.get("/oauth2/v1/clients/my-own-client-id/roles").json()
    assert (role["assignmentType"], role["type"]) == ("CLIENT", "REPORT_ADMIN")


def test_custom_roles_are_found_by_id_and_by_label_with_their_permissions(empty_org, http):
    role = empty_org.add_custom_role("Helper", permissions=["okta.users.read", "okta.groups.read"])
    empty_org.add_custom_role("Workflows Administrator", permissions=[], id="WORKFLOWS_ADMIN")
    listed = http.get("/api/v1/iam/roles").json()
    assert [row["id"] for row in listed["roles"]] == [role, "WORKFLOWS_ADMIN"]
    assert http.get(f"/api/v1/iam/roles/{role}").json() == http.get("/api/v1/iam/roles/Helper").json()
    permissions = http.get("/api/v1/iam/roles/Helper/permissions").json()
    assert [row["label"] for row in permissions["permissions"]] == ["okta.users.read", "okta.groups.read"]
    assert set(permissions) == {"permissions"}


def test_resources_have_a_path_or_only_a_name(empty_org, http):
    zoom = empty_org.add_app("zoomus")
    key = empty_org.add_resource_set(
        "Set", resources=["/api/v1/users", f"/api/v1/apps/{zoom}", "orn:okta:x:y"]
    )
    answer = http.get(f"/api/v1/iam/resource-sets/{key}/resources").json()
    users, app, other = answer["resources"]
    org = empty_org.organization_id
    assert users["_links"]["self"]["href"] == f"{empty_org.url}/api/v1/users"
    assert users["orn"] == f"orn:okta:directory:{org}:users"
    assert app["orn"] == f"orn:okta:idp:{org}:apps:zoomus:{zoom}"
    assert (other["orn"], "self" in other["_links"]) == ("orn:okta:x:y", False)
    assert set(answer["_links"]) == {"self", "resource-set"}


def test_members_of_a_group_are_a_separate_resource(empty_org):
    team = empty_org.add_group("Team")
    orn = empty_org.world.orn_of_path(f"/api/v1/groups/{team}/users")
    assert orn == f"orn:okta:directory:{empty_org.organization_id}:groups:{team}:contained_resources"


def test_a_built_in_resource_set_has_a_keyword_as_id_and_no_times(empty_org, http):
    empty_org.add_resource_set("Workflows", resources=[], id="WORKFLOWS_IAM_POLICY")
    found = http.get("/api/v1/iam/resource-sets/WORKFLOWS_IAM_POLICY").json()
    assert "created" not in found
    assert http.get("/api/v1/iam/resource-sets").json()["resource-sets"] == [found]


def test_a_binding_shows_in_the_set_and_at_each_holder(empty_org, http, read_all):
    ann, team = empty_org.add_user("ann@contoso.com"), empty_org.add_group("Team")
    role = empty_org.add_custom_role("Helper", permissions=["okta.users.read"])
    where = empty_org.add_resource_set("Set", resources=["/api/v1/users"])
    empty_org.bind_role(where, role, members=[ann, team])
    base = f"/api/v1/iam/resource-sets/{where}/bindings"
    assert [row["id"] for row in http.get(base).json()["roles"]] == [role]
    members = read_all(http, f"{base}/{role}/members", "members")
    assert [row["_links"]["self"]["href"].rpartition("/")[2] for row in members] == [ann, team]
    (held,) = http.get(f"/api/v1/users/{ann}/roles").json()
    assert (held["id"], held["type"]) == (members[0]["id"], "CUSTOM")
    assert (held["role"], held["resource-set"]) == (role, where)
    missing = http.get(f"{base}/nope/members")
    assert missing.json()["errorSummary"].endswith("nope (CustomRole)")


def test_listings_that_page_in_the_body_give_every_row_once(clock, client, read_all):
    org = SimulatedOrg(seed=1, users=30, clock=clock, page_size=1)
    http = client(org)
    for path, envelope, name in (
        ("/api/v1/iam/roles", "roles", "iam_roles"),
        ("/api/v1/iam/resource-sets", "resource-sets", "resource_sets"),
    ):
        rows = read_all(http, path, envelope)
        assert [row["id"] for row in rows] == list(org.world[name])
        assert len(rows) > 1
