"""Options of a collection that enable several entities at once."""

from __future__ import annotations

from oktahound.entities.sources import Option

__all__ = ["TRUST_BOUNDARIES"]

TRUST_BOUNDARIES = Option("trust_boundaries")
"""Option to read further objects that control sign-ins, tokens and memberships, such as hooks and rules."""
