"""The declarations of entities for collecting: the fewest requests that read everything."""

from __future__ import annotations

import pytest
from each_case import for_each

from oktahound.entities import (
    BUILT_IN_ROLES,
    ENTITIES,
    POLICY_TYPES,
    AdminAssignee,
    Application,
    AppUser,
    ClientSecret,
    ConsentGrant,
    CustomRole,
    Embedded,
    Endpoint,
    Factor,
    Group,
    GroupMembership,
    GroupPushMapping,
    Policy,
    PolicyRule,
    PushTargetGroup,
    ResourceSetBinding,
    ResourceSetMember,
    RoleAppTarget,
    RoleAssignment,
    RoleGroupTarget,
    RolePermission,
    User,
    fields_of,
)
from oktahound.entities.sources import TRUST_BOUNDARIES

ENDPOINTS = [(cls, source) for cls in ENTITIES for source in cls.SOURCES if isinstance(source, Endpoint)]


class Read:
    """The rows that were read so far."""

    def __init__(self, *rows):
        self._rows = rows

    def rows(self, cls):
        return [row for row in self._rows if type(row) is cls]


def asked(cls, parent, known=None):
    """Return the paths that are requested for a parent."""
    known = known or Read()
    return [
        source.path
        for source in cls.SOURCES
        if isinstance(source, Endpoint)
        and source.under is type(parent)
        and (source.when is None or source.when(parent, known))
        and (source.among is None or parent.key in source.among(known))
    ]


@for_each(ENDPOINTS, name=lambda pair: pair[0].__name__)
def test_a_listing_fills_its_path_and_names_its_scope(pair):
    cls, source = pair
    assert source.scope.startswith("okta.")
    assert source.scope.endswith(".read")
    assert source.scopes == (source.scope, *source.also)
    # Listings of the System Log and of delegation links name the object in their filter.
    by_filter = source.log is not None or source.query is not None
    place = source.params.get("filter", "") if by_filter else source.path
    assert ("{" in place) == (source.under is not None)
    assert all(entity in ENTITIES for entity in source.after)
    if source.under is not None:
        assert ENTITIES.index(source.under) < ENTITIES.index(cls)


def test_every_entity_has_a_source_and_an_owner_that_is_its_parent():
    for cls in ENTITIES:
        assert cls.SOURCES
        parents = {field.name for field in fields_of(cls) if field.parent}
        assert set(cls.OWNER) <= parents
        listed_below = any(isinstance(s, Embedded) or s.under for s in cls.SOURCES)
        assert bool(cls.OWNER) == (listed_below and cls is not PushTargetGroup)


def test_the_names_of_the_tuples_are_distinguished():
    assert len({cls.PLURAL for cls in ENTITIES}) == len(ENTITIES)


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("/api/v1/users", {"limit": 200}),
        ("/api/v1/groups", {"limit": 200, "expand": "stats"}),
        ("/api/v1/groups/{id}/users", {"limit": 1000}),
        ("/api/v1/apps", {"limit": 200}),
        ("/api/v1/apps/{id}/users", {"limit": 500}),
        ("/api/v1/apps/{id}/groups", {"limit": 200}),
        ("/api/v1/apps/{id}/group-push/mappings", {"limit": 1000}),
        ("/api/v1/devices", {"limit": 200, "expand": "userSummary"}),
        ("/api/v1/idps", {"limit": 200}),
        ("/api/v1/idps/{id}/users", {"limit": 200}),
        ("/api/v1/realms", {"limit": 200}),
        ("/api/v1/authorizationServers", {"limit": 200}),
        ("/api/v1/users/{id}/roles", {"expand": "targets/groups"}),
        ("/api/v1/groups/{id}/roles", {"expand": "targets/groups"}),
    ],
)
def test_page_sizes_are_the_maximum_of_okta(path, params):
    assert params in [dict(source.params) for _, source in ENDPOINTS if source.path == path]


@pytest.mark.parametrize(
    ("count", "privilege", "asked_for"),
    [
        (0, False, False),
        (0, True, True),
        (0, None, True),
        (1, False, True),
        (None, False, True),
        (None, None, True),
    ],
)
def test_members_are_requested_unless_there_are_none_and_no_role(count, privilege, asked_for):
    group = Group(id="00g1", users_count=count, has_admin_privilege=privilege)
    by_statistics, always = GroupMembership.SOURCES
    assert by_statistics.when(group, Read()) is asked_for
    assert always.when is None
    assert by_statistics.path == always.path == "/api/v1/groups/{id}/users"
    assert [source.option.value for source in GroupMembership.SOURCES] == [True, False]


