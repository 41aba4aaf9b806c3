"""Check many small cases in one test, which takes far less time than a test for each case."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

import pytest


def name_of(case: Any) -> str:
    """Return the name of a class, and the text of any other case."""
    return case.__name__ if isinstance(case, type) else str(case)


def for_each(cases: Iterable[Any], name: Callable[[Any], str] = name_of) -> Callable[[Callable], Callable]:
    """Return a decorator that makes one test of a check. The check gets each case as its first argument.

    All cases are checked. The test fails with an `ExceptionGroup` that names the failing cases. Further
    parameters of the check are fixtures.

    Use `pytest.mark.parametrize` instead where a case takes longer than a few milliseconds.
    """
    listed = list(cases)

    def decorate(check: Callable[..., None]) -> Callable[..., None]:
        @wraps(check)
        def test(**fixtures: Any) -> None:
            assert listed, "there are no cases to check"
            failures: dict[str, Exception] = {}
            for case in listed:
                try:
                    check(case, **fixtures)
                except Exception as failure:  # noqa: BLE001 - reported with the others below
                    failures[name(case)] = failure
                except pytest.fail.Exception as failure:  # not an Exception, so that no code catches it
                    failures[name(case)] = AssertionError(failure.msg)
            if failures:
                message = f"{len(failures)} of {len(listed)} cases fail: {', '.join(failures)}"
                raise ExceptionGroup(message, list(failures.values()))

        _, *fixtures = inspect.signature(check).parameters.values()
        test.__signature__ = inspect.Signature(fixtures)  # type: ignore[attr-defined]
        return test

    return decorate
