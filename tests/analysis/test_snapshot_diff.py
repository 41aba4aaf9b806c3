"""Differences between two snapshots, in which gaps do not look like removals."""

from __future__ import annotations

import attrs
import pytest
from handwritten.orgs import snapshot_of

from oktahound import ApiServiceIntegration, ClientSecret, Gap, GapReason, OAuthScope, User
from oktahound.analysis import diff
from oktahound.entities import (
    ENTITIES,
    AdminAssignee,
    ApiToken,
    Application,
    IdentityProvider,
    JsonWebKey,
    Organization,
    RoleAssignment,
)
from oktahound.errors import ConfigurationError

ANN = User(id="00uAnn", login="ann@contoso.com", status="ACTIVE")
SECRET = ClientSecret(id="ocs1", owner_id="0oaVendor", status="ACTIVE")


def vendor(*scopes: str, id: str = "0oaVendor") -> ApiServiceIntegration:
    texts = tuple(OAuthScope(each) for each in sorted(scopes))
    return ApiServiceIntegration(id=id, name="Vendor", app_type="vendor", oauth_scopes=texts)


def refused(entity: str, parent: str | None = None) -> dict[str, tuple[Gap, ...]]:
    return {"gaps": (Gap(entity=entity, reason=GapReason.FORBIDDEN, request="GET …", parent=parent),)}


def triples(changes) -> set[tuple[str, str, str]]:
    return {(each.topic, each.integration, each.what) for each in changes}


def test_nothing_changed():
    snapshot = snapshot_of(vendor("okta.users.manage"), SECRET, ANN)
    answer = diff(snapshot, snapshot)
    assert not answer
    assert repr(answer) == "<Difference: 0 came, 0 went, 0 unknown>"


def test_a_new_scope_adds_powers_and_paths():
    old, new = snapshot_of(vendor("okta.users.read"), ANN), snapshot_of(vendor("okta.users.manage"), ANN)
    answer = diff(old, new)
    assert ("scope", "0oaVendor", "okta.users.manage") in triples(answer.came)
    assert ("power", "0oaVendor", "resets-credentials") in triples(answer.came)
    assert ("path", "0oaVendor", "00uAnn") in triples(answer.came)
    assert triples(answer.went) == {("scope", "0oaVendor", "okta.users.read")}
    assert answer.unknown == ()
    (path,) = [each for each in answer.came if each.topic == "path"]
    assert path.detail.startswith("to 1 object; worst: Vendor -[OktaHound_HasScope]-> ")
    assert ": An API service integration acts" in path.detail
    (power,) = [each for each in answer.came if each.what == "resets-credentials"]
    assert power.detail.startswith("critical: ")


def test_in_reverse_order_additions_are_removals():
    old, new = snapshot_of(vendor("okta.users.read"), ANN), snapshot_of(vendor("okta.users.manage"), SECRET)
    there, back = diff(old, new), diff(new, old)
    assert (there.came, there.went) == (back.went, back.came)


def test_a_removed_integration_removes_its_scopes_and_paths():
    answer = diff(snapshot_of(vendor("okta.logs.read"), SECRET, ANN), snapshot_of(ANN))
    assert triples(answer.went) == {
        ("integration", "0oaVendor", "vendor"),
        ("scope", "0oaVendor", "okta.logs.read"),
        ("power", "0oaVendor", "reads-system-log"),
        ("secret", "0oaVendor", "ocs1 ACTIVE"),
    }
    assert not answer.came
    assert not answer.unknown


def test_a_secret_that_was_switched_off():
    off = attrs.evolve(SECRET, status="INACTIVE")
    answer = diff(snapshot_of(vendor(), SECRET), snapshot_of(vendor(), off))
    assert triples(answer.came) == {("secret", "0oaVendor", "ocs1 INACTIVE")}
    assert triples(answer.went) == {("secret", "0oaVendor", "ocs1 ACTIVE")}


