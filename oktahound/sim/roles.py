"""Administrator roles: built-in roles, custom roles, resource sets, bindings, and targets."""

from __future__ import annotations

import base64
from collections.abc import Iterable

from oktahound.sim.ids import ago
from oktahound.sim.mixin import Mixin
from oktahound.sim.world import Json

__all__ = ["ROLE_LABELS", "RoleMixin"]

ROLE_LABELS = {
    "SUPER_ADMIN": "Super Administrator",
    "ORG_ADMIN": "Organization Administrator",
    "APP_ADMIN": "Application Administrator",
    "USER_ADMIN": "User Administrator",
    "GROUP_MEMBERSHIP_ADMIN": "Group Membership Administrator",
    "HELP_DESK_ADMIN": "Help Desk Administrator",
    "READ_ONLY_ADMIN": "Read-only Administrator",
    "REPORT_ADMIN": "Report Administrator",
    "API_ACCESS_MANAGEMENT_ADMIN": "API Access Management Administrator",
    "MOBILE_ADMIN": "Mobile Administrator",
}
"""The labels under which Okta lists assignments of its built-in roles."""

_SCOPABLE = frozenset({"APP_ADMIN", "USER_ADMIN", "GROUP_MEMBERSHIP_ADMIN", "HELP_DESK_ADMIN"})


