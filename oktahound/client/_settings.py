"""Configuration as Okta's own SDKs read it: okta.yaml, then the environment, then arguments."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs

from oktahound.client.auth import ApiToken, Auth, PrivateKeyJwt
from oktahound.errors import ConfigurationError

__all__ = ["Settings", "read_settings"]

# Okta's key in okta.yaml, in lower case, to our name. Python's SDK says orgUrl, .NET's oktaDomain.
_KEYS = {
    "orgurl": "url",
    "oktadomain": "url",
    "token": "token",
    "clientid": "client_id",
    "scopes": "scopes",
    "privatekey": "key",
    "kid": "kid",
    "authorizationmode": "mode",
    "dpopenabled": "dpop",
    "connectiontimeout": "connection_timeout",
    "requesttimeout": "request_timeout",
}
_OURS = frozenset({"url", "token", "client_id", "key", "scopes", "kid", "dpop"})
_LARGEST_FILE = 1024 * 1024


@attrs.frozen
class Settings:
    """What a client is made from."""

    url: str
    auth: Auth
    options: Mapping[str, Any]


@attrs.frozen
class _Value:
    """A configured value and where it came from, for errors."""

    value: Any = attrs.field(repr=False)
    place: str


def read_settings(
    path: str | os.PathLike[str] | None, environ: Mapping[str, str], overrides: Mapping[str, Any]
) -> Settings:
    """Merge the sources; later wins.

    Raises:
        ConfigurationError: a file cannot be read, a value has the wrong type, or no credential is whole.
    """
    found: dict[str, _Value] = {}
    for file in _files(path):
        found |= _from_file(file)
    found |= _from_environ(environ)
    options = {name: value for name, value in overrides.items() if name not in _OURS}
    given = {name: _Value(value, "the argument") for name, value in overrides.items() if name in _OURS}
    found |= {name: value for name, value in given.items() if value.value is not None}
    _settle_mode(found, given)
    if "url" not in found:
        raise ConfigurationError("no org URL: give url=, OKTA_CLIENT_ORGURL, or orgUrl in okta.yaml")
    timeout = _timeout(found)
    if timeout and "timeout" not in options:
        options["timeout"] = timeout
    return Settings(_text(found, "url") or "", _auth(found), options)


def _files(path: str | os.PathLike[str] | None) -> Iterator[Path]:
    if path is not None:
        yield Path(path).expanduser()
        return
    for place in (Path("~/.okta/okta.yaml").expanduser(), Path("okta.yaml")):
        if place.is_file():
            yield place


def _from_file(file: Path) -> dict[str, _Value]:
    doc = _yaml(file)
    for level in ("okta", "client"):
        doc = {} if doc is None else doc
        if not isinstance(doc, dict):
            raise ConfigurationError(f"{file}: what holds {level!r} is not a mapping")
        doc = doc.get(level)
    doc = {} if doc is None else doc
    if not isinstance(doc, dict):
        raise ConfigurationError(f"{file}: okta.client is not a mapping")
    found = {}
    for key, value in doc.items():
        name = _KEYS.get(str(key).lower())
        if name and value not in (None, ""):
            found[name] = _Value(value, f"{file}: okta.client.{key}")
    return found


def _yaml(file: Path) -> Any:
    # Imported here: most programs never read a file, and `import oktahound` shall stay quick.
    import yaml  # noqa: PLC0415

    try:
        text = file.read_text(encoding="utf-8")[: _LARGEST_FILE + 1]
        if len(text) <= _LARGEST_FILE:
            return yaml.safe_load(text)
        reason = "is too large"
    except (OSError, UnicodeDecodeError) as error:
        reason = f"cannot be read ({type(error).__name__})"
    except (yaml.YAMLError, RecursionError) as error:
        # Not its words: they quote the lines around, and those can hold the token.
        mark = getattr(error, "problem_mark", None)
        reason = "is not YAML" + (f", see line {mark.line + 1}" if mark else "")
    raise ConfigurationError(f"{file} {reason}")


def _from_environ(environ: Mapping[str, str]) -> dict[str, _Value]:
    found = {}
    for prefix in ("OKTA_", "OKTA_CLIENT_"):  # the longer one wins
        for key, name in _KEYS.items():
            variable = prefix + key.upper()
            if environ.get(variable, "").strip():
                found[name] = _Value(environ[variable].strip(), variable)
    return found


def _settle_mode(found: dict[str, _Value], given: Mapping[str, _Value]) -> None:
    """A credential given as an argument decides how to authenticate, whatever a file says."""
    if "token" in given and "key" not in given:
        found["mode"] = _Value("SSWS", "the argument token")
    elif "key" in given and "token" not in given:
        found["mode"] = _Value("PrivateKey", "the argument key")
    elif "key" in given and "token" in given:
        raise ConfigurationError("give token= or key=, not both")


def _auth(found: Mapping[str, _Value]) -> Auth:
    mode = (_text(found, "mode") or "").lower()
    if mode not in {"", "ssws", "privatekey"}:
        raise ConfigurationError(f"{found['mode'].place}: must be SSWS or PrivateKey")
    if mode == "privatekey" or (not mode and "token" not in found and "key" in found):
        return _private_key(found)
    if "token" in found:
        return ApiToken(_text(found, "token") or "")
    raise ConfigurationError(
        "no credential: give a token (OKTA_CLIENT_TOKEN), or a client id and a private key "
        "(OKTA_CLIENT_CLIENTID, OKTA_CLIENT_PRIVATEKEY with OKTA_CLIENT_AUTHORIZATIONMODE=PrivateKey)"
    )


def _private_key(found: Mapping[str, _Value]) -> PrivateKeyJwt:
    for name, okta in (("client_id", "clientId"), ("key", "privateKey")):
        if name not in found:
            raise ConfigurationError(f"authorization by private key needs {okta}")
    scopes = found["scopes"].value if "scopes" in found else None
    if scopes is not None and not isinstance(scopes, str | list | tuple | set | frozenset):
        raise ConfigurationError(f"{found['scopes'].place}: must be text or a list of texts")
    return PrivateKeyJwt(
        _text(found, "client_id") or "",
        found["key"].value,
        scopes=scopes,
        dpop=_flag(found, "dpop", default=True),
        kid=_text(found, "kid"),
    )


def _text(found: Mapping[str, _Value], name: str) -> str | None:
    if name not in found:
        return None
    if not isinstance(found[name].value, str):
        raise ConfigurationError(f"{found[name].place}: must be text")
    return str(found[name].value)


def _flag(found: Mapping[str, _Value], name: str, *, default: bool) -> bool:
    if name not in found:
        return default
    value = str(found[name].value).lower()
    if value not in {"true", "false", "1", "0", "yes", "no"}:
        raise ConfigurationError(f"{found[name].place}: must be true or false")
    return value in {"true", "1", "yes"}


def _timeout(found: Mapping[str, _Value]) -> float | None:
    """Okta's SDKs have two timeouts, and 0 in either means none; ours covers a whole request."""
    seconds = [_number(found[name]) for name in ("connection_timeout", "request_timeout") if name in found]
    return max(seconds, default=0.0) or None


def _number(value: _Value) -> float:
    number = _float(value.value)
    if number is None or not 0 <= number <= 86400:
        raise ConfigurationError(f"{value.place}: must be a number of seconds")
    return number


def _float(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None
