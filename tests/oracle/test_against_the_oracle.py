"""The graph of a collected org, compared edge by edge with a second, naive computation from its documents."""

from __future__ import annotations

import pytest

import oktahound
from oktahound import ApiToken, OktaClient
from oktahound.sim import SimulatedOrg
from oracle.boundaries import KINDS as BOUNDARY_KINDS
from oracle.boundaries import Boundaries
from oracle.edits import edit, edit_boundaries
from oracle.naive import KINDS, Naive


def assert_as_expected(org: SimulatedOrg) -> None:
    with OktaClient(org.url, ApiToken(org.api_token), transport=org.transport) as client:
        snapshot = oktahound.collect(client)
    assert snapshot.gaps == ()
    graph = oktahound.build_graph(snapshot)
    drawn = {
        (start, kind, end): properties.get("active", True)
        for start, end, kind, properties in graph.edges(keys=True, data=True)
        if kind in KINDS
    }
    expected = Naive(org, snapshot.collected_at.isoformat()).edges()
    assert {kind for _, kind, _ in expected} <= KINDS
    assert drawn.keys() - expected.keys() == set(), "drawn, and not expected"
    assert expected.keys() - drawn.keys() == set(), "expected, and not drawn"
    assert {key for key, active in expected.items() if active != drawn[key]} == set(), "active or not"


@pytest.mark.parametrize(("seed", "users"), [(1, 60), (2, 120), (3, 200), ("four", 90)])
def test_the_graph_of_a_generated_org_equals_the_oracle(seed: int | str, users: int):
    assert_as_expected(SimulatedOrg(seed=seed, users=users))


@pytest.mark.parametrize(
    "seed", [*range(8), *(pytest.param(seed, marks=pytest.mark.deep) for seed in range(8, 48))]
)
def test_the_graph_of_an_edited_org_equals_the_oracle(seed: int):
    org = SimulatedOrg(seed=seed, users=40 + seed)
    edit(org, seed)
    assert_as_expected(org)


def test_the_edited_orgs_have_every_kind_of_edge():
    seen = set()
    for seed in range(8):
        org = SimulatedOrg(seed=seed, users=60)
        edit(org, seed)
        seen |= {kind for (_, kind, _), active in Naive(org, "2026-02-01").edges().items() if active}
    assert seen == KINDS


@pytest.mark.parametrize("seed", range(4))
def test_trust_boundaries_and_saml_trust_of_an_edited_org_equal_the_oracle(seed: int):
    org = SimulatedOrg(seed=seed, users=40)
    edit(org, seed)
    edit_boundaries(org, seed)
    with OktaClient(org.url, ApiToken(org.api_token), transport=org.transport) as client:
        snapshot = oktahound.collect(client, mfa="all", trust_boundaries=True, signing_keys=True)
    assert snapshot.gaps == ()
    graph = oktahound.build_graph(snapshot, trust_boundaries=True, saml=True)
    drawn = {
        (start, kind, end): properties.get("active", True)
        for start, end, kind, properties in graph.edges(keys=True, data=True)
        if kind in BOUNDARY_KINDS
    }
    expected = Boundaries(org, snapshot.collected_at.isoformat()).edges()
    assert drawn.keys() - expected.keys() == set(), "drawn, and not expected"
    assert expected.keys() - drawn.keys() == set(), "expected, and not drawn"
    assert {key for key, active in expected.items() if active != drawn[key]} == set(), "active or not"
    assert {kind for _, kind, _ in expected} == BOUNDARY_KINDS
