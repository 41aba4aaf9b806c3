"""Nodes of Active Directory for who has no collector of it: what Okta was told of users, groups, domains.

They are accounts and groups that are told by their SIDs, a node for each domain that they are of, and edges
from the domain to them. Groups have the names that Okta imported; of users it is the SID alone, since
their names in the directory are not part of the graph. Where a collector of Active Directory read the same
objects, these nodes are theirs: nothing here sets a property that such a collector sets differently.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from oktahound.graph.rows import NodeRow
from oktahound.sinks.opengraph.endpoints import by_id
from oktahound.sinks.opengraph.ids import plain_id

__all__ = ["CONTAINS", "DirectoryObjects"]

CONTAINS = "Contains"
_SID = re.compile(r"(S-1-5-21-\d+-\d+-\d+)-\d+").fullmatch
_KINDS = frozenset({"User", "Group"})
# The names of an imported group in Okta, and those of the group in the directory.
_IN_DIRECTORY = {
    "samAccountName": "samaccountname",
    "objectGuid": "objectguid",
    "distinguishedName": "distinguishedname",
}


class DirectoryObjects:
    """Collects what rows say of Active Directory."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], None] = {}
        self._groups: dict[str, dict[str, Any]] = {}
        self._sources: dict[str, str] = {}
        self._domains: dict[str, str] = {}

    def note(self, row: NodeRow) -> None:
        """Look at a node."""
        attributes = row.attributes
        if row.kind in _KINDS and isinstance(sid := attributes.get("id"), str):
            self._found[row.kind, sid.upper()] = None
        elif row.kind == "Okta_Group" and isinstance(sid := attributes.get("objectSid"), str):
            about = {there: attributes[here] for here, there in _IN_DIRECTORY.items() if here in attributes}
            self._groups[sid.strip().upper()] = about
            if (match := _SID(sid.strip())) and "sourceApplicationId" in attributes:
                self._sources[match[1]] = attributes["sourceApplicationId"]
        elif row.kind == "Okta_Application" and attributes.get("appType") == "active_directory":
            name = attributes.get("namingContext") or attributes.get("name") or ""
            self._domains[row.id] = str(name).strip().upper()

    def nodes(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Kind, id and properties of each object, and of the domains that they are of."""
        for kind, sid in self._found:
            about = dict(self._groups.get(sid, {})) if kind == "Group" else {}
            if match := _SID(sid):
                about["domainsid"] = match[1]
                domain = self._domains.get(self._sources.get(match[1], ""), "")
                if domain and "samaccountname" in about:
                    about["name"] = f"{about['samaccountname']}@{domain}".upper()
            if "distinguishedname" in about:
                about["distinguishedname"] = str(about["distinguishedname"]).upper()
            yield kind, plain_id(sid), about
        for sid in self._all_domains():
            domain = self._domains.get(self._sources.get(sid, ""), "")
            yield "Domain", sid, {"domainsid": sid, **({"name": domain} if domain else {})}

    def edges(self) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        """The ends of edges from domains to what is in them."""
        for kind, sid in self._found:
            if match := _SID(sid):
                yield by_id("Domain", match[1]), by_id(kind, plain_id(sid))

    def _all_domains(self) -> list[str]:
        return list(dict.fromkeys(match[1] for _, sid in self._found if (match := _SID(sid))))
