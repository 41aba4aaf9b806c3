"""Write the report: gaps first, then machine identities, findings, tier zero, and paths."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from functools import cached_property
from html import escape
from importlib import metadata, resources
from pathlib import Path

import networkx as nx

from oktahound import analysis
from oktahound.analysis.source_graph import graph_of
from oktahound.entities import ConsentGrant, time_text
from oktahound.errors import ConfigurationError
from oktahound.file_types import is_folder
from oktahound.reporting.html import badge, listed, section, share_text, table, text
from oktahound.reporting.path_drawing import path_svg
from oktahound.scopes import Severity, scope_reach
from oktahound.snapshot import Snapshot
from oktahound.snapshot.display import printable

__all__ = ["report"]

_MOST_GAPS, _MOST_MACHINES, _MOST_FINDINGS, _MOST_TIER_ZERO, _MOST_PATHS = 200, 100, 300, 200, 10
_FEW_GAPS = 20
_SECTIONS = (
    ("gaps", "What was not read"),
    ("machines", "Machine identities"),
    ("findings", "Findings"),
    ("tier-zero", "Tier zero"),
    ("paths", "Paths to the organization"),
    ("assumptions", "Assumptions"),
)


def report(
    snapshot: Snapshot, path: str | os.PathLike[str], *, graph: nx.MultiDiGraph[str] | None = None
) -> Path:
    """Write a report about an org as one HTML file.

    The file contains no script, loads nothing from a network, and can be printed. Only its owner can read it,
    because it shows how to attack the org. It replaces an existing file when it is complete. The function
    takes as long as `oktahound.analysis.findings`.

    Args:
        snapshot: the snapshot of the org.
        path: path of the file, preferably with the suffix ``.html``.
        graph: the graph of the snapshot, built with ``scopes=True``. Give it if it was built already, or to
            show other optional parts. None builds a graph with the parts for which the snapshot was
            collected.

    Returns:
        The path of the file.

    Raises:
        ConfigurationError: `path` is a folder, or `graph` lacks scopes that the report depends on.
        OSError: the file cannot be written.
    """
    target = Path(path)
    if is_folder(target):
        raise ConfigurationError(f"{target} is a folder: name a file, such as {target / 'report.html'}")
    content = _Report(snapshot, graph).html()
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(prefix=".report-", dir=target.parent)  # readable by its owner only
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(content)
        Path(draft).replace(target)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
    return target


class _Report:
    """The parts of the report, each computed once."""

    def __init__(self, snapshot: Snapshot, graph: nx.MultiDiGraph[str] | None) -> None:
        self._snapshot = snapshot
        self._graph: nx.MultiDiGraph[str] = graph_of(snapshot if graph is None else graph, "report")
        self._assumptions: Counter[str] = Counter()

    @cached_property
    def _findings(self) -> analysis.Findings:
        return analysis.findings(self._snapshot, graph=self._graph)

    @cached_property
    def _machines(self) -> analysis.Ranking:
        return analysis.riskiest(self._graph, of="machines")

    @cached_property
    def _tier_zero(self) -> analysis.TierZero:
        return analysis.tier_zero(self._graph)

    def html(self) -> str:
        """Return the whole page."""
        style = resources.files("oktahound.reporting").joinpath("report.css").read_text(encoding="utf-8")
        bodies = {
            "gaps": self._gaps(),
            "machines": self._machine_section(),
            "findings": self._finding_section(),
            "tier-zero": self._tier_zero_section(),
            "paths": self._path_section(),
        }
        bodies["assumptions"] = self._assumption_section()
        domain = text(self._snapshot.domain)
        links = "".join(f'<li><a href="#{name}">{escape(title)}</a></li>' for name, title in _SECTIONS)
        parts = "".join(section(name, title, bodies[name]) for name, title in _SECTIONS)
        return (
            f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{domain}: report</title>'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            '<meta http-equiv="Content-Security-Policy" '
            "content=\"default-src 'none'; style-src 'unsafe-inline'\">"
            f'<meta name="robots" content="noindex"><style>{style}</style></head><body>'
            f"{self._header(domain)}<nav><ul>{links}</ul></nav>{self._numbers()}{parts}</body></html>\n"
        )

    def _header(self, name: str) -> str:
        read, organization = time_text(self._snapshot.collected_at), text(self._snapshot.organization.id)
        version = metadata.version("oktahound")
        return (
            f"<header><h1>{name}</h1><p class='soft'>Okta organization {organization}, "
            f"read {read}. Created with oktahound {text(version)}. Confidential: this page shows how the "
            "organization can be attacked.</p></header>"
        )

    def _numbers(self) -> str:
        found = Counter(each.severity for each in self._findings)
        controlling = sum(each.organization is not None for each in self._machines)
        numbers = (
            (found[Severity.CRITICAL], "critical findings"),
            (found[Severity.HIGH], "high findings"),
            (controlling, "machine identities that can control the organization"),
            (len(self._tier_zero), "nodes in tier zero"),
            (len(self._snapshot.gaps), "gaps in the snapshot"),
        )
        boxes = "".join(f"<div><b>{count}</b>{escape(words)}</div>" for count, words in numbers)
        return f'<div class="numbers">{boxes}</div>'

    def _gaps(self) -> str:
        attributes = self._graph.graph
        gaps, withheld, unsure = (
            self._snapshot.gaps,
            attributes.get("withheld", {}),
            attributes.get("unsure", {}),
        )
        unknown = [f"role {each['type']}" for each in attributes.get("unknownRoles", ())]
        unknown += [f"permission {each['permission']}" for each in attributes.get("unknownPermissions", ())]
        if not gaps and not withheld and not unsure and not unknown:
            return "<p>Everything that was requested was read. No rule of the graph was withheld.</p>"
        lost = sum(gap.loses_rows for gap in gaps)
        parts = [f"<p>{len(gaps)} gaps, {lost} of them with missing rows. This report may be incomplete.</p>"]
        for words, rules in (("withheld, because they could add false edges", withheld), ("unsure", unsure)):
            if rules:
                items = (f"{rule}: {', '.join(of)} not fully read" for rule, of in sorted(rules.items()))
                parts.append(f"<p>Rules of the graph that are {words}:</p>{listed(items)}")
        if unknown:
            parts.append(
                f"<p>Roles and permissions that are unknown and give no edges:</p>{listed(sorted(unknown))}"
            )
        if gaps:
            shown = sorted(gaps, key=lambda gap: not gap.loses_rows)[:_MOST_GAPS]
            opened = " open" if len(gaps) <= _FEW_GAPS else ""
            rest = _more(len(gaps), len(shown))
            parts.append(f"<details{opened}><summary>All gaps</summary>{listed(shown)}{rest}</details>")
        return f'<div class="warning">{"".join(parts)}</div>'

    def _machine_section(self) -> str:
        severities = self._severities()
        rows = []
        ranked = {each.node for each in self._machines}
        for each in self._machines[:_MOST_MACHINES]:
            severity = severities.get(each.node)
            control = {"certain": "yes", "assumed": "yes, with assumptions"}.get(
                each.organization or "", "no"
            )
            rows.append(
                (text(each.name), _kind(each.kind), self._scope_cell(each.node, severity), control,
                 share_text(each.share))
            )  # fmt: skip
        mild = sorted((node for node in severities.keys() - ranked if node in self._graph), key=self._name)
        for node in mild[: max(_MOST_MACHINES - len(rows), 0)]:
            severity = severities[node]
            kind = _kind(str(self._graph.nodes[node].get("kind", "")))
            rows.append((text(self._name(node)), kind, self._scope_cell(node, severity), "no", "0 %"))
        total = len(self._machines) + len(mild)
        if not rows:
            return "<p>No API service integration, service application or API token was read.</p>"
        head = ("name", "kind", "severity of its scopes", "can control the organization", "reaches")
        return (
            "<p>API service integrations, applications and API tokens, and AI agents, MCP servers and "
            "service accounts if they were read, the riskiest first. An API token has the rights of its "
            "owner and no scopes.</p>" + table(head, rows) + _more(total, len(rows))
        )

    def _scope_cell(self, node: str, severity: Severity | None) -> str:
        """The severity of the scopes of a machine identity; the cell is not empty if they were not read."""
        if severity is not None:
            return badge(severity)
        return "not read" if node in self._unread_scopes else ""

    @cached_property
    def _unread_scopes(self) -> frozenset[str]:
        """Ids of the integrations and service applications whose scopes were not read."""
        integrations = {
            each.id for each in self._snapshot.api_service_integrations if each.oauth_scopes is None
        }
        if self._snapshot.is_whole(ConsentGrant):
            return frozenset(integrations)
        return frozenset(integrations | {app.id for app in self._snapshot.applications if app.is_service})

    def _severities(self) -> dict[str, Severity | None]:
        """Return the highest severity of the scopes of each machine identity; None without scopes."""
        found: dict[str, Severity | None] = {token.id: None for token in self._snapshot.api_tokens}
        for integration in self._snapshot.api_service_integrations:
            held = integration.oauth_scopes
            found[integration.id] = scope_reach(held).severity if held else None
        granted: dict[str, list[str]] = {}
        for grant in self._snapshot.consent_grants:
            if grant.scope_id is not None and grant.is_active:
                granted.setdefault(grant.app_id, []).append(grant.scope_id)
        services = {app.id for app in self._snapshot.applications if app.is_service}
        for app in sorted(services | granted.keys()):
            found[app] = scope_reach(granted[app]).severity if app in granted else None
        return found

    def _finding_section(self) -> str:
        shown = self._findings[:_MOST_FINDINGS]
        parts = [self._finding(each) for each in shown]
        if not parts:
            parts = ["<p>None.</p>"]
        parts.append(_more(len(self._findings), len(shown)))
        if reasons := [str(each) for each in self._findings.not_checked]:
            summary = f"{len(reasons)} classes of findings could not be decided everywhere"
            parts.append(f"<details><summary>{escape(summary)}</summary>{listed(reasons)}</details>")
        return "".join(parts)

    def _finding(self, each: analysis.Finding) -> str:
        self._assumptions.update(each.assumptions)
        evidence = listed(each.evidence)
        return (
            f'<article class="finding"><h3>{badge(each.severity)} {text(each.name)}: {text(each.title)}</h3>'
            f'<p class="soft small">{_kind(each.kind)} {text(each.node)}</p><dl><dt>Meaning</dt>'
            f"<dd>{text(each.meaning)}</dd><dt>Remedy</dt><dd>{text(each.what_to_do)}</dd>"
            f"<dt>Evidence</dt><dd>{evidence}</dd></dl></article>"
        )

    def _tier_zero_section(self) -> str:
        shown = self._tier_zero[:_MOST_TIER_ZERO]
        rows = []
        for each in shown:
            self._assumptions.update(each.assumptions)
            rows.append((text(each.name), _kind(each.kind), text(each.reason)))
        return (
            "<p>Nodes whose control is control of the organization, with the shortest reason.</p>"
            + table(("name", "kind", "reason"), rows)
            + _more(len(self._tier_zero), len(shown))
        )

    def _path_section(self) -> str:
        chosen = [each for each in self._machines if each.organization is not None][:_MOST_PATHS]
        if not chosen:
            return "<p>No machine identity has a path to control of the organization.</p>"
        return "".join(self._path(each.name, each.path) for each in chosen)

    def _path(self, name: str, path: analysis.Path) -> str:
        self._assumptions.update(path.assumptions)
        steps = []
        for step in path.steps:
            assumed = f" <em>Assumption: {text(step.assumption)}</em>" if step.assumption else ""
            start, end = text(self._name(step.start)), text(self._name(step.end))
            sentence = f"<b>{start}</b> {text(step.kind)} <b>{end}</b>. {text(step.why)}"
            steps.append(f"<li>{sentence}{assumed}</li>")
        drawing = f'<div class="scroll">{path_svg(self._graph, path)}</div>' if path.steps else ""
        return f"<h3>{text(name)}</h3>{drawing}<ol class='steps'>{''.join(steps)}</ol>"

    def _assumption_section(self) -> str:
        if not self._assumptions:
            return "<p>Nothing in this report depends on behaviour that Okta does not document.</p>"
        rows = ((text(words), str(count)) for words, count in sorted(self._assumptions.items()))
        return "<p>Behaviour that Okta does not document, but parts of this report depend on.</p>" + table(
            ("assumption", "occurrences"), rows
        )

    def _name(self, node: str) -> str:
        return printable(str(self._graph.nodes[node].get("name", node)))


def _kind(kind: str) -> str:
    return text(kind.removeprefix("Okta_").removeprefix("OktaHound_"))


def _more(total: int, shown: int) -> str:
    return f"<p class='soft'>… and {total - shown} more.</p>" if total > shown else ""
