"""A Sphinx extension: the tables of OAuth scopes, powers and findings, made of what the package declares."""

from __future__ import annotations

from declared import TABLES, code, first_sentence, table
from sphinx.application import Sphinx

from oktahound.analysis import FINDINGS, POWERS, Finding
from oktahound.graph import SCOPE_RULES
from oktahound.scopes import catalogue, description_version, powers_among


def scopes() -> str:
    """Every scope that Okta describes: what it permits, and the gravest thing that it is worth."""
    rows = []
    for scope in catalogue().values():
        powers = powers_among(POWERS, [scope.name])
        writes = sum(operation.writes for operation in scope.operations)
        reads = len(scope.operations) - writes
        gravest = f"**{powers[0].severity.value}**: {powers[0].sentence}" if powers else "–"
        rows.append((f"`{scope.name}`", scope.description, str(reads), str(writes), gravest))
    head = ("scope", "in Okta's words", "reads", "writes", "gravest power")
    return f"Version of Okta's API description: {description_version()}.\n\n{table(head, rows)}"


def powers() -> str:
    """Every power, with its proof."""
    head = ("severity", "with", "its holder", "proved by", "if the org has", "assumed")
    ordered = sorted(POWERS, key=lambda power: (-power.severity.weight, power.scopes))
    rows = (
        (
            power.severity.value,
            " and ".join(f"`{scope}`" for scope in power.scopes),
            f"[{power.sentence}]({power.source})",
            code(str(operation) for operation in power.evidence),
            power.condition or "–",
            power.assumption or "–",
        )
        for power in ordered
    )
    return table(head, rows)


def operations() -> str:
    """Every operation, by scope."""
    return "\n\n".join(
        f"### {scope.name}\n\n" + table(("operation", "what it touches", "id", "lifecycle"), rows)
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
        f"- what it means: {cls.MEANING}\n- what to do: {cls.WHAT_TO_DO}\n{reads}"
    )


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.setup_extension("declared")
    TABLES.update({each.__name__: each for each in (scopes, powers, operations, scope_edges, findings)})
    return {"parallel_read_safe": True}
