"""Private keys in every supported form, and common mistakes with them."""

from __future__ import annotations

import json
import pickle

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from joserfc.jwk import ECKey, OctKey, RSAKey

from oktahound.client import ApiToken, PrivateKeyJwt
from oktahound.errors import ConfigurationError


def auth(key, **more):
    return PrivateKeyJwt("0oaclient", key, **more)


@pytest.fixture(scope="module")
def rsa_key():
    return rsa.generate_private_key(65537, 2048)


def pem(key, form, protection=None):
    return key.private_bytes(Encoding.PEM, form, protection or NoEncryption()).decode()


def test_a_jwk_can_be_a_dict_a_text_or_bytes(rsa_jwk):
    keys = {auth(rsa_jwk).key, auth(json.dumps(rsa_jwk)).key, auth(json.dumps(rsa_jwk).encode()).key}
    assert len(keys) == 1
    assert keys.pop().kid == "rsa-1"


def test_a_key_set_with_one_key_is_accepted(rsa_jwk):
    assert auth({"keys": [rsa_jwk]}).key == auth(rsa_jwk).key


@pytest.mark.parametrize("form", [PrivateFormat.TraditionalOpenSSL, PrivateFormat.PKCS8])
def test_pem_text_in_both_forms_is_accepted(rsa_key, form):
    assert auth(pem(rsa_key, form)).key.alg == "RS256"


@pytest.mark.parametrize(
    ("curve", "alg"), [(ec.SECP256R1(), "ES256"), (ec.SECP384R1(), "ES384"), (ec.SECP521R1(), "ES512")]
)
@pytest.mark.parametrize("form", [PrivateFormat.TraditionalOpenSSL, PrivateFormat.PKCS8])
def test_the_curve_of_an_ec_key_determines_the_algorithm(curve, alg, form):
    assert auth(pem(ec.generate_private_key(curve), form)).key.alg == alg


def test_escaped_line_breaks_are_accepted(rsa_key):
    text = pem(rsa_key, PrivateFormat.PKCS8)
    assert auth(text.replace("\n", "\\n")).key == auth(text).key


def test_a_file_with_either_form_is_accepted(rsa_key, rsa_jwk, tmp_path):
    (tmp_path / "key.pem").write_text(pem(rsa_key, PrivateFormat.PKCS8))
    (tmp_path / "key.json").write_text(json.dumps(rsa_jwk))
    assert auth(tmp_path / "key.pem").key.alg == "RS256"
    assert auth(str(tmp_path / "key.json")).key.kid == "rsa-1"


def test_a_parsed_key_can_be_reused(rsa_jwk):
    key = auth(rsa_jwk).key
    assert auth(key).key is key


def test_a_matching_algorithm_is_used(rsa_jwk):
    assert auth(rsa_jwk | {"alg": "RS512"}).key.alg == "RS512"


def short_rsa():
    return dict(RSAKey.generate_key(1024).as_dict(private=True))


@pytest.mark.filterwarnings("ignore")
def test_a_short_rsa_key_is_refused():
    with pytest.raises(ConfigurationError, match="1024 bits"):
        auth(short_rsa())


