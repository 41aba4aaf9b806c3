"""Credentials are dropped when a response is structured, wherever Okta returns them in clear text."""

from __future__ import annotations

import re

import orjson
import pytest

from oktahound.entities import (
    ENTITIES,
    Agent,
    ApiToken,
    Application,
    ClientSecret,
    Factor,
    IdentityProvider,
    JsonWebKey,
    User,
    embedded_rows,
    fields_of,
    saved_form,
    structure,
)

CANARY = "CANARY-4dB7xQ"

APPLICATION = {
    "id": "0oa1",
    "label": "Backup",
    "name": "oidc_client",
    "signOnMode": "OPENID_CONNECT",
    "credentials": {
        "scheme": "SHARED_USERNAME_AND_PASSWORD",
        "userName": "shared",
        "password": {"value": CANARY},
        "oauthClient": {
            "client_id": "c",
            "client_secret": CANARY,
            "token_endpoint_auth_method": "client_secret_jwt",
        },
    },
    "settings": {
        "app": {
            "accessKey": CANARY,
            "secretKey": CANARY,
            "password": CANARY,
            "adminPassword": CANARY,
            "apiToken": CANARY,
            "name": CANARY,
            "status": CANARY,
            "oktaDomain": CANARY,
            "url": f"https://user:{CANARY}@app.example.com/?key={CANARY}#{CANARY}",
            "loginURL": f"https://{CANARY}@app.example.com/",
            "baseUrl": f"https://app.example.com/?token={CANARY}",
            "acsUrl": f"https://user:{CANARY}@app.example.com/acs",
            "microsoftDiscoveryEndpoint": f"https://x:{CANARY}@login.microsoftonline.com/x",
        },
        "signOn": {"loginUrl": f"https://user:{CANARY}@app.example.com/", "passwordField": CANARY},
        "oauthClient": {"jwks": {"keys": [{"kid": "k", "d": CANARY}]}},
    },
}

ANSWERS = [
    (Application, APPLICATION, None),
    (ClientSecret, {"id": "ocs1", "client_secret": CANARY, "clientSecret": CANARY}, "0oa1"),
    (
        JsonWebKey,
        {
            "id": "pks1",
            "kid": "k",
            "kty": "RSA",
            **dict.fromkeys(("d", "p", "q", "dp", "dq", "qi", "k", "oth"), CANARY),
        },
        "0oa1",
    ),
    (
        IdentityProvider,
        {
            "id": "0oa3",
            "protocol": {
                "type": "OIDC",
                "credentials": {"client": {"client_id": "c", "client_secret": CANARY}},
            },
        },
        None,
    ),
    (
        User,
        {
            "id": "00u1",
            "credentials": {
                "password": {"value": CANARY, "hash": {"value": CANARY}},
                "recovery_question": {"question": "?", "answer": CANARY},
                "provider": {"type": "OKTA", "name": "OKTA"},
            },
            "profile": {"login": "a", "customSecret": CANARY, "mobilePhone": CANARY},
        },
        None,
    ),
    (ApiToken, {"id": "00T1", "token": CANARY, "name": "t"}, None),
    (
        Factor,
        {"id": "f", "profile": {"phoneNumber": CANARY, "deviceToken": CANARY}, "sharedSecret": CANARY},
        "00u1",
    ),
    (Agent, {"id": "a", "token": CANARY}, "0oa9"),
]


@pytest.mark.parametrize(("cls", "row", "parent"), ANSWERS, ids=lambda each: getattr(each, "__name__", ""))
def test_a_secret_in_a_response_is_not_in_the_entity(cls, row, parent):
    assert CANARY in orjson.dumps(row).decode()
    entity, faults = structure(cls, row, parent)
    assert entity is not None
    assert CANARY not in repr(entity)
    assert CANARY not in repr(faults)
    assert CANARY.encode() not in orjson.dumps(saved_form(entity))


def test_a_key_inside_an_application_loses_its_private_part():
    source = JsonWebKey.SOURCES[0]
    (row,), faults = embedded_rows(source, APPLICATION)
    assert CANARY not in repr(structure(JsonWebKey, row, "0oa1")) + repr(faults)


def test_a_setting_never_takes_the_place_of_a_property():
    app, _ = structure(Application, APPLICATION)
    assert (app.app_type, app.status, app.label) == ("oidc_client", None, "Backup")
    props = [field.prop for field in fields_of(Application) if field.prop]
    assert len(props) == len(set(props))
    settings = [field for field in fields_of(Application) if field.name.startswith("setting_")]
    assert settings
    assert all(field.prop.startswith("settings.") for field in settings)


def test_no_field_of_any_entity_has_the_path_of_a_secret():
    said_aloud = {"token_endpoint_auth_method", "secret_hash", "tokenWindow", "passwordChanged", "token"}
    # Numbers and times of tokens, from the System Log.
    said_aloud |= {"tokenGrants", "lastTokenAt"}
    suspicious = re.compile(r"secret|passw|token|access_?key|private|^d$|answer", re.IGNORECASE)
    keys = {key for cls in ENTITIES for field in fields_of(cls) for path in field.paths for key in path}
    assert {key for key in keys if suspicious.search(key)} <= said_aloud
    # "token" is the endpoint of an identity provider, of which only the address is read, and the action of a
    # rule for tokens, of which only the id of the inline hook is read.
    assert [
        path for cls in ENTITIES for field in fields_of(cls) for path in field.paths if "token" in path
    ] == [("protocol", "endpoints", "token", "url"), ("actions", "token", "inlineHook", "id")]
