"""Accounts, passwords and memberships that Okta synchronizes with other systems."""

from __future__ import annotations

import pytest
from attrs import evolve
from handwritten.hybrid import crossings, unmatched
from handwritten.orgs import content, snapshot_of

from oktahound import Gap, GapReason, build_graph
from oktahound.entities import (
    Application,
    AppUser,
    Group,
    GroupPushMapping,
    PushTargetGroup,
    User,
)
from oktahound.graph import EDGE_KINDS

TENANT = "1111AAAA-2222-4333-8444-555555555555"
SID = "S-1-5-21-1-2-3-1104"
ANN = User(id="00uAnn", login="ann@contoso.com", status="ACTIVE")
AD = Application(
    id="0oaAd",
    app_type="active_directory",
    label="contoso.com",
    naming_context="contoso.com",
    status="ACTIVE",
    features=("PROFILE_MASTERING",),
)
OFFICE = Application(
    id="0oaOffice",
    app_type="office365",
    microsoft_tenant_id=TENANT,
    status="ACTIVE",
    features=("PUSH_NEW_USERS",),
)
ORG2ORG = Application(
    id="0oaOrg", app_type="okta_org2org", setting_base_url="https://Adatum.okta.com", status="ACTIVE"
)
PUSHED = {"assumption": "the pushed password is the user's own, not a random one"}


def synced(app, **facts):
    properties = {
        "id": "00uAnn",
        "app_id": app.id,
        "sync_state": "SYNCHRONIZED",
        "status": "ACTIVE",
        "scope": "USER",
    }
    return AppUser(**properties | facts)


IN_AD = synced(AD, object_sid=SID)
IN_OFFICE = synced(OFFICE, user_name="Ann@Contoso.com")
AZ_ANN = f"AZUser(tenantid={TENANT},userprincipalname=ann@contoso.com)"


def with_features(app, *features):
    return evolve(app, features=features)


def test_an_imported_user_is_synchronized_from_active_directory():
    assert crossings(ANN, AD, IN_AD) == {(f"User({SID})", "Okta_UserSync", "00uAnn"): {}}


def test_a_provisioned_user_is_synchronized_to_active_directory():
    found = crossings(ANN, AD, evolve(IN_AD, scope="GROUP"))
    assert found == {("00uAnn", "Okta_UserSync", f"User({SID})"): {}}


def test_with_delegated_authentication_the_password_of_the_directory_is_the_one_of_okta():
    found = crossings(ANN, with_features(AD, "OUTBOUND_DEL_AUTH", "PUSH_PASSWORD_UPDATES"), IN_AD)
    assert found == {
        (f"User({SID})", "Okta_UserSync", "00uAnn"): {},
        (f"User({SID})", "Okta_PasswordSync", "00uAnn"): {},
    }


def test_passwords_are_pushed_to_the_directory():
    app = with_features(AD, "OUTBOUND_DEL_AUTH", "PUSH_PASSWORD_UPDATES")
    assert crossings(ANN, app, evolve(IN_AD, scope="GROUP")) == {
        ("00uAnn", "Okta_UserSync", f"User({SID})"): {},
        ("00uAnn", "Okta_PasswordSync", f"User({SID})"): PUSHED,
    }


def test_a_sid_is_written_as_the_directory_is_stored():
    (edge,) = crossings(ANN, AD, synced(AD, object_sid=f" {SID.lower()} "))
    assert edge[0] == f"User({SID})"


@pytest.mark.parametrize("sid", [None, "", " "])
def test_without_a_sid_the_guid_is_a_property_and_not_an_id(sid):
    found = crossings(ANN, AD, synced(AD, object_sid=sid, external_id="ABEiM0RVZneImaq7zN3u/w=="))
    assert found == {("User(objectguid=33221100-5544-7766-8899-aabbccddeeff)", "Okta_UserSync", "00uAnn"): {}}


@pytest.mark.parametrize("guid", [None, "", "not base64", "AAAA", "{}"])
def test_a_user_of_the_directory_without_an_identifier_is_unmatched(guid):
    rows = (ANN, AD, synced(AD, external_id=guid))
    assert crossings(*rows) == {}
    assert unmatched(*rows) == {("account_sync", "0oaAd", "User: no objectguid", 1)}


