"""Findings from the System Log: each on an org that has the weakness, and on one that does not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

import oktahound
from oktahound.analysis import findings
from oktahound.sim import OAuthSettings, Origin, SimulatedOrg, VirtualClock

EPOCH = 1_780_000_000.0
ELSEWHERE = Origin(address="203.0.113.9", as_number=64511, as_name="elsewhere", proxy=True)
CLASSES = {
    "AuthorizedByGoneUser",
    "DormantClient",
    "FailuresLikeProbing",
    "GraveScopesNotAskedFor",
    "NewNetwork",
    "RoleGrantedToClient",
    "ScopesNotAskedFor",
    "SecretRead",
}


@pytest.fixture
def org():
    made = SimulatedOrg.empty(seed="findings", clock=VirtualClock(EPOCH))
    ann = made.add_user("ann@example.com")
    made.vendor = integrate(made, "Vendor", ["okta.logs.read", "okta.domains.read"], created_by=ann)
    made.add_client_behaviour(
        made.vendor, scopes=["okta.logs.read", "okta.domains.read"], every=timedelta(hours=5)
    )
    made.ann = ann
    return made


def integrate(org, name, scopes, days_ago=400.0, created_by=None):
    made = datetime.fromtimestamp(EPOCH, UTC) - timedelta(days=days_ago)
    text = made.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return org.add_api_service_integration(
        name, type=name.lower(), scopes=scopes, created_at=text, created_by=created_by
    ).id


def found(org, usage=timedelta(days=90)):
    token = oktahound.ApiToken(org.api_token)
    with oktahound.OktaClient(org.url, token, transport=org.transport, clock=org.clock) as client:
        snapshot = oktahound.collect(client, usage=usage)
    answer = findings(snapshot)
    evidence = {(type(each).__name__, each.node): each.evidence for each in answer}
    return {key: evidence[key] for key in evidence if key[0] in CLASSES}, answer


def test_a_client_that_uses_its_scopes_has_no_finding(org):
    assert found(org)[0] == {}


def test_without_the_log_the_classes_are_not_checked(org):
    evidence, answer = found(org, usage=None)
    assert evidence == {}
    assert {each.finding for each in answer.not_checked if each.entirely} >= CLASSES


def test_a_dormant_client_that_can_still_authenticate(org):
    idle = integrate(org, "Idle", ["okta.domains.read"])
    service = org.add_app(
        "Job", sign_on_mode="OPENID_CONNECT", oauth=OAuthSettings(application_type="service")
    )
    evidence, _ = found(org)
    assert evidence["DormantClient", idle][0] == "no token in 90 days"
    assert evidence["DormantClient", service] == ("no token in 90 days", "the application is active")
    for secret in list(org.world["api_service_secrets", idle]):
        org.deactivate_integration_secret(idle, secret)
    assert ("DormantClient", idle) not in found(org)[0]


def test_a_client_that_is_younger_than_the_window_is_not_dormant(org):
    integrate(org, "Young", ["okta.users.manage"], days_ago=20)
    assert found(org)[0] == {}


def test_scopes_that_were_not_requested_by_their_severity(org):
    both = integrate(org, "Both", ["okta.users.manage", "okta.logs.read", "okta.domains.read"])
    org.add_client_behaviour(both, scopes=["okta.domains.read"], every=timedelta(hours=5))
    evidence, _ = found(org)
    assert evidence["GraveScopesNotAskedFor", both] == (
        "okta.users.manage: critical",
        "not requested in 90 days",
    )
    assert evidence["ScopesNotAskedFor", both] == ("okta.logs.read: medium", "not requested in 90 days")


def test_a_new_network(org):
    org.add_client_behaviour(
        org.vendor, scopes=["okta.logs.read"], every=timedelta(days=1), from_days_ago=20, origin=ELSEWHERE
    )
    (evidence,) = found(org)[0]["NewNetwork", org.vendor]
    assert evidence == "AS64511 elsewhere, 203.0.113.9, first on 2026-05-08, a proxy"


def test_a_new_client_has_no_new_network(org):
    young = integrate(org, "Young", ["okta.domains.read"], days_ago=5)
    org.add_client_behaviour(young, scopes=["okta.domains.read"], from_days_ago=5, origin=ELSEWHERE)
    assert found(org)[0] == {}


@pytest.mark.parametrize(("minutes", "expected"), [(5, True), (120, False)])
def test_failures_that_look_like_probing(org, minutes, expected):
    org.add_client_behaviour(
        org.vendor,
        scopes=["okta.users.manage"],
        fails="no_matching_scope",
        every=timedelta(minutes=minutes),
        from_days_ago=3.5,
        to_days_ago=3.2,
    )
    evidence = found(org)[0]
    assert (("FailuresLikeProbing", org.vendor) in evidence) is expected
    if expected:
        assert "no_matching_scope" in evidence["FailuresLikeProbing", org.vendor][0]


def test_changes_to_a_client(org):
    org.add_log_event("app.oauth2.client.read_client_secret", actor=org.ann, target=[org.vendor], days_ago=4)
    org.add_log_event(
        "app.oauth2.client.privilege.grant",
        actor=org.ann,
        target=[org.vendor],
        days_ago=3,
        debug={"privilegeGranted": "Super administrator"},
    )
    org.add_log_event(
        "app.oauth2.client.read_client_secret",
        actor=org.ann,
        target=[org.vendor],
        result="FAILURE",
        days_ago=2,
    )
    evidence, _ = found(org)
    (read,) = evidence["SecretRead", org.vendor]
    assert f"({org.ann}) on 2026-05-24" in read
    (granted,) = evidence["RoleGrantedToClient", org.vendor]
    assert granted.endswith(": Super administrator")


def test_an_integration_that_was_authorized_by_a_deleted_user(org):
    new = integrate(org, "New", ["okta.domains.read"], days_ago=30, created_by="00uLeft")
    (evidence,) = found(org)[0]["AuthorizedByGoneUser", new]
    assert "deactivated or deleted" in evidence
