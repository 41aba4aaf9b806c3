"""The people of a generated org."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from oktahound.sim.people import STATUSES

if TYPE_CHECKING:
    from oktahound.sim.org import SimulatedOrg

__all__ = ["CITIES", "DEPARTMENTS", "FIRST_NAMES", "LAST_NAMES", "TITLES", "hire"]


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


def hire(org: SimulatedOrg, rng: Random, count: int, realms: tuple[str, str]) -> list[str]:
    """Add `count` users, most of them in the first of two realms, and return their ids."""
    ids: list[str] = []
    logins: list[str] = []
    taken: set[str] = set()
    for number in range(count):
        first, last = rng.choice(FIRST_NAMES), rng.choice(LAST_NAMES)
        local = f"{first}.{last}".lower()
        if local in taken:
            local = f"{local}{number}"
        taken.add(local)
        login = f"{local}@{_mail_domain(org)}"
        # Everybody but the first reports to somebody who was hired before: a tree about ten wide.
        manager = logins[(number - 1) // 10] if number else None
        status = _status(rng, number)
        created = rng.uniform(30, 1900)
        ids.append(
            org.add_user(
                login,
                status=status,
                first_name=first,
                last_name=last,
                manager=manager,
                created_days_ago=created,
                last_login_days_ago=None if rng.random() < 0.1 else rng.uniform(0, min(created, 60)),
                realm=realms[rng.random() < 0.1],
                provider="ACTIVE_DIRECTORY" if rng.random() < 0.3 else "OKTA",
                profile=_attributes(rng, number),
            )
        )
        logins.append(login)
    return ids


def _mail_domain(org: SimulatedOrg) -> str:
    return org.domain.partition(".")[0] + ".com"


def _status(rng: Random, number: int) -> str:
    # The admins are the first few; after them every status occurs early, so that small orgs have all.
    if number < 4:
        return "ACTIVE"
    if number < 4 + len(STATUSES):
        return STATUSES[number - 4]
    return "ACTIVE" if rng.random() < _COMMON_STATUS else rng.choice(STATUSES[1:])


def _attributes(rng: Random, number: int) -> dict[str, object]:
    attributes: dict[str, object] = {
        "department": rng.choice(DEPARTMENTS),
        "title": rng.choice(TITLES) if rng.random() < 0.9 else None,
        "city": rng.choice(CITIES),
        "employeeNumber": f"E{10_000 + number}",
        # Custom attributes stand among the others, as Okta sends them.
        "badgeNumbers": [f"B-{number:05}"],
        "onCall": rng.random() < 0.1,
    }
    if rng.random() < 0.3:
        attributes["mobilePhone"] = _PHONE.format(number % 10_000)
    if rng.random() < 0.2:
        attributes["secondEmail"] = ""
    if rng.random() < 0.2:
        attributes["displayName"] = f"Employee {number}"
    return attributes
