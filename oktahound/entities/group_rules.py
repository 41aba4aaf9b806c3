"""Group rules, which add users to groups according to an expression over their profile."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated

import attrs

from oktahound.entities.schema import Derived, Entity, Wire
from oktahound.entities.sources import TRUST_BOUNDARIES, Endpoint

__all__ = ["GroupRule"]

_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'')
_ATTRIBUTE = re.compile(r"\buser\.([A-Za-z_]\w*)(?!\w*\s*\()")
_GROUP_ID = re.compile(r"""["'](00g[A-Za-z0-9]+)["']""")


@attrs.frozen(kw_only=True, repr=False)
class GroupRule(Entity):
    """A rule that adds users to groups while an expression is true for them.

    Okta evaluates it for every user. `expression` is in Okta's expression language when `expression_type` is
    ``urn:okta:expression:1.0``. The rule never applies to users and groups in the excluded lists. A rule with
    the status ``INVALID`` refers to something that was deleted, and has no effect.
    """

    KIND = "OktaHound_GroupRule"
    PART = "trust_boundaries"
    PLURAL = "group_rules"
    SOURCES = (
        Endpoint(
            "/api/v1/groups/rules",
            scope="okta.groups.read",
            params={"limit": 200},
            option=TRUST_BOUNDARIES,
        ),
    )
    DERIVED = (
        Derived("displayName", "The name.", lambda rule, context: rule.name),
        Derived(
            "profileAttributes",
            "The attributes of the user's profile that the expression reads.",
            lambda rule, context: None if (found := rule.profile_attributes) is None else list(found),
        ),
    )

    name: str | None = None
    """The rule's name."""
    status: str | None = None
    """`ACTIVE`, `INACTIVE` or `INVALID`."""
    expression: Annotated[str | None, Wire("conditions.expression.value")] = None
    """The condition that users have to meet."""
    expression_type: Annotated[str | None, Wire("conditions.expression.type")] = None
    """The language of the expression: `urn:okta:expression:1.0`."""
    group_ids: Annotated[tuple[str, ...] | None, Wire("actions.assignUserToGroups.groupIds")] = None
    """The ids of the groups to which it adds users."""
    excluded_user_ids: Annotated[tuple[str, ...] | None, Wire("conditions.people.users.exclude")] = None
    """The ids of the users to whom it does not apply."""
    excluded_group_ids: Annotated[tuple[str, ...] | None, Wire("conditions.people.groups.exclude")] = None
    """The ids of the groups to whose members it does not apply."""
    created: datetime | None = None
    """The time at which the rule was created."""
    last_updated: datetime | None = None
    """The time at which the rule was last changed."""

    @property
    def profile_attributes(self) -> tuple[str, ...] | None:
        """The names of the attributes of the user's profile that the expression reads, sorted.

        None if the expression was not read.

            >>> GroupRule(id="0pr1", expression='user.department=="Sales"').profile_attributes
            ('department',)
        """
        if self.expression is None:
            return None
        return tuple(sorted(set(_ATTRIBUTE.findall(_TEXT.sub('""', self.expression)))))

    @property
    def read_group_ids(self) -> tuple[str, ...]:
        """The ids of the groups whose membership the expression reads, sorted.

        Groups to which the expression refers by name are left out, because names are not unique.

            >>> rule = GroupRule(id="0pr1", expression='isMemberOfAnyGroup("00gjitX9HqABSoqTB0g3")')
            >>> rule.read_group_ids
            ('00gjitX9HqABSoqTB0g3',)
        """
        return tuple(sorted(set(_GROUP_ID.findall(self.expression or ""))))
