"""The text form of path patterns."""

from __future__ import annotations

import pytest

from oktahound.analysis import parse_path
from oktahound.analysis.patterns import EdgeStep, NodeTest, PathPattern
from oktahound.errors import ConfigurationError


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("()", PathPattern([NodeTest()])),
        (" ( user ) ", PathPattern([NodeTest(name="user")])),
        ("(:Okta)", PathPattern([NodeTest(okta=True)])),
        ("(x:!Okta)", PathPattern([NodeTest(okta=False, name="x")])),
        ("(:Okta_User | :Computer)", PathPattern([NodeTest({"Okta_User", "Computer"})])),
        ("()-->()", PathPattern([NodeTest(), NodeTest()], [EdgeStep()])),
        ("()<--()", PathPattern([NodeTest(), NodeTest()], [EdgeStep(direction="in")])),
        ("()--()", PathPattern([NodeTest(), NodeTest()], [EdgeStep(direction="any")])),
        ("()-[]->()", PathPattern([NodeTest(), NodeTest()], [EdgeStep()])),
        (
            "(a:Okta_User) -[:Okta_MemberOf|Okta_HasRole*1..3]-> (b)",
            PathPattern(
                [NodeTest({"Okta_User"}, name="a"), NodeTest(name="b")],
                [EdgeStep({"Okta_MemberOf", "Okta_HasRole"}, "out", 1, 3)],
            ),
        ),
        ("()<-[*2]-()", PathPattern([NodeTest(), NodeTest()], [EdgeStep(direction="in", least=2, most=2)])),
    ],
)
def test_a_path_pattern_is_parsed(text: str, pattern: PathPattern) -> None:
    assert parse_path(text) == pattern
    assert parse_path(str(pattern)) == pattern


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "position 1: expected a node.*the end"),
        ("(a", "position 1: expected a node"),
        ("(a) (b)", r"position 5: expected an edge.*'\(b\)'"),
        ("(a)-[:X]-", "position 10: expected a node.*the end"),
        ("(a)<-[:X]->(b)", "one arrow head"),
        ("(a:Okta_Usr)", "'Okta_Usr' does not exist; did you mean Okta_User"),
        ("(a)-[:Okta_MemberOff]->(b)", "position 4: edge kind 'Okta_MemberOff' does not exist; did you mean"),
        ("(a:Okta|User)", "use it without other kinds"),
        ("(a:!User)", "only before Okta"),
        ("(a)-[*3..1]->(b)", "the smaller one first"),
        ("(a)-[*0..1]->(b)", "1 or more"),
        ("(a)-->(a)", "'a' occurs twice"),
        ("(a)-[e:Okta_MemberOf]->(b)", "position 4: expected an edge"),
        ("(é)", "position 1: expected a node"),
    ],
)
def test_a_syntax_error_has_its_position(text: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        parse_path(text)


def test_nodes_and_edges_must_alternate() -> None:
    with pytest.raises(ConfigurationError, match="cannot have"):
        PathPattern([NodeTest(), NodeTest()])
