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
        made = self.of(node)
        if made in self._seen:
            plain = plain_id(self._aliases.get(node, node))
            if plain in self._clashing:
                raise KindError(f"node {node!r} comes twice")
            self.clashes.add(plain)
        self._seen.add(made)
        return made

    def of(self, node: str) -> str:
        """Return the id of a node."""
        plain = plain_id(self._aliases.get(node, node))
        if plain not in self._clashing:
            return plain
        mark = hashlib.sha256(node.encode("utf-8", "surrogatepass")).hexdigest()[:16].upper()
        return f"{plain}~{mark}"


def alias_of(kind: str, attributes: Mapping[str, Any]) -> str | None:
    """The id under which other collectors know a device, which BloodHound then keeps as its object id."""
    alias = attributes.get("alias") if kind == "Okta_Device" else None
    return alias if isinstance(alias, str) else None


def foreign_object_id(kind: str, attributes: Mapping[str, Any]) -> str | None:
    """The object id of an object outside of the org; None if it is known by other properties only."""
    id_ = attributes.get(FOREIGN_ID)
    if not isinstance(id_, str):
        return None
    # An object of another Okta org has the id that the export of that org gives it.
    return plain_id(id_) if kind.startswith("Okta_") else id_.upper()


def object_ids(graph: nx.MultiDiGraph[str], nodes: Iterable[str]) -> dict[str, str | None]:
    """The object ids of some nodes, as `oktahound.write_opengraph` writes them with the whole graph.

    Args:
        graph: the graph.
        nodes: keys of nodes of the graph.

    Returns:
        The object id by key; None for an object outside of the org that is known by other properties only.
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
