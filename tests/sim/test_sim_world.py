"""The content of a generated org, which depends only on its arguments."""

from __future__ import annotations

import orjson
import pytest

from oktahound import ApiToken, OktaClient
from oktahound.errors import ConfigurationError
from oktahound.sim import FALCON_SHIELD_SCOPES, SECRET_MARKER, SimulatedOrg
from oktahound.sim.users import STATUSES


def everything(org: SimulatedOrg) -> bytes:
    world = org.world
    held = {"/".join(key): list(found.documents()) for key, found in sorted(world._collections.items())}
    return orjson.dumps([world.organization, held, org.api_token, org.service_app.private_key, world.secrets])


def test_the_same_arguments_make_the_same_org_byte_for_byte():
    assert everything(SimulatedOrg(seed=7, users=60)) == everything(SimulatedOrg(seed=7, users=60))


def test_another_seed_makes_other_ids_and_other_people():
    one, two = SimulatedOrg(seed=1, users=30), SimulatedOrg(seed=2, users=30)
    assert not set(one.world["users"]) & set(two.world["users"])
    assert one.organization_id != two.organization_id


def test_the_current_time_does_not_affect_the_documents(clock):
    early = SimulatedOrg(seed=7, users=20, clock=clock)
    clock.advance(1e6)
    assert everything(early) == everything(SimulatedOrg(seed=7, users=20, clock=clock))


def test_ids_are_twenty_characters_with_oktas_prefix_and_one_cell(org):
    ids = [*org.world["users"], org.organization_id, *org.world["api_services"]]
    assert all(len(one) == 20 and one.isalnum() for one in ids)
    assert {one[-4:] for one in ids} == {org.organization_id[-4:]}
    assert all(one.startswith("00u") for one in org.world["users"])


def test_falcon_shield_is_in_every_generated_org(org):
    first = next(iter(org.world["api_services"].documents()))
    assert (first["name"], first["type"], first["createdAt"]) == (
        "Falcon Shield",
        "falconshieldapiservice",
        "2026-01-15T12:25:42.000Z",
    )
    assert tuple(first["grantedScopes"]) == FALCON_SHIELD_SCOPES
    assert len(FALCON_SHIELD_SCOPES) == 15
    assert all(scope.endswith(".read") for scope in FALCON_SHIELD_SCOPES)
    assert org.world["users"][first["createdBy"]]["status"] == "ACTIVE"
    assert [s["status"] for s in org.world["api_service_secrets", first["id"]].documents()] == ["ACTIVE"]


def test_the_other_integrations_show_each_difficult_case(org):
    _, northwind, tailspin, fabrikam = org.world["api_services"].documents()
    secrets = org.world["api_service_secrets", northwind["id"]].documents()
    assert [s["status"] for s in secrets] == ["INACTIVE", "ACTIVE"]
    assert "okta.users.manage" in northwind["grantedScopes"]
    assert org.world["users"][tailspin["createdBy"]]["status"] == "DEPROVISIONED"
    assert fabrikam["createdBy"] not in org.world["users"]


def test_an_org_of_one_dozen_has_users_in_every_status():
    org = SimulatedOrg(seed=3, users=12)
    assert {user["status"] for user in org.world["users"].documents()} == set(STATUSES)


def test_managers_are_named_by_login_and_exist(org):
    users = list(org.world["users"].documents())
    logins = {user["profile"]["login"] for user in users}
    managed = [user["profile"]["managerId"] for user in users if "managerId" in user["profile"]]
    assert len(managed) == len(users) - 1
    assert set(managed) <= logins


def test_logins_are_unique_in_a_large_org():
    users = list(SimulatedOrg(seed=1, users=5000).world["users"].documents())
    assert len({user["profile"]["login"] for user in users}) == 5000


def test_missing_null_and_empty_values_all_occur(org):
    profiles = [user["profile"] for user in org.world["users"].documents()]
    assert any("managerId" not in profile for profile in profiles)
    assert any(profile["title"] is None for profile in profiles)
    assert any(profile["secondEmail"] == "" for profile in profiles)
    assert any(user["lastLogin"] is None for user in org.world["users"].documents())


def test_every_generated_secret_has_the_mark(org):
    marked = [secret for secret in org.world.secrets if SECRET_MARKER in secret]
    assert org.api_token in marked
    assert len(marked) >= 1 + 5
    assert set(org.world.secrets) - set(marked) == {org.service_app.private_key["d"]}


def test_an_empty_org_has_no_users_and_applications(clock, client):
    org = SimulatedOrg.empty(clock=clock, domain="bare.okta.com")
    http = client(org)
    assert http.get("/api/v1/org").json()["subdomain"] == "bare"
    assert http.get("/api/v1/users").json() == []
    assert http.get("/integrations/api/v1/api-services").json() == []


