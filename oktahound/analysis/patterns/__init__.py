"""Graph questions as path patterns: syntax, matching engine, and catalogue."""

from __future__ import annotations

from oktahound.analysis.patterns.answer import Answer
from oktahound.analysis.patterns.catalogue import PrivilegeZoneRule, Questions, load_questions, questions
from oktahound.analysis.patterns.matching import Match, MatchedEdge
from oktahound.analysis.patterns.pattern import AnyOf, Condition, EdgeStep, NodeTest, PathPattern
from oktahound.analysis.patterns.question import Question
from oktahound.analysis.patterns.syntax import parse_path

__all__ = [
    "Answer",
    "AnyOf",
    "Condition",
    "EdgeStep",
    "Match",
    "MatchedEdge",
    "NodeTest",
    "PathPattern",
    "PrivilegeZoneRule",
    "Question",
    "Questions",
    "load_questions",
    "parse_path",
    "questions",
]
