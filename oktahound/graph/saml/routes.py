"""The URLs and entity ids to which a SAML application sends assertions, if its settings prove them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeAlias

import attrs

from oktahound.entities import AcsEndpoint, Application, SamlSettings
from oktahound.graph.org_index import OrgIndex

__all__ = ["AcsRoute", "AcsRoutes", "Issuer", "federated_apps", "issuer_of", "routes_of", "settings_of"]

_HOST = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+", re.I
)
_SLUG = re.compile(r"[a-z0-9]([a-z0-9-]{0,98}[a-z0-9])?", re.I)
_OVERRIDES_CATALOGUE = "explicit_generic_route_overrides_conflicting_oin_route"


@attrs.frozen(kw_only=True)
class AcsRoute:
    """One assertion consumer service to which an application sends assertions.

    Attributes:
        acs_url: its URL.
        sp_entity_id: the entity id of the service provider to which it belongs.
        index: its number.
        is_default: whether assertions are sent there unless a request selects another one; None if unknown.
        product: the product family of the service provider.
        source: the settings that prove it.
        mode: whether the settings contain the URL, or a documented URL pattern was filled in with them.
        acs_source: the setting that contains the URL.
        entity_source: the setting that contains the entity id.
        conflicts: contradicting settings with a lower precedence.
    """

    acs_url: str
    sp_entity_id: str
    index: int = 0
    is_default: bool | None = None
    product: str = "generic_saml"
    source: str = "settings.signOn"
    mode: str = "explicit_generic"
    acs_source: str
    entity_source: str
    conflicts: tuple[str, ...] = ()


@attrs.frozen
class AcsRoutes:
    """The routes of an application, and the missing or contradicting settings.

    Attributes:
        routes: the routes that the settings prove, with unique indexes.
        diagnostics: the reasons why there are none, or the settings that were ignored.
    """

    routes: tuple[AcsRoute, ...] = ()
    diagnostics: tuple[str, ...] = ()


@attrs.frozen
class Issuer:
    """The entity id of the issuer of an application's assertions.

    Attributes:
        entity_id: the entity id; None if the settings prove none.
        diagnostics: the reason why there is none.
    """

    entity_id: str | None
    diagnostics: tuple[str, ...] = ()


def federated_apps(org: OrgIndex) -> list[Application]:
    """Return the applications that use SAML 2.0."""
    return [app for app in org.rows(Application) if app.sign_on_mode == "SAML_2_0"]


def settings_of(org: OrgIndex, app: Application) -> SamlSettings | None:
    """Return the SAML settings of an application; None if it has none, or they were not read completely."""
    if not org.known(SamlSettings, app.key):
        return None
    return next(iter(org.of(SamlSettings, app.key)), None)


def issuer_of(org: OrgIndex, app: Application) -> Issuer:
    """Return the issuer in the settings; none for a template, whose result is only in the metadata."""
    settings = settings_of(org, app)
    configured = _text(settings.idp_issuer) if settings else None
    if configured is None:
        return Issuer(None, ("missing_issuer_evidence",))
    if "${" in configured:
        return Issuer(None, ("unresolved_idp_issuer_expression",))
    return Issuer(configured)


def routes_of(org: OrgIndex, app: Application) -> AcsRoutes:
    """Return the routes that the settings prove: sign-on settings if complete, else those of a catalogue
    type.

    Settings that contradict each other do not prove a route.
    """
    if not org.known(SamlSettings, app.key):
        return AcsRoutes(diagnostics=("sign_on_settings_not_read",))
    settings = settings_of(org, app)
    urls = list(_urls(org, app, settings)) if settings else []
    entities = _entity_ids(settings) if settings else []
    catalogue, problem = _catalogue_route(app)
    if len({entity for entity, _ in entities}) > 1:
        return AcsRoutes(diagnostics=("conflicting_explicit_sp_entity_fields",))
    if urls and entities:
        return _configured_routes(urls, entities[0], catalogue)
    if catalogue is not None:
        conflicts = []
        if urls and catalogue.acs_url not in {url.acs_url for url in urls}:
            conflicts.append("partial_explicit_acs_conflicts_with_oin_route")
        if entities and entities[0][0] != catalogue.sp_entity_id:
            conflicts.append("partial_explicit_sp_entity_conflicts_with_oin_route")
        return AcsRoutes(diagnostics=tuple(conflicts)) if conflicts else AcsRoutes((catalogue,))
    if problem is not None:
        return AcsRoutes(diagnostics=(problem,))
    missing = [name for name, found in (("acs", urls), ("sp_entity", entities)) if not found]
    return AcsRoutes(diagnostics=(f"missing_authoritative_{'_and_'.join(missing)}_evidence",))


def _configured_routes(
    urls: Iterable[AcsRoute], entity: tuple[str, str], catalogue: AcsRoute | None
) -> AcsRoutes:
    entity_id, source = entity
    taken: dict[int, AcsRoute] = {}
    known: set[str] = set()
    for url in urls:
        if url.acs_url not in known:
            known.add(url.acs_url)
            index = url.index
            while index in taken:
                index += 1
            taken[index] = attrs.evolve(url, index=index, sp_entity_id=entity_id, entity_source=source)
    routes = tuple(taken.values())
    if catalogue is None or (catalogue.acs_url, catalogue.sp_entity_id) in {
        (route.acs_url, route.sp_entity_id) for route in routes
    }:
        return AcsRoutes(routes)
    conflict = (_OVERRIDES_CATALOGUE,)
    return AcsRoutes(tuple(attrs.evolve(route, conflicts=conflict) for route in routes), conflict)


def _urls(org: OrgIndex, app: Application, settings: SamlSettings) -> Iterable[AcsRoute]:
    """Return the services in the settings, without their entity ids."""
    first = _first(
        ("ssoAcsUrlOverride", settings.sso_acs_url_override),
        ("ssoAcsUrl", settings.sso_acs_url),
        ("recipientOverride", settings.recipient_override),
        ("destinationOverride", settings.destination_override),
        ("recipient", settings.recipient),
        ("destination", settings.destination),
    )
    if first is not None:
        yield AcsRoute(
            acs_url=first[0], sp_entity_id="", is_default=True, acs_source=first[1], entity_source=""
        )
    for endpoint in sorted(org.of(AcsEndpoint, app.key), key=lambda each: int(each.id)):
        if url := _text(endpoint.url):
            yield AcsRoute(
                acs_url=url,
                sp_entity_id="",
                index=int(endpoint.id) if endpoint.index is None else endpoint.index,
                acs_source=f"settings.signOn.acsEndpoints[{endpoint.id}].url",
                entity_source="",
            )


def _entity_ids(settings: SamlSettings) -> list[tuple[str, str]]:
    """Return the entity ids in the settings, each with its setting. An override replaces all others."""
    override = _first(("audienceOverride", settings.audience_override))
    named = (
        ("spIssuer", settings.sp_issuer),
        ("audience", settings.audience),
        ("slo.spIssuer", settings.slo_issuer),
    )
    return [override] if override else [found for pair in named if (found := _first(pair))]


def _first(*settings: tuple[str, str | None]) -> tuple[str, str] | None:
    return next(
        ((text, f"settings.signOn.{name}") for name, value in settings if (text := _text(value))), None
    )


def _text(value: str | None) -> str | None:
    return (value or "").strip() or None


Found: TypeAlias = tuple[AcsRoute | None, str | None]


def _catalogue_route(app: Application) -> Found:
    """Return the route of an application of a known type, or the missing setting; neither for other types."""
    match app.app_type:
        case "okta_org2org":
            return _org2org(app)
        case "jamfsoftwareserver":
            return _jamf(app)
        case "githubcloud":
            return _github("orgs", app.setting_github_org, "github_organization", "githubOrg")
        case "githubenterprisemanageduser":
            name = app.setting_enterprise_name
            return _github("enterprises", name, "github_enterprise", "enterpriseName")
        case _:
            return None, None


def _org2org(app: Application) -> Found:
    url, entity = _text(app.setting_acs_url), _text(app.setting_audience)
    if url is None or entity is None:
        return None, f"missing_settings.app.{'acsUrl' if url is None else 'audRestriction'}"
    route = AcsRoute(
        acs_url=url,
        sp_entity_id=entity,
        is_default=True,
        product="okta_org2org",
        source="settings.app",
        mode="oin_explicit_fields",
        acs_source="settings.app.acsUrl",
        entity_source="settings.app.audRestriction",
    )
    return route, None


def _jamf(app: Application) -> Found:
    host = app.setting_domain or ""
    if not _HOST.fullmatch(host):
        return None, "missing_or_malformed_settings.app.domain"
    base = f"https://{host}/saml"
    return _documented("jamf", "jamf_pro", (f"{base}/SSO", f"{base}/metadata"), "domain"), None


def _github(kind: str, name: str | None, product: str, setting: str) -> Found:
    if not _SLUG.fullmatch(name or ""):
        return None, f"missing_or_malformed_settings.app.{setting}"
    base = f"https://github.com/{kind}/{name}"
    return _documented("github", product, (f"{base}/saml/consume", base), setting), None


def _documented(vendor: str, product: str, urls: tuple[str, str], setting: str) -> AcsRoute:
    """Return a route with the URL pattern that a vendor documents, filled in with one setting."""
    return AcsRoute(
        acs_url=urls[0],
        sp_entity_id=urls[1],
        is_default=True,
        product=product,
        source=f"settings.app+documented_{vendor}_route",
        mode="allowlisted_deterministic_route",
        acs_source=f"settings.app.{setting}",
        entity_source=f"settings.app.{setting}",
    )
