"""Define colours, shapes and texts of pictures."""

from __future__ import annotations

import functools
import re
from typing import Any, NamedTuple

import networkx as nx
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from oktahound.graph.kind_names import is_of_org
from oktahound.scopes import Severity
from oktahound.snapshot.display import spelled_out

__all__ = [
    "SEVERITY_COLORS",
    "NodeStyle",
    "blank_figure",
    "fonts",
    "kind_text",
    "label",
    "node_name",
    "node_style",
    "write",
]

_LONGEST_LABEL = 24
# DejaVu Sans, which comes with matplotlib, lacks the letters of East and South Asia.
_OTHER_FONTS = (
    "Noto Sans CJK JP",
    "Noto Sans CJK SC",
    "Noto Sans JP",
    "Source Han Sans",
    "Hiragino Sans",
    "Yu Gothic",
    "Microsoft YaHei",
    "PingFang SC",
    "Malgun Gothic",
    "WenQuanYi Micro Hei",
    "Arial Unicode MS",
    "Noto Sans Devanagari",
    "Nirmala UI",
    "Noto Sans Thai",
    "Noto Emoji",
)


_MATCHED = re.compile(r"\w+\((?:.*,)?\w+=([^=]+)\)", re.DOTALL)


class NodeStyle(NamedTuple):
    """The colour and shape of nodes of a kind.

    Attributes:
        color: fill colour, from the palette of Okabe and Ito, which people with any colour vision can
            distinguish.
        marker: matplotlib's marker.
    """

    color: str
    marker: str


_STYLES = {
    "Okta_Organization": NodeStyle("#000000", "*"),
    "Okta_User": NodeStyle("#56b4e9", "o"),
    "Okta_Group": NodeStyle("#0072b2", "h"),
    "Okta_Application": NodeStyle("#009e73", "s"),
    "Okta_ApiServiceIntegration": NodeStyle("#d55e00", "D"),
    "Okta_ClientSecret": NodeStyle("#e69f00", "^"),
    "Okta_JWK": NodeStyle("#e69f00", "v"),
    "Okta_ApiToken": NodeStyle("#e69f00", ">"),
    "Okta_Role": NodeStyle("#cc79a7", "p"),
    "Okta_CustomRole": NodeStyle("#cc79a7", "p"),
    "Okta_RoleAssignment": NodeStyle("#cc79a7", "P"),
    "Okta_IdentityProvider": NodeStyle("#f0e442", "d"),
    "Okta_Device": NodeStyle("#999999", "8"),
    "OktaHound_AiAgent": NodeStyle("#d55e00", "p"),
    "OktaHound_McpServer": NodeStyle("#009e73", "D"),
    "OktaHound_ServiceAccount": NodeStyle("#56b4e9", "D"),
    "OktaHound_SigningKey": NodeStyle("#e69f00", "v"),
    "OktaHound_OAuthScope": NodeStyle("#f0e442", "<"),
}
_DIRECTORY_KINDS = frozenset({"User", "Group", "Computer", "Domain"})
_OTHER_OKTA = NodeStyle("#bbbbbb", "s")
_FOREIGN = NodeStyle("#ffffff", "X")

SEVERITY_COLORS = {
    Severity.CRITICAL: "#5e0b15",
    Severity.HIGH: "#d55e00",
    Severity.MEDIUM: "#e69f00",
    Severity.LOW: "#a6d8f5",
    Severity.INFO: "#e6e6e6",
}
"""Colours from dark to light, so that the order is visible in greyscale."""


def node_style(kind: str) -> NodeStyle:
    """Return the style of a node kind. All other kinds of Okta share a style, as do all other systems."""
    return _STYLES.get(kind, _OTHER_OKTA if is_of_org(kind) else _FOREIGN)


def kind_text(kind: str) -> str:
    """Return a kind as text: ``ApiToken`` for ``Okta_ApiToken``, ``AD User`` for ``User`` of a directory."""
    if kind in _DIRECTORY_KINDS:
        return f"AD {kind}"
    return kind.removeprefix("Okta_").removeprefix("OktaHound_")


def node_name(graph: nx.MultiDiGraph[str], node: str) -> str:
    """Return the name of a node; for a node of another system without a name, the last property matched."""
    if name := graph.nodes[node].get("name"):
        return str(name)
    # AZUser(tenantid=…,userprincipalname=ann@contoso.com)
    found = _MATCHED.fullmatch(node)
    return found[1] if found else node


def label(graph: nx.MultiDiGraph[str], node: str, width: int = _LONGEST_LABEL) -> str:
    """Return the name of a node, on one line and cut to the width."""
    text = spelled_out(node_name(graph, node))
    return text if len(text) <= width else f"{text[: width - 1]}…"


@functools.cache
def fonts() -> list[str]:
    """Return matplotlib's own font, and the installed fonts with letters that it lacks."""
    installed = set(font_manager.get_font_names())
    return ["DejaVu Sans", *(name for name in _OTHER_FONTS if name in installed)]


def blank_figure(width: float, height: float, title: str, note: str | None) -> tuple[Figure, Axes]:
    """Create a figure of this size in inches, with its title, and the note below it."""
    figure = Figure(figsize=(width, height))
    axes = figure.add_subplot()
    axes.set_title(title, fontsize=11, loc="left", parse_math=False, family=fonts())
    if note:
        figure.text(0.01, 0.0, note, fontsize=8, color="#555555", va="top", parse_math=False, family=fonts())
    return figure, axes


def write(axes: Axes, x: float, y: float, text: str, **options: Any) -> None:
    """Write a text that can contain names of the org: a dollar sign does not start a formula."""
    axes.text(x, y, text, parse_math=False, family=fonts(), **options)
