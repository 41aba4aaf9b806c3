"""Groups, applications, assignments, pushed groups, and what applications sign in with."""

from __future__ import annotations

import pytest

from oktahound.sim import SECRET_MARKER, OAuthSettings, SimulatedOrg


@pytest.fixture
def empty_org(clock):
    return SimulatedOrg.empty(clock=clock)


@pytest.fixture
def http(empty_org, client):
    return client(empty_org)


def ids(answer):
    assert answer.status_code == 200, answer.text
    return [row["id"] for row in answer.json()]


def test_a_group_lists_its_members_in_the_order_in_which_they_joined(empty_org, http):
    ann, bob = (
        empty_org.add_user("ann@contoso.com"),
        empty_org.add_user("bob@contoso.com", status="SUSPENDED"),
    )
    team = empty_org.add_group("Team", members=[bob, ann])
    assert ids(http.get(f"/api/v1/groups/{team}/users")) == [bob, ann]
    assert ids(http.get(f"/api/v1/users/{ann}/groups")) == [team]
    empty_org.remove_from_group(team, bob)
    assert ids(http.get(f"/api/v1/groups/{team}/users")) == [ann]
    empty_org.remove_user(ann)
    assert ids(http.get(f"/api/v1/groups/{team}/users")) == []


def test_removing_a_group_removes_its_memberships(empty_org, http):
    ann = empty_org.add_user("ann@contoso.com")
    team = empty_org.add_group("Team", members=[ann])
    empty_org.remove_group(team)
    assert ids(http.get("/api/v1/groups")) == []
    assert ids(http.get(f"/api/v1/users/{ann}/groups")) == []


def test_everyone_contains_all_users(empty_org, http):
    everyone = empty_org.add_group("Everyone", type="BUILT_IN")
    ann = empty_org.add_user("ann@contoso.com")
    empty_org.add_user("gone@contoso.com", status="DEPROVISIONED")
    assert ids(http.get(f"/api/v1/groups/{everyone}/users")) == [ann]
    assert ids(http.get(f"/api/v1/users/{ann}/groups")) == [everyone]


def test_statistics_come_only_when_they_are_requested(empty_org, http):
    ann = empty_org.add_user("ann@contoso.com")
    team, other = empty_org.add_group("Team", members=[ann]), empty_org.add_group("Other")
    app = empty_org.add_app("zoomus", features=["GROUP_PUSH"])
    empty_org.assign_group(app, team)
    empty_org.push_group(app, team, target=other)
    empty_org.assign_role(team, "HELP_DESK_ADMIN")
    assert "_embedded" not in http.get("/api/v1/groups").text
    first, second = http.get("/api/v1/groups", params={"expand": "stats"}).json()
    counts = {"usersCount": 1, "appsCount": 1, "groupPushMappingsCount": 1, "hasAdminPrivlege": True}
    nothing = {"usersCount": 0, "appsCount": 0, "groupPushMappingsCount": 0, "hasAdminPrivlege": False}
    assert first["_embedded"]["stats"] == counts
    assert second["_embedded"]["stats"] == nothing


def test_the_spelling_of_the_privilege_statistic_can_be_chosen(empty_org, http):
    empty_org.add_group("Team")
    empty_org.world.privilege_statistic = "hasAdminPrivilege"
    (group,) = http.get("/api/v1/groups", params={"expand": "stats"}).json()
    assert group["_embedded"]["stats"]["hasAdminPrivilege"] is False


def test_expanded_groups_come_at_most_two_hundred_at_a_time(empty_org, http):
    for number in range(201):
        empty_org.add_group(f"G{number}")
    assert len(http.get("/api/v1/groups", params={"limit": 10_000}).json()) == 201
    expanded = http.get("/api/v1/groups", params={"limit": 10_000, "expand": "stats"})
    assert len(expanded.json()) == 200
    assert "expand=stats" in expanded.links["next"]["url"]


def test_groups_can_be_found_by_type_and_by_the_start_of_their_name(empty_org, http):
    team, everyone = empty_org.add_group("Team"), empty_org.add_group("Everyone", type="BUILT_IN")
    assert ids(http.get("/api/v1/groups", params={"filter": 'type eq "BUILT_IN"'})) == [everyone]
    answer = http.get("/api/v1/groups", params={"q": "te"})
    assert ids(answer) == [team]
    assert "link" not in answer.headers


