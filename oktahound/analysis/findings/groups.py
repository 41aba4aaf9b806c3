"""Findings about groups that carry admin roles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar

from oktahound.analysis.findings.control import controllers
from oktahound.analysis.findings.inspection import Inspection
from oktahound.analysis.findings.model import Finding
from oktahound.entities import Application, Entity, Group, IdentityProvider, RoleAssignment
from oktahound.graph.lifecycle import may_be_active, status_assumptions
from oktahound.scopes import Severity

__all__ = [
    "PrivilegedGroupFedByProvider",
    "PrivilegedGroupUnderOthers",
    "PrivilegedImportedGroup",
]

_SHOWN = 10
_RULES_UNREAD = "group rules are not read, and a rule can fill a group as well"


class _GroupFinding(Finding):
    """Base class of findings about groups that hold an active admin role."""

    SUBJECT = "Groups"
    READS: ClassVar[tuple[type[Entity], ...]] = (Group, RoleAssignment)


def _carrying(org: Inspection) -> Iterator[Group]:
    groups = org.by_id(Group)
    return (groups[each] for each in org.privileged_groups if each in groups)


class PrivilegedImportedGroup(_GroupFinding):
    """A group with an admin role is imported from a directory or application."""

    TITLE = "Group with an admin role is managed outside of Okta"
    MEANING = (
        "The members come from another system: whoever manages the group there makes administrators here."
    )
    WHAT_TO_DO = "Move the role to a group that Okta manages, and assign its members by hand or by request."
    SEVERITY = Severity.HIGH
    SEVERITY_REASON = "Control of a group in another system is enough to gain the role."

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """One for each such group."""
        for group in _carrying(org):
            if group.type == "APP_GROUP":
                source = group.source_application_id
                came = f"source: {org.name(source)}" if source else "the source is not known"
                yield cls.at(org, group.id, came, f"roles: {org.role_names(group.id) or 'not read'}")


class PrivilegedGroupUnderOthers(_GroupFinding):
    """Principals without the super administrator role can change who is in a group with a role."""

    TITLE = "Group with an admin role can be filled by lesser administrators"
    MEANING = "The principals shown can join accounts to the group, or change the application that fills it."
    WHAT_TO_DO = "Take the group, and the application that fills it, out of the scope of these rights."
    SEVERITY = Severity.HIGH
    SEVERITY_REASON = "A lesser right leads to the role of the group."
    NEEDS_SCOPES = True
    READS = (Group, RoleAssignment, Application)

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """One for each such group."""
        for group in _carrying(org):
            feeding = [group.id, *filter(None, [group.source_application_id])]
            rights = [
                (node, each)
                for node in feeding
                for each in controllers(org, node)
                if each.node not in org.super_administrators
            ]
            seen = [f"{org.name(each.node)} -[{each.kind}]-> {org.name(node)}" for node, each in rights]
            if seen:
                more = [f"and {len(seen) - _SHOWN} more"] if len(seen) > _SHOWN else []
                assumed = dict.fromkeys(each.assumption for _, each in rights if each.assumption)
                yield cls.at(org, group.id, *seen[:_SHOWN], *more, assumptions=assumed)

    @classmethod
    def undecided(cls, org: Inspection) -> Iterable[str]:
        """Rules whose edges may be missing, and group rules, which are not read."""
        by_rule = any(group.type == "OKTA_GROUP" for group in _carrying(org))
        return [*org.path_gaps, *([_RULES_UNREAD] if by_rule else [])]


class PrivilegedGroupFedByProvider(_GroupFinding):
    """An identity provider puts the people who sign in through it into a group with a role."""

    TITLE = "Identity provider fills a group with an admin role"
    MEANING = (
        "Whoever controls the provider, or the attribute that it sends, becomes an administrator at sign- in."
    )
    WHAT_TO_DO = "Remove the group from the provider's group assignments or filter."
    SEVERITY = Severity.HIGH
    SEVERITY_REASON = "Control of an outside system is enough to gain the role."
    READS = (Group, RoleAssignment, IdentityProvider)

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """One for each such group."""
        active = [each for each in org.rows(IdentityProvider) if may_be_active(each)]
        for group in _carrying(org):
            feeding = [each for each in active if group.id in each.governed_group_ids]
            if feeding:
                yield cls.at(
                    org,
                    group.id,
                    *(f"{each.name or each.id}: group action {each.group_action}" for each in feeding),
                    f"roles: {org.role_names(group.id) or 'not read'}",
                    assumptions=status_assumptions(*feeding),
                )