class RoleMixin(Mixin):
    """Mixin for role assignments, custom roles and resource sets."""

    def assign_role(
        self,
        holder: str,
        type: str,
        *,
        groups: Iterable[str] = (),
        apps: Iterable[str] = (),
        app_types: Iterable[str] = (),
        status: str = "ACTIVE",
    ) -> str:
        """Assign a built-in role to a user, a group or a client.

        Args:
            holder: the id of a user, group or API service integration, or the client id of an application.
            type: the type of the role, such as ``HELP_DESK_ADMIN``.
            groups: the groups to which it is limited.
            apps: the applications to which it is limited.
            app_types: the catalogue keys of the kinds of application to which it is limited.
            status: the status of the assignment.
        """
        role_id = self._assignment_id(holder, type)
        self.world["roles", holder].add(
            {
                "id": role_id,
                "label": ROLE_LABELS.get(type, type),
                "type": type,
                "status": status,
                "created": ago(150),
                "lastUpdated": ago(150),
                "assignmentType": self._holder_type(holder),
                "_links": {"assignee": self._holder_link(holder)},
            }
        )
        self.world.references("role_groups", holder, role_id).update(dict.fromkeys(groups))
        for app in apps:
            document = self.world["apps"][app]
            self.world["role_apps", holder, role_id].put(app, self._instance_target(document))
        for name in app_types:
            self.world["role_apps", holder, role_id].put(name, self._catalog_target(name))
        return role_id

    def _assignment_id(self, holder: str, type: str) -> str:
        if type in _SCOPABLE:
            # The id of such an assignment is the name of the role in base32, the same for every holder.
            return base64.b32encode(type.encode()).decode().rstrip("=")
        return self.world.ids.new("gra" if self._holder_type(holder) == "GROUP" else "ra1")

    def _holder_type(self, holder: str) -> str:
        return {"00u": "USER", "00g": "GROUP"}.get(holder[:3], "CLIENT")

    def _holder_link(self, holder: str) -> Json:
        base = {"USER": "/api/v1/users", "GROUP": "/api/v1/groups", "CLIENT": "/oauth2/v1/clients"}
        return self._href(f"{base[self._holder_type(holder)]}/{holder}")

    def _instance_target(self, app: Json) -> Json:
        return {
            "id": app["id"],
            "name": app["name"],
            "displayName": app["label"],
            "status": app["status"],
            "lastUpdated": app["lastUpdated"],
            "_links": {"self": self._href(f"/api/v1/apps/{app['id']}")},
        }

    def _catalog_target(self, name: str) -> Json:
        return {
            "name": name,
            "displayName": name.replace("_", " ").title(),
            "status": "ACTIVE",
            "lastUpdated": ago(500),
            "category": "COLLABORATION",
            "verificationStatus": "OKTA_VERIFIED",
            "signOnModes": ["SAML_2_0"],
            "_links": {"self": self._href(f"/api/v1/catalog/apps/{name}")},
        }

    def add_custom_role(self, label: str, *, permissions: Iterable[str], id: str | None = None) -> str:
        """Add a custom role. Give an `id` for a role of Okta whose id is a keyword (``WORKFLOWS_ADMIN``)."""
        role = id or self.world.ids.new("cr0")
        here = f"/api/v1/iam/roles/{role}"
        self.world["iam_roles"].add(
            {
                "id": role,
                "label": label,
                "isCloneable": True,
                "description": f"May do what {label} needs",
                "created": ago(250),
                "lastUpdated": ago(250),
                "_links": {"permissions": self._href(f"{here}/permissions"), "self": self._href(here)},
            }
        )
        for permission in permissions:
            self.world["permissions", role].put(
                permission,
                {
                    "label": permission,
                    "created": ago(250),
                    "lastUpdated": ago(250),
                    "conditions": None,
                    "_links": {
                        "role": self._href(here),
                        "self": self._href(f"{here}/permissions/{permission}"),
                    },
                },
            )
        return role

    def add_resource_set(self, label: str, *, resources: Iterable[str], id: str | None = None) -> str:
        """Add a resource set.

        Args:
            label: the name.
            resources: REST paths as in Okta's links: ``/api/v1/users``, ``/api/v1/groups/{id}``,
                ``/api/v1/groups/{id}/users``, ``/api/v1/apps/{id}``, …; or an ``orn:…`` for an object without
                a path.
            id: a keyword for a set of Okta, which has no times.
        """
        found = id or self.world.ids.new("iam")
        here = f"/api/v1/iam/resource-sets/{found}"
        times = {} if id else {"created": ago(240), "lastUpdated": ago(240)}
        self.world["resource_sets"].add(
            {
                "id": found,
                "label": label,
                "description": f"Where {label} applies",
                **times,
                "_links": {
                    "bindings": self._href(f"{here}/bindings"),
                    "self": self._href(here),
                    "resources": self._href(f"{here}/resources"),
                },
            }
        )
        for resource in resources:
            self._add_resource(found, resource)
        return found

    def _add_resource(self, resource_set: str, resource: str) -> None:
        key = self.world.ids.new("ire")
        here = f"/api/v1/iam/resource-sets/{resource_set}/resources/{key}"
        by_path = resource.startswith("/")
        self.world["resources", resource_set].add(
            {
                "id": key,
                "orn": self.world.orn_of_path(resource) if by_path else resource,
                "created": ago(240),
                "lastUpdated": ago(240),
                "_links": {
                    **({"self": self._href(resource)} if by_path else {}),
                    "resource": self._href(here),
                },
            }
        )

    def bind_role(self, resource_set: str, role: str, *, members: Iterable[str]) -> None:
        """Assign a custom role over a resource set to users, groups or clients."""
        here = f"/api/v1/iam/resource-sets/{resource_set}"
        binding = f"{here}/bindings/{role}"
        self.world["bindings", resource_set].put(
            role,
            {
                "id": role,
                "_links": {
                    "self": self._href(f"/api/v1/iam/roles/{role}"),
                    "members": self._href(f"{binding}/members"),
                },
            },
        )
        for member in members:
            key = self.world.ids.new("irb")
            times = {"created": ago(130), "lastUpdated": ago(130)}
            self.world["binding_members", resource_set, role].add(
                {"id": key, **times, "_links": {"self": self._holder_link(member)}}
            )
            self.world["roles", member].add(
                {
                    "id": key,
                    "role": role,
                    "resource-set": resource_set,
                    "label": self.world["iam_roles"][role]["label"],
                    "type": role if role.isupper() else "CUSTOM",
                    "status": "ACTIVE",
                    **times,
                    "assignmentType": self._holder_type(member),
                    "_links": {
                        "assignee": self._holder_link(member),
                        "member": self._href(f"{binding}/members/{key}"),
                        "permissions": self._href(f"/api/v1/iam/roles/{role}/permissions"),
                        "resource-set": self._href(here),
                        "role": self._href(f"/api/v1/iam/roles/{role}"),
                    },
                }
            )
