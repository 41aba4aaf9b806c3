"""The groups of a generated org."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from oktahound.sim.generate.people import DEPARTMENTS, People
from oktahound.sim.generate.user_objects import DOMAIN_SID

if TYPE_CHECKING:
    from oktahound.sim.org import SimulatedOrg

__all__ = ["add_groups"]


def add_groups(org: SimulatedOrg, rng: Random, people: People, apps: dict[str, str]) -> dict[str, str]:
    """Add groups with their members and assignments. Returns the ids by name."""
    groups = {
        "Everyone": org.add_group("Everyone", type="BUILT_IN", description="All users in your organization")
    }
    by_department: dict[str, list[str]] = {department: [] for department in DEPARTMENTS}
    user_ids = people.ids
    for place, user in enumerate(user_ids):
        by_department[people.department(place)].append(user)
    for department, members in by_department.items():
        groups[department] = org.add_group(department, members=members, description=f"All of {department}")
    groups["Help Desk"] = org.add_group("Help Desk", members=user_ids[4:7])
    groups["Nobody Yet"] = org.add_group("Nobody Yet")
    for number in range(1 + len(user_ids) // 25):
        members = rng.sample(user_ids, k=min(len(user_ids), rng.randint(2, 12)))
        groups[f"Project {number}"] = org.add_group(f"Project {number}", members=members)
    _import(org, rng, user_ids, apps, groups)
    _assign_and_push(org, apps, groups)
    return groups


def _import(
    org: SimulatedOrg, rng: Random, user_ids: list[str], apps: dict[str, str], groups: dict[str, str]
) -> None:
    domain = org.world["apps"][apps["active_directory"]]["label"]
    for number in range(2 + len(user_ids) // 50):
        name = "Domain Admins" if number == 0 else f"AD Team {number}"
        groups[name] = org.add_active_directory_group(
            name,
            app=apps["active_directory"],
            domain=domain,
            sid=f"{DOMAIN_SID}-{512 if number == 0 else 5000 + number}",
            members=rng.sample(user_ids, k=min(len(user_ids), 5)),
        )


def _assign_and_push(org: SimulatedOrg, apps: dict[str, str], groups: dict[str, str]) -> None:
    org.assign_group(apps["okta_enduser"], groups["Everyone"])
    org.assign_group(apps["office365"], groups["Everyone"])
    org.assign_group(apps["githubcloud"], groups["Engineering"], profile={"githubRole": "member"})
    org.assign_group(apps["snowflake"], groups["Finance"])
    for app, source, status in (
        ("office365", "Engineering", "ACTIVE"),
        ("office365", "Nobody Yet", "INACTIVE"),
        ("okta_org2org", "Security", "ACTIVE"),
    ):
        # A pushed group appears in the application, and Okta mirrors it as a group of that application.
        target = org.add_group(source, type="APP_GROUP", app=apps[app], description=f"{source} in {app}")
        org.push_group(apps[app], groups[source], target=target, status=status)
