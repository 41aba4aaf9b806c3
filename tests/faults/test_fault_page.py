"""The page about faults in the docs equals the test cases."""

from __future__ import annotations

from pathlib import Path

import pytest

from faults.cases import CASES, GAP, LINK_CASES, table
from oktahound.client import AsyncOktaClient
from oktahound.client._listing import MOST_PAGES, MOST_ROWS
from oktahound.collecting.circuit_breaker import FAILURES_TO_OPEN

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "faults.md"


def test_the_table_of_the_docs_equals_the_test_cases() -> None:
    made = table(CASES + LINK_CASES)
    text = PAGE.read_text(encoding="utf-8")
    assert made in text, f"put this into {PAGE.name}:\n\n{made}"


def test_no_fault_has_two_outcomes() -> None:
    outcomes: dict[str, set[str]] = {}
    for case in CASES + LINK_CASES:
        outcomes.setdefault(case.name, set()).add(case.outcome)
        assert (case.outcome == GAP) == (case.reason is not None)
    assert {name for name, found in outcomes.items() if len(found) > 1} == set()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("timeout", "30 s"),
        ("retry_budget", "90 s"),
        ("rate_limit_budget", "15 minutes"),
        ("max_body", "64 MiB"),
        ("max_pages", "100,000"),
    ],
)
def test_the_limits_in_the_docs_are_the_defaults(name: str, said: str) -> None:
    default = AsyncOktaClient.__init__.__kwdefaults__[name]
    units = {"timeout": f"{default:g} s", "retry_budget": f"{default:g} s"}
    units |= {"rate_limit_budget": f"{default / 60:g} minutes"}
    units |= {"max_body": f"{default / 2**20:g} MiB", "max_pages": f"{default:,}"}
    assert units[name] == said
    (line,) = [
        line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith(f"| `{name}`")
    ]
    assert said in line


def test_the_fixed_limits_in_the_docs_are_the_constants() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert MOST_PAGES == MOST_ROWS == 100_000
    assert "100,000 rows" in text
    assert FAILURES_TO_OPEN == 10
    assert "ten objects in a row" in text
