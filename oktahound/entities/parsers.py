"""How values are read that take more than a path: what `Wire.read` and `Embedded.read` are given.

Each takes what stands at the path, raises TypeError or ValueError with words for what was expected, and
never repeats the value: it may be a secret.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import orjson

from oktahound.entities.values import type_name

__all__ = [
    "bare_url",
    "canonical_json",
    "count",
    "first_text",
    "lacks_ids",
    "last_segment",
    "moment_of_milliseconds",
    "names_of",
    "resource_link",
    "role_conditions",
    "text_unless_empty",
    "url_without_user",
    "urls_without_user",
    "wrapped_keys",
]

T = TypeVar("T")

_TELLING = frozenset({"filter", "type"})
"""Parameters of links to collections by which Okta narrows them."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _expect(value: Any, type_: type[T], words: str) -> T:
    if value.__class__ is not type_:
        raise TypeError(f"expected {words}, got {type_name(value)}")
    found: T = value
    return found


def text_unless_empty(value: object) -> str | None:
    """Text; None for the empty one, where Okta sends it for "nothing"."""
    return _expect(value, str, "text") or None


def first_text(value: object) -> str | None:
    """The first of a list of texts; None for an empty list."""
    items = _expect(value, list, "a list")
    return _expect(items[0], str, "a list of texts") if items else None


def count(value: object) -> int:
    """The length of a list."""
    return len(_expect(value, list, "a list"))


def last_segment(value: object) -> str | None:
    """The id at the end of a link: ``0oa1`` of ``https://contoso.okta.com/api/v1/apps/0oa1``.

    An id that stands alone is itself.

        >>> last_segment("https://contoso.okta.com/api/v1/apps/0oa1?expand=user")
        '0oa1'
    """
    text = _expect(value, str, "a link or an id")
    return _split(text).path.rstrip("/").rpartition("/")[2] or None


def bare_url(value: object) -> str | None:
    """A URL without what can hold a credential: user and password, query and fragment.

    Admins type these addresses by hand, for applications that Okta fills a password into.

        >>> bare_url("https://admin:hunter2@jss.example.com:8443/sso?token=1")
        'https://jss.example.com:8443/sso'
    """
    parts = _split(_expect(value, str, "a URL"))
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", "")) or None


def url_without_user(value: object) -> str | None:
    """A URL that browsers are sent to, without user, password and fragment.

    Its query stays: every browser sees it, and it can say which of many identity providers is meant.

        >>> url_without_user("https://admin:hunter2@idp.example.com/sso?idpid=C0")
        'https://idp.example.com/sso?idpid=C0'
    """
    parts = _split(_expect(value, str, "a URL"))
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, parts.query, "")) or None


def urls_without_user(value: object) -> tuple[str, ...]:
    """The same of each of a list of URLs."""
    urls = (url_without_user(each) for each in _expect(value, list, "a list of URLs"))
    return tuple(url for url in urls if url)


def names_of(value: object) -> tuple[str, ...]:
    """The names of an object's fields, sorted: what they say may be a secret."""
    return tuple(sorted(_expect(value, dict, "an object")))


def resource_link(value: object) -> str | None:
    """The link of a member of a resource set.

    Of its query, only what says which objects are meant keeps its value. Of the rest the names stay: that
    there is something more narrows what the link stands for.

        >>> resource_link("https://contoso.okta.com/api/v1/apps?filter=name+eq+%22slack%22&token=1")
        'https://contoso.okta.com/api/v1/apps?filter=name+eq+%22slack%22&token'
    """
    parts = _split(_expect(value, str, "a link"))
    pairs = (pair.partition("=") for pair in parts.query.split("&"))
    told = "&".join("".join(pair) if pair[0] in _TELLING else pair[0] for pair in pairs)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, told, "")) or None


def _split(text: str) -> Any:
    try:
        return urlsplit(text)
    except ValueError:
        raise ValueError("expected a URL") from None


def moment_of_milliseconds(value: object) -> datetime:
    """A time that Okta sends as milliseconds since 1970."""
    try:
        return _EPOCH + timedelta(milliseconds=_expect(value, int, "a number of milliseconds"))
    except OverflowError:
        raise ValueError("expected a time between the years 1 and 9999") from None


def canonical_json(value: object) -> str:
    """An object as JSON text with sorted keys, so that two readings compare equal."""
    found = _expect(value, dict, "an object")
    try:
        return orjson.dumps(found, option=orjson.OPT_SORT_KEYS).decode()
    except orjson.JSONEncodeError:
        raise ValueError("expected JSON") from None


def role_conditions(value: object) -> str:
    """What narrows a permission of a custom role, as `canonical_json`.

    That is ``{"include": {"okta:…": [texts]}}``, or ``exclude``. Whatever else stands there becomes an empty
    object: it narrows the permission too, and nobody knows what it is.
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
    """The keys of a key set: ``{"keys": […]}``, ``{"jwks": {"keys": […]}}`` or the bare list.

    All three are on record as the answer of one and the same endpoint.
    """
    found = value
    for wrapper in ("jwks", "keys"):
        if isinstance(found, dict) and wrapper in found:
            found = found[wrapper]
    if found is None or found == {}:
        return []
    return _expect(found, list, "a set of keys")


def lacks_ids(value: object) -> bool:
    """Whether keys of a key set say no id of Okta's, as where only its examples show them."""
    try:
        return any(isinstance(key, dict) and "id" not in key for key in wrapped_keys(value))
    except TypeError:
        return False  # Said where the keys themselves are read.
