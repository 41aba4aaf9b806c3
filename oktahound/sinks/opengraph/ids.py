"""Convert node ids to the form that BloodHound stores: upper case, without colons, and still unique."""

from __future__ import annotations

import hashlib

from oktahound.errors import KindError

__all__ = ["Ids", "plain_id"]


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
