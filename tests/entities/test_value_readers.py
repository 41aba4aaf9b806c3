"""Parsers of values: periods, GUIDs, links, tenants, scopes, times."""

from __future__ import annotations

import base64
import uuid
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oktahound.entities import (
    OAuthScope,
    camel,
    entra_tenant_id,
    guid_text,
    time_text,
    token_window,
    type_name,
)
from oktahound.entities.parsers import (
    bare_url,
    canonical_json,
    last_segment,
    text_unless_empty,
    url_without_user,
    urls_without_user,
    wrapped_keys,
)

TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47"


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("P30D", "30.00:00:00"),
        ("PT5M", "00:05:00"),
        ("P1DT2H3M4S", "1.02:03:04"),
        ("PT90M", "01:30:00"),
        ("PT36H", "1.12:00:00"),
        ("P2W", "14.00:00:00"),
        ("PT1.5S", "00:00:01"),
        ("P0D", "00:00:00"),
        ("P1Y", "P1Y"),
        ("P1M", "P1M"),
        ("P", "P"),
        ("PT", "PT"),
        ("P1DT", "P1DT"),
        ("thirty days", "thirty days"),
        ("", ""),
    ],
)
def test_a_period_of_fixed_length_becomes_a_duration_and_others_stay_text(sent, shown):
    assert token_window(sent) == shown


@given(st.integers(0, 999), st.integers(0, 23), st.integers(0, 59), st.integers(0, 59))
def test_all_parts_of_a_period_count(days, hours, minutes, seconds):
    shown = token_window(f"P{days}DT{hours}H{minutes}M{seconds}S")
    assert shown == (f"{days}." if days else "") + f"{hours:02}:{minutes:02}:{seconds:02}"


@given(st.uuids())
def test_a_windows_guid_is_decoded_from_oktas_form(guid):
    assert guid_text(base64.b64encode(guid.bytes_le).decode()) == str(guid)


@pytest.mark.parametrize("text", ["", "not base64!", "AAAA", TENANT, "ABEiM0RVZneImaq7zN3u/w", "ÄÄ=="])
def test_a_value_that_is_no_guid_is_unchanged(text):
    assert guid_text(text) == text


def test_the_order_of_a_guids_bytes_is_that_of_windows():
    assert guid_text("OZJdWdONCU6h7WjQKp+LPA==") == str(uuid.UUID("595d9239-8dd3-4e09-a1ed-68d02a9f8b3c"))


@pytest.mark.parametrize(
    "read", [token_window, guid_text, text_unless_empty, last_segment, bare_url, canonical_json, wrapped_keys]
)
def test_a_value_of_another_type_is_a_fault_with_a_description(read):
    with pytest.raises(TypeError, match=r"expected .*, got a number"):
        read(7)


@pytest.mark.parametrize(
    ("link", "id_"),
    [
        ("https://contoso.okta.com/api/v1/apps/0oa1", "0oa1"),
        ("https://contoso.okta.com/api/v1/apps/0oa1/?expand=user#x", "0oa1"),
        ("0oa1", "0oa1"),
        ("", None),
        ("https://contoso.okta.com", None),
    ],
)
def test_the_id_is_the_last_part_of_a_link(link, id_):
    assert last_segment(link) == id_


@pytest.mark.parametrize("read", [last_segment, bare_url])
def test_an_invalid_link_is_a_fault(read):
    with pytest.raises(ValueError, match="expected a URL"):
        read("https://[::1")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("https://user:pass@host:8443/a/b?token=1#x", "https://host:8443/a/b"),
        ("https://host", "https://host"),
        ("jss.example.com", "jss.example.com"),
        ("", None),
    ],
)
def test_possible_credentials_are_removed_from_a_typed_url(sent, kept):
    assert bare_url(sent) == kept


@pytest.mark.parametrize(
    "url",
    [
        f"https://login.microsoftonline.com/{TENANT}/saml2",
        f"https://sts.windows.net/{TENANT.upper()}/",
        f"https://login.microsoftonline.us/{TENANT}/v2.0",
        f"https://login.partner.microsoftonline.cn/{TENANT}",
        f"https://LOGIN.microsoft.com:443/{TENANT}/oauth2",
        f"https://login.windows.net//{TENANT}/x",
    ],
)
def test_a_url_of_entra_names_its_tenant(url):
    assert entra_tenant_id([url]) == TENANT


