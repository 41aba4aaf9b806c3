"""Devices, realms, factors, agent pools, identity providers, authorization servers and policies."""

from __future__ import annotations

import pytest

from oktahound.sim import SECRET_MARKER, SimulatedOrg


@pytest.fixture
def empty_org(clock):
    return SimulatedOrg.empty(clock=clock)


@pytest.fixture
def http(empty_org, client):
    return client(empty_org)


def ids(answer):
    assert answer.status_code == 200, answer.text
    return [row["id"] for row in answer.json()]


def test_devices_can_be_expanded_with_short_or_full_owners(empty_org, http):
    ann = empty_org.add_user("ann@contoso.com")
    device = empty_org.add_device("D1", owners=[ann, "00ugone"], profile={"sid": "S-1-5"})
    assert "_embedded" not in http.get("/api/v1/devices").json()[0]
    (short,) = http.get("/api/v1/devices", params={"expand": "userSummary"}).json()
    (owner,) = short["_embedded"]["users"]
    assert set(owner["user"]) == {"id", "profile", "_links"}
    assert set(owner["user"]["profile"]) == {"firstName", "lastName", "login", "email"}
    (full,) = http.get("/api/v1/devices", params={"expand": "user"}).json()
    assert full["_embedded"]["users"][0]["user"]["status"] == "ACTIVE"
    assert http.get(f"/api/v1/devices/{device}/users").json() == full["_embedded"]["users"]
    assert http.get(f"/api/v1/devices/{device}").json()["profile"]["sid"] == "S-1-5"


def test_devices_are_searched_by_status(empty_org, http):
    empty_org.add_device("D1")
    off = empty_org.add_device("D2", status="SUSPENDED")
    assert ids(http.get("/api/v1/devices", params={"search": 'status eq "SUSPENDED"'})) == [off]
    assert set(http.get(f"/api/v1/devices/{off}").json()["_links"]) == {
        "self",
        "users",
        "unsuspend",
        "deactivate",
    }


def test_realms_can_be_without_a_licence(empty_org, http):
    first = empty_org.add_realm("Default Realm", default=True)
    second = empty_org.add_realm("Partners", domains=["partner.example.com"])
    assert ids(http.get("/api/v1/realms")) == [first, second]
    assert http.get(f"/api/v1/realms/{second}").json()["profile"]["domains"] == ["partner.example.com"]
    empty_org.unlicense("/api/v1/realms")
    answer = http.get("/api/v1/realms")
    assert (answer.status_code, answer.json()["errorCode"]) == (401, "E0000015")


@pytest.mark.parametrize(
    ("factor_type", "member"),
    [
        ("sms", "phoneNumber"),
        ("email", "email"),
        ("question", "question"),
        ("webauthn", "authenticatorName"),
        ("push", "credentialId"),
    ],
)
def test_a_factor_has_the_profile_of_its_type(empty_org, http, factor_type, member):
    ann = empty_org.add_user("ann@contoso.com")
    empty_org.add_factor(ann, factor_type)
    (factor,) = http.get(f"/api/v1/users/{ann}/factors").json()
    assert (factor["factorType"], factor["status"]) == (factor_type, "ACTIVE")
    assert member in factor["profile"]


def test_a_user_without_factors_has_an_empty_list(empty_org, http):
    assert http.get(f"/api/v1/users/{empty_org.add_user('ann@contoso.com')}/factors").json() == []


def test_agents_are_embedded_in_pools_and_pools_can_be_filtered_by_type(empty_org, http):
    app = empty_org.add_app("active_directory", sign_on_mode=None)
    pool = empty_org.add_agent_pool("contoso.local", agents=["DC1", "DC2"], id=app)
    other = empty_org.add_agent_pool("ldap", type="LDAP")
    assert ids(http.get("/api/v1/agentPools")) == [app, other]
    (found,) = http.get("/api/v1/agentPools", params={"poolType": "AD"}).json()
    assert pool == app
    assert [agent["name"] for agent in found["agents"]] == ["DC1", "DC2"]
    assert {agent["poolId"] for agent in found["agents"]} == {app}
    assert isinstance(found["agents"][0]["lastConnection"], int)


def test_client_secrets_of_identity_providers_are_sent_in_clear_text(empty_org, http):
    idp = empty_org.add_identity_provider("Google", type="GOOGLE")
    secret = http.get(f"/api/v1/idps/{idp}").json()["protocol"]["credentials"]["client"]["client_secret"]
    assert SECRET_MARKER in secret
    assert secret in empty_org.world.secrets


