"""Names of people are compared without letter case and Unicode form, but otherwise exactly."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oktahound.entities.caseless import caseless


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ann@Contoso.com", " ann@contoso.COM "),
        ("Jos\u00e9@contoso.com", "jose\u0301@contoso.com"),
        ("JOSE\u0301@contoso.com", "jos\u00e9@contoso.com"),
        ("stra\u00dfe@contoso.com", "STRASSE@contoso.com"),
        ("\uff41\uff4e\uff4e@contoso.com", "ann@contoso.com"),
        ("\u1e9e", "ss"),
        ("\u03a3\u03a3", "\u03c3\u03c2"),
        ("q\u0307\u0323", "q\u0323\u0307"),
        ("\uac00@contoso.com", "\u1100\u1161@contoso.com"),
    ],
)
def test_different_forms_of_the_same_name_are_equal(one: str, other: str):
    assert caseless(one) == caseless(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("ann\u00b2", "ann2"), ("\ufb01n", "fi n"), ("ann", "\u0430nn"), ("jose", "jos\u00e9"), ("a b", "ab")],
)
def test_different_names_stay_different(one: str, other: str):
    assert caseless(one) != caseless(other)


@given(st.text(max_size=20))
def test_normal_forms_and_letter_case_are_ignored(text: str):
    assert caseless(caseless(text)) == caseless(text)
    assert caseless(unicodedata.normalize("NFD", text)) == caseless(unicodedata.normalize("NFC", text))
