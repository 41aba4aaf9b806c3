"""Find the external objects of an application: organization, accounts and groups of the other product.

`HYBRID_APPS` has one line for each type of application. Property names and letter case are those of
BloodHound's collectors for these products. If the settings do not identify the object, the result is
`Unmatched`, which the graph reports.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import TypeAlias
from urllib.parse import SplitResult, urlsplit

import attrs

from oktahound.entities import Application, AppUser
from oktahound.entities.parsers import guid_text
from oktahound.graph.foreign import Foreign
from oktahound.graph.model import Unmatched
from oktahound.graph.org_index import OrgIndex

__all__ = [
    "HYBRID_APPS",
    "HybridApp",
    "accounts",
    "directory_domain",
    "directory_object",
    "group_of",
    "guid_or_none",
    "organization_of",
]

LookupResult: TypeAlias = Foreign | Unmatched

_GUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_ACS_PATH = re.compile(r"/sso/saml2/([^/]+)/?")
_SNOWFLAKE_SUFFIXES = (".snowflakecomputing.com", ".privatelink")


@attrs.frozen
class HybridApp:
    """Functions that find the external objects of a type of application.

    Attributes:
        organization: finds the external organization; None if there is no such object.
        account: finds the account of an assigned user.
        group: finds the group with a name; None if groups cannot be found.
        account_assumption: the undocumented assumption about the account; None if there is none.
    """

    organization: Callable[[Application], LookupResult] | None
    account: Callable[[Application, AppUser], LookupResult]
    group: Callable[[Application, str], LookupResult] | None = None
    account_assumption: str | None = None


def organization_of(app: Application) -> LookupResult | None:
    """Return the external organization of an application; None for types without one."""
    hybrid = HYBRID_APPS.get(app.app_type or "")
    return hybrid.organization(app) if hybrid and hybrid.organization else None


def accounts(org: OrgIndex) -> Sequence[tuple[Application, AppUser, LookupResult]]:
    """Return the external accounts of all assignments to applications in `HYBRID_APPS`."""
    return org.once(_accounts)


def _accounts(org: OrgIndex) -> Sequence[tuple[Application, AppUser, LookupResult]]:
    # Most assignments belong to other types of applications, and there may be millions.
    hybrid = {
        app.id: (app, HYBRID_APPS[app.app_type or ""])
        for app in org.rows(Application)
        if (app.app_type or "") in HYBRID_APPS
    }
    return [
        (app, user, type_.account(app, user))
        for user in org.rows(AppUser)
        if user.app_id in hybrid
        for app, type_ in (hybrid[user.app_id],)
    ]


def group_of(app: Application, name: str) -> LookupResult | None:
    """Return the external group with a name; None for types without groups."""
    hybrid = HYBRID_APPS.get(app.app_type or "")
    return hybrid.group(app, name) if hybrid and hybrid.group else None


def directory_object(kind: str, owner: str, sid: str | None, guid: str | None) -> LookupResult:
    """Return the Active Directory object with a SID or, if Okta has no SID, an objectGUID.

    BloodHound's ids are SIDs. A GUID only matches graphs that have it as a property.
    """
    if sid and sid.strip():
        return Foreign.with_id(kind, sid.strip().upper())
    return _lookup_result(kind, owner, objectguid=guid_or_none(guid_text(guid) if guid else None))


def directory_domain(app: Application) -> str | None:
    """Return the DNS name of an Active Directory application's domain, in upper case as in BloodHound."""
    return (app.naming_context or app.label or "").strip().upper() or None


@functools.lru_cache(maxsize=1024)
def guid_or_none(text: str | None) -> str | None:
    """Normalize a GUID to lower case; None for a text that is not a GUID."""
    return text.strip().lower() if text and _GUID.fullmatch(text.strip()) else None


def _with_id(kind: str, owner: str, id: str | None, setting: str) -> LookupResult:
    return Foreign.with_id(kind, id) if id else Unmatched(owner, f"{kind}: no {setting}")


def _lookup_result(kind: str, owner: str, **matchers: str | None) -> LookupResult:
    known = {name: value for name, value in matchers.items() if value and value.strip()}
    missing = [name for name in matchers if name not in known]
    if missing:
        return Unmatched(owner, f"{kind}: no {', '.join(missing)}")
    return Foreign.where(kind, **known)


def _host(text: str | None) -> str | None:
    """Return the host of a URL in lower case. A text without a scheme counts as a host."""
    if not text or "//" not in text:
        return (text or "").strip().partition("/")[0] or None
    return _parts(text).hostname


