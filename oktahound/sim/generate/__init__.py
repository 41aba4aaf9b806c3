"""Fill a simulated org with people, groups, applications, roles and all other kinds of objects."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from oktahound.sim.generate.activity import operate
from oktahound.sim.generate.admins import appoint
from oktahound.sim.generate.apps import install
from oktahound.sim.generate.boundaries import fence
from oktahound.sim.generate.groups import gather
from oktahound.sim.generate.integrations import integrate
from oktahound.sim.generate.people import People
from oktahound.sim.generate.surroundings import surround

if TYPE_CHECKING:
    from oktahound.sim.org import SimulatedOrg

__all__ = ["furnish"]


def furnish(org: SimulatedOrg, seed: int | str, users: int) -> None:
    """Fill an empty org with `users` users and a matching number of other objects."""

    def rng(family: str) -> Random:
        # One generator for each topic, so that a change to one does not affect the others.
        return Random(f"{seed} {family}")  # noqa: S311 - made up, not secret

    realms = (
        org.add_realm("Default Realm", default=True),
        org.add_realm("Partners", domains=["partner.example.com"]),
    )
    hired = People(org.world, realms, rng("people"), users)
    org.world.generate("users", hired)
    people = hired.ids
    integrate(org, people)
    apps = install(org, rng("apps"), hired)
    groups = gather(org, rng("groups"), hired, apps)
    appoint(org, people, apps, groups)
    surround(org, rng("surroundings"), hired, apps, groups)
    fence(org, people, apps, groups)
    operate(org, people)
