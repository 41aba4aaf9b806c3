"""Inline hooks and event hooks: who can change them, and what they affect."""

from __future__ import annotations

from typing import Any

import networkx as nx
import pytest
from handwritten.admins import custom, edges_by_ends, gap, granted, may, role
from handwritten.orgs import content, snapshot_of

import oktahound
from oktahound import ApiServiceIntegration, ApiToken, OAuthScope, OktaClient, attack_view, build_graph
from oktahound.entities import (
    AdminAssignee,
    Application,
    AuthorizationServer,
    CustomRole,
    Entity,
    EventHook,
    InlineHook,
    TokenPolicy,
    TokenPolicyRule,
    User,
)
from oktahound.sim import SECRET_MARKER, SimulatedOrg

ANN, BOB = User(id="00uAnn"), User(id="00uBob", credential_provider_type="IMPORT")
HOOK = InlineHook(id="cal1", name="Claims", type="com.okta.saml.tokens.transform", status="ACTIVE")
EVENTS = EventHook(id="who1", name="Joiners", status="ACTIVE", events=("user.lifecycle.create",))
SHOP = Application(id="0oaShop", sign_on_mode="SAML_2_0", status="ACTIVE", inline_hook_ids=("cal1",))
MANAGES, ASSERTS = "OktaHound_ManageHook", "OktaHound_HookAltersAssertion"
TOKENS, PASSWORDS = "OktaHound_HookAltersTokens", "OktaHound_HookSeesPassword"


def graph_of(*rows: Entity, scopes: bool = False, **about: Any) -> nx.MultiDiGraph:
    return build_graph(snapshot_of(*rows, **about), scopes=scopes, trust_boundaries=True)


def admin(holder: User, type_: str) -> tuple[Entity, ...]:
    return (holder, AdminAssignee(id=holder.id), role(holder, type_))


def test_a_hook_alters_assertions_of_the_application_that_names_it():
    graph = graph_of(HOOK, SHOP)
    assert edges_by_ends(graph, ASSERTS) == {("cal1", "0oaShop"): {}}
    assert edges_by_ends(graph, "OktaHound_Contains") == {("00oOrg", "cal1"): {}}
    assert "0oaShop" in nx.descendants(attack_view(graph), "cal1")


def test_edges_of_inactive_and_unread_hooks_are_inactive():
    inactive = edges_by_ends(graph_of(InlineHook(id="cal1", status="INACTIVE"), SHOP), ASSERTS)[
        "cal1", "0oaShop"
    ]
    assert inactive == {"active": False, "inactiveReason": "the inline hook is INACTIVE"}
    unread = graph_of(SHOP, gaps=(gap(InlineHook),))
    assert edges_by_ends(unread, ASSERTS)["cal1", "0oaShop"]["active"] is False
    assert unread.nodes["cal1"]["kind"] == "OktaHound_InlineHook"
    assert unread.graph["unsure"]["hook_alters_assertion"] == ["InlineHook"]


@pytest.mark.parametrize(
    ("policy", "rule", "found"),
    [
        ("ACTIVE", "ACTIVE", {}),
        ("INACTIVE", "ACTIVE", {"active": False, "inactiveReason": "the policy is INACTIVE"}),
        ("ACTIVE", "INACTIVE", {"active": False, "inactiveReason": "the policy rule is INACTIVE"}),
    ],
)
def test_a_hook_alters_tokens_of_the_authorization_server_that_names_it(policy, rule, found):
    graph = graph_of(
        HOOK,
        AuthorizationServer(id="aus1", status="ACTIVE"),
        TokenPolicy(id="00p1", server_id="aus1", status=policy),
        TokenPolicyRule(id="0pr1", server_id="aus1", policy_id="00p1", status=rule, inline_hook_id="cal1"),
        TokenPolicyRule(id="0pr2", server_id="aus1", policy_id="00p1", status="ACTIVE"),
    )
    assert edges_by_ends(graph, TOKENS) == {("cal1", "aus1"): found}


def test_a_password_hook_sees_passwords_that_are_still_to_be_imported():
    importing = InlineHook(id="cal2", type="com.okta.user.credential.password.import", status="ACTIVE")
    found = edges_by_ends(graph_of(HOOK, importing, ANN, BOB), PASSWORDS)
    assert set(found) == {("cal2", BOB.id)}
    assert found["cal2", BOB.id]["assumption"].startswith("the user has not signed in")


