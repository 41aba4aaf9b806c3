"""The tenants of domains: requested from Microsoft only on demand, once, and cached."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from loopback.servers import proxy_to

from oktahound import ApiToken, AsyncOktaClient, OktaClient, Snapshot, build_graph, collect, collect_async
from oktahound.clock import ScaledClock
from oktahound.collecting.tenants import TenantLookup
from oktahound.entities import Application
from oktahound.errors import ConfigurationError
from oktahound.sim import SimulatedOrg

TENANT = "AAAABBBB-1111-2222-3333-ccccddddeeee"
LOWER = TENANT.lower()


class Microsoft(httpx.AsyncBaseTransport):
    """Microsoft's sign-in hosts, with the responses of the test in order; the last one is repeated."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.seen: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer() if callable(answer) else httpx.Response(answer)

    @property
    def urls(self) -> list[str]:
        return [str(request.url) for request in self.seen]


def configuration(
    host: str = "login.microsoftonline.com", tenant: str = TENANT
) -> Callable[[], httpx.Response]:
    return lambda: httpx.Response(200, json={"issuer": f"https://{host}/{tenant}/v2.0"})


def org_with(*settings: dict[str, Any], name: str = "office365") -> SimulatedOrg:
    org = SimulatedOrg.empty()
    for number, each in enumerate(settings):
        org.add_app(name, label=f"Office {number}", settings=each)
    return org


def read(org: SimulatedOrg, lookup: Any) -> Snapshot:
    fast = ScaledClock(100_000)
    with OktaClient(org.url, ApiToken(org.api_token), transport=org.transport, clock=fast) as client:
        return collect(client, only=[Application], entra_tenants=lookup)


def tenants(snapshot: Snapshot) -> list[str | None]:
    return [app.microsoft_tenant_id for app in snapshot.applications if app.app_type == "office365"]


def test_microsoft_is_requested_only_on_demand(monkeypatch: pytest.MonkeyPatch):
    async def never(*_: Any) -> httpx.Response:
        raise AssertionError("somebody asked")

    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", never)
    org = org_with({"msftTenant": "contoso"})
    with OktaClient(org.url, ApiToken(org.api_token), transport=org.transport) as client:
        assert tenants(collect(client, only=[Application])) == [None]
    assert tenants(read(org, False)) == [None]


def test_the_tenant_id_of_a_domain_is_read():
    microsoft = Microsoft(configuration())
    snapshot = read(org_with({"msftTenant": "Contoso"}), TenantLookup(microsoft))
    assert tenants(snapshot) == [LOWER]
    assert snapshot.gaps == ()
    base = "https://login.microsoftonline.com/contoso.onmicrosoft.com"
    assert microsoft.urls == [f"{base}/v2.0/.well-known/openid-configuration"]


def test_true_uses_a_new_lookup(monkeypatch: pytest.MonkeyPatch):
    microsoft = Microsoft(configuration())
    monkeypatch.setattr(
        httpx.AsyncHTTPTransport,
        "handle_async_request",
        lambda _, request: microsoft.handle_async_request(request),
    )
    assert tenants(read(org_with({"msftTenant": "contoso"}), True)) == [LOWER]


@pytest.mark.anyio
async def test_collect_async_looks_tenants_up_too():
    org = org_with({"msftTenant": "contoso"})
    async with AsyncOktaClient(org.url, ApiToken(org.api_token), transport=org.transport) as client:
        lookup = TenantLookup(Microsoft(configuration()))
        snapshot = await collect_async(client, only=[Application], entra_tenants=lookup)
    assert tenants(snapshot) == [LOWER]


@pytest.mark.parametrize(
    ("domain", "host"),
    [
        ("contoso.onmicrosoft.com", "login.microsoftonline.com"),
        ("contoso.com", "login.microsoftonline.com"),
        ("contoso.onmicrosoft.us", "login.microsoftonline.us"),
        ("contoso.partner.onmschina.cn", "login.partner.microsoftonline.cn"),
    ],
)
def test_domains_of_national_clouds_are_requested_there(domain: str, host: str):
    microsoft = Microsoft(configuration(host))
    assert tenants(read(org_with({"msftTenant": domain}), TenantLookup(microsoft))) == [LOWER]
    assert microsoft.urls == [f"https://{host}/{domain}/v2.0/.well-known/openid-configuration"]


def test_each_domain_is_requested_once_for_all_collections():
    microsoft = Microsoft(configuration())
    lookup = TenantLookup(microsoft)
    org = org_with({"msftTenant": "contoso"}, {"msftTenant": "CONTOSO.onmicrosoft.com"})
    assert tenants(read(org, lookup)) == tenants(read(org, lookup)) == [LOWER, LOWER]
    assert len(microsoft.seen) == 1


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("office365", {"msftTenant": "contoso", "microsoftTenantId": TENANT}),
        ("office365", {}),
        ("office365", {"msftTenant": "  "}),
        ("another_app", {"msftTenant": "contoso"}),
    ],
)
def test_known_and_impossible_tenants_are_not_requested(name: str, settings: dict[str, Any]):
    microsoft = Microsoft(AssertionError("somebody asked"))
    snapshot = read(org_with(settings, name=name), TenantLookup(microsoft))
    assert snapshot.gaps == ()
    assert microsoft.seen == []


@pytest.mark.parametrize(
    "text", ["../x", "con toso", "contoso/evil", "evil.com#", "a..b", "-x", "ümlaut", "x" * 64]
)
def test_an_invalid_domain_name_is_not_requested(text: str):
    microsoft = Microsoft(AssertionError("somebody asked"))
    snapshot = read(org_with({"msftTenant": text}), TenantLookup(microsoft))
    assert microsoft.seen == []
    (gap,) = snapshot.gaps
    assert (gap.entity, gap.where) == ("Application", None)
    assert gap.detail.endswith("msftTenant is not a domain name")


