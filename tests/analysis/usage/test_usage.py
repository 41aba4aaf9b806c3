"""Usage of machine clients: states of scopes equal an oracle, and claims no more than the log shows."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta

import attrs
import pytest

import oktahound
from oktahound import analysis
from oktahound.analysis import UsageState, right_size, usage
from oktahound.analysis.usage import LIMITS, WRITE_EVENTS, resources_written
from oktahound.errors import ConfigurationError
from oktahound.scopes import catalogue
from oktahound.sim import OAuthSettings, Origin, SimulatedOrg, VirtualClock

EPOCH = 1_780_000_000.0
QUARTER = timedelta(days=90)
MANAGE, GROUPS, LOGS = "okta.users.manage", "okta.groups.manage", "okta.logs.read"
FULL = (MANAGE, GROUPS, LOGS)


def new_org(**options):
    return SimulatedOrg.empty(seed="usage", clock=VirtualClock(EPOCH), **options)


def moment(days_ago):
    return datetime.fromtimestamp(EPOCH, UTC) - timedelta(days=days_ago)


def integrate(org, name="Vendor", scopes=FULL, made=400.0, **options):
    created = moment(made).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return org.add_api_service_integration(
        name, type=name.lower(), scopes=scopes, created_at=created, **options
    ).id


def collected(org, *, usage=QUARTER, **options):
    token = oktahound.ApiToken(org.api_token)
    with oktahound.OktaClient(
        org.url, token, transport=org.transport, clock=org.clock, retry_budget=0
    ) as client:
        return oktahound.collect(client, usage=usage, **options)


@pytest.fixture
def org():
    made = new_org()
    # The oldest event shows how far back the log goes, because events are frequent.
    made.add_client_behaviour(integrate(made, "Heartbeat", [LOGS]), scopes=[LOGS], every=timedelta(hours=5))
    return made


def states(snapshot, client, **options):
    return {str(each.scope): each.state for each in usage(snapshot, **options).of(client).scopes}


def test_the_four_states(org):
    vendor = integrate(org)
    org.add_client_behaviour(
        vendor, scopes=[MANAGE, LOGS], writes=["user.lifecycle.suspend"], every=timedelta(days=1)
    )
    snapshot = collected(org)
    found = usage(snapshot).of(vendor)
    assert states(snapshot, vendor) == {
        MANAGE: UsageState.ASKED_FOR_AND_WROTE,
        GROUPS: UsageState.NOT_ASKED_FOR,
        LOGS: UsageState.ASKED_FOR,
    }
    assert str(found.scope(GROUPS)) == "okta.groups.manage: not requested in 90 days"
    assert str(found.scope(LOGS)).startswith("okta.logs.read: requested (90 times in 90 days, last 2026-05-2")
    assert str(found.scope(MANAGE)).endswith("user.lifecycle.suspend 90 times")
    young = integrate(org, "Young", made=30)
    snapshot = collected(org)
    assert set(states(snapshot, young).values()) == {UsageState.NOT_ENOUGH_LOG}
    assert "created inside the window" in str(usage(snapshot).of(young))
    # The log covers a window that is shorter than the age of the client.
    assert set(states(snapshot, young, days=29).values()) == {UsageState.NOT_ASKED_FOR}
    with pytest.raises(KeyError):
        found.scope("okta.apps.read")


def test_an_integration_has_its_own_usage(org):
    vendor = integrate(org)
    snapshot = collected(org)
    (row,) = [each for each in snapshot.api_service_integrations if each.id == vendor]
    assert row.usage(snapshot) == usage(snapshot).of(vendor)


def test_a_write_scope_without_a_logged_write_is_marked(org):
    vendor = integrate(org)
    org.add_client_behaviour(vendor, scopes=[MANAGE], every=timedelta(days=1))
    found = usage(collected(org)).of(vendor).scope(MANAGE)
    assert (found.state, found.no_logged_write) == (UsageState.ASKED_FOR, True)
    assert str(found).endswith("no logged write")


def test_no_result_states_that_a_read_scope_was_used(org):
    vendor = integrate(org, scopes=["okta.users.read", LOGS])
    org.add_client_behaviour(
        vendor, scopes=["okta.users.read"], writes=["user.lifecycle.create"], every=timedelta(days=1)
    )
    report = usage(collected(org))
    assert report.of(vendor).scope("okta.users.read").state is UsageState.ASKED_FOR
    assert report.of(vendor).scope("okta.users.read").writes == ()
    for text in (repr(report), report._repr_html_()):
        assert LIMITS in text.replace("&#x27;", "'")


@pytest.mark.parametrize(
    ("change", "because"),
    [
        (lambda org: setattr(org.world.log, "retention_days", 30), "the oldest event in the log is of"),
        (lambda org: org.world.log.behaviours.clear(), "the log contains no event"),
        (lambda org: org.deny("GET /api/v1/logs"), "was not read"),
    ],
)
def test_a_log_that_does_not_cover_the_window_never_says_not_requested(org, change, because):
    vendor = integrate(org)
    change(org)
    snapshot = collected(org)
    found = usage(snapshot).of(vendor)
    assert set(states(snapshot, vendor).values()) == {UsageState.NOT_ENOUGH_LOG}
    assert because in "; ".join(found.because)
    assert not found.dormant
    assert right_size(snapshot).of(vendor).revoke == ()


@pytest.mark.parametrize("skip", range(0, 12, 3))
def test_a_lost_page_never_turns_requested_into_not_requested(skip):
    org = new_org(page_size=100)
    org.add_client_behaviour(integrate(org, "Heartbeat", [LOGS]), scopes=[LOGS], every=timedelta(hours=5))
    vendor = integrate(org)
    org.add_client_behaviour(vendor, scopes=[LOGS], every=timedelta(hours=2))
    org.add_client_behaviour(
        vendor, scopes=[MANAGE], from_days_ago=60, to_days_ago=58, every=timedelta(hours=2)
    )
    whole = states(collected(org), vendor)
    assert whole == {
        MANAGE: UsageState.ASKED_FOR,
        GROUPS: UsageState.NOT_ASKED_FOR,
        LOGS: UsageState.ASKED_FOR,
    }
    org.fail(
        lambda request: vendor in request.url.params.get("filter", ""), status=500, skip=skip, times=None
    )
    lossy = states(collected(org), vendor)
    for scope, state in lossy.items():
        assert state in (whole[scope], UsageState.NOT_ENOUGH_LOG)
        assert state is not UsageState.NOT_ASKED_FOR


def test_a_scope_that_was_granted_inside_the_window_has_not_enough_log(org):
    service = org.add_app(
        "Service", sign_on_mode="OPENID_CONNECT", oauth=OAuthSettings(application_type="service")
    )
    org.grant_scope(service, LOGS, created_by="00uAdmin")
    snapshot = collected(org)
    (grant,) = snapshot.consent_grants
    for created, state in ((moment(400), UsageState.NOT_ASKED_FOR), (moment(3), UsageState.NOT_ENOUGH_LOG)):
        (app,) = [attrs.evolve(app, created=moment(400)) for app in snapshot.applications]
        changed = attrs.evolve(
            snapshot, applications=(app,), consent_grants=(attrs.evolve(grant, created=created),)
        )
        assert states(changed, service) == {LOGS: state}


def test_consent_inside_the_window_leaves_an_integration_undecided(org):
    vendor = integrate(org)
    org.add_log_event("app.oauth2.admin.consent.grant", actor="00uAdmin", target=[vendor], days_ago=10)
    snapshot = collected(org)
    assert set(states(snapshot, vendor).values()) == {UsageState.NOT_ENOUGH_LOG}
    assert set(states(snapshot, vendor, days=9).values()) == {UsageState.NOT_ASKED_FOR}


def test_a_client_with_an_unknown_creation_date_has_not_enough_log(org):
    vendor = integrate(org)
    snapshot = collected(org)
    rows = [attrs.evolve(row, created_at=None) for row in snapshot.api_service_integrations]
    changed = attrs.evolve(snapshot, api_service_integrations=rows)
    assert set(states(changed, vendor).values()) == {UsageState.NOT_ENOUGH_LOG}


def test_without_the_log_there_is_no_answer(org):
    snapshot = collected(org, usage=None)
    for ask in (usage, right_size):
        with pytest.raises(ConfigurationError, match="usage=timedelta"):
            ask(snapshot)
    with pytest.raises(ConfigurationError, match="from 1 to 90"):
        usage(collected(org), days=91)


@pytest.mark.parametrize("seed", ["one", "two"])
def test_every_state_equals_that_of_an_oracle_over_all_events(seed):
    clock = VirtualClock(EPOCH)
    org = SimulatedOrg(seed=seed, users=15, clock=clock)
    snapshot = collected(org)
    (window,) = snapshot.log_windows
    events = []
    with oktahound.OktaClient(
        org.url, oktahound.ApiToken(org.api_token), transport=org.transport, clock=clock
    ) as client:
        query = {"since": window.since.isoformat(), "until": window.until.isoformat(), "limit": 1000}
        for page in client.pages("/api/v1/logs", query):
            events += page.rows
    tokens, writes, last = defaultdict(lambda: defaultdict(int)), defaultdict(lambda: defaultdict(int)), {}
    for event in events:
        ids = {
            event["actor"]["id"],
            event["client"]["id"],
            event["transaction"]["detail"].get("requestApiTokenId"),
        }
        for id_ in ids - {None}:
            last[id_] = max(last.get(id_, ""), event["published"])
            if event["eventType"] == "app.oauth2.token.grant.access_token":
                for scope in event["debugContext"]["debugData"]["grantedScopes"].split(", "):
                    tokens[id_][scope] += 1
            elif not event["eventType"].startswith("app.oauth2."):
                writes[id_][event["eventType"]] += 1
    report = usage(snapshot)
    assert len(report) > 5
    for client in report:
        assert {each.name: each.count for each in client.writes} == dict(writes[client.client])
        assert (client.last_event_at is None) == (client.client not in last)
        for scope in client.scopes:
            assert scope.count == tokens[client.client][scope.scope]
            asked = scope.state in (UsageState.ASKED_FOR, UsageState.ASKED_FOR_AND_WROTE)
            assert asked == (scope.count > 0)
            wrote = [
                kind
                for kind in writes[client.client]
                if scope.scope.writes and scope.scope.resource in resources_written(kind)
            ]
            assert [each.name for each in scope.writes] == (sorted(wrote) if asked else [])
    unused = {each.name: set(each.of_state(UsageState.NOT_ASKED_FOR)) for each in report}
    assert unused["Northwind Lifecycle"] == {"okta.groups.manage"}
    assert unused["Fabrikam Asset Inventory"] == {"okta.apps.read"}
    assert unused["Tailspin Log Archive"] == {LOGS, "okta.users.read"}


def test_right_size_lists_the_losses(org):
    vendor = integrate(org, scopes=["okta.roles.manage", "okta.logs.read"])
    org.add_client_behaviour(vendor, scopes=["okta.logs.read"], every=timedelta(days=1))
    org.add_user("ann@example.com")
    snapshot = collected(org)
    before = oktahound.build_graph(snapshot, scopes=True)
    answer = right_size(snapshot).of(vendor)
    assert (answer.keep, answer.revoke) == (("okta.logs.read",), ("okta.roles.manage",))
    assert answer.lost_path is not None
    assert snapshot.organization.id in answer.lost_nodes
    assert "path to control of the organization by" in str(answer)
    assert {power.scopes for power in answer.lost_powers}
    rows = [
        attrs.evolve(row, oauth_scopes=answer.keep) if row.id == vendor else row
        for row in snapshot.api_service_integrations
    ]
    after = oktahound.build_graph(attrs.evolve(snapshot, api_service_integrations=rows), scopes=True)
    lost = analysis.blast_radius(before, vendor).nodes - analysis.blast_radius(after, vendor).nodes
    # A scope without another holder has no node in the second graph.
    assert {node for node in answer.lost_nodes if "@" not in node} == {
        node for node in lost if "@" not in node
    }


def test_right_size_proposes_the_narrower_scope_that_was_requested(org):
    vendor = integrate(org, scopes=["okta.users.manage", LOGS])
    org.add_client_behaviour(vendor, scopes=["okta.users.read", LOGS], every=timedelta(days=1))
    answer = right_size(collected(org)).of(vendor)
    assert (answer.keep, answer.revoke) == ((LOGS, "okta.users.read"), ("okta.users.manage",))
    assert answer.lost_nodes == frozenset() or answer.lost_powers


def test_a_client_that_requests_every_scope_gets_no_recommendation(org):
    vendor = integrate(org)
    org.add_client_behaviour(vendor, scopes=FULL, every=timedelta(hours=1))
    snapshot = collected(org)
    assert usage(snapshot).of(vendor).asks_for_everything
    answer = right_size(snapshot).of(vendor)
    assert (answer.keep, answer.revoke) == (tuple(sorted(FULL)), ())
    assert "the log cannot show" in answer.verdict


def test_results_convert_to_data_frames_and_text(org):
    vendor = integrate(org, "<b>Vendor</b>")
    snapshot = collected(org)
    report, sizes = usage(snapshot), right_size(snapshot)
    assert len(report.to_dataframe()) == sum(max(1, len(each.scopes)) for each in report)
    assert list(sizes.to_dataframe()["client"]) == [each.client for each in sizes]
    assert "<b>Vendor" not in report._repr_html_() + sizes._repr_html_()
    assert vendor in repr(report)
    assert repr(sizes).startswith("<grants that 90 days of log support")


def test_the_resources_in_the_table_of_writes_are_those_of_scopes():
    resources = {scope.name.resource for scope in catalogue().values()}
    assert {each for found in WRITE_EVENTS.values() for each in found} <= resources
    assert resources_written("user.account.privilege.grant") == ("roles",)
    assert resources_written("user.account.reset_password") == ("users",)
    assert resources_written("some.thing.new") == ()


# In the graph


def test_the_graph_has_usage_properties_and_no_further_paths(org):
    vendor = integrate(org)
    idle = integrate(org, "Idle")
    org.add_client_behaviour(vendor, scopes=[LOGS], every=timedelta(days=1))
    snapshot, without = collected(org), collected(org, usage=None)
    graph, plain = (oktahound.build_graph(each, scopes=True) for each in (snapshot, without))
    about = graph.nodes[vendor]
    assert (about["tokenGrants"], about["lastTokenAt"][:10]) == (90, "2026-05-27")
    assert about["usageSince"] < about["lastTokenAt"] < about["usageUntil"]
    assert graph.nodes[idle]["tokenGrants"] == 0
    assert "lastTokenAt" not in graph.nodes[idle]
    node = f"{LOGS}@{snapshot.domain}"
    assert graph.edges[vendor, node, "OktaHound_HasScope"] == {"lastAskedFor": about["lastTokenAt"]}
    assert graph.edges[vendor, f"{GROUPS}@{snapshot.domain}", "OktaHound_HasScope"] == {}
    assert "tokenGrants" not in plain.nodes[vendor]
    assert set(graph.edges(keys=True)) == set(plain.edges(keys=True))
    assert set(oktahound.attack_view(graph).edges) == set(oktahound.attack_view(plain).edges)


def test_a_log_that_was_not_read_completely_gives_no_properties(org):
    vendor = integrate(org)
    org.add_client_behaviour(vendor, scopes=[LOGS], every=timedelta(days=1))
    org.fail(lambda request: vendor in request.url.params.get("filter", ""), status=500, times=None)
    graph = oktahound.build_graph(collected(org))
    assert not {"tokenGrants", "lastTokenAt", "usageSince"} & set(graph.nodes[vendor])


# In the difference of two snapshots


def test_newly_requested_scopes_and_new_networks_are_differences(org):
    vendor = integrate(org)
    org.add_client_behaviour(vendor, scopes=[LOGS], every=timedelta(days=1))
    old = collected(org, usage=timedelta(days=20))
    org.clock.advance(30 * 86_400)
    elsewhere = Origin(address="203.0.113.9", as_number=64511, as_name="elsewhere")
    org.add_client_behaviour(
        vendor, scopes=[MANAGE], every=timedelta(days=1), from_days_ago=5, origin=elsewhere
    )
    new = collected(org, usage=timedelta(days=20))
    came = {(each.topic, each.what) for each in analysis.diff(old, new).came}
    assert came == {("request", MANAGE), ("network", "AS64511 elsewhere")}
    unread = collected(org, usage=None)
    assert not analysis.diff(unread, new)
    org.fail(lambda request: vendor in request.url.params.get("filter", ""), status=500, times=None)
    broken = collected(org, usage=timedelta(days=20))
    assert {each.topic for each in analysis.diff(new, broken).unknown} == {"request", "network"}
    assert analysis.diff(new, broken).went == ()
