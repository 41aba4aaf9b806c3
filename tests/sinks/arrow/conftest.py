"""The simulated organization of the tests of Arrow tables."""

from __future__ import annotations

import pytest

from oktahound import ApiToken, OktaClient, Snapshot, collect
from oktahound.sim import SimulatedOrg


@pytest.fixture(scope="session")
def snapshot() -> Snapshot:
    org = SimulatedOrg(seed=1, users=20)
    with OktaClient(org.url, ApiToken(org.api_token), transport=org.transport) as client:
        return collect(client)
