"""OAuth: assertions, client secrets, DPoP, and the scopes of access tokens, with an independent client."""

from __future__ import annotations

import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey

from oktahound.sim import SECRET_MARKER

READ = "okta.users.read okta.oauthIntegrations.read"


def refusal(answer):
    return answer.status_code, answer.json()["error"]


def test_a_service_app_gets_a_token_through_the_nonce_challenge_and_uses_it(oauth, anonymous):
    challenge = oauth.ask(anonymous, READ)
    assert refusal(challenge) == (400, "use_dpop_nonce")
    oauth.nonce = challenge.headers["dpop-nonce"]
    answer = oauth.ask(anonymous, READ)
    body = answer.json()
    assert {**body, "access_token": ""} == {
        "token_type": "DPoP",
        "expires_in": 3600,
        "access_token": "",
        "scope": READ,
    }
    assert SECRET_MARKER in body["access_token"]
    assert answer.headers["dpop-nonce"] == oauth.nonce
    answer = oauth.get(anonymous, "/api/v1/users?limit=3", body["access_token"])
    assert (answer.status_code, len(answer.json())) == (200, 3)


def test_without_a_proof_an_app_that_needs_dpop_gets_no_token(oauth, anonymous):
    answer = oauth.ask(anonymous, READ, proof=None)
    assert refusal(answer) == (400, "invalid_dpop_proof")
    assert answer.json()["error_description"] == "The DPoP proof JWT header is missing."
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-rate-limit-limit"]


def test_a_stale_nonce_is_refused_with_the_new_one(org, oauth, anonymous):
    oauth.token(anonymous, READ)
    org.credentials.rotate_nonce()
    stale = oauth.ask(anonymous, READ)
    assert refusal(stale) == (400, "use_dpop_nonce")
    assert stale.headers["dpop-nonce"] not in ("", oauth.nonce)


@pytest.mark.parametrize(
    ("header", "claims"),
    [
        ({"typ": "JWT"}, {}),
        ({"jwk": None}, {}),
        ({"jwk": ECKey.generate_key("P-256").as_dict(private=False)}, {}),
        ({}, {"htm": "GET"}),
        ({}, {"htu": "https://contoso.okta.com/oauth2/v1/other"}),
        ({}, {"iat": None}),
        ({}, {"iat": 1_700_000_000}),
        ({}, {"jti": None}),
        ({}, {"jti": ""}),
    ],
)
def test_a_proof_with_a_fault_is_refused(oauth, anonymous, header, claims):
    oauth.token(anonymous, READ)
    proof = oauth.proof("POST", oauth.url, header=header, **claims)
    assert refusal(oauth.ask(anonymous, READ, proof=proof)) == (400, "invalid_dpop_proof")


def test_a_proof_with_its_private_key_is_refused(oauth, anonymous):
    oauth.token(anonymous, READ)
    proof = oauth.proof("POST", oauth.url, header={"jwk": oauth.proof_key.as_dict(private=True)})
    assert refusal(oauth.ask(anonymous, READ, proof=proof)) == (400, "invalid_dpop_proof")


def test_a_proof_is_valid_once(oauth, anonymous):
    oauth.token(anonymous, READ)
    proof = oauth.proof("POST", oauth.url)
    assert oauth.ask(anonymous, READ, proof=proof).status_code == 200
    assert refusal(oauth.ask(anonymous, READ, proof=proof)) == (400, "invalid_dpop_proof")


@pytest.mark.parametrize("text", ["nonsense", "a.b.c"])
def test_a_proof_that_is_no_jwt_is_refused(oauth, anonymous, text):
    answer = oauth.ask(anonymous, READ, proof=text)
    assert refusal(answer) == (400, "invalid_dpop_proof")


def test_an_app_without_dpop_gets_a_bearer_token(org, oauth_of, anonymous):
    app = org.add_service_app(scopes=["okta.users.read"], dpop=False)
    body = oauth_of(app).ask(anonymous, "okta.users.read", proof=None).json()
    assert body["token_type"] == "Bearer"
    headers = {"Authorization": f"Bearer {body['access_token']}"}
    assert anonymous.get("/api/v1/users", headers=headers).status_code == 200


