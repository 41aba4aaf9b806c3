"""The display of a snapshot in a terminal and in a notebook."""

from __future__ import annotations

import html.parser
from datetime import UTC, datetime

import attrs
import pytest
from example_counts import examples
from handwritten.orgs import snapshot_of
from handwritten.rows import HOSTILE, snapshots
from hypothesis import given

from oktahound import Gap, GapReason, Snapshot, User
from oktahound.entities import ENTITIES, Group
from oktahound.snapshot.display import printable

NOW = datetime(2026, 1, 15, 12, 25, 42, tzinfo=UTC)

TAGS = {"div", "li", "p", "table", "tbody", "td", "th", "thead", "tr", "ul"}


def gap(entity: str = "User", reason: GapReason = GapReason.FORBIDDEN, **about: object) -> Gap:
    return Gap(entity=entity, reason=reason, request="GET /api/v1/users", **about)


def small(*rows: object, gaps: tuple[Gap, ...] = (), **changes: object) -> Snapshot:
    asked = frozenset({"Organization", "User", "Group"})
    return attrs.evolve(snapshot_of(*rows, gaps=gaps, asked=asked), collected_at=NOW, **changes)


class Elements(html.parser.HTMLParser):
    """A parser that records the tags and the text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[object] = []
        self.said: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attributes

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def test_a_complete_snapshot_shows_counts_and_no_gaps() -> None:
    assert repr(small(User(id="1"), User(id="2"), Group(id="3"))).splitlines()[:3] == [
        "<Snapshot of contoso.okta.com, 2026-01-15T12:25:42.000Z:",
        " 2 users, 1 groups",
        " no gaps",
    ]


def test_requested_entities_without_rows_are_shown() -> None:
    assert repr(small(Group(id="3"))).splitlines()[1:4] == [" 1 groups", " no users", " no gaps"]


def test_entities_that_were_not_requested_are_shown() -> None:
    said = repr(small()).rstrip(">").partition("\n not requested: ")[2]
    assert set(said.replace("\n ", "").split(", ")) == {cls.__name__ for cls in ENTITIES} - {
        "Organization",
        "User",
        "Group",
    }


def test_the_lines_of_a_large_snapshot_are_short_and_break_between_its_items() -> None:
    rows = {cls.PLURAL: (cls.__name__,) * number for number, cls in enumerate(ENTITIES, 1)}
    lines = repr(
        attrs.evolve(small(), asked=frozenset({cls.__name__ for cls in ENTITIES}), **rows)
    ).splitlines()
    assert max(len(line) for line in lines) <= 100
    entities = " ".join(line.strip() for line in lines[1:-1]).split(", ")
    assert entities == [
        f"{len(rows[cls.PLURAL])} {cls.PLURAL}" for cls in ENTITIES if cls.PLURAL != "organizations"
    ]


def test_options_are_shown() -> None:
    assert repr(small(options={"mfa": "none", "bindings": False})).endswith(
        "\n options: bindings=False, mfa='none'>"
    )
    assert "options: mfa='none'" in Elements(small(options={"mfa": "none"})._repr_html_()).said


def test_a_snapshot_of_only_the_organization_is_shown() -> None:
    only = attrs.evolve(small(), asked=frozenset({"Organization"}))
    assert repr(only).splitlines()[1:3] == [" nothing", " no gaps"]


def test_gaps_are_counted_by_kind_and_the_most_severe_are_shown() -> None:
    trifles = tuple(gap(reason=GapReason.FIELD, where=f"users[{number}].status") for number in range(9))
    lines = repr(small(gaps=(*trifles, gap("Group", status=403, detail="no role")))).splitlines()
    assert lines[2] == " 10 gaps: 9 × User field, 1 × Group forbidden"
    assert lines[3] == "  Group: forbidden [403], GET /api/v1/users: no role"
    assert lines[4].startswith("  User: field at users[0].status")
    assert lines[8] == "  … and 5 more in .gaps"


def test_the_html_has_a_table_of_all_entities() -> None:
    page = Elements(small(User(id="1"), gaps=(gap("Group"),))._repr_html_())
    shown = " ".join(page.said)
    assert " users 1 groups 0 1 " in shown
    assert " realms not requested " in shown
    assert page.tags.count("td") == 3 * len(ENTITIES)
    assert "Group: forbidden, GET /api/v1/users: " in page.said


def test_the_html_states_that_there_are_no_gaps() -> None:
    assert "no gaps" in Elements(small()._repr_html_()).said


def test_the_html_shows_only_the_first_of_many_gaps() -> None:
    page = small(gaps=tuple(gap(parent=f"00u{number}") for number in range(21)))._repr_html_()
    assert page.count("<li>") == 20
    assert "… and 1 more in .gaps" in page


def test_a_notebook_chooses_between_text_and_html() -> None:
    snapshot = small()
    bundle = snapshot._repr_mimebundle_(include=None, exclude=None)
    assert bundle == {"text/plain": repr(snapshot), "text/html": snapshot._repr_html_()}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_escaped_in_terminal_and_browser(name: str) -> None:
    hostile = small(
        gaps=(gap(entity=name, parent=name, error_code=name, where=name, detail=name),),
        domain=name,
        options={name: name},
    )
    shown = repr(hostile)
    assert all(char.isprintable() or char == "\n" for char in shown)
    assert len(shown.splitlines()) == len(repr(small(gaps=(gap(),), options={"a": 1})).splitlines())
    assert len(shown) < 5000
    page = Elements(hostile._repr_html_())
    assert set(page.tags) <= TAGS
    assert {attribute for attribute, _ in page.attributes} == {"style"}


@examples(6)
@given(snapshot=snapshots())
def test_anything_can_be_shown(snapshot: Snapshot) -> None:
    assert all(char.isprintable() or char == "\n" for char in repr(snapshot))
    page = Elements(snapshot._repr_html_())
    assert set(page.tags) <= TAGS
    assert {attribute for attribute, _ in page.attributes} == {"style"}


def test_control_characters_are_escaped() -> None:
    assert printable("a\x1b[2Jb\u202ec\nd") == "a\\x1b[2Jb\\u202ec\\nd"


def test_long_texts_are_cut() -> None:
    assert printable("x" * 300) == "x" * 300
    assert printable("x" * 301) == "x" * 300 + "…"
