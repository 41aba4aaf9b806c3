"""Undocumented scopes and permissions: at least as severe as their name, and never certain."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oktahound.analysis import powers_of_permissions
from oktahound.scopes import Knowledge, OAuthScope, Severity, assumed_power, catalogue, scope_reach

WORDS = st.from_regex(r"[a-zA-Z][a-zA-Z0-9]{0,8}", fullmatch=True)
ANY_SCOPE = st.one_of(
    st.sampled_from(sorted(catalogue())),
    st.builds(
        lambda *parts: ".".join(("okta", *parts)),
        WORDS,
        st.one_of(st.sampled_from(["read", "manage", "self", "register", "manage.self"]), WORDS),
    ),
    WORDS,
)
SCOPES = st.lists(ANY_SCOPE, max_size=6)


@pytest.mark.parametrize(
    ("scope", "severity", "verb"),
    [
        ("okta.new.manage", Severity.HIGH, "controls"),
        ("okta.new.deep.manage", Severity.HIGH, "controls"),
        ("okta.new.write", Severity.HIGH, "controls"),
        ("okta.new.register", Severity.HIGH, "controls"),
        ("okta.new.MANAGE", Severity.HIGH, "controls"),
        ("okta.workloadPrincipals.manage", Severity.HIGH, "controls"),
        ("new", Severity.HIGH, "controls"),
        ("okta.new.read", Severity.LOW, "reads"),
        ("okta.new.read.self", Severity.INFO, "acts for the signed-in user on"),
        ("okta.new.manage.self", Severity.INFO, "acts for the signed-in user on"),
    ],
)
def test_an_unknown_scope_is_rated_by_its_name_with_an_assumption(scope, severity, verb):
    reach = scope_reach([scope])
    assert reach.severity is severity
    assert reach.unknown == (scope,)
    assert reach.knowledge[scope] is Knowledge.UNKNOWN
    (power,) = reach.powers
    assert f"{scope} {verb} its resource" in power.assumption
    assert power.evidence == ()
    assert power.source.startswith("https://")
    assert power.held_by([scope])


def test_a_scope_of_the_catalogue_has_no_such_assumption():
    assert assumed_power("okta.users.manage") is None
    assert assumed_power("okta.factors.manage") is None
    assert assumed_power("openid") is None


def test_an_unknown_manage_scope_includes_the_read_scope_that_is_known():
    reach = scope_reach(["okta.logs.manage"])
    assert {power.name for power in reach.powers} == {"undocumented:okta.logs.manage", "reads-system-log"}


def test_the_powers_of_two_unknown_scopes_are_two():
    reach = scope_reach(["okta.new.manage", "okta.other.manage"])
    assert len({power.name for power in reach.powers}) == 2


@pytest.mark.parametrize(
    ("scope", "writes"),
    [
        ("okta.users.read.self", False),
        ("okta.users.manage.self", True),
        ("okta.self", True),
        ("okta.users.read", False),
        ("okta.users.manage", True),
        ("okta.users.anything", True),
        ("openid", False),
    ],
)
def test_a_self_scope_writes_if_its_name_says_so(scope, writes):
    assert OAuthScope(scope).writes is writes


@given(SCOPES, ANY_SCOPE)
def test_a_further_scope_never_lowers_the_severity_and_never_removes_a_power(scopes, more):
    before, after = scope_reach(scopes), scope_reach([*scopes, more])
    assert after.severity >= before.severity
    assert set(before.powers) <= set(after.powers)
    assert set(before.operations) <= set(after.operations)


@given(ANY_SCOPE.map(lambda text: f"{text.rpartition('.')[0] or 'okta.x'}"))
def test_manage_is_at_least_as_severe_as_read(stem):
    manage, read = scope_reach([f"{stem}.manage"]), scope_reach([f"{stem}.read"])
    assert manage.severity >= read.severity


@given(SCOPES)
def test_the_severity_is_that_of_the_first_power(scopes):
    reach = scope_reach(scopes)
    assert reach.severity is (reach.powers[0].severity if reach.powers else Severity.INFO)
    for scope in reach.unknown:
        assert any(scope in power.scopes for power in reach.powers)


@pytest.mark.parametrize(
    ("permission", "power"),
    [
        ("okta.realms.manage", "moves-users-into-realms"),
        ("okta.customizations.manage", "takes-over-custom-domain"),
        ("okta.inlinehooks.manage", "runs-inline-hooks"),
        ("okta.governance.accessRequests.manage", "manages-access-requests"),
        ("okta.identityProviders.manage", "controls-identity-providers"),
        ("okta.iam.read", "reads-admins"),
        ("okta.agents.manage", "updates-agents"),
        ("okta.directories.manage", "imports-users"),
    ],
)
def test_a_permission_of_a_custom_role_gives_the_power_that_names_it(permission, power):
    assert power in {each.name for each in powers_of_permissions([permission])}


def test_an_unknown_permission_is_rated_by_its_name():
    manage, read = powers_of_permissions(["okta.new.read", "okta.new.manage"])
    assert (manage.severity, read.severity) == (Severity.HIGH, Severity.LOW)
    assert manage.assumption
    assert read.assumption
