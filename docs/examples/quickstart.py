"""Read an Okta org, show its API service integrations, and ask the graph who can act as one of them.

Without configuration this reads a simulated org, in this process. Set OKTA_CLIENT_ORGURL to read a real
one, with a credential beside it: OKTA_CLIENT_TOKEN, or OKTA_CLIENT_CLIENTID and OKTA_CLIENT_PRIVATEKEY.
"""

from __future__ import annotations

import os
import sys
import textwrap
from collections import Counter
from collections.abc import Iterable
from typing import TypeAlias

import networkx as nx

import oktahound
from oktahound.entities import ApiServiceIntegration
from oktahound.snapshot.display import printable

Graph: TypeAlias = "nx.MultiDiGraph[str]"


def main() -> None:
    """Collect, build, print."""
    try:
        with open_client() as client:
            snapshot = oktahound.collect(client)
    except oktahound.OktaHoundError as error:
        sys.exit(f"{type(error).__name__}: {error}")
    graph = oktahound.build_graph(snapshot)
    view = oktahound.attack_view(graph)

    title("The snapshot: what was read, and what was not")
    for line in repr(snapshot).splitlines():
        say(line)
    title("API service integrations: no admin role, only scopes")
    for integration in snapshot.api_service_integrations:
        show(integration, graph)
    title("The graph")
    show_counts(graph, view)
    title("Who can act as an integration: the attack view")
    for integration in snapshot.api_service_integrations:
        show_paths(integration, view)


def open_client() -> oktahound.OktaClient:
    """A client of the org that the environment names; of a simulated one when it names none."""
    if os.environ.get("OKTA_CLIENT_ORGURL"):
        return oktahound.OktaClient.from_config()
    print("OKTA_CLIENT_ORGURL is not set: this is a simulated org.")
    org = oktahound.sim.SimulatedOrg(seed=1, users=200)
    return oktahound.OktaClient(org.url, oktahound.ApiToken(org.api_token), transport=org.transport)


def show(integration: ApiServiceIntegration, graph: Graph) -> None:
    """An integration with its scopes, its creator and its secrets."""
    added = graph.nodes[integration.id].get("createdAt", "nobody knows when")
    print(f"{name_of(graph, integration.id)} ({integration.id}), added {added}")
    scopes = integration.oauth_scopes or ()
    print(f"    {len(scopes)} scopes, {sum(scope.writes for scope in scopes)} of them for more than reading")
    say(" ".join(scopes), indent=6)
    for start, _, kind, edge in sorted(graph.in_edges(integration.id, keys=True, data=True), key=str):
        if kind in ("Okta_CreatorOf", "Okta_SecretOf"):
            state = f": {edge['inactiveReason']}" if "inactiveReason" in edge else ""
            print(f"    {kind:<14} {name_of(graph, start)}{state}")


def show_counts(graph: Graph, view: Graph) -> None:
    """Nodes and edges by kind, and what the graph says about itself."""
    say(f"{len(graph)} nodes: {counted(kind for _, kind in graph.nodes(data='kind'))}")
    say(f"{graph.size()} edges: {counted(kind for _, _, kind in graph.edges(keys=True))}")
    walked = counted(kind for _, _, kind in view.edges(keys=True))
    say(f"{view.size()} of them in the attack view: {walked}")
    for about in ("unsure", "withheld"):
        say(f"rules {about}: {', '.join(graph.graph[about]) or 'none'}")


def show_paths(integration: ApiServiceIntegration, view: Graph) -> None:
    """How many nodes of each kind reach an integration, and the shortest way of a user."""
    paths = nx.single_target_shortest_path(view, integration.id)
    kinds = {node: view.nodes[node]["kind"] for node in paths if node != integration.id}
    print(name_of(view, integration.id))
    say(f"reached by {counted(kinds.values())}", indent=4)
    users = [paths[node] for node, kind in kinds.items() if kind == "Okta_User"]
    for path in sorted(users, key=lambda path: (len(path), path))[:1]:
        text = name_of(view, path[0])
        for start, end in nx.utils.pairwise(path):
            text += f" -[{min(view[start][end])}]-> {name_of(view, end)}"
        say(text, indent=4)


def counted(kinds: Iterable[str]) -> str:
    """Kinds with their counts, the most frequent first."""
    by_count = sorted(Counter(kinds).items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{kind}={count}" for kind, count in by_count)


def name_of(graph: Graph, node: str) -> str:
    """A node's name. It was somebody's input, so nothing in it may drive the terminal."""
    known = graph.nodes[node].get("displayName") or graph.nodes[node].get("name")
    return printable(known) if known else f"{node}, who was not collected"


def title(text: str) -> None:
    """An underlined line."""
    print(f"\n{text}\n{'-' * len(text)}")


def say(text: str, indent: int = 0) -> None:
    """A text on lines of a hundred characters."""
    print(textwrap.fill(text, 100, initial_indent=" " * indent, subsequent_indent=" " * (indent or 2)))


if __name__ == "__main__":
    main()
