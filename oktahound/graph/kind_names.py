"""Tell by its name whether a kind belongs to this organization, and whose model it comes from."""

from __future__ import annotations

__all__ = ["OWN_NAMESPACE", "is_beyond_extension", "is_of_org"]

OWN_NAMESPACE = "OktaHound_"
"""The beginning of the kinds that only oktahound draws."""

_SAML = "SAML_"
_OF_ORG = ("Okta_", OWN_NAMESPACE, _SAML)
_LATER_THAN_EXTENSION = frozenset({"Okta_ResourceSetContainsMembersOf", "Okta_ResourceSetContainsIndirect"})


def is_of_org(kind: str) -> bool:
    """Whether nodes of a kind are this organization's, and not objects of another product."""
    return kind.startswith(_OF_ORG)


def is_beyond_extension(kind: str) -> bool:
    """Whether BloodHound's extension for Okta does not know a kind of node or edge of this organization."""
    return kind.startswith((OWN_NAMESPACE, _SAML)) or kind in _LATER_THAN_EXTENSION
