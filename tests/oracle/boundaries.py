"""The edges of trust boundaries and of SAML trust, computed from the org's own documents.

Like `oracle.naive`, it shares no code with what it checks. It covers the kinds whose ends are this org's own
objects, and of SAML those that need no evaluation of expressions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256
from json import dumps

from oracle.documents import Documents, Json

__all__ = ["KINDS", "Boundaries"]

_OWN = """
    HookAltersAssertion HookAltersTokens HookAltersRegistration HookAltersImport HookLinksUser HookSeesCode
    HookSeesPassword HookWritesRuleAttribute RuleFillsGroup GroupFeedsRule ApplicationWritesRuleAttribute
    LimitedToZone SignsWith SignsFor SeesTypedPassword
"""
_SAML = """
    Implements TrustsIssuer HasClaimMapping EligibleFor HasAssertionConsumerService HasAccountResolutionRule
    UsesAccountResolutionField HasAccountResolutionValue
"""
KINDS = frozenset(
    {*(f"OktaHound_{name}" for name in _OWN.split()), *(f"SAML_{name}" for name in _SAML.split())}
)
"""The kinds of edges that are checked."""
_ENDED = {"DEPROVISIONED", "INACTIVE", "REVOKED", "STAGED", "SUSPENDED", "UNASSIGNED"}
_NOT_ASSIGNED = {*_ENDED, "APPROVED", "IMPLICIT", "IMPORTED", "MATCHED", "PENDING"}

_SIGNED = {"SAML_2_0", "SAML_1_1", "WS_FEDERATION"}
_IMPORTS = {"IMPORT_NEW_USERS", "IMPORT_PROFILE_UPDATES", "PROFILE_MASTERING"}
Found = Iterator[tuple[str, str, str, bool]]


class Boundaries(Documents):
    """The edges of an org's trust boundaries and SAML trust."""

    def edges(self) -> dict[tuple[str, str, str], bool]:
        """Return every edge, and whether it is active."""
        dead, found = self.dead(), {}
        for name in ("inline_hooks", "network_zones"):
            dead |= {each["id"] for each in self.all(name) if each["status"] == "INACTIVE"}
        dead |= {each["id"] for each in self.all("group_rules") if each["status"] != "ACTIVE"}
        families = (self.hooks, self.users_of_hooks, self.rules, self.zones, self.trust_keys, self.passwords)
        own = [("OktaHound", each) for family in families for each in family()]
        for prefix, (kind, start, end, alive) in (*own, *(("SAML", each) for each in self.saml())):
            key = (start, f"{prefix}_{kind}", end)
            found[key] = found.get(key, False) or (alive and dead.isdisjoint((start, end)))
        return found

    def hooks(self) -> Found:
        for app in self.apps:
            for hook in app["settings"].get("signOn", {}).get("inlineHooks", []):
                yield "HookAltersAssertion", hook["id"], app["id"], True
            if hook := app["settings"].get("inlineHookId"):
                yield "HookAltersImport", hook, app["id"], self.imports(app)
        for hook, policy, alive in self.registrations():
            yield "HookAltersRegistration", hook, policy, alive
        for server in self.all("authorization_servers"):
            for policy in self.all("token_policies", server["id"]):
                for rule in self.all("token_policy_rules", server["id"], policy["id"]):
                    if hook := rule["actions"]["token"].get("inlineHook"):
                        alive = rule["status"] == policy["status"] == "ACTIVE"
                        yield "HookAltersTokens", hook["id"], server["id"], alive

    def imports(self, app: Json) -> bool:
        return not app["features"] or not _IMPORTS.isdisjoint(app["features"])

    def registrations(self) -> Iterator[tuple[str, str, bool]]:
        for policy in self.all("policies"):
            for rule in self.all("rules", policy["id"]):
                properties = rule["actions"].get("profileEnrollment") or {}
                for hook in properties.get("preRegistrationInlineHooks") or []:
                    asks = properties["unknownUserAction"] == "REGISTER"
                    asks = asks or properties["progressiveProfilingAction"] == "ENABLED"
                    alive = asks and rule["status"] == policy["status"] == "ACTIVE"
                    yield hook["inlineHookId"], policy["id"], alive

    def users_of_hooks(self) -> Found:
        for app in self.apps:
            if hook := app["settings"].get("inlineHookId"):
                for user in self.users if self.imports(app) and app["status"] == "ACTIVE" else ():
                    yield "HookLinksUser", hook, user["id"], True
        for hook in self.all("inline_hooks"):
            for user in self.users:
                if hook["type"] == "com.okta.user.credential.password.import":
                    if user["credentials"]["provider"]["type"] == "IMPORT":
                        yield "HookSeesPassword", hook["id"], user["id"], True
                elif hook["type"] == "com.okta.telephony.provider":
                    factors = self.all("factors", user["id"])
                    if any(each["factorType"] in {"sms", "call"} for each in factors if _is_on(each)):
                        yield "HookSeesCode", hook["id"], user["id"], True

    def rules(self) -> Found:
        for rule in self.all("group_rules"):
            expression = rule["conditions"]["expression"]["value"]
            left_out = rule["conditions"]["people"]["groups"]["exclude"]
            for group in rule["actions"]["assignUserToGroups"]["groupIds"]:
                yield "RuleFillsGroup", rule["id"], group, True
            for group in re.findall(r'"(00g\w+)"', expression):
                if group not in left_out:
                    yield "GroupFeedsRule", group, rule["id"], True
            if re.search(r"\buser\.\w+\s*==", expression):
                yield from self.writers(rule["id"])

    def writers(self, rule: str) -> Found:
        for hook, _, alive in self.registrations():
            yield "HookWritesRuleAttribute", hook, rule, alive
        for app in self.apps:
            if hook := app["settings"].get("inlineHookId"):
                alive = self.imports(app) and app["status"] == "ACTIVE"
                yield "HookWritesRuleAttribute", hook, rule, alive
            if "PROFILE_MASTERING" in app["features"]:
                yield "ApplicationWritesRuleAttribute", app["id"], rule, True

    def zones(self) -> Found:
        holders = [(token["id"], token["network"], True) for token in self.all("api_tokens")]
        for app in self.apps:
            network = app["settings"].get("oauthClient", {}).get("network")
            holders += [(app["id"], network, True)] if network else []
        for policy in self.all("policies"):
            for rule in self.all("rules", policy["id"]):
                network = (rule["conditions"] or {}).get("network")
                holders += [(policy["id"], network, rule["status"] == "ACTIVE")] if network else []
        for holder, network, alive in holders:
            if network["connection"] == "ZONE":
                for zone in [*network.get("include", []), *network.get("exclude", [])]:
                    yield "LimitedToZone", holder, zone, alive

    def trust_keys(self) -> Found:
        for app in self.apps:
            if app["signOnMode"] in _SIGNED:
                for key in self.all("signing_keys", app["id"]):
                    yield "SignsWith", app["id"], f"{key['kid']}@{self.domain}", True
        for idp in self.all("idps"):
            if idp["type"] == "SAML2":
                key = idp["protocol"]["credentials"]["trust"]["kid"]
                yield "SignsFor", f"trusted:{key}@{self.domain}", idp["id"], True

    def passwords(self) -> Found:
        for pool in self.all("agent_pools"):
            known = any(app["id"] == pool["id"] for app in self.apps)
            for assigned in self.all("app_users", pool["id"]) if known else ():
                user = next((each for each in self.users if each["id"] == assigned["id"]), None)
                kept = user and user["credentials"]["provider"]["type"] in {"ACTIVE_DIRECTORY", "LDAP"}
                if kept and pool["type"].upper() in {"AD", "LDAP"}:
                    alive = assigned["status"] not in _ENDED
                    yield "SeesTypedPassword", self.pool_node(pool), assigned["id"], alive

    def saml(self) -> Found:
        for app in self.apps:
            if app["signOnMode"] == "SAML_2_0":
                yield from self.asserting(app)
        for idp in self.all("idps"):
            if idp["type"] == "SAML2":
                yield from self.trusting(idp)

    def asserting(self, app: Json) -> Found:
        here = f"okta:saml:provider:{app['id']}"
        yield "Implements", app["id"], here, True
        statements = app["settings"]["signOn"].get("attributeStatements") or []
        for index in range(1 + len(statements)):
            yield "HasClaimMapping", here, f"okta:saml:claim-mapping:{app['id']}:{index}", True
        for assigned in self.all("app_users", app["id"]) if app["status"] != "INACTIVE" else ():
            user = next((each for each in self.users if each["id"] == assigned["id"]), None)
            cannot = {"SUSPENDED", "DEPROVISIONED", "STAGED", "LOCKED_OUT"}
            # A user with an undocumented status may be assigned.
            if user and assigned["status"] not in _NOT_ASSIGNED and user["status"] not in cannot:
                yield "EligibleFor", user["id"], here, True

    def trusting(self, idp: Json) -> Found:
        here, trust = f"okta:saml:service-provider:{idp['id']}", idp["protocol"]["credentials"]["trust"]
        yield "Implements", idp["id"], here, True
        name = dumps([self.domain, trust["issuer"]], separators=(",", ":"))
        yield "TrustsIssuer", here, f"okta:saml:trusted-issuer:{sha256(name.encode()).hexdigest()}", True
        yield "HasAssertionConsumerService", here, f"okta:saml:sp-acs:{idp['id']}:0", True
        subject = idp["policy"]["subject"]
        exact = subject["matchType"] == "USERNAME" and idp["policy"]["accountLink"]["action"] == "AUTO"
        if exact:
            rule = f"okta:saml:account-resolution-rule:{idp['id']}"
            field = f"okta:saml:account-resolution-field:{idp['id']}:login"
            yield "HasAccountResolutionRule", here, rule, True
            yield "UsesAccountResolutionField", rule, field, True
            for user in self.users:
                yield "HasAccountResolutionValue", user["id"], field, True


def _is_on(factor: Json) -> bool:
    return factor["status"] == "ACTIVE"