def test_a_group_from_active_directory_names_its_app_and_its_sid(empty_org, http):
    app = empty_org.add_app("active_directory", label="contoso.local", sign_on_mode=None)
    team = empty_org.add_active_directory_group(
        "Team", app=app, domain="contoso.local", sid="S-1-5-21-1-2-3-1104"
    )
    group = http.get(f"/api/v1/groups/{team}").json()
    assert group["type"] == "APP_GROUP"
    assert group["objectClass"] == ["okta:windows_security_principal"]
    assert group["_links"]["source"]["href"].endswith(f"/api/v1/apps/{app}")
    assert group["profile"]["objectSid"] == "S-1-5-21-1-2-3-1104"
    assert group["profile"]["dn"] == "CN=Team,OU=Groups,DC=contoso,DC=local"
    assert group["profile"]["windowsDomainQualifiedName"] == "CONTOSO\\Team"


def test_a_generated_org_has_applications_of_every_sign_on_mode(org):
    apps = list(org.world["apps"].documents())
    assert {app["signOnMode"] for app in apps} == {
        None,
        "SAML_2_0",
        "SAML_1_1",
        "WS_FEDERATION",
        "OPENID_CONNECT",
        "BROWSER_PLUGIN",
        "BASIC_AUTH",
        "SECURE_PASSWORD_STORE",
        "AUTO_LOGIN",
        "BOOKMARK",
    }
    wanted = {
        "saasure",
        "okta_enduser",
        "okta_browser_plugin",
        "active_directory",
        "office365",
        "okta_org2org",
    }
    assert wanted | {"githubcloud", "snowflake", "jamfsoftwareserver", "casper", "1password_business"} <= {
        app["name"] for app in apps
    }
    types = {app["settings"].get("oauthClient", {}).get("application_type") for app in apps}
    assert types == {None, "web", "browser", "native", "service"}


def test_applications_are_found_by_filter_and_by_label(empty_org, http):
    zoom = empty_org.add_app("zoomus", label="Zoom")
    mark = empty_org.add_app("bookmark", label="Lunch", sign_on_mode="BOOKMARK", status="INACTIVE")
    assert ids(http.get("/api/v1/apps", params={"filter": 'status eq "INACTIVE"'})) == [mark]
    assert ids(http.get("/api/v1/apps", params={"q": "zo"})) == [zoom]
    assert http.get(f"/api/v1/apps/{mark}").json()["label"] == "Lunch"
    malformed = http.get("/api/v1/apps", params={"expand": "user/id,group/id"})
    assert (malformed.status_code, malformed.json()["errorCode"]) == (400, "E0000001")


def test_users_and_groups_of_an_application_can_be_expanded(empty_org, http):
    ann, team = empty_org.add_user("ann@contoso.com"), empty_org.add_group("Team")
    app = empty_org.add_app("zoomus")
    empty_org.assign_user(
        app, ann, user_name="ann.z", external_id="z1", scope="GROUP", profile={"role": "host"}
    )
    empty_org.assign_group(app, team)
    (row,) = http.get(f"/api/v1/apps/{app}/users").json()
    assert (row["id"], row["credentials"], row["externalId"]) == (ann, {"userName": "ann.z"}, "z1")
    assert (row["scope"], row["profile"]) == ("GROUP", {"role": "host"})
    (row,) = http.get(f"/api/v1/apps/{app}/users", params={"expand": "user"}).json()
    assert row["_embedded"]["user"]["profile"]["login"] == "ann@contoso.com"
    (row,) = http.get(f"/api/v1/apps/{app}/groups", params={"expand": "group"}).json()
    assert (row["id"], row["_embedded"]["group"]["profile"]["name"]) == (team, "Team")
    assert ids(http.get(f"/api/v1/apps/{app}/groups")) == [team]
    assert ids(http.get(f"/api/v1/groups/{team}/apps")) == [app]


def test_the_default_user_name_is_the_login(empty_org, http):
    ann, app = empty_org.add_user("ann@contoso.com"), empty_org.add_app("zoomus")
    empty_org.assign_user(app, ann)
    assert http.get(f"/api/v1/apps/{app}/users").json()[0]["credentials"] == {"userName": "ann@contoso.com"}


def test_client_secrets_of_applications_are_sent_in_clear_text(empty_org, http):
    app = empty_org.add_app("oidc_client", sign_on_mode="OPENID_CONNECT", oauth=OAuthSettings())
    second = empty_org.add_app_secret(app, status="INACTIVE")
    listed = http.get("/api/v1/apps").json()[0]["credentials"]["oauthClient"]["client_secret"]
    first, other = http.get(f"/api/v1/apps/{app}/credentials/secrets").json()
    assert (first["client_secret"], other["client_secret"]) == (listed, second)
    assert SECRET_MARKER in listed
    assert {listed, second} <= set(empty_org.world.secrets)
    assert (first["status"], other["status"]) == ("ACTIVE", "INACTIVE")
    assert set(other["_links"]) == {"activate", "delete"}


