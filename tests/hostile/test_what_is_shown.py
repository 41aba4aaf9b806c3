"""Hostile text is escaped wherever it is shown: in notebooks, terminals, logs and errors."""

from __future__ import annotations

import functools
import importlib
import inspect
import logging
import pkgutil
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest

import oktahound
from hostile.corruption import JOINED_TEXTS, TEXTS, corrupted_org
from hostile.scene import Scene
from oktahound import collect
from oktahound.analysis import pictures
from oktahound.entities import Entity

TAGS = {"details", "div", "li", "p", "span", "summary", "table", "tbody", "td", "th", "thead", "tr", "ul"}
"""The elements that oktahound makes; none of them runs anything."""


class Elements(HTMLParser):
    """The elements that a browser would make."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)


@pytest.fixture(scope="module", params=[name for name in JOINED_TEXTS if name != "long"])
def scene(request: pytest.FixtureRequest) -> Iterator[Scene]:
    with pytest.MonkeyPatch.context() as patched:
        # Pictures take most of the time, so that only the first text is tested with them.
        if request.param != next(iter(JOINED_TEXTS)):
            patched.setattr(pictures, "_has_matplotlib", lambda: False)
        yield Scene(JOINED_TEXTS[request.param])


def shown_in(value: Any) -> Iterator[Any]:
    """Yield the values in a value that have their own display."""
    for name in ("items", "paths", "came", "went", "unknown"):
        if isinstance(inside := getattr(value, name, None), tuple):
            yield from inside


@functools.cache
def classes_that_show_html() -> set[type[Any]]:
    """Return every class of the package with `_repr_html_`."""
    found: set[type[Any]] = set()
    for module in pkgutil.walk_packages(oktahound.__path__, "oktahound."):
        for _, cls in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if cls.__module__.startswith("oktahound") and hasattr(cls, "_repr_html_"):
                found.add(cls)
    return found


def test_the_test_data_has_every_class_with_html(scene: Scene) -> None:
    shown = {type(each) for each in scene.answers}
    # Entities share one method, and no org has a row of each.
    entities = {cls for cls in classes_that_show_html() if issubclass(cls, Entity)}
    assert {cls._repr_html_ for cls in entities} == {Entity._repr_html_}
    assert shown - entities == classes_that_show_html() - entities
    assert len(shown & entities) > 20


def test_html_has_harmless_elements_only(scene: Scene) -> None:
    for html in scene.html:
        elements = Elements(html)
        assert elements.tags <= TAGS
        assert elements.attributes <= {"style", "class"}


def test_no_control_character_reaches_a_terminal_or_a_notebook(scene: Scene) -> None:
    parts = [part for each in scene.answers for part in shown_in(each)]
    assert len(parts) > 50
    texts = [*scene.html, *(part._repr_html_() for part in parts if hasattr(part, "_repr_html_"))]
    texts += [text for each in (*scene.told, *scene.answers, *parts) for text in (repr(each), str(each))]
    for text in texts:
        assert {char for char in text if not char.isprintable()} <= {"\n"}


def test_a_gap_is_one_line(scene: Scene) -> None:
    assert all("\n" not in str(gap) for gap in scene.snapshot.gaps)


def test_no_log_line_can_be_forged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        Scene(JOINED_TEXTS["controls"])
    assert len(caplog.records) > 30
    for record in caplog.records:
        assert record.getMessage().isprintable()


@pytest.mark.parametrize("text", [TEXTS["terminal"], TEXTS["lines"], TEXTS["long"]])
def test_an_error_is_one_short_line(text: str) -> None:
    org, client = corrupted_org(lambda _, value: text if isinstance(value, str) else value)
    org.fail("GET /api/v1/org", status=400, times=None)
    with client, pytest.raises(oktahound.OktaHoundError) as raised:
        collect(client)
    assert str(raised.value).isprintable()
    assert len(str(raised.value)) < 1000
