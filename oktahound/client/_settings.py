"""Read the configuration of Okta's SDKs from okta.yaml, the environment and arguments."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import attrs

from oktahound.client._text import unwrap
from oktahound.client.auth import ApiToken, Auth, PrivateKeyJwt
from oktahound.errors import ConfigurationError

__all__ = ["Settings", "read_settings"]

# Keys of okta.yaml in lower case, and our names. The Python SDK uses orgUrl, the .NET SDK oktaDomain.
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
    "proxy.host": "proxy_host",
    "proxy.port": "proxy_port",
    "proxy.username": "proxy_username",
    "proxy.password": "proxy_password",
    "ratelimit.maxretries": "max_retries",
    "maxretries": "max_retries",
}
# Keys of Okta's SDKs without an equivalent here. They are refused, because ignoring them could surprise.
_REFUSED = {
    "ratelimit.maxbackoff": "give rate_limit_budget=, which limits the waiting for rate limits in seconds",
    "ratelimit.enable": "remove it: rate limits are always waited for, within rate_limit_budget=",
    "backoff": "give retry_budget= and rate_limit_budget=",
}
_SECTIONS = frozenset({"proxy", "ratelimit"})
_OURS = frozenset({"url", "token", "client_id", "key", "scopes", "kid", "dpop"})
_LARGEST_FILE = 1024 * 1024


@attrs.frozen
class Settings:
    """The arguments of a client."""

    url: str
    auth: Auth
    options: Mapping[str, Any]


@attrs.frozen
class _Value:
    """A configured value and its source, for errors."""

    value: Any = attrs.field(repr=False)
    place: str


def read_settings(
    path: str | os.PathLike[str] | None, environ: Mapping[str, str], overrides: Mapping[str, Any]
) -> Settings:
    """Merge the sources. Later sources take precedence.

    Raises:
        ConfigurationError: a file cannot be read, a value has the wrong type, or there is no complete
            credential.
    """
    found: dict[str, _Value] = {}
    for file in _files(path):
        found |= _from_file(file)
    found |= _from_environ(environ)
    options = {name: value for name, value in overrides.items() if name not in _OURS}
    given = {name: _Value(value, "the argument") for name, value in overrides.items() if name in _OURS}
    found |= {name: value for name, value in given.items() if value.value is not None}
    _set_mode(found, given)
    if "url" not in found:
        raise ConfigurationError("no org URL: give url=, OKTA_CLIENT_ORGURL, or orgUrl in okta.yaml")
    given_options: dict[str, Any] = {"timeout": _timeout(found), "max_retries": _max_retries(found)}
    if options.get("transport") is None:  # a transport chooses its own route
        given_options["proxy"] = _proxy(found)
    for name, value in given_options.items():
        if value is not None:
            options.setdefault(name, value)
    return Settings(_text(found, "url") or "", _auth(found), options)


def _files(path: str | os.PathLike[str] | None) -> Iterator[Path]:
    if path is not None:
        try:
            yield Path(path).expanduser()
        except RuntimeError:
            raise ConfigurationError(
                f"{path}: this process has no home folder; give the absolute path"
            ) from None
        return
    for place in ("~/.okta/okta.yaml", "okta.yaml"):
        # Without a home folder, with one that cannot be read, or in a deleted working folder, the file counts
        # as absent.
        with suppress(OSError, RuntimeError, KeyError, ValueError):
            file = Path(place).expanduser()
            if file.is_file() and os.access(file, os.R_OK):
                yield file


def _from_file(file: Path) -> dict[str, _Value]:
    doc = _yaml(file)
    for level in ("okta", "client"):
        doc = {} if doc is None else doc
        if not isinstance(doc, dict):
            raise ConfigurationError(f"{file}: the parent of {level!r} is not a mapping")
        doc = doc.get(level)
    doc = {} if doc is None else doc
    if not isinstance(doc, dict):
        raise ConfigurationError(f"{file}: okta.client is not a mapping")
    found = {}
    for key, value in _flattened(doc, file):
        place = f"{file}: okta.client.{key}"
        if value in (None, "") or not _is_known(key.lower(), place):
            continue
        found[_KEYS[key.lower()]] = _Value(value, place)
    return found


def _flattened(doc: Mapping[Any, Any], file: Path) -> Iterator[tuple[str, Any]]:
    for key, value in doc.items():
        if str(key).lower() not in _SECTIONS or value is None:
            yield str(key), value
        elif isinstance(value, Mapping):
            yield from ((f"{key}.{inner}", inner_value) for inner, inner_value in value.items())
        else:
            raise ConfigurationError(f"{file}: okta.client.{key} is not a mapping")


def _is_known(key: str, place: str) -> bool:
    if key in _REFUSED:
        raise ConfigurationError(f"{place} is not supported; {_REFUSED[key]}")
    return key in _KEYS


def _yaml(file: Path) -> Any:
    # Imported here to keep `import oktahound` fast: most programs never read a file.
    import yaml  # noqa: PLC0415

    try:
        text = file.read_text(encoding="utf-8")[: _LARGEST_FILE + 1]
        if len(text) <= _LARGEST_FILE:
            return yaml.safe_load(text)
        reason = "is too large"
    except (OSError, UnicodeDecodeError) as error:
        reason = f"cannot be read ({type(error).__name__})"
    except (yaml.YAMLError, RecursionError) as error:
        # The parser's text is dropped: it quotes the surrounding lines, which may contain the token.
        position = getattr(error, "problem_mark", None)
        reason = "is not YAML" + (f", see line {position.line + 1}" if position else "")
    raise ConfigurationError(f"{file} {reason}")


def _from_environ(environ: Mapping[str, str]) -> dict[str, _Value]:
    found = {}
    for prefix in ("OKTA_", "OKTA_CLIENT_"):  # the longer one takes precedence
        for key in (*_KEYS, *_REFUSED):
            variable = prefix + key.upper().replace(".", "_")
            if (text := unwrap(environ.get(variable, ""))) and _is_known(key, variable):
                found[_KEYS[key]] = _Value(text, variable)
    return found


def _set_mode(found: dict[str, _Value], given: Mapping[str, _Value]) -> None:
    """Set the authorization mode to that of a credential argument, which overrides a file."""
    if "token" in given and "key" not in given:
        found["mode"] = _Value("SSWS", "the argument token")
    elif "key" in given and "token" not in given:
        found["mode"] = _Value("PrivateKey", "the argument key")
    elif "key" in given and "token" in given:
        raise ConfigurationError("both token= and key= were given: give only one of them")


def _auth(found: Mapping[str, _Value]) -> Auth:
    mode = (_text(found, "mode") or "").lower()
    if mode not in {"", "ssws", "privatekey"}:
        raise ConfigurationError(f"{found['mode'].place}: the authorization mode must be SSWS or PrivateKey")
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
            raise ConfigurationError(
                f"authorization by private key needs {okta}: add it to the configuration"
            )
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
    """Return the longer of the SDKs' two timeouts, because ours covers a whole request. 0 means none."""
    seconds = [_number(found[name]) for name in ("connection_timeout", "request_timeout") if name in found]
    return max(seconds, default=0.0) or None


