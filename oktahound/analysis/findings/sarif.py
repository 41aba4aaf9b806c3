"""Convert findings to a SARIF 2.1.0 log, for code-scanning and ticketing tools.

Source: OASIS Standard "Static Analysis Results Interchange Format (SARIF) Version 2.1.0".
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from oktahound.analysis.findings import FINDINGS
from oktahound.scopes import Severity
from oktahound.snapshot.display import spelled_out

if TYPE_CHECKING:
    from oktahound.analysis.findings.collection import Findings
    from oktahound.analysis.findings.model import Finding, NotChecked

__all__ = ["sarif_log"]

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_URL = "https://pypi.org/project/oktahound/"

_LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}
_SCORES = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "3.0",
    Severity.INFO: "0.0",
}
"""Scores from 0 to 10 for tools that use the property ``security-severity``: the middle of each band."""


def sarif_log(found: Findings) -> dict[str, Any]:
    """Return a SARIF log with one run, which has a rule for each class and a result for each finding."""
    indexes = {cls.__name__: index for index, cls in enumerate(FINDINGS)}
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "oktahound",
                "version": _version(),
                "informationUri": _URL,
                "rules": [_rule(cls) for cls in FINDINGS],
                "notifications": [{"id": "not-checked"}],
            }
        },
        "invocations": [
            {
                "executionSuccessful": True,
                "toolExecutionNotifications": [_notification(each, indexes) for each in found.not_checked],
            }
        ],
        "results": [_result(each, indexes) for each in found],
        "columnKind": "unicodeCodePoints",
    }
    if found.domain:
        run["automationDetails"] = {"id": f"oktahound/{found.domain}/"}
        run["properties"] = {"domain": found.domain, "collectedAt": found.collected_at}
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(cls: type[Finding]) -> dict[str, Any]:
    return {
        "id": cls.__name__,
        "name": cls.__name__,
        "shortDescription": {"text": f"{cls.TITLE}."},
        "fullDescription": {"text": cls.MEANING},
        "help": {"text": cls.WHAT_TO_DO},
        "defaultConfiguration": {"level": _LEVELS[cls.SEVERITY]},
        "properties": {
            "tags": ["security", cls.SUBJECT],
            "security-severity": _SCORES[cls.SEVERITY],
            "severity": cls.SEVERITY.value,
            "severityReason": cls.SEVERITY_REASON,
        },
    }


def _result(each: Finding, indexes: dict[str, int]) -> dict[str, Any]:
    name = type(each).__name__
    facts = "; ".join((*each.evidence, *(f"assumption: {text}" for text in each.assumptions)))
    return {
        "ruleId": name,
        "ruleIndex": indexes[name],
        "level": _LEVELS[each.severity],
        "message": {"text": spelled_out(f"{each.name}: {each.title}: {facts}")},
        "locations": [
            {
                "logicalLocations": [
                    {
                        "name": spelled_out(each.name),
                        "fullyQualifiedName": spelled_out(each.node),
                        "kind": "object",
                    }
                ]
            }
        ],
        "partialFingerprints": {"oktahound/v1": each.id},
        "properties": {
            "nodeKind": each.kind,
            "evidence": list(each.evidence),
            "assumptions": list(each.assumptions),
            "advice": list(each.advice),
        },
    }


def _notification(each: NotChecked, indexes: dict[str, int]) -> dict[str, Any]:
    return {
        "descriptor": {"id": "not-checked"},
        "associatedRule": {"id": each.finding, "index": indexes[each.finding]},
        "level": "warning" if each.entirely else "note",
        "message": {"text": spelled_out(str(each))},
    }


def _version() -> str:
    try:
        return version("oktahound")
    except PackageNotFoundError:
        return "0"
