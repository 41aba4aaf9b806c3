"""Gaps: their texts, and the entities that they concern."""

from __future__ import annotations

import attrs
import pytest
from handwritten.orgs import snapshot_of

from oktahound import Gap, GapReason, User
from oktahound.entities import Factor, Group, PushTargetGroup

GAP = Gap(
    entity="ClientSecret",
    reason=GapReason.FORBIDDEN,
    request="GET /integrations/api/v1/api-services/{id}/credentials/secrets",
    parent="0oa1",
    status=403,
    error_code="E0000006",
    error_id="oae1",
    missing_scopes=("okta.oauthIntegrations.read",),
    where=None,
    rows_read=0,
    detail="You do not have permission",
)


def test_the_text_of_a_gap_is_one_line() -> None:
    assert str(GAP) == (
        "ClientSecret of 0oa1: forbidden [403 E0000006], "
        "GET /integrations/api/v1/api-services/{id}/credentials/secrets: You do not have permission"
    )
    fault = attrs.evolve(lost("User", GapReason.FIELD), where="users[3].status", detail="why")
    assert str(fault) == "User: field at users[3].status, GET /: why"


def test_a_gap_as_a_dict_has_only_known_values() -> None:
    assert GAP.as_dict() == {
        "entity": "ClientSecret",
        "reason": "forbidden",
        "request": "GET /integrations/api/v1/api-services/{id}/credentials/secrets",
        "parent": "0oa1",
        "status": 403,
        "errorCode": "E0000006",
        "errorId": "oae1",
        "missingScopes": ["okta.oauthIntegrations.read"],
        "rowsRead": 0,
        "detail": "You do not have permission",
    }
    assert Gap(entity="User", reason=GapReason.RECORD, request="GET /u").as_dict() == {
        "entity": "User",
        "reason": "record",
        "request": "GET /u",
    }


@pytest.mark.parametrize(
    "saved",
    [
        None,
        [],
        "lost",
        {},
        {"entity": "User", "reason": "forbidden"},
        GAP.as_dict() | {"reason": "boredom"},
        GAP.as_dict() | {"reason": None},
        GAP.as_dict() | {"entity": 5},
        GAP.as_dict() | {"status": True},
        GAP.as_dict() | {"status": 403.0},
        GAP.as_dict() | {"parent": ["0oa1"]},
        GAP.as_dict() | {"missingScopes": []},
        GAP.as_dict() | {"missingScopes": [1]},
        GAP.as_dict() | {"missing_scopes": ["okta.users.read"]},
        GAP.as_dict() | {"detail": ""},
    ],
)
def test_invalid_data_of_a_gap_is_refused(saved: object) -> None:
    with pytest.raises(ValueError, match="not a gap"):
        Gap.from_dict(saved)


@pytest.mark.parametrize("reason", GapReason)
def test_only_a_field_or_a_contradiction_loses_no_rows(reason: GapReason) -> None:
    gap = attrs.evolve(GAP, reason=reason)
    assert gap.loses_rows is (reason not in {GapReason.FIELD, GapReason.CONFLICT})


def lost(entity: str, reason: GapReason = GapReason.SERVER) -> Gap:
    return Gap(entity=entity, reason=reason, request="GET /")


def test_an_entity_is_complete_when_it_was_requested_and_lost_nothing() -> None:
    snapshot = snapshot_of(gaps=(lost("User"), lost("Group", GapReason.FIELD)))
    assert not snapshot.is_whole(User)
    assert snapshot.is_whole(Group)
    assert not snapshot_of(asked=frozenset({"User"})).is_whole(Group)


def test_the_gaps_of_some_entities_are_distinguished() -> None:
    user, group, factor = lost("User"), lost("Group"), lost("Factor")
    snapshot = snapshot_of(gaps=(user, group, factor))
    assert snapshot.gaps_of(User) == (user,)
    assert snapshot.gaps_of(User, Factor) == (user, factor)
    assert snapshot.gaps_of() == ()


def test_an_entity_that_was_read_for_some_objects_only_is_not_whole() -> None:
    def read_with(mfa: str) -> bool:
        return attrs.evolve(snapshot_of(), options={"mfa": mfa}).is_whole(Factor)

    assert not read_with("roles")
    assert read_with("all")


def test_skipping_sources_without_rows_loses_nothing() -> None:
    assert attrs.evolve(snapshot_of(), options={"mfa": "roles"}).is_whole(PushTargetGroup)


def test_the_sources_of_an_entity_follow_from_the_options() -> None:
    snapshot = attrs.evolve(snapshot_of(), options={"mfa": "all"})
    (source,) = snapshot.sources(Factor)
    assert source.among is None
    assert attrs.evolve(snapshot, options={"mfa": "none"}).sources(Factor) == ()


def test_two_snapshots_do_not_share_their_options() -> None:
    options: dict[str, str | bool] = {"mfa": "all"}
    snapshot = attrs.evolve(snapshot_of(), options=options)
    options["mfa"] = "none"
    assert snapshot.options == {"mfa": "all"}