def test_the_ldap_interface_is_no_other_system():
    interface = Application(id="0oaLdap", app_type="ldap_interface", features=("PROFILE_MASTERING",))
    assert crossings(ANN, interface, synced(interface, object_sid=SID, external_id="x")) == {}


@pytest.mark.parametrize("state", ["SYNCING", "OUT_OF_SYNC", "ERROR", "DISABLED", None])
def test_an_unsynchronized_account_has_no_edge(state):
    assert crossings(ANN, AD, evolve(IN_AD, sync_state=state)) == {}


SETTINGS = {
    "office365": ({"microsoft_tenant_id": TENANT}, AZ_ANN),
    "okta_org2org": ({}, "Okta_User(00uThere)"),
    "githubcloud": (
        {"setting_github_org": "contoso"},
        "GH_User(environment_name=contoso,login=Ann@Contoso.com)",
    ),
    "jamfsoftwareserver": (
        {"setting_domain": "jamf.contoso.com"},
        "jamf_Account(domainName=jamf.contoso.com,email=ann@contoso.com)",
    ),
    "casper": (
        {"setting_login_url": "https://jss.contoso.com/"},
        "jamf_Account(domainName=jss.contoso.com,email=ann@contoso.com)",
    ),
    "1password_business": (
        {"setting_sub_domain": "contoso", "setting_region_type": "com"},
        "OP_User(account_name=contoso.1password.com,email=ann@contoso.com)",
    ),
    "snowflake": ({"setting_sub_domain": "contoso-1"}, "SNOW_User(CONTOSO-1.ANN@CONTOSO.COM)"),
}


@pytest.mark.parametrize("type_", SETTINGS)
def test_the_direction_of_synchronization_of_each_type_of_application(type_):
    settings, account = SETTINGS[type_]
    app = Application(id="0oaApp", app_type=type_, features=("PUSH_PASSWORD_UPDATES",), **settings)
    user = synced(app, user_name="Ann@Contoso.com", external_id="00uThere")
    assert crossings(ANN, app, user) == {
        ("00uAnn", "Okta_UserSync", account): {},
        ("00uAnn", "Okta_PasswordSync", account): PUSHED,
    }
    mastered = with_features(app, "PUSH_PASSWORD_UPDATES", "PROFILE_MASTERING", "OUTBOUND_DEL_AUTH")
    assert crossings(ANN, mastered, user) == {(account, "Okta_UserSync", "00uAnn"): {}}


def test_an_account_that_okta_created_in_the_other_org_is_synchronized():
    app = with_features(ORG2ORG, "PROFILE_MASTERING")
    user = synced(app, external_id="00uThere", initial_status="active_with_pass")
    assert crossings(ANN, app, user) == {("00uAnn", "Okta_UserSync", "Okta_User(00uThere)"): {}}


def test_accounts_without_an_identifier_are_counted():
    rows = (ORG2ORG, synced(ORG2ORG), synced(ORG2ORG, id="00uBob", external_id=" "))
    assert crossings(*rows) == {}
    assert unmatched(*rows) == {("account_sync", "0oaOrg", "Okta_User: no externalId", 2)}


@pytest.mark.parametrize(
    ("user", "app", "status", "reason"),
    [
        (ANN, OFFICE, "DEPROVISIONED", "the assignment is DEPROVISIONED"),
        (ANN, evolve(OFFICE, status="INACTIVE"), "ACTIVE", "the application is INACTIVE"),
        (evolve(ANN, status="DEPROVISIONED"), OFFICE, "ACTIVE", "the user is DEPROVISIONED"),
    ],
)
def test_inactive_objects_send_no_password(user, app, status, reason):
    app = with_features(app, "PUSH_PASSWORD_UPDATES")
    found = crossings(user, app, evolve(IN_OFFICE, status=status))
    assert {(kind, each["active"], each["inactiveReason"]) for (_, kind, _), each in found.items()} == {
        ("Okta_UserSync", False, reason),
        ("Okta_PasswordSync", False, reason),
    }


WINDOWS = "okta:windows_security_principal"


