"""The base of what adds things to a simulated org."""

from __future__ import annotations

from oktahound.sim.credentials import Credentials
from oktahound.sim.world import Json, World

__all__ = ["Verbs", "link"]


class Verbs:
    """Verbs that add, change and remove things of one family.

    `SimulatedOrg` is the sum of these. Every verb that adds returns the id of what it added, unless
    it says otherwise.
    """

    world: World
    credentials: Credentials

    def _href(self, path: str, *allow: str, name: str | None = None) -> Json:
        return link(self.world.url + path, *allow, name=name)


def link(href: str, *allow: str, name: str | None = None) -> Json:
    """A member of ``_links``: an address, the name of it, and the methods it allows."""
    made: Json = {} if name is None else {"name": name}
    made["href"] = href
    if allow:
        made["hints"] = {"allow": list(allow)}
    return made
