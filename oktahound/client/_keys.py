"""Load a private key from a JWK, PEM text or a file, and sign with it (RFC 7515, 7517, 7518).

Repairs PEM text that was passed through an environment variable, a configuration file or a web form.
"""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from oktahound.client._body import NOT_JSON, parse_json
from oktahound.client._text import unwrap
from oktahound.errors import ConfigurationError

__all__ = ["SigningKey", "clean_pem", "load_key", "new_dpop_key"]


_BLOCK = re.compile(r"-----\s*BEGIN ([A-Z0-9 ]+?)\s*-----(.*?)-----\s*END \1\s*-----", re.DOTALL)
_ESCAPES = {"\\r\\n": "\n", "\\n": "\n", "\\r": "\n", "\\t": " "}
_LINE = 64


def clean_pem(text: str) -> str:
    r"""Rewrite PEM text with each marker on its own line, and at most 64 characters of Base64 a line.

    Line breaks may be ``\r\n``, ``\n`` or ``\r``, written with a backslash (once or several times), mixed,
    or missing. Quotes, byte-order marks and whitespace are removed. The headers of an old encrypted key
    (``Proc-Type``, ``DEK-Info``) are kept. Text without a complete block is only unwrapped.
    """
    text = re.sub(r"\\{2,}(?=[rnt])", r"\\", unwrap(text))
    for escape, character in _ESCAPES.items():
        text = text.replace(escape, character)
    return "\n".join(_block(found[1], found[2]) for found in _BLOCK.finditer(text)) or unwrap(text)


def _block(label: str, body: str) -> str:
    lines = [unwrap(line) for line in body.replace("\r", "\n").split("\n")]
    headers = [line for line in lines if ":" in line]
    base64 = "".join("".join(line.split()) for line in lines if ":" not in line).strip("\\")
    pieces = [base64[start : start + _LINE] for start in range(0, len(base64), _LINE)]
    head = [*headers, ""] if headers else []
    return "\n".join([f"-----BEGIN {label}-----", *head, *pieces, f"-----END {label}-----", ""])


_RSA = ("RS256", "RS384", "RS512")
_CURVES = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}
_SHORTEST_RSA = 2048
_LARGEST_FILE = 64 * 1024


