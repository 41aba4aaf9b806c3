"""Route each node and edge of a graph to the file to which it belongs."""

from __future__ import annotations

from collections import Counter
from typing import Any

from oktahound.errors import KindError
from oktahound.graph.kind_names import is_beyond_extension
from oktahound.graph.object_ids import Ids, alias_of
from oktahound.graph.rows import EdgeRow, GraphRows, NodeRow
from oktahound.sinks.opengraph.directory import CONTAINS, DirectoryObjects
from oktahound.sinks.opengraph.documents import Document
from oktahound.sinks.opengraph.endpoints import Endpoint, Unmatchable, by_id, is_foreign, of_foreign
from oktahound.sinks.opengraph.properties import as_properties

__all__ = ["RowRouter"]

_INACTIVE = "inactive, but BloodHound would traverse it: traversability is a property of the kind there"
_OWN_KIND = "a kind that BloodHound's extension for Okta lacks (write it with own_kinds=True)"
_OTHER_PRODUCT = "an object of another product, whose own collector writes it"


class RowRouter:
    """Writes each row to the document to which it belongs.

    Attributes:
        ids: the BloodHound ids of the nodes.
        left_out: number of omitted nodes and edges, by kind and reason.
        dropped: number of omitted properties, by name and reason.
    """

    def __init__(
        self,
        *,
        main: Document,
        hybrid: Document,
        own: Document | None,
        directory: Document | None,
        clashing: frozenset[str],
        include_inactive: bool,
    ) -> None:
        self.ids = Ids(clashing)
        self.left_out: Counter[tuple[str, str]] = Counter()
        self.dropped: Counter[tuple[str, str]] = Counter()
        self._main = main
        self._hybrid = hybrid
        self._own = own
        self._directory = directory
        self._include_inactive = include_inactive
        self._directory_objects: DirectoryObjects | None = None if directory is None else DirectoryObjects()
        # The kind of each node of this org, and the matcher of each foreign node. There may be a million.
        self._endpoints: dict[str, str | Endpoint | Unmatchable] = {}

    def write(self, rows: GraphRows) -> None:
        """Write all rows.

        Raises:
            KindError: an endpoint of an edge is not a node of the graph.
        """
        for row in rows:
            if isinstance(row, NodeRow):
                self._node(row)
            else:
                self._edge(row)
        if self._directory_objects is not None and self._directory is not None:
            for kinds, id_, properties in self._directory_objects.nodes():
                self._directory.node(
                    {"id": id_, "kinds": kinds, "properties": as_properties(properties, self.dropped)}
                )
            for start, end in self._directory_objects.edges():
                self._directory.edge({"start": start, "end": end, "kind": CONTAINS, "properties": {}})

    def _node(self, row: NodeRow) -> None:
        if self._directory_objects is not None:
            self._directory_objects.collect_from(row)
        if is_foreign(row):
            self._endpoints[row.id] = of_foreign(row)
            if row.attributes.get("foreign") is not True:
                self.left_out[row.kind, _OTHER_PRODUCT] += 1
            return
        self._endpoints[row.id] = row.kind
        document = self._main
        if is_beyond_extension(row.kind):
            if self._own is None:
                self.left_out[row.kind, _OWN_KIND] += 1
                return
            document = self._own
        id_ = self.ids.add(row.id, alias_of(row.kind, row.attributes))
        document.node({"id": id_, "kinds": [row.kind], "properties": self._properties(row)})

    def _properties(self, row: NodeRow) -> dict[str, Any]:
        properties = as_properties(row.attributes, self.dropped, own={"id": row.id})
        if isinstance(name := properties.get("name"), str):
            # The server stores names in upper case, and matchers in exports of other orgs use upper case.
            properties["name"] = name.upper()
        if isinstance(environment := properties.get("environmentid"), str):
            properties["environmentid"] = self.ids.of(environment)
        return properties

    def _edge(self, row: EdgeRow) -> None:
        start, end = self._find(row, row.start), self._find(row, row.end)
        name = row.kind.name
        kinds = {name, *(end for end in (start, end) if isinstance(end, str))}
        is_own = any(map(is_beyond_extension, kinds))
        if is_own and self._own is None:
            self.left_out[name, _OWN_KIND] += 1
        elif row.kind.traversable and row.attributes.get("active") is False and not self._include_inactive:
            self.left_out[name, _INACTIVE] += 1
        elif isinstance(start, Unmatchable):
            self.left_out[name, start.reason] += 1
        elif isinstance(end, Unmatchable):
            self.left_out[name, end.reason] += 1
        else:
            leads_out = isinstance(start, dict) or isinstance(end, dict)
            document = self._own if is_own and self._own else self._hybrid if leads_out else self._main
            document.edge(
                {
                    "start": self._endpoint(row.start, start),
                    "end": self._endpoint(row.end, end),
                    "kind": name,
                    "properties": as_properties(row.attributes, self.dropped) if row.attributes else {},
                }
            )

    def _find(self, row: EdgeRow, node: str) -> str | Endpoint | Unmatchable:
        endpoint = self._endpoints.get(node)
        if endpoint is None:
            raise KindError(
                f"an edge of {row.kind.name} has the endpoint {node!r}, which is not a node of the graph"
            )
        return endpoint

    def _endpoint(self, node: str, end: str | Endpoint) -> Endpoint:
        return by_id(end, self.ids.of(node)) if isinstance(end, str) else end
