"""Findings as rows, JSON, SARIF, text and HTML, and the ways to select and group them."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import jsonschema_rs
import pytest
from example_counts import examples
from handwritten.orgs import NOON, snapshot_of
from handwritten.rows import snapshots
from hypothesis import given

from oktahound import ApiServiceIntegration, ClientSecret, Gap, GapReason, OAuthScope, User, build_graph
from oktahound.analysis import FINDINGS, Severity, findings
from oktahound.errors import ConfigurationError

SCHEMA = json.loads(
    (Path(__file__).parent / "schemas" / "sarif-schema-2.1.0.json").read_text(encoding="utf-8")
)
VALIDATOR = jsonschema_rs.Draft4Validator(SCHEMA)

ANN = User(id="00uAnn", login="ann@contoso.com", status="ACTIVE")
VENDOR = ApiServiceIntegration(
    id="0oaVendor",
    name="<b>Vendor</b>\x1b[31m",
    app_type="vendor",
    oauth_scopes=(OAuthScope("okta.users.manage"),),
    created_by="00uAnn",
)
SECRET = ClientSecret(id="ocs1", owner_id="0oaVendor", status="ACTIVE", created=NOON - timedelta(days=400))
FORBIDDEN = Gap(
    entity="ClientSecret", reason=GapReason.FORBIDDEN, request="GET …/secrets", parent="0oaVendor", status=403
)


@pytest.fixture
def found():
    return findings(snapshot_of(VENDOR, SECRET, ANN, gaps=(FORBIDDEN,)))


def test_sarif_is_valid_and_holds_every_finding(found):
    log = found.to_sarif()
    VALIDATOR.validate(log)
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [cls.__name__ for cls in FINDINGS]
    assert len(run["results"]) == len(found)
    for result, each in zip(run["results"], found, strict=True):
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == type(each).__name__
        assert result["partialFingerprints"]["oktahound/v1"] == each.id
        assert "\x1b" not in json.dumps(result["message"], ensure_ascii=False)
    assert json.loads(json.dumps(log)) == log


def test_sarif_lists_the_classes_that_were_not_checked(found):
    (invocation,) = found.to_sarif()["runs"][0]["invocations"]
    said = [each["message"]["text"] for each in invocation["toolExecutionNotifications"]]
    assert any("ClientSecret" in text and "forbidden" in text for text in said)


def test_sarif_of_a_graph_without_scopes_and_of_nothing_is_valid():
    VALIDATOR.validate(findings(build_graph(snapshot_of())).to_sarif())
    VALIDATOR.validate(findings(snapshot_of()).to_sarif())


@examples(4)
@given(snapshots())
def test_findings_of_any_snapshot_can_be_written_in_every_form(snapshot):
    found = findings(snapshot)
    VALIDATOR.validate(found.to_sarif())
    assert len(json.loads(found.to_json())["findings"]) == len(found)
    assert all(char.isprintable() or char == "\n" for char in repr(found))


def test_rows_and_json_have_the_same_content(found):
    document = json.loads(found.to_json())
    assert document["findings"] == found.to_rows()
    assert document["domain"] == "contoso.okta.com"
    assert document["not_checked"][0]["finding"] == found.not_checked[0].finding
    row = document["findings"][0]
    assert {"severity_reason", "meaning", "what_to_do", "evidence", "assumptions", "subject"} <= row.keys()


def test_ids_are_stable_and_unique(found):
    again = findings(snapshot_of(SECRET, ANN, VENDOR, gaps=(FORBIDDEN,)))
    assert {each.id for each in found} == {each.id for each in again}
    assert len({each.id for each in found}) == len(found)


def test_filter_by_entity_severity_and_class(found):
    assert len(found.filter(entity=VENDOR)) == len(found.filter(entity="0oaVendor")) > 0
    assert len(found.filter(entity=ApiServiceIntegration)) == len(found.filter(entity=VENDOR))
    assert not found.filter(entity=ANN)
    critical = found.filter(severity="critical")
    assert critical
    assert {each.severity for each in critical} == {Severity.CRITICAL}
    assert {each.severity for each in found.filter(at_least=Severity.HIGH)} <= {
        Severity.HIGH,
        Severity.CRITICAL,
    }
    both = found.filter(severity=[Severity.CRITICAL, "medium"], finding=["OldSecret", "CriticalPower"])
    assert {type(each).__name__ for each in both} == {"OldSecret", "CriticalPower"}
    assert {each.finding for each in found.filter(finding="OldSecret").not_checked} == {"OldSecret"}
    assert len(found.filter(subject="API service integrations")) == len(found.filter(entity=VENDOR))


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ({"severity": "grave"}, "severities are info, low"),
        ({"finding": "OldSecrets"}, "unknown finding 'OldSecrets'"),
        ({"subject": "Cats"}, "subjects are"),
    ],
)
def test_an_invalid_filter_is_an_error(found, condition, words):
    with pytest.raises(ConfigurationError, match=words):
        found.filter(**condition)


def test_groups_contain_every_finding_once(found):
    for groups in (found.by_subject, found.by_node, found.by_class):
        assert sum(len(group) for group in groups.values()) == len(found)
    assert set(found.by_node) >= {"0oaVendor"}


def test_text_and_html_contain_the_meaning_and_the_remedy(found):
    (old,) = found.filter(finding="OldSecret")
    for shown in (repr(found), found._repr_html_()):
        assert old.meaning in shown
        assert old.what_to_do in shown
        assert "ClientSecret was not read completely" in shown
    assert "<b>" not in found._repr_html_()


def test_a_data_frame_has_the_columns_of_the_rows(found):
    pytest.importorskip("pandas")
    table = found.to_dataframe()
    assert list(table.columns) == list(found.to_rows()[0])
    assert len(table) == len(found)
