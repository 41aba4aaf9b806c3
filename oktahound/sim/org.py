"""`SimulatedOrg`, the public class of the simulated organization."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Self

import httpx

from oktahound.clock import Clock, SystemClock
from oktahound.sim.apps import AppMixin
from oktahound.sim.arguments import check_count, check_latency, host_name
from oktahound.sim.boundaries import BoundaryMixin
from oktahound.sim.credentials import Credentials, ServiceApp
from oktahound.sim.directory import DirectoryMixin
from oktahound.sim.faults import Denial, Fault, Mangle, Target
from oktahound.sim.federation import FederationMixin
from oktahound.sim.generate import generate_content
from oktahound.sim.groups import GroupMixin
from oktahound.sim.integrations import IntegrationMixin
from oktahound.sim.limits import Meter, RateLimits, Window
from oktahound.sim.log_events import LogMixin
from oktahound.sim.logs import SystemLog
from oktahound.sim.organization import OrganizationMixin
from oktahound.sim.roles import RoleMixin
from oktahound.sim.routes import ROUTES
from oktahound.sim.routing import Router
from oktahound.sim.server import Received, Server
from oktahound.sim.transport import SimulatedTransport
from oktahound.sim.users import UserMixin
from oktahound.sim.workloads import WorkloadMixin
from oktahound.sim.world import World

__all__ = ["SimulatedOrg"]


class SimulatedOrg(
    OrganizationMixin,
    UserMixin,
    IntegrationMixin,
    GroupMixin,
    AppMixin,
    RoleMixin,
    DirectoryMixin,
    FederationMixin,
    BoundaryMixin,
    WorkloadMixin,
    LogMixin,
):
    """A simulated Okta org that responds over an httpx transport like Okta.

    The same arguments produce the same org, byte for byte. Nothing leaves the process::

        org = SimulatedOrg(seed=1, users=200)
        client = oktahound.OktaClient(org.url, oktahound.ApiToken(org.api_token), transport=org.transport)

    Args:
        seed: the seed of the generated content.
        users: number of users. The numbers of other objects grow with it. None for an `empty` org.
        domain: the host name of the org. Its URL has it in lower case, and in Punycode if it is not ASCII.
        clock: the clock for headers, limits and token lifetimes. Documents do not depend on it.
        rate_limits: requests per minute by bucket; None for limits that are never reached.
        latency: seconds by `clock` that every response takes.
        page_size: maximum page size of all listings; None for Okta's sizes.

    Raises:
        ConfigurationError: an argument is invalid.

    Attributes:
        clock: the clock of the org.
        world: the documents, by collection.
        credentials: the tokens and clients that are accepted.
        transport: both an `httpx.BaseTransport` and an `httpx.AsyncBaseTransport`, for any number
            of clients.
        api_token: the text of a valid API token.
        service_app: a registered OAuth service app that needs DPoP and can read everything.
    """

    def __init__(
        self,
        *,
        seed: int | str = 1,
        users: int | None = 200,
        domain: str = "contoso.okta.com",
        clock: Clock | None = None,
        rate_limits: RateLimits | None = None,
        latency: float = 0.0,
        page_size: int | None = None,
    ) -> None:
        if users is not None:
            check_count("users", users, at_least=0)
        if page_size is not None:
            check_count("page_size", page_size, at_least=1)
        check_latency(latency)
        self.clock = clock or SystemClock()
        self.world = World(seed=seed, domain=host_name(domain))
        self.world.log = SystemLog(self.world.ids, self.clock)
        self.credentials = Credentials(self.world.ids, self.clock)
        meter = Meter(rate_limits, self.clock)
        self._server = Server(self.world, self.credentials, meter, self.clock, Router(ROUTES))
        self._server.page_size = self.world.log.page_size = page_size
        self.transport = SimulatedTransport(self._server, latency=latency)
        self.describe_organization()
        if users is not None:
            generate_content(self, seed, users)
        self._create_credentials()

    @classmethod
    def empty(
        cls,
        *,
        seed: int | str = 1,
        domain: str = "contoso.okta.com",
        clock: Clock | None = None,
        rate_limits: RateLimits | None = None,
        latency: float = 0.0,
        page_size: int | None = None,
    ) -> Self:
        """Create an org without objects; the caller adds them.

        Its API token and its service app are valid, but have no documents.
        """
        return cls(
            seed=seed,
            users=None,
            domain=domain,
            clock=clock,
            rate_limits=rate_limits,
            latency=latency,
            page_size=page_size,
        )

    def _create_credentials(self) -> None:
        ids = self.world.ids
        self.api_token = self.world.keep_secret(ids.secret("own token", prefix="00"))
        self.credentials.register_api_token(self.api_token, ids.new("00T"))
        self.service_app = self.add_service_app(scopes=READ_SCOPES)

    def __repr__(self) -> str:
        size = len(self.world["users"])
        return (
            f"<SimulatedOrg {self.url} with {size} users and {len(self.world['api_services'])} integrations>"
        )

    @property
    def url(self) -> str:
        """The URL of the org, such as ``https://contoso.okta.com``."""
        return self.world.url

    @property
    def domain(self) -> str:
        """The org's host name."""
        return self.world.domain

    @property
    def organization_id(self) -> str:
        """The id of the org."""
        return str(self.world.organization["id"])

    @property
    def requests(self) -> tuple[Received, ...]:
        """The requests received so far, oldest first, without credentials."""
        return tuple(self._server.received)

    @property
    def windows(self) -> tuple[Window, ...]:
        """The usage of the rate limits so far: every window of every bucket, oldest first in each."""
        return self._server.meter.windows()

    @property
    def most_in_flight(self) -> int:
        """The maximum number of concurrent requests so far, of all clients."""
        return self._server.most_in_flight

    def forget_requests(self) -> None:
        """Clear the list of received requests."""
        self._server.received.clear()

    def add_service_app(
        self, *, scopes: Iterable[str], key: Mapping[str, Any] | None = None, dpop: bool = True
    ) -> ServiceApp:
        """Register an OAuth service app that authenticates with ``private_key_jwt``.

        Args:
            scopes: the scopes that an admin granted it.
            key: a private JWK, of which only the public part is registered; by default derived from the seed.
            dpop: whether the org requires a proof of possession, as Okta does by default.
        """
        app = self.credentials.register_app(self.world.ids.new("0oa"), scopes, key, dpop)
        self.world.keep_secret(app.private_key["d"])
        return app

    def revoke_tokens(self, client_id: str | None = None) -> None:
        """Revoke the access tokens of one OAuth client, or of all. Requests with them get a 401."""
        self.credentials.revoke_access_tokens(client_id)

    def remove_key(self, client_id: str) -> None:
        """Remove the key of a service app, so that its next token request is refused."""
        self.credentials.clients[client_id].keys = ()

    def fail(
        self,
        where: str | Callable[[httpx.Request], bool],
        *,
        status: int | None = None,
        code: str | None = None,
        content: bytes | None = None,
        content_type: str | None = None,
        headers: Mapping[str, str | None] | None = None,
        error: type[httpx.TransportError] | None = None,
        in_body: bool = False,
        delay: float = 0.0,
        drip: float = 0.0,
        mangle: Mangle | None = None,
        next_link: str | None = None,
        skip: int = 0,
        times: int | None = 1,
    ) -> Fault:
        """Make requests fail, or corrupt their responses.

        Args:
            where: ``METHOD /path`` or ``/path``, where the path is one path, the template of a route or a
                pattern with ``*``; or a predicate for requests.
            status: the status of the response, with Okta's body for it if `content` is not given.
            code: Okta's error code for the body; by default that of `status`. ``E0000029`` or
                ``E0000031`` with a 400 is a cursor that Okta no longer accepts, ``E0000015`` with a 401 a
                feature that the org lacks.
            content: the body of the response with `status`.
            content_type: the content type of `content`.
            headers: headers to set in the response; None as the value removes the header.
            error: the error with which the connection breaks before the response.
            in_body: whether it breaks after half of the body instead (`httpx.ReadError` by default).
            delay: seconds, by the org's clock, before the response. A delay longer than the client's read
                timeout causes `httpx.ReadTimeout`.
            drip: seconds, by the org's clock, before each piece of the body.
            mangle: a change of the body of a successful response: ``truncate``, ``html``, ``empty``, or
                a function of the bytes.
            next_link: the URL of the next page in the response.
            skip: the number of matching requests that succeed first.
            times: the number of requests with the fault; None for all.

        Returns:
            The fault. `Fault.hits` counts it, and `Fault.lift` ends it. If several match, the first is used.

        Raises:
            ConfigurationError: `where` is a text without a path.
        """
        fault = Fault(
            where=Target.parse(where) if isinstance(where, str) else where,
            status=200 if status is None and content is not None else status,
            code=code,
            content=content,
            content_type=content_type,
            headers=headers or {},
            error=error,
            in_body=in_body,
            delay=delay,
            drip=drip,
            mangle=mangle,
            next_link=next_link,
            skip=skip,
            times=times,
        )
        self._server.faults.append(fault)
        return fault

    def forbid(self, scope: str) -> Denial:
        """Refuse requests that require `scope` with 403 ``E0000006``, as if an admin role were missing."""
        return self._deny(Denial.of_scope(scope))

    def deny(self, where: str) -> Denial:
        """Refuse some requests (written as for `fail`) with 403 ``E0000006``."""
        return self._deny(Denial.of_path(where))

    def unlicense(self, where: str) -> Denial:
        """Refuse some requests (written as for `fail`) with 401 ``E0000015``: the org lacks the feature."""
        return self._deny(Denial.of_path(where, licensed=False))

    def _deny(self, denial: Denial) -> Denial:
        self._server.denials.append(denial)
        return denial


READ_SCOPES = tuple(dict.fromkeys(scope for route in ROUTES for scope in route.scopes))
"""All scopes that endpoints of the simulated org require."""
