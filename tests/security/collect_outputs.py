"""Collect an org whose responses are full of marked secrets, and return all outputs."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import attrs

from oktahound import ApiToken, OktaClient, OktaHoundError, PrivateKeyJwt, Progress, Snapshot, collect
from oktahound.sim import SimulatedOrg
from security.planted_secrets import PlantingTransport, SecretPlanter

__all__ = ["Outputs", "outputs_of", "texts_of"]


@attrs.frozen
class Outputs:
    """All outputs of a collection of an org with planted secrets.

    Attributes:
        org: the org.
        planter: the generator of the planted secrets.
        bodies: the bodies of the responses.
        client: the client, which is closed.
        auth: the credential of the client.
        snapshot: the collected snapshot.
        log: all log lines of all loggers.
        unfinished: a folder with an interrupted collection.
        errors: the errors of collections of which the organization could not be read.
        progress: all progress objects.
    """

    org: SimulatedOrg
    planter: SecretPlanter
    bodies: list[bytes]
    client: OktaClient
    auth: ApiToken | PrivateKeyJwt
    snapshot: Snapshot
    log: str
    unfinished: Path
    errors: list[OktaHoundError]
    progress: list[Progress]

    def leaks(self, said: str | bytes) -> set[str]:
        """Return the places of the secrets in a text."""
        return self.planter.found_in(said)


class _Lines(logging.Handler):
    """A handler that keeps the text and all attributes of every record of every logger."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines += [self.format(record), repr(vars(record))]


@contextmanager
def _everything_logged() -> Iterator[list[str]]:
    root, handler = logging.getLogger(), _Lines()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield handler.lines
    finally:
        root.setLevel(level)
        root.removeHandler(handler)


class Interrupted(Exception):
    """An exception that simulates a crash."""


def _interrupt(progress: Progress) -> None:
    if progress.entity == "Factor":
        raise Interrupted


def _auth_of(org: SimulatedOrg, kind: str) -> ApiToken | PrivateKeyJwt:
    if kind == "API token":
        return ApiToken(org.api_token)
    return PrivateKeyJwt(org.service_app.client_id, org.service_app.private_key)


def outputs_of(kind: str, folder: Path) -> Outputs:
    """Collect an org with an API token or with a private key: completely, interrupted, and with errors.

    Error responses repeat the request, including the credentials.
    """
    org = SimulatedOrg(seed="secrets", users=4)
    org.fail("GET /api/v1/devices", status=400, times=None)
    org.deny("GET /api/v1/agentPools")
    org.unlicense("GET /api/v1/realms")
    planter, progress = SecretPlanter(), list[Progress]()
    planter.own_secrets.update((org.api_token, org.service_app.private_key["d"]))
    transport = PlantingTransport(org.transport, planter)
    auth = _auth_of(org, kind)
    with _everything_logged() as lines, OktaClient(org.url, auth, transport=transport) as client:
        snapshot = collect(
            client,
            mfa="all",
            deprovisioned=True,
            bindings=True,
            signing_keys=True,
            trust_boundaries=True,
            progress=progress.append,
        )
        with suppress(Interrupted):
            collect(client, into=folder / "unfinished.okta", progress=_interrupt)
        errors = _errors(org, client)
    return Outputs(
        org=org,
        planter=planter,
        bodies=transport.bodies,
        client=client,
        auth=auth,
        snapshot=snapshot,
        log="\n".join(lines),
        unfinished=folder / "unfinished.okta",
        errors=errors,
        progress=progress,
    )


def _errors(org: SimulatedOrg, client: OktaClient) -> list[OktaHoundError]:
    """Return the errors of collections of which the organization cannot be read, for each status."""
    found: list[OktaHoundError] = []
    for status, code in [(400, "E0000001"), (401, "E0000011"), (403, "E0000006"), (404, "E0000007")]:
        fault = org.fail("GET /api/v1/org", status=status, code=code, times=None)
        try:
            collect(client)
        except OktaHoundError as error:
            found.append(error)
        fault.lift()
    return found


def texts_of(error: BaseException) -> str:
    """Return all texts of an error and its causes."""
    texts = traceback.format_exception(error)
    one: BaseException | None = error
    while one is not None:
        texts += [str(one), repr(one), repr(one.args), repr(vars(one))]
        one = one.__cause__ or one.__context__
    return "\n".join(texts)
