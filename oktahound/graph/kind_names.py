"""Classify kinds by name: by product (Okta or another) and by the model that defines them."""

from __future__ import annotations

__all__ = ["OWN_NAMESPACE", "is_beyond_extension", "is_of_org"]

OWN_NAMESPACE = "OktaHound_"
"""The prefix of the kinds that only oktahound defines."""

_SAML = "SAML_"
_OF_ORG = ("Okta_", OWN_NAMESPACE, _SAML)
_LATER_THAN_EXTENSION = frozenset({"Okta_ResourceSetContainsMembersOf", "Okta_ResourceSetContainsIndirect"})


def is_of_org(kind: str) -> bool:
    """Whether nodes of a kind belong to this organization, and not to another product."""
    return kind.startswith(_OF_ORG)


def is_beyond_extension(kind: str) -> bool:
    """Whether a node or edge kind of this organization is missing in BloodHound's extension for Okta."""
    return kind.startswith((OWN_NAMESPACE, _SAML)) or kind in _LATER_THAN_EXTENSION
