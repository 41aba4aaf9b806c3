"""Fixtures of the tests that need Apache Spark."""

from __future__ import annotations

from typing import Any

import pytest
from spark_sessions import spark_session


@pytest.fixture(scope="session")
def session() -> Any:
    return spark_session()
