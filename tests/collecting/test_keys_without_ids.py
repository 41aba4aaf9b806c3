"""Keys without ids in an application: only then their own listing is requested, once."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from oktahound import GapReason, Snapshot
from oktahound.entities import JsonWebKey

LISTING = r"/api/v1/apps/[^/]+/credentials/jwks"


def with_keys(okta: Any, *keys: dict[str, Any]) -> None:
    """Put one application into the org that holds these keys."""
    client = {"application_type": "service", "jwks": {"keys": list(keys)}}
    okta.routes["/api/v1/apps"] = [{"id": "0oa1", "settings": {"oauthClient": client}}]


def ids(snapshot: Snapshot) -> set[str]:
    return {key.id for key in snapshot.json_web_keys}


def test_keys_with_ids_need_no_request(okta: Any) -> None:
    with_keys(okta, {"id": "pks1", "kid": "one", "kty": "RSA"})
    assert ids(okta.collect(JsonWebKey)) == {"pks1"}
    assert okta.count(LISTING) == 0


KEY = {"id": "pks1", "kid": "one", "kty": "RSA", "status": "INACTIVE"}


@pytest.mark.parametrize("answer", [[KEY], {"keys": [KEY]}, {"jwks": {"keys": [KEY]}}])
def test_every_recorded_shape_of_the_listing_of_keys_is_read(okta: Any, answer: Any) -> None:
    with_keys(okta, {"kid": "one", "kty": "RSA"})
    okta.routes["/api/v1/apps/0oa1/credentials/jwks"] = lambda _: httpx.Response(200, json=answer)
    snapshot = okta.collect(JsonWebKey)
    assert ids(snapshot) == {"one", "pks1"}
    (listed,) = (key for key in snapshot.json_web_keys if key.id == "pks1")
    assert (listed.status, listed.app_id) == ("INACTIVE", "0oa1")
    assert (okta.count(LISTING), snapshot.gaps) == (1, ())


def test_a_response_of_another_shape_is_a_gap_and_the_embedded_keys_stay(okta: Any) -> None:
    with_keys(okta, {"kid": "one", "kty": "RSA"})
    okta.routes["/api/v1/apps/0oa1/credentials/jwks"] = lambda _: httpx.Response(200, json={"keys": "none"})
    snapshot = okta.collect(JsonWebKey)
    assert ids(snapshot) == {"one"}
    (gap,) = snapshot.gaps
    assert (gap.reason, gap.parent, gap.request) == (
        GapReason.PROTOCOL,
        "0oa1",
        "GET /api/v1/apps/{id}/credentials/jwks",
    )
