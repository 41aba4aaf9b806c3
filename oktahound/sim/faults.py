"""Define injected faults, and rules that refuse requests."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from typing import Literal, TypeAlias

import attrs
import httpx

from oktahound.errors import ConfigurationError
from oktahound.sim.errors import SIGN_IN_PAGE, Refusal, forbidden, not_licensed
from oktahound.sim.routing import Route

__all__ = ["Denial", "Fault", "Mangle", "Target", "Where"]

Where: TypeAlias = "str | Callable[[httpx.Request], bool]"
Mangle: TypeAlias = "Literal['truncate', 'html', 'empty'] | Callable[[bytes], bytes]"


@attrs.frozen
class Target:
    """A selection of requests: a method (by default any) and a pattern for the path or its template.

    ``GET /api/v1/users`` is only the listing of users, ``/api/v1/groups/*`` is everything below groups, and
    ``/api/v1/apps/{appId}/users`` is the listing of the users of every app.
    """

    method: str | None
    pattern: str

    @classmethod
    def parse(cls, where: str) -> Target:
        """Parse ``METHOD /pattern`` or ``/pattern``.

        Raises:
            ConfigurationError: the text has neither form, so that it would select no request.
        """
        parts = re.fullmatch(r"\s*([A-Za-z]*)\s*(/.*)", where)
        if parts is None:
            raise ConfigurationError(
                f"requests are selected as in 'GET /api/v1/users' or '/api/v1/users/*', not {where!r}"
            )
        method, pattern = parts.groups()
        return cls(method.upper() or None, pattern)

    def matches(self, method: str, path: str, template: str | None) -> bool:
        """Return whether a request is selected."""
        if self.method not in (None, method):
            return False
        return self.pattern in (path, template) or fnmatchcase(path, self.pattern)


@attrs.define(kw_only=True)
class Fault:
    """A fault to inject. `SimulatedOrg.fail` creates it and describes its parameters.

    Attributes:
        hits: the number of injections so far.
    """

    where: Target | Callable[[httpx.Request], bool]
    status: int | None = None
    code: str | None = None
    content: bytes | None = None
    content_type: str | None = None
    headers: Mapping[str, str | None] = attrs.field(factory=dict)
    error: type[httpx.TransportError] | None = None
    in_body: bool = False
    delay: float = 0.0
    drip: float = 0.0
    mangle: Mangle | None = None
    next_link: str | None = None
    skip: int = 0
    times: int | None = 1
    hits: int = 0
    _seen: int = 0

    def applies_to(self, request: httpx.Request, template: str | None) -> bool:
        """Decide whether to inject the fault into this request, and count it."""
        if self.times is not None and self.hits >= self.times:
            return False
        if isinstance(self.where, Target):
            selected = self.where.matches(request.method, request.url.path, template)
        else:
            selected = self.where(request)
        if not selected:
            return False
        self._seen += 1
        if self._seen <= self.skip:
            return False
        self.hits += 1
        return True

    def lift(self) -> None:
        """End the fault."""
        self.times = self.hits

    def mangled(self, body: bytes) -> bytes:
        """Return the body as this fault changes it."""
        match self.mangle:
            case None:
                return body
            case "truncate":
                return body[: len(body) // 2]
            case "html":
                return SIGN_IN_PAGE
            case "empty":
                return b""
            case change:
                return change(body)


@attrs.define
class Denial:
    """A rule that refuses requests until it is lifted."""

    refusal: Callable[[], Refusal]
    target: Target | None = None
    scope: str | None = None
    active: bool = True

    @classmethod
    def of_scope(cls, scope: str) -> Denial:
        """Refuse requests that require `scope`, as if the admin role for it were missing."""
        return cls(forbidden, scope=scope)

    @classmethod
    def of_path(cls, where: str, *, licensed: bool = True) -> Denial:
        """Refuse the requests of `where`: no permission, or no license for the feature."""
        return cls(forbidden if licensed else not_licensed, target=Target.parse(where))

    def lift(self) -> None:
        """End the rule."""
        self.active = False

    def applies(self, request: httpx.Request, route: Route) -> bool:
        """Return whether this request is refused."""
        if not self.active:
            return False
        if self.target is not None:
            return self.target.matches(request.method, request.url.path, route.template)
        return self.scope in route.scopes
