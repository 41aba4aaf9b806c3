"""Collecting from the simulated org: all of it, parts of it, and with less permission."""

from __future__ import annotations

import asyncio
import gzip
import pickle
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest

import oktahound
from oktahound import (
    ApiServiceIntegration,
    ApiToken,
    AsyncOktaClient,
    OktaClient,
    PrivateKeyJwt,
    Snapshot,
    User,
)
from oktahound.entities import (
    ENTITIES,
    ClientActivity,
    ClientAdministration,
    ClientSecret,
    Factor,
    Group,
    GroupMembership,
    LogWindow,
    Organization,
    PushTargetGroup,
    ResourceSetBinding,
    ResourceSetMember,
)
from oktahound.errors import ConfigurationError, ScopeNotGrantedError
from oktahound.sim import SECRET_MARKER, SimulatedOrg

LOG = {LogWindow, ClientActivity, ClientAdministration}
"""The entities that are read from the System Log, on request only."""
READ = [cls for cls in ENTITIES if cls not in LOG]
EVERYTHING = {
    "mfa": "all",
    "deprovisioned": True,
    "bindings": True,
    "signing_keys": True,
    "trust_boundaries": True,
}


@pytest.fixture(scope="module")
def org() -> SimulatedOrg:
    return SimulatedOrg(seed="collect", users=60)


def collected(org: SimulatedOrg, auth: Any = None, **options: Any) -> Snapshot:
    with OktaClient(org.url, auth or ApiToken(org.api_token), transport=org.transport) as client:
        return oktahound.collect(client, **options)


@pytest.fixture(scope="module")
def whole(org: SimulatedOrg) -> Snapshot:
    return collected(org, **EVERYTHING)


def test_everything_is_read_and_there_are_no_gaps(org: SimulatedOrg, whole: Snapshot) -> None:
    assert whole.gaps == ()
    assert whole.asked == {cls.__name__ for cls in READ}
    assert whole.organization.id == org.organization_id
    assert whole.domain == "contoso.okta.com"
    assert all(whole.is_whole(cls) for cls in READ)


@pytest.mark.parametrize(
    ("plural", "collection"),
    [
        ("users", "users"),
        ("groups", "groups"),
        ("applications", "apps"),
        ("api_service_integrations", "api_services"),
        ("devices", "devices"),
    ],
)
def test_the_snapshot_has_all_objects_of_the_org(
    org: SimulatedOrg, whole: Snapshot, plural: str, collection: str
) -> None:
    held = sorted(document["id"] for document in org.world[collection].documents())
    assert len(held) > 1
    assert [row.id for row in getattr(whole, plural)] == held


def test_client_secrets_are_read_of_every_integration(org: SimulatedOrg, whole: Snapshot) -> None:
    held = {
        (integration, secret)
        for integration in org.world["api_services"]
        for secret in org.world["api_service_secrets", integration]
    }
    owners = {integration.id for integration in whole.api_service_integrations}
    assert {secret.key for secret in whole.client_secrets if secret.owner_id in owners} == held


def test_every_kind_of_row_is_found_in_the_simulated_org(whole: Snapshot) -> None:
    # The target of every push mapping of the simulated org is among its groups.
    assert {cls for cls in READ if not whole.rows(cls)} <= {PushTargetGroup}


def test_a_service_app_with_every_scope_reads_the_same(org: SimulatedOrg, whole: Snapshot) -> None:
    app = org.service_app
    same = collected(org, PrivateKeyJwt(app.client_id, app.private_key), **EVERYTHING)
    assert {cls: same.rows(cls) for cls in ENTITIES} == {cls: whole.rows(cls) for cls in ENTITIES}
    assert same.gaps == ()


def test_a_second_collection_with_one_client_reads_the_same(org: SimulatedOrg) -> None:
    with OktaClient(org.url, ApiToken(org.api_token), transport=org.transport) as client:
        one, two = oktahound.collect(client), oktahound.collect(client)
    assert [one.rows(cls) for cls in ENTITIES] == [two.rows(cls) for cls in ENTITIES]


def test_only_reads_the_entities_and_their_dependencies(
    requests_of: Callable[[SimulatedOrg], Counter[str]],
) -> None:
    org = SimulatedOrg(seed=1, users=20)
    snapshot = collected(org, only=[ClientSecret])
    assert snapshot.client_secrets
    assert snapshot.api_service_integrations
    assert not snapshot.users
    assert "User" not in snapshot.asked
    assert "/api/v1/users" not in requests_of(org)


def test_the_smallest_collection_sends_two_requests(
    requests_of: Callable[[SimulatedOrg], Counter[str]],
) -> None:
    org = SimulatedOrg(seed=1, users=20)
    snapshot = collected(org, only=[ApiServiceIntegration])
    assert "Falcon Shield" in {integration.name for integration in snapshot.api_service_integrations}
    assert requests_of(org) == {"/api/v1/org": 1, "/integrations/api/v1/api-services": 1}
    assert snapshot.asked == {"Organization", "ApiServiceIntegration"}


