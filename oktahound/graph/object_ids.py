"""The object ids of nodes in BloodHound: upper case, without colons, and still unique."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import networkx as nx

from oktahound.errors import KindError
from oktahound.graph.foreign import FOREIGN_ID

__all__ = ["Ids", "alias_of", "foreign_object_id", "object_ids", "plain_id"]


def plain_id(node: str) -> str:
    """Convert an id to upper case with percent-encoded colons and percent signs.

    BloodHound converts ids to upper case and interprets the part before a colon as a kind of object. Okta's
    ids contain neither character, but names of keys and of role types can.
    """
    return node.replace("%", "%25").replace(":", "%3A").upper()


class Ids:
    """The ids of one document.

    Okta's ids are case-sensitive, so that two ids could become one object. All such ids get a suffix derived
    from the original id, independent of their order.

    Attributes:
        clashes: results of `plain_id` that belong to several nodes. If there are any, the document must be
            discarded and written again with them.
    """

    def __init__(self, clashing: frozenset[str]) -> None:
        """Start with the known clashes."""
        self.clashes: set[str] = set()
        self._clashing = clashing
        self._seen: set[str] = set()
        self._aliases: dict[str, str] = {}

    def add(self, node: str, alias: str | None = None) -> str:
        """Return the id of a new node, derived from its alias if it has one.

        Raises:
            KindError: the node was added before.
        """
        if alias is not None:
            self._aliases[node] = alias
        object_id = self.of(node)
        if object_id in self._seen:
            plain = plain_id(self._aliases.get(node, node))
            if plain in self._clashing:
                raise KindError(f"node {node!r} was added twice. Yield each node once")
            self.clashes.add(plain)
        self._seen.add(object_id)
        return object_id

    def of(self, node: str) -> str:
        """Return the id of a node."""
        plain = plain_id(self._aliases.get(node, node))
        if plain not in self._clashing:
            return plain
        suffix = hashlib.sha256(node.encode("utf-8", "surrogatepass")).hexdigest()[:16].upper()
        return f"{plain}~{suffix}"


def alias_of(kind: str, attributes: Mapping[str, Any]) -> str | None:
    """Return the id of a device in other collectors, which BloodHound keeps as its object id; else None."""
    alias = attributes.get("alias") if kind == "Okta_Device" else None
    return alias if isinstance(alias, str) else None


def foreign_object_id(kind: str, attributes: Mapping[str, Any]) -> str | None:
    """Return the object id of an object outside the org; None if only other properties identify it."""
    id_ = attributes.get(FOREIGN_ID)
    if not isinstance(id_, str):
        return None
    # An object of another Okta org has the same id as in the export of that org.
    return plain_id(id_) if kind.startswith("Okta_") else id_.upper()


def object_ids(graph: nx.MultiDiGraph[str], nodes: Iterable[str]) -> dict[str, str | None]:
    """Return the object ids of some nodes, as `oktahound.write_opengraph` writes them with the whole graph.

    Args:
        graph: the graph.
        nodes: keys of nodes of the graph.

    Returns:
        The object id by key; None for an object outside the org that only other properties identify.
    """
    ids = _ids_of(graph, frozenset())
    if ids.clashes:
        ids = _ids_of(graph, frozenset(ids.clashes))
    found: dict[str, str | None] = {}
    for node in nodes:
        attributes = graph.nodes[node]
        is_foreign = attributes.get("foreign") is True
        found[node] = (
            foreign_object_id(str(attributes.get("kind")), attributes) if is_foreign else ids.of(node)
        )
    return found


def _ids_of(graph: nx.MultiDiGraph[str], clashing: frozenset[str]) -> Ids:
    ids = Ids(clashing)
    for node, attributes in graph.nodes(data=True):
        if attributes.get("foreign") is not True:
            ids.add(node, alias_of(str(attributes.get("kind")), attributes))
    return ids
