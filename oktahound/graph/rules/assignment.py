"""Assignments of users and groups to applications, and the policies of applications."""

from __future__ import annotations

from collections.abc import Iterator

from oktahound.entities import (
    AppGroupAssignment,
    Application,
    AppUser,
    Group,
    Policy,
    PolicyMapping,
    time_text,
)
from oktahound.graph.lifecycle import relation_state
from oktahound.graph.model import Edge, EdgeKind, rule
from oktahound.graph.org_index import OrgIndex

__all__ = ["APP_ASSIGNMENT", "POLICY_MAPPING", "RULES"]

APP_ASSIGNMENT = EdgeKind(
    "Okta_AppAssignment",
    starts={"Okta_User", "Okta_Group"},
    ends={"Okta_Application"},
    traversable=False,
    why="The user can open the application, which is access to it, not control of it.",
    abuse="Sign in to the application as the user and use the data and rights that the account has there.",
    cut="Remove the assignment, or require a phishing-resistant factor in the application's sign-in policy.",
)

POLICY_MAPPING = EdgeKind(
    "Okta_PolicyMapping",
    starts={"Okta_Policy"},
    ends={"Okta_Application"},
    traversable=False,
    why="The policy defines the requirements for sign-ins to the application.",
    abuse="Change the policy to lower the requirements for sign-ins to the application.",
    cut="Map the application to a stricter policy, and limit who may edit policies.",
)


@rule(APP_ASSIGNMENT, needs=(AppUser, Application))
def user_assignment(org: OrgIndex) -> Iterator[Edge]:
    """Users who are assigned directly. Assignments through a group are edges of the group."""
    for user in org.rows(AppUser):
        if user.is_direct:
            yield APP_ASSIGNMENT(user.id, user.app_id, **relation_state(user.status))


@rule(APP_ASSIGNMENT, needs=(AppGroupAssignment, Application))
def group_assignment(org: OrgIndex) -> Iterator[Edge]:
    """Assigned groups, with priority, time of the assignment, and names of the attributes that it sets."""
    for group in org.rows(AppGroupAssignment):
        since = None if group.last_updated is None else time_text(group.last_updated)
        names = list(group.profile_fields or ()) or None
        yield APP_ASSIGNMENT(
            group.id, group.app_id, priority=group.priority, lastUpdated=since, profileFields=names
        )


@rule(APP_ASSIGNMENT, needs=(Application, Group))
def implicit_assignment(org: OrgIndex) -> Iterator[Edge]:
    """Applications that are open to all users are assigned to the built-in group Everyone."""
    everyone = [
        group.id for group in org.rows(Group) if group.type == "BUILT_IN" and group.name == "Everyone"
    ]
    for app in org.rows(Application):
        if app.implicit_assignment:
            for group in everyone:
                yield APP_ASSIGNMENT(group, app.id)


@rule(POLICY_MAPPING, needs=(Policy, PolicyMapping))
def policy_mapping(org: OrgIndex) -> Iterator[Edge]:
    """The applications that Okta maps to a policy."""
    for mapping in org.rows(PolicyMapping):
        if mapping.application_id is not None:
            yield POLICY_MAPPING(mapping.policy_id, mapping.application_id)


RULES = (user_assignment, group_assignment, implicit_assignment, policy_mapping)
