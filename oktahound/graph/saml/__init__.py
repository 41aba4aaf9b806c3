"""SAML facts: what the settings of applications and identity providers prove, and what they leave open.

The names of kinds and properties are those of the SAML schema that several collectors share. Its properties
are in snake_case, unlike those of the model for Okta.
"""

from __future__ import annotations

__all__: list[str] = []
