"""Look up a node of a graph by id, entity, or name."""

from __future__ import annotations

import difflib
import unicodedata

import networkx as nx

from oktahound.entities import Entity
from oktahound.errors import ConfigurationError
from oktahound.graph.grants import TARGET_SET
from oktahound.snapshot.display import printable

__all__ = ["node_key"]

_MAX_LISTED = 5


def node_key(graph: nx.MultiDiGraph[str], node: str | Entity) -> str:
    """Return the key of a node.

    Args:
        graph: a graph of `oktahound.build_graph`.
        node: a node key; an entity; or the name or display name of one node. The comparison of names ignores
            letter case and Unicode form.

    Raises:
        ConfigurationError: the graph has no such node; several nodes have this name, and the message lists
            them; or `node` is of another type, such as a credential.
    """
    if isinstance(node, Entity):
        return _key_of_entity(graph, node)
    if not isinstance(node, str):
        raise ConfigurationError(f"a node is an id, an entity or a name, not {_type_name(node)}")
    if node in graph:
        return node
    names = {
        key: (attributes.get("name"), attributes.get("displayName"))
        for key, attributes in graph.nodes.items()
        if attributes.get("kind") != TARGET_SET
    }
    wanted = _normalize(node)
    named = [key for key, texts in names.items() if wanted in map(_normalize, texts)]
    exact = [key for key in named if node in names[key]]
    found = exact if len(exact) == 1 else named
    if len(found) == 1:
        return found[0]
    if found:
        raise ConfigurationError(
            f"{len(found)} nodes are named {printable(node)!r}: {_listed(graph, found)}. Pass the key of one"
        )
    raise ConfigurationError(f"the graph has no node {printable(node)!r}. {_hint(graph, node)}")


def _type_name(value: object) -> str:
    name = type(value).__name__
    if name == "ApiToken":
        return "oktahound.ApiToken, the credential; the entity is oktahound.entities.ApiToken"
    return name


def _key_of_entity(graph: nx.MultiDiGraph[str], entity: Entity) -> str:
    kind = entity.KIND
    if kind is None:
        raise ConfigurationError(
            f"a {type(entity).__name__} has no node: it becomes edges or properties. Pass another entity"
        )
    if entity.id in graph:
        return entity.id
    # The keys of some kinds contain more than the id: the application of a key, the domain of a role.
    found = [
        key for key, attributes in graph.nodes.items() if attributes.get("kind") == kind and entity.id in key
    ]
    if len(found) == 1:
        return found[0]
    count = f"several nodes ({_listed(graph, found)})" if found else "no node"
    raise ConfigurationError(
        f"the graph has {count} for {entity!r}. Use the graph of the entity's snapshot, or pass "
        "the key of a node"
    )


def _normalize(text: object) -> str | None:
    return unicodedata.normalize("NFKC", text).casefold() if isinstance(text, str) else None


def _listed(graph: nx.MultiDiGraph[str], keys: list[str]) -> str:
    named = [f"{printable(key)} ({graph.nodes[key].get('kind')})" for key in sorted(keys)[:_MAX_LISTED]]
    more = [f"and {len(keys) - _MAX_LISTED} more"] if len(keys) > _MAX_LISTED else []
    return ", ".join([*named, *more])


def _hint(graph: nx.MultiDiGraph[str], node: str) -> str:
    names = {str(name) for _, name in graph.nodes(data="name") if name is not None}
    close = difflib.get_close_matches(node, names, n=3, cutoff=0.75) if len(names) <= 20_000 else []
    if close:
        return f"Did you mean {' or '.join(repr(printable(each)) for each in close)}?"
    return "Pass the key of a node, the name of an object, or an entity of the snapshot"
