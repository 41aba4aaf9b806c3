"""The API service integrations of a generated org."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oktahound.sim.integrations import FALCON_SHIELD_SCOPES

if TYPE_CHECKING:
    from oktahound.sim.org import SimulatedOrg

__all__ = ["add_integrations"]


def add_integrations(org: SimulatedOrg, user_ids: list[str]) -> None:
    """Add Falcon Shield and three more integrations, each with a different special case."""
    # An org without user_ids still has integrations, whose creators were deleted.
    gone = org.world.ids.new("00u")
    admin = user_ids[0] if user_ids else gone
    second = user_ids[1] if len(user_ids) > 1 else gone
    org.add_api_service_integration(
        "Falcon Shield",
        type="falconshieldapiservice",
        scopes=FALCON_SHIELD_SCOPES,
        created_by=admin,
        created_at="2026-01-15T12:25:42.000Z",
    )
    org.add_api_service_integration(
        "Northwind Lifecycle",
        type="northwind_lifecycle",
        scopes=("okta.users.manage", "okta.groups.manage", "okta.logs.read"),
        created_by=second,
        created_at="2025-06-03T07:41:09.000Z",
        secrets=("INACTIVE", "ACTIVE"),
        properties={"baseUrl": "https://northwind.example.com", "orgId": "42"},
    )
    users = org.world["users"].documents()
    deprovisioned = next((user["id"] for user in users if user["status"] == "DEPROVISIONED"), gone)
    org.add_api_service_integration(
        "Tailspin Log Archive",
        type="tailspin_logs",
        scopes=("okta.logs.read", "okta.users.read"),
        created_by=deprovisioned,
        created_at="2024-03-11T15:02:55.000Z",
        secrets=2,
    )
    org.add_api_service_integration(
        "Fabrikam Asset Inventory",
        type="fabrikam_inventory",
        scopes=("okta.devices.read", "okta.apps.read", "okta.users.read"),
        created_by=gone,
        created_at="2023-10-30T10:12:00.000Z",
    )
