"""What decides over memberships, sign-ins and tokens of a generated org beside its people and roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oktahound.sim.org import SimulatedOrg

__all__ = ["fence"]


def fence(org: SimulatedOrg, people: list[str], groups: dict[str, str]) -> None:
    """Add group rules."""
    org.add_group_rule(
        "Sales by department", 'user.department=="Sales"', groups=[groups["Sales"]], excluded_users=people[:1]
    )
    org.add_group_rule(
        "Former contractors", 'user.userType=="Contractor"', groups=[groups["Sales"]], status="INACTIVE"
    )
