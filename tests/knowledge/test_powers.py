"""The table of powers: every entry is proved, sourced and of use."""

from __future__ import annotations

import itertools

import pytest

from oktahound.knowledge import POWERS, Severity, catalogue, held_scopes, powers_among

every_power = pytest.mark.parametrize("power", POWERS, ids=[power.name for power in POWERS])

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


def test_names_are_unique():
    assert len({power.name for power in POWERS}) == len(POWERS)


@every_power
def test_a_power_is_proved_by_operations_that_its_scopes_permit(power):
    assert power.operations
    assert [each.operation_id for each in power.evidence] == list(power.operations)
    assert all(each.permitted_by(held_scopes(power.scopes)) for each in power.evidence)


@every_power
def test_every_scope_of_a_power_adds_evidence(power):
    assert {each.scope for each in power.evidence} == set(power.scopes)


@every_power
def test_a_power_says_what_it_is_and_who_says_so(power):
    assert power.sentence.endswith(".")
    assert power.sentence.count(".") - power.sentence.count("Okta.") <= 1
    assert power.source.startswith("https://")


@every_power
def test_a_power_that_only_reads_is_not_proved_by_writes(power):
    assert any(each.writes for each in power.evidence) is power.writes


@pytest.mark.parametrize("resource", COVERED)
def test_every_scope_that_changes_security_has_a_power(resource):
    assert [power for power in POWERS if power.scopes == (f"okta.{resource}.manage",)]


def test_registering_clients_and_reading_the_log_have_a_power():
    assert powers_among(POWERS, ["okta.clients.register"])
    assert powers_among(POWERS, ["okta.logs.read"])


@pytest.mark.parametrize("scope", sorted({power.scope for power in POWERS}))
def test_scopes_of_powers_exist(scope):
    assert scope in catalogue()


@pytest.mark.parametrize(
    "power", [each for each in POWERS if each.is_combination], ids=lambda each: each.name
)
def test_a_combination_takes_all_its_scopes_and_is_at_least_as_grave_as_any_of_them(power):
    for fewer in itertools.combinations(power.scopes, len(power.scopes) - 1):
        assert not power.held_by(fewer)
    assert power.held_by(power.scopes)
    alone = [each for each in POWERS if each.scopes in [(scope,) for scope in power.scopes]]
    assert all(power.severity >= each.severity for each in alone)


def test_powers_come_gravest_first():
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