def test_unread_integrations_are_not_removals():
    old = snapshot_of(vendor("okta.logs.read"), SECRET, ANN)
    answer = diff(old, snapshot_of(ANN, **refused("ApiServiceIntegration")))
    assert (answer.came, answer.went) == ((), ())
    assert {each.topic for each in answer.unknown} == {"integration", "scope", "power", "secret"}


def test_entities_that_were_not_requested_are_not_removals():
    fewer = frozenset(cls.__name__ for cls in ENTITIES) - {"ClientSecret"}
    answer = diff(snapshot_of(vendor(), SECRET), snapshot_of(vendor(), asked=fewer))
    assert (answer.came, answer.went) == ((), ())
    assert triples(answer.unknown) == {("secret", "0oaVendor", "ocs1 ACTIVE")}


def test_objects_that_could_not_be_read_before_are_not_additions():
    old = snapshot_of(vendor(), **refused("ClientSecret", "0oaVendor"))
    answer = diff(old, snapshot_of(vendor(), SECRET))
    assert (answer.came, answer.went) == ((), ())
    assert triples(answer.unknown) == {("secret", "0oaVendor", "ocs1 ACTIVE")}


def test_a_gap_below_another_integration_does_not_matter():
    rows = (vendor(), vendor(id="0oaOther"))
    answer = diff(snapshot_of(*rows, SECRET), snapshot_of(*rows, **refused("ClientSecret", "0oaOther")))
    assert triples(answer.went) == {("secret", "0oaVendor", "ocs1 ACTIVE")}


def test_unread_scopes_are_not_removals():
    unread = attrs.evolve(vendor(), oauth_scopes=None)
    answer = diff(snapshot_of(vendor("okta.logs.read")), snapshot_of(unread))
    assert (answer.came, answer.went) == ((), ())
    assert {each.topic for each in answer.unknown} == {"scope", "power"}


def test_a_path_is_removed_only_if_all_entities_of_paths_were_read():
    eve = (
        User(id="00uEve", status="ACTIVE"),
        AdminAssignee(id="00uEve"),
        RoleAssignment(id="KVJ", holder_id="00uEve", holder_type="USER", type="SUPER_ADMIN", status="ACTIVE"),
    )
    old = snapshot_of(vendor("okta.users.manage"), *eve)
    demoted = diff(old, snapshot_of(vendor("okta.users.manage"), eve[0]))
    assert ("path", "0oaVendor", "00oOrg") in triples(demoted.went)
    unread = diff(old, snapshot_of(vendor("okta.users.manage"), eve[0], **refused("RoleAssignment")))
    assert ("path", "0oaVendor", "00oOrg") in triples(unread.unknown)
    assert not unread.went


BOB = User(id="00uBob", login="bob@contoso.com", status="ACTIVE")
PROMOTED = (
    AdminAssignee(id="00uBob"),
    RoleAssignment(
        id="raBob",
        holder_id="00uBob",
        holder_type="USER",
        type="SUPER_ADMIN",
        label="Super Administrator",
        status="ACTIVE",
    ),
    ApiToken(id="00T1", name="Script", user_id="00uBob"),
)


def test_a_new_super_administrator_with_a_token_is_named():
    answer = diff(snapshot_of(ANN, BOB), snapshot_of(ANN, BOB, *PROMOTED))
    assert {(each.topic, each.name, each.what) for each in answer.came} == {
        ("tier zero", "bob@contoso.com", "Okta_User"),
        ("tier zero", "Script", "Okta_ApiToken"),
        ("administrator", "bob@contoso.com", "administrator"),
        ("role", "bob@contoso.com", "Super Administrator"),
        ("token", "Script", "token of bob@contoso.com"),
    }
    assert (answer.went, answer.unknown) == ((), ())
    assert "came administrator administrator of bob@contoso.com" in repr(answer)
    assert "A super administrator can do everything in the organization." in repr(answer)


