"""The catalogue of Okta's OAuth scopes: the operations that each scope permits, with sources.

The catalogue is the union of two files, which are loaded on first use. ``data/scopes.json`` is generated from
Okta's API description, and contains the operations of each scope. ``data/documented.toml`` contains scopes
from other sources only, with the resource of each. ``data/no_effect.toml`` explains why some scopes give no
power.
"""

from __future__ import annotations

import datetime as dt
import enum
import functools
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import attrs

from oktahound.scopes.files import read_json, read_toml
from oktahound.scopes.text import OAuthScope

__all__ = [
    "Knowledge",
    "Operation",
    "Scope",
    "Source",
    "catalogue",
    "description_version",
    "held_scopes",
    "knowledge_of",
]

_REFERENCE = {
    "management": "https://developer.okta.com/docs/api/openapi/okta-management/management",
    "oauth": "https://developer.okta.com/docs/api/openapi/okta-oauth/oauth",
}


@attrs.frozen(kw_only=True)
class Operation:
    """One operation of Okta's API, with the scope that permits it.

    Attributes:
        operation_id: Okta's id of the operation (``resetPassword``).
        method: HTTP method.
        path: path template (``/api/v1/users/{id}/lifecycle/reset_password``).
        scope: the scope that permits the operation.
        subject: the tag of the operation in Okta's reference (``UserLifecycle``).
        lifecycle: ``GA``, ``LIMITED_GA``, ``EA``; None if Okta's description has no value.
        also: further scopes that the operation needs, all of them.
        api: the part of Okta's reference that describes the operation: ``management`` or ``oauth``.
    """

    operation_id: str
    method: str
    path: str
    scope: OAuthScope
    subject: str
    lifecycle: str | None = None
    also: tuple[OAuthScope, ...] = ()
    api: str = "management"

    @property
    def writes(self) -> bool:
        """Whether the operation changes something.

        A ``read`` scope permits a few POST operations (simulate a policy, send a test mail). They change
        nothing permanently, and count as reading.
        """
        return self.method != "GET" and self.scope.writes

    @property
    def url(self) -> str:
        """The address of the operation in Okta's API reference."""
        return f"{_REFERENCE[self.api]}/tag/{self.subject}/#tag/{self.subject}/operation/{self.operation_id}"

    def permitted_by(self, held: Iterable[OAuthScope]) -> bool:
        """Whether these scopes permit the operation. A ``manage`` scope includes its ``read`` scope."""
        held = tuple(held)
        return all(any(each.includes(wanted) for each in held) for wanted in (self.scope, *self.also))

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class Knowledge(enum.Enum):
    """The degree to which the operations of a scope are known."""

    KNOWN = "known"
    """Okta's API description lists the operations of the scope."""

    IN_PART = "known in part"
    """A source describes the resource of the scope, but not all of its operations."""

    UNKNOWN = "unknown"
    """No source describes the scope: at most its name is known."""


@attrs.frozen
class Source:
    """The source of a fact about a scope.

    Attributes:
        name: title of the source.
        address: its address.
        date: the day of publication; for a page without a date, the day on which it was read.
    """

    name: str
    address: str
    date: dt.date


@attrs.frozen(kw_only=True)
class Scope:
    """A scope of the catalogue.

    Attributes:
        name: the scope.
        description: Okta's description, or the resource of the scope if Okta's API description lacks it.
        operations: the operations that the scope permits, by path; empty if they are not known. A ``manage``
            scope includes the operations of its ``read`` scope, which are not repeated here.
        knowledge: the degree to which its operations are known.
        source: the source of the facts.
        no_effect: the reason why the scope gives no power; None if it gives one.
    """

    name: OAuthScope
    description: str
    operations: tuple[Operation, ...]
    knowledge: Knowledge
    source: Source
    no_effect: str | None = None

    @property
    def access(self) -> str:
        """The kind of access: ``read``, ``manage``, ``register``, …; empty for ``openid``."""
        return self.name.access

    @property
    def writes(self) -> bool:
        """Whether the scope allows more than reading."""
        return self.name.writes


def catalogue() -> Mapping[str, Scope]:
    """Return every scope of the catalogue by name, sorted.

    >>> catalogue()["okta.logs.read"].operations[0].path
    '/api/v1/logs'
    """
    return _catalogue()


def knowledge_of(scope: str) -> Knowledge:
    """Return the degree to which a scope is known; UNKNOWN for a scope that the catalogue lacks."""
    known = catalogue().get(scope)
    return known.knowledge if known else Knowledge.UNKNOWN


@functools.cache
def _catalogue() -> Mapping[str, Scope]:
    scopes = {scope.name: scope for scope in (*_scopes_of_description(), *_scopes_of_other_sources())}
    return MappingProxyType({name: scopes[name] for name in sorted(scopes)})


def description_version() -> str:
    """Return the version of the API description from which the catalogue was generated."""
    version: str = _description()["version"]
    return version


@functools.cache
def _description() -> dict[str, Any]:
    return read_json("scopes.json")


def _scopes_of_description() -> Iterator[Scope]:
    """Yield the scopes of Okta's API description."""
    table = _description()
    source = Source(table["source"], table["address"], dt.date.fromisoformat(table["date"]))
    reasons = read_toml("no_effect.toml")
    for text, row in table["scopes"].items():
        name = OAuthScope(text)
        operations = tuple(_operation(name, each) for each in row["operations"])
        # OpenID Connect scopes (openid, profile) have no operations. For any other scope without operations,
        # the description has only a text.
        complete = bool(operations) or "." not in name
        yield Scope(
            name=name,
            description=row["description"],
            operations=operations,
            knowledge=Knowledge.KNOWN if complete else Knowledge.IN_PART,
            source=source,
            no_effect=reasons.get(name),
        )


def _operation(scope: OAuthScope, row: list[Any]) -> Operation:
    method, path, id_, subject, lifecycle, api, also = row
    return Operation(
        operation_id=id_,
        method=method,
        path=path,
        scope=scope,
        subject=subject,
        lifecycle=lifecycle,
        also=tuple(OAuthScope(each) for each in also),
        api=api,
    )


def _scopes_of_other_sources() -> Iterator[Scope]:
    """Yield the scopes that Okta's API description lacks."""
    for row in read_toml("documented.toml")["sources"]:
        source = Source(row["name"], row["address"], row["date"])
        for name, description in row["scopes"].items():
            yield Scope(
                name=OAuthScope(name),
                description=description,
                operations=(),
                knowledge=Knowledge(row["knowledge"]),
                source=source,
            )


def held_scopes(granted: Iterable[str]) -> tuple[OAuthScope, ...]:
    """Return the granted scopes and the scopes that they include, sorted, without duplicates.

    A ``manage`` scope includes the ``read`` scope of the same resource.

    Args:
        granted: scopes; scopes that the catalogue lacks are kept.

    Raises:
        ValueError: a scope is empty or contains white space.
    """
    known = catalogue()
    held = {OAuthScope(each) for each in granted}
    managed = (each.removesuffix("manage") for each in held if each.access == "manage")
    included = {OAuthScope(read) for stem in managed if (read := f"{stem}read") in known}
    return tuple(sorted(held | included))
