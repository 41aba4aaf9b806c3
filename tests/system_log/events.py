"""Events for the tests of aggregation, and an oracle that counts them from the list of all events."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from hypothesis import strategies as st

CLIENT = "0oaVendor"
TOKEN_TYPE = "app.oauth2.token.grant.access_token"


def event(uuid: str, published: str, kind: str = TOKEN_TYPE, **given: Any) -> dict[str, Any]:
    """Return an event with the members that the aggregation reads."""
    address, as_number, as_name, proxy = given.get("network", ("192.0.2.1", 64500, "cloud", False))
    scopes = given.get("scopes")
    return {
        "uuid": uuid,
        "published": published,
        "eventType": kind,
        "actor": {
            "id": given.get("actor", CLIENT),
            "type": given.get("actor_type", "PublicClientApp"),
            "displayName": given.get("actor_name", "Vendor"),
            "alternateId": "unknown",
        },
        "client": {"id": given.get("client", CLIENT), "ipAddress": address},
        "outcome": {"result": given.get("result", "SUCCESS"), "reason": given.get("reason")},
        "securityContext": {"asNumber": as_number, "asOrg": as_name, "isProxy": proxy},
        "transaction": {"type": "WEB", "id": "t", "detail": given.get("detail", {})},
        "debugContext": {"debugData": {} if scopes is None else {"grantedScopes": scopes}},
        "target": given.get("target"),
    }


SCOPES = ("okta.users.read", "okta.users.manage", "okta.logs.read", "offline_access")
KINDS = (
    TOKEN_TYPE,
    "app.oauth2.token.grant",
    "app.oauth2.token.grant.refresh_token",
    "app.oauth2.as.token.grant.access_token",
    "system.oauth2.token.request_outside_allowed_range",
    "user.lifecycle.create",
    "group.user_membership.add",
    "policy.evaluate_sign_on",
)
NETWORKS = (
    ("192.0.2.1", 64500, "cloud", False),
    ("192.0.2.2", 64500, "cloud", False),
    ("198.51.100.9", 64511, None, True),
    (None, None, None, None),
)


@st.composite
def logs(draw: st.DrawFn, most: int = 40) -> list[dict[str, Any]]:
    """Generate a log of events of several clients over three days, each with its own uuid."""
    found = []
    for number in range(draw(st.integers(0, most))):
        day, hour = draw(st.integers(1, 3)), draw(st.integers(0, 23))
        kind = draw(st.sampled_from(KINDS))
        scopes = draw(st.lists(st.sampled_from(SCOPES), unique=True))
        found.append(
            event(
                f"u{number}",
                f"2026-01-0{day}T{hour:02}:{draw(st.integers(0, 59)):02}:00.000Z",
                kind,
                actor=draw(st.sampled_from([CLIENT, "0oaOther", "00uAnn"])),
                actor_type=draw(st.sampled_from(["PublicClientApp", "User"])),
                client=draw(st.sampled_from([CLIENT, "0oaOther", None])),
                result=draw(st.sampled_from(["SUCCESS", "FAILURE", "DENY", "ALLOW", None])),
                reason=draw(st.sampled_from([None, "no_matching_scope", "invalid_client"])),
                scopes=draw(st.sampled_from([", ".join(scopes), " ".join(scopes), None])),
                network=draw(st.sampled_from(NETWORKS)),
            )
        )
    return found


def oracle(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of `CLIENT`, counted from all events without limits."""
    once = {each["uuid"]: each for each in events}.values()
    mine = [each for each in once if CLIENT in (each["actor"]["id"], each["client"]["id"])]
    by_day = defaultdict(list)
    for each in mine:
        by_day[each["published"][:10]].append(each)
    return [_row(day, by_day[day]) for day in sorted(by_day)]


def _row(day: str, events: list[dict[str, Any]]) -> dict[str, Any]:
    failed = {"FAILURE", "DENY", "RATE_LIMIT"}
    asks = [each for each in events if each["eventType"].startswith("app.oauth2.token.grant")]
    granted = [each for each in asks if each["outcome"]["result"] not in failed]
    refused = [each for each in asks if each["outcome"]["result"] in failed]
    refused += [each for each in events if "request_outside_allowed_range" in each["eventType"]]
    writes = [
        each
        for each in events
        if each["eventType"] in ("user.lifecycle.create", "group.user_membership.add")
        and each["outcome"]["result"] not in failed
        and (each["actor"]["id"] == CLIENT or each["actor"]["type"] != "User")
    ]
    scopes = {scope for each in granted for scope in _scopes(each)}
    paths = {
        "actor.id": any(each["actor"]["id"] == CLIENT for each in events),
        "client.id": any(each["client"]["id"] == CLIENT for each in events),
    }
    networks: dict[Any, list[str]] = defaultdict(list)
    for each in events:
        security = each["securityContext"]
        key = (each["client"]["ipAddress"], security["asNumber"], security["asOrg"], security["isProxy"])
        networks[key].append(each["published"])
    return {
        "id": day,
        "matchedBy": [path for path, held in paths.items() if held],
        "events": len(events),
        "lastEventAt": max(each["published"] for each in events),
        "tokenGrants": _most(granted),
        "lastTokenAt": max((each["published"] for each in granted), default=None),
        "scopes": [
            {
                "scope": scope,
                "count": _most([each for each in granted if scope in _scopes(each)]),
                "last_at": max(each["published"] for each in granted if scope in _scopes(each)),
            }
            for scope in sorted(scopes)
        ],
        "failures": _named(refused, lambda each: each["outcome"]["reason"] or each["eventType"]),
        "writes": _named(writes, lambda each: each["eventType"]),
        "networks": [
            dict(
                zip(("address", "as_number", "as_name", "proxy"), key, strict=True),
                count=len(networks[key]),
                last_at=max(networks[key]),
            )
            for key in sorted(networks, key=str)
        ],
        "scopesLeftOut": 0,
        "failuresLeftOut": 0,
        "writesLeftOut": 0,
        "networksLeftOut": 0,
    }


def _scopes(each: dict[str, Any]) -> set[str]:
    text = each["debugContext"]["debugData"].get("grantedScopes") or ""
    return set(text.replace(",", " ").split())


def _most(events: list[dict[str, Any]]) -> int:
    """Return the largest count, because one request can create events of several types."""
    return max(Counter(each["eventType"] for each in events).values(), default=0)


def _named(events: list[dict[str, Any]], name: Any) -> list[dict[str, Any]]:
    found: dict[str, list[str]] = defaultdict(list)
    for each in events:
        found[name(each)].append(each["published"])
    return [{"name": each, "count": len(found[each]), "last_at": max(found[each])} for each in sorted(found)]


def comparable(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows with networks in the order of the oracle."""
    return [
        row | {"networks": sorted(row["networks"], key=lambda each: str(tuple(list(each.values())[:4])))}
        for row in rows
    ]