def test_members_of_okta_administrators_are_requested_independent_of_the_statistics():
    group = Group(
        id="00g1",
        type="BUILT_IN",
        name="Okta Administrators",
        users_count=0,
        has_admin_privilege=False,
    )
    assert GroupMembership.SOURCES[0].when(group, Read())


@pytest.mark.parametrize("privilege", [False, True, None])
def test_roles_of_groups_are_requested_independent_of_the_statistics(privilege):
    assert len(asked(RoleAssignment, Group(id="00g1", has_admin_privilege=privilege))) == 1


def test_roles_of_users_are_requested_for_role_holders():
    assert asked(RoleAssignment, AdminAssignee(id="00u1")) == ["/api/v1/users/{id}/roles"]
    assert not any(source.under is User for source in RoleAssignment.SOURCES)


SERVICE = Application(id="0oa1", client_type="service", token_endpoint_auth_method="private_key_jwt")
WEB = Application(id="0oa2", sign_on_mode="OPENID_CONNECT", token_endpoint_auth_method="client_secret_post")
BROWSER = Application(id="0oa3", client_type="browser", token_endpoint_auth_method="none")
UNSAID = Application(id="0oa4", client_id="0oa4")
SAML = Application(id="0oa5", sign_on_mode="SAML_2_0", features=())
DIRECTORY = Application(id="0oa6", app_type="active_directory", features=("IMPORT_NEW_USERS",))


@pytest.mark.parametrize(
    ("cls", "apps"),
    [
        (ClientSecret, {SERVICE, WEB, UNSAID}),
        (ConsentGrant, {SERVICE, WEB, BROWSER, UNSAID}),
        (AppUser, {SERVICE, WEB, BROWSER, UNSAID, SAML, DIRECTORY}),
        (RoleAssignment, {SERVICE}),
    ],
)
def test_listings_below_applications_are_requested_only_if_they_can_have_rows(cls, apps):
    everything = {SERVICE, WEB, BROWSER, UNSAID, SAML, DIRECTORY}
    assert {app for app in everything if asked(cls, app)} == apps


@pytest.mark.parametrize(
    ("facts", "pushes"),
    [
        ({"features": ()}, False),
        ({"features": ("GROUP_PUSH",)}, True),
        ({"features": ("SCIM_PROVISIONING",)}, True),
        ({"features": (), "app_type": "okta_org2org"}, True),
        ({"features": (), "app_type": "active_directory"}, True),
        ({"features": None}, True),
    ],
)
def test_push_mappings_are_requested_if_groups_may_be_pushed(facts, pushes):
    assert bool(asked(GroupPushMapping, Application(id="0oa1", **facts))) == pushes


def test_push_mappings_need_two_scopes_in_the_plan():
    assert GroupPushMapping.SOURCES[0].scopes == ("okta.apps.read", "okta.groups.read")


def test_roles_of_a_client_are_requested_by_the_id_of_the_client():
    (source,) = [source for source in RoleAssignment.SOURCES if source.under is Application]
    assert source.ids(Application(id="0oa1", client_id="chosen")) == {"id": "chosen"}
    assert source.ids(Application(id="0oa1")) == {"id": "0oa1"}


def test_each_target_group_that_was_not_listed_is_requested_once():
    mappings = [
        GroupPushMapping(id="gPm1", app_id="0oa1", target_group_id="00gX"),
        GroupPushMapping(id="gPm2", app_id="0oa1", target_group_id="00gX"),
        GroupPushMapping(id="gPm3", app_id="0oa1", target_group_id="00g1"),
        GroupPushMapping(id="gPm4", app_id="0oa1"),
    ]
    for order in (mappings, mappings[::-1]):
        known = Read(Group(id="00g1"), *order)
        assert [mapping.id for mapping in mappings if asked(PushTargetGroup, mapping, known)] == ["gPm1"]
    assert PushTargetGroup.SOURCES[0].ids(mappings[0]) == {"id": "00gX"}


def assignment(type_, **facts):
    return RoleAssignment(id="ra1", holder_id="00h", **{"holder_type": "USER", "type": type_, **facts})


@pytest.mark.parametrize("type_", ["USER_ADMIN", "HELP_DESK_ADMIN", "GROUP_MEMBERSHIP_ADMIN"])
@pytest.mark.parametrize(("sent", "number"), [(0, 0), (19, 0), (20, 1), (21, 1), (None, 1)])
def test_target_groups_are_requested_if_the_embedded_ones_may_be_incomplete(type_, sent, number):
    assert len(asked(RoleGroupTarget, assignment(type_, embedded_groups=sent))) == number


@pytest.mark.parametrize("type_", ["SUPER_ADMIN", "APP_ADMIN", "CUSTOM", "NEVER_HEARD_OF", None])
def test_target_groups_are_not_requested_for_roles_without_targets(type_):
    assert asked(RoleGroupTarget, assignment(type_)) == []


