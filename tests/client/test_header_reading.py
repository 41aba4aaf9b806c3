"""Headers: what Okta sends, and invalid values."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oktahound.client._headers import (
    LONGEST_WAIT,
    Limits,
    challenge,
    date_of,
    limits_of,
    retry_after,
)

DATE = "Thu, 11 Sep 2025 16:21:50 GMT"
NOW = 1757607710


def limits(**changed):
    headers = {"limit": "10", "remaining": "0", "reset": str(NOW + 48)} | changed
    pairs = [(f"x-rate-limit-{name}", value) for name, value in headers.items() if value is not None]
    return httpx.Headers([("date", DATE), *pairs])


def test_the_wait_is_reset_minus_date_and_a_second():
    assert limits_of(limits()) == Limits(limit=10, remaining=0, reset=NOW + 48, opens_in=49.0)


def test_more_remaining_than_the_limit_is_the_limit():
    found = limits_of(limits(remaining="99"))
    assert found is not None
    assert found.remaining == 10


@pytest.mark.parametrize(
    "changed",
    [
        {"limit": None},
        {"remaining": None},
        {"reset": None},
        {"limit": "0"},
        {"limit": "-10"},
        {"remaining": "NaN"},
        {"remaining": "many"},
        {"remaining": "-1"},
        {"reset": "0"},
        {"reset": "١٧٥٧٦٠٧٧٥٨".encode()},
        {"reset": str(NOW - 30)},
        {"reset": str(NOW + 3 * 3600)},
        {"reset": "9" * 400},
        {"reset": "1757607758.5"},
        {"reset": ""},
    ],
)
def test_invalid_limits_count_as_missing(changed):
    assert limits_of(limits(**changed)) is None


@pytest.mark.parametrize("date", [None, "", "yesterday", "Thu, 99 Sep 2025 16:21:50 GMT", "0", "a" * 5000])
def test_without_a_date_header_the_reset_is_ignored(date):
    headers = limits()
    if date is None:
        del headers["date"]
    else:
        headers["date"] = date
    assert date_of(headers) is None
    assert limits_of(headers) is None


@given(st.dictionaries(st.sampled_from(["limit", "remaining", "reset"]), st.text(max_size=20)), st.text())
def test_no_header_makes_the_parser_fail(texts, date):
    pairs = [(f"x-rate-limit-{name}", text.encode("utf-8", "replace")) for name, text in texts.items()]
    found = limits_of(httpx.Headers([("date", date.encode("utf-8", "replace")), *pairs]))
    assert found is None or (0 < found.opens_in <= LONGEST_WAIT and 0 <= found.remaining <= found.limit)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7),
        ("Thu, 11 Sep 2025 16:22:00 GMT", 10),
        ("0", None),
        ("-3", None),
        ("86400", None),
        ("soon", None),
        ("Thu, 11 Sep 2025 16:00:00 GMT", None),
    ],
)
def test_retry_after_is_a_number_or_a_date_within_a_limit(value, seconds):
    assert retry_after(httpx.Headers({"date": DATE, "retry-after": value})) == seconds


def test_no_retry_after_is_none():
    assert retry_after(httpx.Headers({"date": DATE})) is None
    assert retry_after(httpx.Headers({"retry-after": "Thu, 11 Sep 2025 16:22:00 GMT"})) is None


def test_challenges_on_several_lines_are_joined():
    headers = httpx.Headers(
        [("www-authenticate", 'Bearer realm="x"'), ("www-authenticate", 'DPoP error="use_dpop_nonce"')]
    )
    assert challenge(headers) == {"realm": "x", "error": "use_dpop_nonce"}
    assert challenge(httpx.Headers({"www-authenticate": "SSWS"})) == {}