@pytest.mark.parametrize(
    ("entity", "topics"),
    [
        ("RoleAssignment", {"tier zero", "administrator", "role"}),
        ("AdminAssignee", {"tier zero", "administrator", "role"}),
        ("ApiToken", {"token", "tier zero"}),
    ],
)
def test_nothing_is_an_addition_if_the_older_snapshot_has_gaps(entity, topics):
    answer = diff(snapshot_of(ANN, BOB, **refused(entity)), snapshot_of(ANN, BOB, *PROMOTED))
    assert {each.topic for each in answer.unknown} >= topics
    assert topics.isdisjoint({each.topic for each in answer.came})


def test_the_paths_of_one_integration_are_one_change_with_the_worst_explained():
    people = [User(id=f"00u{number}", login=f"u{number}", status="ACTIVE") for number in range(50)]
    rows = (*people, BOB, *PROMOTED)
    answer = diff(snapshot_of(*rows), snapshot_of(*rows, vendor("okta.users.manage")))
    (path,) = [each for each in answer.came if each.topic == "path"]
    assert (path.node, path.what) == ("0oaVendor", "00oOrg")
    assert path.detail.startswith("to ")
    assert "Okta_SuperAdmin" in path.detail
    assert len(answer.came) < 12


SERVICE = Application(
    id="0oaApp", label="Automation", status="ACTIVE", client_type="service", client_id="0oaApp"
)
KEY = JsonWebKey(id="pks1", app_id="0oaApp", kid="k1", status="ACTIVE")
PROVIDER = IdentityProvider(id="0oaIdp", name="Partner", type="SAML2", status="ACTIVE")


def test_service_applications_keys_and_secrets():
    old = snapshot_of(SERVICE, attrs.evolve(SECRET, owner_id="0oaApp"))
    answer = diff(old, snapshot_of(SERVICE, KEY))
    assert triples(answer.came) == {("key", "0oaApp", "k1 ACTIVE")}
    assert triples(answer.went) == {("secret", "0oaApp", "ocs1 ACTIVE")}
    new = diff(snapshot_of(), old)
    assert ("service application", "0oaApp", "service application") in triples(new.came)
    unread = diff(old, snapshot_of(SERVICE, **refused("ClientSecret", "0oaApp")))
    assert triples(unread.unknown) == {("secret", "0oaApp", "ocs1 ACTIVE")}


def test_an_identity_provider_that_now_links_any_user():
    answer = diff(snapshot_of(PROVIDER), snapshot_of(attrs.evolve(PROVIDER, account_link_action="AUTO")))
    assert triples(answer.came) == {("identity provider", "0oaIdp", "account link AUTO")}
    refusal = diff(snapshot_of(PROVIDER), snapshot_of(**refused("IdentityProvider")))
    assert triples(refusal.unknown) == {("identity provider", "0oaIdp", "SAML2 ACTIVE")}


def test_two_organizations_are_not_compared():
    other = attrs.evolve(snapshot_of(), organizations=(Organization(id="00oElse"),))
    with pytest.raises(ConfigurationError, match="different organizations"):
        diff(snapshot_of(), other)


def test_the_difference_has_text_and_html():
    old, new = snapshot_of(vendor("okta.users.read"), ANN), snapshot_of(vendor("okta.users.manage"), ANN)
    answer = diff(old, new)
    assert "came scope okta.users.manage of Vendor" in repr(answer)
    assert "okta.users.manage" in answer._repr_html_()
    pytest.importorskip("pandas")
    table = answer.to_dataframe()
    assert len(table) == len(answer.came) + len(answer.went)
    assert set(table["change"]) == {"came", "went"}


def test_names_of_an_org_are_escaped_in_html():
    hostile = attrs.evolve(vendor("okta.logs.read"), name="<script>")
    shown = diff(snapshot_of(), snapshot_of(hostile))._repr_html_()
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown
