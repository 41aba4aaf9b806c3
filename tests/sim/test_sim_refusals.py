"""Refusals of the org: invalid credentials, missing permissions, unknown objects."""

from __future__ import annotations

import pytest

from oktahound import ApiToken, OktaClient
from oktahound.errors import ConfigurationError, PermissionDeniedError
from oktahound.sim import SimulatedOrg


def error_of(answer):
    return answer.status_code, answer.json()["errorCode"], answer.json()["errorSummary"]


def test_an_invalid_api_token_is_a_401_with_the_scheme_and_without_limits(org, client):
    answer = client(org, Authorization="SSWS 00nonsense").get("/api/v1/users")
    assert error_of(answer) == (401, "E0000011", "Invalid token provided")
    assert answer.headers["www-authenticate"] == "SSWS"
    assert "x-rate-limit-limit" not in answer.headers


@pytest.mark.parametrize("header", ["", "Bearer nonsense", "DPoP nonsense", "Basic eDp5", "nonsense"])
def test_no_credential_or_one_of_another_kind_is_an_invalid_session(org, anonymous, header):
    answer = anonymous.get("/api/v1/users", headers={"Authorization": header} if header else {})
    assert error_of(answer) == (403, "E0000005", "Invalid session")


def test_an_api_token_can_be_revoked_by_text_or_id(org, client):
    ann = org.world["users"].keys()[0]
    for by_id in (False, True):
        text = org.add_api_token("mine", user=ann)
        http = client(org, Authorization=f"SSWS {text}")
        assert http.get("/api/v1/org").status_code == 200
        org.revoke_api_token(org.world["api_tokens"].keys()[-1] if by_id else text)
        assert http.get("/api/v1/org").status_code == 401


def test_api_tokens_are_listed_without_their_text(org, client):
    ann = org.world["users"].keys()[0]
    text = org.add_api_token("mine", user=ann, window=None)
    answer = client(org).get("/api/v1/api-tokens", params={"limit": 1})
    (token,) = [token for token in answer.json() if token["name"] == "mine"]
    assert (token["userId"], token["tokenWindow"]) == (ann, None)
    assert text not in answer.text
    assert client(org).get(f"/api/v1/api-tokens/{token['id']}").json() == token
    missing = client(org).get("/api/v1/api-tokens/nope")
    assert error_of(missing) == (404, "E0000007", "Not found: Resource not found: nope (Token)")


@pytest.mark.parametrize(
    ("path", "java_type"),
    [
        ("/api/v1/users/nope", "User"),
        ("/integrations/api/v1/api-services/nope", "AppInstance"),
        ("/integrations/api/v1/api-services/nope/credentials/secrets", "AppInstance"),
    ],
)
def test_an_unknown_id_is_a_404_that_names_id_and_type(org, client, path, java_type):
    answer = client(org).get(path)
    assert error_of(answer) == (404, "E0000007", f"Not found: Resource not found: nope ({java_type})")
    assert answer.headers["x-rate-limit-limit"]


def test_an_error_has_all_members_of_oktas_errors(org, client):
    body = client(org).get("/api/v1/users/nope").json()
    assert list(body) == ["errorCode", "errorSummary", "errorLink", "errorId", "errorCauses"]
    assert body["errorLink"] == body["errorCode"]
    assert body["errorId"].startswith("oae")
    assert body["errorCauses"] == []


def test_error_ids_depend_on_the_seed_and_are_unique(clock, client):
    def ids():
        http = client(SimulatedOrg(seed=5, users=0, clock=clock))
        return [http.get("/api/v1/users/nope").json()["errorId"] for _ in range(3)]

    assert ids() == ids()
    assert len(set(ids())) == 3


def test_an_unknown_path_is_refused_first(org, client):
    answer = client(org).get("/api/v1/nothing/here")
    assert (answer.status_code, answer.json()) == (404, {"status": 404, "message": "Resource not found"})
    assert "content-type" not in answer.headers
    assert "x-rate-limit-limit" not in answer.headers
    assert answer.headers["date"]


@pytest.mark.parametrize("host", ["elsewhere.example.com", "contoso-admin.okta.com"])
def test_a_request_to_another_host_gets_an_html_page(org, client, host):
    answer = client(org).get(f"https://{host}/api/v1/users")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=UTF-8")
    assert answer.text.startswith("<!DOCTYPE html>")
    assert "x-rate-limit-limit" not in answer.headers
    assert org.requests[-1].host == host


def test_a_wrong_method_is_a_405(org, client):
    answer = client(org).delete("/api/v1/users")
    assert error_of(answer) == (405, "E0000022", "The endpoint does not support the provided HTTP method")


def test_a_forbidden_scope_affects_its_endpoints_only(org, client):
    denial = org.forbid("okta.oauthIntegrations.read")
    http = client(org)
    answer = http.get("/integrations/api/v1/api-services")
    assert error_of(answer) == (403, "E0000006", "You do not have permission to perform the requested action")
    assert http.get("/api/v1/users").status_code == 200
    denial.lift()
    assert http.get("/integrations/api/v1/api-services").status_code == 200


def test_one_path_can_be_denied_and_everything_below_it(org, client):
    http = client(org)
    one, two = org.world["api_services"].keys()[:2]
    org.deny(f"/integrations/api/v1/api-services/{one}*")
    assert http.get(f"/integrations/api/v1/api-services/{one}/credentials/secrets").status_code == 403
    assert http.get(f"/integrations/api/v1/api-services/{two}/credentials/secrets").status_code == 200
    assert http.get("/integrations/api/v1/api-services").status_code == 200


def test_a_template_denies_every_object_of_its_kind(org, client):
    org.deny("GET /integrations/api/v1/api-services/{apiServiceId}/credentials/secrets")
    for one in org.world["api_services"]:
        path = f"/integrations/api/v1/api-services/{one}"
        assert client(org).get(f"{path}/credentials/secrets").status_code == 403
        assert client(org).get(path).status_code == 200


def test_a_missing_licence_is_a_401_with_a_separate_code(org, client):
    org.unlicense("/api/v1/users")
    answer = client(org).get("/api/v1/users")
    assert error_of(answer) == (
        401,
        "E0000015",
        "You do not have permission to access the feature you are requesting",
    )
    assert "www-authenticate" not in answer.headers


def test_the_list_of_requests_has_caller_and_status(org, client):
    http = client(org)
    http.get("/api/v1/users", params={"limit": 5})
    http.get("/nothing")
    first, second = org.requests
    assert (first.method, first.host, first.path) == ("GET", "contoso.okta.com", "/api/v1/users")
    assert first.template == "/api/v1/users"
    assert (first.query, first.status) == ({"limit": "5"}, 200)
    assert first.caller.startswith("00T")
    assert (second.template, second.status, second.caller) == (None, 404, None)
    org.forget_requests()
    assert org.requests == ()


@pytest.mark.parametrize(
    "where", ["", "*", "* /api/v1/users", "GET", "users", "https://contoso.okta.com/api/v1/users"]
)
@pytest.mark.parametrize("verb", ["deny", "unlicense", "fail"])
def test_a_selection_that_would_select_nothing_is_an_error(verb: str, where: str) -> None:
    with pytest.raises(ConfigurationError, match="requests are selected as in"):
        getattr(SimulatedOrg.empty(), verb)(where)


def test_the_letter_case_of_a_method_does_not_matter() -> None:
    org = SimulatedOrg.empty()
    org.deny("get /api/v1/users")
    with (
        OktaClient(org.url, ApiToken(org.api_token), transport=org.transport) as client,
        pytest.raises(PermissionDeniedError),
    ):
        client.list("/api/v1/users")
