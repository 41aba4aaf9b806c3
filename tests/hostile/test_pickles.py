"""Objects with secrets can be neither pickled nor copied; all others are equal after a round trip."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import attrs
import networkx as nx
import pytest

import oktahound
from hostile.corruption import TEXTS, collected
from oktahound import ApiToken, AsyncOktaClient, Gap, OktaClient, PrivateKeyJwt, Snapshot, build_graph
from oktahound.bloodhound import BearerToken, SignedToken
from oktahound.entities import ENTITIES
from oktahound.sim import SimulatedOrg

ORG = SimulatedOrg(seed="pickles", users=4)
TOKEN = ApiToken(ORG.api_token)
HOLDERS = [
    TOKEN,
    PrivateKeyJwt(ORG.service_app.client_id, ORG.service_app.private_key),
    AsyncOktaClient(ORG.url, TOKEN, transport=ORG.transport),
    SignedToken("11111111-2222-4333-8444-555555555555", "a2V5"),
    BearerToken("a.b.c"),
]


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return collected(lambda _, value: TEXTS["nul"] if isinstance(value, str) else value)


@pytest.mark.parametrize("how", [pickle.dumps, copy.copy, copy.deepcopy], ids=lambda each: each.__name__)
@pytest.mark.parametrize("holder", HOLDERS, ids=lambda each: type(each).__name__)
def test_objects_with_secrets_refuse_pickling_and_copying(holder: Any, how: Callable[[Any], Any]) -> None:
    with pytest.raises(TypeError, match=f"{type(holder).__name__} contains a secret"):
        how(holder)


def test_a_blocking_client_refuses_pickling_and_copying() -> None:
    with OktaClient(ORG.url, TOKEN, transport=ORG.transport) as client:
        for how in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError, match="OktaClient contains a secret"):
                how(client)


def test_every_class_with_secrets_is_tested() -> None:
    credentials = {oktahound.ApiToken, oktahound.PrivateKeyJwt, SignedToken, BearerToken}
    assert credentials <= {type(each) for each in HOLDERS}
    # A public class with a field that is not in its repr contains a secret.
    public = {getattr(oktahound, name) for name in oktahound.__all__} | {*ENTITIES}
    hiding = {
        each
        for each in public
        if isinstance(each, type)
        and attrs.has(each)
        and any(field.repr is False for field in attrs.fields(each))
    }
    assert hiding <= {type(each) for each in HOLDERS}


def test_snapshots_gaps_and_graphs_are_equal_after_pickling(snapshot: Snapshot) -> None:
    assert pickle.loads(pickle.dumps(snapshot)) == snapshot
    assert copy.deepcopy(snapshot) == snapshot
    gap = Gap(entity="User", reason=oktahound.GapReason.FORBIDDEN, request="GET /api/v1/users")
    assert pickle.loads(pickle.dumps(gap)) == gap
    graph = build_graph(snapshot)
    again = pickle.loads(pickle.dumps(graph))
    assert nx.utils.graphs_equal(graph, again)
    assert graph.graph == again.graph


def test_errors_keep_their_text_and_attributes_when_pickled() -> None:
    fault = ORG.fail("GET /api/v1/org", status=400, times=None)
    with (
        OktaClient(ORG.url, TOKEN, transport=ORG.transport) as client,
        pytest.raises(oktahound.OktaHoundError) as raised,
    ):
        client.get("/api/v1/org")
    fault.lift()
    again = pickle.loads(pickle.dumps(raised.value))
    assert (type(again), str(again)) == (type(raised.value), str(raised.value))
