"""The catalogue of Okta's OAuth scopes with the operations that each permits.

The catalogue is a file of the package (``data/scopes.json``), loaded on first use.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from importlib import resources
from types import MappingProxyType
from typing import Any

import attrs
import orjson

from oktahound.scopes.text import OAuthScope

__all__ = ["Operation", "Scope", "catalogue", "description_version", "held_scopes"]

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
        lifecycle: ``GA``, ``LIMITED_GA``, ``EA``; None when Okta does not say.
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

        A few POST operations are permitted by a ``read`` scope (simulate a policy, send a test mail). They
        change nothing that lasts and count as reading.
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


@attrs.frozen(kw_only=True)
class Scope:
    """A scope that Okta describes.

    Attributes:
        name: the scope.
        description: Okta's description.
        operations: the operations that the scope permits, by path. The operations of the ``read`` scope that
            a ``manage`` scope includes are not repeated.
    """

    name: OAuthScope
    description: str
    operations: tuple[Operation, ...]

    @property
    def access(self) -> str:
        """The kind of access: ``read``, ``manage``, ``register``, …; empty for ``openid``."""
        return self.name.access

    @property
    def writes(self) -> bool:
        """Whether the scope allows more than reading."""
        return self.name.writes


def catalogue() -> Mapping[str, Scope]:
    """Every scope of the catalogue by name, sorted.

    >>> catalogue()["okta.logs.read"].operations[0].path
    '/api/v1/logs'
    """
    return _catalogue()


@functools.cache
def _catalogue() -> Mapping[str, Scope]:
    return MappingProxyType({name: _scope(OAuthScope(name), row) for name, row in _table()["scopes"].items()})


def description_version() -> str:
    """The version of the API description that the catalogue was generated from."""
    version: str = _table()["version"]
    return version


@functools.cache
def _table() -> dict[str, Any]:
    file = resources.files("oktahound.scopes").joinpath("data", "scopes.json")
    table: dict[str, Any] = orjson.loads(file.read_bytes())
    return table


def _scope(name: OAuthScope, row: dict[str, Any]) -> Scope:
    operations = (
        Operation(
            operation_id=id_,
            method=method,
            path=path,
            scope=name,
            subject=subject,
            lifecycle=lifecycle,
            also=tuple(OAuthScope(each) for each in also),
            api=api,
        )
        for method, path, id_, subject, lifecycle, api, also in row["operations"]
    )
    return Scope(name=name, description=row["description"], operations=tuple(operations))


def held_scopes(granted: Iterable[str]) -> tuple[OAuthScope, ...]:
    """The granted scopes and the scopes that they include, sorted, without duplicates.

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
