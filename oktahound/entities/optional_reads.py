"""Options of a collection that switch on several entities at once."""

from __future__ import annotations

from oktahound.entities.sources import Option

__all__ = ["TRUST_BOUNDARIES"]

TRUST_BOUNDARIES = Option("trust_boundaries")
"""The choice to read what decides over sign-ins, tokens and memberships beside the model's own objects."""