@pytest.mark.parametrize("only", [[dict], ["Nobody"], User, "User", [Snapshot], 5])
def test_only_accepts_entity_classes_and_names(org: SimulatedOrg, only: Any) -> None:
    with pytest.raises(ConfigurationError, match="entity classes"):
        collected(org, only=only)


def test_an_empty_only_reads_the_organization(org: SimulatedOrg) -> None:
    assert collected(org, only=[]).asked == {"Organization"}


class TestOptions:
    def test_factors_of_role_holders_are_read(self, org: SimulatedOrg, whole: Snapshot) -> None:
        snapshot = collected(org)
        assert snapshot.options["mfa"] == "roles"
        (source,) = snapshot.sources(Factor)
        holders = source.among(whole)
        assert 0 < len(holders) < len(snapshot.users)
        assert snapshot.factors == tuple(row for row in whole.factors if row.owner in holders)
        assert not snapshot.is_whole(Factor)

    def test_factors_of_all_users_need_a_request_for_each(
        self, requests_of: Callable[[SimulatedOrg], Counter[str]]
    ) -> None:
        org = SimulatedOrg(seed=1, users=20)
        snapshot = collected(org, only=[Factor], mfa="all")
        assert requests_of(org)["/api/v1/users/{userId}/factors"] == len(snapshot.users)
        assert snapshot.is_whole(Factor)

    def test_mfa_none_reads_no_factors(self, requests_of: Callable[[SimulatedOrg], Counter[str]]) -> None:
        org = SimulatedOrg(seed=1, users=20)
        snapshot = collected(org, only=[Factor], mfa="none")
        assert set(requests_of(org)) == {"/api/v1/org"}
        assert snapshot.asked == {"Organization"}

    def test_deprovisioned_users_are_read_on_request(self, org: SimulatedOrg) -> None:
        def statuses(**options: bool) -> set[str | None]:
            return {user.status for user in collected(org, only=[User], **options).users}

        assert "DEPROVISIONED" not in statuses()
        assert statuses(deprovisioned=True) == statuses() | {"DEPROVISIONED"}

    def test_bindings_are_read_on_request(self, org: SimulatedOrg, whole: Snapshot) -> None:
        names = {"ResourceSetBinding", "ResourceSetMember"}
        assert not names & collected(org, only=[ResourceSetBinding, ResourceSetMember]).asked
        assert whole.asked >= names

    @pytest.mark.parametrize("option", [{"mfa": "admins"}, {"deprovisioned": "yes"}, {"bindings": 1}])
    def test_an_unknown_value_of_an_option_is_refused(
        self, org: SimulatedOrg, option: dict[str, Any]
    ) -> None:
        with pytest.raises(ConfigurationError, match="must be one of"):
            collected(org, **option)


class TestLessPermission:
    def test_listings_without_a_scope_are_not_requested(
        self, requests_of: Callable[[SimulatedOrg], Counter[str]]
    ) -> None:
        org = SimulatedOrg(seed=1, users=20)
        app = org.add_service_app(scopes=["okta.orgs.read", "okta.users.read", "okta.groups.read"])
        snapshot = collected(
            org, PrivateKeyJwt(app.client_id, app.private_key), only=[User, GroupMembership, ClientSecret]
        )
        assert set(requests_of(org)) == {
            "/api/v1/org",
            "/api/v1/users",
            "/api/v1/groups",
            "/api/v1/groups/{groupId}/users",
        }
        assert {(gap.entity, gap.reason.value, gap.missing_scopes, gap.status) for gap in snapshot.gaps} == {
            ("ApiServiceIntegration", "forbidden", ("okta.oauthIntegrations.read",), None),
            ("Application", "forbidden", ("okta.apps.read",), None),
            ("ClientSecret", "forbidden", ("okta.oauthIntegrations.read",), None),
            ("ClientSecret", "forbidden", ("okta.apps.read",), None),
        }
        assert snapshot.is_whole(User)
        assert snapshot.is_whole(Group)
        assert not snapshot.is_whole(ClientSecret)

    def test_a_manage_scope_permits_reading(self) -> None:
        org = SimulatedOrg(seed=1, users=20)
        app = org.add_service_app(scopes=["okta.orgs.manage", "okta.users.manage"])
        scopes = ["okta.orgs.manage", "okta.users.manage"]
        snapshot = collected(org, PrivateKeyJwt(app.client_id, app.private_key, scopes=scopes), only=[User])
        assert snapshot.is_whole(User)
        assert snapshot.gaps == ()

    def test_explicit_scopes_that_are_not_granted_are_an_error(self, org: SimulatedOrg) -> None:
        app = org.add_service_app(scopes=["okta.orgs.read"])
        key = PrivateKeyJwt(app.client_id, app.private_key, scopes=["okta.orgs.read", "okta.users.read"])
        with pytest.raises(ScopeNotGrantedError) as caught:
            collected(org, key)
        assert "okta.users.read" in caught.value.scopes

    def test_a_missing_admin_role_leaves_a_gap_for_each_listing(self) -> None:
        org = SimulatedOrg(seed=1, users=20)
        org.forbid("okta.oauthIntegrations.read")
        snapshot = collected(org, only=[ApiServiceIntegration, User])
        (gap,) = snapshot.gaps
        assert (gap.entity, gap.status, gap.error_code) == ("ApiServiceIntegration", 403, "E0000006")
        assert gap.request == "GET /integrations/api/v1/api-services"
        assert snapshot.users

    def test_a_feature_that_the_org_lacks_leaves_a_gap(self) -> None:
        org = SimulatedOrg(seed=1, users=20)
        org.unlicense("/api/v1/realms")
        snapshot = collected(org)
        assert [(gap.entity, gap.reason.value, gap.error_code) for gap in snapshot.gaps] == [
            ("Realm", "not licensed", "E0000015")
        ]

    def test_gaps_survive_saving(self, tmp_path: Path) -> None:
        org = SimulatedOrg(seed=1, users=20)
        org.forbid("okta.apps.read")
        snapshot = collected(org)
        assert len(snapshot.gaps) > 3
        snapshot.save(tmp_path / "org.okta")
        assert Snapshot.load(tmp_path / "org.okta") == snapshot


