"""Identity providers, authorization servers and policies."""

from __future__ import annotations

from oktahound.sim.errors import bad_request
from oktahound.sim.lookup import below, known, listing, single
from oktahound.sim.routing import Call, Route, Rows

__all__ = ["FEDERATION", "POLICY_TYPES"]

POLICY_TYPES = frozenset(
    {
        "ACCESS_POLICY",
        "IDP_DISCOVERY",
        "MFA_ENROLL",
        "OKTA_SIGN_ON",
        "PASSWORD",
        "PROFILE_ENROLLMENT",
        "POST_AUTH_SESSION",
        "ENTITY_RISK",
    }
)
"""The policy types of the simulated org. Okta returns 400 for the types that an org does not have."""

_POLICIES = ("okta.policies.read",)


def _policies(call: Call) -> Rows:
    wanted = call.query.get("type", "")
    if wanted not in POLICY_TYPES:
        raise bad_request("type", "type: Invalid policy type specified.")
    policies = call.world["policies"]
    return Rows.of(policies, policies.view(wanted, lambda policy: policy["type"] == wanted))


def _apps_of_policy(call: Call) -> Rows:
    policy = known(call, "policies", "policyId", "Policy")
    if call.world["policies"][policy]["type"] not in {"ACCESS_POLICY", "PROFILE_ENROLLMENT"}:
        # Collectors treat this 400 as an empty list: policies of other types are not mapped to applications.
        raise bad_request("type", "The policy type does not support applications.")
    return Rows.of(call.world["apps"], call.world["policy_mappings", policy].keys())


def _idps(call: Call) -> Rows:
    idps, wanted = call.world["idps"], call.query.get("type")
    return Rows.of(idps, idps.view(f"{wanted}", lambda idp: wanted in (None, idp["type"])))


FEDERATION = (
    # Recorded for both of these: a `next` link after the last row.
    Route(
        template="/api/v1/idps",
        answer=_idps,
        scopes=("okta.idps.read",),
        bucket="other",
        paging="link",
        default=20,
        maximum=200,
        empty_last_page=True,
    ),
    Route(
        template="/api/v1/authorizationServers",
        answer=listing("authorization_servers"),
        scopes=("okta.authorizationServers.read",),
        bucket="other",
        paging="link",
        default=200,
        maximum=200,
        empty_last_page=True,
    ),
    Route(
        template="/api/v1/idps/credentials/keys",
        answer=listing("trusted_keys"),
        scopes=("okta.idps.read",),
        bucket="other",
        paging="link",
        default=20,
        maximum=200,
    ),
    Route(
        template="/api/v1/idps/{idpId}",
        answer=single("idps", "idpId", "IdpTrust"),
        scopes=("okta.idps.read",),
        bucket="other",
    ),
    Route(
        template="/api/v1/idps/{idpId}/users",
        answer=below("idp_users", "idps", "idpId", "IdpTrust"),
        scopes=("okta.idps.read",),
        bucket="other",
        paging="link",
        default=20,
        maximum=200,
    ),
    Route(
        template="/api/v1/authorizationServers/{authServerId}",
        answer=single("authorization_servers", "authServerId", "AuthorizationServer"),
        scopes=("okta.authorizationServers.read",),
        bucket="other",
    ),
    Route(
        template="/api/v1/policies",
        answer=_policies,
        scopes=_POLICIES,
        bucket="other",
        paging="link",
        limited=False,
    ),
    Route(
        template="/api/v1/policies/{policyId}",
        answer=single("policies", "policyId", "Policy"),
        scopes=_POLICIES,
        bucket="other",
    ),
    Route(
        template="/api/v1/policies/{policyId}/rules",
        answer=below("rules", "policies", "policyId", "Policy"),
        scopes=_POLICIES,
        bucket="other",
    ),
    Route(
        template="/api/v1/policies/{policyId}/mappings",
        answer=below("policy_mappings", "policies", "policyId", "Policy"),
        scopes=_POLICIES,
        bucket="other",
    ),
    Route(
        template="/api/v1/policies/{policyId}/app",
        answer=_apps_of_policy,
        scopes=_POLICIES,
        bucket="other",
        paging="link",
        default=20,
        limited=False,
    ),
)
