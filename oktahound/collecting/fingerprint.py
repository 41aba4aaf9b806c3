"""Decide whether a resumed run may reuse a journal, and which listing a request belongs to."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson

from oktahound.collecting.gap_rules import request_of
from oktahound.collecting.plan import Plan, Read
from oktahound.entities import Embedded, Endpoint, Entity, fields_of
from oktahound.snapshot.display import printable
from oktahound.snapshot.journal_lines import Header, Listing

__all__ = ["listing_key", "mismatch", "plan_digest", "read_name"]


def read_name(read: Read) -> str:
    """Return the name of a read in the journal. It is unique within a plan."""
    # Listings of the System Log have the same path. They differ in the entity whose events they return.
    below = read.endpoint.under if read.endpoint.log is not None else None
    return f"{read.cls.__name__} {request_of(read)}" + ("" if below is None else f" of {below.__name__}")


def plan_digest(plan: Plan) -> str:
    """Compute a digest of the requests and the stored fields of each entity."""
    shape = [
        [cls.__name__, [(field.name, str(field.type), field.paths) for field in fields_of(cls)], sources]
        for cls in plan.entities
        if (sources := [_source_shape(source) for source in plan.sources(cls)])
    ]
    return hashlib.sha256(orjson.dumps(shape)).hexdigest()


def _source_shape(source: Endpoint | Embedded) -> list[Any]:
    if isinstance(source, Embedded):
        return [source.inside.__name__, source.path]
    empty = [[answer.status, answer.code, answer.words] for answer in source.empty_answers]
    return [source.path, dict(source.params), source.rows_key, source.single, empty]


def listing_key(read: Read, parent: Entity | None) -> Listing:
    """Return the key of a listing in the journal: the name of its read and the key of its parent object."""
    return read_name(read), None if parent is None else parent.key


def mismatch(saved: Header, current: Header) -> str | None:
    """Explain why two runs do not belong to the same collection; None if they do.

    A `current` header without an organization id matches any organization.
    """
    if saved.domain != current.domain:
        return f"it is of {saved.domain!r}, but this client is for {current.domain!r}"
    if current.organization and saved.organization != current.organization:
        return f"it is of the organization {saved.organization!r}, but this one is {current.organization!r}"
    if saved.asked != current.asked:
        without = sorted(set(current.asked) - set(saved.asked))
        besides = sorted(set(saved.asked) - set(current.asked))
        words = [f"does not include {printable(', '.join(without))}"] if without else []
        words += [f"also includes {printable(', '.join(besides))}"] if besides else []
        return f"it {' and '.join(words)}"
    for name, value in current.options.items():
        if saved.options.get(name) != value:
            return f"it has {name}={saved.options.get(name)!r}, but this call has {name}={value!r}"
    if saved.shape != current.shape:
        return "it was started by a version of oktahound that reads or stores other fields"
    return None
