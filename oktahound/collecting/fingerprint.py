"""What makes two runs parts of one collection, and two requests the same listing."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson

from oktahound.collecting.gap_rules import request_of
from oktahound.collecting.plan import Plan, Read
from oktahound.entities import Embedded, Endpoint, Entity, fields_of
from oktahound.snapshot.display import printable
from oktahound.snapshot.journal_lines import Header, Listing

__all__ = ["difference", "listing_of", "name_of", "shape_of"]


def name_of(read: Read) -> str:
    """What a read is called in the journal; no two of a plan are called the same."""
    # Listings of the System Log differ in whose events they are, and not in their path.
    below = read.endpoint.under if read.endpoint.log is not None else None
    return f"{read.cls.__name__} {request_of(read)}" + ("" if below is None else f" of {below.__name__}")


def shape_of(plan: Plan) -> str:
    """Digest of what is read of each entity, and of what is kept of it."""
    shape = [
        [cls.__name__, [(field.name, str(field.type), field.paths) for field in fields_of(cls)], sources]
        for cls in plan.entities
        if (sources := [_shape_of_source(source) for source in plan.sources(cls)])
    ]
    return hashlib.sha256(orjson.dumps(shape)).hexdigest()


def _shape_of_source(source: Endpoint | Embedded) -> list[Any]:
    if isinstance(source, Embedded):
        return [source.inside.__name__, source.path]
    empty = [[answer.status, answer.code, answer.words] for answer in source.empty_answers]
    return [source.path, dict(source.params), source.rows_key, source.single, empty]


def listing_of(read: Read, parent: Entity | None) -> Listing:
    """What a listing is called in the journal: by its read, and by the object that it is below of."""
    return name_of(read), None if parent is None else parent.key


def difference(there: Header, here: Header) -> str | None:
    """Why `here` is not another sitting of `there`; None if it is. A `here` without an org's id fits any."""
    if there.domain != here.domain:
        return f"it is of {there.domain!r}, and this is of {here.domain!r}"
    if here.organization and there.organization != here.organization:
        return f"it is of the organization {there.organization!r}, and this is {here.organization!r}"
    if there.asked != here.asked:
        without = sorted(set(here.asked) - set(there.asked))
        besides = sorted(set(there.asked) - set(here.asked))
        words = [f"without {printable(', '.join(without))}"] if without else []
        words += [f"with {printable(', '.join(besides))} besides"] if besides else []
        return f"it is {' and '.join(words)}"
    for name, value in here.options.items():
        if there.options.get(name) != value:
            return f"it has {name}={there.options.get(name)!r}, and this has {name}={value!r}"
    if there.shape != here.shape:
        return "it was begun by a version of oktahound that reads or keeps something else"
    return None
