"""Tables of entities: tuples with look-ups and a short display."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime

import pytest
from each_case import for_each
from handwritten.orgs import snapshot_of

import oktahound
from oktahound import User
from oktahound.entities import ENTITIES, ApiServiceIntegration, Application, EntityTable, GroupMembership
from oktahound.entities.schema import Entity
from oktahound.errors import ConfigurationError

ANN = User(
    id="00u1", login="ann@contoso.com", status="ACTIVE", created=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
)
BOB = User(id="00u2", login="bob@contoso.com", first_name="Bob")
TABLE = EntityTable(User, [ANN, BOB])


def test_a_table_is_a_tuple() -> None:
    assert TABLE == (ANN, BOB)
    assert hash(TABLE) == hash((ANN, BOB))
    assert isinstance(TABLE, tuple)
    assert (TABLE[0], TABLE[-1], *TABLE) == (ANN, BOB, ANN, BOB)
    assert EntityTable(User, TABLE) is TABLE
    assert type(TABLE[:1]) is EntityTable
    assert TABLE[1:].entity is User


def test_a_table_can_be_pickled_and_copied() -> None:
    assert TABLE.by_id["00u1"] is ANN
    for same in (pickle.loads(pickle.dumps(TABLE)), copy.copy(TABLE), copy.deepcopy(TABLE)):
        assert same == TABLE
        assert type(same) is EntityTable
        assert same.by_id["00u2"] == BOB


def test_a_snapshot_has_a_table_for_every_entity() -> None:
    snapshot = snapshot_of(ANN, BOB)
    for cls in ENTITIES:
        assert snapshot.rows(cls).entity is cls
        assert snapshot.rows(cls).columns[0] == "id"
    assert snapshot.users.find(login="ANN@contoso.com") is ANN


@pytest.mark.parametrize(
    ("values", "row"),
    [
        ({"login": "ann@contoso.com"}, ANN),
        ({"login": "ANN@Contoso.com"}, ANN),
        ({"name": "ann@contoso.com"}, ANN),
        ({"label": "bob@contoso.com"}, BOB),
        ({"id": "00u2"}, BOB),
        ({"first_name": "BOB", "id": "00u2"}, BOB),
        ({"first_name": None}, ANN),
        ({"login": "carl@contoso.com"}, None),
    ],
)
def test_a_row_is_found_by_its_fields(values: dict[str, str], row: User | None) -> None:
    assert TABLE.find(**values) is row


def test_text_is_compared_without_its_unicode_form() -> None:
    composed, decomposed = "jos\u00e9@contoso.com", "jose\u0301@contoso.com"
    table = EntityTable(User, [User(id="1", login=composed)])
    assert table.find(login=decomposed) is table[0]


def test_an_exact_match_takes_precedence() -> None:
    apps = EntityTable(Application, [Application(id="1", label="Jira"), Application(id="2", label="JIRA")])
    assert apps.find(label="JIRA") is apps[1]
    assert len(apps.find_all(label="jira")) == 2


def test_several_matches_are_an_error_that_lists_them() -> None:
    apps = EntityTable(Application, [Application(id=str(n), label="Jira") for n in range(9)])
    with pytest.raises(
        ConfigurationError, match=r"9 applications match label='jira': Application\(id='0'.*4 more"
    ):
        apps.find(label="jira")


def test_a_field_that_does_not_exist_is_an_error_that_proposes_one() -> None:
    with pytest.raises(ConfigurationError, match="User has no field 'logn'; did you mean login"):
        TABLE.find(logn="x")
    with pytest.raises(ConfigurationError, match="did you mean status"):
        TABLE.find_all(statu="ACTIVE")


def test_ids_that_repeat_have_no_mapping() -> None:
    rows = [GroupMembership(id="00u1", group_id="00g1"), GroupMembership(id="00u1", group_id="00g2")]
    table = EntityTable(GroupMembership, rows)
    with pytest.raises(ConfigurationError, match=r"several group_memberships have the same id.*group_id"):
        _ = table.by_id
    assert table.find(id="00u1", group_id="00g2") is rows[1]


def test_rows_become_dicts() -> None:
    assert TABLE.to_dicts() == [
        {"id": "00u1", "status": "ACTIVE", "login": "ann@contoso.com", "created": "2026-01-02T03:04:05.000Z"},
        {"id": "00u2", "login": "bob@contoso.com", "first_name": "Bob"},
    ]
    assert ANN.to_dict(wire_names=True) == {
        "id": "00u1",
        "status": "ACTIVE",
        "profile": {"login": "ann@contoso.com"},
        "created": "2026-01-02T03:04:05.000Z",
    }
    integration = ApiServiceIntegration(id="0oa1", app_type="x", oauth_scopes=("okta.users.read",))
    assert integration.to_dict() == {"id": "0oa1", "app_type": "x", "oauth_scopes": ["okta.users.read"]}
    assert integration.to_dict(wire_names=True)["grantedScopes"] == ["okta.users.read"]
    membership = GroupMembership(id="00u1", group_id="00g1")
    assert membership.to_dict(wire_names=True) == {"id": "00u1", "groupId": "00g1"}


def test_rows_become_a_data_frame_and_an_arrow_table() -> None:
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    frame = TABLE.to_dataframe()
    assert list(frame.columns) == list(TABLE.columns)
    assert frame["login"].tolist() == ["ann@contoso.com", "bob@contoso.com"]
    assert frame["created"].iloc[0] == pandas.Timestamp(ANN.created)
    assert len(EntityTable(User).to_dataframe()) == 0
    arrow = TABLE.to_arrow()
    assert arrow.column("created").to_pylist() == [ANN.created, None]
    assert arrow.column("login").to_pylist() == ["ann@contoso.com", "bob@contoso.com"]
    assert EntityTable(User).to_arrow().schema == arrow.schema
    scopes = EntityTable(
        ApiServiceIntegration, [ApiServiceIntegration(id="1", oauth_scopes=("okta.logs.read",))]
    )
    assert scopes.to_arrow().column("oauth_scopes").to_pylist() == [["okta.logs.read"]]
    assert type(scopes.to_dataframe()["oauth_scopes"].iloc[0][0]) is str


def test_the_display_of_a_table_is_short() -> None:
    many = EntityTable(User, [User(id=f"00u{n}", login=f"user{n}@contoso.com") for n in range(30)])
    assert repr(many).splitlines()[0] == "<30 users"
    assert len(repr(many).splitlines()) == 13
    assert "… and 20 more" in repr(many)
    assert repr(EntityTable(User)) == "<0 users>"
    assert "datetime" not in repr(TABLE)
    assert "<table>" in TABLE._repr_html_()


def test_hostile_names_are_escaped() -> None:
    evil = EntityTable(User, [User(id="1", login="<script>\x1b[31m\n")])
    assert "<script>" not in evil._repr_html_() + evil[0]._repr_html_()
    assert "\x1b" not in repr(evil) + repr(evil[0])
    assert len(repr(evil).splitlines()) == 3


def test_the_repr_of_an_entity_has_its_name() -> None:
    assert repr(ANN) == "User(id='00u1', login='ann@contoso.com', status='ACTIVE')"
    assert repr(GroupMembership(id="00u1", group_id="00g1")) == "GroupMembership(id='00u1', group_id='00g1')"
    assert ANN.display_text == "ann@contoso.com"
    assert User(id="00u3").display_text == "00u3"
    assert "ann@contoso.com" in ANN._repr_html_()


@for_each(ENTITIES)
def test_every_entity_has_the_compact_repr(cls: type[Entity]) -> None:
    assert cls.__repr__ is Entity.__repr__ or cls is oktahound.entities.ApiToken


def test_a_snapshot_becomes_data_frames_of_what_was_requested() -> None:
    pytest.importorskip("pandas")
    frames = snapshot_of(ANN, BOB, asked=frozenset({"User", "Group"})).to_dataframes()
    assert list(frames) == ["users", "groups"]
    assert frames["users"]["id"].tolist() == ["00u1", "00u2"]
    assert list(frames["groups"].columns)[:2] == ["id", "name"]


def test_the_credential_and_the_entity_of_one_name_are_distinguished() -> None:
    credential, entity = (
        oktahound.ApiToken("00secret"),
        oktahound.entities.ApiToken(id="00T1", name="Reports"),
    )
    assert repr(credential) == "oktahound.ApiToken(<token not shown>)"
    assert repr(entity) == "entities.ApiToken(id='00T1', name='Reports')"
    with pytest.raises(ConfigurationError, match=r"not oktahound\.entities\.ApiToken"):
        oktahound.OktaClient("https://contoso.okta.com", entity)  # type: ignore[arg-type]
