"""Parsing JSON: everything that Python's own parser accepts, except for invalid Unicode."""

from __future__ import annotations

import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oktahound.client._body import NOT_JSON, parse_json

ODD = [
    "\ud800",
    "\udfff\ud800",
    "\\ud800",
    "\\\\ud83d",
    "\ud83d\ude00",
    "a\ud83db",
    "\\",
    '"',
    "\ud83d\ud83d\ude00",
]
texts = st.text(st.characters(exclude_categories=()), max_size=20) | st.sampled_from(ODD)
documents = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
)


def without_lone_surrogates(doc):
    if isinstance(doc, str):
        return doc.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(doc, list):
        return [without_lone_surrogates(each) for each in doc]
    if isinstance(doc, dict):
        return {without_lone_surrogates(name): without_lone_surrogates(each) for name, each in doc.items()}
    return doc


@given(texts)
def test_a_lone_surrogate_becomes_the_replacement_character(text):
    read = parse_json(json.dumps([text]).encode())
    assert read == [without_lone_surrogates(json.loads(json.dumps(text)))]


@given(documents)
def test_every_valid_document_is_parsed(doc):
    read = parse_json(json.dumps(doc).encode())
    assert read is not NOT_JSON
    json.dumps(read, ensure_ascii=False).encode("utf-8")


@pytest.mark.parametrize("number", ["1e400", "9" * 5_000, "1" + "0" * 400 + ".5e3"])
def test_a_number_too_large_for_a_float_becomes_the_largest_float(number):
    text = f'{{"a": {number}, "b": [-{number}, 1e3], "1e400": "1e400 {number}"}}'
    largest = sys.float_info.max
    read = parse_json(text)
    assert read == {"a": largest, "b": [-largest, 1000.0], "1e400": f"1e400 {number}"}


BROKEN = [
    b"",
    b"[",
    b'["\\ud8"]',
    b'["\\ud8zz"]',
    b'["\\ud800]',
    b'["\\x"]',
    b"\\ud800",
    b"[NaN]",
    b"\xff",
    b"[1e400",
    b"[1e400e5]",
    b"[01e400]",
    b'["1e400]',
    b'["\\ud800", ',
]


@pytest.mark.parametrize("text", [*BROKEN, "\ud800"])
def test_invalid_json_is_an_error(text):
    assert parse_json(text) is NOT_JSON
