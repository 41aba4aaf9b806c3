"""Nodes of SAML roles, and of the keys with which assertions are signed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from oktahound.entities import Application, IdentityProvider, SigningKey, TrustedKey, time_text
from oktahound.graph.org_index import OrgIndex
from oktahound.graph.saml import ids
from oktahound.graph.saml.claims import Claim, claims_of
from oktahound.graph.saml.inbound import resolution_of, saml_providers
from oktahound.graph.saml.routes import AcsRoute, federated_apps, issuer_of, routes_of
from oktahound.graph.saml.signing import (
    SIGNING_KEY,
    TRUSTED_KEY,
    key_node,
    signing_key_ids,
    trusted_key_ids,
    trusted_key_node,
)

__all__ = ["saml_nodes"]

Node: TypeAlias = tuple[str, dict[str, Any]]


def saml_nodes(org: OrgIndex) -> Iterator[Node]:
    """Yield key and attributes of each node of the SAML part of the graph."""
    for app in federated_apps(org):
        yield from _of_application(org, app)
    for idp in saml_providers(org):
        yield from _of_identity_provider(org, idp)
    yield from _trusted_issuers(org)
    yield from _signing_keys(org)
    yield from _trusted_keys(org)


def _node(org: OrgIndex, key: str, kind: str, name: str, **properties: Any) -> Node:
    attributes: dict[str, Any] = {
        "kind": kind,
        "oktaDomain": org.domain,
        "environmentid": org.organization_id,
        "name": name,
        "displayName": name,
    }
    values = {each: list(value) if isinstance(value, tuple) else value for each, value in properties.items()}
    return key, attributes | {each: value for each, value in values.items() if value is not None}


def _of_application(org: OrgIndex, app: Application) -> Iterator[Node]:
    label = app.label or app.app_type or app.id
    values = {"app_id": app.id, "app_name": app.app_type, "app_label": app.label}
    issuer, found = issuer_of(org, app), routes_of(org, app)
    yield _node(
        org,
        ids.provider_node(app.id),
        ids.FEDERATION_PROVIDER,
        label,
        **values,
        app_status=app.status,
        enabled=_enabled(app.status),
        issuer_resolution_diagnostics=issuer.diagnostics,
        route_diagnostics=found.diagnostics,
    )
    if issuer.entity_id is not None:
        yield _node(
            org,
            ids.issuer_node(app.id),
            ids.ISSUER,
            issuer.entity_id,
            **values,
            entity_id=issuer.entity_id,
            source_object_kind="Okta_Application",
        )
    for route in found.routes:
        yield _node(org, ids.acs_node(app.id, route.index), ids.ASSERTION_CONSUMER_SERVICE, **_acs(route))
    for claim in claims_of(org, app):
        yield _node(org, ids.claim_node(app.id, claim.index), ids.CLAIM_MAPPING, **_claim(claim))


def _acs(route: AcsRoute) -> dict[str, Any]:
    return {
        "name": route.acs_url,
        "acs_url": route.acs_url,
        "sp_entity_id": route.sp_entity_id,
        "index": route.index,
        "is_default": route.is_default,
        "target_product_family": route.product,
        "route_source": route.source,
        "extraction_mode": route.mode,
        "acs_source_field": route.acs_source,
        "sp_entity_source_field": route.entity_source,
        "route_conflicts": route.conflicts,
    }


def _claim(claim: Claim) -> dict[str, Any]:
    return {
        "name": claim.name,
        "claim_name": claim.name,
        "claim_type": claim.type,
        "mapping_type": claim.mapping_type,
        "mapping_origin": claim.origin,
        "source_property": claim.source_property,
        "expression": claim.expression,
        "format": claim.format,
        "name_format": claim.name_format,
    }


def _of_identity_provider(org: OrgIndex, idp: IdentityProvider) -> Iterator[Node]:
    resolution = resolution_of(org, idp)
    name = idp.name or idp.id
    yield _node(
        org,
        ids.service_provider_node(idp.id),
        ids.SERVICE_PROVIDER,
        name,
        idp_id=idp.id,
        idp_name=idp.name,
        idp_type=idp.type,
        idp_status=idp.status,
        sp_entity_id=idp.trust_audience,
        enabled=_enabled(idp.status),
        account_resolution_diagnostics=resolution.diagnostics,
    )
    if idp.acs_url and idp.trust_audience:
        yield _node(
            org,
            ids.own_acs_node(idp.id),
            ids.ASSERTION_CONSUMER_SERVICE,
            idp.acs_url,
            acs_url=idp.acs_url,
            sp_entity_id=idp.trust_audience,
            index=0,
            binding=idp.acs_binding,
            is_default=True,
            route_source="identity_provider_links",
            extraction_mode="explicit_link",
            acs_source_field="_links.acs.href",
            sp_entity_source_field="protocol.credentials.trust.audience",
        )
    if resolution.expression is not None:
        yield _node(
            org,
            ids.rule_node(idp.id),
            ids.ACCOUNT_RESOLUTION_RULE,
            f"account resolution of {name}",
            expression_language="cel",
            expression_profile="saml_account_resolution_v1",
            expression=resolution.expression,
            summary=resolution.summary,
        )
        yield _node(
            org, ids.field_node(idp.id), ids.ACCOUNT_RESOLUTION_FIELD, "login", account_field_name="login"
        )


def _trusted_issuers(org: OrgIndex) -> Iterator[Node]:
    """Yield one node for each entity id. Properties of its identity provider are set if there is one only."""
    found: dict[str, list[IdentityProvider]] = {}
    for idp in saml_providers(org):
        if idp.issuer:
            found.setdefault(idp.issuer, []).append(idp)
    for entity_id, providers in found.items():
        only = providers[0] if len(providers) == 1 else None
        yield _node(
            org,
            ids.trusted_issuer_node(org.domain, entity_id),
            ids.ISSUER,
            entity_id,
            entity_id=entity_id,
            app_id=only and only.id,
            app_name=only and only.name,
            app_label=only and only.name,
            source_object_kind="Okta_IdentityProvider",
        )


def _signing_keys(org: OrgIndex) -> Iterator[Node]:
    """Yield one node for each key, shared by its applications; without an expiry if keys were not read."""
    for key_id in signing_key_ids(org):
        rows = org.once(_rows_by_key).get(key_id, ())
        yield _node(org, key_node(key_id, org), SIGNING_KEY, key_id, **_key(key_id, rows))


def _trusted_keys(org: OrgIndex) -> Iterator[Node]:
    """Yield one node for each key of identity providers; without an expiry if keys were not read."""
    known = org.by_id(TrustedKey)
    for key_id in trusted_key_ids(org):
        rows = [known[key_id]] if key_id in known else []
        yield _node(org, trusted_key_node(key_id, org), TRUSTED_KEY, key_id, **_key(key_id, rows))


def _key(key_id: str, rows: Sequence[SigningKey | TrustedKey]) -> dict[str, Any]:
    expiries = [row.expires_at for row in rows if row.expires_at is not None]
    return {
        "keyId": key_id,
        "keyType": max((row.kty for row in rows if row.kty), default=None),
        "use": max((row.use for row in rows if row.use), default=None),
        "thumbprint": max((row.thumbprint for row in rows if row.thumbprint), default=None),
        "expiresAt": time_text(min(expiries)) if expiries else None,
    }


def _rows_by_key(org: OrgIndex) -> dict[str, list[SigningKey]]:
    found: dict[str, list[SigningKey]] = {}
    for row in org.rows(SigningKey):
        found.setdefault(row.id, []).append(row)
    return found


def _enabled(status: str | None) -> bool | None:
    return None if status is None else status == "ACTIVE"
