"""Convert errors of the client to gaps, and recognise the error responses that mean "no rows"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from oktahound.collecting.plan import Read
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

__all__ = [
    "gap_of",
    "means_none",
    "not_granted",
    "others_missing",
    "request_of",
    "requests_below",
    "stopped_asking",
]

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

_NOT_FOUND_ID = re.compile(r"Resource not found: (\S+) \(")
"""The id in Okta's summary "Not found: Resource not found: 0oa… (AppInstance)"; recorded."""

_SAME_ROWS = frozenset({"limit", "expand", "sortOrder"})
"""Query parameters that change how rows are sent, and not which."""


def request_of(read: Read) -> str:
    """What was asked: path template, and the fixed query where it tells two listings of one path apart."""
    told = {name: value for name, value in read.endpoint.params.items() if name not in _SAME_ROWS}
    query = "&".join(f"{name}={value}" for name, value in told.items())
    return f"GET {read.endpoint.path}{'?' if query else ''}{query}"


def requests_below(cls: type[Entity], parents: Sequence[type[Entity]]) -> frozenset[str]:
    """The requests of an entity's listings below these parents, as gaps name them."""
    listings = (source for source in cls.SOURCES if isinstance(source, Endpoint) and source.under in parents)
    return frozenset(request_of(Read(cls, source)) for source in listings)


def gap_of(read: Read, error: RequestError, parent: Entity | None, rows_read: int) -> Gap:
    """The gap that a failed listing leaves. The order of the error tree's branches is complete (tested)."""
    reason = next(reason for cls, reason in _REASONS if isinstance(error, cls))
    may_refuse = read.endpoint.may_refuse
    if parent is not None and may_refuse is not None and may_refuse(parent) and _is_refusal(read, error):
        reason = GapReason.NOT_LISTED
    return Gap(
        entity=read.cls.__name__,
        reason=reason,
        request=request_of(read) if error.path == read.endpoint.path else f"{error.method} {error.path}",
        parent=None if parent is None else parent.id,
        status=error.status,
        error_code=error.error_code,
        error_id=error.error_id,
        missing_scopes=error.missing_scopes if isinstance(error, PermissionDeniedError) else (),
        rows_read=rows_read,
        detail=error.summary or error.message,
    )


def _is_refusal(read: Read, error: RequestError) -> bool:
    """Whether Okta refused this listing itself, and no scope is missing."""
    refused = isinstance(error, PermissionDeniedError | NotFoundError | RequestRejectedError)
    refused = refused or error.status == 501
    scopes = error.missing_scopes if isinstance(error, PermissionDeniedError) else ()
    return refused and not scopes and error.error_code is not None and error.path == read.endpoint.path


def means_none(read: Read, error: RequestError, ids: Mapping[str, str]) -> bool:
    """Whether an error response is how Okta says that this listing has no rows.

    The failed request must be the listing's own, and not one for a token. The body must be Okta's error
    object with a declared code. Where its summary names the object that was not found, that must be one of
    the objects in the path: `ids` are what filled the path template.
    """
    if (error.method, error.path) != ("GET", read.endpoint.path) or not error.summary:
        return False
    named = _NOT_FOUND_ID.search(error.summary)
    if named is not None and named[1].casefold() not in {each.casefold() for each in ids.values()}:
        return False
    return any(
        (error.status, error.error_code) == (answer.status, answer.code)
        and (answer.words is None or re.search(answer.words, error.summary, re.IGNORECASE) is not None)
        for answer in read.endpoint.empty_answers
    )


def not_granted(read: Read, missing: Sequence[str]) -> Gap:
    """The gap of a listing that was not asked for, because the token cannot read it."""
    return Gap(
        entity=read.cls.__name__,
        reason=GapReason.FORBIDDEN,
        request=request_of(read),
        missing_scopes=tuple(missing),
        rows_read=0,
        detail=f"the token does not hold {' or '.join(missing)}; nothing was asked",
    )


def others_missing(cls: type[Entity], source: Endpoint | Embedded, other: type[Entity]) -> Gap:
    """The gap of rows that are found through others, when not all of those were read."""
    if isinstance(source, Endpoint):
        request, through = request_of(Read(cls, source)), source.under
    else:
        request, through = f"{source.path} of {other.__name__}", source.inside
    lost = (
        "what belongs to the others is missing"
        if other is through
        else "those that only the others lead to were not asked about"
    )
    return Gap(
        entity=cls.__name__,
        reason=GapReason.PARENT,
        request=request,
        detail=f"not every {other.__name__} was read, so {lost}",
    )


def stopped_asking(last: Gap, failed: int, not_asked: int) -> Gap:
    """One gap for a listing below objects that failed for so many that asking on is no use."""
    return Gap(
        entity=last.entity,
        reason=last.reason,
        request=last.request,
        status=last.status,
        error_code=last.error_code,
        error_id=last.error_id,
        missing_scopes=last.missing_scopes,
        detail=f"it failed for {failed} objects; {not_asked} more were not asked about: {last.detail}",
    )
