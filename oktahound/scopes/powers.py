"""Powers: abilities that one or several scopes give their holder in an organization.

Powers are data: ``data/powers`` has one TOML file for each group of powers, and ``data/powers.schema.json``
describes their form.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any

import attrs

from oktahound.errors import ConfigurationError
from oktahound.scopes.catalogue import Operation, catalogue
from oktahound.scopes.files import read_toml
from oktahound.scopes.severity import Severity
from oktahound.scopes.text import OAuthScope

__all__ = ["FAMILIES", "NO_ROLE", "SCOPE_LIST", "Power", "all_powers", "power", "powers_among"]

FAMILIES = ("people", "clients", "trust", "governance", "workloads", "reading", "combinations")
"""The names of the files of powers, in the order of `all_powers`."""


_ASSUMPTIONS: dict[str, str] = read_toml("powers/assumptions.toml")

SCOPE_LIST = "https://developer.okta.com/docs/api/oauth2"
"""The address of Okta's list of scopes."""

NO_ROLE = _ASSUMPTIONS["administrators"]
"""The assumption of every power over a user who holds an admin role."""


def _scopes(names: Iterable[str]) -> tuple[OAuthScope, ...]:
    return tuple(OAuthScope(name) for name in names)


@attrs.frozen(kw_only=True)
class Power:
    """An ability that one scope, or several scopes together, give their holder.

    Attributes:
        name: a short, stable name (``resets-credentials``).
        scopes: the required scopes. With several scopes, the power is a combination.
        sentence: the operations that the holder can perform.
        abuse: an attacker's use of the power, in one or two sentences.
        cut: an administrator's way to remove the power or make it harmless, in one or two sentences.
        severity: the severity if an attacker holds the scopes.
        operations: ids of the operations that prove the power; empty if Okta's API description lists none.
        condition: the feature or object that the power requires; None if every organization has it.
        assumption: the undocumented assumption about the power; None if there is none.
        cited: address of a source other than Okta's API reference; None if the reference is sufficient.
        permissions: permissions of custom admin roles that give the power within the role's resource set.
    """

    name: str
    scopes: tuple[OAuthScope, ...] = attrs.field(converter=_scopes)
    sentence: str
    abuse: str
    cut: str
    severity: Severity
    operations: tuple[str, ...] = ()
    condition: str | None = None
    assumption: str | None = None
    cited: str | None = None
    permissions: tuple[str, ...] = ()

    @property
    def scope(self) -> OAuthScope:
        """The scope; the first one of a combination."""
        return self.scopes[0]

    @property
    def is_combination(self) -> bool:
        """Whether the power needs several scopes."""
        return len(self.scopes) > 1

    @property
    def writes(self) -> bool:
        """Whether the power changes the organization."""
        return any(scope.writes for scope in self.scopes)

    @property
    def evidence(self) -> tuple[Operation, ...]:
        """The operations that prove the power; empty if Okta's API description lists none.

        Raises:
            KeyError: the catalogue has no such operation for these scopes.
        """
        permitted = {
            each.operation_id: each
            for scope in self.scopes
            if scope in catalogue()
            for each in catalogue()[scope].operations
        }
        return tuple(permitted[id_] for id_ in self.operations)

    @property
    def source(self) -> str:
        """The address of the source: `cited`, or that of the first operation, or Okta's list of scopes."""
        return self.cited or (self.evidence[0].url if self.operations else SCOPE_LIST)

    def held_by(self, scopes: Iterable[str]) -> bool:
        """Return whether these scopes give the power. A ``manage`` scope includes its ``read`` scope."""
        held = [OAuthScope(each) for each in scopes]
        return all(any(each.includes(wanted) for each in held) for wanted in self.scopes)

    def __str__(self) -> str:
        return f"{self.severity.value}: {self.sentence}"


@functools.cache
def all_powers() -> tuple[Power, ...]:
    """Return every power, in the order of the files."""
    rows = ((name, row) for family in FAMILIES for name, row in read_toml(f"powers/{family}.toml").items())
    return tuple(_power(name, row) for name, row in rows)


def power(name: str) -> Power:
    """Return the power of this name.

    Raises:
        ConfigurationError: there is no such power.
    """
    for each in all_powers():
        if each.name == name:
            return each
    raise ConfigurationError(f"there is no power named {name!r}. oktahound.analysis.POWERS lists all powers")


def powers_among(table: Iterable[Power], scopes: Iterable[str]) -> tuple[Power, ...]:
    """Return the powers of `table` that these scopes give.

    The most severe powers come first, and combinations come before single scopes.
    """
    held = tuple(map(OAuthScope, scopes))
    powers = (power for power in table if power.held_by(held))
    return tuple(sorted(powers, key=lambda each: (-each.severity.weight, -len(each.scopes), each.name)))


def _power(name: str, row: dict[str, Any]) -> Power:
    assumption: str | None = row.get("assumption")
    return Power(
        name=name,
        scopes=row["scopes"],
        sentence=row["sentence"],
        abuse=row["abuse"],
        cut=row["cut"],
        severity=Severity(row["severity"]),
        operations=tuple(row.get("operations", ())),
        condition=row.get("condition"),
        assumption=assumption and _ASSUMPTIONS.get(assumption, assumption),
        cited=row.get("cited"),
        permissions=tuple(row.get("permissions", ())),
    )