@pytest.mark.parametrize(
    "url",
    [
        f"https://login.microsoftonline.com.evil.example/{TENANT}/saml2",
        f"https://evil.example/login.microsoftonline.com/{TENANT}",
        f"https://login.microsoftonline.com@evil.example/{TENANT}",
        "https://login.microsoftonline.com/common/saml2",
        "https://login.microsoftonline.com/contoso.onmicrosoft.com/saml2",
        f"https://login.microsoftonline.com/x/{TENANT}",
        "https://login.microsoftonline.com",
        "https://[::1",
        "",
        None,
    ],
)
def test_any_other_url_names_none(url):
    assert entra_tenant_id([url]) is None


def test_the_first_url_that_names_a_tenant_decides():
    urls = [None, "https://login.microsoftonline.com/common", f"https://sts.windows.net/{TENANT}/"]
    assert entra_tenant_id(urls) == TENANT


def test_json_text_does_not_depend_on_the_order_of_keys():
    assert canonical_json({"b": 1, "a": [2]}) == canonical_json({"a": [2], "b": 1}) == '{"a":[2],"b":1}'
    with pytest.raises(ValueError, match="expected JSON"):
        canonical_json({"a": 2**70})


class TestOAuthScopes:
    @pytest.mark.parametrize(
        ("text", "resource", "access", "writes"),
        [
            ("okta.users.read", "users", "read", False),
            ("okta.users.read.self", "users.read", "self", False),
            ("okta.apps.interclientTrust.manage", "apps.interclientTrust", "manage", True),
            ("openid", "openid", "", False),
        ],
    )
    def test_a_scope_has_its_resource_and_access(self, text, resource, access, writes):
        scope = OAuthScope(text)
        assert (scope, scope.text, scope.resource, scope.access, scope.writes) == (
            text,
            text,
            resource,
            access,
            writes,
        )

    def test_manage_includes_read_only(self):
        manage = OAuthScope("okta.users.manage")
        assert manage.includes("okta.users.read")
        assert manage.includes("okta.users.manage")
        assert not manage.includes("okta.groups.read")
        assert not OAuthScope("okta.users.read").includes("okta.users.manage")

    @pytest.mark.parametrize("text", ["", "a b", "a\n"])
    def test_a_text_with_blanks_is_no_scope(self, text):
        with pytest.raises(ValueError, match="one word"):
            OAuthScope(text)

    def test_the_repr_of_a_scope_has_its_type(self):
        assert repr(OAuthScope("openid")) == "OAuthScope('openid')"


class TestTimes:
    @pytest.mark.parametrize(
        ("moment", "text"),
        [
            (datetime(2026, 1, 15, 12, 25, 42, tzinfo=UTC), "2026-01-15T12:25:42.000Z"),
            (datetime(2026, 1, 15, 12, 25, 42, 999_999, tzinfo=UTC), "2026-01-15T12:25:42.999Z"),
            (
                datetime(2026, 1, 15, 14, 25, 42, tzinfo=timezone(timedelta(hours=2))),
                "2026-01-15T12:25:42.000Z",
            ),
        ],
    )
    def test_a_time_is_shown_in_utc_with_milliseconds(self, moment, text):
        assert time_text(moment) == text

    def test_a_time_without_a_zone_is_refused(self):
        with pytest.raises(ValueError, match="no time zone"):
            time_text(datetime(2026, 1, 15))  # noqa: DTZ001


def test_names_follow_one_rule():
    assert camel("last_membership_updated") == "lastMembershipUpdated"
    assert type_name(object()) == "object"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("https://idp.example.com/sso?idpid=C0", "https://idp.example.com/sso?idpid=C0"),
        ("https://admin:hunter2@idp.example.com/sso?idpid=C0", "https://idp.example.com/sso?idpid=C0"),
        ("https://idp.example.com/sso#access_token=secret", "https://idp.example.com/sso"),
        ("", None),
    ],
)
def test_user_password_and_fragment_are_removed_from_a_browser_url(sent: str, kept: str | None) -> None:
    assert url_without_user(sent) == kept
    assert urls_without_user([sent]) == ((kept,) if kept else ())


def test_an_invalid_url_is_a_fault_that_does_not_show_it() -> None:
    for value in (5, ["https://a.example"], None):
        with pytest.raises(TypeError, match="a URL"):
            url_without_user(value)
    with pytest.raises(TypeError, match="a list of URLs"):
        urls_without_user("https://a.example")