class TestWhereItRuns:
    def test_inside_a_running_loop(self, org: SimulatedOrg) -> None:
        async def cell() -> Snapshot:
            return collected(org, only=[User])

        assert asyncio.run(cell()).users

    def test_in_another_thread(self, org: SimulatedOrg) -> None:
        found: list[Snapshot] = []
        thread = threading.Thread(target=lambda: found.append(collected(org, only=[User])))
        thread.start()
        thread.join()
        assert found[0].users

    def test_from_two_threads_with_one_client(self, org: SimulatedOrg) -> None:
        found: list[Snapshot] = []
        with OktaClient(org.url, ApiToken(org.api_token), transport=org.transport) as client:
            threads = [
                threading.Thread(target=lambda: found.append(oktahound.collect(client, only=[User])))
                for _ in range(2)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert found[0].users == found[1].users

    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    def test_on_the_callers_own_event_loop(self, org: SimulatedOrg, backend: str) -> None:
        async def run() -> Snapshot:
            async with AsyncOktaClient(org.url, ApiToken(org.api_token), transport=org.transport) as client:
                return await oktahound.collect_async(client, only=[User, ClientSecret])

        snapshot = anyio.run(run, backend=backend)
        assert snapshot.users
        assert snapshot.client_secrets

    def test_two_concurrent_collections_with_one_client(self, org: SimulatedOrg) -> None:
        async def run() -> list[Snapshot]:
            async with AsyncOktaClient(org.url, ApiToken(org.api_token), transport=org.transport) as client:
                return await asyncio.gather(*(oktahound.collect_async(client, only=[User]) for _ in range(2)))

        one, two = asyncio.run(run())
        assert one.users == two.users

    def test_times_come_from_the_clock_of_the_client(self) -> None:
        class Stopped:
            def time(self) -> float:
                return 0.0

            def monotonic(self) -> float:
                return 0.0

            async def sleep(self, seconds: float) -> None:
                pytest.fail("nothing to wait for")

        clock = Stopped()
        org = SimulatedOrg(seed=1, users=5, clock=clock)
        with OktaClient(org.url, ApiToken(org.api_token), transport=org.transport, clock=clock) as client:
            snapshot = oktahound.collect(client, only=[Organization])
        assert (
            snapshot.started_at.isoformat()
            == snapshot.collected_at.isoformat()
            == "1970-01-01T00:00:00+00:00"
        )


def test_no_secret_that_okta_sends_is_kept(org: SimulatedOrg, whole: Snapshot, tmp_path: Path) -> None:
    sent = b"".join(org.world["apps"].sent(app) for app in org.world["apps"])
    assert SECRET_MARKER.encode() in sent, "the org sends no secrets"
    whole.save(tmp_path / "org.okta")
    saved = b"".join(
        gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        for path in (tmp_path / "org.okta").iterdir()
    )
    rows = [row for cls in ENTITIES for row in whole.rows(cls)]
    shown = repr(whole) + whole._repr_html_() + repr(rows)
    for text in (saved, pickle.dumps(whole), shown.encode()):
        assert not [secret for secret in (*org.world.secrets, SECRET_MARKER) if secret.encode() in text]
