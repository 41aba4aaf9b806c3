"""What all tests share: how long hypothesis looks, and which event loops async tests run on."""

from __future__ import annotations

import os
import signal

import pytest
from hypothesis import HealthCheck, settings

import oktahound

# No deadline anywhere: a slow machine is not a failing test.
settings.register_profile("dev", deadline=None)
settings.register_profile("fast", deadline=None, max_examples=20)
settings.register_profile(
    "ci", deadline=None, derandomize=True, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "dev"))


def pytest_configure() -> None:
    # A shell's background jobs are born deaf to Ctrl-C, and some tests are about hearing it.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_report_header() -> str:
    return f"oktahound: {oktahound.__file__}"


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    """The event loop of a test marked `anyio`: it runs on each."""
    name: str = request.param
    return name
