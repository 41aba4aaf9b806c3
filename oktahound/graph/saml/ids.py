"""Kinds and keys of SAML nodes."""

from __future__ import annotations

import hashlib

import orjson

__all__ = [
    "ACCOUNT_RESOLUTION_FIELD",
    "ACCOUNT_RESOLUTION_RULE",
    "ASSERTION_CONSUMER_SERVICE",
    "CLAIM_MAPPING",
    "FEDERATION_PROVIDER",
    "ISSUER",
    "SERVICE_PROVIDER",
    "acs_node",
    "claim_node",
    "field_node",
    "issuer_node",
    "own_acs_node",
    "provider_node",
    "rule_node",
    "service_provider_node",
    "trusted_issuer_node",
]

FEDERATION_PROVIDER = "SAML_FederationProvider"
ISSUER = "SAML_Issuer"
ASSERTION_CONSUMER_SERVICE = "SAML_AssertionConsumerService"
CLAIM_MAPPING = "SAML_ClaimMapping"
SERVICE_PROVIDER = "SAML_ServiceProvider"
ACCOUNT_RESOLUTION_RULE = "SAML_AccountResolutionRule"
ACCOUNT_RESOLUTION_FIELD = "SAML_AccountResolutionField"


def provider_node(app_id: str) -> str:
    """Return the key of the federation provider of an application."""
    return f"okta:saml:provider:{app_id}"


def issuer_node(app_id: str) -> str:
    """Return the key of the issuer of an application's assertions."""
    return f"okta:saml:issuer:{app_id}"


def acs_node(app_id: str, index: int) -> str:
    """Return the key of an assertion consumer service to which an application sends assertions."""
    return f"okta:saml:acs:{app_id}:{index}"


def claim_node(app_id: str, index: int) -> str:
    """Return the key of a claim of an application's assertions."""
    return f"okta:saml:claim-mapping:{app_id}:{index}"


def service_provider_node(idp_id: str) -> str:
    """Return the key of Okta's role as service provider for an identity provider."""
    return f"okta:saml:service-provider:{idp_id}"


def trusted_issuer_node(domain: str, entity_id: str) -> str:
    """Return the key of an issuer that the organization trusts, shared by all its identity providers."""
    digest = hashlib.sha256(orjson.dumps([domain, entity_id])).hexdigest()
    return f"okta:saml:trusted-issuer:{digest}"


def own_acs_node(idp_id: str, index: int = 0) -> str:
    """Return the key of an assertion consumer service of the organization itself."""
    return f"okta:saml:sp-acs:{idp_id}:{index}"


def rule_node(idp_id: str) -> str:
    """Return the key of the rule by which assertions of an identity provider select users."""
    return f"okta:saml:account-resolution-rule:{idp_id}"


def field_node(idp_id: str) -> str:
    """Return the key of the user field that this rule compares: always the login."""
    return f"okta:saml:account-resolution-field:{idp_id}:login"
