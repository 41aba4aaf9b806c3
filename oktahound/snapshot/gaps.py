"""Gaps: records of objects that exist or may exist but were not read, with the request and the reason."""

from __future__ import annotations

import enum
import functools
from collections.abc import Callable
from typing import Any

import attrs
from cattrs.gen import make_dict_structure_fn, override

from oktahound.entities import camel, make_converter, type_name
from oktahound.snapshot.display import spelled_out

__all__ = ["Gap", "GapReason"]


class GapReason(enum.StrEnum):
    """Reasons why something was not read."""

    FORBIDDEN = "forbidden"
    """Okta refused: a scope or an admin role is missing."""

    NOT_LICENSED = "not licensed"
    """The org does not have the feature."""

    NOT_FOUND = "not found"
    """The object was deleted after it was listed, or Okta does not have the endpoint."""

    REJECTED = "rejected"
    """Okta did not accept the request, for example because a cursor expired during the listing."""

    RATE_LIMITED = "rate limited"
    """Okta still answered 429 when the time budget was spent."""

    SERVER = "server"
    """Okta still answered 5xx when the time budget was spent."""

    TRANSPORT = "transport"
    """No complete response arrived."""

    PROTOCOL = "protocol"
    """The response did not follow Okta's protocol."""

    PARENT = "parent not read"
    """The rows are found through other objects, and not all of those were read."""

    RECORD = "record"
    """A record was dropped: a required field is missing or has a wrong type."""

    FIELD = "field"
    """A field was not read because it has a wrong type. The record was kept."""

    CONTRADICTION = "contradiction"
    """Two responses contradict each other, such as a count and a listing. The organization may have changed
    in between, or one of the responses is wrong. Rows are missing unless `Gap.record` names a record."""

    NOT_LISTED = "not listed"
    """Okta does not list these objects, although they exist: members of the group Okta Administrators."""

    CONFLICT = "conflict"
    """A listing returned the same object twice with different content. The later state was kept."""


@attrs.frozen(kw_only=True)
class Gap:
    """A record of something that exists, or may exist, but was not read.

    Attributes:
        entity: name of the entity class, such as ``User``.
        reason: why it was not read.
        request: method and path template (``GET /api/v1/users``), with the fixed part of the query if
            several listings have that path. Without ids and cursors.
        parent: id of the object whose listing it was; None for a listing of the whole org.
        status: HTTP status of the response; None if there was none.
        error_code: Okta's ``errorCode``.
        error_id: Okta's ``errorId``.
        missing_scopes: the OAuth scopes that would have allowed the request, if known.
        where: the place in the response, with Okta's field names: ``users[17].profile.login``.
        record: id of the record that was kept without a field, or that a listing contradicts.
        rows_read: rows of the listing that were read before it failed; None if not applicable.
        detail: a description in one sentence.
    """

    entity: str
    reason: GapReason
    request: str
    parent: str | None = None
    status: int | None = None
    error_code: str | None = None
    error_id: str | None = None
    missing_scopes: tuple[str, ...] = ()
    where: str | None = None
    record: str | None = None
    rows_read: int | None = None
    detail: str = ""

    @property
    def loses_rows(self) -> bool:
        """Whether rows may be missing. A gap of a field loses no row."""
        if self.reason is GapReason.CONTRADICTION:
            return self.record is None
        return self.reason not in (GapReason.FIELD, GapReason.CONFLICT)

    def as_dict(self) -> dict[str, Any]:
        """Convert to a JSON-ready dict with camelCase keys, without unknown values."""
        known = {camel(each.name): getattr(self, each.name) for each in attrs.fields(type(self))}
        known |= {
            "reason": self.reason.value,
            "missingScopes": list(self.missing_scopes) or None,
            "detail": self.detail or None,
        }
        return {key: value for key, value in known.items() if value is not None}

    @classmethod
    def from_dict(cls, saved: object) -> Gap:
        """Parse the dict of `as_dict`.

        Raises:
            ValueError: a key is missing or unknown, or a value has a wrong type.
        """
        if not isinstance(saved, dict):
            raise ValueError(f"not a gap: expected an object, got {type_name(saved)}")  # noqa: TRY004 - of JSON
        try:
            gap: Gap = _reader()(saved, cls)
        except KeyError as error:
            raise ValueError(f"not a gap: {error} is missing") from None
        except (TypeError, ValueError) as error:
            raise ValueError(f"not a gap: {error}") from None
        if gap.as_dict() != saved:
            raise ValueError("not a gap: it has unknown keys or values")
        return gap

    def __str__(self) -> str:
        objects = f" {self.record}" if self.record else ""
        objects += f" of {self.parent}" if self.parent else ""
        place = f" at {self.where}" if self.where else ""
        facts = [str(fact) for fact in (self.status, self.error_code) if fact is not None]
        answer = f" [{' '.join(facts)}]" if facts else ""
        return spelled_out(
            f"{self.entity}{objects}: {self.reason}{place}{answer}, {self.request}: {self.detail}"
        )


@functools.cache
def _reader() -> Callable[[dict[str, Any], type[Gap]], Gap]:
    converter = make_converter()
    # A StrEnum is a str, and cattrs would structure it as such.
    converter.register_structure_hook(GapReason, lambda value, _: GapReason(value))
    renames: dict[str, Any] = {each.name: override(rename=camel(each.name)) for each in attrs.fields(Gap)}
    return make_dict_structure_fn(Gap, converter, _cattrs_detailed_validation=False, **renames)
