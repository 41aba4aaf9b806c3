"""Make the pictures of the README and the docs from the simulated organization (needs ``oktahound[plot]``).

Run it in the repository: ``python docs/pictures/make_pictures.py``.
"""

from __future__ import annotations

from pathlib import Path

import oktahound
from oktahound import analysis, plot

HERE = Path(__file__).parent


def shared_key() -> plot.Picture:
    """Draw the paths of an administrator whose application shares its key with two others."""
    org = oktahound.sim.SimulatedOrg.empty()
    ann = org.add_user("ann@contoso.com")
    sign_on = oktahound.sim.SamlSignOn(acs_url="https://wiki.example/acs", audience="https://wiki.example")
    wiki = org.add_app("contoso_wiki_1", label="Wiki", saml=sign_on)
    tenant = {"microsoftTenantId": "11111111-2222-4333-8444-555555555555"}
    office = org.add_app("office365", label="Office 365", sign_on_mode="WS_FEDERATION", settings=tenant)
    github = org.add_app("githubcloud", label="GitHub", settings={"githubOrg": "contoso"})
    for app in (wiki, github):
        org.share_signing_key(office, app)
    org.assign_role(ann, "APP_ADMIN", apps=[wiki])
    with oktahound.OktaClient(org.url, oktahound.ApiToken(org.api_token), transport=org.transport) as client:
        graph = oktahound.build_graph(oktahound.collect(client), saml=True)
    radius = analysis.blast_radius(graph, ann)
    ends = [each for each in radius.nodes if graph.nodes[each]["kind"] in {"AZTenant", "GH_Organization"}]
    return plot.paths(graph, [radius.path(each) for each in sorted(ends)])


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
        "signing-key": shared_key(),
    }
    for name, picture in pictures.items():
        path = picture.save(HERE / f"{name}.svg")
        path.chmod(0o644)  # readable by all, because the organization is simulated
        print(path)


if __name__ == "__main__":
    main()
