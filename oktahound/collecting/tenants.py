"""Look up the Microsoft Entra tenant of a domain at Microsoft. Only used if the caller requests it.

Okta has the tenant id of some Office 365 applications. For others (SAML and WS-Federation) it has only the
first part of the ``onmicrosoft.com`` domain. Entra publishes the tenant id of every domain, in the issuer of
its OpenID configuration: https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import aclosing
from typing import TypeAlias

import attrs
import httpx

from oktahound.client._body import BodyTooLargeError, DamagedBodyError, parse_json, read_body
from oktahound.client._network import network_transport
from oktahound.client._route import route_to
from oktahound.client._transport import TransportClient, is_permanent, reason_of
from oktahound.clock import Clock
from oktahound.entities import Application, EntityTable, entra_tenant_id
from oktahound.errors import ConfigurationError
from oktahound.snapshot import Gap, GapReason, Snapshot

__all__ = ["TenantLookup", "lookup_of", "with_entra_tenants"]

_CONFIGURATION = "https://{host}/{domain}/v2.0/.well-known/openid-configuration"
_WORLDWIDE = "login.microsoftonline.com"
# National clouds have only their own domains.
_CLOUDS = (
    (".onmicrosoft.us", "login.microsoftonline.us"),
    (".onmschina.cn", "login.partner.microsoftonline.cn"),
)
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_GUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_TRIES = 3
_LARGEST_ANSWER = 1024 * 1024


@attrs.frozen
class _Unknown:
    """The reason why the tenant of a domain is unknown.

    Attributes:
        why: the reason.
        status: HTTP status of the response, if there was one.
    """

    why: str
    status: int | None = None


_Answer: TypeAlias = str | _Unknown


@attrs.define(eq=False)
class TenantLookup:
    """Looks up the tenants of domains at Microsoft, each domain once.

    Pass the same object to several collections to reuse its results. Failed lookups are repeated. It uses its
    own connection to Microsoft's sign-in hosts, without Okta's credential, and follows no redirect.

    Attributes:
        transport: an httpx transport to use instead of the network. It is closed after each collection.
        timeout: seconds without a byte after which a connection counts as broken.
        known: the tenant ids found so far, by domain.
    """

    transport: httpx.AsyncBaseTransport | None = attrs.field(default=None, repr=False)
    timeout: float = 10.0
    known: dict[str, str] = attrs.field(factory=dict, init=False, repr=False)

    async def find(self, domains: set[str], clock: Clock) -> Mapping[str, _Answer]:
        """Look up the tenants of domains. Returns the tenant id of each, or the reason why it is unknown."""
        answers: dict[str, _Answer] = {}
        wanted = sorted(domains - self.known.keys())
        if wanted:
            http = TransportClient(
                _Network() if self.transport is None else self.transport,
                timeout=self.timeout,
                max_body=_LARGEST_ANSWER,
                user_agent=f"oktahound httpx/{httpx.__version__}",
            )
            async with aclosing(http):
                for domain in wanted:  # there are one or two in an org
                    answers[domain] = await _look_up(http, domain, clock)
        self.known |= {domain: answer for domain, answer in answers.items() if isinstance(answer, str)}
        return {**answers, **{domain: self.known[domain] for domain in domains & self.known.keys()}}


class _Network(httpx.AsyncBaseTransport):
    """Sends requests to each host by the route that the environment configures for the host."""

    def __init__(self) -> None:
        self._by_host: dict[str, httpx.AsyncBaseTransport] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        if host not in self._by_host:
            self._by_host[host] = network_transport(route_to(request.url))
        return await self._by_host[host].handle_async_request(request)

    async def aclose(self) -> None:
        for transport in self._by_host.values():
            await transport.aclose()


async def _look_up(http: TransportClient, domain: str, clock: Clock) -> _Answer:
    host = next((host for suffix, host in _CLOUDS if domain.endswith(suffix)), _WORLDWIDE)
    request = http.build_request("GET", _CONFIGURATION.format(host=host, domain=domain))
    answer: _Answer = _Unknown("no response")
    for tried in range(1, _TRIES + 1):
        answer, again = await _exchange(http, request)
        if not again or tried == _TRIES:
            break
        await clock.sleep(float(tried))
    return answer


async def _exchange(http: TransportClient, request: httpx.Request) -> tuple[_Answer, bool]:
    """Send one request. Returns the tenant id, or the reason why it is unknown, and whether to retry."""
    status: int | None = None
    try:
        response = await http.send(request)
        status = response.status_code
        try:
            body = await read_body(response, _LARGEST_ANSWER)
        finally:
            await response.aclose()
    except BodyTooLargeError:
        return _Unknown("the response is too large", status), False
    except (DamagedBodyError, ConfigurationError) as error:
        return _Unknown(str(error) or "the response does not decompress", status), False
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        return _Unknown(reason_of(error)), not is_permanent(error)
    if status != 200:
        words = "there is no such tenant" if status in {400, 404} else "Microsoft's sign-in host failed"
        return _Unknown(words, status), status == 429 or status >= 500
    tenant = entra_tenant_id([_issuer(body)])
    return (tenant, False) if tenant else (_Unknown("the response contains no tenant id", status), False)


def _issuer(body: bytes) -> str | None:
    document = parse_json(body)
    issuer = document.get("issuer") if isinstance(document, dict) else None
    return issuer if isinstance(issuer, str) else None


def lookup_of(choice: bool | TenantLookup) -> TenantLookup | None:
    """Return the lookup for the option `entra_tenants`; None for False.

    Raises:
        ConfigurationError: `choice` is neither a bool nor a lookup, or a network variable of the
            environment is invalid.
    """
    if choice is False:
        return None
    lookup = TenantLookup() if choice is True else choice
    if not isinstance(lookup, TenantLookup):
        raise ConfigurationError(f"entra_tenants= must be True, False or a TenantLookup, not {choice!r}")
    if lookup.transport is None:
        route_to(httpx.URL(f"https://{_WORLDWIDE}"))  # raises configuration errors before the org is read
    return lookup


async def with_entra_tenants(snapshot: Snapshot, lookup: TenantLookup | None, clock: Clock) -> Snapshot:
    """Return the snapshot with the tenant ids of its Office 365 applications, looked up at Microsoft.

    Sets `Application.microsoft_tenant_id` if it is missing and `setting_msft_tenant` is a domain. If the
    tenant remains unknown, a gap contains the reason; no row is lost. Without a lookup the snapshot is
    unchanged.
    """
    if lookup is None:
        return snapshot
    domains = {app.id: _domain(app) for app in snapshot.applications if _lacks_tenant(app)}
    known_domains = {domain for domain in domains.values() if domain is not None}
    answers = await lookup.find(known_domains, clock)
    apps, gaps = [], list(snapshot.gaps)
    for app in snapshot.applications:
        if app.id not in domains:
            apps.append(app)
            continue
        domain = domains[app.id]
        answer = _Unknown("msftTenant is not a domain name") if domain is None else answers[domain]
        if isinstance(answer, _Unknown):
            apps.append(app)
            gaps.append(_gap(app, answer))
        else:
            apps.append(attrs.evolve(app, microsoft_tenant_id=answer))
    return attrs.evolve(
        snapshot, applications=EntityTable(Application, apps), gaps=tuple(sorted(gaps, key=str))
    )


def _lacks_tenant(app: Application) -> bool:
    known_id = _GUID.fullmatch((app.microsoft_tenant_id or "").strip())
    return app.app_type == "office365" and not known_id and bool((app.setting_msft_tenant or "").strip())


def _domain(app: Application) -> str | None:
    """Return the full domain. Okta expects the part before ``.onmicrosoft.com``, but some enter all of it."""
    given = (app.setting_msft_tenant or "").strip().lower()
    domain = given if "." in given else f"{given}.onmicrosoft.com"
    return domain if _DOMAIN.fullmatch(domain) and len(domain) <= 253 else None


def _gap(app: Application, unknown: _Unknown) -> Gap:
    return Gap(
        entity=Application.__name__,
        reason=GapReason.FIELD,
        request=f"GET {_CONFIGURATION.format(host=_WORLDWIDE, domain='{domain}')}",
        status=unknown.status,
        # Everything that Okta sent about the application was read.
        record=app.id,
        detail=f"the Entra tenant of the application is unknown: {unknown.why}",
    )
