"""Convert node ids to the form that BloodHound stores: upper case, without colons, and still unique."""

from __future__ import annotations

import hashlib

from oktahound.errors import KindError

__all__ = ["Ids", "plain_id"]


def plain_id(node: str) -> str:
    """An id in upper case, colons and percent signs percent-encoded.

    BloodHound upper-cases ids and takes what stands before a colon for a kind of object. No id that Okta
    makes holds either sign; names of keys and of role types that somebody chose can.
    """
    return node.replace("%", "%25").replace(":", "%3A").upper()


class Ids:
    """The ids of one document.

    Okta's ids differ by letter case, and two that differ by nothing else would become one object. All of
    those get a mark made of the original id, whichever came first.

    Attributes:
        clashes: ids, as `plain_id` makes them, that turned out to stand for several nodes. If there are any,
            what was written is to be thrown away and written again with them.
    """

    def __init__(self, clashing: frozenset[str]) -> None:
        """Begin with the clashes that are known."""
        self.clashes: set[str] = set()
        self._clashing = clashing
        self._seen: set[str] = set()
        self._aliases: dict[str, str] = {}

    def add(self, node: str, alias: str | None = None) -> str:
        """The id of a node that was not met before; made of its alias, if it has one.

        Raises:
            KindError: it was.
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
        """The id of a node."""
        plain = plain_id(self._aliases.get(node, node))
        if plain not in self._clashing:
            return plain
        mark = hashlib.sha256(node.encode("utf-8", "surrogatepass")).hexdigest()[:16].upper()
        return f"{plain}~{mark}"
