"""The filter language of the simulated System Log."""

from __future__ import annotations

import pytest

from oktahound.sim.errors import Refusal
from oktahound.sim.logs.filter_language import parse_log_filter

EVENT = {
    "eventType": "user.session.start",
    "actor": {"id": "00uAnn", "type": "User", "displayName": 'Ann "A" Example'},
    "client": {"id": None, "ipAddress": "192.0.2.1"},
    "securityContext": {"asNumber": 64500, "isProxy": False},
    "target": [{"id": "0oaOne", "type": "AppInstance"}, {"id": "00gTwo", "type": "UserGroup"}],
    "transaction": {"detail": {"requestApiTokenId": "00TToken"}},
    "debugContext": {"debugData": {"url": "/api/v1/users?limit=1"}},
}


@pytest.mark.parametrize(
    ("expression", "fits"),
    [
        ('eventType eq "user.session.start"', True),
        ('eventType EQ "USER.SESSION.START"', True),
        ('eventType ne "user.session.start"', False),
        ('eventType sw "user."', True),
        ('eventType ew ".start"', True),
        ('eventType co "session"', True),
        ('eventType co "application"', False),
        ('actor.displayName eq "Ann \\"A\\" Example"', True),
        ('target.id eq "00gTwo"', True),
        ('target.id eq "00gTwo" and target.type eq "User"', False),
        ("client.id pr", False),
        ("actor.id pr", True),
        ("client.id eq null", True),
        ("securityContext.asNumber eq 64500", True),
        ('securityContext.asNumber eq "64500"', False),
        ("securityContext.asNumber gt 64499", True),
        ("securityContext.asNumber ge 64500", True),
        ("securityContext.asNumber lt 64500", False),
        ("securityContext.asNumber le 64500", True),
        ("securityContext.isProxy eq false", True),
        ('transaction.detail.requestApiTokenId eq "00TToken"', True),
        ('not (eventType eq "a") and actor.id pr', True),
        ("not (actor.id pr)", False),
        ('eventType eq "a" or actor.id eq "00uAnn" and client.id pr', False),
        ('(eventType eq "a" or actor.id eq "00uAnn") and actor.id pr', True),
        ('nothing.here eq "a"', False),
        ("nothing.here pr", False),
        ('debugContext.debugData.url eq "/api/v1/users?limit=1"', True),
    ],
)
def test_an_expression_matches_as_in_scim(expression, fits):
    assert parse_log_filter(expression).matches(EVENT) is fits


@pytest.mark.parametrize(
    ("expression", "cause"),
    [
        ("", "expected a field, got the end"),
        ("eventType", "expected an operator after eventType"),
        ("eventType eq", "expected a value after eventType eq"),
        ('eventType is "a"', "unknown operator is"),
        ("eventType eq a", "expected a value such as"),
        ('eventType eq "a', "unterminated text at character 14"),
        ('(eventType eq "a"', "expected )"),
        ('eventType eq "a")', "expected 'and', 'or' or the end, got )"),
        ('eventType eq "a" actor.id pr', "expected 'and', 'or' or the end, got actor.id"),
        ('not eventType eq "a"', "expected ( after 'not'"),
        ('target[id eq "a"]', "operator [ is not supported"),
        ('published gt "2026-01-01T00:00:00Z"', "use since and until"),
        ('debugContext.debugData.url co "users"', "operator co is not supported"),
        ("eventType co 1", "operator co takes a text"),
        ('"eventType" eq "a"', "expected a field"),
    ],
)
def test_an_invalid_expression_is_a_400_with_the_position(expression, cause):
    with pytest.raises(Refusal) as refusal:
        parse_log_filter(expression)
    assert refusal.value.status == 400
    assert cause in refusal.value.causes[0]


@pytest.mark.parametrize(
    ("expression", "texts"),
    [
        ('actor.id eq "A" or client.id eq "A"', {"a"}),
        ('actor.id eq "A" and eventType sw "user."', {"a"}),
        ('actor.id eq "A" or eventType sw "user."', None),
        ('not (actor.id eq "A")', None),
        ('uuid eq "A"', None),
    ],
)
def test_required_texts_are_texts_that_every_match_contains(expression, texts):
    assert parse_log_filter(expression).required_texts == texts
