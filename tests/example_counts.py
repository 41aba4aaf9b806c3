"""Numbers of examples for the property tests, which the profile of hypothesis scales.

The environment variable ``HYPOTHESIS_PROFILE`` chooses the profile:

- ``normal``, the default, is derandomized: it runs the same examples every time, on every machine.
- ``fast`` is ``normal`` with half of the examples, for work on one part.
- ``deep`` draws new examples from a seed, ``DEEP_FACTOR`` times as many. ``nox -s deep`` prints the seed.
  Only this profile runs tests with the mark ``deep``: further cases of tests that run in every profile.
"""

from __future__ import annotations

import os
from typing import Any

from hypothesis import HealthCheck, settings

NORMAL = 10  # the examples of a test that sets no number of its own
FACTORS = {"normal": 1.0, "fast": 0.5, "deep": float(os.environ.get("DEEP_FACTOR", "10"))}

PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "normal")


def load_profile() -> None:
    """Register the profiles and load the one that ``HYPOTHESIS_PROFILE`` names."""
    for name, factor in FACTORS.items():
        settings.register_profile(
            name,
            max_examples=max(1, round(NORMAL * factor)),
            derandomize=name != "deep",
            database=None,
            deadline=None,  # a slow machine is not a failing test, here and in the health check
            suppress_health_check=[HealthCheck.too_slow],
            print_blob=True,
        )
    settings.load_profile(PROFILE)


def is_deep() -> bool:
    """Return whether the profile is ``deep``."""
    return PROFILE == "deep"


def examples(number: int, *, reuse_fixtures: bool = False, **options: Any) -> settings:
    """Return settings for a test that runs `number` examples in the ``normal`` profile.

    With `reuse_fixtures`, all examples of a test may share its function-scoped fixtures, such as one
    `tmp_path`. `options` are further arguments of `hypothesis.settings`.
    """
    scaled = max(1, number * settings().max_examples // NORMAL)
    suppressed = [HealthCheck.too_slow]
    if reuse_fixtures:
        suppressed.append(HealthCheck.function_scoped_fixture)
    return settings(max_examples=scaled, suppress_health_check=suppressed, **options)