def _parts(url: str | None) -> SplitResult:
    try:
        return urlsplit(url or "")
    except ValueError:
        return urlsplit("")


def _user_name(user: AppUser) -> str:
    return (user.user_name or "").strip()


def _org2org_provider(app: Application) -> LookupResult:
    # A manually configured Org2Org app contains the provider only in the assertion consumer service URL.
    found = _ACS_PATH.fullmatch(_parts(app.setting_acs_url).path)
    id_ = (app.setting_idp_id or "").strip() or (found and found[1])
    return _with_id("Okta_IdentityProvider", app.id, id_, "idpId")


def _jamf_host(app: Application) -> str | None:
    # The type with password sign-on has no domain, only the URL of the sign-in page.
    return _host(app.setting_domain) or _host(app.setting_login_url)


def _jamf_integration(app: Application) -> LookupResult:
    host = _jamf_host(app)
    return _with_id("jamf_SSOIntegration", app.id, host and f"{host}-SSO", "domain")


def _jamf_account(app: Application, user: AppUser) -> LookupResult:
    return _lookup_result(
        "jamf_Account", app.id, email=_user_name(user).casefold(), domainName=_jamf_host(app)
    )


def _github_org(app: Application) -> str | None:
    return (app.setting_github_org or "").strip() or None


def _github_user(app: Application, user: AppUser) -> LookupResult:
    return _lookup_result("GH_User", app.id, login=_user_name(user), environment_name=_github_org(app))


def _onepassword_domain(app: Application) -> str | None:
    subdomain, region = (app.setting_sub_domain or "").strip(), (app.setting_region_type or "").strip()
    return f"{subdomain}.1password.{region}".lower() if subdomain and region else None


def _onepassword_user(app: Application, user: AppUser) -> LookupResult:
    email = _user_name(user).casefold()
    return _lookup_result("OP_User", app.id, email=email, account_name=_onepassword_domain(app))


def _snowflake_id(app: Application) -> str | None:
    account = (_host(app.setting_sub_domain) or "").lower()
    for suffix in _SNOWFLAKE_SUFFIXES:
        account = account.removesuffix(suffix)
    return account.upper() or None


def _snowflake_user(app: Application, user: AppUser) -> LookupResult:
    account, name = _snowflake_id(app), _user_name(user)
    id_ = f"{account}.{name}".upper() if account and name else None
    return _with_id("SNOW_User", app.id, id_, "subDomain and user name")


def _entra_tenant(app: Application) -> str | None:
    tenant = guid_or_none(app.microsoft_tenant_id)
    return tenant and tenant.upper()


def _entra_user(app: Application, user: AppUser) -> LookupResult:
    name = _user_name(user).casefold()
    return _lookup_result("AZUser", app.id, userprincipalname=name, tenantid=_entra_tenant(app))


def _directory_group(app: Application, name: str) -> LookupResult:
    return _lookup_result("Group", app.id, samaccountname=name, domain=directory_domain(app))


_JAMF = HybridApp(_jamf_integration, _jamf_account)

HYBRID_APPS = MappingProxyType(
    {
        "active_directory": HybridApp(
            organization=None,
            account=lambda app, user: directory_object("User", app.id, user.object_sid, user.external_id),
            group=_directory_group,
        ),
        "okta_org2org": HybridApp(
            organization=_org2org_provider,
            account=lambda app, user: _with_id(
                "Okta_User", app.id, (user.external_id or "").strip(), "externalId"
            ),
            group=lambda app, name: _lookup_result(
                "Okta_Group", app.id, name=name, oktaDomain=_host(app.setting_base_url)
            ),
        ),
        "office365": HybridApp(
            organization=lambda app: _with_id("AZTenant", app.id, _entra_tenant(app), "microsoftTenantId"),
            account=_entra_user,
            group=lambda app, name: _lookup_result(
                "AZGroup", app.id, displayname=name, tenantid=_entra_tenant(app)
            ),
        ),
        "githubcloud": HybridApp(
            organization=lambda app: _lookup_result("GH_Organization", app.id, name=_github_org(app)),
            account=_github_user,
            account_assumption="the user name in the application is the login at GitHub",
        ),
        "jamfsoftwareserver": _JAMF,
        "casper": _JAMF,
        "1password_business": HybridApp(
            organization=lambda app: _lookup_result("OP_Account", app.id, domain=_onepassword_domain(app)),
            account=_onepassword_user,
        ),
        "snowflake": HybridApp(
            organization=lambda app: _with_id("SNOW_Account", app.id, _snowflake_id(app), "subDomain"),
            account=_snowflake_user,
        ),
    }
)
"""The functions that find external objects, by type of application."""
