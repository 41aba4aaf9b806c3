"""Gaps: records of objects that exist and were not read, with the request and the reason."""

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
    """Why something was not read."""

    FORBIDDEN = "forbidden"
    """Okta refused: a scope or an admin role is missing."""

    NOT_LICENSED = "not licensed"
    """The org does not have the feature."""

    NOT_FOUND = "not found"
    """Gone: it was there when it was listed. Or Okta does not have the endpoint."""

    REJECTED = "rejected"
    """Okta did not accept the request, such as a cursor that had expired in mid-listing."""

    RATE_LIMITED = "rate limited"
    """Okta was still refusing for rate when the time budget was spent."""

    SERVER = "server"
    """Okta was still failing when the time budget was spent."""

    TRANSPORT = "transport"
    """No whole answer came back."""

    PROTOCOL = "protocol"
    """The answer was not Okta's protocol."""

    PARENT = "parent not read"
    """It is found through other objects, and not all of those were read."""

    RECORD = "record"
    """A record could not be kept: what it cannot do without is missing or of a wrong type."""

    FIELD = "field"
    """A field was left unread: it is of a wrong type. The record was kept."""

    CONTRADICTION = "contradiction"
    """What was read contradicts itself, such as a count and a listing. The organization may have changed in
    between, or one of the two answers is wrong. Rows are missing unless `Gap.record` names a record."""

    NOT_LISTED = "not listed"
    """Okta does not list this, though it exists: the members of its built-in group Okta Administrators."""

    CONFLICT = "conflict"
    """A listing gave the same object twice with different content; the later state was kept."""


@attrs.frozen(kw_only=True)
class Gap:
    """Something that exists, or may exist, and was not read.

    Attributes:
        entity: name of the entity class, such as ``User``.
        reason: why it was not read.
        request: method and path template (``GET /api/v1/users``), with the fixed part of the query where
            several listings have that path. No ids, no cursors.
        parent: id of the object whose listing it was; None for a listing of the whole org.
        status: HTTP status of the answer; None when there was none.
        error_code: Okta's ``errorCode``.
        error_id: Okta's ``errorId``.
        missing_scopes: the OAuth scopes that would have allowed it, where that is known.
        where: place of the fault in the answer, in Okta's words: ``users[17].profile.login``.
        record: id of the record that was kept without a field, or that a listing contradicts.
        rows_read: rows of the listing that were read before it broke; None where that says nothing.
        detail: one sentence.
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
        """Whether rows may be missing because of it; a field left unread loses none."""
        if self.reason is GapReason.CONTRADICTION:
            return self.record is None
        return self.reason not in (GapReason.FIELD, GapReason.CONFLICT)

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready, camelCase, without what is not known."""
        known = {camel(each.name): getattr(self, each.name) for each in attrs.fields(type(self))}
        known |= {
            "reason": self.reason.value,
            "missingScopes": list(self.missing_scopes) or None,
            "detail": self.detail or None,
        }
        return {key: value for key, value in known.items() if value is not None}

    @classmethod
    def from_dict(cls, saved: object) -> Gap:
        """The other way round.

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
            raise ValueError("not a gap: it does not say what a gap says")
        return gap

    def __str__(self) -> str:
        about = f" {self.record}" if self.record else ""
        about += f" of {self.parent}" if self.parent else ""
        place = f" at {self.where}" if self.where else ""
        facts = [str(fact) for fact in (self.status, self.error_code) if fact is not None]
        answer = f" [{' '.join(facts)}]" if facts else ""
        return spelled_out(
            f"{self.entity}{about}: {self.reason}{place}{answer}, {self.request}: {self.detail}"
        )


@functools.cache
def _reader() -> Callable[[dict[str, Any], type[Gap]], Gap]:
    converter = make_converter()
    # An enum of texts is a text, and would be read as one.
    converter.register_structure_hook(GapReason, lambda value, _: GapReason(value))
    renames: dict[str, Any] = {each.name: override(rename=camel(each.name)) for each in attrs.fields(Gap)}
    return make_dict_structure_fn(Gap, converter, _cattrs_detailed_validation=False, **renames)
