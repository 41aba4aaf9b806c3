"""Right-size grants: the scopes that a client requested, and the effect of revoking the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, overload

import attrs
import networkx as nx

from oktahound.analysis.paths import Path
from oktahound.analysis.reachability import Radius, blast_radius
from oktahound.analysis.source_graph import graph_of
from oktahound.analysis.usage.answers import usage
from oktahound.analysis.usage.model import LIMITS, ClientUsage, UsageState
from oktahound.entities import ApiServiceIntegration, EntityTable
from oktahound.graph import OrgIndex
from oktahound.graph.scope_nodes import scope_node
from oktahound.scopes import OAuthScope, Power, Reach
from oktahound.scopes.display import cell, frame, paragraph, table
from oktahound.scopes.records import record
from oktahound.snapshot import Snapshot
from oktahound.snapshot.display import printable, spelled_out

__all__ = ["RightSize", "RightSizes", "right_size"]

_HAS_SCOPE = "OktaHound_HasScope"


@attrs.frozen(kw_only=True)
class RightSize:
    """The grant of one client that the log supports.

    Attributes:
        client: id of the integration or application.
        name: its name.
        kind: ``ApiServiceIntegration`` or ``Application``.
        days: length of the window in whole days.
        keep: the scopes to keep: those that were requested, narrower scopes instead of a wider one of which
            only those were requested, and scopes without enough log.
        revoke: granted scopes that were not requested in the window.
        undecided: scopes in `keep` without enough log.
        verdict: one sentence.
        lost_powers: powers that the whole grant gives but `keep` does not, the most severe first.
        lost_nodes: keys of the nodes that the client reaches with the whole grant but not with `keep`. Empty
            for applications, whose reach depends on their roles.
        lost_path: the path to the organization that would no longer exist; None if there was none, or one
            remains.
    """

    client: str
    name: str
    kind: str
    days: int
    keep: tuple[OAuthScope, ...]
    revoke: tuple[OAuthScope, ...] = ()
    undecided: tuple[OAuthScope, ...] = ()
    verdict: str
    lost_powers: tuple[Power, ...] = ()
    lost_nodes: frozenset[str] = frozenset()
    lost_path: Path | None = None

    @property
    def loses(self) -> tuple[str, ...]:
        """The losses of the client, as texts."""
        losses = [each.sentence.rstrip(".") for each in self.lost_powers]
        if self.lost_path is not None:
            steps = len(self.lost_path)
            losses.append(f"path to control of the organization by {steps} step{'' if steps == 1 else 's'}")
        if self.lost_nodes:
            losses.append(f"reach of {len(self.lost_nodes):,} node{'' if len(self.lost_nodes) == 1 else 's'}")
        return tuple(losses)

    def to_dict(self) -> dict[str, Any]:
        """Return the result as JSON-ready values, with an id that depends only on the client."""
        return record(
            self,
            self.client,
            meaning=f"{self.name}: {self.verdict}.",
            what_to_do=f"Revoke {', '.join(self.revoke)}." if self.revoke else "",
            loses=self.loses,
            **{each.name: getattr(self, each.name) for each in attrs.fields(RightSize)},
        )

    def __str__(self) -> str:
        text = f"{self.name} ({self.client}): {self.verdict}"
        if self.revoke:
            text += f"; revoke {', '.join(self.revoke)}; keep {', '.join(self.keep) or 'nothing'}"
        if self.loses:
            text += f"; loses: {'; '.join(self.loses)}"
        return spelled_out(text)


@attrs.frozen(kw_only=True, repr=False)
class RightSizes(Sequence[RightSize]):
    """The grants of an org's clients that the log supports: a sequence, by kind and name.

    Attributes:
        items: one result for each client with scopes.
        days: length of the window in whole days.
    """

    items: tuple[RightSize, ...]
    days: int

    def __len__(self) -> int:
        return len(self.items)

    @overload
    def __getitem__(self, index: int) -> RightSize: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[RightSize]: ...
    def __getitem__(self, index: int | slice) -> RightSize | Sequence[RightSize]:
        return self.items[index]

    def of(self, client: str) -> RightSize:
        """Return the result for one client.

        Raises:
            KeyError: there is no such client.
        """
        for each in self.items:
            if each.client == client:
                return each
        raise KeyError(client)

    def to_dict(self) -> dict[str, Any]:
        """Return the results for all clients as JSON-ready values."""
        revoked = sum(len(each.revoke) for each in self.items)
        return record(
            self, *sorted(each.client for each in self.items), meaning=LIMITS,
            what_to_do=f"Revoke {revoked} scopes of the clients." if revoked else "",
            days=self.days, clients=self.items,
        )  # fmt: skip

    def to_dataframe(self) -> Any:
        """Convert to a pandas DataFrame, one row for each client.

        Raises:
            ConfigurationError: pandas is not installed.
        """
        names = ("client", "name", "kind", "verdict", "keep", "revoke", "undecided", "loses", "days")
        return frame(names, map(_row, self.items))

    def __repr__(self) -> str:
        lines = [f"  {printable(str(each))}" for each in self.items]
        return "\n".join([f"<grants that {self.days} days of log support", *lines, f"  {LIMITS}"]) + ">"

    def _repr_html_(self) -> str:
        rows = (
            tuple(
                map(
                    cell,
                    (name, kind, verdict, *(", ".join(each) for each in (keep, revoke)), "; ".join(loses)),
                )
            )
            for _, name, kind, verdict, keep, revoke, _, loses, _ in map(_row, self.items)
        )
        head = ("client", "kind", "result", "keep", "revoke", "loses")
        return f"{table(f'grants that {self.days} days of log support', head, rows)}{paragraph(LIMITS)}"


def right_size(snapshot: Snapshot, *, days: int | None = None) -> RightSizes:
    """Compute for each client the grant that the log supports, and its losses without the other scopes.

    Only scopes that were not requested in a window that the log covers are proposed for revocation. For a
    client that requests every scope with every token, the log cannot show the required scopes.

    Args:
        snapshot: the snapshot of a collection with ``usage=``.
        days: length of the window, as in `oktahound.analysis.usage`.

    Raises:
        ConfigurationError: the log was not read, or is shorter than `days`.
    """
    report = usage(snapshot, days=days)
    losses = _LossCalculator(snapshot)
    sized = (_right_size_of(each, losses) for each in report if each.scopes)
    return RightSizes(items=tuple(sized), days=report.days)


def _right_size_of(client: ClientUsage, losses: _LossCalculator) -> RightSize:
    granted = [each.scope for each in client.scopes]
    revoke = client.of_state(UsageState.NOT_ASKED_FOR)
    undecided = client.of_state(UsageState.NOT_ENOUGH_LOG)
    # Tokens with a read scope that a wider scope of the grant permitted: the narrower scope is enough.
    narrower = {each for each in client.former_scopes if any(scope.includes(each) for scope in revoke)}
    keep = tuple(sorted({*granted} - {*revoke} | narrower))
    found = RightSize(
        client=client.client,
        name=client.name,
        kind=client.kind,
        days=client.days,
        keep=keep,
        revoke=revoke,
        undecided=undecided,
        verdict=_verdict(client, revoke, undecided),
    )
    return losses.of(found, granted) if revoke else found


def _verdict(client: ClientUsage, revoke: Sequence[OAuthScope], undecided: Sequence[OAuthScope]) -> str:
    window = f"{client.days} day{'' if client.days == 1 else 's'}"
    if client.asks_for_everything:
        return "it requests every scope with every token, so the log cannot show which it needs"
    if revoke:
        return f"{len(revoke)} of {len(client.scopes)} scopes were not requested in {window}"
    if undecided:
        return f"not enough log: {'; '.join(dict.fromkeys(_reasons(client)))}"
    return f"every scope was requested in {window}"


def _reasons(client: ClientUsage) -> Iterator[str]:
    for each in client.scopes:
        yield from each.because


class _LossCalculator:
    """Computes the losses of clients: powers, and the nodes that they reach."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._index = OrgIndex(snapshot)

    @cached_property
    def _graph(self) -> nx.MultiDiGraph[str]:
        # A separate graph, from which edges can be removed and added again.
        return graph_of(self._snapshot, "right_size", changeable=True)

    def of(self, found: RightSize, granted: Sequence[OAuthScope]) -> RightSize:
        """Return the result with the losses."""
        kept = {power.name for power in Reach(scopes=found.keep).powers}
        powers = tuple(power for power in Reach(scopes=granted).powers if power.name not in kept)
        found = attrs.evolve(found, lost_powers=powers)
        if found.kind != ApiServiceIntegration.__name__ or found.client not in self._graph:
            return found
        before = blast_radius(self._graph, found.client)
        after = self._after(found)
        lost = before.organization if before.organization is not None and after.organization is None else None
        return attrs.evolve(found, lost_nodes=before.nodes - after.nodes, lost_path=lost)

    def _after(self, found: RightSize) -> Radius:
        keep = {scope_node(scope, self._index): scope for scope in found.keep}
        if not keep.keys() <= set(self._graph):
            # A narrower scope without a holder has no node yet.
            rows = self._snapshot.api_service_integrations
            reduced = [
                attrs.evolve(row, oauth_scopes=found.keep) if row.id == found.client else row for row in rows
            ]
            table = EntityTable(ApiServiceIntegration, reduced)
            return blast_radius(attrs.evolve(self._snapshot, api_service_integrations=table), found.client)
        held = {
            end: attributes
            for _, end, kind, attributes in self._graph.out_edges(found.client, keys=True, data=True)
            if kind == _HAS_SCOPE
        }
        narrower = keep.keys() - held.keys()
        try:
            for node in held.keys() - keep.keys():
                self._graph.remove_edge(found.client, node, _HAS_SCOPE)
            for node in narrower:
                self._graph.add_edge(found.client, node, _HAS_SCOPE)
            radius = blast_radius(self._graph, found.client)
            # Compute both while the edges are removed.
            _ = radius.nodes, radius.organization
        finally:
            for node in narrower:
                self._graph.remove_edge(found.client, node, _HAS_SCOPE)
            for node in held.keys() - keep.keys():
                self._graph.add_edge(found.client, node, _HAS_SCOPE, **held[node])
        return radius


def _row(each: RightSize) -> list[Any]:
    return [
        each.client,
        each.name,
        each.kind,
        each.verdict,
        [str(scope) for scope in each.keep],
        [str(scope) for scope in each.revoke],
        [str(scope) for scope in each.undecided],
        list(each.loses),
        each.days,
    ]
