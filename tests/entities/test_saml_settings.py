"""SAML settings embedded in applications and identity providers, and invalid ones."""

from __future__ import annotations

from typing import Any

import pytest

from oktahound.entities import (
    AccountMatching,
    AcsEndpoint,
    AttributeStatement,
    Embedded,
    Entity,
    SamlSettings,
    embedded_rows,
    structure,
)

OWN = {"type": "EXPRESSION", "name": "email", "values": ["user.email"]}
CATALOGUE = {"type": "GROUP", "name": "IMGroup", "namespace": None, "filterType": None, "filterValue": None}


def rows(cls: type[Entity], row: dict[str, Any]) -> list[Any]:
    (source,) = cls.SOURCES
    assert isinstance(source, Embedded)
    found, faults = embedded_rows(source, row)
    assert faults == ()
    return [structure(cls, each, "0oa1")[0] for each in found]


def app(**sign_on: Any) -> dict[str, Any]:
    return {"id": "0oa1", "settings": {"signOn": sign_on}}


def test_statements_are_numbered_through_those_of_the_application_and_of_its_catalogue_entry():
    found = rows(
        AttributeStatement, app(attributeStatements=[OWN, OWN], configuredAttributeStatements=[CATALOGUE])
    )
    assert [(each.id, each.origin) for each in found] == [
        ("0", "attributeStatements"),
        ("1", "attributeStatements"),
        ("2", "configuredAttributeStatements"),
    ]


@pytest.mark.parametrize(
    "row", [{"id": "0oa1"}, {"settings": None}, {"settings": {}}, {"settings": {"signOn": None}}, app()]
)
@pytest.mark.parametrize("cls", [SamlSettings, AcsEndpoint, AttributeStatement])
def test_an_application_without_saml_settings_has_no_rows(cls: type[Entity], row: dict[str, Any]):
    assert rows(cls, row) == []


def test_settings_of_other_sign_on_modes_are_no_saml_settings():
    assert rows(SamlSettings, app(redirectUrl=None, loginUrl="https://wiki.example.com")) == []


@pytest.mark.parametrize("sign_on", ["text", [], 7, True])
@pytest.mark.parametrize("cls", [SamlSettings, AttributeStatement])
def test_settings_of_a_wrong_type_are_a_fault_and_not_the_absence_of_settings(cls: Any, sign_on: Any):
    found, faults = embedded_rows(cls.SOURCES[0], {"id": "0oa1", "settings": {"signOn": sign_on}})
    assert (list(found), [fault.fatal for fault in faults]) == ([], [True])


@pytest.mark.parametrize("statements", ["text", {}, [OWN, "text"], [None]])
def test_statements_of_a_wrong_type_are_a_fault(statements: Any):
    (source,) = AttributeStatement.SOURCES
    _, faults = embedded_rows(source, app(attributeStatements=statements))
    assert [fault.fatal for fault in faults] == [True]


@pytest.mark.parametrize(
    ("filter_", "said"),
    [
        (None, None),
        ({}, False),
        ({"groups": {"include": ["00g1"]}}, True),
        ({"users": {"excludeAdmins": True}}, True),
    ],
)
def test_any_filter_of_account_linking_limits_it(filter_: Any, said: bool | None):
    (found,) = rows(AccountMatching, {"id": "0oaIdp", "policy": {"accountLink": {"filter": filter_}}})
    assert found.has_link_filter is said
