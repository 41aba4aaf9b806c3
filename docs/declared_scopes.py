"""A Sphinx extension that generates the tables of OAuth scopes, powers, vendors and findings."""

from __future__ import annotations

from collections import Counter

from declared import TABLES, code, first_sentence, table
from sphinx.application import Sphinx

from oktahound.analysis import FINDINGS, POWERS, Finding
from oktahound.graph import SCOPE_RULES
from oktahound.scopes import (
    ClientKind,
    Knowledge,
    Source,
    catalogue,
    description_version,
    powers_of_permissions,
    powers_of_scopes,
    vendor_catalogue,
)


def scopes() -> str:
    """Every scope of the catalogue: its source, what it permits, and its most severe power."""
    numbers = {source: index for index, source in enumerate(_sources(), 1)}
    rows = []
    for scope in catalogue().values():
        found = powers_of_scopes([scope.name])
        writes = sum(operation.writes for operation in scope.operations)
        counts = (str(len(scope.operations) - writes), str(writes)) if scope.operations else ("–", "–")
        worst = f"**{found[0].severity.value}**: {found[0].sentence}" if found else f"none: {scope.no_effect}"
        state = f"{scope.knowledge.value} ({numbers[scope.source]})"
        rows.append((f"`{scope.name}`", scope.description, state, *counts, worst))
    head = ("scope", "description", "operations are (source)", "reads", "writes", "most severe power")
    return table(head, rows)


def _sources() -> list[Source]:
    found = {scope.source for scope in catalogue().values()}
    return sorted(found, key=lambda source: (source.date, source.name))


def scope_sources() -> str:
    """The sources of the catalogue, with their dates and numbers of scopes."""
    counts = Counter(scope.source for scope in catalogue().values())
    rows = (
        (str(index), f"[{source.name}]({source.address})", source.date.isoformat(), str(counts[source]))
        for index, source in enumerate(_sources(), 1)
    )
    known = sum(scope.knowledge is Knowledge.KNOWN for scope in catalogue().values())
    facts = (
        f"The catalogue has {len(catalogue())} scopes. For {known} of them, version "
        f"{description_version()} of Okta's API description lists the operations."
    )
    return f"{facts}\n\n{table(('number', 'source', 'date', 'scopes'), rows)}"


def published_scopes() -> str:
    """The published scopes of vendors."""
    lists = vendor_catalogue()
    integrations = [each for each in lists if each.kind is ClientKind.API_SERVICE_INTEGRATION]
    with_scopes = sum(each.scopes is not None for each in integrations)
    typed = sum(each.app_type is not None for each in integrations)
    facts = (
        f"The package has {len(lists)} lists, read on {lists[0].date}. {len(integrations)} are of API "
        f"service integrations: {with_scopes} with scopes, and {typed} with the type in Okta's catalogue."
    )
    rows = (
        (
            each.vendor,
            each.product,
            each.kind.value,
            f"`{each.app_type}`" if each.app_type else "–",
            code(each.scopes) if each.scopes else "not found",
            _source(each.source),
            each.caveat or "–",
        )
        for each in sorted(lists, key=lambda each: (each.kind.value, each.vendor, each.product))
    )
    head = ("vendor", "product", "kind", "type", "scopes", "source", "caveat")
    return f"{facts}\n\n{table(head, rows)}"


def _source(text: str | None) -> str:
    return f"<{text}>" if text and text.startswith("https://") and " " not in text else text or "–"


def permissions() -> str:
    """The permissions of custom admin roles that give powers."""
    names = sorted({name for power in POWERS for name in power.permissions})
    rows = (
        (f"`{name}`", found[0].severity.value, ", ".join(f"`{power.name}`" for power in found))
        for name in names
        if (found := powers_of_permissions([name]))
    )
    return table(("permission", "severity", "powers within the resource set"), rows)


def powers() -> str:
    """Every power, with its proof."""
    head = ("severity", "scopes", "the holder", "abuse", "remedy", "evidence", "condition", "assumption")
    ordered = sorted(POWERS, key=lambda power: (-power.severity.weight, power.scopes))
    rows = (
        (
            power.severity.value,
            " and ".join(f"`{scope}`" for scope in power.scopes),
            f"[{power.sentence}]({power.source})",
            power.abuse,
            power.cut,
            code(str(operation) for operation in power.evidence) or f"<{power.source}>",
            power.condition or "–",
            power.assumption or "–",
        )
        for power in ordered
    )
    return table(head, rows)


def operations() -> str:
    """Every operation, by scope."""
    return "\n\n".join(
        f"### {scope.name}\n\n" + table(("operation", "subject", "id", "lifecycle"), rows)
        for scope in catalogue().values()
        if (
            rows := [
                (f"`{each}`", each.subject, f"`{each.operation_id}`", each.lifecycle or "–")
                for each in scope.operations
            ]
        )
    )


def scope_edges() -> str:
    """The edges that a graph has only when it is built with scopes."""
    kinds = sorted({kind for rule in SCOPE_RULES for kind in rule.emits}, key=lambda kind: kind.name)
    head = ("edge kind", "from", "to", "traversable", "why")
    rows = (
        (f"`{kind.name}`", code(kind.starts), code(kind.ends), "yes" if kind.traversable else "no", kind.why)
        for kind in kinds
    )
    return table(head, rows)


def findings() -> str:
    """Every class of findings, grouped by subject."""
    subjects = dict.fromkeys(cls.SUBJECT for cls in FINDINGS)
    return "\n\n".join(
        f"## {subject}\n\n" + "\n\n".join(_finding(cls) for cls in FINDINGS if subject == cls.SUBJECT)
        for subject in subjects
    )


def _finding(cls: type[Finding]) -> str:
    reads = f"- incomplete without {code(entity.__name__ for entity in cls.READS)}" if cls.READS else ""
    return (
        f"### {cls.__name__}\n\n{cls.TITLE}. {first_sentence(cls.__doc__)}\n\n"
        f"- severity: {cls.SEVERITY.value}. {cls.SEVERITY_REASON}\n"
        f"- meaning: {cls.MEANING}\n- remedy: {cls.WHAT_TO_DO}\n{reads}"
    )


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the tables."""
    app.setup_extension("declared")
    tables = (
        scopes,
        scope_sources,
        powers,
        permissions,
        published_scopes,
        operations,
        scope_edges,
        findings,
    )
    TABLES.update({each.__name__: each for each in tables})
    return {"parallel_read_safe": True}
