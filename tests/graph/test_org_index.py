"""The index of a snapshot: rows, their owners, and completeness."""

from __future__ import annotations

import attrs
import pytest
from handwritten.admins import gap, role
from handwritten.orgs import snapshot_of

from oktahound import Gap, GapReason
from oktahound.entities import (
    ApiServiceIntegration,
    Application,
    Factor,
    Group,
    GroupMembership,
    RoleGroupTarget,
    User,
)
from oktahound.graph import OrgIndex


def view_of(*rows, **about):
    return OrgIndex(snapshot_of(*rows, **about))


def test_rows_are_found_by_id_and_by_owner():
    ann, bob = User(id="00uAnn"), User(id="00uBob")
    members = [
        GroupMembership(id=id_, group_id=group)
        for id_, group in (("b", "00g1"), ("a", "00g1"), ("c", "00g2"))
    ]
    org = view_of(ann, bob, *members)
    assert org.rows(User) == (ann, bob)
    assert org.by_id(User) == {"00uAnn": ann, "00uBob": bob}
    assert [row.id for row in org.of(GroupMembership, ("00g1",))] == ["a", "b"]
    assert org.of(GroupMembership, ("00gNone",)) == ()


def test_a_complete_entity_is_known_for_every_parent():
    org = view_of()
    assert org.known(User)
    assert org.known(GroupMembership, ("00g1",))


def test_an_entity_that_was_not_requested_is_known_for_no_parent():
    org = view_of(asked=frozenset({"Organization"}))
    assert not org.known(User)
    assert not org.known(GroupMembership, ("00g1",))


def test_a_gap_below_one_parent_leaves_the_others_known():
    org = view_of(gaps=(gap(GroupMembership, "00g1"),))
    assert not org.known(GroupMembership)
    assert not org.known(GroupMembership, ("00g1",))
    assert org.known(GroupMembership, ("00g2",))


def test_a_gap_below_any_part_of_a_key_counts():
    org = view_of(gaps=(gap(RoleGroupTarget, "ra1"),))
    assert not org.known(RoleGroupTarget, ("00uAnn", "ra1", "own"))
    assert org.known(RoleGroupTarget, ("00uAnn", "ra2", "own"))


def test_a_gap_of_the_whole_org_counts_for_every_parent():
    org = view_of(gaps=(gap(GroupMembership),))
    assert not org.known(GroupMembership, ("00g1",))


@pytest.mark.parametrize("reason", [GapReason.FIELD, GapReason.CONFLICT])
def test_a_gap_that_loses_no_rows_leaves_everything_known(reason):
    org = view_of(gaps=(Gap(entity="User", reason=reason, request="GET /api/v1/users"),))
    assert org.known(User)


def test_a_label_is_the_name_or_else_the_id():
    rows = (
        User(id="00uAnn", login="ann@contoso.com"),
        Group(id="00g1", name="Staff"),
        Application(id="0oaApp", label="Backup", app_type="oidc_client"),
        ApiServiceIntegration(id="0oaFalcon", name="Falcon"),
        Group(id="00gBare"),
    )
    org = view_of(*rows)
    found = [org.label(id_) for id_ in ("00uAnn", "00g1", "0oaApp", "0oaFalcon", "00gBare", "0oaGone")]
    assert found == ["ann@contoso.com", "Staff", "Backup", "Falcon", "00gBare", "0oaGone"]


def test_derived_indexes_are_computed_once():
    org, calls = view_of(User(id="00u1")), []

    def make(given):
        calls.append(given)
        return len(given.rows(User))

    assert (org.once(make), org.once(make)) == (1, 1)
    assert calls == [org]


def test_factors_are_known_for_the_users_of_the_option():
    ann, bob = User(id="00uAnn"), User(id="00uBob")
    snapshot = snapshot_of(ann, bob, role(ann, "SUPER_ADMIN"))

    def known(choice):
        org = OrgIndex(attrs.evolve(snapshot, options={"mfa": choice}))
        return [org.known(Factor), org.known(Factor, ann.key), org.known(Factor, bob.key)]

    assert known("roles") == [False, True, False]
    assert known("all") == [True, True, True]


def test_an_index_names_the_org():
    assert (view_of().domain, view_of().organization_id) == ("contoso.okta.com", "00oOrg")
