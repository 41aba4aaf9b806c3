"""Policies, routing rules, and the mappings of policies to applications."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import attrs

from oktahound.entities.parsers import last_segment
from oktahound.entities.schema import Derived, Entity, Parent, Wire
from oktahound.entities.sources import NOT_FOUND, TRUST_BOUNDARIES, EmptyAnswer, Endpoint
from oktahound.entities.values import type_name

__all__ = ["POLICY_TYPES", "Policy", "PolicyMapping", "PolicyRule"]

POLICY_TYPES = (
    "ACCESS_POLICY",
    "CLIENT_UPDATE",
    "DEVICE_SIGNAL_COLLECTION",
    "ENTITY_RISK",
    "IDENTITY_CLAIM_SOURCING",
    "IDP_DISCOVERY",
    "MFA_ENROLL",
    "OKTA_SIGN_ON",
    "PASSWORD",
    "POST_AUTH_SESSION",
    "PROFILE_ENROLLMENT",
    "SESSION_VIOLATION_DETECTION",
)
"""Policy types. Okta requires a type to list policies."""

_FOR_PEOPLE = frozenset({"IDP_DISCOVERY", "MFA_ENROLL", "OKTA_SIGN_ON", "PASSWORD"})
"""Types that apply to users or sign-ins through their conditions and rules. They are not mapped to
applications."""


_WITH_CONDITIONS = frozenset(
    {
        "ACCESS_POLICY",
        "DEVICE_SIGNAL_COLLECTION",
        "MFA_ENROLL",
        "OKTA_SIGN_ON",
        "PASSWORD",
        "PROFILE_ENROLLMENT",
        "SESSION_VIOLATION_DETECTION",
    }
)
"""Types other than routing whose rules can refer to network zones or, for profile enrollment, inline hooks
(schemas `…PolicyRuleConditions` and `ProfileEnrollmentPolicyRuleAction` of Okta's API description)."""

_TYPE_REFUSED = r"policy type|validation failed: type\b"

_UNKNOWN_TYPE = tuple(EmptyAnswer(400, code, _TYPE_REFUSED) for code in ("E0000001", "E0000002"))
"""Error responses if the org's edition does not have a policy type, or the type has no such listing.
``E0000002`` with "Invalid policy type specified" was recorded for ``GET /api/v1/policies?type=…`` (issue 64
of terraform-providers/terraform-provider-okta); ``E0000001`` is Okta's code for invalid parameters."""


@attrs.frozen(kw_only=True, repr=False)
class Policy(Entity):
    """A policy of any type, such as sign-on, password, enrollment or routing."""

    KIND = "Okta_Policy"
    PLURAL = "policies"
    SOURCES = tuple(
        Endpoint(
            "/api/v1/policies",
            scope="okta.policies.read",
            params={"type": type_},
            empty_answers=_UNKNOWN_TYPE,
        )
        for type_ in POLICY_TYPES
    )
    DERIVED = (Derived("displayName", "The name.", lambda policy, context: policy.name),)

    name: str | None = None
    """The policy's name."""
    type: str | None = None
    """The type of policy, such as `ACCESS_POLICY` or `IDP_DISCOVERY`."""
    status: str | None = None
    """`ACTIVE` or `INACTIVE`."""
    priority: int | None = None
    """The rank among the policies of its type. 1 is evaluated first."""
    system: bool | None = None
    """Whether Okta created it. It cannot be deleted then."""
    description: str | None = None
    """The policy's description."""
    created: datetime | None = None
    """The time at which the policy was created."""
    last_updated: datetime | None = None
    """The time at which the policy was last changed."""


def _provider_types(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError(f"expected a list, got {type_name(value)}")
    found = [provider.get("type") if isinstance(provider, dict) else None for provider in value]
    types = [type_ for type_ in found if isinstance(type_, str)]
    if len(types) != len(found):
        raise TypeError("expected a list of objects with a type")
    return tuple(sorted(set(types)))


def _hook_ids(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError(f"expected a list, got {type_name(value)}")
    found = [each.get("inlineHookId") if isinstance(each, dict) else None for each in value]
    ids = tuple(each for each in found if isinstance(each, str))
    if len(ids) != len(found):
        raise TypeError("expected a list of objects with an inlineHookId")
    return ids


@attrs.frozen(kw_only=True, repr=False)
class PolicyRule(Entity):
    """A rule of a policy: its conditions, and the action that it allows.

    Rules of routing policies (``IDP_DISCOVERY``) are always read: `provider_types` contains ``AgentlessDSSO``
    if Kerberos tickets of a directory are accepted. Rules of profile enrollment, and of other types whose
    conditions can refer to network zones, are read with ``collect(trust_boundaries=True)``.
    """

    PLURAL = "policy_rules"
    OWNER = ("policy_id",)
    SOURCES = (
        Endpoint(
            "/api/v1/policies/{id}/rules",
            scope="okta.policies.read",
            under=Policy,
            when=lambda policy, known: policy.type in (None, "IDP_DISCOVERY"),
        ),
        Endpoint(
            "/api/v1/policies/{id}/rules",
            scope="okta.policies.read",
            under=Policy,
            when=lambda policy, known: policy.type in _WITH_CONDITIONS,
            option=TRUST_BOUNDARIES,
        ),
    )

    policy_id: Annotated[str, Parent()]
    """The id of the `Policy`."""
    name: str | None = None
    """The rule's name."""
    type: str | None = None
    """The type of rule, which is that of its policy."""
    status: str | None = None
    """`ACTIVE` or `INACTIVE`."""
    priority: int | None = None
    """The rank among the rules of the policy. 1 is evaluated first."""
    system: bool | None = None
    """Whether Okta created it. It cannot be deleted then."""
    provider_types: Annotated[tuple[str, ...] | None, Wire("actions.idp.providers", read=_provider_types)] = (
        None
    )
    """The types of identity providers to which the rule routes sign-ins, sorted and without duplicates."""
    access: Annotated[
        str | None,
        Wire(("actions.appSignOn.access", "actions.signon.access", "actions.profileEnrollment.access")),
    ] = None
    """Whether the rule allows access: `ALLOW` or `DENY`; None for rules without such an action."""
    network_connection: Annotated[str | None, Wire("conditions.network.connection")] = None
    """The networks in which the rule applies: `ANYWHERE` or `ZONE`."""
    network_include: Annotated[tuple[str, ...] | None, Wire("conditions.network.include")] = None
    """The ids of the network zones in which the rule applies; `ALL_ZONES` for every zone."""
    network_exclude: Annotated[tuple[str, ...] | None, Wire("conditions.network.exclude")] = None
    """The ids of the network zones in which the rule does not apply."""
    registration_hook_ids: Annotated[
        tuple[str, ...] | None,
        Wire("actions.profileEnrollment.preRegistrationInlineHooks", read=_hook_ids),
    ] = None
    """The ids of the inline hooks that Okta calls when a user registers. Okta allows one."""
    unknown_user_action: Annotated[str | None, Wire("actions.profileEnrollment.unknownUserAction")] = None
    """Whether people without an account can register: `REGISTER` or `DENY`."""
    progressive_profiling_action: Annotated[
        str | None, Wire("actions.profileEnrollment.progressiveProfilingAction")
    ] = None
    """Whether users are prompted for missing attributes when they sign in: `ENABLED` or `DISABLED`."""
    created: datetime | None = None
    """The time at which the rule was created."""
    last_updated: datetime | None = None
    """The time at which the rule was last changed."""


@attrs.frozen(kw_only=True, repr=False)
class PolicyMapping(Entity):
    """The mapping of a policy to an application."""

    PLURAL = "policy_mappings"
    OWNER = ("policy_id",)
    SOURCES = (
        Endpoint(
            "/api/v1/policies/{id}/mappings",
            scope="okta.policies.read",
            under=Policy,
            when=lambda policy, known: policy.type not in _FOR_PEOPLE,
            # Okta's responses for types that are not mapped to applications.
            empty_answers=(NOT_FOUND, *_UNKNOWN_TYPE),
        ),
    )

    id: str
    """The id of the mapping. Several mappings of a policy can have the same id."""
    policy_id: Annotated[str, Parent()]
    """The id of the `Policy`."""
    application_id: Annotated[str | None, Wire("_links.application.href", read=last_segment)] = None
    """The id of the `Application` that the policy applies to."""

    @property
    def key(self) -> tuple[str, ...]:
        """Policy, id and application. In Okta's example, every mapping has the policy's id."""
        return (self.policy_id, self.id, self.application_id or "")
