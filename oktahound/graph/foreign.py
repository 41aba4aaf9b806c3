"""Ends of edges that lie outside the org: in a directory, in another product, in another Okta org.

oktahound does not read those systems. It says which of their objects is meant, by the object's id or by
properties that it has over there, in the words and letter case in which BloodHound's collectors store them.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeAlias
from urllib.parse import quote_from_bytes

import attrs
import networkx as nx

from oktahound.entities.caseless import caseless
from oktahound.errors import KindError

__all__ = ["FOREIGN_ID", "LIST_PROPERTIES", "Foreign", "Resolve", "find_in", "foreign_key"]

LIST_PROPERTIES = frozenset({"serviceprincipalnames"})
"""Properties that are lists over there: the matcher means that the list contains the value. Who can only
compare for equality, as BloodHound's importer, cannot match by them."""

_PLAIN = re.compile(r"[A-Za-z0-9_.~@-]*").fullmatch
FOREIGN_ID = "foreignId"
"""The node attribute that holds the id of a foreign object. It is not ``id``, because node-link JSON,
adjacency JSON and GML use that name for the node key."""

_RESERVED = frozenset({"kind", "id", FOREIGN_ID, "foreign", "collected"})


def _by_name(matchers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(matchers))


@attrs.frozen(cache_hash=True)
class Foreign:
    """An object that is not this org's: its kind, and either its id or what to match it by.

    Attributes:
        kind: the node kind over there, ``AZUser``.
        id: the object's id over there; None when it is matched by properties.
        matchers: pairs of property name and value, sorted by name; the object has all of them. Empty when
            the id is known.

    Raises:
        KindError: there is no kind, or not exactly one of an id and matchers, or a matcher has no value or
            one of the names that placeholders use themselves.
    """

    kind: str
    id: str | None = None
    matchers: tuple[tuple[str, str], ...] = attrs.field(default=(), converter=_by_name)

    def __attrs_post_init__(self) -> None:
        if not self.kind:
            raise KindError("a foreign object needs a kind")
        if bool(self.id) == bool(self.matchers):
            raise KindError(f"a foreign {self.kind} is told by an id or by matchers, one of the two")
        names = [name for name, _ in self.matchers]
        if (
            len(set(names)) < len(names)
            or not _RESERVED.isdisjoint(names)
            or not all(map(all, self.matchers))
        ):
            raise KindError(f"a foreign {self.kind} cannot be matched by {', '.join(names)}")

    @classmethod
    def with_id(cls, kind: str, id: str) -> Foreign:
        """The object of a kind that has this id."""
        return cls(kind, id)

    @classmethod
    def where(cls, kind: str, **matchers: str) -> Foreign:
        """The object of a kind that has these properties."""
        return cls(kind, None, matchers.items())

    @property
    def key(self) -> str:
        """The node key of its placeholder: see `foreign_key`."""
        return foreign_key(self)

    @property
    def attributes(self) -> dict[str, Any]:
        """The attributes of its placeholder: ``kind``, ``foreign``, and ``foreignId`` or the matchers."""
        told = dict(self.matchers) if self.id is None else {FOREIGN_ID: self.id}
        return {"kind": self.kind, "foreign": True, **told}

    @classmethod
    def of_node(cls, attributes: Mapping[str, Any]) -> Foreign | None:
        """Read it back from the node attributes of a placeholder; None for any other node."""
        if attributes.get("foreign") is not True:
            return None
        told = {name: value for name, value in attributes.items() if name not in _RESERVED}
        return cls(attributes["kind"], attributes.get(FOREIGN_ID), told.items())


def foreign_key(foreign: Foreign) -> str:
    """The node key of the placeholder of a foreign object: the same in every graph, for no other object.

    It reads ``Kind(id)`` or ``Kind(name=value,name=value)``. Whatever is no letter, digit or one of
    ``-._~@`` is percent-encoded, so that any text can be in it, a colon never is, and an Okta id never looks
    like one.

        >>> foreign_key(Foreign.where("AZUser", userprincipalname="ann@contoso.com", tenantid="1A"))
        'AZUser(tenantid=1A,userprincipalname=ann@contoso.com)'
    """
    if foreign.id is not None:
        told = _quoted(foreign.id)
    else:
        told = ",".join(f"{_quoted(name)}={_quoted(value)}" for name, value in foreign.matchers)
    return f"{_quoted(foreign.kind)}({told})"


def _quoted(text: str) -> str:
    if _PLAIN(text):
        return text
    # JSON can hold halves of surrogate pairs, which have no encoding of their own.
    return quote_from_bytes(text.encode("utf-8", "surrogatepass"), safe="@")


Resolve: TypeAlias = Callable[[Foreign], str | None] | Mapping[str, str]
"""What knows real node ids: from a foreign object to the id, or None; or a mapping from `foreign_key`."""


def find_in(other: nx.Graph[str]) -> Callable[[Foreign], str | None]:
    """A resolver that looks foreign objects up among the nodes of another graph.

    Letter case and Unicode form do not matter. Only nodes whose attribute ``kind`` is the one that is asked
    for count, and no placeholders. An object that fits no node, or more than one, is not resolved.

    Args:
        other: the graph of the other product, or of another Okta org; not to be changed meanwhile.
    """
    nodes: dict[str, dict[str, Mapping[str, Any]]] = {}
    for node, attributes in other.nodes(data=True):
        kind = attributes.get("kind")
        if isinstance(kind, str) and attributes.get("foreign") is not True:
            nodes.setdefault(kind, {})[node] = attributes

    @functools.cache
    def index(kind: str, name: str | None) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for node, attributes in nodes.get(kind, {}).items():
            for text in _texts(node if name is None else attributes.get(name)):
                found.setdefault(caseless(text), set()).add(node)
        return found

    def find(foreign: Foreign) -> str | None:
        told = foreign.matchers if foreign.id is None else ((None, foreign.id),)
        fitting = (index(foreign.kind, name).get(caseless(value), set()) for name, value in told)
        found = set.intersection(*fitting)
        return found.pop() if len(found) == 1 else None

    return find


def _texts(value: object) -> Iterator[str]:
    """What a matcher may be equal to: a text itself, and the texts of a list."""
    for each in value if isinstance(value, list | tuple) else (value,):
        if isinstance(each, str):
            yield each
