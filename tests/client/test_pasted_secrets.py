"""Keys and tokens in the forms that editors, environment variables, .env files and web forms produce."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from oktahound import ApiToken, PrivateKeyJwt
from oktahound.bloodhound import BearerToken, SignedToken
from oktahound.client._keys import load_key
from oktahound.errors import ConfigurationError

PKCS8, OLD = serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL
PLAIN = serialization.NoEncryption()


@pytest.fixture(scope="module")
def keys() -> dict[str, Any]:
    return {"rsa": rsa.generate_private_key(65537, 2048), "ec": ec.generate_private_key(ec.SECP256R1())}


@pytest.fixture(scope="module")
def thumbprints(keys: dict[str, Any]) -> dict[str, str]:
    return {kind: load_key(pem(key)).thumbprint for kind, key in keys.items()}


def pem(key: Any, form: serialization.PrivateFormat = PKCS8, encryption: Any = PLAIN) -> str:
    return key.private_bytes(serialization.Encoding.PEM, form, encryption).decode()


def every_other_break(text: str) -> str:
    parts = text.strip().split("\n")
    return "".join(part + ("\n" if number % 2 else "\\n") for number, part in enumerate(parts))


PEM_FORMS: dict[str, Callable[[str], str]] = {
    "as it is": lambda text: text,
    "without the last break": str.strip,
    "byte-order mark": lambda text: "\ufeff" + text,
    "Windows breaks": lambda text: text.replace("\n", "\r\n"),
    "old Mac breaks": lambda text: text.replace("\n", "\r"),
    "spelled out": lambda text: text.replace("\n", "\\n"),
    "spelled out for Windows": lambda text: text.replace("\n", "\\r\\n"),
    "spelled out twice": lambda text: text.replace("\n", "\\\\n"),
    "mixed": every_other_break,
    "spelled out and a real one at the end": lambda text: text.strip().replace("\n", "\\n") + "\n",
    "on one line": lambda text: text.replace("\n", " "),
    "without any break": lambda text: text.replace("\n", ""),
    "double quotes": lambda text: f'"{text}"',
    "single quotes": lambda text: f"'{text.strip()}'",
    "quoted and spelled out": lambda text: '"' + text.replace("\n", "\\n") + '"',
    "typographic quotes": lambda text: f"\u201c{text.strip()}\u201d",
    "indented": lambda text: text.replace("\n", "\n    "),
    "blanks at the ends of lines": lambda text: text.replace("\n", " \t\n"),
    "empty lines": lambda text: text.replace("\n", "\n\n"),
    "text around it": lambda text: f"Bag Attributes\n  friendlyName: okta\n{text}\nend\n",
    "everything": lambda text: '\ufeff "' + text.replace("\n", "\\r\\n") + '" \r\n',
}


@pytest.mark.parametrize("form", PEM_FORMS)
@pytest.mark.parametrize("kind", ["rsa", "ec"])
def test_pem_text_is_normalized_before_parsing(
    kind: str, form: str, keys: dict[str, Any], thumbprints: dict[str, str], tmp_path: Path
):
    # An RSA key takes long to load, and the text is cleaned before the kind of key matters.
    encodings = [OLD] if kind == "rsa" else [PKCS8, OLD]
    expected = thumbprints[kind]
    for text in (pem(keys[kind], encoding) for encoding in encodings):
        spoiled = PEM_FORMS[form](text)
        assert load_key(spoiled).thumbprint == expected
        if kind == "rsa":
            continue
        assert load_key(spoiled.encode()).thumbprint == expected
        for encoding in ("utf-8", "utf-16"):
            file = tmp_path / f"key-{encoding}.pem"
            file.write_bytes(spoiled.encode(encoding))
            assert load_key(file).thumbprint == expected
            assert load_key(f' "{file}" ').thumbprint == expected


@pytest.mark.parametrize(
    "form",
    [
        lambda text: text,
        lambda text: "\ufeff" + text,
        lambda text: f"'{text}'",
        lambda text: '"' + text.replace('"', '\\"') + '"',
        lambda text: text.replace(", ", ",\\n "),
        lambda text: text.replace(", ", ",\r\n"),
        lambda text: "\n\ufeff " + text + "\n",
    ],
)
def test_a_jwk_is_normalized_before_parsing(form: Any, ec_jwk: dict[str, Any], tmp_path: Path):
    expected = load_key(ec_jwk).thumbprint
    text = form(json.dumps(ec_jwk))
    assert load_key(text).thumbprint == expected
    for encoding in ("utf-8", "utf-16"):
        file = tmp_path / f"{encoding}.json"
        file.write_bytes(text.encode(encoding))
        assert load_key(file).thumbprint == expected


@pytest.mark.parametrize("form", [PKCS8, OLD])
@pytest.mark.parametrize("corrupt", ["as it is", "spelled out", "on one line"])
def test_an_encrypted_key_says_how_to_decrypt_it(form: Any, corrupt: str, keys: dict[str, Any]):
    text = pem(keys["rsa"], form, serialization.BestAvailableEncryption(b"secret"))
    with pytest.raises(ConfigurationError, match="encrypted; decrypt it first: openssl pkey"):
        load_key(PEM_FORMS[corrupt](text))


def test_the_error_names_the_kind_of_an_unsupported_key(keys: dict[str, Any]):
    openssh = pem(keys["ec"], serialization.PrivateFormat.OpenSSH)
    with pytest.raises(ConfigurationError, match="ssh-keygen -p -m PKCS8"):
        load_key(openssh)
    with pytest.raises(ConfigurationError, match="contains no readable private RSA or EC key"):
        load_key(pem(ed25519.Ed25519PrivateKey.generate()))
    with pytest.raises(ConfigurationError, match="ends before its END line"):
        load_key(pem(keys["rsa"])[:500])
    public = (
        keys["rsa"]
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    with pytest.raises(ConfigurationError, match="public key or a certificate"):
        load_key(public.replace(b"\n", b"\r\n"))


@pytest.mark.parametrize(
    "text",
    [
        "00secret",
        ' "00secret" ',
        "'00secret'\n",
        "`00secret`",
        "\ufeff00secret",
        "\u201c00secret\u201d",
        "SSWS 00secret",
        '"SSWS 00secret"',
        'SSWS "00secret"',
        "Authorization: SSWS 00secret",
        "\u200b00secret\u00a0",
    ],
)
def test_a_token_is_normalized_before_validation(text: str):
    assert ApiToken(text).token == "00secret"
    assert BearerToken(text.replace("SSWS", "Bearer")).token == "00secret"
    if "SSWS" not in text:
        assert SignedToken(text, text).key == "00secret"


@pytest.mark.parametrize("text", ["", '""', "00 secret", "00sec\u00e9ret", 'SSWS ""', "\ufeff"])
def test_an_invalid_token_is_refused(text: str):
    with pytest.raises(ConfigurationError):
        ApiToken(text)


def test_a_client_id_is_normalized(ec_jwk: dict[str, Any]):
    assert PrivateKeyJwt('"0oaclient"', ec_jwk).client_id == "0oaclient"
