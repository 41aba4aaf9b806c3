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
    """What came of a collection of an org full of secrets.

    Attributes:
        org: the org.
        planter: knows the secrets.
        bodies: the answers, as they were sent.
        client: what collected; closed by now.
        auth: its credential.
        snapshot: what was read.
        log: all log lines of all loggers.
        unfinished: a folder with a collection that was interrupted.
        errors: what was raised when the organization could not be read.
        progress: what was told on the way.
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
        """The secrets in a text, as words for where they came from."""
        return self.planter.found_in(said)


class _Lines(logging.Handler):
    """Keeps every record of every logger, as a line and with all that it holds."""

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
    """Stands for a crash."""


def _interrupt(progress: Progress) -> None:
    if progress.entity == "Factor":
        raise Interrupted


def _auth_of(org: SimulatedOrg, kind: str) -> ApiToken | PrivateKeyJwt:
    if kind == "API token":
        return ApiToken(org.api_token)
    return PrivateKeyJwt(org.service_app.client_id, org.service_app.private_key)


def outputs_of(kind: str, folder: Path) -> Outputs:
    """Collect an org with an API token or with a private key: whole, interrupted, and in vain.

    Listings that are refused say back what they were told, credentials included.
    """
    org = SimulatedOrg(seed="secrets", users=16)
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
    """The errors of an organization that cannot be read, for each way in which it cannot."""
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
    """All that an error and those that it came from could tell."""
    texts = traceback.format_exception(error)
    one: BaseException | None = error
    while one is not None:
        texts += [str(one), repr(one), repr(one.args), repr(vars(one))]
        one = one.__cause__ or one.__context__
    return "\n".join(texts)