def test_identity_providers_have_linked_users_and_groups(empty_org, http):
    ann, team = empty_org.add_user("ann@contoso.com"), empty_org.add_group("Team")
    saml = empty_org.add_identity_provider("HQ", type="SAML2", groups=[team], users={ann: "ext-1"})
    oidc = empty_org.add_identity_provider(
        "Other", type="FACEBOOK", provisioning="DISABLED", status="INACTIVE"
    )
    assert ids(http.get("/api/v1/idps", params={"type": "SAML2"})) == [saml]
    (row,) = http.get(f"/api/v1/idps/{saml}/users").json()
    assert (row["id"], row["externalId"]) == (ann, "ext-1")
    one = http.get(f"/api/v1/idps/{saml}").json()
    assert one["protocol"]["type"] == "SAML2"
    assert one["policy"]["provisioning"]["groups"] == {"action": "ASSIGN", "assignments": [team]}
    two = http.get(f"/api/v1/idps/{oidc}").json()
    assert (two["status"], two["policy"]["provisioning"]["action"]) == ("INACTIVE", "DISABLED")
    assert two["protocol"]["type"] == "OAUTH2"


def test_authorization_servers_are_listed(empty_org, http):
    server = empty_org.add_authorization_server("Orders", audiences=["https://orders.example.com"])
    assert ids(http.get("/api/v1/authorizationServers")) == [server]
    one = http.get(f"/api/v1/authorizationServers/{server}").json()
    assert (one["audiences"], one["issuer"]) == (
        ["https://orders.example.com"],
        f"{empty_org.url}/oauth2/{server}",
    )


def test_policies_are_requested_by_type_and_other_types_are_a_400(empty_org, http):
    first = empty_org.add_policy("One", type="PASSWORD", groups=["00g1"])
    second = empty_org.add_policy("Two", type="PASSWORD", system=True)
    empty_org.add_policy("Three")
    rows = http.get("/api/v1/policies", params={"type": "PASSWORD"}).json()
    assert [(row["id"], row["priority"], row["system"]) for row in rows] == [
        (first, 1, False),
        (second, 2, True),
    ]
    assert rows[0]["conditions"]["people"]["groups"]["include"] == ["00g1"]
    for query in ({}, {"type": "NO_SUCH_TYPE"}):
        assert http.get("/api/v1/policies", params=query).status_code == 400


def test_mappings_of_policies_are_listed_for_policies_and_applications(empty_org, http):
    app = empty_org.add_app("zoomus")
    policy = empty_org.add_policy("Two factors", apps=[app])
    assert ids(http.get(f"/api/v1/policies/{policy}/app")) == [app]
    (mapping,) = http.get(f"/api/v1/policies/{policy}/mappings").json()
    assert mapping["_links"]["application"]["href"].endswith(f"/api/v1/apps/{app}")
    assert http.get(f"/api/v1/apps/{app}").json()["_links"]["accessPolicy"]["href"].endswith(policy)
    other = empty_org.add_policy("Passwords", type="PASSWORD")
    assert http.get(f"/api/v1/policies/{other}/app").status_code == 400
    assert http.get(f"/api/v1/policies/{other}/mappings").json() == []


def test_rules_of_a_policy_have_the_given_settings(empty_org, http):
    policy = empty_org.add_policy("Routing", type="IDP_DISCOVERY")
    actions = {"idp": {"providers": [{"type": "AgentlessDSSO"}]}}
    empty_org.add_policy_rule(
        policy, "Desktop", type="IDP_DISCOVERY", actions=actions, conditions={"app": {}}
    )
    empty_org.add_policy_rule(policy, "Default", type="IDP_DISCOVERY", actions={}, system=True)
    first, second = http.get(f"/api/v1/policies/{policy}/rules").json()
    assert (first["actions"], first["conditions"], first["priority"]) == (actions, {"app": {}}, 1)
    assert (second["system"], second["created"], second["conditions"]) == (True, None, None)


def test_an_expired_api_token_is_listed_and_refused(empty_org, http, client):
    ann = empty_org.add_user("ann@contoso.com")
    text = empty_org.add_api_token("Old", user=ann, expires_days_ago=3)
    assert [token["name"] for token in http.get("/api/v1/api-tokens").json()] == ["Old"]
    assert client(empty_org, Authorization=f"SSWS {text}").get("/api/v1/org").status_code == 401


def test_an_org_can_be_generated_with_no_users_or_one(client):
    for users in (0, 1, 3):
        org = SimulatedOrg(seed=1, users=users)
        assert len(client(org).get("/api/v1/users").json()) == users
        assert client(org).get("/integrations/api/v1/api-services").json()[0]["name"] == "Falcon Shield"
