"""The catalogue of scopes equals Okta's API description."""

from __future__ import annotations

import datetime as dt
import importlib.util
import json
import os
from pathlib import Path

import pytest

from oktahound.scopes import catalogue, description_version, held_scopes

SCRIPT = Path(__file__).with_name("make_scopes.py")
DATE = dt.date(2026, 6, 29)
T = {"tag": "T", "spec": "oauth"}
CORPUS = os.environ.get("OKTAHOUND_CORPUS")


def script():
    spec = importlib.util.spec_from_file_location("make_scopes", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.skipif(not CORPUS, reason="needs Okta's API description beside the recorded answers")
def test_the_table_equals_the_output_of_the_script():
    made = script().make(json.loads(script().beside(CORPUS).read_text(encoding="utf-8")))
    assert made == script().TABLE.read_text(encoding="utf-8")


def test_the_script_keeps_the_content_of_the_description(tmp_path, monkeypatch):
    module = script()
    described = {
        "specVersion": {"management": "2", "oauth": "2"},
        "scopes": {
            "b.read": {"description": "two\nlines", "operations": []},
            "a.manage": {
                "description": "x",
                "operations": [
                    T | {"method": "POST", "path": "/b", "operationId": "two", "lifecycle": None, "with": []},
                    T
                    | {"method": "PUT", "path": "/a", "operationId": "one", "lifecycle": "GA", "with": ["x"]},
                ],
            },
        },
    }
    table = tmp_path / "table.json"
    given = tmp_path / "given.json"
    given.write_text(json.dumps(described))
    monkeypatch.setattr(module, "TABLE", table)
    monkeypatch.setattr("sys.argv", ["make_scopes.py", str(given)])
    module.main()
    made = json.loads(table.read_text())
    assert made["version"] == "2"
    assert list(made["scopes"]) == ["a.manage", "b.read"]
    assert made["scopes"]["b.read"]["description"] == "two lines"
    assert made["scopes"]["a.manage"]["operations"] == [
        ["PUT", "/a", "one", "T", "GA", "oauth", ["x"]],
        ["POST", "/b", "two", "T", None, "oauth", []],
    ]


def test_the_script_without_a_path_is_an_error_with_instructions(monkeypatch):
    monkeypatch.setattr("sys.argv", ["make_scopes.py"])
    monkeypatch.delenv("OKTAHOUND_CORPUS", raising=False)
    with pytest.raises(SystemExit, match="Give the path"):
        script().main()


def test_the_catalogue_is_sorted_and_complete():
    described = [scope for scope in catalogue().values() if scope.source.date == DATE]
    assert len(described) == 122
    assert list(catalogue()) == sorted(catalogue())
    assert len({each.operation_id for scope in catalogue().values() for each in scope.operations}) == 732
    assert description_version() == "2026.06.3"


def test_a_scope_has_its_operations():
    scope = catalogue()["okta.logs.read"]
    (operation,) = scope.operations
    assert (operation.method, operation.path, operation.operation_id) == (
        "GET",
        "/api/v1/logs",
        "listLogEvents",
    )
    assert (operation.subject, operation.lifecycle, operation.scope) == ("SystemLog", "GA", "okta.logs.read")
    assert str(operation) == "GET /api/v1/logs"
    assert (scope.access, scope.writes) == ("read", False)
    assert scope.description.startswith("Allows the app to read")


@pytest.mark.parametrize(
    ("scope", "operation", "writes"),
    [
        ("okta.users.manage", "resetPassword", True),
        ("okta.users.read", "listUsers", False),
        # A POST request that changes nothing.
        ("okta.policies.read", "createPolicySimulation", False),
        # A request of a manage scope that changes nothing.
        ("okta.orgs.manage", "getAerialConsent", False),
    ],
)
def test_which_operations_write(scope, operation, writes):
    (found,) = [each for each in catalogue()[scope].operations if each.operation_id == operation]
    assert found.writes is writes


def test_no_read_scope_permits_a_write():
    reading = [scope for scope in catalogue().values() if not scope.writes]
    assert not [each for scope in reading for each in scope.operations if each.writes]


def test_an_operation_lists_its_second_scope():
    (push,) = [
        each
        for each in catalogue()["okta.apps.manage"].operations
        if each.operation_id == "createGroupPushMapping"
    ]
    assert push.also == ("okta.groups.manage",)
    assert not push.permitted_by(held_scopes(["okta.apps.manage"]))
    assert push.permitted_by(held_scopes(["okta.apps.manage", "okta.groups.manage"]))


@pytest.mark.parametrize(
    ("granted", "held"),
    [
        (["okta.users.manage"], ["okta.users.manage", "okta.users.read"]),
        (["ssf.manage"], ["ssf.manage", "ssf.read"]),
        (["okta.users.read"], ["okta.users.read"]),
        # There is no okta.universalLogout.read that it could include.
        (["okta.universalLogout.manage"], ["okta.universalLogout.manage"]),
        (["okta.clients.register"], ["okta.clients.register"]),
        (["made.up.manage"], ["made.up.manage"]),
        ([], []),
    ],
)
def test_a_manage_scope_includes_its_read(granted, held):
    assert list(held_scopes(granted)) == held


def test_an_operation_has_a_link_to_the_reference():
    (token,) = catalogue()["okta.clients.register"].operations
    assert token.url == (
        "https://developer.okta.com/docs/api/openapi/okta-oauth/oauth/tag/Client/#tag/Client/operation/createClient"
    )
