"""Create the nodes of entities."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from operator import attrgetter
from typing import Any, TypeAlias

import networkx as nx

from oktahound.entities import ENTITIES, Derived, Entity, Field, fields_of, time_text, time_texts
from oktahound.entities.schema import per_class
from oktahound.graph.builtin_role_nodes import built_in_role_nodes
from oktahound.graph.optional_parts import SelectedParts
from oktahound.graph.org_index import OrgIndex

__all__ = ["add_nodes", "placeholder", "property_readers", "rows_of_nodes"]

Attributes: TypeAlias = dict[str, Any]
Describe: TypeAlias = "Callable[[Attributes, Any, OrgIndex], None]"
ReadProperty: TypeAlias = "Callable[[Any, OrgIndex], Any]"


def add_nodes(graph: nx.MultiDiGraph[str], org: OrgIndex, parts: SelectedParts) -> None:
    """Add the nodes of all rows of the snapshot, of the built-in roles, and of the optional parts."""
    add, nodes = graph.add_node, graph.nodes
    for node, describe, row in rows_of_nodes(org, parts):
        add(node)
        # Filled in place, because networkx would copy passed attributes twice.
        describe(nodes[node], row, org)
    graph.add_nodes_from(built_in_role_nodes(org))
    graph.add_nodes_from(parts.nodes(org))


def rows_of_nodes(org: OrgIndex, parts: SelectedParts) -> Iterator[tuple[str, Describe, Entity]]:
    """Yield every row that becomes a node: node key, the function that writes its attributes, and the row.

    Several rows can belong to one node, which has the attributes of all of them.
    """
    for cls in parts.entities:
        describe = _describer(cls)
        id_is_key = cls.node_id is Entity.node_id
        for row in org.snapshot.rows(cls):
            node = row.id if id_is_key else row.node_id(org)
            if node is not None:
                yield node, describe, row


def placeholder(kind: str, org: OrgIndex) -> Attributes:
    """Return the attributes of the placeholder of an object that was not collected."""
    return {
        "kind": kind,
        "collected": False,
        "oktaDomain": org.domain,
        "environmentid": org.organization_id,
    }


@per_class
def property_readers(cls: type[Entity]) -> Mapping[str, ReadProperty]:
    """Return a function for each property of the nodes of a class, which reads this property of a row.

    A function takes the row and the index of its snapshot. It returns None if the node lacks the property.
    """
    derived, shown = _declared(cls)
    return {
        "kind": lambda row, org: cls.KIND,
        "oktaDomain": lambda row, org: org.domain,
        "environmentid": lambda row, org: org.organization_id,
        **{name: each.of for name, each in derived.items()},
        **{field.prop or "": _reader(field) for field in shown},
    }


def _reader(field: Field) -> ReadProperty:
    get = attrgetter(field.name)
    if field.type == datetime | None:
        return lambda row, org: None if (value := get(row)) is None else time_text(value)
    if _is_list(field):
        return lambda row, org: None if (value := get(row)) is None else [str(each) for each in value]
    return lambda row, org: get(row)


def _declared(cls: type[Entity]) -> tuple[dict[str, Derived], list[Field]]:
    """Return the derived properties of a class by name, and the fields that are properties of its nodes."""
    from_others = (each for other in ENTITIES for each in other.LENDS.get(cls, ()))
    derived = {each.name: each for each in (*cls.DERIVED, *from_others)}
    return derived, [
        field for field in fields_of(cls) if field.prop is not None and field.prop not in derived
    ]


def _is_list(field: Field) -> bool:
    return "tuple" in str(field.type)


@per_class
def _describer(cls: type[Entity]) -> Describe:
    """Generate a function that writes the attributes of a row of this class into its node.

    It is compiled with one statement for each field. A graph has hundreds of thousands of nodes with thirty
    properties each, and a loop over the fields would take twice the time of networkx's own work.
    """
    derived, shown = _declared(cls)
    times = [field for field in shown if field.type == datetime | None]
    scope: dict[str, Any] = {
        "time_texts": time_texts,
        **{f"of_{name}": each.of for name, each in derived.items()},
    }
    lines = [
        "def describe(attributes, row, org):",
        f"    attributes['kind'] = {cls.KIND!r}",
        "    attributes['oktaDomain'] = org.domain",
        "    attributes['environmentid'] = org.organization_id",
    ]
    values = [(name, f"of_{name}(row, org)", "value") for name in derived]
    for field in shown:
        if field not in times:
            text = "[str(each) for each in value]" if _is_list(field) else "value"
            values.append((field.prop or "", f"row.{field.name}", text))
    if times:
        lines.append(f"    times = time_texts([{', '.join(f'row.{field.name}' for field in times)}])")
        values += [(field.prop or "", f"times[{index}]", "value") for index, field in enumerate(times)]
    for name, value, text in values:
        lines += [f"    value = {value}", f"    if value is not None: attributes[{name!r}] = {text}"]
    exec("\n".join(lines), scope)  # noqa: S102 - the text comes from declarations of this package only
    describe: Describe = scope["describe"]
    return describe