def mistakes():
    rsa_key = rsa.generate_private_key(65537, 2048)
    rsa_jwk = dict(RSAKey.import_key(pem(rsa_key, PrivateFormat.PKCS8)).as_dict(private=True))
    ec_jwk = dict(ECKey.generate_key("P-256").as_dict(private=True))
    public = rsa_key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    locked = pem(rsa_key, PrivateFormat.PKCS8, BestAvailableEncryption(b"x"))
    old_locked = pem(rsa_key, PrivateFormat.TraditionalOpenSSL, BestAvailableEncryption(b"x"))
    no_okta_key = pem(dsa.generate_private_key(1024), PrivateFormat.PKCS8)
    return [
        ("empty", "", "empty"),
        ("nothing", None, "empty"),
        ("number", 7, "empty"),
        ("public JWK", {k: v for k, v in rsa_jwk.items() if k in {"kty", "n", "e"}}, "public"),
        ("public PEM", public, "public"),
        ("encrypted", locked, "encrypted"),
        ("encrypted of old", old_locked, "encrypted"),
        ("shared secret", dict(OctKey.generate_key(256).as_dict(private=True)), "shared secret"),
        ("no kind", {"d": "x"}, "kty"),
        ("okp", {"kty": "OKP", "d": "x"}, "kty"),
        ("damaged", rsa_jwk | {"n": "AQAB"}, "damaged"),
        ("members missing", {"kty": "EC", "d": "AQAB"}, "damaged"),
        ("member of wrong type", ec_jwk | {"d": 7}, "damaged"),
        ("wrong alg", rsa_jwk | {"alg": "ES256"}, "alg"),
        ("wrong alg for curve", ec_jwk | {"alg": "ES384"}, "alg"),
        ("kid not text", ec_jwk | {"kid": 7}, "damaged|kid"),
        ("for encryption", ec_jwk | {"use": "enc"}, "signing|damaged"),
        ("for verifying", ec_jwk | {"key_ops": ["verify"]}, "signing|damaged"),
        ("unknown curve", pem(ec.generate_private_key(ec.SECP256K1()), PrivateFormat.PKCS8), "P-256"),
        ("not JSON", '{"kty": "RSA", "d": "hush', "not valid JSON"),
        ("two keys", {"keys": [rsa_jwk, ec_jwk]}, "set of keys"),
        ("dsa", no_okta_key, "no readable private RSA or EC"),
        (
            "broken PEM",
            "-----BEGIN PRIVATE KEY-----\nhush\n-----END PRIVATE KEY-----",
            "no readable private RSA",
        ),
        ("no such file", "/no/such/file.pem", "FileNotFoundError"),
        ("base64 alone", "MIIEvQIBADANBgkq" * 300, "is not a JWK, PEM text or a path"),
        ("name too long", "MIIEvQIBADANBgkq" * 100, "cannot be read"),
    ]


MISTAKES = mistakes()


@pytest.mark.parametrize(("source", "words"), [m[1:] for m in MISTAKES], ids=[m[0] for m in MISTAKES])
def test_an_unusable_key_is_refused_with_the_reason_and_without_the_key(source, words):
    with pytest.raises(ConfigurationError, match=words) as caught:
        auth(source)
    error = caught.value
    assert error.__cause__ is None
    assert error.__context__ is None
    for secret in ("hush", "MIIE"):
        assert secret not in str(error)


def test_a_file_without_a_key_is_refused(tmp_path):
    (tmp_path / "large").write_text("x" * 70_000)
    (tmp_path / "prose").write_text("my key")
    with pytest.raises(ConfigurationError, match="too large"):
        auth(tmp_path / "large")
    with pytest.raises(ConfigurationError, match="neither a JWK nor PEM"):
        auth(tmp_path / "prose")


@pytest.mark.parametrize("client_id", ["", " ", None, "0oa 1", "0oaé", "0oa\n1"])
def test_an_invalid_client_id_is_refused(client_id, ec_jwk):
    with pytest.raises(ConfigurationError, match="client_id"):
        PrivateKeyJwt(client_id, ec_jwk)


@pytest.mark.parametrize("scopes", [[], "", [""], ["a b"], [7], ["é"]])
def test_invalid_scopes_are_refused(scopes, ec_jwk):
    with pytest.raises(ConfigurationError, match="scope"):
        auth(ec_jwk, scopes=scopes)


def test_scopes_are_sorted_without_duplicates(ec_jwk):
    assert auth(ec_jwk, scopes="b.read, a.read a.read").scopes == ("a.read", "b.read")
    assert auth(ec_jwk).scopes is None


@pytest.mark.parametrize("token", ["", "  ", "\n", None, "a b", "a\nb", "é", "SSWS ", b"abc"])
def test_an_invalid_api_token_is_refused(token):
    with pytest.raises(ConfigurationError, match="token"):
        ApiToken(token)


@pytest.mark.parametrize("token", ["00abc", " 00abc\n", "SSWS 00abc", "ssws  00abc"])
def test_a_pasted_token_is_cleaned(token):
    assert ApiToken(token).token == "00abc"


def test_credentials_cannot_be_pickled(ec_jwk):
    for secret in (ApiToken("00abc"), auth(ec_jwk), auth(ec_jwk).key):
        with pytest.raises(TypeError, match="cannot be pickled"):
            pickle.dumps(secret)


def test_the_repr_of_a_credential_has_no_secret(ec_jwk):
    shown = repr(ApiToken("00abc")) + repr(auth(ec_jwk)) + repr(auth(ec_jwk).key)
    assert "00abc" not in shown
    assert ec_jwk["d"] not in shown
    assert "0oaclient" in shown
