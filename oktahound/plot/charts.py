"""Draw charts of a blast radius, machine identities, scopes of integrations, and a diff."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import accumulate, pairwise
from typing import NamedTuple

import networkx as nx
from matplotlib.ticker import MaxNLocator

from oktahound.analysis import Difference, Radius
from oktahound.analysis import blast_radius as radius_of
from oktahound.analysis.source_graph import graph_of
from oktahound.errors import ConfigurationError
from oktahound.plot.picture import Picture
from oktahound.plot.style import SEVERITY_COLORS, blank_figure, fonts, kind_text, label, node_style, write
from oktahound.scopes import Severity, scope_reach
from oktahound.snapshot import Snapshot
from oktahound.snapshot.display import spelled_out

__all__ = ["blast_radius", "diff", "machine_identities", "scope_matrix"]

_MOST_KINDS = 14
_MOST_MACHINES = 60
_MOST_SCOPES, _MOST_INTEGRATIONS = 60, 25
_NO_SCOPES = "no scopes, or not read"
_NAME_WIDTH = 26
"""The width of the longest name of a machine, in units of the axis."""
_HATCHES = ("", "///", "...", "xxx", "\\\\\\", "ooo")


def blast_radius(radius: Radius) -> Picture:
    """Draw the nodes that a node reaches, or that reach it, by kind and number of steps.

    Args:
        radius: a result of `oktahound.analysis.blast_radius` or `oktahound.analysis.who_can_reach`.
    """
    steps = {
        kind: Counter(len(radius.path(node)) for node in nodes) for kind, nodes in radius.by_kind.items()
    }
    kinds = sorted(steps, key=lambda kind: (-sum(steps[kind].values()), kind))
    shown = kinds[:_MOST_KINDS][::-1]
    distances = sorted({distance for kind in shown for distance in steps[kind]})
    verb = "is reached by" if radius.backwards else "reaches"
    share = "<1 %" if 0 < radius.share < 0.01 else f"{radius.share:.0%}"
    name = label(radius.graph, radius.node, 60)
    title = f"{name} {verb} {len(radius.nodes)} nodes, {share} of the organization"
    note = f"{len(kinds) - len(shown)} more kinds are not shown." if len(kinds) > len(shown) else None
    figure, axes = blank_figure(8, 1.2 + 0.38 * max(len(shown), 1), title, note)
    left = [0] * len(shown)
    for place, distance in enumerate(distances):
        values = [steps[kind][distance] for kind in shown]
        gray = 0.25 + 0.6 * place / max(len(distances) - 1, 1)
        axes.barh(
            [kind_text(kind) for kind in shown], values, left=left, color=str(gray), edgecolor="white",
            hatch=_HATCHES[place % len(_HATCHES)], label=f"{distance} step{'s' if distance > 1 else ''}",
        )  # fmt: skip
        left = [start + value for start, value in zip(left, values, strict=True)]
    for row, kind in enumerate(shown):
        write(axes, left[row], row, f" {left[row]} of {radius.totals[kind]}", va="center", fontsize=8)
    axes.set_xlabel("nodes")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlim(0, 1.18 * max(left, default=1))
    axes.spines[["top", "right"]].set_visible(False)
    if distances:
        axes.legend(
            title="shortest path", fontsize=8, loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False
        )
    return Picture(figure, title, note)


def machine_identities(source: Snapshot) -> Picture:
    """Draw the machine identities of an org by the severity of their scopes and by their reach.

    Machine identities are API service integrations, service applications and API tokens, and AI agents,
    MCP servers and service accounts if they were read.

    The vertical axis is the highest severity of the scopes that a client has. An API token has the rights
    of its owner and no scopes of Okta's API, and an AI agent has no scopes either: both are drawn in the
    lowest band, together with clients whose scopes were not read. The horizontal axis is the share of the
    organization that each machine identity reaches.

    Args:
        source: the snapshot. Its graph is built, and one blast radius is computed for each machine. If there
            are more than 60, those with the least severe scopes are left out.
    """
    graph = graph_of(source, "machine_identities")
    machines = sorted(
        _machines(source, graph), key=lambda each: (-(each[1].weight if each[1] else 5), each[0])
    )
    shown = machines[:_MOST_MACHINES]
    cut = len(machines) - len(shown)
    note = f"{cut} more machine identities are not shown." if cut else None
    title = f"{len(machines)} machine identities of {spelled_out(source.domain)}: what they hold and reach"
    levels = [_NO_SCOPES, *(severity.value for severity in sorted(Severity))]
    bands: dict[str, list[_Machine]] = {level: [] for level in levels}
    for key, severity in shown:
        share = 100 * radius_of(graph, key).share
        bands[severity.value if severity else _NO_SCOPES].append(_Machine(share, key))
    lines = {level: _in_lines(bands[level]) for level in levels}
    tops = list(accumulate((max(len(lines[level]), 1) + 0.8 for level in levels), initial=0.0))
    figure, axes = blank_figure(9, 1.6 + 0.2 * tops[-1], title, note)
    used: set[str] = set()
    for bottom, level in zip(tops, levels, strict=False):
        axes.axhline(bottom, color="#e5e5e5", linewidth=0.6)
        for place, line in enumerate(lines[level]):
            y = bottom + 0.9 + place
            for share, key in line:
                kind = str(graph.nodes[key]["kind"])
                style = node_style(kind)
                axes.plot(share, y, style.marker, color=style.color, markersize=8, markeredgecolor="#222222",
                          label=None if kind in used else kind_text(kind))  # fmt: skip
                used.add(kind)
                write(axes, share + 1.2, y, label(graph, key), va="center", fontsize=7)
    axes.set_yticks([(low + high) / 2 for low, high in pairwise(tops)], levels)
    axes.set_ylim(0, tops[-1])
    axes.set_xlim(-2, 118)
    axes.set_xticks(range(0, 101, 20), [f"{each} %" for each in range(0, 101, 20)])
    axes.set_xlabel("share of users, integrations, groups and applications reached")
    axes.set_ylabel("most severe power of the scopes held")
    axes.grid(visible=True, axis="x", color="#e5e5e5", linewidth=0.6)
    axes.set_axisbelow(True)
    if used:
        axes.legend(fontsize=8, loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False)
    return Picture(figure, title, note)


class _Machine(NamedTuple):
    share: float
    key: str


def _in_lines(machines: list[_Machine]) -> list[list[_Machine]]:
    """Distribute machines of one level over lines, so that no name covers the next machine."""
    lines: list[list[_Machine]] = []
    for each in sorted(machines):
        free = next((line for line in lines if line[-1].share + _NAME_WIDTH < each.share), None)
        if free is None:
            lines.append([each])
        else:
            free.append(each)
    return lines


def _machines(source: Snapshot, graph: nx.MultiDiGraph[str]) -> Iterable[tuple[str, Severity | None]]:
    """Return the machine identities that have a node, with the severity of their scopes."""
    for integration in source.api_service_integrations:
        if integration.id in graph:
            held = integration.oauth_scopes
            yield integration.id, scope_reach(held).severity if held else None
    grants: dict[str, list[str]] = {}
    for grant in source.consent_grants:
        if grant.scope_id is not None and grant.is_active:
            grants.setdefault(grant.app_id, []).append(grant.scope_id)
    for app in source.applications:
        if app.is_service and app.id in graph:
            granted = grants.get(app.id)
            yield app.id, scope_reach(granted).severity if granted else None
    others = (source.api_tokens, source.ai_agents, source.mcp_servers, source.service_accounts)
    yield from ((each.id, None) for rows in others for each in rows if each.id in graph)


def scope_matrix(source: Snapshot) -> Picture:
    """Draw the scopes of each integration, with the severity of the most severe power of each scope.

    Args:
        source: the snapshot. Of more than 60 scopes, the least severe are left out; of more than 25
            integrations, the last.

    Raises:
        ConfigurationError: no integration has a scope that was read.
    """
    integrations = [each for each in source.api_service_integrations if each.oauth_scopes]
    scopes = sorted({scope for each in integrations for scope in each.oauth_scopes or ()})
    if not scopes:
        raise ConfigurationError(
            "no scopes of an API service integration were read: see gaps of the snapshot for the reason"
        )
    severity = {scope: scope_reach([scope]).severity for scope in scopes}
    scopes.sort(key=lambda scope: (-severity[scope].weight, scope))
    rows, columns = scopes[:_MOST_SCOPES], integrations[:_MOST_INTEGRATIONS]
    left_out = [
        f"{len(whole) - len(part)} more {noun}"
        for whole, part, noun in ((scopes, rows, "scopes"), (integrations, columns, "integrations"))
        if len(whole) > len(part)
    ]
    note = f"{' and '.join(left_out)} are not shown." if left_out else None
    title = f"Scopes of the API service integrations of {spelled_out(source.domain)}"
    figure, axes = blank_figure(3.2 + 0.45 * len(columns), 1.6 + 0.24 * len(rows), title, note)
    for x, integration in enumerate(columns):
        for y, scope in enumerate(rows):
            if scope in (integration.oauth_scopes or ()):
                color = SEVERITY_COLORS[severity[scope]]
                axes.plot(x, y, "s", color=color, markersize=10, markeredgecolor="#222222")
                # The letter is the first letter of the severity; it is white on dark squares.
                light = severity[scope] in {Severity.CRITICAL, Severity.HIGH}
                letter = severity[scope].value[0].upper()
                write(axes, x, y + 0.02, letter, ha="center", va="center", fontsize=6,
                      color="white" if light else "black")  # fmt: skip
    names = [_cut(integration.display_text) for integration in columns]
    axes.set_xticks(range(len(columns)), names, rotation=55, ha="right", fontsize=7.5)
    axes.set_yticks(range(len(rows)), [_cut(str(scope), 44) for scope in rows], fontsize=7.5)
    for tick in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        tick.set_parse_math(False)
        tick.set_fontfamily(fonts())
    axes.set_xlim(-0.6, len(columns) - 0.4)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.grid(visible=True, color="#eeeeee", linewidth=0.6)
    axes.set_axisbelow(True)
    for each in sorted(Severity, reverse=True):
        axes.plot([], [], "s", color=SEVERITY_COLORS[each], markeredgecolor="#222222", label=each.value)
    axes.legend(
        title="most severe power", fontsize=7.5, loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False
    )
    return Picture(figure, title, note)


def diff(difference: Difference) -> Picture:
    """Draw the numbers of changes between two snapshots that came and that went, by topic.

    Args:
        difference: a result of `oktahound.analysis.diff`.
    """
    came = Counter(str(change.topic) for change in difference.came)
    went = Counter(str(change.topic) for change in difference.went)
    topics = sorted(came.keys() | went.keys(), reverse=True)
    title = f"{came.total()} came, {went.total()} went"
    note = f"{len(difference.unknown)} topics could not be compared." if difference.unknown else None
    figure, axes = blank_figure(8, 1.2 + 0.4 * max(len(topics), 1), title, note)
    places = range(len(topics))
    axes.barh(places, [came[topic] for topic in topics], color="#0072b2", edgecolor="#222222", label="came")
    axes.barh(
        places,
        [-went[topic] for topic in topics],
        color="#e69f00",
        edgecolor="#222222",
        hatch="///",
        label="went",
    )
    for row, topic in enumerate(topics):
        for count, side in ((came[topic], 1), (went[topic], -1)):
            if count:
                write(axes, side * count, row, f" {count} ", va="center", ha="left" if side > 0 else "right",
                      fontsize=8)  # fmt: skip
    axes.set_yticks(places, [spelled_out(topic) for topic in topics])
    axes.axvline(0, color="#222222", linewidth=0.8)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.xaxis.set_major_formatter(lambda value, _: f"{abs(value):g}")
    axes.margins(x=0.15)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.legend(fontsize=8, frameon=False, loc="upper left", bbox_to_anchor=(1.01, 1.0))
    return Picture(figure, title, note)


def _cut(text: str, width: int = 26) -> str:
    text = spelled_out(text)
    return text if len(text) <= width else f"{text[: width - 1]}…"
