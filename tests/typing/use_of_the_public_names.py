"""Typical use of oktahound, for type checkers. This file is never run."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, assert_type

import httpx
import networkx as nx

import oktahound
from oktahound.collecting.progress_bar import ProgressBar
from oktahound.entities import EntityTable
from oktahound.graph import RULES, Edge, OrgIndex
from oktahound.sim import Denial, Fault, SimulatedOrg


def blocking(transport: httpx.BaseTransport) -> oktahound.Snapshot:
    token = oktahound.ApiToken("00...")
    with oktahound.OktaClient("https://contoso.okta.com", token, transport=transport) as client:
        assert_type(client, oktahound.OktaClient)
        assert_type(client.authorize(["okta.users.read"]), frozenset[str] | None)
        for page in client.pages("/api/v1/groups/{id}/users", {"limit": 200}, ids={"id": "00g"}):
            assert_type(page.rows, list[Any])
        with ProgressBar() as bar:
            snapshot = oktahound.collect(client, only=[oktahound.User], progress=bar)
    assert_type(snapshot, oktahound.Snapshot)
    return snapshot


async def asynchronous(transport: httpx.AsyncBaseTransport) -> None:
    key = oktahound.PrivateKeyJwt("0oa", Path("key.pem"), scopes=["okta.users.read"])
    async with oktahound.AsyncOktaClient.from_config(transport=transport) as configured:
        assert_type(configured, oktahound.AsyncOktaClient)
    async with oktahound.AsyncOktaClient("https://contoso.okta.com", key, transport=transport) as client:
        assert_type(await oktahound.collect_async(client), oktahound.Snapshot)
        assert_type(await client.list("/api/v1/users"), list[Any])


def entities(snapshot: oktahound.Snapshot) -> None:
    assert_type(snapshot.users, EntityTable[oktahound.User])
    assert_type(snapshot.rows(oktahound.User), EntityTable[oktahound.User])
    assert_type(snapshot.users.find(login="ann@contoso.com"), oktahound.User | None)
    assert_type(snapshot.users[0], oktahound.User)
    users: tuple[oktahound.User, ...] = snapshot.users[:3]
    assert_type(len(users), int)
    assert_type(snapshot.organization, oktahound.Organization)
    assert_type(snapshot.gaps, tuple[oktahound.Gap, ...])
    integration = snapshot.api_service_integrations[0]
    assert_type(integration.id, str)
    assert_type(integration.name, str | None)
    assert_type(integration.oauth_scopes, tuple[oktahound.OAuthScope, ...] | None)
    assert_type(integration.created_at, datetime | None)
    assert_type(oktahound.OAuthScope("okta.users.read").access, str)
    assert_type(oktahound.Snapshot.load("contoso.okta"), oktahound.Snapshot)


def graphs(snapshot: oktahound.Snapshot) -> None:
    graph: nx.MultiDiGraph[str] = oktahound.build_graph(snapshot)
    assert_type(oktahound.attack_view(graph), "nx.MultiDiGraph[str]")
    for edge in RULES[0].body(OrgIndex(snapshot)):
        if isinstance(edge, Edge):
            assert_type(edge.kind.name, str)


def simulated() -> None:
    org = SimulatedOrg(seed=1, users=10)
    assert_type(org.fail("GET /api/v1/users", times=2), Fault)
    assert_type(org.forbid("okta.users.read"), Denial)
    assert_type(oktahound.sim.SimulatedOrg.empty(), SimulatedOrg)


def errors() -> None:
    try:
        oktahound.ApiToken("")
    except oktahound.errors.ScopeNotGrantedError as error:
        assert_type(error.scopes, tuple[str, ...])
    except oktahound.errors.RequestError as error:
        assert_type(error.status, int | None)
