"""Fill a simulated org with user_ids, groups, applications, roles and all other kinds of objects."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from oktahound.sim.generate.activity import add_activity
from oktahound.sim.generate.admins import add_administrators
from oktahound.sim.generate.apps import add_applications
from oktahound.sim.generate.boundaries import add_boundaries
from oktahound.sim.generate.groups import add_groups
from oktahound.sim.generate.infrastructure import add_infrastructure
from oktahound.sim.generate.integrations import add_integrations
from oktahound.sim.generate.people import People

if TYPE_CHECKING:
    from oktahound.sim.org import SimulatedOrg

__all__ = ["generate_content"]


def generate_content(org: SimulatedOrg, seed: int | str, users: int) -> None:
    """Fill an empty org with `users` users and a matching number of other objects."""

    def rng(topic: str) -> Random:
        # One generator for each topic, so that a change to one does not affect the others. A topic with
        # another text would generate another org.
        return Random(f"{seed} {topic}")  # noqa: S311 - made up, not secret

    realms = (
        org.add_realm("Default Realm", default=True),
        org.add_realm("Partners", domains=["partner.example.com"]),
    )
    people = People(org.world, realms, rng("people"), users)
    org.world.generate("users", people)
    user_ids = people.ids
    add_integrations(org, user_ids)
    apps = add_applications(org, rng("apps"), people)
    groups = add_groups(org, rng("groups"), people, apps)
    add_administrators(org, user_ids, apps, groups)
    add_infrastructure(org, rng("surroundings"), people, apps, groups)
    add_boundaries(org, user_ids, apps, groups)
    add_activity(org, user_ids)
