"""Read an Okta organization and show what its API service integrations could do in the wrong hands.

Without configuration this reads a simulated organization in this process. To read a real one, set
OKTA_CLIENT_ORGURL and a credential: OKTA_CLIENT_TOKEN, or OKTA_CLIENT_CLIENTID and OKTA_CLIENT_PRIVATEKEY.
"""

from __future__ import annotations

import argparse
import os
import sys
import textwrap
from collections import Counter

import networkx as nx

import oktahound
from oktahound import analysis
from oktahound.snapshot.display import printable


def main() -> None:
    """Collect, analyse, print, and write the report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--counts", action="store_true", help="also print nodes and edges by kind")
    parser.add_argument("--report", default="report.html", help="where to write the HTML report")
    arguments = parser.parse_args()
    try:
        with open_client() as client:
            snapshot = oktahound.collect(client)
    except oktahound.OktaHoundError as error:
        sys.exit(f"{type(error).__name__}: {error}")
    graph = oktahound.build_graph(snapshot, scopes=True)

    show_snapshot(snapshot)
    show_integrations(snapshot)
    show_findings(snapshot)
    show_path(analysis.riskiest(graph, of="machines"), snapshot)
    if arguments.counts:
        show_counts(graph)
    title("Where to go next")
    print(f"The complete report: {oktahound.report(snapshot, arguments.report).resolve()}")
    print("In Python: snapshot.users, analysis.findings(snapshot), analysis.blast_radius(snapshot, name),")
    print("analysis.questions, oktahound.plot, oktahound.write_opengraph(snapshot, 'out/').")


def open_client() -> oktahound.OktaClient:
    """Return a client of the organization in the environment, or of a simulated one."""
    if os.environ.get("OKTA_CLIENT_ORGURL"):
        return oktahound.OktaClient.from_config()
    print("OKTA_CLIENT_ORGURL is not set: this is a simulated organization.")
    org = oktahound.sim.SimulatedOrg(seed=1, users=200)
    return oktahound.OktaClient(org.url, oktahound.ApiToken(org.api_token), transport=org.transport)


def show_snapshot(snapshot: oktahound.Snapshot) -> None:
    """Print the number of entities, and the gaps."""
    title(f"{printable(snapshot.domain)}: what was read")
    counts = {"users": snapshot.users, "groups": snapshot.groups, "applications": snapshot.applications,
              "API service integrations": snapshot.api_service_integrations,
              "role assignments": snapshot.role_assignments}  # fmt: skip
    say(", ".join(f"{len(rows)} {name}" for name, rows in counts.items()))
    gaps = [printable(str(gap)) for gap in snapshot.gaps[:3]]
    print(
        f"{len(snapshot.gaps)} gaps" + (", the first:" if gaps else ": nothing that was requested is missing")
    )
    for gap in gaps:
        say(gap, indent=2)


def show_integrations(snapshot: oktahound.Snapshot) -> None:
    """Print each integration with the most severe power of its scopes."""
    title("API service integrations: what their scopes permit")
    integrations = [each for each in snapshot.api_service_integrations if each.oauth_scopes is not None]
    if unread := len(snapshot.api_service_integrations) - len(integrations):
        print(f"the scopes of {unread} were not read")
    reaches = [(each, analysis.scope_reach(each.oauth_scopes or ())) for each in integrations]
    for integration, reach in sorted(reaches, key=lambda pair: pair[1].severity, reverse=True)[:6]:
        scopes = integration.oauth_scopes or ()
        words = f"{len(scopes)} scopes, {sum(scope.writes for scope in scopes)} of them write"
        say(printable(f"{reach.severity.value:<9} {integration.display_text}: {words}"))
        if reach.powers:
            say(printable(reach.powers[0].sentence), indent=10)


def show_findings(snapshot: oktahound.Snapshot) -> None:
    """Print the most severe findings with their remedies."""
    found = analysis.findings(snapshot)
    title(f"Findings: {len(found)}, the most severe first")
    for finding in found[:4]:
        say(printable(f"{finding.severity.value:<9} {finding.name}: {finding.title}"), indent=0)
        say(f"To do: {finding.what_to_do}", indent=10)


def show_path(ranking: analysis.Ranking, snapshot: oktahound.Snapshot) -> None:
    """Print the shortest path from the riskiest integration to control of the organization."""
    integrations = snapshot.api_service_integrations.by_id
    ranked = [each for each in ranking if each.node in integrations and each.organization]
    if not ranked:
        title("No API service integration has a path to control of the organization")
        return
    worst = ranked[0]
    title(f"If the secret of {printable(worst.name)} leaks")
    for number, step in enumerate(worst.path.steps, 1):
        start, end = (name_of(worst.graph, node) for node in (step.start, step.end))
        print(f"{number}. {start} -[{step.kind}]-> {end}")
        say(step.why + (f" Assumed: {step.assumption}." if step.assumption else ""), indent=3)


def show_counts(graph: nx.MultiDiGraph[str]) -> None:
    """Print nodes and edges by kind."""
    title(repr(graph).splitlines()[0].strip("<>"))
    for what, kinds in (("nodes", (kind for _, kind in graph.nodes(data="kind"))),
                        ("edges", (kind for _, _, kind in graph.edges(keys=True)))):  # fmt: skip
        counted = Counter(map(str, kinds)).most_common()
        say(f"{what}: {', '.join(f'{kind} {count}' for kind, count in counted)}")


def name_of(graph: nx.MultiDiGraph[str], node: str) -> str:
    """Return a node's name, without characters that control the terminal."""
    return printable(str(graph.nodes[node].get("name", node)))


def title(text: str) -> None:
    """Print an underlined line."""
    print(f"\n{text}\n{'-' * len(text)}")


def say(text: str, indent: int = 0) -> None:
    """Print a text, wrapped at a hundred characters."""
    print(textwrap.fill(text, 100, initial_indent=" " * indent, subsequent_indent=" " * (indent or 10)))


if __name__ == "__main__":
    main()
