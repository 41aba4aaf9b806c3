"""From a snapshot to a graph."""

from __future__ import annotations

from typing import Literal

import networkx as nx

from oktahound.errors import ConfigurationError
from oktahound.gc_control import without_gc
from oktahound.graph.drawing import draw
from oktahound.graph.foreign import Resolve
from oktahound.graph.metadata import Running
from oktahound.graph.nodes import add_nodes
from oktahound.graph.okta_graph import OktaGraph
from oktahound.graph.optional_parts import chosen_parts
from oktahound.graph.org_index import OrgIndex
from oktahound.graph.to_networkx import NetworkxCanvas
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
) -> nx.MultiDiGraph[str]:
    """The graph of an org's attack surface.

    Args:
        snapshot: what was read.
        permissions: how the rights of admins are drawn. ``"edges"``: one edge from each holder to each
            target, admins times targets of them. ``"targets"``: holders of the same right over the same
            objects share one node (``OktaHound_TargetSet``) that covers the objects, so that the graph grows
            with admins plus targets. Okta nodes reach each other alike in both.
        resolve: who knows the real ids of objects outside the org: a function from `Foreign` to an id or
            None, or a mapping from the key of a placeholder to an id. Such an object gets the id for a key.
        scopes: draw OAuth scopes as well: nodes of the kind ``OktaHound_OAuthScope``, who holds them, and
            what each lets its holder control. Their kinds begin with ``OktaHound_``, for no other tool has
            them; without them an API service integration is a node with no way out.
        trust_boundaries: draw what decides over memberships, sign-ins and tokens beside the model's own
            objects, such as group rules, as far as it was read (``collect(…, trust_boundaries=True)``). These
            kinds begin with ``OktaHound_`` as well.

    Returns:
        A `networkx.MultiDiGraph`. Node keys are Okta's ids; node attributes are ``kind`` and the model's
        properties, JSON-ready; a property that was not read is absent. The key of an edge is its kind; its
        attributes are only what that edge carries. An object outside the org is a placeholder: its key is
        `foreign_key`, and its attributes are ``kind``, ``foreign`` (true) and what it is matched by.
        ``graph.graph`` holds

        - ``organization``, ``oktaDomain``, ``collectedAt``: what it is a graph of;
        - ``scopes``: whether OAuth scopes were drawn; there is one such flag for each optional part;
        - ``gaps``: what was not read (a list of dicts);
        - ``notAsked``: entities that the collection left out on purpose;
        - ``unsure``: rules that ran on incomplete data, so that edges may be missing, each with the
          entities that were incomplete;
        - ``withheld``: rules that did not run, because with incomplete data they would draw false edges;
        - ``unmatched``: edges that were not drawn, because nothing that was read says to which object, most
          of them out of the org: rule, id of the object in Okta, why, and how many.

    Raises:
        ConfigurationError: `snapshot` is no snapshot, `permissions` is neither of the two, or the switch of
            an optional part is not True or False.
        KindError: a rule drew an edge of a kind that it does not declare.
    """
    check_permissions(permissions)
    check_snapshot(snapshot, "build_graph")
    view = OrgIndex(snapshot)
    graph: nx.MultiDiGraph[str] = OktaGraph()
    chosen = chosen_parts({"scopes": scopes, "trust_boundaries": trust_boundaries})
    running = Running.of(chosen.rules, view)
    with without_gc():
        add_nodes(graph, view, chosen)
        unmatched = draw(
            NetworkxCanvas(graph),
            view,
            running.rules,
            share_targets=permissions == "targets",
            resolve=resolve,
        )
    graph.graph.update(running.about(view, unmatched, parts=chosen.as_dict()))
    return graph


def check_permissions(permissions: str) -> None:
    """Hold the caller to the two forms in which rights are drawn.

    Raises:
        ConfigurationError: it is another one.
    """
    if permissions not in ("edges", "targets"):
        raise ConfigurationError(f"permissions= is 'edges' or 'targets', and not {permissions!r}")


def check_snapshot(given: object, function: str) -> None:
    """Check that a function was given a snapshot.

    Raises:
        ConfigurationError: it is something else.
    """
    if not isinstance(given, Snapshot):
        raise ConfigurationError(
            f"{function}() needs a Snapshot, as oktahound.collect returns it, not {type(given).__name__}"
        )
