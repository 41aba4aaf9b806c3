"""What a set of scopes permits."""

from __future__ import annotations

import html.parser
import importlib
import random

import pytest

from oktahound import ApiServiceIntegration, OAuthScope
from oktahound.analysis import Severity, scope_reach
from oktahound.errors import ConfigurationError
from oktahound.sim import FALCON_SHIELD_SCOPES


def test_falcon_shield_writes_nothing_and_reads_secrets():
    reach = scope_reach(FALCON_SHIELD_SCOPES)
    assert len(reach.scopes) == 15
    assert reach.writes == ()
    assert len(reach.reads) == len(reach.operations) == 129
    assert reach.powers[0].name == "reads-app-secrets"
    assert reach.severity is Severity.HIGH


def test_an_undocumented_scope_is_in_the_result():
    reach = scope_reach(FALCON_SHIELD_SCOPES)
    assert reach.unknown == ("okta.factors.read",)
    assert "okta.factors.read" in reach.scopes
    assert "1 unknown" in repr(reach)
    assert "okta.factors.read" in reach._repr_html_()


def test_an_integration_has_its_own_reach():
    integration = ApiServiceIntegration(
        id="0oa1", name="Falcon Shield", oauth_scopes=tuple(map(OAuthScope, FALCON_SHIELD_SCOPES))
    )
    assert integration.reach() == scope_reach(integration)
    assert integration.reach().holder == "Falcon Shield"
    with pytest.raises(ConfigurationError, match="were not read"):
        ApiServiceIntegration(id="0oa2").reach()


def test_users_manage_resets_passwords():
    reach = scope_reach(["okta.users.manage"])
    reset = next(each for each in reach.operations if each.operation_id == "resetPassword")
    assert (reset.method, reset.path) == ("POST", "/api/v1/users/{id}/lifecycle/reset_password")
    power = reach.powers[0]
    assert (power.name, power.severity) == ("resets-credentials", Severity.CRITICAL)
    assert power.assumption
    assert power.evidence


def test_a_manage_scope_includes_the_operations_of_its_read():
    manage, read = scope_reach(["okta.users.manage"]), scope_reach(["okta.users.read"])
    assert set(read.operations) < set(manage.operations)
    assert set(manage.reads) == set(read.operations)


def test_an_operation_with_two_scopes_needs_both_and_is_listed_once():
    push = "createGroupPushMapping"
    alone = scope_reach(["okta.apps.manage"])
    both = scope_reach(["okta.apps.manage", "okta.groups.manage"])
    assert push not in [each.operation_id for each in alone.operations]
    assert [each.operation_id for each in both.operations].count(push) == 1


def test_the_reach_of_an_integration_is_that_of_its_scopes():
    integration = ApiServiceIntegration(
        id="0oa1", name="Vendor", oauth_scopes=(OAuthScope("okta.logs.read"),)
    )
    reach = scope_reach(integration)
    assert reach.holder == "Vendor"
    assert [each.operation_id for each in reach.operations] == ["listLogEvents"]
    assert repr(reach) == "<Reach of 'Vendor', 1 scope: 1 operation, 0 writes; medium: 1 power>"


def test_unread_scopes_do_not_count_as_none():
    with pytest.raises(ConfigurationError, match="Vendor were not read"):
        scope_reach(ApiServiceIntegration(id="0oa1", name="Vendor"))


def test_a_text_is_split_into_scopes():
    assert scope_reach("okta.logs.read okta.users.read") == scope_reach(["okta.users.read", "okta.logs.read"])


@pytest.mark.parametrize("wrong", [["okta.users.read okta.logs.read"], [""], [None], 7])
def test_an_invalid_scope_is_refused(wrong):
    with pytest.raises(ConfigurationError, match="expected scopes such as"):
        scope_reach(wrong)


def test_no_scopes_permit_nothing():
    reach = scope_reach([])
    assert (reach.operations, reach.powers, reach.severity) == ((), (), Severity.INFO)
    assert "0 operations" in repr(reach)
    assert reach._repr_html_()


def test_the_order_of_scopes_does_not_matter():
    shuffled = list(FALCON_SHIELD_SCOPES)
    random.Random(1).shuffle(shuffled)
    assert scope_reach(shuffled) == scope_reach(FALCON_SHIELD_SCOPES)


def test_operations_are_grouped_by_subject():
    reach = scope_reach(["okta.users.manage"])
    groups = reach.by_subject
    assert list(groups) == sorted(groups)
    assert {"User", "UserFactor", "UserLifecycle"} <= set(groups)
    assert sorted(map(str, reach.operations)) == sorted(
        str(each) for group in groups.values() for each in group
    )


def test_html_escapes_names_of_the_org():
    reach = scope_reach(
        ApiServiceIntegration(
            id="0oa1", name="<script>alert(1)</script>", oauth_scopes=(OAuthScope("<b>x</b>.read"),)
        )
    )
    tags = set()

    class Parser(html.parser.HTMLParser):
        def handle_starttag(self, tag, attrs):
            tags.add(tag)

    Parser().feed(reach._repr_html_())
    assert tags <= {"div", "table", "thead", "tbody", "tr", "th", "td", "p", "details", "summary", "span"}


def test_a_data_frame_has_a_row_for_each_operation_or_power():
    pytest.importorskip("pandas")
    reach = scope_reach(["okta.users.manage"])
    operations, powers = reach.to_dataframe(), reach.to_dataframe("powers")
    assert len(operations) == len(reach.operations)
    assert operations["writes"].sum() == len(reach.writes)
    assert list(powers["name"]) == [power.name for power in reach.powers]
    assert powers["severity"][0] == "critical"


def test_an_unknown_table_name_is_refused():
    with pytest.raises(ConfigurationError, match="'operations' or 'powers'"):
        scope_reach([]).to_dataframe("paths")


def test_without_pandas_the_error_names_it(monkeypatch):
    real = importlib.import_module

    def lacking(name, *rest):
        if name == "pandas":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(importlib, "import_module", lacking)
    with pytest.raises(ConfigurationError, match="pandas"):
        scope_reach([]).to_dataframe()