def test_organization_administrators_change_hooks_with_an_assumption():
    rows = (*admin(ANN, "ORG_ADMIN"), *admin(BOB, "APP_ADMIN"), HOOK, EVENTS)
    found = edges_by_ends(graph_of(*rows), MANAGES)
    assert set(found) == {(ANN.id, "cal1"), (ANN.id, "who1")}
    assert "collectors" in found[ANN.id, "cal1"]["assumption"]


@pytest.mark.parametrize(
    ("permission", "hooks"),
    [
        ("okta.inlinehooks.manage", {"cal1"}),
        ("okta.inlineHooks.manage", {"cal1"}),
        ("okta.eventhooks.manage", {"who1"}),
        ("okta.inlinehooks.read", set()),
    ],
)
def test_custom_roles_change_hooks_of_the_permitted_kind(permission, hooks):
    rows = (ANN, AdminAssignee(id=ANN.id), HOOK, EVENTS, CustomRole(id="cr01"), custom(ANN, "cr01", "iam1"))
    found = edges_by_ends(graph_of(*rows, *may("cr01", permission)), MANAGES)
    assert {end for _, end in found} == hooks
    assert all("resource set" in marks["assumption"] for marks in found.values())


def test_with_scopes_the_scopes_for_hooks_change_them():
    vendor = ApiServiceIntegration(id="0oaV", oauth_scopes=(OAuthScope("okta.inlineHooks.manage"),))
    found = edges_by_ends(graph_of(vendor, HOOK, EVENTS, scopes=True), MANAGES)
    assert found == {("okta.inlineHooks.manage@contoso.okta.com", "cal1"): {}}
    assert edges_by_ends(graph_of(vendor, HOOK, EVENTS), MANAGES) == {}


def test_a_service_application_needs_the_scope_beside_the_role():
    app = Application(id="0oa1", client_type="service", grant_types=("client_credentials",))
    with_scope = graph_of(app, role(app, "ORG_ADMIN"), *granted(app, "okta.inlineHooks.manage"), HOOK)
    assert edges_by_ends(with_scope, MANAGES)["0oa1", "cal1"]["usable"] is True
    assert (
        edges_by_ends(graph_of(app, role(app, "ORG_ADMIN"), HOOK), MANAGES)["0oa1", "cal1"]["active"] is False
    )


def test_without_the_option_the_hook_of_an_application_is_not_in_the_graph():
    asks_not = Application(id="0oaShop", sign_on_mode="SAML_2_0", status="ACTIVE")
    assert content(build_graph(snapshot_of(SHOP, HOOK))) == content(build_graph(snapshot_of(asks_not)))


def test_no_secret_of_a_hook_is_kept(tmp_path, caplog):
    org = SimulatedOrg.empty()
    app = org.add_app("shop", sign_on_mode="SAML_2_0")
    secret = org.world.keep_secret(org.world.ids.secret("uri"))
    uri = f"https://user:{secret}@hooks.example.com:8443/{secret}?code={secret}#{secret}"
    org.add_inline_hook("Claims", uri=uri, apps=[app])
    org.add_inline_hook("With OAuth", uri=uri, oauth=True)
    org.add_event_hook("Joiners", uri=uri)
    caplog.set_level("DEBUG")
    with OktaClient(org.url, ApiToken(org.api_token), transport=org.transport) as client:
        snapshot = oktahound.collect(client, trust_boundaries=True)
    assert [hook.host for hook in (*snapshot.inline_hooks, *snapshot.event_hooks)] == [
        "hooks.example.com:8443"
    ] * 3
    assert {hook.auth_scheme for hook in snapshot.inline_hooks} == {"HEADER", "client_secret_post"}
    snapshot.save(tmp_path / "org")
    oktahound.write_opengraph(snapshot, tmp_path / "out", trust_boundaries=True, own_kinds=True)
    written = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    graph = build_graph(snapshot, trust_boundaries=True)
    shown = [repr(snapshot), repr(snapshot.inline_hooks), str(content(graph)), caplog.text]
    shown += [hook._repr_html_() + repr(hook.to_dict()) for hook in snapshot.inline_hooks]
    assert snapshot.gaps == ()
    assert SECRET_MARKER not in "".join(shown)
    assert not [text for text in written if SECRET_MARKER.encode() in text]
