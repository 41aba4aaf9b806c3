"""What the holder of a scope can do with it: the shape of one entry, and how to ask for them."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from oktahound.entities import OAuthScope
from oktahound.knowledge.scopes import Operation, catalogue
from oktahound.knowledge.severity import Severity

__all__ = ["NO_ROLE", "Power", "powers_among"]

NO_ROLE = "Okta does not say whether its protection of administrators stops a client that holds no admin role"
"""The assumption behind reaching an administrator with a scope alone."""


def _scopes(names: Iterable[str]) -> tuple[OAuthScope, ...]:
    return tuple(OAuthScope(name) for name in names)


@attrs.frozen(kw_only=True)
class Power:
    """Something that the holder of one scope, or of several together, can do.

    Attributes:
        name: a short name that stays (``resets-credentials``).
        scopes: the scopes it takes, all of them; several make it a combination.
        sentence: what the holder can do.
        severity: how bad that is in the wrong hands.
        operations: ids of the operations that prove it.
        condition: what the org must have for it to count; None when any org has it.
        assumption: what it rests on that Okta does not document; None when nothing.
        cited: who says so, where it is not Okta's API reference alone.
    """

    name: str
    scopes: tuple[OAuthScope, ...] = attrs.field(converter=_scopes)
    sentence: str
    severity: Severity
    operations: tuple[str, ...]
    condition: str | None = None
    assumption: str | None = None
    cited: str | None = None

    @property
    def scope(self) -> OAuthScope:
        """The scope; of a combination, the first."""
        return self.scopes[0]

    @property
    def is_combination(self) -> bool:
        """Whether it takes several scopes together."""
        return len(self.scopes) > 1

    @property
    def writes(self) -> bool:
        """Whether it changes the org, and does not only show it."""
        return any(scope.writes for scope in self.scopes)

    @property
    def evidence(self) -> tuple[Operation, ...]:
        """The operations that prove it.

        Raises:
            KeyError: the catalogue of scopes has no such operation for these scopes.
        """
        permitted = {
            each.operation_id: each for scope in self.scopes for each in catalogue()[scope].operations
        }
        return tuple(permitted[id_] for id_ in self.operations)

    @property
    def source(self) -> str:
        """An address that says so: of whoever was cited, or of the first operation in Okta's reference."""
        return self.cited or self.evidence[0].url

    def held_by(self, scopes: Iterable[str]) -> bool:
        """Whether these scopes give it, a ``manage`` scope including its ``read``."""
        held = [OAuthScope(each) for each in scopes]
        return all(any(each.includes(wanted) for each in held) for wanted in self.scopes)

    def __str__(self) -> str:
        return f"{self.severity.value}: {self.sentence}"


def powers_among(table: Iterable[Power], scopes: Iterable[str]) -> tuple[Power, ...]:
    """The powers that these scopes give, the gravest first, combinations before their parts."""
    held = tuple(scopes)
    found = (power for power in table if power.held_by(held))
    return tuple(sorted(found, key=lambda each: (-each.severity.weight, -len(each.scopes), each.name)))
