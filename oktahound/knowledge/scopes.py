"""Every OAuth scope of Okta's APIs and the operations that it permits, from Okta's API description.

The table is a file of the package and is read when it is first asked for.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from importlib import resources
from types import MappingProxyType
from typing import Any

import attrs
import orjson

from oktahound.entities import OAuthScope

__all__ = ["Operation", "Scope", "catalogue", "description_version", "held_scopes"]

_REFERENCE = {
    "management": "https://developer.okta.com/docs/api/openapi/okta-management/management",
    "oauth": "https://developer.okta.com/docs/api/openapi/okta-oauth/oauth",
}


@attrs.frozen(kw_only=True)
class Operation:
    """One operation of Okta's API, as permitted by one scope.

    Attributes:
        operation_id: Okta's name for it (``resetPassword``).
        method: HTTP method.
        path: path template (``/api/v1/users/{id}/lifecycle/reset_password``).
        scope: the scope that permits it.
        subject: what it touches, in the words of Okta's reference (``UserLifecycle``).
        lifecycle: ``GA``, ``LIMITED_GA``, ``EA``; None when Okta does not say.
        also: scopes that it takes beside `scope`, all of them.
        api: the part of Okta's reference that describes it: ``management`` or ``oauth``.
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
        """Whether it changes something.

        A few operations are asked by POST and permitted by a ``read`` scope (a policy is simulated, a test
        mail is sent): they change nothing that lasts and count as reading.
        """
        return self.method != "GET" and self.scope.writes

    @property
    def url(self) -> str:
        """Its place in Okta's API reference."""
        return f"{_REFERENCE[self.api]}/tag/{self.subject}/#tag/{self.subject}/operation/{self.operation_id}"

    def permitted_by(self, held: Iterable[OAuthScope]) -> bool:
        """Whether these scopes are enough for it, a ``manage`` scope including its ``read``."""
        held = tuple(held)
        return all(any(each.includes(wanted) for each in held) for wanted in (self.scope, *self.also))

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@attrs.frozen(kw_only=True)
class Scope:
    """A scope that Okta describes.

    Attributes:
        name: the scope.
        description: Okta's sentence about it.
        operations: what it permits itself, by path; what a ``manage`` scope includes of its ``read`` is not
            repeated here.
    """

    name: OAuthScope
    description: str
    operations: tuple[Operation, ...]

    @property
    def access(self) -> str:
        """``read``, ``manage``, ``register``, …; empty for ``openid``."""
        return self.name.access

    @property
    def writes(self) -> bool:
        """Whether it allows more than reading."""
        return self.name.writes


def catalogue() -> Mapping[str, Scope]:
    """Every scope that Okta describes, by name, sorted.

    >>> catalogue()["okta.logs.read"].operations[0].path
    '/api/v1/logs'
    """
    return _catalogue()


@functools.cache
def _catalogue() -> Mapping[str, Scope]:
    return MappingProxyType({name: _scope(OAuthScope(name), row) for name, row in _table()["scopes"].items()})


def description_version() -> str:
    """The version of Okta's API description that the catalogue was made from."""
    version: str = _table()["version"]
    return version


@functools.cache
def _table() -> dict[str, Any]:
    file = resources.files("oktahound.knowledge").joinpath("data", "scopes.json")
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
    """Granted scopes with what they include: a ``manage`` scope brings its ``read``. Sorted, each once.

    Args:
        granted: scopes; those that Okta's description lacks are kept as they are.

    Raises:
        ValueError: one of them is not one word.
    """
    known = catalogue()
    held = {OAuthScope(each) for each in granted}
    managed = (each.removesuffix("manage") for each in held if each.access == "manage")
    included = {OAuthScope(read) for stem in managed if (read := f"{stem}read") in known}
    return tuple(sorted(held | included))