def test_public_keys_are_in_the_application_and_in_a_separate_listing(empty_org, http):
    settings = OAuthSettings(application_type="service", auth_method="private_key_jwt")
    app = empty_org.add_app("oidc_client", sign_on_mode="OPENID_CONNECT", oauth=settings)
    key = empty_org.add_app_key(app)
    assert "client_secret" not in http.get(f"/api/v1/apps/{app}").text
    (listed,) = http.get(f"/api/v1/apps/{app}/credentials/jwks").json()
    (embedded,) = http.get(f"/api/v1/apps/{app}").json()["settings"]["oauthClient"]["jwks"]["keys"]
    assert listed["id"] == embedded["id"] == key
    assert listed["kid"] == embedded["kid"]


def test_grants_name_the_client_and_who_gave_them(empty_org, http):
    ann = empty_org.add_user("ann@contoso.com")
    oauth = OAuthSettings(application_type="service", client_id="my-own-client-id")
    app = empty_org.add_app("oidc_client", label="Robot", sign_on_mode="OPENID_CONNECT", oauth=oauth)
    empty_org.grant_scope(app, "okta.users.read", created_by=ann)
    (grant,) = http.get(f"/api/v1/apps/{app}/grants").json()
    assert (grant["scopeId"], grant["clientId"]) == ("okta.users.read", "my-own-client-id")
    assert grant["createdBy"] == {"id": ann, "type": "User"}
    assert grant["_links"]["client"]["title"] == "Robot"


@pytest.mark.parametrize("path", ["grants", "credentials/secrets", "credentials/jwks"])
def test_an_application_without_an_oauth_client_has_no_such_list(empty_org, http, path):
    app = empty_org.add_app("zoomus")
    answer = http.get(f"/api/v1/apps/{app}/{path}")
    assert (answer.status_code, answer.json()["errorCode"]) == (404, "E0000007")


@pytest.mark.parametrize("path", ["grants", "credentials/secrets", "credentials/jwks"])
def test_consoles_of_okta_have_empty_listings(empty_org, http, path):
    app = empty_org.add_app("saasure", sign_on_mode="OPENID_CONNECT")
    assert http.get(f"/api/v1/apps/{app}/{path}").json() == []


def test_pushed_groups_can_be_requested_by_status(empty_org, http):
    one, two, target = (empty_org.add_group(name) for name in ("One", "Two", "Target"))
    app = empty_org.add_app("office365", features=["GROUP_PUSH"])
    path = f"/api/v1/apps/{app}/group-push/mappings"
    assert ids(http.get(path)) == []
    first = empty_org.push_group(app, one, target=target)
    second = empty_org.push_group(app, two, target=target, status="INACTIVE")
    assert ids(http.get(path)) == [first, second]
    assert ids(http.get(path, params={"status": "INACTIVE"})) == [second]
    assert http.get(path).json()[0]["targetGroupId"] == target
    assert "." not in http.get(path).json()[0]["created"]


def test_an_application_that_cannot_push_answers_with_a_404(empty_org, http):
    app = empty_org.add_app("zoomus")
    assert http.get(f"/api/v1/apps/{app}/group-push/mappings").status_code == 404


def test_push_mappings_need_two_scopes(org, oauth_of, anonymous):
    client = oauth_of(org.add_service_app(scopes=["okta.apps.read", "okta.groups.read"], dpop=False))
    app = org.world["apps"].view("o365", lambda app: app["name"] == "office365")[0]

    def status(scope):
        token = client.ask(anonymous, scope, proof=None).json()["access_token"]
        path = f"/api/v1/apps/{app}/group-push/mappings"
        return anonymous.get(path, headers={"Authorization": f"Bearer {token}"}).status_code

    assert status("okta.apps.read") == 403
    assert status("okta.apps.read okta.groups.read") == 200


def test_oauth_clients_are_listed_by_client_id_and_integrations_only_found(empty_org, http):
    oauth = OAuthSettings(application_type="native", client_id="my-own-client-id")
    empty_org.add_app("oidc_client", label="App", sign_on_mode="OPENID_CONNECT", oauth=oauth)
    empty_org.add_app("zoomus")
    made = empty_org.add_api_service_integration("Mine", type="mine", scopes=[])
    (listed,) = http.get("/oauth2/v1/clients").json()
    assert (listed["client_id"], listed["application_type"]) == ("my-own-client-id", "native")
    assert http.get("/oauth2/v1/clients/my-own-client-id").json() == listed
    assert http.get(f"/oauth2/v1/clients/{made.id}").json()["client_name"] == "Mine"
    assert SECRET_MARKER not in http.get("/oauth2/v1/clients").text
