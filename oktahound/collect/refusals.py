"""From an error of the client to the gap that it leaves."""

from __future__ import annotations

from oktahound.collect.plan import Read
from oktahound.entities import Embedded, Endpoint, Entity
from oktahound.errors import (
    FeatureNotLicensedError,
    NotFoundError,
    PermissionDeniedError,
    ProtocolError,
    RateLimitError,
    RequestError,
    RequestRejectedError,
    ServerError,
    TransportError,
)
from oktahound.snapshot import Gap, GapReason

__all__ = ["gap_of", "means_none", "not_granted", "parents_missing", "stopped_asking"]

_REASONS: tuple[tuple[type[RequestError], GapReason], ...] = (
    (PermissionDeniedError, GapReason.FORBIDDEN),
    (FeatureNotLicensedError, GapReason.NOT_LICENSED),
    (NotFoundError, GapReason.NOT_FOUND),
    (RequestRejectedError, GapReason.REJECTED),
    (RateLimitError, GapReason.RATE_LIMITED),
    (ServerError, GapReason.SERVER),
    (TransportError, GapReason.TRANSPORT),
    (ProtocolError, GapReason.PROTOCOL),
)


def gap_of(read: Read, error: RequestError, parent: str | None, rows_read: int) -> Gap:
    """The gap that a failed listing leaves. The order of the error tree's branches is complete (tested)."""
    return Gap(
        entity=read.cls.__name__,
        reason=next(reason for cls, reason in _REASONS if isinstance(error, cls)),
        request=f"{error.method} {error.path}",
        parent=parent,
        status=error.status,
        error_code=error.error_code,
        error_id=error.error_id,
        missing_scopes=error.missing_scopes if isinstance(error, PermissionDeniedError) else (),
        rows_read=rows_read,
        detail=error.summary or error.message,
    )


def means_none(read: Read, error: RequestError) -> bool:
    """Whether this answer is how Okta says "none" at this endpoint."""
    return error.status in read.endpoint.none_on or error.error_code in read.endpoint.none_on


def not_granted(read: Read) -> Gap:
    """The gap of a listing that was not asked for, because the token cannot read it."""
    return Gap(
        entity=read.cls.__name__,
        reason=GapReason.FORBIDDEN,
        request=f"GET {read.endpoint.path}",
        missing_scopes=(read.endpoint.scope,),
        rows_read=0,
        detail=f"the token does not hold {read.endpoint.scope}; nothing was asked",
    )


def parents_missing(cls: type[Entity], source: Endpoint | Embedded, above: type[Entity]) -> Gap:
    """The gap of rows that are found below others, when not all of those were read."""
    path = source.path if isinstance(source, Endpoint) else f"{source.path} of {above.__name__}"
    return Gap(
        entity=cls.__name__,
        reason=GapReason.PARENT,
        request=f"GET {path}",
        detail=f"not every {above.__name__} was read, so what belongs to the others is missing",
    )


def stopped_asking(last: Gap, refused: int, not_asked: int) -> Gap:
    """One gap for a listing below objects that was refused for so many in a row that asking on is no use."""
    return Gap(
        entity=last.entity,
        reason=last.reason,
        request=last.request,
        status=last.status,
        error_code=last.error_code,
        error_id=last.error_id,
        missing_scopes=last.missing_scopes,
        detail=f"refused for {refused} objects in a row; {not_asked} more were not asked about: {last.detail}",
    )
