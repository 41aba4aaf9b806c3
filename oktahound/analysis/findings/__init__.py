"""Findings: weaknesses of an org, each with evidence, meaning and remedy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import networkx as nx

from oktahound.analysis.findings.administrators import (
    AdministratorWithoutFactor,
    AdministratorWithoutStrongFactor,
    IdleAdministrator,
    InactiveAdministrator,
    OldPasswordOfAdministrator,
)
from oktahound.analysis.findings.application_credentials import (
    ApplicationOldKey,
    ApplicationOldSecret,
    ApplicationTwoActiveSecrets,
    SecretInsteadOfKey,
)
from oktahound.analysis.findings.boundaries import (
    AiAgentTakesOverOrganization,
    AiAgentWithoutOwner,
    InlineHookUnderOthers,
)
from oktahound.analysis.findings.collection import Findings
from oktahound.analysis.findings.devices import (
    AdministratorOnSharedDevice,
    JailbrokenDevice,
    SharedDevice,
    UnlockedDeviceOfAdministrator,
)
from oktahound.analysis.findings.directories import (
    AgentNotOperational,
    PoolTakesOverOrganization,
    SingleAgentPool,
)
from oktahound.analysis.findings.groups import (
    PrivilegedGroupFedByProvider,
    PrivilegedGroupFedByRule,
    PrivilegedGroupUnderOthers,
    PrivilegedImportedGroup,
)
from oktahound.analysis.findings.identity_providers import (
    ProviderCreatesUsers,
    ProviderLinksAnybody,
    ProviderOfAdministrators,
    TrustedOrganization,
    TrustToOtherOrganization,
)
from oktahound.analysis.findings.inspection import Inspection, Limits
from oktahound.analysis.findings.integration_rights import (
    CriticalCombination,
    CriticalPower,
    HighCombination,
    HighPower,
    IntegrationHoldsRole,
    MoreScopesThanPublished,
    PathToSuperAdmin,
    UnknownScopes,
    WriteScopes,
)
from oktahound.analysis.findings.integration_upkeep import (
    CreatorGone,
    DuplicateIntegrations,
    MoreScopesThanTwin,
    OldSecret,
    TwoActiveSecrets,
)
from oktahound.analysis.findings.model import Finding, NotChecked
from oktahound.analysis.findings.policies import (
    AdminConsoleOnDefaultPolicy,
    AdminConsoleSharesPolicy,
    KerberosSignIn,
)
from oktahound.analysis.findings.resource_sets import HolderWidensResourceSet
from oktahound.analysis.findings.service_applications import (
    RoleAndScopeTogether,
    ScopesBeyondRole,
    ServiceApplicationIsSuperAdministrator,
    ServiceApplicationTakesOverOrganization,
    UnusableRole,
)
from oktahound.analysis.findings.signing_keys import SharedSigningKey, SigningKeyExpires
from oktahound.analysis.findings.takeover import (
    AdministratorTakesOverOrganization,
    AdministratorThroughImportedGroup,
    SuperAdministratorFromDirectory,
    SuperAdministratorThroughProvider,
    UserTakesOverOrganization,
)
from oktahound.analysis.findings.tokens import (
    ExpiredToken,
    OldToken,
    TokenOfSuperAdministrator,
    TokenOwnerGone,
    TokenWithoutNetworkLimit,
    UnusedToken,
)
from oktahound.analysis.findings.unknown_rights import UnknownPermission, UnknownRole
from oktahound.analysis.findings.usage import (
    AuthorizedByGoneUser,
    DormantClient,
    FailuresLikeProbing,
    GraveScopesNotAskedFor,
    NewNetwork,
    RoleGrantedToClient,
    ScopesNotAskedFor,
    SecretRead,
)
from oktahound.analysis.source_graph import graph_of, require_scopes
from oktahound.graph import OrgIndex
from oktahound.scopes import PublishedScopes
from oktahound.snapshot import Snapshot

__all__ = ["FINDINGS", "Finding", "Findings", "NotChecked", "findings"]

FINDINGS: tuple[type[Finding], ...] = (
    PathToSuperAdmin,
    CriticalPower,
    CriticalCombination,
    HighPower,
    HighCombination,
    IntegrationHoldsRole,
    WriteScopes,
    TwoActiveSecrets,
    OldSecret,
    CreatorGone,
    MoreScopesThanPublished,
    MoreScopesThanTwin,
    DuplicateIntegrations,
    UnknownScopes,
    AdministratorTakesOverOrganization,
    UserTakesOverOrganization,
    AdministratorThroughImportedGroup,
    SuperAdministratorFromDirectory,
    SuperAdministratorThroughProvider,
    AdministratorWithoutFactor,
    AdministratorWithoutStrongFactor,
    IdleAdministrator,
    OldPasswordOfAdministrator,
    InactiveAdministrator,
    UnknownRole,
    UnknownPermission,
    ServiceApplicationIsSuperAdministrator,
    ServiceApplicationTakesOverOrganization,
    RoleAndScopeTogether,
    UnusableRole,
    ScopesBeyondRole,
    SecretInsteadOfKey,
    ApplicationOldSecret,
    ApplicationTwoActiveSecrets,
    ApplicationOldKey,
    SharedSigningKey,
    SigningKeyExpires,
    TokenOfSuperAdministrator,
    TokenWithoutNetworkLimit,
    OldToken,
    TokenOwnerGone,
    ExpiredToken,
    UnusedToken,
    PrivilegedImportedGroup,
    PrivilegedGroupUnderOthers,
    PrivilegedGroupFedByProvider,
    PrivilegedGroupFedByRule,
    InlineHookUnderOthers,
    AiAgentTakesOverOrganization,
    AiAgentWithoutOwner,
    ProviderOfAdministrators,
    ProviderLinksAnybody,
    ProviderCreatesUsers,
    TrustedOrganization,
    TrustToOtherOrganization,
    HolderWidensResourceSet,
    AdminConsoleSharesPolicy,
    AdminConsoleOnDefaultPolicy,
    PoolTakesOverOrganization,
    AgentNotOperational,
    SingleAgentPool,
    KerberosSignIn,
    SharedDevice,
    AdministratorOnSharedDevice,
    UnlockedDeviceOfAdministrator,
    JailbrokenDevice,
    GraveScopesNotAskedFor,
    DormantClient,
    NewNetwork,
    FailuresLikeProbing,
    SecretRead,
    RoleGrantedToClient,
    AuthorizedByGoneUser,
    ScopesNotAskedFor,
)
"""All finding classes that `findings` checks."""


def findings(
    source: Snapshot | nx.MultiDiGraph[str],
    *,
    graph: nx.MultiDiGraph[str] | None = None,
    secret_days: int = 180,
    key_days: int = 365,
    token_days: int = 365,
    idle_days: int = 90,
    password_days: int = 365,
    device_users: int = 3,
    expiry_days: int = 60,
    vendor_lists: Iterable[PublishedScopes] = (),
) -> Findings:
    """Find the weaknesses of an org, the most severe first.

    The function blocks while it computes: about four seconds for a snapshot of 10,000 users, including the
    graph. In an async program, run it in a thread: ``await asyncio.to_thread(findings, snapshot)``.

    Ages are relative to the time at which the org was read, so the result for a snapshot does not change.

    Args:
        source: a snapshot, or a graph, preferably built with ``scopes=True``. With a graph, classes that need
            rows of the snapshot are not checked; `Findings.not_checked` lists them.
        graph: the graph of the snapshot, if it was already built or contains other optional parts, such as
            ``build_graph(snapshot, scopes=True, saml=True)``. None builds one with scopes and with the parts
            that were collected (``trust_boundaries=True``, ``signing_keys=True``).
        secret_days: age in days from which an active client secret is a finding.
        key_days: the same for an active public key of a service application.
        token_days: the same for an API token.
        idle_days: days without a sign-in from which an administrator is a finding.
        password_days: age in days from which an administrator's password is a finding.
        device_users: number of users of one device from which the device is a finding.
        expiry_days: days before the expiry of a signing key from which it is a finding.
        vendor_lists: published scopes of vendors, in addition to those in the package.
    """
    graph = graph_of(source if graph is None else graph, "findings")
    require_scopes(graph, graph, "findings")
    org = Inspection(
        graph=graph,
        index=OrgIndex(source) if isinstance(source, Snapshot) else None,
        limits=Limits(
            secret_days=secret_days,
            key_days=key_days,
            token_days=token_days,
            idle_days=idle_days,
            password_days=password_days,
            device_users=device_users,
            expiry_days=expiry_days,
        ),
        vendor_lists=tuple(vendor_lists),
    )
    found: list[Finding] = []
    not_checked: list[NotChecked] = []
    for cls in FINDINGS:
        reasons = list(_not_checked(cls, org))
        not_checked += reasons
        if not any(each.entirely for each in reasons):
            found += cls.look(org)
    # Sorting is stable: within a severity, in the order of FINDINGS.
    found.sort(key=lambda each: -each.severity.weight)
    metadata = org.graph.graph
    return Findings(
        items=found,
        not_checked=tuple(not_checked),
        domain=metadata.get("oktaDomain", ""),
        collected_at=metadata["collectedAt"],
    )


def _not_checked(cls: type[Finding], org: Inspection) -> Iterator[NotChecked]:
    if cls.NEEDS_SNAPSHOT and org.index is None:
        yield NotChecked(
            finding=cls.__name__, reason="it needs a snapshot, but findings() received a graph", entirely=True
        )
    if cls.NEEDS_SCOPES and not org.has_scopes:
        yield NotChecked(
            finding=cls.__name__, reason="the graph was built without scopes=True", entirely=True
        )
    for entity in cls.READS:
        for loss in org.losses.get(entity.__name__, ()):
            yield NotChecked(finding=cls.__name__, reason=loss.text, entirely=loss.entirely)
    if not (cls.NEEDS_SNAPSHOT and org.index is None):
        for reason in cls.undecided(org):
            yield NotChecked(finding=cls.__name__, reason=reason, entirely=False)
