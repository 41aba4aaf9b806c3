"""The table of powers: every entry fits the schema and is proved by operations of the catalogue."""

from __future__ import annotations

import itertools
import json
import tomllib
from pathlib import Path

import jsonschema_rs
import pytest
from each_case import for_each

import oktahound.scopes
from oktahound.analysis import POWERS
from oktahound.errors import ConfigurationError
from oktahound.scopes import (
    NO_ROLE,
    Knowledge,
    Severity,
    catalogue,
    held_scopes,
    knowledge_of,
    power,
    powers_among,
)
from oktahound.scopes.powers import FAMILIES

DATA = Path(oktahound.scopes.__file__).parent / "data"
SCHEMA = json.loads((DATA / "powers.schema.json").read_text(encoding="utf-8"))

every_power = for_each(POWERS, name=lambda each: each.name)

# The scopes that change security by the list of the project, and the one that reads the log.
COVERED = [
    "users",
    "groups",
    "roles",
    "apps",
    "appGrants",
    "clients",
    "oauthIntegrations",
    "policies",
    "idps",
    "authorizationServers",
    "inlineHooks",
    "eventHooks",
    "logStreams",
    "networkZones",
    "orgs",
    "apiTokens",
    "devices",
    "sessions",
    "agentPools",
    "profileMappings",
    "directories.groups",
    "identitySources",
    "realmAssignments",
    "authenticators",
]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_file_of_powers_fits_its_schema(family):
    rows = tomllib.loads((DATA / "powers" / f"{family}.toml").read_text(encoding="utf-8"))
    jsonschema_rs.Draft202012Validator(SCHEMA).validate(rows)


@every_power
def test_a_power_has_texts_about_abuse_and_remedy(given):
    for text in (given.abuse, given.cut):
        assert text.endswith(".")
        assert text.count(". ") <= 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"severity": "awful"},
        {"sentence": "no capital"},
        {"abuse": "No full stop"},
        {"cut": "no capital."},
        {"operations": []},
        {"scopes": []},
        {"condition": "A clause."},
        {"permissions": []},
        {"cited": "somewhere"},
        {"more": 1},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_the_schema_refuses_a_broken_power(wrong):
    right = {
        "scopes": ["okta.users.manage"],
        "severity": "low",
        "sentence": "Does it.",
        "abuse": "Do it.",
        "cut": "Revoke it.",
        "operations": ["getIt"],
    }
    jsonschema_rs.Draft202012Validator(SCHEMA).validate({"does-it": right})
    with pytest.raises(jsonschema_rs.ValidationError):
        jsonschema_rs.Draft202012Validator(SCHEMA).validate({"does-it": right | wrong})


def test_the_schema_requires_operations_or_a_source():
    texts = {"sentence": "Does it.", "abuse": "Do it.", "cut": "Revoke it."}
    bare = {"scopes": ["okta.users.manage"], "severity": "low", **texts}
    with pytest.raises(jsonschema_rs.ValidationError):
        jsonschema_rs.Draft202012Validator(SCHEMA).validate({"does-it": bare})
    jsonschema_rs.Draft202012Validator(SCHEMA).validate({"does-it": bare | {"cited": "https://okta.com"}})


def test_every_file_of_powers_is_loaded():
    assert {path.stem for path in (DATA / "powers").iterdir()} == {*FAMILIES, "assumptions"}


def test_a_shared_assumption_is_given_by_its_key():
    keys = tomllib.loads((DATA / "powers" / "assumptions.toml").read_text(encoding="utf-8"))
    assert power("resets-credentials").assumption == keys["administrators"] == NO_ROLE
    # A key that is misspelled would stay a single word.
    assert all(" " in each.assumption for each in POWERS if each.assumption)


def test_an_unknown_power_is_an_error_that_names_it():
    with pytest.raises(ConfigurationError, match="resets-everything"):
        power("resets-everything")


def test_names_are_unique():
    assert len({power.name for power in POWERS}) == len(POWERS)


PROVED = [each for each in POWERS if each.operations]
proved_power = for_each(PROVED, name=lambda each: each.name)


@every_power
def test_a_power_without_operations_has_a_source_and_an_assumption(given):
    if not given.operations:
        assert given.cited
        assert given.evidence == ()
        assert given.source == given.cited
        assert given.assumption or given.scope.access == "self"
        assert all(knowledge_of(scope) is not Knowledge.KNOWN for scope in given.scopes)


@proved_power
def test_a_power_is_proved_by_operations_that_its_scopes_permit(given):
    assert [each.operation_id for each in given.evidence] == list(given.operations)
    assert all(each.permitted_by(held_scopes(given.scopes)) for each in given.evidence)


@proved_power
def test_every_scope_of_a_power_adds_evidence(given):
    assert {each.scope for each in given.evidence} == set(given.scopes)


@every_power
def test_a_power_has_one_sentence_and_a_source(given):
    assert given.sentence.count(".") - given.sentence.count("Okta.") <= 1
    assert given.source.startswith("https://")


@proved_power
def test_a_power_that_only_reads_is_not_proved_by_writes(given):
    assert any(each.writes for each in given.evidence) is given.writes


@for_each(COVERED)
def test_every_scope_that_changes_security_has_a_power(resource):
    assert [each for each in POWERS if each.scopes == (f"okta.{resource}.manage",)]


def test_registering_clients_and_reading_the_log_have_a_power():
    assert powers_among(POWERS, ["okta.clients.register"])
    assert powers_among(POWERS, ["okta.logs.read"])


@for_each(sorted({each.scope for each in POWERS}))
def test_scopes_of_powers_exist(scope):
    assert scope in catalogue()


@for_each([each for each in POWERS if each.is_combination], name=lambda each: each.name)
def test_a_combination_needs_all_its_scopes_and_is_at_least_as_severe_as_each(given):
    for fewer in itertools.combinations(given.scopes, len(given.scopes) - 1):
        assert not given.held_by(fewer)
    assert given.held_by(given.scopes)
    alone = [each for each in POWERS if each.scopes in [(scope,) for scope in given.scopes]]
    assert all(given.severity >= each.severity for each in alone)


def test_powers_are_sorted_by_severity():
    found = powers_among(POWERS, ["okta.users.manage", "okta.groups.manage", "okta.logs.read"])
    assert [each.severity for each in found] == sorted((each.severity for each in found), reverse=True)
    assert found[0].name == "creates-members"


def test_powers_do_not_depend_on_the_order_of_scopes():
    scopes = ["okta.users.manage", "okta.groups.manage", "okta.apps.read"]
    assert powers_among(POWERS, scopes) == powers_among(POWERS, scopes[::-1])


def test_a_manage_scope_has_the_powers_of_its_read():
    names = {each.name for each in powers_among(POWERS, ["okta.apps.manage"])}
    assert {"manages-apps", "reads-app-secrets", "reads-applications"} <= names


def test_severities_have_an_order():
    assert max(Severity) is Severity.CRITICAL
    assert sorted([Severity.HIGH, Severity.INFO]) == [Severity.INFO, Severity.HIGH]
    assert sorted(Severity) == [
        Severity.INFO, Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL,
    ]  # fmt: skip
    assert Severity.LOW <= Severity.LOW < Severity.HIGH
    assert Severity.CRITICAL >= Severity.HIGH > Severity.INFO
    with pytest.raises(TypeError):
        Severity.LOW < "high"  # noqa: B015
