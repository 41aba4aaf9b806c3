"""All objects with HTML of an org whose texts an attacker wrote."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import oktahound
from hostile.corruption import corrupted_org
from oktahound import Snapshot, analysis, build_graph, collect
from oktahound.entities import ENTITIES

__all__ = ["Scene"]


class Scene:
    """The outputs for an org in which an attacker wrote every text and the end of every name."""

    def __init__(self, text: str) -> None:
        def corrupt(name: str, value: Any) -> Any:
            if name == "grantedScopes":  # a scope with a space is invalid, and then there is no reach
                return value
            # Some fields are numbers: they become gaps with the type of the value.
            return text if isinstance(value, str | int) else value

        org, client = corrupted_org(corrupt)
        org.forbid("okta.devices.read")
        org.fail("GET /api/v1/realms", status=400, times=None)
        self.progress: list[Any] = []
        with client:
            self.snapshot = collect(
                client,
                mfa="all",
                signing_keys=True,
                trust_boundaries=True,
                usage=timedelta(days=1),
                progress=self.progress.append,
            )
        self.told = [*self.snapshot.gaps, *self.progress, client]

    @functools.cached_property
    def answers(self) -> list[Any]:
        """Everything that a notebook shows."""
        return list(self._answers())

    @functools.cached_property
    def html(self) -> list[str]:
        """The HTML of each answer, made once: pictures take long."""
        return [answer._repr_html_() for answer in self.answers]

    def _answers(self) -> Iterator[Any]:
        less = oktahound.Snapshot(**{**vars_of(self.snapshot), "api_service_integrations": ()})
        yield from (self.snapshot.rows(cls) for cls in ENTITIES)
        yield from (self.snapshot.rows(cls)[0] for cls in ENTITIES if self.snapshot.rows(cls))
        yield from (self.snapshot, analysis.diff(self.snapshot, less), analysis.findings(self.snapshot))
        graph = build_graph(self.snapshot, scopes=True, trust_boundaries=True, saml=True)
        yield graph
        yield from (analysis.tier_zero(graph), analysis.choke_points(graph), analysis.riskiest(graph))
        yield from (analysis.usage(self.snapshot), analysis.right_size(self.snapshot))
        yield analysis.questions
        yield from (question.ask(graph) for question in analysis.questions)
        # The first has scopes that read, and the second also scopes that write.
        reader, writer = self.snapshot.api_service_integrations[:2]
        yield from (reader.reach(), writer.reach())
        # One of each class, because pictures take long.
        radius = analysis.blast_radius(graph, writer.id)
        yield radius
        yield analysis.who_can_reach(graph, writer.id)
        yield radius.path(min(radius.nodes))


def vars_of(snapshot: Snapshot) -> dict[str, Any]:
    return {name: getattr(snapshot, name) for name in inspect.signature(Snapshot).parameters}
