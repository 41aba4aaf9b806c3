"""Arguments of the wrong type raise a ConfigurationError that names the expected one."""

from __future__ import annotations

import asyncio
import functools
from typing import Any

import pytest

import oktahound
from oktahound import ApiToken, AsyncOktaClient, OktaClient
from oktahound.entities import Group, User
from oktahound.errors import ConfigurationError
from oktahound.sim import SimulatedOrg


@pytest.fixture
def org() -> SimulatedOrg:
    return SimulatedOrg.empty()


@pytest.fixture
def client(org: SimulatedOrg) -> Any:
    with OktaClient(org.url, ApiToken(org.api_token), transport=org.transport) as client:
        yield client


def test_collect_refuses_an_async_client(org: SimulatedOrg) -> None:
    async def main() -> None:
        async with AsyncOktaClient(org.url, ApiToken(org.api_token), transport=org.transport) as client:
            with pytest.raises(ConfigurationError, match=r"use await oktahound\.collect_async\(client\)"):
                oktahound.collect(client)  # type: ignore[arg-type]

    asyncio.run(main())


def test_collect_async_refuses_a_blocking_client(client: OktaClient) -> None:
    with pytest.raises(ConfigurationError, match=r"use oktahound\.collect\(client\)"):
        asyncio.run(oktahound.collect_async(client))  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [None, "https://contoso.okta.com", ApiToken("00x"), OktaClient])
def test_an_object_that_is_no_client_is_refused(wrong: Any) -> None:
    with pytest.raises(ConfigurationError, match="needs an OktaClient"):
        oktahound.collect(wrong)
    with pytest.raises(ConfigurationError, match="needs an AsyncOktaClient"):
        asyncio.run(oktahound.collect_async(wrong))


async def _async_callback(progress: Any, more: int = 0) -> None: ...


class _AsyncMethod:
    async def __call__(self, progress: Any) -> None: ...

    async def callback_method(self, progress: Any) -> None: ...


@pytest.mark.parametrize(
    "callback",
    [
        _async_callback,
        functools.partial(_async_callback, more=1),
        _AsyncMethod(),
        _AsyncMethod().callback_method,
        lambda each: _async_callback(each, 2),
    ],
)
def test_a_coroutine_function_for_progress_is_refused(client: OktaClient, callback: Any) -> None:
    with pytest.raises(ConfigurationError, match="plain function"):
        oktahound.collect(client, progress=callback)


@pytest.mark.parametrize("callback", [7, "print", []])
def test_progress_that_cannot_be_called_is_refused(client: OktaClient, callback: Any) -> None:
    with pytest.raises(ConfigurationError, match="must be True, False or a function"):
        oktahound.collect(client, progress=callback)


def test_entities_are_chosen_by_class_or_by_name(client: OktaClient) -> None:
    by_name = oktahound.collect(client, only=["User", "Group"])
    assert by_name.asked == oktahound.collect(client, only=[User, Group]).asked
    assert by_name.asked == oktahound.collect(client, only=["User", Group]).asked


@pytest.mark.parametrize(
    "wrong", [["Users"], ["user"], [None], [7], [str], "User", 7, User, ["User", "Nobody"]]
)
def test_an_unknown_entity_is_refused_with_the_known_names(client: OktaClient, wrong: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"only= takes a list of .*ApiServiceIntegration"):
        oktahound.collect(client, only=wrong)
