"""`build_graph`: build the networkx graph of a snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

import networkx as nx

from oktahound.errors import ConfigurationError
from oktahound.gc_control import without_gc
from oktahound.graph.foreign import Resolve
from oktahound.graph.merge_properties import EdgeProperties, combined
from oktahound.graph.metadata import RuleSelection
from oktahound.graph.nodes import add_nodes
from oktahound.graph.okta_graph import OktaGraph
from oktahound.graph.optional_parts import select_parts
from oktahound.graph.org_index import OrgIndex
from oktahound.graph.parallel_edges import ParallelEdges
from oktahound.graph.rule_runner import EdgeKey, run_rules
from oktahound.snapshot import Snapshot

__all__ = ["Permissions", "build_graph", "check_permissions", "check_snapshot"]

Permissions = Literal["edges", "targets"]


def build_graph(
    snapshot: Snapshot,
    *,
    permissions: Permissions = "edges",
    resolve: Resolve | None = None,
    scopes: bool = False,
    trust_boundaries: bool = False,
    saml: bool = False,
    indirect_members: bool = False,
) -> nx.MultiDiGraph[str]:
    """Build the graph of an org's attack surface.

    The function blocks while it computes: about three seconds for 10,000 users. In an async program, run it
    in a thread: ``await asyncio.to_thread(oktahound.build_graph, snapshot)``.

    Args:
        snapshot: the snapshot of the org.
        permissions: the form of admin rights. ``"edges"``: one edge from each holder to each target, so that
            the number of edges is admins times targets. ``"targets"``: holders of the same right over the
            same objects share one node (``OktaHound_TargetSet``) with edges to the objects, so that the graph
            grows with admins plus targets. Reachability between Okta nodes is the same in both.
        resolve: finds the real ids of objects outside the org: a function from `Foreign` to an id or None, or
            a mapping from the key of a placeholder to an id. The id becomes the node key of the object.
        scopes: add OAuth scopes: nodes of the kind ``OktaHound_OAuthScope``, edges from the holders of each
            scope, and edges to what the scope gives control over. The prefix ``OktaHound_`` marks kinds that
            only oktahound defines. Without scopes, an API service integration has no outgoing edges.
        trust_boundaries: add objects that affect memberships, sign-ins and tokens but are not in the
            reference model, such as group rules, if they were read (``collect(…, trust_boundaries=True)``).
            Their kinds begin with ``OktaHound_`` too.
        saml: add SAML trust: the roles, issuers, endpoints, claims and accounts of SAML applications and
            identity providers (kinds begin with ``SAML_``), and the keys that applications sign with
            (``OktaHound_SigningKey``). Keys have an expiry if ``collect(signing_keys=True)`` read it.
        indirect_members: add the groups through which users are in resource sets: an edge from the set to
            the group whose members it covers (``Okta_ResourceSetContainsMembersOf``), and an edge to each of
            these users (``Okta_ResourceSetContainsIndirect``). All other edges stay the same.

    Returns:
        A `networkx.MultiDiGraph`. Node keys are Okta's ids; node attributes are ``kind`` and the model's
        properties, JSON-ready; a property that was not read is absent. The key of an edge is its kind; its
        attributes are only its own properties. An object outside the org is a placeholder: its key is
        `foreign_key`, and its attributes are ``kind``, ``foreign`` (true) and the properties that identify
        it. ``graph.graph`` contains

        - ``organization``, ``oktaDomain``, ``collectedAt``: the org and the time of its snapshot;
        - ``scopes``: whether the graph contains OAuth scopes; each optional part has such a flag;
        - ``gaps``: the gaps of the snapshot (a list of dicts);
        - ``notAsked``: entities that were not requested;
        - ``unsure``: rules that ran on incomplete data, so that edges may be missing, each with the
          entities that were incomplete;
        - ``withheld``: rules that did not run, because incomplete data would give false edges;
        - ``unmatched``: edges that were not created because their other end is unknown (mostly objects
          outside the org): rule, id of the object in Okta, reason and count;
        - ``unknownRoles``, ``unknownPermissions``: assigned roles and permissions of custom roles that
          oktahound does not know, with their holders or roles; they give no edges.

    Raises:
        ConfigurationError: `snapshot` is not a snapshot, `permissions` has another value, or the argument for
            an optional part is not True or False.
        KindError: a rule created an edge of a kind that it does not declare.
    """
    check_permissions(permissions)
    check_snapshot(snapshot, "build_graph")
    org = OrgIndex(snapshot)
    graph: nx.MultiDiGraph[str] = OktaGraph()
    selected = select_parts(
        {
            "scopes": scopes,
            "trust_boundaries": trust_boundaries,
            "saml": saml,
            "indirect_members": indirect_members,
        }
    )
    selection = RuleSelection.of(selected.rules, org)
    with without_gc():
        add_nodes(graph, org, selected)
        unmatched = run_rules(
            _NetworkxBuilder(graph),
            org,
            selection.rules,
            share_targets=permissions == "targets",
            resolve=resolve,
            # With target sets, the indexes hold the sets, which are expensive to build.
            keep_indexes=permissions == "targets",
        )
    graph.graph.update(selection.metadata(org, unmatched, parts=selected.as_dict()))
    return graph


def check_permissions(permissions: str) -> None:
    """Check the option `permissions`.

    Raises:
        ConfigurationError: the value is neither ``"edges"`` nor ``"targets"``.
    """
    if permissions not in ("edges", "targets"):
        raise ConfigurationError(f"permissions= must be 'edges' or 'targets', not {permissions!r}")


def check_snapshot(given: object, function: str) -> None:
    """Check that the argument of a function is a snapshot.

    Raises:
        ConfigurationError: the argument is something else.
    """
    if not isinstance(given, Snapshot):
        raise ConfigurationError(
            f"{function}() needs a Snapshot, as oktahound.collect returns it, not {type(given).__name__}"
        )


class _NetworkxBuilder:
    """Adds nodes and edges to a networkx graph. Equal attributes of edges are stored once."""

    def __init__(self, graph: nx.MultiDiGraph[str]) -> None:
        self._graph = graph
        # As `networkx.MultiDiGraph.add_edge`, without what can be left out for nodes that exist.
        whole: Any = graph
        self._succ: dict[str, dict[str, ParallelEdges]] = whole._succ  # noqa: SLF001
        self._pred: dict[str, dict[str, ParallelEdges]] = whole._pred  # noqa: SLF001
        self._shared: dict[tuple[Any, ...], Mapping[str, Any]] = {}

    def nodes(self) -> Iterable[str]:
        return self._graph

    def add_node(self, node: str, attributes: dict[str, Any]) -> None:
        """Add a new node."""
        # The attributes are not passed as keywords: one could have the name of a parameter of networkx.
        self._graph.add_node(node)
        self._graph.nodes[node].update(attributes)

    def add_edge(self, start: str, end: str, kind: str) -> None:
        """Add an edge without properties, or remove the properties of an existing edge of the same key."""
        self._between(start, end).put(kind)

    def merge_edge(self, key: EdgeKey, properties: EdgeProperties) -> None:
        """Add an edge, or merge the properties with those of an existing edge of the same key."""
        start, end, kind = key
        edges = self._between(start, end)
        if (present := edges.peek(kind)) is not None:
            properties = combined(present, properties)
        if properties:
            edges.put(kind, self._same(properties))
        else:
            edges.put(kind)

    def _between(self, start: str, end: str) -> ParallelEdges:
        """Return the edges from one node to another, to which edges can be added."""
        edges = self._succ[start].get(end)
        if edges is None:
            edges = self._succ[start][end] = self._pred[end][start] = ParallelEdges()
        return edges

    def _same(self, properties: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return one mapping for all equal properties."""
        try:
            # The types tell True from 1, which are equal.
            return self._shared.setdefault((*properties.items(), *map(type, properties.values())), properties)
        except TypeError:  # a list
            return properties