def test_the_repr_of_an_org_and_of_its_parts_shows_no_secret(org):
    made = org.add_api_service_integration("Mine", type="mine", scopes=["okta.users.read"])
    shown = (
        repr(org) + repr(org.service_app) + repr(made) + repr(org.credentials.clients) + repr(org.requests)
    )
    assert not [secret for secret in org.world.secrets if secret in shown]


def test_an_org_has_the_added_objects(clock, client):
    org = SimulatedOrg.empty(clock=clock)
    ann = org.add_user("ann@contoso.com", manager="bob@contoso.com", profile={"clearance": 3})
    made = org.add_api_service_integration(
        "Mine", type="mine", scopes=["okta.users.read"], created_by=ann, secrets=2, properties={"a": "b"}
    )
    http = client(org)
    (user,) = http.get("/api/v1/users").json()
    assert (user["id"], user["profile"]["managerId"], user["profile"]["clearance"]) == (
        ann,
        "bob@contoso.com",
        3,
    )
    assert user["profile"]["firstName"] == "Ann"
    (integration,) = http.get("/integrations/api/v1/api-services").json()
    assert (integration["createdBy"], integration["properties"]) == (ann, {"a": "b"})
    secrets = http.get(f"/integrations/api/v1/api-services/{made.id}/credentials/secrets").json()
    assert {s["id"]: s["client_secret"][3:] for s in secrets} == {i: t[-4:] for i, t in made.secrets.items()}


def test_an_integration_added_without_a_creator_has_no_such_field(clock):
    org = SimulatedOrg.empty(clock=clock)
    made = org.add_api_service_integration("Mine", type="mine", scopes=[])
    assert "createdBy" not in org.world["api_services"][made.id]


def test_changes_are_in_the_next_response(clock, client):
    org = SimulatedOrg.empty(clock=clock)
    http = client(org)
    ann = org.add_user("ann@contoso.com")
    assert len(http.get("/api/v1/users").json()) == 1
    org.set_user_status(ann, "DEPROVISIONED")
    assert http.get("/api/v1/users").json() == []
    assert http.get(f"/api/v1/users/{ann}").json()["status"] == "DEPROVISIONED"
    org.remove_user(ann)
    assert http.get(f"/api/v1/users/{ann}").status_code == 404


def test_a_revoked_integration_is_removed_with_its_secrets(org, client):
    falcon = org.world["api_services"].keys()[0]
    org.revoke_api_service_integration(falcon)
    http = client(org)
    assert falcon not in http.get("/integrations/api/v1/api-services").text
    assert http.get(f"/integrations/api/v1/api-services/{falcon}/credentials/secrets").status_code == 404


def test_a_deactivated_secret_is_sent_as_inactive_with_other_links(org, client):
    falcon = org.world["api_services"].keys()[0]
    secret = org.world["api_service_secrets", falcon].keys()[0]
    org.deactivate_integration_secret(falcon, secret)
    (sent,) = client(org).get(f"/integrations/api/v1/api-services/{falcon}/credentials/secrets").json()
    assert sent["status"] == "INACTIVE"
    assert set(sent["_links"]) == {"activate", "delete"}


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        *(("users", value) for value in (-1, 1.5, "3", True)),
        *(("page_size", value) for value in (0, -1, 2.0)),
        *(("latency", value) for value in (-1, float("nan"), float("inf"), "1")),
        *(("domain", value) for value in ("", None, "a b", "a\nb", "..", "-a.okta.com", "[::1]")),
        *(("domain", f"{before}contoso.okta.com") for before in ("https://", "user@", "/")),
        *(("domain", f"contoso.okta.com{after}") for after in ("/", ":8443", "?a")),
    ],
)
def test_an_invalid_argument_is_named(argument: str, value: object) -> None:
    with pytest.raises(ConfigurationError, match=argument):
        SimulatedOrg(**{"users": 0, argument: value})


@pytest.mark.parametrize(
    ("domain", "url"),
    [
        ("CONTOSO.okta-emea.com", "https://contoso.okta-emea.com"),
        ("m\u00fcller.example", "https://xn--mller-kva.example"),
        ("127.0.0.1", "https://127.0.0.1"),
    ],
)
def test_an_org_responds_at_the_url_of_its_host_name(domain: str, url: str) -> None:
    org = SimulatedOrg.empty(domain=domain)
    assert org.url == url
    with OktaClient(org.url, ApiToken(org.api_token), transport=org.transport) as client:
        assert client.get("/api/v1/org")["id"] == org.organization_id