@attrs.frozen
class SigningKey:
    """A private key with its signature algorithm.

    Attributes:
        alg: ``RS256`` … ``ES512``.
        kid: its key id, if it has one.
        thumbprint: its RFC 7638 thumbprint, which identifies the key without revealing it.
    """

    alg: str
    kid: str | None
    thumbprint: str
    _key: RSAKey | ECKey = attrs.field(repr=False, eq=False)

    def sign(self, header: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
        """Return a compact JWT with this header and these claims."""
        return jwt.encode({"alg": self.alg, **header}, dict(claims), self._key, algorithms=[self.alg])

    def public(self) -> dict[str, Any]:
        """Return the public key as a JWK."""
        members = self._key.as_dict(private=False)
        return {name: members[name] for name in ("kty", "crv", "x", "y", "n", "e") if name in members}

    def __reduce__(self) -> Any:
        raise TypeError("a private key cannot be pickled or copied")


def new_dpop_key() -> SigningKey:
    """Generate an EC P-256 key for DPoP, which binds an access token to it."""
    key = ECKey.generate_key("P-256", auto_kid=False)
    return SigningKey("ES256", None, key.thumbprint(), key)


def load_key(source: object) -> SigningKey:
    """Read a private key from a JWK, PEM text, or the path of a file with either.

    Raises:
        ConfigurationError: the source is not a private key that Okta accepts.
    """
    if isinstance(source, SigningKey):
        return source
    if isinstance(source, Mapping):
        return _from_jwk(source)
    if isinstance(source, bytes):
        source = _decoded(source)
    if isinstance(source, os.PathLike):
        return _from_text(_file_text(Path(source)))
    if not isinstance(source, str) or not source.strip():
        raise ConfigurationError(
            "the private key is empty or has a wrong type: give a JWK, PEM text or a path"
        )
    text = unwrap(source)
    if text.startswith("{") or "-----BEGIN" in text:
        return _from_text(text)
    if "\n" in text or len(text) > 4096 or "-----END" in text:
        raise ConfigurationError("the private key is not a JWK, PEM text or a path: copy the whole key")
    return _from_text(_file_text(Path(text)))


def _file_text(path: Path) -> str:
    # The error does not repeat the path: it may be a key that was pasted without its BEGIN line.
    try:
        path = path.expanduser()
        if path.stat().st_size > _LARGEST_FILE:
            reason = "is too large for a key"
        else:
            return _decoded(path.read_bytes())
    except (OSError, ValueError, RuntimeError) as error:
        reason = f"cannot be read ({type(error).__name__})"
    raise ConfigurationError(f"the private key was read as the path of a file, but that file {reason}")


def _decoded(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):  # what PowerShell's > writes
        return data.decode("utf-16", "replace")
    return data.decode("utf-8", "replace")


def _from_text(text: str) -> SigningKey:
    text = unwrap(text)
    if text.startswith("{"):
        doc = parse_json(text.encode("utf-8", "surrogatepass"))
        if doc is NOT_JSON:  # line breaks and quotes may be written as \n and \"
            doc = parse_json(text.replace("\\r", "").replace("\\n", "\n").replace('\\"', '"'))
        if not isinstance(doc, dict):
            raise ConfigurationError("the private key begins like a JWK, but is not valid JSON")
        return _from_jwk(doc)
    return _from_pem(text)


def _from_pem(text: str) -> SigningKey:
    if "-----BEGIN" not in text:
        raise ConfigurationError("the private key is neither a JWK nor PEM text: give one of them")
    text = clean_pem(text)
    if "ENCRYPTED" in text:
        raise ConfigurationError(
            "the private key is encrypted; decrypt it first: openssl pkey -in key.pem -out decrypted.pem"
        )
    if "-----END" not in text:
        raise ConfigurationError("the PEM text ends before its END line; copy the whole key")
    if "OPENSSH" in text:
        raise ConfigurationError(
            "this is a key of OpenSSH; convert a copy of it: ssh-keygen -p -m PKCS8 -f copy-of-key"
        )
    if "PRIVATE" not in text:
        raise ConfigurationError("this is a public key or a certificate; the private key is needed")
    key = _imported(RSAKey, text) or _imported(ECKey, text)
    if key is not None:
        return _checked(key, {})
    raise ConfigurationError("the PEM text contains no readable private RSA or EC key")


def _from_jwk(jwk: Mapping[str, Any]) -> SigningKey:
    keys = jwk.get("keys")
    if isinstance(keys, list):
        if len(keys) != 1 or not isinstance(keys[0], Mapping):
            raise ConfigurationError("the private key is a set of keys; give only the key to sign with")
        jwk = keys[0]
    kinds: dict[str, type[RSAKey | ECKey]] = {"RSA": RSAKey, "EC": ECKey}
    kind = kinds.get(str(jwk.get("kty")))
    if jwk.get("kty") == "oct":
        raise ConfigurationError("the JWK is a shared secret (kty oct); private_key_jwt needs RSA or EC")
    if kind is None:
        raise ConfigurationError("the kty of the JWK is not RSA or EC; give a key of one of these types")
    if "d" not in jwk:
        raise ConfigurationError("the JWK is a public key; the private key is needed")
    key = _imported(kind, dict(jwk))
    if key is None:
        raise ConfigurationError("the JWK is damaged: its members are not those of a private key")
    return _checked(key, jwk)


def _imported(kind: type[RSAKey | ECKey], source: Any) -> RSAKey | ECKey | None:
    """Import a key; None if it is invalid. The libraries' exceptions are dropped: they may quote the key."""
    try:
        return kind.import_key(source)
    except Exception:  # noqa: BLE001  # cryptography raises half a dozen kinds for a bad key
        return None


def _checked(key: RSAKey | ECKey, jwk: Mapping[str, Any]) -> SigningKey:
    size = key.raw_value.key_size
    if isinstance(key, RSAKey) and size < _SHORTEST_RSA:
        raise ConfigurationError(f"the RSA key has {size} bits; Okta needs {_SHORTEST_RSA} or more")
    signing = SigningKey(_algorithm(key, jwk.get("alg")), key.kid or None, key.thumbprint(), key)
    if not _signs(signing):
        raise ConfigurationError(
            "the key is not for signing (see its members use and key_ops): give a signing key"
        )
    return signing


def _algorithm(key: RSAKey | ECKey, alg: object) -> str:
    if isinstance(key, RSAKey):
        possible: tuple[str, ...] = _RSA
    else:
        possible = (_CURVES[key.curve_name],) if key.curve_name in _CURVES else ()
        if not possible:
            raise ConfigurationError(
                "the EC key is not on P-256, P-384 or P-521; Okta accepts only these curves"
            )
    if alg is None:
        return possible[0]
    if alg not in possible:
        raise ConfigurationError(f"the JWK's alg does not match its key; possible: {', '.join(possible)}")
    return str(alg)


def _signs(key: SigningKey) -> bool:
    try:
        key.sign({}, {})
    except (JoseError, ValueError):
        return False
    return True
