"""The reference of entities: every entity is on one page, and every field in the table of its entity."""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

from oktahound.entities import ENTITIES, fields_of

DOCS = Path(__file__).parents[2] / "docs"

pytest.importorskip("sphinx", reason="only the session for the docs installs Sphinx")


@pytest.fixture
def declared_entities(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(DOCS))
    import declared_entities

    yield declared_entities
    for name in ("areas", "declared", "declared_entities", "readable"):
        sys.modules.pop(name, None)


def test_every_entity_is_in_one_area_of_the_reference(declared_entities: ModuleType) -> None:
    areas = declared_entities.AREAS
    assert Counter(cls for area in areas for cls in area.entities) == Counter(ENTITIES)
    pages = {path.stem for path in (DOCS / "reference").glob("entities-*.md")}
    assert pages == {f"entities-{area.slug}" for area in areas}


def test_the_table_of_an_entity_has_every_field_with_type_wire_name_and_property(
    declared_entities: ModuleType,
) -> None:
    for cls in ENTITIES:
        text = "\n".join(declared_entities.field_table(cls))
        assert re.findall(r"^   \* - ``(\w+)``$", text, re.MULTILINE) == [
            each.name for each in fields_of(cls)
        ]
        assert "NoneType" not in text
        assert "0x" not in text
    (user,) = (cls for cls in ENTITIES if cls.__name__ == "User")
    rows = "\n".join(declared_entities.field_table(user)).split("   * - ")
    assert (
        "``login``\n     - ``str | None``\n     - The unique user name, usually an e-mail address.\n"
        in "".join(rows)
    )
    assert "     - ``profile.login``\n     - ``login``\n" in "".join(rows)
