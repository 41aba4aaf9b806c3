"""Generate the devices, factors, federation, policies and agents of an org."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from oktahound.sim.generate.people import People
from oktahound.sim.generate.user_objects import Devices, enroll_factors

if TYPE_CHECKING:
    from oktahound.sim.org import SimulatedOrg

__all__ = ["add_infrastructure"]


def add_infrastructure(
    org: SimulatedOrg, rng: Random, people: People, apps: dict[str, str], groups: dict[str, str]
) -> None:
    """Add the devices, factors, identity providers, policies and agents of the org."""
    user_ids, world = people.ids, org.world
    devices = Devices(world, people, rng)
    world.generate("devices", devices)
    world.references_below["device_users"] = devices.owners
    org.add_device("Nobody's", status="CREATED")
    world.collections_below["factors"] = enroll_factors(world, people, rng)
    domain = org.world["apps"][apps["active_directory"]]["label"]
    org.add_agent_pool(domain, agents=["DC1", "DC2"], id=apps["active_directory"])
    org.add_agent_pool("ldap.example.com", type="LDAP", status="INACTIVE")
    org.add_identity_provider("Partner", users={user: f"partner-{user}" for user in user_ids[5:8]})
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
