"""Hypothesis strategies for entities, gaps and snapshots."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from oktahound import Gap, GapReason, OAuthScope, Snapshot
from oktahound.entities import (
    ENTITIES,
    ClientChange,
    Entity,
    EventCount,
    Network,
    Organization,
    ScopeUse,
    fields_of,
)

# Names are chosen by whoever signs up: markup, terminal codes, text that turns around, and long ones.
HOSTILE = [
    "<script>alert(1)</script>",
    "\x1b]0;owned\x07",
    "a\u202eb",
    "line\nbreak\r\t\0",
    "\u2028\u2029\ufeff",
    "../../etc/passwd",
    "😀" * 3,
    "x" * 70_000,
    '{"id":"00u"}',
]
texts = st.text(max_size=20) | st.sampled_from(HOSTILE)
ids = st.text(min_size=1, max_size=20) | st.sampled_from(HOSTILE)
moments = st.datetimes(timezones=st.just(UTC)) | st.sampled_from(
    [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC), datetime(1969, 12, 31, tzinfo=UTC)]
)
scopes = st.sampled_from(["okta.users.read", "okta.users.manage", "okta.apps.read", "openid"]).map(OAuthScope)
# The order of scopes is not Okta's but ours, and no scope is there twice.
scope_sets = st.frozensets(scopes).map(lambda found: tuple(sorted(found)))

numbers = st.integers(-(2**63), 2**63 - 1)


def _tuples(of: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(of, max_size=3).map(tuple)


_OF_TYPE: dict[Any, st.SearchStrategy[Any]] = {
    str: ids,
    str | None: st.none() | texts,
    bool | None: st.none() | st.booleans(),
    int: numbers,
    int | None: st.none() | numbers,
    datetime | None: st.none() | moments,
    tuple[str, ...] | None: st.none() | st.lists(texts, max_size=3).map(tuple),
    OAuthScope | None: st.none() | scopes,
    tuple[OAuthScope, ...] | None: st.none() | scope_sets,
    tuple[str, ...]: _tuples(texts),
    tuple[ScopeUse, ...]: _tuples(st.builds(ScopeUse, scope=scopes, count=numbers, last_at=moments)),
    tuple[EventCount, ...]: _tuples(st.builds(EventCount, name=ids, count=numbers, last_at=moments)),
    tuple[Network, ...]: _tuples(
        st.builds(
            Network,
            address=st.none() | texts,
            as_number=st.none() | numbers,
            as_name=st.none() | texts,
            proxy=st.none() | st.booleans(),
            count=numbers,
            last_at=moments,
        )
    ),
    tuple[ClientChange, ...]: _tuples(
        st.builds(ClientChange, event_type=ids, actor_id=st.none() | texts, count=numbers, last_at=moments)
    ),
}


def entities(cls: type[Entity]) -> st.SearchStrategy[Any]:
    """Rows of an entity with arbitrary values in every field. Raises KeyError for an unlisted type."""
    return st.builds(cls, **{field.name: _OF_TYPE[field.type] for field in fields_of(cls)})


def gaps() -> st.SearchStrategy[Gap]:
    """Gaps with arbitrary values."""
    return st.builds(
        Gap,
        entity=ids,
        reason=st.sampled_from(GapReason),
        request=ids,
        parent=st.none() | texts,
        status=st.none() | st.integers(100, 599),
        error_code=st.none() | texts,
        error_id=st.none() | texts,
        missing_scopes=st.lists(ids, max_size=2).map(tuple),
        where=st.none() | texts,
        rows_read=st.none() | st.integers(0, 2**53),
        detail=texts,
    )


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """Snapshots with rows of a few entities."""
    classes = draw(st.lists(st.sampled_from(ENTITIES), max_size=3, unique=True))
    asked = draw(st.frozensets(st.sampled_from(ENTITIES), max_size=4))
    rows = {cls.PLURAL: tuple(draw(st.lists(entities(cls), max_size=3))) for cls in classes}
    rows["organizations"] = (draw(entities(Organization)),)
    return Snapshot(
        domain=draw(ids),
        started_at=draw(moments),
        collected_at=draw(moments),
        asked=frozenset(cls.__name__ for cls in asked),
        options=draw(st.dictionaries(ids, st.booleans() | texts, max_size=2)),
        gaps=tuple(draw(st.lists(gaps(), max_size=3))),
        **rows,
    )
