"""Parsers for values of Okta's JSON, used by `Wire.read` and `Embedded.read`.

Each takes the value at the path. It raises TypeError or ValueError with a description of the expected value.
The message never contains the actual value, which may be a secret.
"""

from __future__ import annotations

import binascii
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit, urlunsplit

import orjson

from oktahound.entities.values import type_name

__all__ = [
    "as_object",
    "bare_url",
    "canonical_json",
    "count",
    "first_text",
    "guid_text",
    "host_of",
    "ids_of",
    "is_not_empty",
    "lacks_ids",
    "last_orn_part",
    "last_segment",
    "moment_of_milliseconds",
    "names_of",
    "numbered",
    "orn_in_filter",
    "orn_type",
    "principals_of_type",
    "resource_link",
    "role_conditions",
    "text_unless_empty",
    "url_without_user",
    "urls_without_user",
    "wrapped_keys",
]


T = TypeVar("T")

_KEPT_PARAMETERS = frozenset({"filter", "type"})
"""Query parameters by which Okta's links narrow a collection."""

_PARTS_WITH_ONE_QUOTED = 3
"""The number of parts around the quotation marks of ``property eq "value"``."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _expect(value: Any, type_: type[T], words: str) -> T:
    if value.__class__ is not type_:
        raise TypeError(f"expected {words}, got {type_name(value)}")
    found: T = value
    return found


def as_object(value: object) -> dict[str, Any]:
    """Return a value that must be an object."""
    return _expect(value, dict, "an object")


def text_unless_empty(value: object) -> str | None:
    """Parse text. Empty text becomes None, if Okta sends it for "nothing"."""
    return _expect(value, str, "text") or None


def first_text(value: object) -> str | None:
    """Parse a list of texts to its first item; None for an empty list."""
    items = _expect(value, list, "a list")
    return _expect(items[0], str, "a list of texts") if items else None


def count(value: object) -> int:
    """Parse a list to its length."""
    return len(_expect(value, list, "a list"))


def is_not_empty(value: object) -> bool:
    """Whether an object, a list or a text has any content. True for values of other types."""
    return value not in ({}, [], "")


def numbered(value: object) -> list[Any]:
    """Parse a list of objects and give each its index as id. None counts as an empty list."""
    items = [] if value is None else _expect(value, list, "a list of objects")
    return [
        {**_expect(each, dict, "a list of objects"), "id": str(index)} for index, each in enumerate(items)
    ]


def last_segment(value: object) -> str | None:
    """Parse a link to the id at its end: ``0oa1`` of ``https://contoso.okta.com/api/v1/apps/0oa1``.

    A plain id is returned unchanged.

        >>> last_segment("https://contoso.okta.com/api/v1/apps/0oa1?expand=user")
        '0oa1'
    """
    text = _expect(value, str, "a link or an id")
    return _split(text).path.rstrip("/").rpartition("/")[2] or None


def last_orn_part(value: object) -> str | None:
    """Parse an Okta Resource Name to the id at its end.

    >>> last_orn_part("orn:okta:idp:00o1:authorization_servers:aus1")
    'aus1'
    """
    return _expect(value, str, "an Okta Resource Name").rpartition(":")[2] or None


def orn_type(value: object) -> str | None:
    """Parse an Okta Resource Name to the type of its object: the part before the id.

    >>> orn_type("orn:okta:directory:00o1:resource-servers:a2a:wlp1")
    'a2a'
    """
    parts = _expect(value, str, "an Okta Resource Name").split(":")
    return parts[-2] or None if len(parts) > 1 else None


def orn_in_filter(value: object) -> str | None:
    """Parse a link to the Okta Resource Name in its ``filter``; None if the filter contains none.

    >>> orn_in_filter("https://contoso.okta.com/x?filter=to.resourceOrn%20eq%20%22orn:okta:directory:00o1%22")
    'orn:okta:directory:00o1'
    """
    filters = parse_qs(_split(_expect(value, str, "a link")).query).get("filter", [])
    quoted = "".join(filters).split('"')
    return quoted[1] if len(quoted) == _PARTS_WITH_ONE_QUOTED and quoted[1].startswith("orn:") else None


def principals_of_type(type_: str) -> Callable[[object], tuple[str, ...]]:
    """Return a parser for lists of principals, which returns the ids of the principals of one type.

    The type is the one in the principal's Okta Resource Name, and so is the id: the member ``id`` of a
    principal is the id of the reference, not of the user or group.
    """

    def parse(value: object) -> tuple[str, ...]:
        orns = [as_object(each).get("orn") for each in _expect(value, list, "a list of principals")]
        return tuple(id_ for orn in orns if orn_type(orn) == type_ and (id_ := last_orn_part(orn)))

    return parse


def bare_url(value: object) -> str | None:
    """Parse a URL, and remove all parts that can contain a credential: user, password, query, fragment.

    Admins enter these URLs by hand, for applications in which Okta fills in a password.

        >>> bare_url("https://admin:hunter2@jss.example.com:8443/sso?token=1")
        'https://jss.example.com:8443/sso'
    """
    parts = _split(_expect(value, str, "a URL"))
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", "")) or None


def url_without_user(value: object) -> str | None:
    """Parse a URL to which browsers are redirected, and remove user, password and fragment.

    The query is kept: every browser sees it, and it can identify one of several identity providers.

        >>> url_without_user("https://admin:hunter2@idp.example.com/sso?idpid=C0")
        'https://idp.example.com/sso?idpid=C0'
    """
    parts = _split(_expect(value, str, "a URL"))
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, parts.query, "")) or None


def urls_without_user(value: object) -> tuple[str, ...]:
    """Parse a list of URLs; see `url_without_user`."""
    urls = (url_without_user(each) for each in _expect(value, list, "a list of URLs"))
    return tuple(url for url in urls if url)


def host_of(value: object) -> str | None:
    """Parse a URL to its host, with the port if one is given. Path and query of a webhook may be a secret.

    >>> host_of("https://user:hunter2@hooks.example.com:8443/in?code=secret")
    'hooks.example.com:8443'
    """
    return _split(_expect(value, str, "a URL")).netloc.rpartition("@")[2].casefold() or None


def ids_of(value: object) -> tuple[str, ...]:
    """Parse a list of objects to their ids."""
    found = [each.get("id") if isinstance(each, dict) else None for each in _expect(value, list, "a list")]
    ids = tuple(id_ for id_ in found if isinstance(id_, str))
    if len(ids) != len(found):
        raise TypeError("expected a list of objects with an id")
    return ids


def names_of(value: object) -> tuple[str, ...]:
    """Parse an object to its sorted field names. The values may be secrets."""
    return tuple(sorted(_expect(value, dict, "an object")))


def resource_link(value: object) -> str | None:
    """Parse the link of a member of a resource set.

    Only query parameters that select objects keep their values. Of other parameters only the name is kept,
    because it shows that the selection may be narrower.

        >>> resource_link("https://contoso.okta.com/api/v1/apps?filter=name+eq+%22slack%22&token=1")
        'https://contoso.okta.com/api/v1/apps?filter=name+eq+%22slack%22&token'
    """
    parts = _split(_expect(value, str, "a link"))
    pairs = (pair.partition("=") for pair in parts.query.split("&"))
    kept = "&".join("".join(pair) if pair[0] in _KEPT_PARAMETERS else pair[0] for pair in pairs)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, kept, "")) or None


def _split(text: str) -> Any:
    try:
        return urlsplit(text)
    except ValueError:
        raise ValueError("expected a URL") from None


def moment_of_milliseconds(value: object) -> datetime:
    """Parse a time that Okta sends as milliseconds since 1970."""
    try:
        return _EPOCH + timedelta(milliseconds=_expect(value, int, "a number of milliseconds"))
    except OverflowError:
        raise ValueError("expected a time between the years 1 and 9999") from None


def canonical_json(value: object) -> str:
    """Convert an object to JSON text with sorted keys, so that equal objects compare equal."""
    found = _expect(value, dict, "an object")
    try:
        return orjson.dumps(found, option=orjson.OPT_SORT_KEYS).decode()
    except orjson.JSONEncodeError:
        raise ValueError("expected JSON") from None


def role_conditions(value: object) -> str:
    """Parse the conditions of a custom role's permission to `canonical_json`.

    The form is ``{"include": {"okta:…": [texts]}}``, or ``exclude``. Any other value becomes an empty object,
    because it narrows the permission in an unknown way.
    """
    sides = _expect(value, dict, "an object").items()
    return canonical_json({side: None if terms is None else _terms(side, terms) for side, terms in sides})


def _terms(side: str, terms: object) -> dict[str, Any]:
    if side not in ("include", "exclude") or not isinstance(terms, dict):
        return {}
    return {name: values if _is_term(name, values) else {} for name, values in terms.items()}


def _is_term(name: str, values: object) -> bool:
    return (
        name.startswith("okta:")
        and isinstance(values, list)
        and all(isinstance(each, str) for each in values)
    )


def wrapped_keys(value: object) -> list[Any]:
    """Parse a key set: ``{"keys": […]}``, ``{"jwks": {"keys": […]}}``, ``{"data": […]}`` or a list of keys.

    The forms without ``data`` were recorded from the same endpoint. Okta wraps lists of AI agents in
    ``data``.
    """
    found = value
    for wrapper in ("data", "jwks", "keys"):
        if isinstance(found, dict) and wrapper in found:
            found = found[wrapper]
    if found is None or found == {}:
        return []
    return _expect(found, list, "a set of keys")


def lacks_ids(value: object) -> bool:
    """Whether a key set has keys without an Okta id."""
    try:
        return any(isinstance(key, dict) and "id" not in key for key in wrapped_keys(value))
    except TypeError:
        return False  # The fault is reported where the keys themselves are parsed.


def guid_text(value: object) -> str:
    """Convert a GUID in Base64 to text with hyphens, in lower case. Other text is returned unchanged.

    The first three parts of a Windows GUID are stored in little-endian order (``bytes_le`` in Python's uuid),
    so that plain hexadecimal would give another identifier.

        >>> guid_text("ABEiM0RVZneImaq7zN3u/w==")
        '33221100-5544-7766-8899-aabbccddeeff'
    """
    if not isinstance(value, str):
        raise TypeError(f"expected text, got {type_name(value)}")
    try:
        raw = binascii.a2b_base64(value, strict_mode=True)
    except (binascii.Error, ValueError):
        return value
    return str(uuid.UUID(bytes_le=raw)) if len(raw) == 16 else value
