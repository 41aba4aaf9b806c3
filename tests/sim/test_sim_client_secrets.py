"""API service integrations as OAuth clients: an id, a secret, and a bearer token."""

from __future__ import annotations

import base64


def basic(name, secret):
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()}


def test_an_api_service_integration_gets_a_bearer_token_with_its_secret(org, anonymous):
    made = org.add_api_service_integration("Mine", type="mine", scopes=["okta.users.manage"], secrets=2)
    form = {"grant_type": "client_credentials", "scope": "okta.users.read okta.apps.read"}
    for secret in made.secrets.values():
        answer = anonymous.post("/oauth2/v1/token", data=form, headers=basic(made.id, secret))
        assert (answer.json()["token_type"], answer.json()["scope"]) == ("Bearer", "okta.users.read")
        token = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        assert anonymous.get("/api/v1/users", headers=token).status_code == 200
        assert org.requests[-1].caller == made.id


def test_an_inactive_or_wrong_secret_gets_nothing(org, anonymous):
    made = org.add_api_service_integration(
        "Mine", type="mine", scopes=["okta.users.read"], secrets=["ACTIVE", "INACTIVE"]
    )
    form = {"grant_type": "client_credentials", "scope": "okta.users.read"}
    active, inactive = made.secrets.values()

    def status(headers):
        return anonymous.post("/oauth2/v1/token", data=form, headers=headers).status_code

    assert status(basic(made.id, active)) == 200
    assert status(basic(made.id, inactive)) == 401
    assert status(basic(made.id, "")) == 401
    assert status(basic("0oaunknown", active)) == 401
    assert status({"Authorization": "Basic %%%"}) == 401
    assert status({}) == 401
    org.deactivate_integration_secret(made.id, next(iter(made.secrets)))
    assert status(basic(made.id, active)) == 401
    fresh = org.add_integration_secret(made.id)
    assert status(basic(made.id, fresh)) == 200
    org.revoke_api_service_integration(made.id)
    assert status(basic(made.id, fresh)) == 401


def test_parameters_may_be_in_the_query_as_sent_by_oktas_sdk(org, oauth_of, anonymous):
    client = oauth_of(org.add_service_app(scopes=["okta.users.read"], dpop=False))
    query = {
        "grant_type": "client_credentials",
        "scope": "okta.users.read",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": client.assertion(),
    }
    assert anonymous.post("/oauth2/v1/token", params=query).status_code == 200
    assert org.requests[-1].query == {}


def test_the_generated_key_depends_on_seed_and_app(org):
    assert org.add_service_app(scopes=[]).private_key["d"] != org.service_app.private_key["d"]
    assert org.service_app.private_key["crv"] == "P-256"
