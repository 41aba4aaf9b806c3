"""Findings about groups with admin roles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar

from oktahound.analysis.findings.controllers import controllers
from oktahound.analysis.findings.inspection import Inspection
from oktahound.analysis.findings.model import Finding
from oktahound.entities import Application, Entity, Group, GroupRule, IdentityProvider, RoleAssignment
from oktahound.graph.lifecycle import may_be_active, status_assumptions
from oktahound.scopes import Severity

__all__ = [
    "PrivilegedGroupFedByProvider",
    "PrivilegedGroupFedByRule",
    "PrivilegedGroupUnderOthers",
    "PrivilegedImportedGroup",
]

_SHOWN = 10


class _GroupFinding(Finding):
    """Base class of findings about groups that hold an active admin role."""

    SUBJECT = "Groups"
    READS: ClassVar[tuple[type[Entity], ...]] = (Group, RoleAssignment)


def _groups_with_roles(org: Inspection) -> Iterator[Group]:
    groups = org.by_id(Group)
    return (groups[each] for each in org.privileged_groups if each in groups)


class PrivilegedImportedGroup(_GroupFinding):
    """A group with an admin role is imported from a directory or application."""

    TITLE = "Group with an admin role is managed outside of Okta"
    MEANING = (
        "The members come from another system: anyone who manages the group there can create administrators "
        "of Okta."
    )
    WHAT_TO_DO = "Move the role to a group that Okta manages, and add its members by hand or by request."
    SEVERITY = Severity.HIGH
    SEVERITY_REASON = "Control of a group in another system is enough to gain the role."

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each such group."""
        for group in _groups_with_roles(org):
            if group.type == "APP_GROUP":
                source = group.source_application_id
                origin = f"source: {org.name(source)}" if source else "the source is not known"
                yield cls.at(org, group.id, origin, f"roles: {org.role_names(group.id) or 'not read'}")


class PrivilegedGroupUnderOthers(_GroupFinding):
    """Principals without the super administrator role can change the members of a group with a role."""

    TITLE = "Members of a group with an admin role can be changed by less privileged principals"
    MEANING = (
        "The principals shown can add accounts to the group, or change the application that imports its "
        "members."
    )
    WHAT_TO_DO = (
        "Remove the group, and the application that imports its members, from the scope of these rights."
    )
    SEVERITY = Severity.HIGH
    SEVERITY_REASON = "A less privileged right leads to the role of the group."
    NEEDS_SCOPES = True
    READS = (Group, RoleAssignment, Application)

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each such group."""
        for group in _groups_with_roles(org):
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
        """Return the rules of the graph whose edges may be missing."""
        return org.path_gaps


class PrivilegedGroupFedByProvider(_GroupFinding):
    """An identity provider adds the users who sign in through it to a group with a role."""

    TITLE = "Identity provider adds users to a group with an admin role"
    MEANING = (
        "An attacker who controls the provider, or the attribute that it sends, becomes an administrator at "
        "sign-in."
    )
    WHAT_TO_DO = "Remove the group from the provider's group assignments or filter."
    SEVERITY = Severity.HIGH
    SEVERITY_REASON = "Control of an external system is enough to gain the role."
    READS = (Group, RoleAssignment, IdentityProvider)

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each such group."""
        active = [each for each in org.rows(IdentityProvider) if may_be_active(each)]
        for group in _groups_with_roles(org):
            feeding = [each for each in active if group.id in each.governed_group_ids]
            if feeding:
                yield cls.at(
                    org,
                    group.id,
                    *(f"{each.name or each.id}: group action {each.group_action}" for each in feeding),
                    f"roles: {org.role_names(group.id) or 'not read'}",
                    assumptions=status_assumptions(*feeding),
                )


class PrivilegedGroupFedByRule(_GroupFinding):
    """Less privileged principals control a rule for a group that leads to control of the organization."""

    TITLE = "Group rule for a privileged group can be changed by less privileged principals"
    MEANING = (
        "The principals shown can change the rule, or an attribute or group that its expression reads, and "
        "so add an account to the group."
    )
    WHAT_TO_DO = (
        "Add members by hand or by request, or let the rule use only attributes that a directory or an HR "
        "system manages."
    )
    SEVERITY = Severity.HIGH
    SEVERITY_REASON = "A right over profiles or rules leads to the role of the group, or to a path from it."
    NEEDS_SCOPES = True
    READS = (Group, GroupRule, RoleAssignment)

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each such group and rule."""
        privileged = {
            *org.privileged_groups,
            *(set(org.nodes_of("Okta_Group")) & org.paths_to_organization.nodes),
        }
        for rule in org.rows(GroupRule):
            if not may_be_active(rule):
                continue
            held = [each for each in controllers(org, rule.id) if each.node not in org.super_administrators]
            seen = [f"{org.name(each.node)} -[{each.kind}]-> {rule.name or rule.id}" for each in held]
            more = [f"and {len(seen) - _SHOWN} more"] if len(seen) > _SHOWN else []
            assumed = dict.fromkeys(
                [*(each.assumption for each in held if each.assumption), *status_assumptions(rule)]
            )
            for group in sorted(privileged & set(rule.group_ids or ())) if seen else ():
                yield cls.at(
                    org,
                    group,
                    f"rule {rule.name or rule.id}: {rule.expression or 'expression not read'}",
                    *seen[:_SHOWN],
                    *more,
                    part=rule.id,
                    assumptions=assumed,
                )

    @classmethod
    def undecided(cls, org: Inspection) -> Iterable[str]:
        """Return the rules of the graph whose edges may be missing."""
        return org.path_gaps
