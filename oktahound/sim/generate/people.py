"""The people of a generated org."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from struct import Struct
from typing import Any

from oktahound.sim.users import STATUSES, user_document
from oktahound.sim.world import Json, World

__all__ = ["CITIES", "DEPARTMENTS", "FIRST_NAMES", "LAST_NAMES", "TITLES", "People"]


FIRST_NAMES = tuple(
    """Ada Amira Anders Asha Bao Beatriz Carlos Chiara Chidi Dana Darius Elena Emre Farah Felix Freya Gita
    Hana Hugo Ida Imani Ines Ivan Jae Jana Kofi Lars Leila Lin Luca Maja Mateo Mei Milan Nadia Nils Nora Olga
    Omar Paula Priya Quinn Rafael Rosa Sana Sven Tariq Uma Viktor Wanda Yara Yusuf Zoe""".split()  # noqa: SIM905 - quotes hide it
)

LAST_NAMES = tuple(
    """Adeyemi Almeida Andersson Baker Bauer Bianchi Castro Chen Costa Demir Dubois Eriksen Farouk Fischer
    Garcia Gupta Haddad Horvat Ibrahim Ito Jansen Kaur Kim Kowalski Larsen Lopez Mancini Meyer Moreau Mwangi
    Nakamura Novak Okafor Olsen Park Patel Petrov Quispe Rossi Sato Schmidt Silva Singh Tanaka Torres Urbina
    Varga Weber Wong Yilmaz Zhang""".split()  # noqa: SIM905 - as above
)

DEPARTMENTS = ("Engineering", "Sales", "Finance", "Support", "Legal", "Security", "Marketing", "Operations")

TITLES = ("Analyst", "Engineer", "Specialist", "Consultant", "Coordinator", "Lead", "Director")

CITIES = ("Prague", "Lagos", "Osaka", "Lima", "Oslo", "Austin", "Pune", "Porto")


_COMMON_STATUS = 0.88
_PHONE = "+1-555-010-{:04}"


# The flags of a user.
_NUMBERED, _PARTNER, _DIRECTORY, _NEVER_SIGNED_IN, _UNTITLED = 1, 2, 4, 8, 16
_ON_CALL, _MOBILE, _SECOND_EMAIL, _DISPLAY_NAME = 32, 64, 128, 256

# Indexes into the lists of names, statuses, departments, titles and cities; flags; days since the creation
# and since the last sign-in.
_RECORD = Struct("<6BH2d")


class People:
    """The generated users: a `Source` of documents.

    The random values of each user are stored in 24 bytes, and the document is created from them when it is
    read.

    Args:
        world: the content of the org.
        realms: the ids of the two realms.
        rng: the random generator.
        count: number of users.

    Attributes:
        ids: the ids, in the order of the users.
    """

    def __init__(self, world: World, realms: tuple[str, str], rng: Random, count: int) -> None:
        self.ids: list[str] = []
        self._world = world
        self._realms = realms
        self._records = bytearray()
        taken: set[tuple[int, int]] = set()
        for number in range(count):
            self._records += _draw(rng, number, taken)
            self.ids.append(world.ids.new("00u"))
        self._places = {user: place for place, user in enumerate(self.ids)}

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[str]:
        return iter(self.ids)

    def __contains__(self, key: object) -> bool:
        return key in self._places

    def place(self, user: str) -> int | None:
        """Return the number of a user; None if no generated user has the id."""
        return self._places.get(user)

    def login(self, place: int) -> str:
        """Return the login of a user."""
        first, last, _, _, _, _, flags, _, _ = self._record(place)
        number = place if flags & _NUMBERED else ""
        company = self._world.domain.partition(".")[0]
        return f"{FIRST_NAMES[first]}.{LAST_NAMES[last]}{number}".lower() + f"@{company}.com"

    def status(self, place: int) -> str:
        """Return the status of a user."""
        return STATUSES[self._record(place)[2]]

    def department(self, place: int) -> str:
        """Return the department of a user."""
        return DEPARTMENTS[self._record(place)[3]]

    def is_from_directory(self, place: int) -> bool:
        """Return whether Active Directory checks the password of a user."""
        return bool(self._record(place)[6] & _DIRECTORY)

    def document(self, key: str) -> Json:
        """Create the document of a user."""
        place = self._places[key]
        first, last, status, _, _, _, flags, created, last_login = self._record(place)
        return user_document(
            self._world,
            key,
            self.login(place),
            status=STATUSES[status],
            names=(FIRST_NAMES[first], LAST_NAMES[last]),
            # All users but the first report to a user hired before: a tree about ten wide.
            manager=self.login((place - 1) // 10) if place else None,
            created_days_ago=created,
            last_login_days_ago=None if flags & _NEVER_SIGNED_IN else last_login,
            realm=self._realms[bool(flags & _PARTNER)],
            provider="ACTIVE_DIRECTORY" if flags & _DIRECTORY else "OKTA",
            profile=self._attributes(place),
        )

    def _attributes(self, place: int) -> dict[str, object]:
        _, _, _, department, title, city, flags, _, _ = self._record(place)
        attributes: dict[str, object] = {
            "department": DEPARTMENTS[department],
            "title": None if flags & _UNTITLED else TITLES[title],
            "city": CITIES[city],
            "employeeNumber": f"E{10_000 + place}",
            # Custom attributes are between the others, as Okta sends them.
            "badgeNumbers": [f"B-{place:05}"],
            "onCall": bool(flags & _ON_CALL),
        }
        if flags & _MOBILE:
            attributes["mobilePhone"] = _PHONE.format(place % 10_000)
        if flags & _SECOND_EMAIL:
            attributes["secondEmail"] = ""
        if flags & _DISPLAY_NAME:
            attributes["displayName"] = f"Employee {place}"
        return attributes

    def _record(self, place: int) -> tuple[Any, ...]:
        return _RECORD.unpack_from(self._records, place * _RECORD.size)


def _draw(rng: Random, number: int, taken: set[tuple[int, int]]) -> bytes:
    """Draw the values of one user. The result of a seed depends on the order of the draws."""
    flags = 0
    name = rng.randrange(len(FIRST_NAMES)), rng.randrange(len(LAST_NAMES))
    if name in taken:
        flags |= _NUMBERED
    taken.add(name)
    status = _status(rng, number)
    created = rng.uniform(30, 1900)
    last_login = 0.0
    if rng.random() < 0.1:
        flags |= _NEVER_SIGNED_IN
    else:
        last_login = rng.uniform(0, min(created, 60))
    flags |= (rng.random() < 0.1) * _PARTNER
    flags |= (rng.random() < 0.3) * _DIRECTORY
    department = rng.randrange(len(DEPARTMENTS))
    title = 0
    if rng.random() < 0.9:
        title = rng.randrange(len(TITLES))
    else:
        flags |= _UNTITLED
    city = rng.randrange(len(CITIES))
    flags |= (rng.random() < 0.1) * _ON_CALL
    flags |= (rng.random() < 0.3) * _MOBILE
    flags |= (rng.random() < 0.2) * _SECOND_EMAIL
    flags |= (rng.random() < 0.2) * _DISPLAY_NAME
    return _RECORD.pack(*name, status, department, title, city, flags, created, last_login)


def _status(rng: Random, number: int) -> int:
    # The admins are the first few; after them, every status occurs early, so that small orgs have all
    # statuses.
    if number < 4:
        return STATUSES.index("ACTIVE")
    if number < 4 + len(STATUSES):
        return number - 4
    if rng.random() < _COMMON_STATUS:
        return STATUSES.index("ACTIVE")
    return 1 + rng.randrange(len(STATUSES) - 1)
