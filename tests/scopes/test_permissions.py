"""The known permissions of custom admin roles, and their sources."""

from __future__ import annotations

from oktahound.entities import BUILT_IN_ROLES
from oktahound.graph.rules.custom_rights import PERMISSIONS
from oktahound.scopes import admin_permissions, is_known_permission


def test_every_known_permission_has_a_sentence_and_a_source():
    for name, permission in admin_permissions().items():
        assert permission.name == name
        assert permission.sentence.endswith(".")
        assert permission.source.startswith("https://")


def test_every_permission_with_rights_is_known():
    names = {permission.name for permission in PERMISSIONS}
    names |= {name for role in BUILT_IN_ROLES.values() for name in role.permissions} - {"*"}
    assert {name for name in names if not is_known_permission(name)} == set()
