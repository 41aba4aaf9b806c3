"""The applications of a generated org: one of every important kind, and more in larger orgs."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import attrs

from oktahound.sim.apps import OAuthSettings
from oktahound.sim.generate.people import People
from oktahound.sim.generate.user_objects import (
    Assignments,
    directory_assignment,
    group_assignment,
    own_assignment,
)
from oktahound.sim.saml import SamlSignOn

if TYPE_CHECKING:
    from oktahound.sim.org import SimulatedOrg

__all__ = ["add_applications"]

_PROVISIONED = ("GROUP_PUSH", "PUSH_NEW_USERS", "PUSH_PROFILE_UPDATES", "PUSH_USER_DEACTIVATION")
_TENANT = "11111111-2222-4333-8444-555555555555"


def add_applications(org: SimulatedOrg, rng: Random, people: People) -> dict[str, str]:
    """Add applications and assign people; returns the ids by the name of the app in the catalogue."""
    apps = {**_built_in(org), **_directories(org), **_saas(org), **_custom_apps(org)}
    for number in range(len(people) // 40):
        apps[f"tool{number}"] = org.add_app(
            f"{org.domain.split('.')[0]}_tool{number}_1",
            label=f"Tool {number}",
            settings={},
            status="INACTIVE" if number % 5 == 4 else "ACTIVE",
            saml=_tool_sign_on(number),
        )
        if number % 3 == 1:
            # Several applications can sign with one key, and administrators often install only one.
            org.share_signing_key(apps[f"tool{number - 1}"], apps[f"tool{number}"])
    _assign(org, rng, people, apps)
    return apps


def _tool_sign_on(number: int) -> SamlSignOn:
    host = f"https://tool{number}.example.com"
    return SamlSignOn(
        acs_url=f"{host}/saml/acs",
        audience=f"{host}/saml/metadata",
        attributes={"email": "user.email", "department": "user.department"},
        group_attributes={"groups": f"Tool {number} "},
        more_acs_urls=() if number % 2 else [f"{host}/saml/acs/test"],
    )


def _built_in(org: SimulatedOrg) -> dict[str, str]:
    labels = {
        "saasure": "Okta Admin Console",
        "okta_enduser": "Okta Dashboard",
        "okta_browser_plugin": "Okta Browser Plugin",
    }
    return {
        name: org.add_app(name, label=label, sign_on_mode="OPENID_CONNECT", created_days_ago=1999)
        for name, label in labels.items()
    }


def _directories(org: SimulatedOrg) -> dict[str, str]:
    domain = org.domain.partition(".")[0] + ".local"
    return {
        "active_directory": org.add_app(
            "active_directory",
            label=domain,
            sign_on_mode=None,
            features=("IMPORT_NEW_USERS", "IMPORT_PROFILE_UPDATES", "PROFILE_MASTERING", "OUTBOUND_DEL_AUTH"),
            settings={"namingContext": domain, "filterGroupsByOU": False},
        ),
        "csv_directory_import": org.add_app("csv_directory_import", label="Contractors", sign_on_mode=None),
    }


def _saas(org: SimulatedOrg) -> dict[str, str]:
    company = org.domain.partition(".")[0]
    kinds: dict[str, tuple[str, tuple[str, ...], dict[str, object]]] = {
        "office365": (
            "WS_FEDERATION",
            (*_PROVISIONED, "PUSH_PASSWORD_UPDATES"),
            {"msftTenant": company, "microsoftTenantId": _TENANT, "domain": f"{company}.com"},
        ),
        "githubcloud": ("SAML_2_0", _PROVISIONED, {"githubOrg": company}),
        "snowflake": ("SAML_2_0", _PROVISIONED, {"subDomain": f"{company}-nr46411"}),
        "jamfsoftwareserver": ("SAML_2_0", (), {"domain": f"jamf.{company}.com"}),
        "1password_business": ("SAML_2_0", (), {"subDomain": company, "regionType": "com"}),
        "okta_org2org": (
            "SAML_2_0",
            (*_PROVISIONED, "PUSH_PASSWORD_UPDATES"),
            {"baseUrl": "https://adatum.okta.com", "acsUrl": "https://adatum.okta.com/sso/saml2/0oaidp"},
        ),
        "zoomus": ("SAML_2_0", (), {"subDomain": company, "audience_uri": None, "acs_url": None}),
        "old_intranet": ("SAML_1_1", (), {}),
        "casper": ("BROWSER_PLUGIN", (), {"loginURL": f"https://jss.{company}.com/"}),
        "template_basic_auth": (
            "BASIC_AUTH",
            (),
            {"url": "https://legacy.example.com", "authURL": "https://legacy.example.com/auth"},
        ),
        "template_sps": ("SECURE_PASSWORD_STORE", (), {"url": "https://form.example.com/login"}),
        "wiki_login": ("AUTO_LOGIN", (), {"url": "https://wiki.example.com"}),
        "bookmark": ("BOOKMARK", (), {"url": "https://example.com/lunch", "requestIntegration": False}),
    }
    return {
        name: org.add_app(name, sign_on_mode=mode, features=features, settings=settings)
        for name, (mode, features, settings) in kinds.items()
    }


def _custom_apps(org: SimulatedOrg) -> dict[str, str]:
    def add(label: str, oauth: OAuthSettings) -> str:
        return org.add_app("oidc_client", label=label, sign_on_mode="OPENID_CONNECT", oauth=oauth)

    secret = OAuthSettings(application_type="service", grant_types=("client_credentials",))
    key = attrs.evolve(secret, auth_method="private_key_jwt", dpop=True)
    apps = {
        "web": add("Portal", OAuthSettings()),
        "spa": add("Dashboard", OAuthSettings(application_type="browser", auth_method="none")),
        "native": add(
            "Mobile App", OAuthSettings(application_type="native", client_id=org.world.ids.opaque("cid", 20))
        ),
        "key_service": add("Provisioner", key),
        "secret_service": add("Reporter", secret),
    }
    org.add_app_key(apps["key_service"])
    org.add_app_key(apps["key_service"], status="INACTIVE")
    org.add_app_secret(apps["secret_service"], status="INACTIVE")
    return apps


# All users have the first two, and users from the directory the third. No user signs in to a service.
_NOT_AT_RANDOM = {"okta_enduser", "office365", "active_directory", "key_service", "secret_service"}


def _assign(org: SimulatedOrg, rng: Random, people: People, apps: dict[str, str]) -> None:
    document_functions = {
        "okta_enduser": group_assignment,
        "office365": group_assignment,
        "active_directory": directory_assignment,
    }
    assigned = {
        name: Assignments(org.world, people, app, document_functions.get(name, own_assignment))
        for name, app in apps.items()
    }
    others = [name for name in apps if name not in _NOT_AT_RANDOM]
    for place in range(len(people)):
        if people.status(place) == "DEPROVISIONED":
            continue
        for name in ("okta_enduser", "office365"):
            assigned[name].add(place)
        if people.is_from_directory(place):
            assigned["active_directory"].add(place)
        for name in rng.sample(others, k=2):
            assigned[name].add(place)
    for name, each in assigned.items():
        org.world.generate(("app_users", apps[name]), each)
    if people.ids:
        for name in ("key_service", "secret_service"):
            org.grant_scope(apps[name], "okta.users.read", created_by=people.ids[0])
        org.grant_scope(apps["key_service"], "okta.groups.manage", created_by=people.ids[0])
