"""If an org refuses requests, the graph has no additional edge."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import networkx as nx
import pytest

import oktahound
from oktahound import ApiToken, OktaClient, PrivateKeyJwt, Snapshot, attack_view
from oktahound.collecting import make_plan
from oktahound.entities import ENTITIES
from oktahound.sim import SamlSignOn, SimulatedOrg
from properties.graphs import active, edges_of, graph_of, reach

PLAN = make_plan(options={"signing_keys": True, "trust_boundaries": True})
SCOPES = [scope for scope in PLAN.scopes if scope != "okta.orgs.read"]
PATHS = sorted({read.endpoint.path for read in PLAN.reads} - {"/api/v1/org"})


def furnished() -> SimulatedOrg:
    """Return an org in which many edges depend on listings that may be refused."""
    org = SimulatedOrg(seed=3, users=24)
    world = org.world
    users = [user["id"] for user in world["users"].documents() if user["status"] == "ACTIVE"]
    groups = {group["profile"]["name"]: group["id"] for group in world["groups"].documents()}
    for user, role in zip(
        users[10:14], ("HELP_DESK_ADMIN", "USER_ADMIN", "ORG_ADMIN", "MOBILE_ADMIN"), strict=True
    ):
        org.assign_role(user, role)
    org.assign_role(groups["Marketing"], "GROUP_MEMBERSHIP_ADMIN")
    org.assign_role(users[14], "APP_ADMIN")
    directory = next(app["id"] for app in world["apps"].documents() if app["name"] == "active_directory")
    mirrored = next(group["id"] for group in world["groups"].documents() if "objectSid" in group["profile"])
    org.push_group(directory, groups["Marketing"], target=mirrored)
    wiki = SamlSignOn(
        acs_url="https://wiki.example.com/acs",
        audience="https://wiki.example.com",
        idp_issuer="https://idp.example.com",
        attributes={"email": "user.email", "department": "user.department"},
        more_acs_urls=["https://wiki.example.com/test"],
    )
    app = org.add_app("contoso_wiki_1", saml=wiki)
    org.assign_user(app, users[9])
    org.share_signing_key(
        app, next(each["id"] for each in world["apps"].documents() if each["name"] == "githubcloud")
    )
    return org


def collected(org: SimulatedOrg, auth: Any = None) -> Snapshot:
    with OktaClient(
        org.url, auth or ApiToken(org.api_token), transport=org.transport, retry_budget=0
    ) as client:
        return oktahound.collect(client, signing_keys=True, trust_boundaries=True)


WHOLE = collected(furnished())
GRAPH, TARGETS = graph_of(WHOLE), graph_of(WHOLE, "targets")
EDGES, ACTIVE, REACH = edges_of(GRAPH), active(GRAPH), reach(TARGETS)


def usable(graph: nx.MultiDiGraph) -> set[Any]:
    """Return the edges that paths may use."""
    return set(attack_view(graph).edges(keys=True))


USABLE, USABLE_WITH_TARGETS = usable(GRAPH), usable(TARGETS)


def assert_nothing_is_added(lossy: Snapshot) -> nx.MultiDiGraph:
    """Check that an organization of which less was read has no new edge and no new path.

    Returns:
        Its graph, for further checks.
    """
    graph = graph_of(lossy)
    assert edges_of(graph).keys() <= EDGES.keys()
    assert active(graph) <= ACTIVE
    assert usable(graph) <= USABLE
    with_targets = graph_of(lossy, "targets")
    # The same edges make the same paths. Sets of targets have other names when they lose a member.
    if not usable(with_targets) <= USABLE_WITH_TARGETS:
        assert all(reached <= REACH[node] for node, reached in reach(with_targets).items() if reached)
    return graph


def test_without_refusals_the_org_has_no_gaps_and_has_paths():
    assert WHOLE.gaps == ()
    assert GRAPH.graph["withheld"] == GRAPH.graph["unsure"] == {}
    assert len(ACTIVE) > 500


LEAVES = {
    "hooks and logs": ("/api/v1/eventHooks", "/api/v1/inlineHooks", "/api/v1/logStreams", "/api/v1/zones"),
    "credentials": (
        "/api/v1/api-tokens",
        "/api/v1/apps/{id}/credentials/jwks",
        "/api/v1/apps/{id}/credentials/keys",
        "/api/v1/apps/{id}/credentials/secrets",
        "/api/v1/idps/credentials/keys",
        "/integrations/api/v1/api-services/{id}/credentials/secrets",
        "/workload-principals/api/v1/ai-agents/{id}/credentials/jwks",
    ),
    "workloads": (
        "/privileged-access/api/v1/okta-service-accounts",
        "/resource-servers/api/v1/mcp-servers",
        "/workload-principals/api/v1/ai-agents/{id}/connections",
        "/workload-principals/api/v1/delegation-links",
        "/workload-principals/api/v1/mcp-servers/{id}/connections",
    ),
    "devices and directories": ("/api/v1/agentPools", "/api/v1/devices", "/api/v1/realms"),
}
"""Listings of objects that no right, membership or target depends on. One collection refuses several of them,
because the refusal of one cannot hide an edge that the refusal of another adds."""


def withheld_scopes() -> Iterator[Any]:
    """Yield the scopes that an application lacks: each alone, and those of the leaves of a group together.

    Those of leaves alone are for ``nox -s deep``.
    """
    listed: dict[str, set[str]] = {}
    for read in PLAN.reads:
        for scope in read.endpoint.scopes:
            listed.setdefault(scope, set()).add(read.endpoint.path)
    in_groups = set()
    for name, paths in LEAVES.items():
        together = [scope for scope in SCOPES if listed[scope] <= {*paths}]
        in_groups.update(together)
        yield pytest.param(together, id=name)
    for scope in SCOPES:
        marks = [pytest.mark.deep] if scope in in_groups else []
        yield pytest.param([scope], id=scope, marks=marks)


@pytest.mark.parametrize("scopes", list(withheld_scopes()))
def test_without_a_scope_the_rest_works_and_the_gaps_name_the_scope(scopes: list[str]):
    org = furnished()
    # A proof for each request would take a third of the time.
    app = org.add_service_app(scopes=[each for each in PLAN.scopes if each not in scopes], dpop=False)
    lossy = collected(org, PrivateKeyJwt(app.client_id, app.private_key, dpop=False))
    needed = {(scope, read.cls.__name__) for read in PLAN.reads for scope in read.endpoint.scopes}
    named = {(scope, gap.entity) for gap in lossy.gaps for scope in gap.missing_scopes}
    assert named == {(scope, entity) for scope, entity in needed if scope in scopes}
    # All other gaps are of entities that are found only through these.
    assert {gap.reason.value for gap in lossy.gaps if not gap.missing_scopes} <= {"parent not read"}
    without = {gap.entity for gap in lossy.gaps}
    for cls in ENTITIES:
        if cls.__name__ not in without:
            assert lossy.rows(cls) == WHOLE.rows(cls), cls
        else:
            assert set(lossy.rows(cls)) <= set(WHOLE.rows(cls)) or cls.__name__ == "PushTargetGroup"
    assert not any(request.status == 403 for request in org.requests)
    assert_nothing_is_added(lossy)


def refusals() -> Iterator[Any]:
    """Yield the paths to refuse together, with the way to refuse them.

    Most listings that break off, and leaves alone, are for ``nox -s deep``.
    """
    often = {"/api/v1/users", "/api/v1/groups/{id}/users", "/api/v1/iam/assignees/users"}
    in_groups = {path for paths in LEAVES.values() for path in paths}
    assert in_groups <= {*PATHS}
    for name, paths in LEAVES.items():
        yield pytest.param("forbid", paths, id=f"forbid-{name}")
    for path in PATHS:
        alone = [pytest.mark.deep] if path in in_groups else []
        yield pytest.param("forbid", (path,), id=f"forbid-{path}", marks=alone)
        rare = [] if path in often else [pytest.mark.deep]
        yield pytest.param("break off", (path,), id=f"break off-{path}", marks=rare)


@pytest.mark.parametrize(("refuse", "paths"), list(refusals()))
def test_a_refused_listing_adds_nothing(refuse: str, paths: tuple[str, ...]):
    org = furnished()

    def is_affected(request: Any) -> bool:
        return any(matches(path, request.url.path) for path in paths)

    if refuse == "forbid":
        org.fail(is_affected, status=403, times=None)
    else:
        # The first page of the first such listing comes, the rest of it never does.
        org._server.page_size = 3
        org.fail(is_affected, status=500, skip=1, times=None)
    assert_nothing_is_added(collected(org))


def matches(template: str, path: str) -> bool:
    """Whether a path is one of the paths of a template."""
    pieces = zip(template.split("/"), path.split("/"), strict=False)
    same_length = template.count("/") == path.count("/")
    return same_length and all(piece.startswith("{") or piece == given for piece, given in pieces)
