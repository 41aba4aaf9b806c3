"""The Microsoft Entra tenant behind a domain: asked of Microsoft, and only when somebody wants that.

Okta knows the tenant's id of some Office 365 applications; of others, those over SAML and WS-Federation, it
knows only the first part of the ``onmicrosoft.com`` domain. Entra publishes the id of every domain to
everybody, in the OpenID configuration of the domain, whose issuer contains it:
https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeAlias

import attrs
import httpx

from oktahound.client._body import BodyTooLargeError, DamagedBodyError, read_body
from oktahound.client._json import parse_json
from oktahound.client._route import route_to
from oktahound.client._transport import is_permanent, network_transport, open_http, reason_of
from oktahound.clock import Clock
from oktahound.entities import Application, EntityTable, entra_tenant_id
from oktahound.errors import ConfigurationError
from oktahound.snapshot import Gap, GapReason, Snapshot

__all__ = ["TenantLookup", "lookup_of", "with_entra_tenants"]

_CONFIGURATION = "https://{host}/{domain}/v2.0/.well-known/openid-configuration"
_WORLDWIDE = "login.microsoftonline.com"
# National clouds answer for their own domains only.
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
    """Why the tenant of a domain is not known.

    Attributes:
        why: in words.
        status: of the answer, if one came.
    """

    why: str
    status: int | None = None


_Answer: TypeAlias = str | _Unknown


@attrs.define(eq=False)
class TenantLookup:
    """Asks Microsoft for the tenants behind domains, each domain once.

    Hand the same object to several collections, and what one has learnt the next need not ask. What failed is
    asked again. No credential of Okta is anywhere near it: it is a connection of its own, to Microsoft's
    sign-in hosts and nowhere else, and it follows no redirect.

    Attributes:
        transport: an httpx transport to use in place of the network; it is closed with each collection.
        timeout: seconds without a byte after which a connection counts as broken.
        known: what was learnt: tenant ids by domain.
    """

    transport: httpx.AsyncBaseTransport | None = attrs.field(default=None, repr=False)
    timeout: float = 10.0
    known: dict[str, str] = attrs.field(factory=dict, init=False, repr=False)

    async def find(self, domains: set[str], clock: Clock) -> Mapping[str, _Answer]:
        """Look up the tenants of some domains: for each, the tenant id, or why it is unknown."""
        answers: dict[str, _Answer] = {}
        wanted = sorted(domains - self.known.keys())
        if wanted:
            async with open_http(
                _Network() if self.transport is None else self.transport,
                timeout=self.timeout,
                max_body=_LARGEST_ANSWER,
                user_agent=f"oktahound httpx/{httpx.__version__}",
            ) as http:
                for domain in wanted:  # there are one or two in an org
                    answers[domain] = await _look_up(http, domain, clock)
        self.known |= {domain: answer for domain, answer in answers.items() if isinstance(answer, str)}
        return {**answers, **{domain: self.known[domain] for domain in domains & self.known.keys()}}


class _Network(httpx.AsyncBaseTransport):
    """Sends to each host by the route that the environment gives for it."""

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


async def _look_up(http: httpx.AsyncClient, domain: str, clock: Clock) -> _Answer:
    host = next((host for suffix, host in _CLOUDS if domain.endswith(suffix)), _WORLDWIDE)
    request = http.build_request("GET", _CONFIGURATION.format(host=host, domain=domain))
    answer: _Answer = _Unknown("no answer")
    for tried in range(1, _TRIES + 1):
        answer, again = await _exchange(http, request)
        if not again or tried == _TRIES:
            break
        await clock.sleep(float(tried))
    return answer


async def _exchange(http: httpx.AsyncClient, request: httpx.Request) -> tuple[_Answer, bool]:
    """Send once: the tenant id or why it is unknown, and whether another attempt can help."""
    status: int | None = None
    try:
        response = await http.send(request, stream=True, auth=None, follow_redirects=False)
        status = response.status_code
        try:
            body = await read_body(response, _LARGEST_ANSWER)
        finally:
            await response.aclose()
    except BodyTooLargeError:
        return _Unknown("the answer is too large", status), False
    except (DamagedBodyError, ConfigurationError) as error:
        return _Unknown(str(error) or "the answer does not decompress", status), False
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        return _Unknown(reason_of(error)), not is_permanent(error)
    if status != 200:
        words = "there is no such tenant" if status in {400, 404} else "Microsoft did not answer"
        return _Unknown(words, status), status == 429 or status >= 500
    tenant = entra_tenant_id([_issuer(body)])
    return (tenant, False) if tenant else (_Unknown("the answer names no tenant", status), False)


def _issuer(body: bytes) -> str | None:
    document = parse_json(body)
    issuer = document.get("issuer") if isinstance(document, dict) else None
    return issuer if isinstance(issuer, str) else None


def lookup_of(choice: bool | TenantLookup) -> TenantLookup | None:
    """The lookup that the option `entra_tenants` means; None for False.

    Raises:
        ConfigurationError: it is neither a bool nor a lookup, or a variable of the network environment
            cannot be used.
    """
    if choice is False:
        return None
    lookup = TenantLookup() if choice is True else choice
    if not isinstance(lookup, TenantLookup):
        raise ConfigurationError(f"entra_tenants= is True, False or a TenantLookup, and not {choice!r}")
    if lookup.transport is None:
        route_to(httpx.URL(f"https://{_WORLDWIDE}"))  # an error here comes before the org is read
    return lookup


async def with_entra_tenants(snapshot: Snapshot, lookup: TenantLookup | None, clock: Clock) -> Snapshot:
    """The snapshot with the tenant ids of its Office 365 applications, as far as Microsoft tells them.

    `Application.microsoft_tenant_id` is filled in where Okta does not say it and `setting_msft_tenant`
    gives a domain. An application whose tenant stays unknown gets a gap that names why; it loses no rows.
    Without a lookup the snapshot stays as it is.
    """
    if lookup is None:
        return snapshot
    domains = {app.id: _domain(app) for app in snapshot.applications if _lacks_tenant(app)}
    asked = {domain for domain in domains.values() if domain is not None}
    answers = await lookup.find(asked, clock)
    apps, gaps = [], list(snapshot.gaps)
    for app in snapshot.applications:
        if app.id not in domains:
            apps.append(app)
            continue
        domain = domains[app.id]
        answer = _Unknown("msftTenant is no domain name") if domain is None else answers[domain]
        if isinstance(answer, _Unknown):
            apps.append(app)
            gaps.append(_gap(app, answer))
        else:
            apps.append(attrs.evolve(app, microsoft_tenant_id=answer))
    return attrs.evolve(
        snapshot, applications=EntityTable(Application, apps), gaps=tuple(sorted(gaps, key=str))
    )


def _lacks_tenant(app: Application) -> bool:
    told = _GUID.fullmatch((app.microsoft_tenant_id or "").strip())
    return app.app_type == "office365" and not told and bool((app.setting_msft_tenant or "").strip())


def _domain(app: Application) -> str | None:
    """The whole domain. Okta asks for the part before ``.onmicrosoft.com``, and some give all of it."""
    given = (app.setting_msft_tenant or "").strip().lower()
    domain = given if "." in given else f"{given}.onmicrosoft.com"
    return domain if _DOMAIN.fullmatch(domain) and len(domain) <= 253 else None


def _gap(app: Application, unknown: _Unknown) -> Gap:
    return Gap(
        entity=Application.__name__,
        reason=GapReason.FIELD,
        request=f"GET {_CONFIGURATION.format(host=_WORLDWIDE, domain='{domain}')}",
        status=unknown.status,
        # Of the application, nothing that Okta sent is unread.
        record=app.id,
        detail=f"the Entra tenant of the application stays unknown: {unknown.why}",
    )
