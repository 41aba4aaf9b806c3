"""A malformed record affects only this record, and a malformed field only this field."""

from __future__ import annotations

import pytest

from oktahound.entities import (
    Agent,
    AiAgentOwners,
    Application,
    ClientAdministration,
    Embedded,
    Fault,
    Group,
    JsonWebKey,
    PolicyRule,
    RoleAppTarget,
    RolePermission,
    User,
    embedded_rows,
    saved_form,
    structure,
    structure_saved,
)


def faults_of(cls, row, parent=None):
    return {fault.path: fault.problem for fault in structure(cls, row, parent)[1]}


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({}, "required, and missing"),
        ({"id": None}, "required, and missing"),
        ({"id": ""}, "expected text, got an empty one"),
        ({"id": 7}, "expected text, got a number"),
        ({"id": ["00u1"]}, "expected text, got a list"),
    ],
)
def test_a_record_without_its_id_is_lost(row, problem):
    assert structure(User, row) == (None, (Fault("id", problem, fatal=True),))


@pytest.mark.parametrize(
    ("row", "name"), [(None, "null"), ([], "a list"), ("x", "text"), (True, "a boolean")]
)
def test_a_record_that_is_no_object_is_lost(row, name):
    assert structure(User, row) == (None, (Fault("", f"expected an object, got {name}", fatal=True),))


def test_every_malformed_field_is_named_and_the_rest_is_kept():
    user, faults = structure(
        User,
        {
            "id": "00u1",
            "status": "SOMETHING_NEW",
            "created": "yesterday",
            "lastLogin": "2026-01-15T12:25:42",
            "activated": "0001-01-01T00:00:00+23:00",
            "profile": {"login": 7, "email": "a@b"},
            "credentials": "none",
        },
    )
    assert (user.status, user.email, user.login, user.created) == ("SOMETHING_NEW", "a@b", None, None)
    assert {fault.path: fault.problem for fault in faults} == {
        "created": "expected a time as in 2026-01-15T12:25:42.000Z",
        "lastLogin": "expected a time with a zone, as in 2026-01-15T12:25:42.000Z",
        "activated": "expected a time between the years 1 and 9999",
        "profile.login": "expected text, got a number",
        "credentials": "expected an object, got text",
    }
    assert not any(fault.fatal for fault in faults)


def test_null_and_missing_are_the_same_and_no_fault():
    nulls = {"id": "00g1", "profile": None, "source": None, "objectClass": None, "_embedded": {"stats": None}}
    assert structure(Group, nulls) == structure(Group, {"id": "00g1"}) == (Group(id="00g1"), ())


@pytest.mark.parametrize(
    ("row", "path", "problem"),
    [
        ({"objectClass": "okta:user_group"}, "objectClass", "expected a list, got text"),
        ({"objectClass": [7]}, "objectClass", "expected a list of texts, got a number"),
        ({"source": {"id": 7}}, "source.id", "expected a link or an id, got a number"),
        ({"_links": {"source": []}}, "_links.source", "expected an object, got a list"),
        (
            {"_embedded": {"stats": {"usersCount": "7"}}},
            "_embedded.stats.usersCount",
            "expected a whole number, got text",
        ),
        (
            {"_embedded": {"stats": {"usersCount": True}}},
            "_embedded.stats.usersCount",
            "expected a whole number, got a boolean",
        ),
        (
            {"_embedded": {"stats": {"hasAdminPrivlege": 1}}},
            "_embedded.stats.hasAdminPrivlege",
            "expected true or false, got a number",
        ),
        ({"profile": {"externalId": 7}}, "profile.externalId", "expected text, got a number"),
    ],
)
def test_embedded_rows_and_values_of_parents_name_their_faults(row, path, problem):
    assert faults_of(Group, {"id": "00g1", **row}) == {path: problem}


def test_a_list_with_an_invalid_item_is_a_fault():
    assert faults_of(Application, {"id": "1", "features": ["A", None]}) == {
        "features": "expected a list of texts, got null in it"
    }
    assert faults_of(Application, {"id": "1", "features": {}}) == {
        "features": "expected a list, got an object"
    }
    assert faults_of(PolicyRule, {"id": "1", "actions": {"idp": {"providers": [{"id": "x"}]}}}, "rst1") == {
        "actions.idp.providers": "expected a list of objects with a type"
    }
    assert faults_of(PolicyRule, {"id": "1", "actions": {"idp": {"providers": 7}}}, "rst1") == {
        "actions.idp.providers": "expected a list, got a number"
    }


