"""Network zones that make a step of a path harder. They are mitigations, not a proof of safety."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any, cast

import networkx as nx

from oktahound.graph import EDGE_KINDS
from oktahound.graph.rules.network_limits import LIMITED_TO_ZONE
from oktahound.graph.rules.role_structure import HOLDERS

__all__ = ["ADMIN_CONSOLE", "ZoneLimits"]

ADMIN_CONSOLE = "saasure"
"""The application type of the Admin Console."""

_ADMIN_RIGHTS = frozenset(
    kind.name for kind in EDGE_KINDS.values() if kind.traversable and kind.starts >= HOLDERS
)
_USERS = frozenset({"Okta_User", "Okta_Group"})


class ZoneLimits:
    """The network zones that limit nodes of a graph, as texts.

    Args:
        graph: a graph of `oktahound.build_graph`. Limits are found only if it contains trust boundaries.
    """

    def __init__(self, graph: nx.MultiDiGraph[str]) -> None:
        self._graph = graph
        # Many paths share their steps, and a node may have as many edges as the organization has objects.
        self._known: dict[str, str | None] = {}

    def of(self, node: str) -> str | None:
        """Return the limit of a token, client or policy: ``only from 2 network zones``; None if it has none.

        Inactive zones are left out, because Okta does not document the effect of a limit to them. So are
        zones to which only some rules of a policy refer.
        """
        if node not in self._known:
            is_holder = self._graph.nodes[node].get("kind") in LIMITED_TO_ZONE.starts
            self._known[node] = self._limit(node) if is_holder else None
        return self._known[node]

    def of_steps(self, steps: Iterable[tuple[str, str]]) -> list[str | None]:
        """Return the limit of each step of a path.

        Args:
            steps: the start node of each step, and the kind of its edge. Users use admin roles in the Admin
                Console, whose sign-in policy can be limited to zones, unless they use an API token.
        """
        found, by_token = [], False
        for node, kind in steps:
            limit = self.of(node)
            if limit is None and kind in _ADMIN_RIGHTS and not by_token:
                limit = self._limit_of_console(node)
            by_token = by_token or kind == "Okta_ApiTokenFor"
            found.append(limit)
        return found

    def of_console(self, policies: Iterable[str]) -> str | None:
        """Return the limit that these sign-in policies share; None if one of them has another, or none."""
        limits = {self.of(policy) for policy in policies}
        return limits.pop() if len(limits) == 1 else None

    def _limit_of_console(self, node: str) -> str | None:
        is_user = self._graph.nodes[node].get("kind") in _USERS
        return f"in the Admin Console {self._console}" if is_user and self._console else None

    @cached_property
    def _console(self) -> str | None:
        graph = self._graph
        if not graph.graph.get("trust_boundaries"):
            return None
        types = cast("Iterable[tuple[str, object]]", graph.nodes(data="appType"))
        policies = [
            policy
            for app, type_ in types
            if type_ == ADMIN_CONSOLE
            for policy, _, kind in graph.in_edges(app, keys=True)
            if kind == "Okta_PolicyMapping" and graph.nodes[policy].get("type") == "ACCESS_POLICY"
        ]
        return self.of_console(policies)

    def _limit(self, node: str) -> str | None:
        out = self._graph.out_edges(node, keys=True, data=True)
        limits: list[dict[str, Any]] = [
            attributes
            for *_, kind, attributes in out
            if kind == LIMITED_TO_ZONE.name
            and attributes.get("active", True)
            and not attributes.get("partial")
        ]
        included = sum(not attributes.get("excluded") for attributes in limits)
        if included:
            return f"only from {_count(included)}"
        return f"not from {_count(len(limits))}" if limits else None


def _count(zones: int) -> str:
    return f"{zones} network zone{'' if zones == 1 else 's'}"
