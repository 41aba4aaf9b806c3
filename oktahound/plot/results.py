"""Draw a result of `oktahound.analysis`; its HTML shows the picture above the table."""

from __future__ import annotations

from collections import Counter

import networkx as nx
from matplotlib.ticker import MaxNLocator

from oktahound.analysis import Difference, Findings, Path, Radius
from oktahound.errors import ConfigurationError
from oktahound.plot.charts import blast_radius, diff
from oktahound.plot.graphs import paths
from oktahound.plot.picture import Picture
from oktahound.plot.style import SEVERITY_COLORS, blank_figure, write
from oktahound.scopes import Severity
from oktahound.snapshot.display import spelled_out

__all__ = ["findings", "picture_of_result"]

_MOST_STEPS = 12
_MOST_NODES = 20_000


def findings(found: Findings) -> Picture:
    """Draw the numbers of findings by kind of object and by severity.

    Args:
        found: the result of `oktahound.analysis.findings`, or a part of it.

    Raises:
        ConfigurationError: there is no finding.
    """
    if not found:
        raise ConfigurationError("there is no finding to draw")
    counts = {
        subject: Counter(each.severity for each in items) for subject, items in found.by_subject.items()
    }
    subjects = sorted(counts, key=lambda subject: (max(counts[subject]).weight, counts[subject].total()))
    title = f"{len(found)} findings by object and severity"
    figure, axes = blank_figure(8, 1.2 + 0.32 * len(subjects), title, None)
    left = [0] * len(subjects)
    for severity in sorted(Severity, reverse=True):
        values = [counts[subject][severity] for subject in subjects]
        color = SEVERITY_COLORS[severity]
        axes.barh(
            range(len(subjects)), values, left=left, color=color, edgecolor="white", label=severity.value
        )
        left = [start + value for start, value in zip(left, values, strict=True)]
    for row, subject in enumerate(subjects):
        # If another bar is a thousand times as long, the part of the most severe findings is too small to
        # see.
        severe = [
            f"{counts[subject][each]} {each.value}"
            for each in (Severity.CRITICAL, Severity.HIGH)
            if counts[subject][each]
        ]
        text = f" {left[row]} ({', '.join(severe)})" if severe else f" {left[row]}"
        write(axes, left[row], row, text, va="center", fontsize=8)
    axes.set_yticks(range(len(subjects)), [spelled_out(subject) for subject in subjects])
    axes.set_xlabel("findings")
    axes.set_xlim(0, 1.3 * max(left))
    axes.spines[["top", "right"]].set_visible(False)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(fontsize=8, frameon=False, loc="upper left", bbox_to_anchor=(1.01, 1.0))
    return Picture(figure, title)


def picture_of_result(result: object) -> Picture:
    """Draw a path, radius, difference or findings.

    Raises:
        ConfigurationError: there is nothing to draw, or there are so many nodes that drawing takes seconds.
    """
    match result:
        case Path() if 0 < len(result) <= _MOST_STEPS:
            graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
            for node in result.nodes:
                name, kind = result.about.get(node, (node, ""))
                graph.add_node(node, name=name, kind=kind)
            return paths(graph, result)
        case Radius() if 0 < len(result.nodes) <= _MOST_NODES:
            return blast_radius(result)
        case Findings():
            return findings(result)
        case Difference() if result.came or result.went:
            return diff(result)
    raise ConfigurationError(f"there is no picture of this {type(result).__name__}")