def redirect() -> httpx.Response:
    return httpx.Response(302, headers={"location": "https://evil.example/"})


@pytest.mark.parametrize(
    ("answer", "status", "asked", "why"),
    [
        (400, 400, 1, "there is no such tenant"),
        (404, 404, 1, "there is no such tenant"),
        (403, 403, 1, "Microsoft's sign-in host failed"),
        (redirect, 302, 1, "Microsoft's sign-in host failed"),
        (429, 429, 3, "Microsoft's sign-in host failed"),
        (503, 503, 3, "Microsoft's sign-in host failed"),
        (httpx.ConnectError("refused"), None, 3, "no response: ConnectError, refused"),
        (httpx.ReadTimeout("slow"), None, 3, "no response: ReadTimeout"),
        (lambda: httpx.Response(200, text="<html>"), 200, 1, "the response contains no tenant id"),
        (lambda: httpx.Response(200, json=["issuer"]), 200, 1, "the response contains no tenant id"),
        (lambda: httpx.Response(200, json={"issuer": 7}), 200, 1, "the response contains no tenant id"),
        (configuration("evil.example"), 200, 1, "the response contains no tenant id"),
        (configuration(tenant="common"), 200, 1, "the response contains no tenant id"),
        (lambda: httpx.Response(200, content=b" " * 2_000_000), 200, 1, "the response is too large"),
    ],
)
def test_an_unknown_tenant_is_a_gap_with_the_reason_and_loses_nothing(
    answer: Any, status: int | None, asked: int, why: str
):
    microsoft = Microsoft(answer)
    snapshot = read(org_with({"msftTenant": "contoso"}), TenantLookup(microsoft))
    assert tenants(snapshot) == [None]
    (gap,) = snapshot.gaps
    (app,) = (app for app in snapshot.applications if app.app_type == "office365")
    assert (gap.status, gap.record, gap.loses_rows) == (status, app.id, False)
    assert gap.detail == f"the Entra tenant of the application is unknown: {why}"
    assert snapshot.is_whole(Application)
    metadata = build_graph(snapshot).graph
    for missing in (*metadata["withheld"].values(), *metadata["unsure"].values()):
        assert "Application" not in missing
    assert len(microsoft.seen) == asked


def test_transient_errors_are_retried():
    microsoft = Microsoft(503, httpx.ReadError("cut"), 429, configuration())
    lookup = TenantLookup(microsoft)
    org = org_with({"msftTenant": "contoso"})
    assert tenants(read(org, lookup)) == [None]
    assert tenants(read(org, lookup)) == [LOWER]


def test_no_credential_of_okta_goes_to_microsoft(caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    microsoft = Microsoft(configuration())
    org = org_with({"msftTenant": "contoso"})
    read(org, TenantLookup(microsoft))
    (request,) = microsoft.seen
    assert org.api_token not in str(request.headers) + str(request.url)
    assert "authorization" not in request.headers
    assert "cookie" not in request.headers


def test_the_tenant_id_is_in_the_snapshot_and_gives_edges(tmp_path: Path):
    org = org_with({"msftTenant": "contoso"})
    snapshot = read(org, TenantLookup(Microsoft(configuration())))
    snapshot.save(tmp_path / "saved")
    loaded = Snapshot.load(tmp_path / "saved")
    assert loaded == snapshot
    graph = build_graph(loaded)
    assert f"AZTenant({LOWER.upper()})" in graph
    without = build_graph(read(org, False))
    assert not any(about["kind"] == "AZTenant" for _, about in without.nodes(data=True))


def test_the_tenant_id_is_in_the_folder_of_the_collection(tmp_path: Path):
    org = org_with({"msftTenant": "contoso"})
    lookup = TenantLookup(Microsoft(configuration()))
    with OktaClient(org.url, ApiToken(org.api_token), transport=org.transport) as client:
        snapshot = collect(client, only=[Application], entra_tenants=lookup, into=tmp_path / "contoso.okta")
    assert tenants(Snapshot.load(tmp_path / "contoso.okta")) == tenants(snapshot) == [LOWER]


@pytest.mark.parametrize("wrong", ["yes", 1, None, httpx.MockTransport(lambda _: httpx.Response(200))])
def test_entra_tenants_is_a_bool_or_a_lookup(wrong: Any):
    with pytest.raises(ConfigurationError, match="entra_tenants"):
        read(org_with(), wrong)


def test_the_lookup_goes_through_the_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch):
    with proxy_to(1, status=403) as proxy:
        monkeypatch.setenv("https_proxy", f"http://user:s3cret@127.0.0.1:{proxy.port}")
        monkeypatch.setenv("no_proxy", "okta.example")
        snapshot = read(org_with({"msftTenant": "contoso"}), True)
    assert proxy.targets == ["CONNECT login.microsoftonline.com:443"]
    (gap,) = snapshot.gaps
    assert "the proxy of https_proxy did not connect (status 403)" in str(gap.detail)
    assert "s3cret" not in str(snapshot.gaps)


@pytest.mark.parametrize("name", ["https_proxy", "SSL_CERT_FILE"])
def test_a_variable_that_cannot_be_used_is_reported_before_the_org_is_read(
    name: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(name, "htp://missing")
    with pytest.raises(ConfigurationError, match=f"^{name}: "):
        read(org_with({"msftTenant": "contoso"}), True)