def test_a_group_of_the_directory_is_identified_by_its_sid():
    group = Group(id="00gIt", name="IT", type="APP_GROUP", object_class=WINDOWS, object_sid=SID)
    assert crossings(group) == {(f"Group({SID})", "Okta_MembershipSync", "00gIt"): {}}


def test_a_group_of_the_directory_without_a_sid_is_identified_by_its_guid_or_reported():
    group = Group(
        id="00gIt", name="IT", object_class=WINDOWS, object_guid="33221100-5544-7766-8899-aabbccddeeff"
    )
    assert set(crossings(group)) == {
        ("Group(objectguid=33221100-5544-7766-8899-aabbccddeeff)", "Okta_MembershipSync", "00gIt")
    }
    bare = evolve(group, object_guid=None)
    assert crossings(bare) == {}
    assert unmatched(bare) == {("imported_membership", "00gIt", "Group: no objectguid", 1)}


def test_a_sid_alone_does_not_make_a_group_one_of_a_directory():
    assert crossings(Group(id="00gIt", name="IT", object_class="okta:user_group", object_sid=SID)) == {}


@pytest.mark.parametrize(
    ("app", "source"),
    [
        (OFFICE, f"AZGroup(displayname=IT%20Staff,tenantid={TENANT})"),
        (ORG2ORG, "Okta_Group(name=IT%20Staff,oktaDomain=adatum.okta.com)"),
    ],
)
def test_an_imported_group_is_identified_by_its_name_and_organization(app, source):
    group = Group(
        id="00gIt",
        name="IT Staff",
        type="APP_GROUP",
        object_class="okta:user_group",
        source_application_id=app.id,
    )
    assert crossings(app, group) == {(source, "Okta_MembershipSync", "00gIt"): {}}


IMPORTED = Group(
    id="00gIt", name="IT", type="APP_GROUP", object_class="okta:user_group", source_application_id="0oaOffice"
)


@pytest.mark.parametrize(
    "rows",
    [
        (IMPORTED,),
        (OFFICE, evolve(IMPORTED, type="OKTA_GROUP")),
        (OFFICE, evolve(IMPORTED, object_class="okta:other")),
        (OFFICE, evolve(IMPORTED, name=None)),
        (OFFICE, evolve(IMPORTED, source_application_id=None)),
        (evolve(OFFICE, app_type="githubcloud"), IMPORTED),
        (evolve(OFFICE, app_type="slack"), IMPORTED),
    ],
)
def test_other_groups_are_not_synchronized(rows):
    assert crossings(*rows) == {}
    assert unmatched(*rows) == set()


def test_a_group_of_a_tenant_that_is_not_known_is_reported():
    rows = (evolve(OFFICE, microsoft_tenant_id=None), IMPORTED)
    assert crossings(*rows) == {}
    assert unmatched(*rows) == {("imported_membership", "0oaOffice", "AZGroup: no tenantid", 1)}


def test_an_inactive_application_fills_no_group():
    (properties,) = crossings(evolve(OFFICE, status="INACTIVE"), IMPORTED).values()
    assert properties == {"active": False, "inactiveReason": "the application is INACTIVE"}


def pushed(app, target="00gThere", **facts):
    properties = {"id": "gPm1", "app_id": app.id, "source_group_id": "00gIt", "target_group_id": target}
    return GroupPushMapping(**properties | {"status": "ACTIVE"} | facts)


STAFF = Group(id="00gIt", name="IT", type="OKTA_GROUP")
THERE = PushTargetGroup(id="00gThere", name="IT Staff")


@pytest.mark.parametrize(
    ("app", "target"),
    [
        (OFFICE, f"AZGroup(displayname=IT%20Staff,tenantid={TENANT})"),
        (ORG2ORG, "Okta_Group(name=IT%20Staff,oktaDomain=adatum.okta.com)"),
        (AD, "Group(domain=CONTOSO.COM,samaccountname=IT%20Staff)"),
        (evolve(AD, naming_context=None), "Group(domain=CONTOSO.COM,samaccountname=IT%20Staff)"),
    ],
)
def test_a_group_is_pushed_to_the_group_that_its_mapping_names(app, target):
    expected = {("00gIt", "Okta_MembershipSync", target): {}}
    assert crossings(STAFF, app, pushed(app), THERE) == expected
    listed = Group(id="00gThere", name="IT Staff", type="APP_GROUP", object_class="okta:app_group")
    assert crossings(STAFF, app, pushed(app), listed) == expected