def test_target_applications_are_requested_for_application_administrators():
    assert asked(RoleAppTarget, assignment("APP_ADMIN")) == [
        "/api/v1/users/{holder}/roles/{id}/targets/catalog/apps"
    ]
    assert asked(RoleAppTarget, assignment("HELP_DESK_ADMIN")) == []
    assert asked(RoleAppTarget, assignment("APP_ADMIN", status="INACTIVE")) == []
    assert asked(RoleAppTarget, assignment("APP_ADMIN", assignment_type="GROUP")) == []


@pytest.mark.parametrize(
    ("holder_type", "path"),
    [
        ("USER", "/api/v1/users/{holder}/roles/{id}/targets/groups"),
        ("GROUP", "/api/v1/groups/{holder}/roles/{id}/targets/groups"),
        ("CLIENT", "/oauth2/v1/clients/{holder}/roles/{id}/targets/groups"),
    ],
)
def test_targets_are_requested_below_their_holder(holder_type, path):
    row = assignment("USER_ADMIN", holder_type=holder_type, holder_path_id="chosen")
    assert asked(RoleGroupTarget, row) == [path]
    (source,) = [
        source for source in RoleGroupTarget.SOURCES if isinstance(source, Endpoint) and source.path == path
    ]
    assert source.ids(row) == {"holder": "chosen", "id": "ra1"}


def test_there_is_one_listing_for_each_type_of_policy():
    assert [source.params["type"] for source in Policy.SOURCES] == list(POLICY_TYPES)
    assert all({answer.status for answer in source.empty_answers} == {400} for source in Policy.SOURCES)


def test_rules_of_routing_policies_are_read_and_optionally_those_that_name_zones_or_hooks():
    types = [*POLICY_TYPES, None]
    always, on_request = (
        [type_ for type_ in types if source.when(Policy(id="1", type=type_), None)]
        for source in PolicyRule.SOURCES
    )
    assert always == ["IDP_DISCOVERY", None]
    assert on_request == [
        "ACCESS_POLICY",
        "DEVICE_SIGNAL_COLLECTION",
        "MFA_ENROLL",
        "OKTA_SIGN_ON",
        "PASSWORD",
        "PROFILE_ENROLLMENT",
        "SESSION_VIOLATION_DETECTION",
    ]
    assert [source.option for source in PolicyRule.SOURCES] == [None, TRUST_BOUNDARIES]


def test_permissions_of_built_in_roles_are_not_requested():
    assert asked(RolePermission, CustomRole(id="cr01"))
    assert not [type_ for type_ in BUILT_IN_ROLES if asked(RolePermission, CustomRole(id=type_))]


def test_factors_of_role_holders_are_read_and_optionally_those_of_all_users():
    holders, everybody = Factor.SOURCES
    assert (holders.option.name, holders.option.value, holders.option.default) == ("mfa", "roles", True)
    assert (everybody.option.name, everybody.option.value, everybody.option.default) == ("mfa", "all", False)
    assert everybody.among is None
    chosen = holders.among(
        Read(
            AdminAssignee(id="listed"),
            RoleAssignment(id="ra1", holder_id="holder"),
            RoleAssignment(id="ra1", holder_id="00g1"),
            RoleAssignment(id="ra1", holder_id="00g9", status="INACTIVE"),
            Group(id="00g2", has_admin_privilege=True),
            Group(id="00g3", has_admin_privilege=False),
            GroupMembership(id="by role", group_id="00g1"),
            GroupMembership(id="by privilege", group_id="00g2"),
            GroupMembership(id="ordinary", group_id="00g3"),
            GroupMembership(id="once an admin", group_id="00g9"),
        )
    )
    wanted = {"listed", "holder", "by role", "by privilege"}
    people = [*wanted, "ordinary", "once an admin", "nobody"]
    assert {person for person in people if User(id=person).key in chosen} == wanted


def test_deprovisioned_users_are_optional():
    plain, deprovisioned = User.SOURCES
    assert plain.option is None
    assert (deprovisioned.option.name, deprovisioned.option.value) == ("deprovisioned", True)
    assert deprovisioned.params["filter"] == 'status eq "DEPROVISIONED"'


def test_bindings_are_an_optional_cross_check():
    assert {
        source.option.name for cls in (ResourceSetBinding, ResourceSetMember) for source in cls.SOURCES
    } == {"bindings"}
    (members,) = ResourceSetMember.SOURCES
    assert members.ids(ResourceSetBinding(id="cr01", resource_set_id="iam1")) == {"set": "iam1", "id": "cr01"}
