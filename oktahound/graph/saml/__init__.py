"""SAML facts that follow from the settings of applications and identity providers.

The names of kinds and properties come from the SAML schema that several collectors share. Its properties are
in snake_case, unlike those of the model for Okta.
"""

from __future__ import annotations

__all__: list[str] = []
