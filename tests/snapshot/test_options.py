"""The options of a collection that entities declare."""

from __future__ import annotations

import inspect

import pytest
from each_case import for_each

from oktahound import User, collect, collect_async
from oktahound.entities import ENTITIES, ClientActivity, Endpoint, Factor, ResourceSetMember
from oktahound.errors import ConfigurationError
from oktahound.snapshot.options import chosen_sources, declared_options, fill_in_defaults

DEFAULTS = {
    "bindings": False,
    "deprovisioned": False,
    "mfa": "roles",
    "signing_keys": False,
    "statistics": True,
    "trust_boundaries": False,
    "usage": False,
}


def test_missing_options_have_their_defaults() -> None:
    assert fill_in_defaults({}) == DEFAULTS
    assert fill_in_defaults({"mfa": "none"}) == DEFAULTS | {"mfa": "none"}


@pytest.mark.parametrize("function", [collect, collect_async])
def test_every_option_is_a_keyword_of_collect_with_the_same_default(function: object) -> None:
    parameters = inspect.signature(function).parameters
    # Without `usage`, the default is None in the signature and False in the options of a snapshot.
    assert {name: parameters[name].default or False for name in declared_options()} == DEFAULTS


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"mfa": "admins"}, "mfa= must be one of 'roles', 'all', 'none', not 'admins'"),
        ({"mfa": True}, "mfa= must be one of"),
        ({"deprovisioned": "yes"}, "deprovisioned= must be one of True, False, not 'yes'"),
        ({"deprovisioned": 1}, "deprovisioned= must be one of True, False, not 1"),
        (
            {"secrets": True},
            "unknown option 'secrets'; the options are bindings, deprovisioned, mfa, signing_keys, "
            "statistics, trust_boundaries, usage",
        ),
        ({"usage": True}, "usage= must be a text such as 'P90D', or False, not True"),
    ],
)
def test_an_unknown_value_of_an_option_is_refused(given: dict[str, str | bool], words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        fill_in_defaults(given)
    assert words in str(caught.value)


def test_an_option_selects_its_sources() -> None:
    assert [source.among is None for source in chosen_sources(Factor, DEFAULTS)] == [False]
    assert [source.among is None for source in chosen_sources(Factor, {"mfa": "all"})] == [True]
    assert chosen_sources(Factor, {"mfa": "none"}) == ()
    assert chosen_sources(ResourceSetMember, DEFAULTS) == ()
    assert len(chosen_sources(User, DEFAULTS)) == 1
    assert len(chosen_sources(User, {"deprovisioned": True})) == 2
    assert chosen_sources(ClientActivity, DEFAULTS) == ()
    assert len(chosen_sources(ClientActivity, {"usage": "P90D"})) == 3


@for_each(ENTITIES)
def test_a_source_without_an_option_is_always_read(cls: type) -> None:
    always = [source for source in cls.SOURCES if not (isinstance(source, Endpoint) and source.option)]
    assert [source for source in chosen_sources(cls, {}) if source in always] == always
    assert chosen_sources(cls, {}) == tuple(always)
