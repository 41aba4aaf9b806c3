"""Responses that contradict each other leave a gap with both values, and add no edge."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import httpx
import orjson
import pytest
from properties.graphs import edges_of

import oktahound
from oktahound import ApiToken, Gap, GapReason, OktaClient, Snapshot, build_graph
from oktahound.entities import Group, GroupMembership, RoleAssignment
from oktahound.sim import SimulatedOrg

MEMBERS = "GET /api/v1/groups/{id}/users"


@attrs.define
class ChangedResponse:
    """A change of the documents of some responses.

    Attributes:
        matches: whether the change applies to a request.
        change: function from the parsed response to another one.
    """

    matches: Callable[[httpx.Request], bool]
    change: Callable[[Any], Any]


class ChangingTransport(httpx.AsyncBaseTransport):
    """A transport to an org that changes some responses."""

    def __init__(self, org: SimulatedOrg, *changes: ChangedResponse) -> None:
        self._inner = org.transport
        self._changes = changes

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        await response.aread()
        for changed_response in self._changes:
            if changed_response.matches(request) and response.status_code == 200:
                content = orjson.dumps(changed_response.change(orjson.loads(response.content)))
                headers = [
                    (name, text) for name, text in response.headers.raw if name.lower() != b"content-length"
                ]
                response = httpx.Response(200, headers=headers, content=content)
        return response


@pytest.fixture(scope="module")
def org() -> SimulatedOrg:
    """An org with an admin over users and groups, an admin group with members, and ordinary people."""
    org = SimulatedOrg.empty()
    users = [org.add_user(f"user{number}@contoso.com") for number in range(6)]
    org.assign_role(users[0], "ORG_ADMIN")
    desk = org.add_group("Desk", members=users[1:4])
    org.assign_role(desk, "HELP_DESK_ADMIN")
    org.add_group("Staff", members=users)
    org.add_group("Nobody")
    return org


def collected(org: SimulatedOrg, *changes: ChangedResponse, **options: Any) -> Snapshot:
    with OktaClient(org.url, ApiToken(org.api_token), transport=ChangingTransport(org, *changes)) as client:
        return oktahound.collect(client, **options)


def active(snapshot: Snapshot) -> set[Any]:
    return {edge for edge, said in edges_of(build_graph(snapshot)).items() if said.get("active", True)}


@pytest.fixture(scope="module")
def edges_without_changes(org: SimulatedOrg) -> set[Any]:
    """Return the active edges of the organization if no response is changed."""
    return active(collected(org))


def of_path(path: str) -> Callable[[httpx.Request], bool]:
    return lambda request: request.url.path == path


def statistics(group: str, **said: Any) -> ChangedResponse:
    """Return a change of the statistics of one group."""

    def change(rows: list[Any]) -> list[Any]:
        for row in rows:
            if row["profile"]["name"] == group:
                row["_embedded"]["stats"].update(said)
        return rows

    return ChangedResponse(of_path("/api/v1/groups"), change)


def group_of(snapshot: Snapshot, name: str) -> Group:
    return next(group for group in snapshot.groups if group.name == name)


def contradictions(snapshot: Snapshot) -> list[Gap]:
    # Entities that are found through others, such as factors, are incomplete too.
    assert {gap.reason for gap in snapshot.gaps} <= {GapReason.CONTRADICTION, GapReason.PARENT}
    return [gap for gap in snapshot.gaps if gap.reason is GapReason.CONTRADICTION]


def test_an_org_that_does_not_contradict_itself_has_no_gap(org: SimulatedOrg) -> None:
    for options in ({}, {"statistics": False}, {"bindings": True}):
        assert collected(org, **options).gaps == ()


@pytest.mark.parametrize("count", [0, 1, 2, 4, 100])
@pytest.mark.parametrize("privilege", [True, False])
@pytest.mark.parametrize("group", ["Desk", "Staff"])
def test_wrong_statistics_add_no_edge(
    org: SimulatedOrg, edges_without_changes: set[Any], group: str, count: int, privilege: bool
) -> None:
    snapshot = collected(org, statistics(group, usersCount=count, hasAdminPrivilege=privilege))
    assert active(snapshot) <= edges_without_changes
    honest = privilege == (group == "Desk") and (count == 0 and group == "Staff")
    # The members of a group whose statistics show no members and no role are missing.
    if not honest and not (group == "Staff" and count == 0 and not privilege):
        assert contradictions(snapshot)


def test_more_members_than_in_the_statistics_are_all_kept(org: SimulatedOrg) -> None:
    snapshot = collected(org, statistics("Desk", usersCount=2))
    (gap,) = contradictions(snapshot)
    desk = group_of(snapshot, "Desk")
    assert (gap.entity, gap.record, gap.where) == ("Group", desk.id, "_embedded.stats.usersCount")
    assert gap.detail == "_embedded.stats.usersCount is 2, but the listing of members has 3 rows"
    assert not gap.loses_rows
    assert snapshot.is_whole(GroupMembership)
    assert active(snapshot) == active(collected(org))


def test_fewer_members_than_in_the_statistics_are_a_gap(org: SimulatedOrg) -> None:
    desk = group_of(collected(org), "Desk")
    cut = ChangedResponse(of_path(f"/api/v1/groups/{desk.id}/users"), lambda rows: rows[:1])
    snapshot = collected(org, cut)
    (gap,) = contradictions(snapshot)
    assert (gap.entity, gap.request, gap.parent, gap.rows_read) == ("GroupMembership", MEMBERS, desk.id, 1)
    assert gap.detail == f"_embedded.stats.usersCount is 3 for {desk.id}, but the listing has 1 row"
    assert not snapshot.is_whole(GroupMembership)
    graph = build_graph(snapshot)
    assert graph.graph["withheld"]["org_admin_over_users"] == ["GroupMembership"]
    assert "org_admin_over_groups" not in graph.graph["withheld"]
    assert active(snapshot) < active(collected(org))


def test_in_a_group_without_a_role_nothing_is_withheld(org: SimulatedOrg) -> None:
    staff = group_of(collected(org), "Staff")
    snapshot = collected(
        org, ChangedResponse(of_path(f"/api/v1/groups/{staff.id}/users"), lambda rows: rows[:1])
    )
    (gap,) = contradictions(snapshot)
    assert gap.parent == staff.id
    assert build_graph(snapshot).graph["withheld"] == {}


def test_a_role_counts_even_if_the_statistics_show_none(org: SimulatedOrg) -> None:
    snapshot = collected(org, statistics("Desk", hasAdminPrivilege=False))
    (gap,) = contradictions(snapshot)
    assert (gap.entity, gap.where) == ("Group", "_embedded.stats.hasAdminPrivilege")
    assert (
        gap.detail
        == "_embedded.stats.hasAdminPrivilege is false, but the listing of roles has HELP_DESK_ADMIN"
    )
    assert active(snapshot) == active(collected(org))


def test_members_that_were_not_requested_because_of_two_wrong_statistics_are_a_gap(org: SimulatedOrg) -> None:
    changed_response = statistics("Desk", hasAdminPrivilege=False, usersCount=0)
    snapshot = collected(org, changed_response)
    assert {gap.entity for gap in contradictions(snapshot)} == {"Group", "GroupMembership"}
    assert "org_admin_over_users" in build_graph(snapshot).graph["withheld"]
    # Without the statistics the members are read, and only the statistics are uncertain.
    snapshot = collected(org, changed_response, statistics=False)
    assert {gap.entity for gap in contradictions(snapshot)} == {"Group"}
    assert active(snapshot) == active(collected(org))


def test_an_admin_with_an_empty_listing_of_roles_stays_protected(org: SimulatedOrg) -> None:
    (admin,) = collected(org).admin_assignees
    snapshot = collected(org, ChangedResponse(of_path(f"/api/v1/users/{admin.id}/roles"), lambda rows: []))
    (gap,) = contradictions(snapshot)
    assert (gap.entity, gap.parent, gap.rows_read) == ("RoleAssignment", admin.id, 0)
    assert gap.where == "GET /api/v1/iam/assignees/users"
    graph = build_graph(snapshot)
    assert graph.graph["withheld"] == {}
    assert "org_admin_over_users" in graph.graph["unsure"]
    assert active(snapshot) < active(collected(org))
    assert not [end for _, kind, end in active(snapshot) if kind == "Okta_HelpDeskAdmin" and end == admin.id]


def test_an_admin_group_with_an_empty_listing_of_roles_stays_protected(org: SimulatedOrg) -> None:
    desk = group_of(collected(org), "Desk")
    snapshot = collected(org, ChangedResponse(of_path(f"/api/v1/groups/{desk.id}/roles"), lambda rows: []))
    (gap,) = contradictions(snapshot)
    assert (gap.entity, gap.parent, gap.where) == (
        "RoleAssignment",
        desk.id,
        "_embedded.stats.hasAdminPrivilege",
    )
    assert build_graph(snapshot).graph["withheld"] == {}
    assert active(snapshot) < active(collected(org))


def test_a_role_through_an_unknown_group_withholds_rules_about_groups(org: SimulatedOrg) -> None:
    (admin,) = collected(org).admin_assignees
    inherited = {"id": "gra1", "type": "SUPER_ADMIN", "status": "ACTIVE", "assignmentType": "GROUP"}
    snapshot = collected(
        org, ChangedResponse(of_path(f"/api/v1/users/{admin.id}/roles"), lambda rows: [*rows, inherited])
    )
    assert {gap.entity for gap in contradictions(snapshot)} == {"GroupMembership", "RoleAssignment"}
    withheld = build_graph(snapshot).graph["withheld"]
    assert {"org_admin_over_users", "org_admin_over_groups"} <= withheld.keys()
    assert active(snapshot) <= active(collected(org))


def test_a_role_through_a_known_group_is_no_contradiction(org: SimulatedOrg) -> None:
    snapshot = collected(org)
    member = next(
        row.id for row in snapshot.group_memberships if row.group_id == group_of(snapshot, "Desk").id
    )
    inherited = {"id": "gra1", "type": "HELP_DESK_ADMIN", "status": "ACTIVE", "assignmentType": "GROUP"}
    listed = ChangedResponse(
        of_path("/api/v1/iam/assignees/users"),
        lambda document: {**document, "value": [*document["value"], {"id": member}]},
    )
    roles = ChangedResponse(of_path(f"/api/v1/users/{member}/roles"), lambda rows: [*rows, inherited])
    assert collected(org, listed, roles).gaps == ()


def test_a_binding_without_an_assignment_withholds_rules_about_roles() -> None:
    org = SimulatedOrg.empty()
    admin, bound = org.add_user("admin@contoso.com"), org.add_user("bound@contoso.com")
    org.assign_role(admin, "ORG_ADMIN")
    role = org.add_custom_role("Operator", permissions=["okta.users.manage"])
    org.bind_role(org.add_resource_set("All", resources=["/api/v1/users"]), role, members=[bound])
    hidden = ChangedResponse(
        of_path("/api/v1/iam/assignees/users"),
        lambda document: {**document, "value": [row for row in document["value"] if row["id"] != bound]},
    )
    snapshot = collected(org, hidden, bindings=True)
    (gap,) = contradictions(snapshot)
    assert (gap.entity, gap.parent) == ("RoleAssignment", bound)
    assert "org_admin_over_users" in build_graph(snapshot).graph["withheld"]
    assert active(snapshot) <= active(collected(org, bindings=True))


class TestOktaAdministrators:
    """The built-in group whose members Okta is reported not to list."""

    @pytest.fixture
    def administrators(self, org: SimulatedOrg) -> SimulatedOrg:
        other = SimulatedOrg.empty()
        other.assign_role(other.add_user("admin@contoso.com"), "SUPER_ADMIN")
        other.add_user("ann@contoso.com")
        other.add_group("Okta Administrators", type="BUILT_IN")
        return other

    def test_its_members_are_requested(self, administrators: SimulatedOrg) -> None:
        snapshot = collected(administrators)
        assert snapshot.gaps == ()
        assert len(snapshot.group_memberships) == 1
        assert snapshot.is_whole(GroupMembership)

    @pytest.mark.parametrize(
        ("status", "code"),
        [(400, "E0000001"), (403, "E0000006"), (404, "E0000007"), (405, "E0000022"), (501, "E0000060")],
    )
    def test_a_refusal_is_a_gap_with_the_reason_not_listed(
        self, administrators: SimulatedOrg, status: int, code: str
    ) -> None:
        body = {"errorCode": code, "errorSummary": "No.", "errorId": "oae1", "errorCauses": []}
        administrators.fail(
            MEMBERS.replace("{id}", "*"), status=status, content=orjson.dumps(body), times=None
        )
        snapshot = collected(administrators)
        (gap,) = snapshot.gaps
        assert (gap.entity, gap.reason, gap.status) == ("GroupMembership", GapReason.NOT_LISTED, status)
        assert not snapshot.is_whole(GroupMembership)
        graph = build_graph(snapshot)
        assert graph.graph["withheld"] == {}
        assert "member_of" in graph.graph["unsure"]

    def test_a_missing_scope_keeps_its_own_reason(self, administrators: SimulatedOrg) -> None:
        challenge = 'Bearer error="insufficient_scope", scope="okta.groups.read"'
        administrators.fail(
            MEMBERS.replace("{id}", "*"),
            status=403,
            content=b"",
            headers={"WWW-Authenticate": challenge},
            times=None,
        )
        (gap,) = collected(administrators).gaps_of(GroupMembership)
        assert (gap.reason, gap.missing_scopes) == (GapReason.FORBIDDEN, ("okta.groups.read",))

    def test_a_page_of_a_proxy_does_not_count_as_a_refusal(self, administrators: SimulatedOrg) -> None:
        administrators.fail(MEMBERS.replace("{id}", "*"), status=404, content=b"<html>", times=None)
        (gap,) = collected(administrators).gaps_of(GroupMembership)
        assert gap.reason is GapReason.NOT_FOUND


def test_a_contradiction_is_kept_in_a_saved_snapshot(org: SimulatedOrg, tmp_path: Any) -> None:
    snapshot = collected(org, statistics("Desk", usersCount=2))
    snapshot.save(tmp_path / "org")
    loaded = Snapshot.load(tmp_path / "org")
    assert loaded == snapshot
    assert loaded.options["statistics"] is True


def test_a_resumed_collection_reads_a_truncated_listing_again(org: SimulatedOrg, tmp_path: Any) -> None:
    desk = group_of(collected(org), "Desk")
    cut = ChangedResponse(of_path(f"/api/v1/groups/{desk.id}/users"), lambda rows: rows[:1])

    def stop(progress: Any) -> None:
        if progress.entity == "GroupMembership" and progress.finished:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        collected(org, cut, into=tmp_path / "org", progress=stop)
    snapshot = collected(org, into=tmp_path / "org")
    assert snapshot.gaps == ()
    assert active(snapshot) == active(collected(org))


def test_only_active_roles_contradict_the_statistics(org: SimulatedOrg) -> None:
    # A group whose only role is inactive has no rights, and Okta may report no privilege.
    other = SimulatedOrg.empty()
    group = other.add_group("Old")
    other.assign_role(group, "HELP_DESK_ADMIN", status="INACTIVE")
    snapshot = collected(other, statistics("Old", hasAdminPrivilege=False))
    assert snapshot.gaps == ()
    assert len(snapshot.rows(RoleAssignment)) == 1
