"""The scopes that vendors publish, and how an integration compares with them."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import jsonschema_rs
import pytest

import oktahound.scopes
from oktahound import ApiServiceIntegration, OAuthScope
from oktahound.analysis import (
    ClientKind,
    PublishedScopes,
    VendorVerdict,
    compare_with_vendor,
    read_vendor_lists,
    vendor_catalogue,
)
from oktahound.errors import ConfigurationError

DATA = Path(oktahound.scopes.__file__).parent / "data"
OWN = PublishedScopes(
    vendor="Vendor", product="Scanner", app_type="scanner", scopes=("okta.users.manage", "okta.logs.read")
)


def integration(*scopes, app_type="scanner", name="Scanner"):
    texts = tuple(OAuthScope(each) for each in scopes)
    return ApiServiceIntegration(id="0oa1", name=name, app_type=app_type, oauth_scopes=texts)


def test_the_catalogue_fits_its_schema():
    schema = json.loads((DATA / "vendors.schema.json").read_text(encoding="utf-8"))
    jsonschema_rs.Draft202012Validator(schema).validate(json.loads((DATA / "vendors.json").read_bytes()))


def test_every_list_has_a_date_and_a_kind_of_client():
    assert {each.kind for each in vendor_catalogue()} == set(ClientKind)
    assert all(each.date == dt.date(2026, 11, 28) for each in vendor_catalogue())
    assert all(
        each.kind is ClientKind.API_SERVICE_INTEGRATION for each in vendor_catalogue() if each.app_type
    )


@pytest.mark.parametrize(
    ("scopes", "verdict", "more", "less"),
    [
        (("okta.users.manage", "okta.logs.read"), VendorVerdict.SAME, (), ()),
        (
            ("okta.users.manage", "okta.logs.read", "okta.apps.read"),
            VendorVerdict.MORE,
            ("okta.apps.read",),
            (),
        ),
        (("okta.users.manage",), VendorVerdict.LESS, (), ("okta.logs.read",)),
        (
            ("okta.apps.read",),
            VendorVerdict.MORE,
            ("okta.apps.read",),
            ("okta.logs.read", "okta.users.manage"),
        ),
        # What a manage scope includes is not more.
        (("okta.users.manage", "okta.users.read", "okta.logs.read"), VendorVerdict.SAME, (), ()),
        # A manage scope in place of a read scope is.
        (("okta.users.manage", "okta.logs.manage"), VendorVerdict.MORE, ("okta.logs.manage",), ()),
        ((), VendorVerdict.LESS, (), ("okta.logs.read", "okta.users.manage")),
    ],
)
def test_an_integration_holds_the_same_more_or_less(scopes, verdict, more, less):
    compared = compare_with_vendor(integration(*scopes), [OWN])
    assert (compared.verdict, compared.more, compared.less) == (verdict, more, less)
    assert compared.published == OWN
    assert verdict.value in repr(compared)


def test_a_vendor_that_is_not_in_the_lists_is_not_known():
    compared = compare_with_vendor(integration("okta.users.manage", app_type="other", name="Other"))
    assert compared.verdict is VendorVerdict.NOT_KNOWN
    assert (compared.published, compared.more, compared.less, compared.assumption) == (None, (), (), None)


def test_an_integration_whose_published_scopes_were_not_found_is_not_known():
    compared = compare_with_vendor(integration("okta.users.manage", app_type="x", name="Reco"))
    assert compared.published.vendor == "Reco"
    assert compared.verdict is VendorVerdict.NOT_KNOWN


def test_a_list_of_the_package_matches_by_type():
    compared = compare_with_vendor(
        integration("okta.users.read", "okta.groups.read", app_type="anzennaapiservice", name="any")
    )
    assert (compared.verdict, compared.less) == (VendorVerdict.LESS, ("okta.logs.read",))
    assert compared.assumption


def test_a_list_without_a_type_matches_by_the_name_of_the_product():
    for name in (
        "Identity Threat Protection",
        "Delinea Identity Threat Protection",
        "delinea identity-threat protection",
    ):
        assert compare_with_vendor(integration(app_type="y", name=name)).published.vendor == "Delinea"


def test_a_list_for_a_custom_application_never_matches():
    assert compare_with_vendor(integration(app_type=None, name="Zluri")).published is None


def test_the_lists_of_the_caller_come_first():
    own = PublishedScopes(vendor="Anzenna", product="API", app_type="anzennaapiservice", scopes=())
    compared = compare_with_vendor(integration("okta.logs.read", app_type="anzennaapiservice"), [own])
    assert (compared.published, compared.verdict) == (own, VendorVerdict.MORE)


def test_scopes_that_were_not_read_are_not_compared():
    with pytest.raises(ConfigurationError, match="were not read"):
        compare_with_vendor(ApiServiceIntegration(id="0oa1", name="Vendor"))


@pytest.mark.parametrize("wrong", ["0oa1", None, ["okta.users.read"]])
def test_an_object_that_is_no_integration_is_refused(wrong):
    with pytest.raises(ConfigurationError, match="needs an ApiServiceIntegration"):
        compare_with_vendor(wrong)


@pytest.mark.parametrize("wrong", [["okta.users.read"], [None], 7, OWN])
def test_lists_of_another_type_are_refused(wrong):
    with pytest.raises(ConfigurationError, match="lists="):
        compare_with_vendor(integration(), wrong)


def test_lists_are_read_from_a_file(tmp_path):
    file = tmp_path / "vendors.json"
    row = {"vendor": "Vendor", "product": "Scanner", "kind": "api service integration", "app_type": "scanner"}
    file.write_text(json.dumps({"date": "2026-11-01", "lists": [row | {"scopes": ["okta.logs.read"]}]}))
    (own,) = read_vendor_lists(file)
    assert (own.scopes, own.date) == (("okta.logs.read",), dt.date(2026, 11, 1))
    assert compare_with_vendor(integration("okta.logs.read"), [own]).verdict is VendorVerdict.SAME


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"lists": [{}]}', '{"lists": [{"vendor": "V", "product": "P", "kind": "spaceship"}]}',
     '{"lists": [{"vendor": "V", "product": "P", "kind": "custom application", "scopes": ["two words"]}]}',
     '{"lists": 7}', '{"lists": [7]}', '{"date": "soon", "lists": []}'],
)  # fmt: skip
def test_a_file_of_another_form_is_an_error_that_names_it(tmp_path, content):
    file = tmp_path / "vendors.json"
    file.write_text(content)
    with pytest.raises(ConfigurationError, match=r"vendors\.json: not a file of vendor lists"):
        read_vendor_lists(file)


def test_a_file_that_does_not_exist_is_an_error_that_names_it(tmp_path):
    with pytest.raises(ConfigurationError, match=r"none\.json: cannot read"):
        read_vendor_lists(tmp_path / "none.json")
