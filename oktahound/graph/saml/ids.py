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
    """The key of the federation provider that an application is."""
    return f"okta:saml:provider:{app_id}"


def issuer_node(app_id: str) -> str:
    """The key of the issuer that an application issues assertions as."""
    return f"okta:saml:issuer:{app_id}"


def acs_node(app_id: str, index: int) -> str:
    """The key of an assertion consumer service that an application sends assertions to."""
    return f"okta:saml:acs:{app_id}:{index}"


def claim_node(app_id: str, index: int) -> str:
    """The key of a claim of an application's assertions."""
    return f"okta:saml:claim-mapping:{app_id}:{index}"


def service_provider_node(idp_id: str) -> str:
    """The key of the service provider that Okta is towards an identity provider."""
    return f"okta:saml:service-provider:{idp_id}"


def trusted_issuer_node(domain: str, entity_id: str) -> str:
    """The key of an issuer that the organization trusts: one node for all identity providers that name it."""
    digest = hashlib.sha256(orjson.dumps([domain, entity_id])).hexdigest()
    return f"okta:saml:trusted-issuer:{digest}"


def own_acs_node(idp_id: str, index: int = 0) -> str:
    """The key of an assertion consumer service of the organization itself."""
    return f"okta:saml:sp-acs:{idp_id}:{index}"


def rule_node(idp_id: str) -> str:
    """The key of the rule by which assertions of an identity provider select users."""
    return f"okta:saml:account-resolution-rule:{idp_id}"


def field_node(idp_id: str) -> str:
    """The key of the field of users that this rule reads: always the login."""
    return f"okta:saml:account-resolution-field:{idp_id}:login"
