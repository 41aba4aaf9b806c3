"""Names of people, teams and products for generated organizations. Data only."""

from __future__ import annotations

__all__ = ["CITIES", "DEPARTMENTS", "FIRST_NAMES", "LAST_NAMES", "TITLES"]

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