def test_a_group_that_is_pushed_to_the_directory_is_the_one_that_is_imported_again():
    there = Group(
        id="00gThere", name="IT", object_class=WINDOWS, object_sid=SID, source_application_id="0oaAd"
    )
    assert crossings(STAFF, AD, pushed(AD), there) == {
        ("00gIt", "Okta_MembershipSync", f"Group({SID})"): {},
        (f"Group({SID})", "Okta_MembershipSync", "00gThere"): {},
    }


def test_a_directory_group_is_not_matched_by_name_if_the_listing_has_a_gap():
    loss = Gap(entity="Group", reason=GapReason.RECORD, request="GET /api/v1/groups", where="groups[3].id")
    for app, ends in ((AD, set()), (OFFICE, {f"AZGroup(displayname=IT%20Staff,tenantid={TENANT})"})):
        graph = build_graph(snapshot_of(STAFF, app, pushed(app), THERE, gaps=(loss,)))
        assert {end for _, end, kind in graph.edges(keys=True) if kind == "Okta_MembershipSync"} == ends
        assert "Group" in graph.graph["unsure"]["pushed_membership"]


def test_an_unread_pushed_group_belongs_to_this_org_for_any_id():
    graph = build_graph(snapshot_of(OFFICE, pushed(OFFICE, source_group_id="odd"), THERE))
    assert graph.nodes["odd"]["kind"] == "Okta_Group"
    assert graph.nodes["odd"]["collected"] is False
    assert "foreign" not in graph.nodes["odd"]


@pytest.mark.parametrize("status", ["INACTIVE", "ERROR"])
def test_an_inactive_or_failed_mapping_pushes_no_users(status):
    (properties,) = crossings(STAFF, OFFICE, pushed(OFFICE, status=status), THERE).values()
    assert properties == {"active": False, "inactiveReason": f"the group push mapping is {status}"}


def test_no_users_are_pushed_to_an_inactive_application():
    (properties,) = crossings(STAFF, evolve(OFFICE, status="INACTIVE"), pushed(OFFICE), THERE).values()
    assert properties == {"active": False, "inactiveReason": "the application is INACTIVE"}


@pytest.mark.parametrize(
    "rows",
    [
        (OFFICE, pushed(OFFICE)),
        (OFFICE, pushed(OFFICE, target=None), THERE),
        (OFFICE, pushed(OFFICE, source_group_id=None), THERE),
        (OFFICE, pushed(OFFICE), evolve(THERE, name="")),
        (pushed(OFFICE), THERE),
    ],
)
def test_a_mapping_without_a_target_name_has_no_edge(rows):
    assert crossings(STAFF, *rows) == {}
    assert unmatched(STAFF, *rows) == set()


def test_a_target_with_an_ambiguous_name_is_unmatched():
    rows = (STAFF, evolve(ORG2ORG, setting_base_url=None), pushed(ORG2ORG), THERE)
    assert crossings(*rows) == {}
    assert unmatched(*rows) == {("pushed_membership", "0oaOrg", "Okta_Group: no oktaDomain", 1)}


def test_the_order_of_rows_does_not_matter():
    rows = [
        *(ANN, AD, OFFICE, IN_AD, IN_OFFICE, STAFF, THERE),
        *(pushed(OFFICE), pushed(OFFICE, id="gPm2", status="ERROR")),
        *(evolve(IMPORTED, id="00gIt2"), synced(ORG2ORG), ORG2ORG),
    ]
    assert content(build_graph(snapshot_of(*rows))) == content(build_graph(snapshot_of(*reversed(rows))))


@pytest.mark.parametrize(
    ("kind", "traversable"),
    [("Okta_UserSync", False), ("Okta_PasswordSync", True), ("Okta_MembershipSync", True)],
)
def test_edges_of_passwords_and_memberships_are_traversable_and_those_of_profiles_are_not(kind, traversable):
    assert EDGE_KINDS[kind].traversable is traversable
