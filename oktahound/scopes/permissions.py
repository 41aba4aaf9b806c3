"""The permissions of custom admin roles that are known, with their sources.

A permission is known if a power names it, or if ``data/permissions.toml`` does, which holds those without a
power. Okta adds permissions without notice; what an unknown one permits is not guessed.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from types import MappingProxyType

import attrs

from oktahound.scopes.files import read_toml
from oktahound.scopes.powers import all_powers
from oktahound.scopes.text import OAuthScope

__all__ = ["AdminPermission", "admin_permissions", "is_known_permission"]


@attrs.frozen
class AdminPermission:
    """A permission of custom admin roles.

    Attributes:
        name: Okta's name of it (``okta.users.read``), in lower case where Okta's letter case differs.
        sentence: what it permits.
        source: the address of the page that says so.
    """

    name: OAuthScope
    sentence: str
    source: str


@functools.cache
def admin_permissions() -> Mapping[str, AdminPermission]:
    """Return every known permission by its name.

    >>> admin_permissions()["okta.groups.create"].sentence
    'Creates groups.'
    """
    found = {
        name: AdminPermission(OAuthScope(name), power.sentence, power.source)
        for power in reversed(all_powers())
        for name in power.permissions
    }
    for source in read_toml("permissions.toml")["sources"]:
        for name, sentence in source["permissions"].items():
            found[name] = AdminPermission(OAuthScope(name), sentence, source["address"])
    return MappingProxyType(dict(sorted(found.items())))


def is_known_permission(name: str) -> bool:
    """Whether it is known what a permission permits. Letter case does not matter.

    >>> is_known_permission("okta.users.manage"), is_known_permission("okta.users.behaviors.manage")
    (True, False)
    """
    return name.casefold() in _names()


@functools.cache
def _names() -> frozenset[str]:
    return frozenset(name.casefold() for name in admin_permissions())
