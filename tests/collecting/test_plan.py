"""The plan of a collection follows from what the entities declare."""

from __future__ import annotations

import pytest

from oktahound import ApiServiceIntegration, ClientSecret, Organization, User
from oktahound.collecting import Plan, Read, make_plan
from oktahound.entities import (
    ENTITIES,
    Application,
    DeviceUser,
    Embedded,
    Endpoint,
    Entity,
    Factor,
    JsonWebKey,
)
from oktahound.errors import ConfigurationError


def paths(plan: Plan) -> list[str]:
    return [read.endpoint.path for read in plan.reads]


def test_the_organization_is_always_read_and_comes_first() -> None:
    assert paths(make_plan([])) == ["/api/v1/org"]
    assert paths(make_plan())[0] == "/api/v1/org"
    assert make_plan([User]).entities == (Organization, User)


def test_the_parents_of_an_entity_are_read_too() -> None:
    plan = make_plan([ClientSecret])
    assert plan.entities == (Organization, Application, ApiServiceIntegration, ClientSecret)
    assert plan.scopes == ("okta.apps.read", "okta.oauthIntegrations.read", "okta.orgs.read")


def test_the_entity_that_embeds_another_is_read_too() -> None:
    assert "/api/v1/devices" in paths(make_plan([DeviceUser]))
    assert Application in make_plan([JsonWebKey]).entities


def test_an_excluded_entity_needs_no_request_even_if_it_is_embedded() -> None:
    plan = make_plan([Application])
    assert JsonWebKey not in plan.entities
    assert plan.embedded_in(Application) == ()


def test_an_excluded_option_needs_no_request_no_scope_and_no_parents() -> None:
    assert make_plan([Factor], {"mfa": "none"}) == make_plan([], {"mfa": "none"})
    assert make_plan([Factor], {"mfa": "all"}).entities == (Organization, User, Factor)
    assert "okta.roles.read" in make_plan([Factor], {"mfa": "roles"}).scopes


def test_the_full_plan_has_every_entity_that_the_options_include() -> None:
    chosen = {
        "bindings": True,
        "deprovisioned": True,
        "mfa": "all",
        "trust_boundaries": True,
        "signing_keys": True,
        "usage": "P90D",
    }
    assert make_plan(options=chosen).entities == ENTITIES
    assert {cls.__name__ for cls in set(ENTITIES) - set(make_plan().entities)} == {
        "ResourceSetBinding",
        "ResourceSetMember",
        "GroupRule",
        "SigningKey",
        "AgentKey",
        "TrustedKey",
        "AiAgent",
        "AiAgentOwners",
        "DelegationLink",
        "McpServer",
        "ResourceConnection",
        "EventHook",
        "InlineHook",
        "LogStream",
        "NetworkZone",
        "ServiceAccount",
        "TokenPolicy",
        "TokenPolicyRule",
        "LogWindow",
        "ClientActivity",
        "ClientAdministration",
    }


def test_a_listing_with_two_scopes_needs_both() -> None:
    read = next(read for read in make_plan().reads if read.endpoint.also)
    assert set(read.endpoint.scopes) <= set(make_plan().scopes)
    assert len(read.endpoint.scopes) == 2


def test_an_unknown_option_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="unknown option 'secrets'"):
        make_plan(options={"secrets": True})


def test_a_read_waits_for_its_parents_and_for_the_entities_of_its_condition() -> None:
    read = Read(User, Endpoint("/x/{id}", scope="s", under=Application, after=(ClientSecret,)))
    assert read.waits_for == (Application, ClientSecret)
    assert Read(User, Endpoint("/x", scope="s")).waits_for == ()


def test_waiting_has_no_cycle() -> None:
    """With a cycle, a collection would wait forever."""
    waits: dict[type[Entity], set[type[Entity]]] = {cls: set() for cls in ENTITIES}
    for cls in ENTITIES:
        for source in cls.SOURCES:
            waits[cls] |= (
                {source.inside} if isinstance(source, Embedded) else set(Read(cls, source).waits_for)
            )
    while waits:
        free = {cls for cls, before in waits.items() if not before & waits.keys()}
        assert free, f"these wait for each other: {sorted(cls.__name__ for cls in waits)}"
        waits = {cls: before for cls, before in waits.items() if cls not in free}