@pytest.mark.parametrize(("alg", "size"), [("RS256", 2048), ("RS512", 2048), ("ES384", "P-384")])
def test_keys_of_the_caller_can_be_registered(org, oauth_of, anonymous, alg, size):
    kind = RSAKey if alg.startswith("RS") else ECKey
    key = kind.generate_key(size).as_dict(private=True)
    app = org.add_service_app(scopes=["okta.users.read"], key=key, dpop=False)
    assert app.private_key["d"] == key["d"]
    client = oauth_of(app)
    answer = client.ask(
        anonymous,
        "okta.users.read",
        proof=None,
        client_assertion=client.assertion(alg=alg, header={"kid": "any"}),
    )
    assert answer.status_code == 200


def test_the_assertion_may_name_its_key(org, oauth, anonymous):
    kid = org.service_app.private_key["kid"]
    answer = oauth.ask(anonymous, READ, client_assertion=oauth.assertion(header={"kid": kid}))
    assert refusal(answer) == (400, "use_dpop_nonce")


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "0oaunknown"},
        {"iss": None},
        {"sub": "0oaother"},
        {"sub": None},
        {"aud": "https://contoso.okta.com"},
        {"aud": ["https://contoso.okta.com/other"]},
        {"aud": None},
        {"exp": 1_700_000_000},
        {"exp": None},
        {"exp": "soon"},
        {"exp": 1_800_000_000 + 3601},
        {"iat": 1_800_000_000 + 900},
        {"iat": "now"},
    ],
)
def test_an_assertion_with_a_false_claim_is_an_invalid_client(oauth, anonymous, claims):
    answer = oauth.ask(anonymous, READ, client_assertion=oauth.assertion(**claims))
    assert refusal(answer) == (401, "invalid_client")


@pytest.mark.parametrize("claims", [{"iat": None}, {"jti": None}, {"exp": 1_800_000_000 + 3600}])
def test_optional_claims_of_an_assertion_may_be_missing(oauth, anonymous, claims):
    assert (
        refusal(oauth.ask(anonymous, READ, client_assertion=oauth.assertion(**claims)))[1] == "use_dpop_nonce"
    )


def test_an_audience_may_be_a_list(oauth, anonymous):
    assertion = oauth.assertion(aud=[oauth.url])
    assert refusal(oauth.ask(anonymous, READ, client_assertion=assertion))[1] == "use_dpop_nonce"


def test_a_signature_by_another_key_is_an_invalid_client(oauth, anonymous):
    assertion = oauth.assertion(key=ECKey.generate_key("P-256"))
    assert refusal(oauth.ask(anonymous, READ, client_assertion=assertion)) == (401, "invalid_client")


def test_a_symmetric_signature_is_an_invalid_client(oauth, anonymous):
    key = OctKey.generate_key(256)
    assertion = oauth.assertion(alg="HS256", key=key)
    assert refusal(oauth.ask(anonymous, READ, client_assertion=assertion)) == (401, "invalid_client")


@pytest.mark.parametrize("text", ["nonsense", "a.b.c", "e30.e30.x"])
def test_an_assertion_that_is_no_jwt_is_an_invalid_client(oauth, anonymous, text):
    assert refusal(oauth.ask(anonymous, READ, client_assertion=text)) == (401, "invalid_client")


def test_an_assertion_is_valid_once(oauth, anonymous):
    assertion = oauth.assertion()
    assert refusal(oauth.ask(anonymous, READ, client_assertion=assertion))[1] == "use_dpop_nonce"
    assert refusal(oauth.ask(anonymous, READ, client_assertion=assertion)) == (401, "invalid_client")


def test_a_removed_key_is_invalid(org, oauth, anonymous):
    org.remove_key(org.service_app.client_id)
    assert refusal(oauth.ask(anonymous, READ)) == (401, "invalid_client")


def test_an_unknown_grant_and_an_unknown_kind_of_assertion_are_refused(oauth, anonymous):
    assert refusal(oauth.ask(anonymous, READ, grant_type="password")) == (400, "unsupported_grant_type")
    assert refusal(oauth.ask(anonymous, READ, client_assertion_type="saml")) == (400, "invalid_request")


