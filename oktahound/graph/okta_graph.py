"""`OktaGraph`: a networkx graph with a summary for terminals and notebooks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import networkx as nx

from oktahound.graph.parallel_edges import ParallelEdges
from oktahound.scopes.display import cell, details, paragraph, printable, table

if TYPE_CHECKING:
    from oktahound.graph.compact.edge_arrays import EdgeArrays

__all__ = ["OktaGraph"]


class OktaGraph(nx.MultiDiGraph):  # type: ignore[type-arg]  # at run time networkx's class takes no type argument
    """A `networkx.MultiDiGraph` with a summary of its content as text and HTML.

    Every function of networkx accepts it. Copies, subgraphs and views of it have this class too.

    Attributes:
        arrays: the edges, for a graph of `oktahound.graph.compact_graph` and for its attack view; None for
            other graphs.
    """

    arrays: EdgeArrays | None = None
    edge_key_dict_factory: ClassVar[Any] = ParallelEdges

    def number_of_edges(self, u: Any = None, v: Any = None) -> int:
        """Return the number of edges, or of those between two nodes."""
        if u is None:
            if self.arrays is not None:
                return len(self.arrays)
            adjacency = self.__dict__["_succ"]
            if isinstance(adjacency, dict):
                return sum(len(edges) for each in adjacency.values() for edges in each.values())
            if hasattr(adjacency, "number_of_edges"):  # an attack view
                return int(adjacency.number_of_edges())
        found: int = super().number_of_edges(u, v)
        return found

    def get_edge_data(  # type: ignore[override]  # the type stubs of networkx leave out the key
        self, u: Any, v: Any, key: Any = None, default: Any = None
    ) -> Any:
        """Return the attributes of an edge; without a key, a dict of the attributes by key."""
        found = super().get_edge_data(u, v, key, default)
        return found.copy() if isinstance(found, ParallelEdges) else found

    def __repr__(self) -> str:
        return "\n".join(self._summary()) + ">"

    __str__ = __repr__

    def _repr_html_(self) -> str:
        title, *notes = self._summary()
        kinds = Counter(str(kind) for _, kind in self.nodes(data="kind", default="no kind"))
        rows = ((cell(kind), cell(count)) for kind, count in sorted(kinds.items()))
        notices = "".join(paragraph(note.strip()) for note in notes)
        counts = details("nodes by kind", table("", ("kind", "nodes"), rows))
        return f"{paragraph(title.removeprefix('<'))}{notices}{counts}"

    def _summary(self) -> list[str]:
        metadata: Mapping[str, Any] = self.graph
        domain = printable(str(metadata.get("oktaDomain", "an organization")))
        read = f", read {printable(str(metadata['collectedAt']))}" if "collectedAt" in metadata else ""
        # Counting the edges of a view iterates over all of them, unless they are in arrays.
        is_slow = hasattr(self, "_graph") and self.arrays is None
        edges = "" if is_slow else f", {self.number_of_edges()} edges"
        kind = "view of a graph" if hasattr(self, "_graph") else "graph"
        lines = [f"<{kind} of {domain}{read}: {self.number_of_nodes()} nodes{edges}"]
        if metadata.get("gaps"):
            lines.append(f"  {len(metadata['gaps'])} gaps in the snapshot")
        for key, words in (("withheld", "withheld because of gaps"), ("unsure", "unsure")):
            if rules := metadata.get(key):
                lines.append(f"  rules {words}: {', '.join(map(printable, sorted(rules)))}")
        unknown = [each["type"] for each in metadata.get("unknownRoles", ())]
        unknown += [each["permission"] for each in metadata.get("unknownPermissions", ())]
        if unknown:
            names = ", ".join(map(printable, unknown))
            lines.append(f"  unknown roles and permissions, without edges: {names}")
        return lines