def _max_retries(found: Mapping[str, _Value]) -> int | None:
    if "max_retries" not in found:
        return None
    number = _float(found["max_retries"].value)
    if number is None or number != int(number) or not 0 <= number <= 10_000:
        raise ConfigurationError(f"{found['max_retries'].place}: must be a whole number of retries")
    return int(number)


def _proxy(found: Mapping[str, _Value]) -> str | None:
    """Build the URL of the proxy from host, port, username and password."""
    parts = {name: value for name, value in found.items() if name.startswith("proxy_")}
    if not parts:
        return None
    if "proxy_host" not in parts:
        raise ConfigurationError(f"{next(iter(parts.values())).place}: a proxy needs proxy.host as well")
    scheme, separator, host = (_text(found, "proxy_host") or "").rpartition("://")
    port = _float(parts["proxy_port"].value) if "proxy_port" in parts else None
    if "proxy_port" in parts and (port is None or port != int(port) or not 0 < port <= 0xFFFF):
        raise ConfigurationError(f"{parts['proxy_port'].place}: must be the number of a port")
    secrets = [
        quote(str(parts[name].value), safe="") if name in parts else ""
        for name in ("proxy_username", "proxy_password")
    ]
    login = f"{secrets[0]}:{secrets[1]}@" if any(secrets) else ""
    return f"{scheme if separator else 'http'}://{login}{host.rstrip('/')}" + (
        f":{int(port)}" if port else ""
    )


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
