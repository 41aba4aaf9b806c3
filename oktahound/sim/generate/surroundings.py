"""What surrounds the people of a generated org: devices, factors, federation, policies, agents."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oktahound.sim.org import SimulatedOrg

__all__ = ["surround"]

_PLATFORMS = ("WINDOWS", "MACOS", "IOS", "ANDROID")
_FACTORS = ("push", "token:software:totp", "sms", "webauthn", "email", "question", "signed_nonce")


def surround(
    org: SimulatedOrg, rng: Random, people: list[str], apps: dict[str, str], groups: dict[str, str]
) -> None:
    """Add everything that is neither a person, a group, an application nor a role."""
    _devices(org, rng, people)
    _factors(org, rng, people)
    domain = org.world["apps"][apps["active_directory"]]["label"]
    org.add_agent_pool(domain, agents=["DC1", "DC2"], id=apps["active_directory"])
    org.add_agent_pool("ldap.example.com", type="LDAP", status="INACTIVE")
    org.add_identity_provider("Partner", users={user: f"partner-{user}" for user in people[5:8]})
    org.add_identity_provider(
        "Headquarters",
        type="SAML2",
        issuer="https://hq.example.com",
        groups=[groups["Sales"]],
        provisioning="AUTO",
    )
    org.add_identity_provider("Microsoft", type="MICROSOFT", status="INACTIVE", provisioning="DISABLED")
    org.add_authorization_server("default")
    org.add_authorization_server("Orders", audiences=["https://orders.example.com"], status="INACTIVE")
    _policies(org, apps, groups)


def _devices(org: SimulatedOrg, rng: Random, people: list[str]) -> None:
    for number, user in enumerate(people):
        if rng.random() < 0.4:
            platform = rng.choice(_PLATFORMS)
            profile = {"sid": f"S-1-5-21-1-2-3-{1000 + number}"} if platform == "WINDOWS" else {}
            status = "SUSPENDED" if rng.random() < 0.1 else "ACTIVE"
            org.add_device(f"D{number:05}", platform=platform, status=status, owners=[user], profile=profile)
    org.add_device("Nobody's", status="CREATED")


def _factors(org: SimulatedOrg, rng: Random, people: list[str]) -> None:
    for user in people:
        for factor in rng.sample(_FACTORS, k=rng.randint(0, 2)):
            org.add_factor(user, factor, status="ACTIVE" if rng.random() < 0.95 else "PENDING_ACTIVATION")


def _policies(org: SimulatedOrg, apps: dict[str, str], groups: dict[str, str]) -> None:
    everyone = [groups["Everyone"]]
    access = org.add_policy("Any two factors", system=True, apps=[apps["web"], apps["office365"]])
    org.add_policy("Okta Admin Console", apps=[apps["saasure"]])
    org.add_policy("Default Enrollment", type="PROFILE_ENROLLMENT", system=True)
    sign_on = org.add_policy("Default Policy", type="OKTA_SIGN_ON", system=True, groups=everyone)
    org.add_policy("Default Policy", type="PASSWORD", system=True, groups=everyone)
    org.add_policy("Default Policy", type="MFA_ENROLL", system=True, groups=everyone)
    routing = org.add_policy("Idp Discovery Policy", type="IDP_DISCOVERY", system=True)
    org.add_policy_rule(
        access,
        "Catch-all Rule",
        type="ACCESS_POLICY",
        system=True,
        actions={
            "appSignOn": {"access": "ALLOW", "verificationMethod": {"factorMode": "2FA", "type": "ASSURANCE"}}
        },
    )
    org.add_policy_rule(
        sign_on,
        "Default Rule",
        type="SIGN_ON",
        system=True,
        actions={"signon": {"access": "ALLOW", "requireFactor": False, "primaryFactor": "PASSWORD_IDP"}},
        conditions={"network": {"connection": "ANYWHERE"}},
    )
    org.add_policy_rule(
        routing,
        "Desktop sign-on",
        type="IDP_DISCOVERY",
        actions={"idp": {"providers": [{"type": "AgentlessDSSO"}]}},
        conditions={"network": {"connection": "ANYWHERE"}},
    )
