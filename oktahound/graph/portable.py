"""Convert a graph for other graph tools: scalar attributes, edge kinds as attributes, safe names."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

import networkx as nx

from oktahound.errors import KindError
from oktahound.graph.rows import NodeRow, graph_rows

__all__ = ["portable"]

# Reserved names of networkx's writers: GEXF, GML, node-link, adjacency and Cytoscape JSON.
_ON_NODES = frozenset({"id", "label", "viz", "pid", "parents", "start", "end", "slices", "spells", "key"})
_ON_EDGES = frozenset(
    {"id", "label", "viz", "type", "weight", "start", "end", "slices", "spells"}
    | {"key", "source", "target", "networkx_key"}
)
_OWN_ON_EDGES = ("kind", "traversable", "active")
_not_in_a_name = re.compile(r"[^0-9A-Za-z_]").sub
# Characters that XML 1.0 does not allow, and the carriage return, which its readers turn into a line feed.
_not_in_xml = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]").sub
_INT64 = range(-(2**63), 2**63)


def portable(graph: nx.MultiDiGraph[str]) -> nx.MultiDiGraph[str]:
    r"""Copy a graph to a form that every writer of networkx and every other graph tool accepts.

    - Each edge has its kind as the attribute ``kind``, and the attributes ``traversable`` (by its kind) and
      ``active``. Its key is a unique number.
    - Every attribute is text, a number or a flag. Lists and objects become JSON text. Infinity, NaN and
      numbers over 64 bits become text. Null is left out.
    - Attribute names consist of ASCII letters, digits and underscores: ``settings.url`` becomes
      ``settings_url``. A name that a file format reserves gets an underscore at the end: ``id_``. Of names
      that become equal, or differ by letter case only, all but the first in alphabetical order get a suffix.
    - Characters that XML does not allow are written as in Python: ``\x00``.

    Args:
        graph: a graph of `oktahound.build_graph`, or a view of one.

    Raises:
        ConfigurationError: `graph` is not a directed multigraph.
        KindError: a node has no kind or is not text; the kind of an edge is unknown; or two node keys differ
            only in characters that XML does not allow.
    """
    rows = graph_rows(graph)
    copy: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    copy.graph.update(_attributes(rows.about, frozenset()))
    number = 0
    for row in rows:
        if isinstance(row, NodeRow):
            if (node := _text(row.id)) in copy:
                raise KindError(f"two nodes would have the same key {node!r} in XML. Rename one of them")
            copy.add_node(node)
            copy.nodes[node].update(
                {"kind": _text(row.kind), **_attributes(row.attributes, {*_ON_NODES, "kind"})}
            )
            continue
        start, end = _text(row.start), _text(row.end)
        attributes = {name: value for name, value in row.attributes.items() if name != "active"}
        copy.add_edge(start, end, number)
        copy.edges[start, end, number].update(
            {
                "kind": row.kind.name,
                "traversable": row.kind.traversable,
                "active": row.attributes.get("active") is not False,
                **_attributes(attributes, {*_ON_EDGES, *_OWN_ON_EDGES}),
            }
        )
        number += 1
    return copy


def _attributes(attributes: Mapping[str, Any], reserved: Iterable[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    taken = set(reserved)
    for name in sorted(attributes):
        if (value := _scalar(attributes[name])) is not None:
            safe = _free_name(_not_in_a_name("_", name), taken)
            taken.add(safe.casefold())
            found[safe] = value
    return found


def _free_name(name: str, taken: set[str]) -> str:
    if not name[:1].isalpha():
        name = f"x_{name}"
    if name.casefold() not in taken:
        return name
    tries = (f"{name}_", *(f"{name}_{number}" for number in range(2, len(taken) + 3)))
    return next(each for each in tries if each.casefold() not in taken)


def _scalar(value: Any) -> str | int | float | bool | None:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int):
        return int(value) if value in _INT64 else str(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else str(value)
    if isinstance(value, set | frozenset):
        value = sorted(value, key=repr)
    try:
        return _text(json.dumps(value, ensure_ascii=False, default=str))
    except (TypeError, ValueError):
        return _text(str(value))


def _text(text: str) -> str:
    return _not_in_xml(lambda found: found[0].encode("unicode_escape").decode(), text)
