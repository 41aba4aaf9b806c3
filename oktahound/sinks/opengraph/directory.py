"""Nodes of Active Directory, for installations without a collector of it: users, groups and domains.

They are accounts and groups whose SIDs Okta knows, a node for each of their domains, and edges from the
domain to them. Groups have the names that Okta imported. Users have their SIDs alone, since their names in
the directory are not part of the graph. No property here differs from what a collector of Active Directory
sets, so both may be uploaded.
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
# The names of an imported group in Okta, and those of the group in the directory.
_IN_DIRECTORY = {
    "samAccountName": "samaccountname",
    "objectGuid": "objectguid",
    "distinguishedName": "distinguishedname",
}


class DirectoryObjects:
    """Collects the objects of Active Directory that nodes refer to.

    A SID is one object there, and one node here. If Okta's data refer to it as objects of different kinds, as
    an account and as a group, the node has all of these kinds.
    """

    def __init__(self) -> None:
        self._kinds: dict[str, set[str]] = {}
        self._groups: dict[str, dict[str, Any]] = {}
        self._sources: dict[str, str] = {}
        self._domains: dict[str, str] = {}

    def note(self, row: NodeRow) -> None:
        """Look at a node."""
        attributes = row.attributes
        if row.kind in _KINDS and isinstance(sid := attributes.get(FOREIGN_ID), str):
            self._add(sid, row.kind)
        elif row.kind == "Okta_Group" and isinstance(sid := attributes.get("objectSid"), str):
            about = {there: attributes[here] for here, there in _IN_DIRECTORY.items() if here in attributes}
            self._groups[_normal(sid)] = about
            if (match := _in_domain(_normal(sid))) and "sourceApplicationId" in attributes:
                self._sources[match[1]] = attributes["sourceApplicationId"]
        elif row.kind == "Okta_Application" and attributes.get("appType") == "active_directory":
            name = attributes.get("namingContext") or attributes.get("name") or ""
            self._domains[row.id] = str(name).strip().upper()

    def _add(self, sid: str, kind: str) -> None:
        self._kinds.setdefault(_normal(sid), set()).add(kind)

    def nodes(self) -> Iterator[tuple[list[str], str, dict[str, Any]]]:
        """Kinds, id and properties of each object, and of the domains that they are of."""
        domains = {match[1]: None for sid in self._kinds if (match := _in_domain(sid))}
        for sid, kinds in self._kinds.items():
            about = dict(self._groups.get(sid, {})) if "Group" in kinds else {}
            if match := _in_domain(sid):
                about["domainsid"] = match[1]
                domain = self._domain_name(match[1])
                if domain and "samaccountname" in about:
                    about["name"] = f"{about['samaccountname']}@{domain}".upper()
            if "distinguishedname" in about:
                about["distinguishedname"] = str(about["distinguishedname"]).upper()
            if sid in domains:  # the SID of a domain, given for an account or a group
                del domains[sid]
                yield sorted({*kinds, "Domain"}), plain_id(sid), self._domain(sid) | about
            else:
                yield sorted(kinds), plain_id(sid), about
        for sid in domains:
            yield ["Domain"], sid, self._domain(sid)

    def edges(self) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        """The ends of edges from domains to what is in them."""
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
