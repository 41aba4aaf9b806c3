"""Sign-on settings of SAML applications, and public keys for signatures, as Okta sends them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from oktahound.sim.ids import Ids, ago
from oktahound.sim.world import Json

__all__ = ["SamlSignOn", "public_key", "sign_on_settings"]

_OVERRIDES = ("ssoAcsUrlOverride", "audienceOverride", "recipientOverride", "destinationOverride")
_BASIC = "urn:oasis:names:tc:SAML:2.0:attrname-format:basic"
_UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"


@attrs.frozen(kw_only=True)
class SamlSignOn:
    """The SAML settings of an application that an administrator created.

    Attributes:
        acs_url: the URL of the assertion consumer service.
        audience: the entity id of the service provider.
        idp_issuer: the entity id in the assertions of the application.
        subject: the template of the subject.
        subject_format: the format of the subject.
        attributes: the expressions of attributes, by name.
        group_attributes: the prefix of the names of the sent groups, by attribute.
        more_acs_urls: further assertion consumer services.
    """

    acs_url: str
    audience: str
    idp_issuer: str = "http://www.okta.com/${org.externalKey}"
    subject: str = "${user.userName}"
    subject_format: str = _UNSPECIFIED
    attributes: Mapping[str, str] = attrs.field(factory=dict)
    group_attributes: Mapping[str, str] = attrs.field(factory=dict)
    more_acs_urls: Sequence[str] = ()


def sign_on_settings(saml: SamlSignOn | None) -> Json:
    """Return ``settings.signOn`` of a SAML application; for one of the catalogue (None), only overrides."""
    settings: Json = {
        "defaultRelayState": None,
        **dict.fromkeys(_OVERRIDES),
        "attributeStatements": [],
        "configuredAttributeStatements": [],
    }
    if saml is None:
        return settings
    attributes = [
        {"type": "EXPRESSION", "name": name, "namespace": _BASIC, "values": [expression]}
        for name, expression in saml.attributes.items()
    ]
    groups = [
        {
            "type": "GROUP",
            "name": name,
            "namespace": _BASIC,
            "filterType": "STARTS_WITH",
            "filterValue": start,
        }
        for name, start in saml.group_attributes.items()
    ]
    return {
        **settings,
        "ssoAcsUrl": saml.acs_url,
        "idpIssuer": saml.idp_issuer,
        "audience": saml.audience,
        "recipient": saml.acs_url,
        "destination": saml.acs_url,
        "subjectNameIdTemplate": saml.subject,
        "subjectNameIdFormat": saml.subject_format,
        "responseSigned": True,
        "assertionSigned": True,
        "signatureAlgorithm": "RSA_SHA256",
        "digestAlgorithm": "SHA256",
        "honorForceAuthn": True,
        "requestCompressed": False,
        "allowMultipleAcsEndpoints": bool(saml.more_acs_urls),
        "acsEndpoints": [{"url": url, "index": index} for index, url in enumerate(saml.more_acs_urls)],
        "attributeStatements": [*attributes, *groups],
    }


def public_key(ids: Ids, kid: str, created_days_ago: float, expires_days_ago: float) -> Json:
    """Create the public key of a key pair, with a certificate.

    Args:
        ids: the generator of the key material.
        kid: the id of the key.
        created_days_ago: when the key was created or added.
        expires_days_ago: when the certificate expires; negative for a time in the future.
    """
    return {
        "kty": "RSA",
        "created": ago(created_days_ago),
        "lastUpdated": ago(created_days_ago),
        "expiresAt": ago(expires_days_ago),
        "kid": kid,
        "use": "sig",
        # Generated texts of about the right length: no signature is verified with them.
        "x5c": ["MII" + ids.digest(f"certificate {kid}") * 4],
        "x5t#S256": (ids.digest(f"thumbprint {kid}") * 2)[:43],
        "e": "AQAB",
        "n": ids.digest(f"modulus {kid}") * 16,
    }
