from __future__ import annotations

from pathlib import Path

import pytest
from each_case import for_each


@for_each([1, 2, 3])
def test_a_check_runs_for_each_case_with_its_fixtures(number: int, tmp_path: Path) -> None:
    (tmp_path / str(number)).touch()
    assert len(list(tmp_path.iterdir())) == number


def test_a_failure_names_each_failing_case_and_all_cases_are_checked() -> None:
    seen = []

    @for_each(["good", "wrong", "broken", "last"])
    def check(case: str) -> None:
        seen.append(case)
        assert case != "wrong"
        if case == "broken":
            raise KeyError(case)

    with pytest.raises(ExceptionGroup, match="2 of 4 cases fail: wrong, broken") as caught:
        check()
    assert [type(each) for each in caught.value.exceptions] == [AssertionError, KeyError]
    assert seen == ["good", "wrong", "broken", "last"]


def test_an_error_that_is_not_raised_is_a_failure_of_its_case() -> None:
    @for_each([0, 1], name=lambda number: f"number {number}")
    def check(number: int) -> None:
        with pytest.raises(ZeroDivisionError):
            1 / number

    with pytest.raises(ExceptionGroup, match="1 of 2 cases fail: number 1"):
        check()


def test_a_check_without_cases_fails() -> None:
    @for_each([])
    def check(case: object) -> None:
        pass

    with pytest.raises(AssertionError, match="no cases"):
        check()
