"""Endpoints outside the org: objects of a directory, another product or another Okta org.

oktahound does not read those systems. It identifies their objects by id, or by properties with the names and
letter case of BloodHound's collectors.
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
"""Properties that are lists in the other system. The matcher means that the list contains the value.
BloodHound's importer only compares for equality and cannot match by them."""

_PLAIN = re.compile(r"[A-Za-z0-9_.~@-]*").fullmatch
FOREIGN_ID = "foreignId"
"""The node attribute with the id of a foreign object. It is not called ``id``, because node-link JSON,
adjacency JSON and GML use that name for the node key."""

_RESERVED = frozenset({"kind", "id", FOREIGN_ID, "foreign", "collected"})


def _by_name(matchers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(matchers))


@attrs.frozen(cache_hash=True)
class Foreign:
    """An object outside the org, identified by its kind and either an id or matchers.

    Attributes:
        kind: the node kind in the other system, such as ``AZUser``.
        id: the object's id in the other system; None if it is matched by properties.
        matchers: pairs of property name and value, sorted by name. The object has all of them. Empty if the
            id is known.

    Raises:
        KindError: there is no kind, there is not exactly one of id and matchers, or a matcher has no value or
            a reserved name.
    """

    kind: str
    id: str | None = None
    matchers: tuple[tuple[str, str], ...] = attrs.field(default=(), converter=_by_name)

    def __attrs_post_init__(self) -> None:
        if not self.kind:
            raise KindError("a foreign object needs a kind, such as 'AZUser'")
        if bool(self.id) == bool(self.matchers):
            raise KindError(f"a foreign {self.kind} needs either an id or matchers")
        names = [name for name, _ in self.matchers]
        if (
            len(set(names)) < len(names)
            or not _RESERVED.isdisjoint(names)
            or not all(map(all, self.matchers))
        ):
            raise KindError(
                f"a foreign {self.kind} cannot be matched by {', '.join(names)}: names must be unique and "
                "not reserved, and values must not be empty"
            )

    @classmethod
    def with_id(cls, kind: str, id: str) -> Foreign:
        """Create the object of a kind with this id."""
        return cls(kind, id)

    @classmethod
    def where(cls, kind: str, **matchers: str) -> Foreign:
        """Create the object of a kind with these properties."""
        return cls(kind, None, matchers.items())

    @property
    def key(self) -> str:
        """The node key of its placeholder: see `foreign_key`."""
        return foreign_key(self)

    @property
    def attributes(self) -> dict[str, Any]:
        """The attributes of its placeholder: ``kind``, ``foreign``, and ``foreignId`` or the matchers."""
        identifying = dict(self.matchers) if self.id is None else {FOREIGN_ID: self.id}
        return {"kind": self.kind, "foreign": True, **identifying}

    @classmethod
    def of_node(cls, attributes: Mapping[str, Any]) -> Foreign | None:
        """Create it from the node attributes of a placeholder; None for any other node."""
        if attributes.get("foreign") is not True:
            return None
        identifying = {name: value for name, value in attributes.items() if name not in _RESERVED}
        return cls(attributes["kind"], attributes.get(FOREIGN_ID), identifying.items())


def foreign_key(foreign: Foreign) -> str:
    """Return the node key of the placeholder of a foreign object. It is unique, and the same in every graph.

    Its form is ``Kind(id)`` or ``Kind(name=value,name=value)``. Characters other than letters, digits and
    ``-._~@`` are percent-encoded, so that it can represent any text, contains no colon, and differs from
    every Okta id.

        >>> foreign_key(Foreign.where("AZUser", userprincipalname="ann@contoso.com", tenantid="1A"))
        'AZUser(tenantid=1A,userprincipalname=ann@contoso.com)'
    """
    if foreign.id is not None:
        identifying = _quoted(foreign.id)
    else:
        identifying = ",".join(f"{_quoted(name)}={_quoted(value)}" for name, value in foreign.matchers)
    return f"{_quoted(foreign.kind)}({identifying})"


def _quoted(text: str) -> str:
    if _PLAIN(text):
        return text
    # JSON can contain lone surrogates, which cannot be encoded.
    return quote_from_bytes(text.encode("utf-8", "surrogatepass"), safe="@")


Resolve: TypeAlias = Callable[[Foreign], str | None] | Mapping[str, str]
"""Finds real node ids: a function from a foreign object to an id or None, or a mapping from `foreign_key`."""


def find_in(other: nx.Graph[str]) -> Callable[[Foreign], str | None]:
    """Create a resolver that looks up foreign objects among the nodes of another graph.

    Letter case and Unicode form are ignored. Only nodes with the same attribute ``kind`` are considered, and
    no placeholders. An object that matches no node, or several, is not resolved.

    Args:
        other: the graph of the other product or Okta org. Do not change it while the resolver is in use.
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
        identifying = foreign.matchers if foreign.id is None else ((None, foreign.id),)
        candidates = (index(foreign.kind, name).get(caseless(value), set()) for name, value in identifying)
        found = set.intersection(*candidates)
        return found.pop() if len(found) == 1 else None

    return find


def _texts(value: object) -> Iterator[str]:
    """Yield the texts with which a matcher is compared: the value itself, or the texts of a list."""
    for each in value if isinstance(value, list | tuple) else (value,):
        if isinstance(each, str):
            yield each