def test_scopes_that_are_not_granted_are_omitted_in_the_response(org, oauth_of, anonymous):
    app = org.add_service_app(scopes=["okta.users.read", "okta.groups.manage"], dpop=False)
    asked = "okta.users.read okta.groups.read okta.apps.read okta.users.manage"
    body = oauth_of(app).ask(anonymous, asked, proof=None).json()
    assert body["scope"] == "okta.users.read okta.groups.read"


@pytest.mark.parametrize("scope", ["okta.apps.manage", "nonsense", ""])
def test_if_no_scope_is_granted_the_error_is_invalid_scope(org, oauth_of, anonymous, scope):
    app = org.add_service_app(scopes=["okta.users.read"], dpop=False)
    assert refusal(oauth_of(app).ask(anonymous, scope, proof=None)) == (400, "invalid_scope")


def test_a_token_without_the_scope_gets_an_empty_403_that_names_it(oauth, anonymous):
    token = oauth.token(anonymous, "okta.oauthIntegrations.read")
    answer = oauth.get(anonymous, "/api/v1/users", token)
    assert (answer.status_code, answer.content) == (403, b"")
    challenge = answer.headers["www-authenticate"]
    assert challenge.startswith('DPoP authorization_uri="https://contoso.okta.com/')
    assert (
        'realm="https://contoso.okta.com", scope="okta.users.read", error="insufficient_scope"' in challenge
    )
    assert 'error_description="The access token provided does not contain the required scopes."' in challenge


def test_a_manage_scope_may_read(org, oauth_of, anonymous):
    app = org.add_service_app(scopes=["okta.users.manage"], dpop=False)
    token = oauth_of(app).ask(anonymous, "okta.users.manage", proof=None).json()["access_token"]
    assert anonymous.get("/api/v1/users", headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_an_access_token_is_valid_for_an_hour(oauth, anonymous, clock):
    token = oauth.token(anonymous, READ)
    clock.advance(3599)
    assert oauth.get(anonymous, "/api/v1/users", token).status_code == 200
    clock.advance(1)
    expired = oauth.get(anonymous, "/api/v1/users", token)
    assert (expired.status_code, expired.content) == (401, b"")
    assert 'error="invalid_token"' in expired.headers["www-authenticate"]


def test_revoked_access_tokens_are_a_401_and_others_stay_valid(org, oauth, oauth_of, anonymous):
    token = oauth.token(anonymous, READ)
    other = oauth_of(org.add_service_app(scopes=["okta.users.read"]))
    spared = other.token(anonymous, "okta.users.read")
    org.revoke_tokens(org.service_app.client_id)
    assert oauth.get(anonymous, "/api/v1/users", token).status_code == 401
    assert other.get(anonymous, "/api/v1/users", spared).status_code == 200
    org.revoke_tokens()
    assert other.get(anonymous, "/api/v1/users", spared).status_code == 401


@pytest.mark.parametrize(
    "claims",
    [
        {"ath": None},
        {"ath": "nonsense"},
        {"htu": "https://contoso.okta.com/api/v1/users?limit=3"},
        {"htm": "POST"},
        {"iat": 1_800_000_000 - 301},
    ],
)
def test_a_bad_proof_at_an_endpoint_is_an_invalid_session(oauth, anonymous, claims):
    token = oauth.token(anonymous, READ)
    answer = oauth.get(anonymous, "/api/v1/users?limit=3", token, **claims)
    assert (answer.status_code, answer.json()["errorCode"]) == (403, "E0000005")


def test_a_bound_token_is_invalid_without_its_key(oauth, anonymous):
    token = oauth.token(anonymous, READ)
    assert anonymous.get("/api/v1/users", headers={"Authorization": f"Bearer {token}"}).status_code == 403
    assert anonymous.get("/api/v1/users", headers={"Authorization": f"DPoP {token}"}).status_code == 403
    oauth.proof_key = ECKey.generate_key("P-256")
    assert oauth.get(anonymous, "/api/v1/users", token).status_code == 403
