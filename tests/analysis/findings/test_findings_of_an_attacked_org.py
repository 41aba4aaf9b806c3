"""Findings of a vulnerable simulated org, collected through the client."""

from __future__ import annotations

import pytest

import oktahound
from oktahound.analysis import Findings, findings
from oktahound.sim import OAuthSettings, SimulatedOrg

HELPERS = 40
"""Members of a group that carries a role; every second one has an active factor."""


class Attacked:
    """An org with a known path to super administrator, and with weaknesses that often occur together."""

    def __init__(self) -> None:
        org = self.org = SimulatedOrg.empty(seed="attacked")
        self.root = org.add_user("root@contoso.com")
        self.app_admin = org.add_user("apps@contoso.com")
        self.helpers = [org.add_user(f"helper{number}@contoso.com") for number in range(HELPERS)]
        org.assign_role(self.root, "SUPER_ADMIN")
        org.assign_role(self.app_admin, "APP_ADMIN")
        desk = org.add_group("Service Desk", members=self.helpers)
        org.assign_role(desk, "HELP_DESK_ADMIN")
        for person in (self.root, self.app_admin, *self.helpers[::2]):
            org.add_factor(person, "push")
        for person in self.helpers[1::2]:
            org.add_factor(person, "push", status="PENDING_ACTIVATION")
        self.automation = self._service("Automation", "client_secret_basic")
        org.assign_role(self.automation, "SUPER_ADMIN")
        org.grant_scope(self.automation, "okta.users.manage", created_by=self.root)
        self.sync = self._service("Sync", "private_key_jwt")
        org.assign_role(self.sync, "USER_ADMIN")
        org.grant_scope(self.sync, "okta.groups.manage", created_by=self.root)
        org.add_api_token("Deploy", user=self.root, created_days_ago=900, expires_days_ago=-9000)
        org.add_api_token("Forgotten", user=self.root, created_days_ago=500, expires_days_ago=100)
        with oktahound.OktaClient(
            org.url, oktahound.ApiToken(org.api_token), transport=org.transport
        ) as client:
            self.snapshot = oktahound.collect(client)

    def _service(self, label: str, method: str) -> str:
        settings = OAuthSettings(
            application_type="service", grant_types=("client_credentials",), auth_method=method
        )
        app = self.org.add_app("oidc_client", label=label, sign_on_mode="OPENID_CONNECT", oauth=settings)
        if method == "private_key_jwt":
            self.org.add_app_key(app)
        return app


@pytest.fixture(scope="module")
def attacked() -> Attacked:
    return Attacked()


@pytest.fixture(scope="module")
def found(attacked) -> Findings:
    return findings(attacked.snapshot)


def nodes(found: Findings, name: str) -> set[str]:
    return {each.node for each in found.filter(finding=name)}


def test_an_application_administrator_who_reaches_super_administrator(attacked, found):
    (one,) = found.filter(entity=attacked.app_admin, finding="AdministratorTakesOverOrganization")
    assert [step.split("-[")[1].split("]")[0] for step in one.evidence] == [
        "Okta_ReadClientSecret",
        "Okta_SecretOf",
        "Okta_SuperAdmin",
    ]


def test_every_role_holder_without_an_active_factor(attacked, found):
    without = nodes(found, "AdministratorWithoutFactor")
    assert without >= set(attacked.helpers[1::2])
    assert without.isdisjoint({attacked.root, attacked.app_admin, *attacked.helpers[::2]})


def test_the_expired_token_and_the_one_of_a_super_administrator(found):
    assert {each.name for each in found.filter(finding="ExpiredToken")} >= {"Forgotten"}
    assert "Deploy" in {each.name for each in found.filter(finding="TokenOfSuperAdministrator")}
    assert "Forgotten" not in {each.name for each in found.filter(finding="TokenOfSuperAdministrator")}


def test_service_applications_with_roles(attacked, found):
    assert nodes(found, "ServiceApplicationIsSuperAdministrator") == {attacked.automation}
    assert attacked.sync in nodes(found, "RoleAndScopeTogether")
    assert attacked.automation in nodes(found, "SecretInsteadOfKey")
    assert attacked.sync not in nodes(found, "SecretInsteadOfKey")


def test_secrets_of_applications_by_their_age(attacked):
    (created,) = {
        each.created for each in attacked.snapshot.client_secrets if each.owner_id == attacked.automation
    }
    age = (attacked.snapshot.collected_at - created).days
    assert attacked.automation in nodes(
        findings(attacked.snapshot, secret_days=age - 1), "ApplicationOldSecret"
    )
    assert attacked.automation not in nodes(
        findings(attacked.snapshot, secret_days=age), "ApplicationOldSecret"
    )


def test_only_findings_on_optional_data_are_not_checked(found):
    on_request = (
        *("LogWindow", "ClientActivity", "ClientAdministration"),
        *("GroupRule", "InlineHook", "AiAgent", "AiAgentOwners", "SigningKey"),
    )
    assert set(found.missing) <= {f"{name} was not requested" for name in on_request}


def test_without_roles_nothing_is_concluded_about_administrators(attacked):
    org = attacked.org
    denial = org.forbid("okta.roles.read")
    with oktahound.OktaClient(org.url, oktahound.ApiToken(org.api_token), transport=org.transport) as client:
        answer = findings(oktahound.collect(client))
    denial.lift()
    undecided = {each.finding for each in answer.not_checked}
    assert {"AdministratorWithoutFactor", "TokenOfSuperAdministrator", "RoleAndScopeTogether"} <= undecided
    assert not answer.filter(finding=["UnusableRole", "ScopesBeyondRole", "UserTakesOverOrganization"])