@pytest.mark.parametrize("sent", ["2021-08-06", 1.5, 10**18, True])
def test_a_time_in_milliseconds_is_a_number_of_them(sent):
    agent, faults = structure(Agent, {"id": "a", "lastConnection": sent}, "p")
    assert (agent.last_connection, [fault.path for fault in faults]) == (None, ["lastConnection"])


def test_a_row_without_its_parent_is_lost():
    assert structure(RolePermission, {"label": "okta.users.read"})[0] is None
    assert faults_of(RolePermission, {"label": "okta.users.read"}) == {
        "the parent's id": "required, and missing"
    }


def test_a_record_is_lost_if_no_path_of_a_required_field_has_a_value():
    assert structure(RoleAppTarget, {"status": "ACTIVE"}, None)[0] is None
    assert faults_of(JsonWebKey, {}, "0oa1") == {"id": "required, and missing"}


def test_no_fault_repeats_the_value_that_caused_it():
    row = {"id": 7, "profile": {"login": {"secret": "CANARY"}}, "created": "CANARY", "status": ["CANARY"]}
    assert "CANARY" not in repr(structure(User, row))


class TestRowsInsideRows:
    KEYS = JsonWebKey.SOURCES[0]

    @pytest.mark.parametrize(
        "jwks",
        [{"keys": [{"kid": "k"}]}, {"jwks": {"keys": [{"kid": "k"}]}}, [{"kid": "k"}]],
    )
    def test_three_forms_of_embedded_keys_are_read(self, jwks):
        app = {"settings": {"oauthClient": {"jwks": jwks}}}
        assert embedded_rows(self.KEYS, app) == ([{"kid": "k"}], ())

    @pytest.mark.parametrize("jwks", [None, {}, {"keys": []}, {"keys": None}, []])
    def test_missing_keys_are_no_rows(self, jwks):
        rows, faults = embedded_rows(self.KEYS, {"settings": {"oauthClient": {"jwks": jwks}}})
        assert (list(rows), faults) == ([], ())

    def test_a_single_object_counts_as_a_list_of_one(self):
        assert embedded_rows(Agent.SOURCES[0], {"agents": {"id": "a"}}) == ([{"id": "a"}], ())

    @pytest.mark.parametrize(
        ("row", "path"),
        [
            ({"settings": 7}, "settings"),
            ({"settings": {"oauthClient": {"jwks": 7}}}, "settings.oauthClient.jwks"),
        ],
    )
    def test_an_unexpected_value_may_hide_rows(self, row, path):
        rows, (fault,) = embedded_rows(self.KEYS, row)
        assert (list(rows), fault.path, fault.fatal) == ([], path, True)

    def test_an_empty_row_has_no_embedded_rows(self):
        assert embedded_rows(Embedded(User, "a.b"), {"a": None}) == ((), ())


class TestSavedForm:
    def test_the_saved_form_has_only_fields_that_were_read(self):
        assert saved_form(User(id="00u1", login="a")) == {"id": "00u1", "login": "a"}

    @pytest.mark.parametrize(
        ("row", "words"),
        [
            ([], "expected an object, got a list"),
            ({"id": "1", "surprise": 1}, "unknown field 'surprise'"),
            ({"login": "a"}, "id: required, and missing"),
            ({"id": "1", "created": 7}, "created: expected a time, got a number"),
        ],
    )
    def test_a_damaged_line_is_refused_with_the_reason(self, row, words):
        with pytest.raises(ValueError, match=words):
            structure_saved(User, row)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({}, "expected an object with 'event_type'"),
        ({"event_type": "app.lifecycle.update", "count": 1}, "expected an object with 'last_at'"),
        (None, "expected an object, got null"),
        ("app.lifecycle.update", "expected an object, got text"),
        ([], "expected an object, got a list"),
        ({"event_type": 7, "count": 1, "last_at": "2026-01-15T12:25:42.000Z"}, "expected text, got a number"),
    ],
)
def test_an_invalid_object_in_a_list_is_a_fault(change, problem):
    row = {"client_id": "0oaFalcon", "day": "2026-01-15", "changes": [change]}
    assert faults_of(ClientAdministration, row)["changes"] == problem


def test_a_record_whose_id_text_contains_no_id_is_lost():
    made, (fault,) = structure(AiAgentOwners, {"resource": {"orn": ""}, "principals": []})
    assert made is None
    assert (fault.path, fault.problem, fault.fatal) == ("resource.orn", "required, and empty", True)
