"""Create the assignments, devices and factors of generated people when they are read."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator
from random import Random

from oktahound.sim.apps import assignment_document
from oktahound.sim.directory import device_document, factor_document, factor_prefix
from oktahound.sim.generate.people import People
from oktahound.sim.world import Collection, Json, World

__all__ = [
    "DOMAIN_SID",
    "Assignments",
    "Devices",
    "directory_assignment",
    "enroll_factors",
    "group_assignment",
    "own_assignment",
]

DOMAIN_SID = "S-1-5-21-717838489-685202119-709183397"
"""The security identifier of the Active Directory domain."""

_PLATFORMS = ("WINDOWS", "MACOS", "IOS", "ANDROID")
_FACTORS = ("push", "token:software:totp", "sms", "webauthn", "email", "question", "signed_nonce")


class Assignments:
    """The assignments of generated people to one application: a `Source` with four bytes for each.

    Args:
        world: the content of the org.
        people: the generated people.
        app: the id of the application.
        make: a function that creates the document for the id and the number of a user.
    """

    def __init__(
        self, world: World, people: People, app: str, make: Callable[[World, People, str, int], Json]
    ) -> None:
        self._world = world
        self._people = people
        self._app = app
        self._make = make
        self._places = array("I")

    def add(self, place: int) -> None:
        """Assign a user, by number. Numbers must be added in ascending order."""
        self._places.append(place)

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[str]:
        ids = self._people.ids
        return (ids[place] for place in self._places)

    def __contains__(self, key: object) -> bool:
        place = self._people.place(key) if isinstance(key, str) else None
        if place is None:
            return False
        found = bisect_left(self._places, place)
        return found < len(self._places) and self._places[found] == place

    def document(self, key: str) -> Json:
        """Create the document of an assignment."""
        place = self._people.place(key)
        if place is None:
            raise KeyError(key)
        return self._make(self._world, self._people, self._app, place)


def own_assignment(world: World, people: People, app: str, place: int) -> Json:
    """Create the document of a user who was assigned by name."""
    return assignment_document(world, app, people.ids[place], user_name=people.login(place), profile={})


def group_assignment(world: World, people: People, app: str, place: int) -> Json:
    """Create the document of a user who was assigned through a group."""
    return assignment_document(
        world,
        app,
        people.ids[place],
        user_name=people.login(place),
        scope="GROUP",
        sync_state="SYNCHRONIZED",
        profile={},
    )


def directory_assignment(world: World, people: People, app: str, place: int) -> Json:
    """Create the document of a user who was imported from Active Directory."""
    login, sid = people.login(place), f"{DOMAIN_SID}-{1100 + place}"
    return assignment_document(
        world,
        app,
        people.ids[place],
        user_name=login,
        external_id=world.ids.digest(sid) + "==",
        sync_state="SYNCHRONIZED",
        profile={"objectSid": sid, "samAccountName": login.partition("@")[0][:20]},
    )


class Devices:
    """The devices of generated people, at most one for each: a `Source`."""

    def __init__(self, world: World, people: People, rng: Random) -> None:
        self._world = world
        self._people = people
        self._ids: list[str] = []
        self._owners = array("I")
        self._kinds = bytearray()
        for place in range(len(people)):
            if rng.random() < 0.4:
                platform = rng.randrange(len(_PLATFORMS))
                suspended = rng.random() < 0.1
                self._ids.append(world.ids.new("guo"))
                self._owners.append(place)
                self._kinds.append(2 * platform + suspended)
        self._places = {device: place for place, device in enumerate(self._ids)}

    def __len__(self) -> int:
        return len(self._ids)

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def __contains__(self, key: object) -> bool:
        return key in self._places

    def owners(self, device: str) -> dict[str, None]:
        """Return the id of the user of a device; nothing for a device without a generated user."""
        place = self._places.get(device)
        return {} if place is None else {self._people.ids[self._owners[place]]: None}

    def document(self, key: str) -> Json:
        """Create the document of a device."""
        place = self._places[key]
        owner, kind = self._owners[place], self._kinds[place]
        platform = _PLATFORMS[kind // 2]
        return device_document(
            self._world,
            key,
            f"D{owner:05}",
            platform=platform,
            status="SUSPENDED" if kind % 2 else "ACTIVE",
            profile={"sid": f"S-1-5-21-1-2-3-{1000 + owner}"} if platform == "WINDOWS" else {},
        )


def enroll_factors(world: World, people: People, rng: Random) -> Callable[[str], Collection]:
    """Draw up to two factors for each user.

    Returns:
        A function that creates the collection of the factors of a user.
    """
    # Two numbers for each user: the shifted number of the id, and the type of the factor; 0 for no factor.
    drawn = array("I", bytes(8 * len(people)))
    for place in range(len(people)):
        for slot, factor in enumerate(rng.sample(range(len(_FACTORS)), k=rng.randint(0, 2))):
            pending = not rng.random() < 0.95
            number = world.ids.count(factor_prefix(_FACTORS[factor]))
            drawn[2 * place + slot] = number << 4 | pending << 3 | factor

    def factors_of(user: str) -> Collection:
        found = Collection()
        place = people.place(user)
        for each in () if place is None else filter(None, drawn[2 * place : 2 * place + 2]):
            factor = _FACTORS[each & 7]
            found.add(
                factor_document(
                    world,
                    world.ids.numbered(factor_prefix(factor), each >> 4),
                    user,
                    people.login(place or 0),
                    factor,
                    status="PENDING_ACTIVATION" if each & 8 else "ACTIVE",
                )
            )
        return found

    return factors_of
