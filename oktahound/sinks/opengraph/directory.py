"""Create Active Directory nodes (users, groups, domains) for installations without a collector for it.

The nodes are the accounts and groups whose SIDs are in Okta, and their domains, with edges from each domain
to its objects. Groups have the names that Okta imported. Users have only their SIDs, because the graph does
not contain their names in the directory. All properties equal those that a collector of Active Directory
sets, so that both can be uploaded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from oktahound.graph.foreign import FOREIGN_ID
from oktahound.graph.object_ids import plain_id
from oktahound.graph.rows import NodeRow
from oktahound.sinks.opengraph.endpoints import by_id

__all__ = ["CONTAINS", "DirectoryObjects"]

CONTAINS = "Contains"
_in_domain = re.compile(r"(S-1-5-21-\d+-\d+-\d+)-\d+").fullmatch
_KINDS = frozenset({"User", "Group"})
# Properties of an imported group in Okta, and the corresponding properties of the group in the directory.
_IN_DIRECTORY = {
    "samAccountName": "samaccountname",
    "objectGuid": "objectguid",
    "distinguishedName": "distinguishedname",
}


class DirectoryObjects:
    """Collects the objects of Active Directory that nodes refer to.

    Each SID becomes one node. If Okta's data refer to it as objects of different kinds, such as an account
    and a group, the node has all of these kinds.
    """

    def __init__(self) -> None:
        self._kinds: dict[str, set[str]] = {}
        self._groups: dict[str, dict[str, Any]] = {}
        self._sources: dict[str, str] = {}
        self._domains: dict[str, str] = {}

    def collect_from(self, row: NodeRow) -> None:
        """Collect the objects that a node refers to."""
        attributes = row.attributes
        if row.kind in _KINDS and isinstance(sid := attributes.get(FOREIGN_ID), str):
            self._add(sid, row.kind)
        elif row.kind == "Okta_Group" and isinstance(sid := attributes.get("objectSid"), str):
            self._groups[_normal(sid)] = {
                in_directory: attributes[in_okta]
                for in_okta, in_directory in _IN_DIRECTORY.items()
                if in_okta in attributes
            }
            if (match := _in_domain(_normal(sid))) and "sourceApplicationId" in attributes:
                self._sources[match[1]] = attributes["sourceApplicationId"]
        elif row.kind == "Okta_Application" and attributes.get("appType") == "active_directory":
            name = attributes.get("namingContext") or attributes.get("name") or ""
            self._domains[row.id] = str(name).strip().upper()

    def _add(self, sid: str, kind: str) -> None:
        self._kinds.setdefault(_normal(sid), set()).add(kind)

    def nodes(self) -> Iterator[tuple[list[str], str, dict[str, Any]]]:
        """Yield the kinds, the id and the properties of each object and each domain."""
        domains = {match[1]: None for sid in self._kinds if (match := _in_domain(sid))}
        for sid, kinds in self._kinds.items():
            properties = dict(self._groups.get(sid, {})) if "Group" in kinds else {}
            if match := _in_domain(sid):
                properties["domainsid"] = match[1]
                domain = self._domain_name(match[1])
                if domain and "samaccountname" in properties:
                    properties["name"] = f"{properties['samaccountname']}@{domain}".upper()
            if "distinguishedname" in properties:
                properties["distinguishedname"] = str(properties["distinguishedname"]).upper()
            if sid in domains:  # an account or group in Okta that has the SID of a domain
                del domains[sid]
                yield sorted({*kinds, "Domain"}), plain_id(sid), self._domain(sid) | properties
            else:
                yield sorted(kinds), plain_id(sid), properties
        for sid in domains:
            yield ["Domain"], sid, self._domain(sid)

    def edges(self) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        """Yield the endpoints of the edges from domains to the objects in them."""
        for sid, kinds in self._kinds.items():
            if match := _in_domain(sid):
                yield by_id("Domain", match[1]), by_id(min(kinds), plain_id(sid))

    def _domain(self, sid: str) -> dict[str, Any]:
        name = self._domain_name(sid)
        return {"domainsid": sid, **({"name": name} if name else {})}

    def _domain_name(self, sid: str) -> str:
        return self._domains.get(self._sources.get(sid, ""), "")


def _normal(sid: str) -> str:
    return sid.strip().upper()
