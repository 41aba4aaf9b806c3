"""The known permissions of custom admin roles, with their sources.

A permission is known if it is in a power, or in ``data/permissions.toml``, which contains the permissions
without a power. Okta adds permissions without notice. An unknown permission is not interpreted.
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
        name: Okta's name of the permission (``okta.users.read``), in lower case if Okta's letter case varies.
        sentence: the operations that it permits.
        source: the address of the page that describes it.
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
    """Whether a permission is known. Letter case does not matter.

    >>> is_known_permission("okta.users.manage"), is_known_permission("okta.users.behaviors.manage")
    (True, False)
    """
    return name.casefold() in _names()


@functools.cache
def _names() -> frozenset[str]:
    return frozenset(name.casefold() for name in admin_permissions())
