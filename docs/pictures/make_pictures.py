"""Make the pictures of the README and the docs from the simulated organization (needs ``oktahound[plot]``).

Run it in the repository: ``python docs/pictures/make_pictures.py``.
"""

from __future__ import annotations

from pathlib import Path

import oktahound
from oktahound import analysis, plot

HERE = Path(__file__).parent


def main() -> None:
    """Write one SVG file for each picture."""
    org = oktahound.sim.SimulatedOrg(seed=1, users=200)
    with oktahound.OktaClient(org.url, oktahound.ApiToken(org.api_token), transport=org.transport) as client:
        snapshot = oktahound.collect(client)
    graph = oktahound.build_graph(snapshot, scopes=True)
    integrations = snapshot.api_service_integrations.by_id
    ranking = analysis.riskiest(graph, of="machines")
    worst = next(each for each in ranking if each.node in integrations)
    pictures = {
        "attack-path": plot.paths(graph, worst.path),
        "blast-radius": plot.blast_radius(analysis.blast_radius(graph, worst.node)),
        "machine-identities": plot.machine_identities(snapshot),
        "scope-matrix": plot.scope_matrix(snapshot),
    }
    for name, picture in pictures.items():
        path = picture.save(HERE / f"{name}.svg")
        path.chmod(0o644)  # these are of a simulated organization
        print(path)


if __name__ == "__main__":
    main()
