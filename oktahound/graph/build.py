"""From a snapshot to a graph."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator
from typing import Literal

import networkx as nx

from oktahound.entities import ENTITIES, time_text
from oktahound.errors import ConfigurationError
from oktahound.graph.draw import Drawing
from oktahound.graph.foreign import Resolve
from oktahound.graph.nodes import add_nodes
from oktahound.graph.rules import RULES, SCOPE_RULES
from oktahound.graph.scope_nodes import scope_nodes
from oktahound.graph.view import OrgView
from oktahound.snapshot import Snapshot

__all__ = ["Permissions", "build_graph"]

Permissions = Literal["edges", "targets"]


def build_graph(
    snapshot: Snapshot,
    *,
    permissions: Permissions = "edges",
    resolve: Resolve | None = None,
    scopes: bool = False,
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

    Returns:
        A `networkx.MultiDiGraph`. Node keys are Okta's ids; node attributes are ``kind`` and the model's
        properties, JSON-ready; a property that was not read is absent. The key of an edge is its kind; its
        attributes are only what that edge carries. An object outside the org is a placeholder: its key is
        `foreign_key`, and its attributes are ``kind``, ``foreign`` (true) and what it is matched by.
        ``graph.graph`` holds

        - ``organization``, ``oktaDomain``, ``collectedAt``: what it is a graph of;
        - ``scopes``: whether OAuth scopes were drawn;
        - ``gaps``: what was not read (a list of dicts);
        - ``notAsked``: entities that the collection left out on purpose;
        - ``unsure``: rules that ran on incomplete data, so that edges may be missing, each with the
          entities that were incomplete;
        - ``withheld``: rules that did not run, because with incomplete data they would draw false edges;
        - ``unmatched``: edges out of the org that were not drawn, because nothing that was read says to
          which object: rule, id of the object in Okta, why, and how many.

    Raises:
        ConfigurationError: `permissions` is neither of the two.
        KindError: a rule drew an edge of a kind that it does not declare.
    """
    if permissions not in ("edges", "targets"):
        raise ConfigurationError(f"permissions= is 'edges' or 'targets', and not {permissions!r}")
    view = OrgView(snapshot)
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    rules = (*RULES, *SCOPE_RULES) if scopes else RULES
    unproven = {each.name: each.unproven(view) for each in rules}
    running = [each for each in rules if not unproven[each.name]]
    with _without_collector():
        add_nodes(graph, view)
        if scopes:
            graph.add_nodes_from(scope_nodes(view))
        drawing = Drawing(graph, view, share_targets=permissions == "targets", resolve=resolve)
        for each in running:
            drawing.draw(each)
    graph.graph.update(
        organization=snapshot.organization.id,
        oktaDomain=snapshot.domain,
        collectedAt=time_text(snapshot.collected_at),
        scopes=scopes,
        gaps=[gap.as_dict() for gap in snapshot.gaps],
        notAsked=[cls.__name__ for cls in ENTITIES if cls.__name__ not in snapshot.asked],
        unsure={each.name: missing for each in running if (missing := each.incomplete(view))},
        withheld={name: missing for name, missing in unproven.items() if missing},
        unmatched=drawing.unmatched,
    )
    return graph


@contextlib.contextmanager
def _without_collector() -> Iterator[None]:
    """Keep the cyclic garbage collector still while a graph grows.

    Nothing of a graph is garbage before it is done, and looking through it again and again as it grows
    costs a third of the time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
