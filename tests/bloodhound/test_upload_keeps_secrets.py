"""A server that echoes everything it receives cannot make the credential appear in any output."""

from __future__ import annotations

import json
import logging
import pickle
import traceback

import httpx
import pytest

from oktahound.bloodhound import BearerToken, SignedToken, upload
from oktahound.errors import OktaHoundError

KEY = "CANARYkey0123456789"
JWT = "CANARYjwt0123456789"
AUTHS = [SignedToken("7a3b", KEY), BearerToken(JWT)]


def echo(status):
    async def answer(request):
        await request.aread()
        said = json.dumps(dict(request.headers))
        doc = {"request_id": said, "errors": [{"message": said}]}
        return httpx.Response(status, json=doc, headers={"location": f"https://{JWT}@evil.example/"})

    return httpx.MockTransport(answer)


@pytest.mark.parametrize("auth", AUTHS, ids=["signed", "bearer"])
@pytest.mark.parametrize("status", [200, 302, 400, 401, 403, 404, 429, 500])
def test_no_error_and_no_log_contains_the_credential(status, auth, graph, options, caplog):
    caplog.set_level(logging.DEBUG)
    with pytest.raises(OktaHoundError) as caught:
        upload(
            graph, "https://bloodhound.contoso.com", auth, transport=echo(status), retry_budget=0, **options
        )
    texts = [record.getMessage() for record in caplog.records]
    error: BaseException | None = caught.value
    while error is not None:
        texts += [str(error), repr(error), repr(vars(error)), *traceback.format_exception(error)]
        error = error.__cause__ or error.__context__
    texts.append(pickle.dumps(caught.value).decode("latin-1"))
    assert "CANARY" not in "\n".join(texts)
    assert not any("evil.example" in text for text in texts)


@pytest.mark.parametrize("auth", AUTHS, ids=["signed", "bearer"])
def test_a_credential_has_no_secret_in_its_repr_and_cannot_be_pickled(auth):
    assert "CANARY" not in repr(auth) + str(auth)
    with pytest.raises(TypeError, match="secret"):
        pickle.dumps(auth)
