"""Findings: each class on an org that has the weakness, and on one that does not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from handwritten.orgs import NOON, snapshot_of

from oktahound import ApiServiceIntegration, ClientSecret, Gap, GapReason, OAuthScope, User, build_graph
from oktahound.analysis import FINDINGS, Finding, PublishedScopes, Severity, findings
from oktahound.analysis.findings.inspection import Inspection
from oktahound.entities import ENTITIES, AdminAssignee, CustomRole, RoleAssignment, RolePermission
from oktahound.errors import ConfigurationError

ANN = User(id="00uAnn", login="ann@contoso.com", status="ACTIVE")
EVE = (
    User(id="00uEve", login="eve@contoso.com", status="ACTIVE"),
    AdminAssignee(id="00uEve"),
    RoleAssignment(id="KVJ", holder_id="00uEve", holder_type="USER", type="SUPER_ADMIN", status="ACTIVE"),
)


def vendor(
    *scopes: str, id: str = "0oaVendor", type: str = "vendor", by: str | None = "00uAnn"
) -> ApiServiceIntegration:
    texts = tuple(OAuthScope(each) for each in sorted(scopes))
    return ApiServiceIntegration(
        id=id, name=f"Vendor {id[3:]}", app_type=type, oauth_scopes=texts, created_by=by
    )


def secret(id: str, days: float = 1, status: str = "ACTIVE", owner: str = "0oaVendor") -> ClientSecret:
    return ClientSecret(id=id, owner_id=owner, status=status, created=NOON - timedelta(days=days))


def found(*rows, **about) -> dict[str, list[Finding]]:
    by_class: dict[str, list[Finding]] = {}
    for each in findings(snapshot_of(*rows, **about)):
        by_class.setdefault(type(each).__name__, []).append(each)
    return by_class


def test_a_harmless_integration_has_no_findings():
    answer = findings(snapshot_of(vendor("okta.domains.read"), secret("ocs1"), ANN))
    assert tuple(answer) == ()
    assert answer.missing == ()
    assert "0 findings" in repr(answer)


def test_write_scopes():
    (one,) = found(vendor("okta.schemas.manage", "okta.users.read"), ANN)["WriteScopes"]
    assert (one.node, one.name, one.evidence) == ("0oaVendor", "Vendor Vendor", ("okta.schemas.manage",))
    assert "WriteScopes" not in found(vendor("okta.users.read"), ANN)


def test_dangerous_powers():
    answer = found(vendor("okta.users.manage"), ANN)
    (critical,) = answer["CriticalPower"]
    assert critical.evidence[1:] == ("scopes: okta.users.manage", "e.g. POST /api/v1/users/{id}")
    assert critical.assumptions
    assert len(answer["HighPower"]) == 3
    assert not {"CriticalPower", "HighPower"} & set(found(vendor("okta.logs.read"), ANN))


def test_a_condition_of_a_power_is_part_of_the_evidence():
    (one,) = found(vendor("okta.apps.read"), ANN)["HighPower"]
    assert one.evidence[-1] == "if the org has applications that authenticate with a client secret"


def test_dangerous_combinations():
    both = found(vendor("okta.users.manage", "okta.groups.manage"), ANN)
    (one,) = both["CriticalCombination"]
    assert one.evidence[1] == "scopes: okta.groups.manage + okta.users.manage"
    (less,) = found(vendor("okta.eventHooks.manage", "okta.logStreams.manage"), ANN)["HighCombination"]
    assert less.severity is Severity.HIGH
    assert "CriticalCombination" not in found(vendor("okta.users.manage"), ANN)


def test_a_path_to_super_admin():
    (one,) = found(vendor("okta.users.manage"), ANN, *EVE)["PathToSuperAdmin"]
    assert one.evidence == (
        "Vendor Vendor -[OktaHound_HasScope]-> okta.users.manage",
        "okta.users.manage -[OktaHound_ResetsCredentials]-> eve@contoso.com",
        "eve@contoso.com -[Okta_SuperAdmin]-> contoso.okta.com",
    )
    assert one.assumptions
    assert "PathToSuperAdmin" not in found(vendor("okta.users.manage"), ANN)
    assert "PathToSuperAdmin" not in found(vendor("okta.users.read"), ANN, *EVE)


def test_two_active_secrets():
    (one,) = found(vendor(), ANN, secret("ocs1"), secret("ocs2"))["TwoActiveSecrets"]
    assert len(one.evidence) == 2
    assert "TwoActiveSecrets" not in found(vendor(), ANN, secret("ocs1"), secret("ocs2", status="INACTIVE"))


def test_a_secret_that_was_not_rotated():
    (one,) = found(vendor(), ANN, secret("ocsLong", days=181), secret("ocsNew", days=179))["OldSecret"]
    assert one.evidence == ("secret ocsLong of Vendor Vendor: 181 days",)
    assert "OldSecret" not in found(vendor(), ANN, secret("ocs1", days=180))
    assert "OldSecret" not in found(vendor(), ANN, secret("ocs1", days=999, status="INACTIVE"))
    assert "OldSecret" not in found(
        vendor(), ANN, ClientSecret(id="ocs1", owner_id="0oaVendor", status="ACTIVE")
    )


def test_the_caller_sets_the_maximum_age_of_secrets():
    snapshot = snapshot_of(vendor(), ANN, secret("ocs1", days=40))
    assert [each.title for each in findings(snapshot, secret_days=30)] == [
        "Secret of an integration was not rotated"
    ]
    assert not findings(snapshot)


@pytest.mark.parametrize(
    ("status", "gone"), [("DEPROVISIONED", True), ("SUSPENDED", True), ("ACTIVE", False)]
)
def test_a_creator_who_was_deactivated(status, gone):
    answer = found(vendor(), User(id="00uAnn", login="ann@contoso.com", status=status))
    assert ("CreatorGone" in answer) is gone
    if gone:
        assert answer["CreatorGone"][0].evidence == (f"ann@contoso.com is {status}",)


def test_a_creator_who_is_gone():
    (one,) = found(vendor())["CreatorGone"]
    assert one.evidence == ("00uAnn is not in the list of users: deactivated or deleted",)


@pytest.mark.parametrize("how", ["refused", "not asked"])
def test_an_unread_creator_does_not_count_as_deleted(how):
    if how == "refused":
        about = {"gaps": (Gap(entity="User", reason=GapReason.FORBIDDEN, request="GET /api/v1/users"),)}
    else:
        about = {"asked": frozenset(cls.__name__ for cls in ENTITIES) - {"User"}}
    assert "CreatorGone" not in found(vendor(), **about)
    (missing,) = findings(snapshot_of(vendor(), **about)).filter(finding="CreatorGone").missing
    assert missing.startswith("User was not read" if how == "refused" else "User was not requested")


def test_an_integration_without_a_creator_has_no_finding_about_one():
    assert "CreatorGone" not in found(vendor(by=None))


def test_duplicate_integrations_and_which_has_more_scopes():
    rows = (
        vendor("okta.logs.read", id="0oaA"), vendor("okta.logs.read", "okta.domains.read", id="0oaB"),
        vendor("okta.domains.read", id="0oaOther", type="other"), ANN,
    )  # fmt: skip
    answer = found(*rows)
    assert [each.node for each in answer["DuplicateIntegrations"]] == ["0oaA", "0oaB"]
    assert answer["DuplicateIntegrations"][0].evidence == ("type vendor", "Vendor B (0oaB)")
    (more,) = answer["MoreScopesThanTwin"]
    assert (more.node, more.evidence) == ("0oaB", ("Vendor A (0oaA) works without okta.domains.read",))


def test_unread_scopes_do_not_count_as_none():
    unread = ApiServiceIntegration(id="0oaA", app_type="vendor", created_by="00uAnn")
    answer = found(unread, vendor("okta.logs.read", id="0oaB"), ANN)
    assert set(answer) == {"DuplicateIntegrations"}


def test_integrations_without_a_type_are_no_duplicates():
    rows = (ApiServiceIntegration(id="0oaA"), ApiServiceIntegration(id="0oaB"))
    assert found(*rows) == {}


def test_scopes_that_are_not_documented():
    answer = found(vendor("okta.factors.read", "okta.new.manage"), ANN)
    (one,) = answer["UnknownScopes"]
    assert one.evidence == ("okta.factors.read", "okta.new.manage")
    assert one.assumptions == ("okta.factors.read: known in part", "okta.new.manage: unknown")
    (high,) = answer["HighPower"]
    assert "scopes: okta.new.manage" in high.evidence
    assert high.assumptions[0].startswith("okta.new.manage controls its resource")


def test_an_undocumented_write_scope_is_a_high_finding():
    scopes = ("okta.factors.manage", "okta.aiAgents.manage", "okta.governance.entitlements.manage")
    answer = found(vendor(*scopes), ANN)["HighPower"]
    assert {line for each in answer for line in each.evidence if line.startswith("scopes:")} == {
        f"scopes: {scope}" for scope in scopes
    }
    assert all(each.assumptions for each in answer)


def test_more_scopes_than_the_vendor_publishes():
    published = PublishedScopes(
        vendor="Vendor", product="Scanner", app_type="vendor", scopes=("okta.logs.read",)
    )
    snapshot = snapshot_of(vendor("okta.logs.read", "okta.domains.read"), ANN)
    (one,) = findings(snapshot, vendor_lists=[published])
    assert one.title == "Integration holds more scopes than its vendor publishes"
    assert one.evidence == ("okta.domains.read", "compared with Vendor Scanner")
    assert one.assumptions == ()
    # Without the list the vendor is unknown.
    assert not findings(snapshot)
    assert not findings(snapshot_of(vendor("okta.logs.read"), ANN), vendor_lists=[published])


def test_a_list_with_a_caveat_makes_a_finding_with_an_assumption():
    (one,) = found(vendor("okta.logs.read", "okta.domains.read", type="anzennaapiservice"), ANN)[
        "MoreScopesThanPublished"
    ]
    assert one.evidence == ("okta.domains.read", "compared with Anzenna API Service")
    assert one.assumptions


def test_findings_are_sorted_by_severity_and_node():
    answer = findings(
        snapshot_of(vendor("okta.users.manage", "okta.new.read"), vendor("okta.apps.read", id="0oaB"), *EVE)
    )
    severities = [each.severity for each in answer]
    assert severities == sorted(severities, reverse=True)
    assert {each.node for each in answer.of("0oaB")} == {"0oaB"}
    assert answer[0].title == "Integration can take control of the organization"
    assert len(answer[:2]) == 2


def test_a_graph_without_scopes_is_refused_or_states_what_it_cannot_show():
    snapshot = snapshot_of(vendor("okta.users.manage"), ANN, *EVE)
    with pytest.raises(ConfigurationError, match=r"build_graph\(snapshot, scopes=True\)"):
        findings(build_graph(snapshot))
    answer = findings(build_graph(snapshot_of(ANN, *EVE)))
    assert "the graph was built without scopes=True" in answer.missing
    assert "not checked" in repr(answer)
    assert "not checked" in answer._repr_html_()
    of_graph = findings(build_graph(snapshot, scopes=True))
    decided = {kind.__name__ for kind in FINDINGS if not kind.NEEDS_SNAPSHOT}
    assert tuple(of_graph) == tuple(findings(snapshot).filter(finding=decided))
    assert {each.finding for each in of_graph.not_checked} == {each.__name__ for each in FINDINGS} - decided


def test_every_class_of_findings_has_texts_and_a_severity():
    assert len({kind.TITLE for kind in FINDINGS}) == len(FINDINGS)
    for kind in FINDINGS:
        for text in (kind.MEANING, kind.WHAT_TO_DO, kind.SEVERITY_REASON):
            assert text.endswith("."), kind
            assert 1 <= text.count(". ") + 1 <= 2, kind
        assert not kind.TITLE.endswith(".")
        assert kind.SEVERITY in Severity
        assert kind.SUBJECT
        assert (kind.__doc__ or "").strip()


def test_a_class_without_a_search_is_an_error():
    with pytest.raises(NotImplementedError, match="Finding"):
        Finding.look(Inspection(graph=build_graph(snapshot_of())))


def test_a_malformed_permission_is_a_finding_and_no_error():
    rows = [RolePermission(id=each, role_id="cr0New") for each in ("okta.new thing.manage", " ")]
    answer = findings(snapshot_of(CustomRole(id="cr0New"), *rows))
    assert len(answer.filter(finding="UnknownPermission")) == 2


def test_html_and_text_escape_hostile_names():
    hostile = ApiServiceIntegration(
        id="0oaX", name="<b>x</b>\x1b[31m", oauth_scopes=(OAuthScope("okta.new.read"),)
    )
    answer = findings(snapshot_of(hostile))
    assert "<b>" not in answer._repr_html_()
    assert "\x1b" not in repr(answer)
    assert "\x1b" not in answer._repr_html_()


def test_a_data_frame_has_a_row_for_each_finding():
    pytest.importorskip("pandas")
    answer = findings(snapshot_of(vendor("okta.users.manage"), ANN))
    table = answer.to_dataframe()
    assert list(table["finding"]) == [type(each).__name__ for each in answer]


def test_an_integration_that_holds_a_role():
    role = RoleAssignment(
        id="ra1", holder_id="0oaVendor", holder_type="CLIENT", type="SUPER_ADMIN", status="ACTIVE",
        label="Super Administrator",
    )  # fmt: skip
    answer = found(vendor("okta.users.manage"), ANN, role)
    (one,) = answer["IntegrationHoldsRole"]
    assert one.evidence == ("role: Super Administrator",)
    (path,) = answer["PathToSuperAdmin"]
    assert path.evidence == ("Vendor Vendor -[Okta_SuperAdmin]-> contoso.okta.com",)
    assert "IntegrationHoldsRole" not in found(vendor("okta.users.manage"), ANN)


def test_unread_roles_of_an_integration_are_not_reported_as_none():
    lost = Gap(
        entity="RoleAssignment",
        reason=GapReason.FORBIDDEN,
        request="GET /oauth2/v1/clients/{integration}/roles",
        parent="0oaVendor",
    )
    answer = findings(snapshot_of(vendor("okta.logs.read"), ANN, gaps=(lost,)))
    assert "IntegrationHoldsRole" in {each.finding for each in answer.not_checked}
