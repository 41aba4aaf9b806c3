"""Powers that undocumented scopes and permissions are assumed to give.

Rule: an undocumented scope is at least as severe as its name suggests. Access other than ``read`` and
``self`` is assumed to control the resource in the name.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable

from oktahound.scopes.catalogue import Knowledge, catalogue, knowledge_of
from oktahound.scopes.powers import Power, all_powers, powers_among
from oktahound.scopes.severity import Severity
from oktahound.scopes.text import OAuthScope

__all__ = ["assumed_power", "powers_of_permissions", "powers_of_scopes"]


def powers_of_scopes(scopes: Iterable[str]) -> tuple[Power, ...]:
    """Return every power that these scopes give, most severe first, combinations before single scopes.

    A scope that has unknown operations and is not in any power gives an assumed power.
    """
    return _powers_of_scopes(frozenset(map(OAuthScope, scopes)))


@functools.lru_cache(maxsize=1024)
def _powers_of_scopes(held: frozenset[OAuthScope]) -> tuple[Power, ...]:
    assumed = tuple(power for each in held if (power := assumed_power(each)) is not None)
    return powers_among((*all_powers(), *assumed), held)


def powers_of_permissions(permissions: Iterable[str]) -> tuple[Power, ...]:
    """Return every power that permissions of a custom admin role give within the role's resource set.

    A permission that is not in any power gives the same assumed power as a scope of this name.

    Raises:
        ValueError: a permission is empty or contains white space.
    """
    held = {OAuthScope(each) for each in permissions}
    documented = [power for power in all_powers() if not held.isdisjoint(power.permissions)]
    assumed = [_assumed(each) for each in held if each not in _permissions_with_powers()]
    return tuple(sorted((*documented, *assumed), key=lambda each: (-each.severity.weight, each.name)))


def assumed_power(scope: str) -> Power | None:
    """Return the power that a scope is assumed to give; None if the scope is known or is in a power."""
    text = OAuthScope(scope)
    if knowledge_of(text) is Knowledge.KNOWN or text in _scopes_with_powers():
        return None
    return _assumed(text)


def _assumed(text: OAuthScope) -> Power:
    reason = f"the operations of {text} are not documented"
    if text.access == "self":
        severity, verb = Severity.INFO, "acts for the signed-in user on"
    elif text.access == "read":
        severity, verb = Severity.LOW, "reads"
    else:
        severity, verb = Severity.HIGH, "controls"
    known = catalogue().get(text)
    return Power(
        name=f"undocumented:{text}",
        scopes=(text,),
        sentence=f"{verb.capitalize()} its resource ({text.resource}), as the name of the scope suggests.",
        abuse=f"Request a token with the scope and try the operations on {text.resource}.",
        cut="Revoke the scope, or ask Okta for its operations.",
        severity=severity,
        assumption=f"{text} {verb} its resource ({text.resource}): {reason}",
        cited=known.source.address if known else None,
    )


@functools.cache
def _scopes_with_powers() -> frozenset[str]:
    return frozenset(power.scope for power in all_powers() if not power.is_combination)


@functools.cache
def _permissions_with_powers() -> frozenset[str]:
    return frozenset(name for power in all_powers() for name in power.permissions)
