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
    "gap_of_incomplete_parents",
    "gap_of_missing_scopes",
    "gap_of_open_circuit",
    "means_no_rows",
    "no_request_gap",
    "request_of",
    "requests_below",
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
"""Query parameters that change the form of the response, but not its rows."""


def request_of(read: Read) -> str:
    """Return method and path template of a read, with the query parameters that select its rows."""
    parameters = {name: value for name, value in read.endpoint.params.items() if name not in _SAME_ROWS}
    query = "&".join(f"{name}={value}" for name, value in parameters.items())
    return f"GET {read.endpoint.path}{'?' if query else ''}{query}"


def requests_below(cls: type[Entity], parents: Sequence[type[Entity]]) -> frozenset[str]:
    """Return the requests of an entity's listings below these parents, in the form of `Gap.request`."""
    listings = (source for source in cls.SOURCES if isinstance(source, Endpoint) and source.under in parents)
    return frozenset(request_of(Read(cls, source)) for source in listings)


def gap_of(read: Read, error: RequestError, parent: Entity | None, rows_read: int) -> Gap:
    """Return the gap of a failed listing. The table of reasons covers the whole error tree (tested)."""
    reason = next(reason for cls, reason in _REASONS if isinstance(error, cls))
    may_refuse = read.endpoint.may_refuse
    if parent is not None and may_refuse is not None and may_refuse(parent) and _is_refusal(read, error):
        reason = GapReason.NOT_LISTED
    if (
        read.endpoint.may_lack
        and isinstance(error, NotFoundError)
        # A path with an id is also not found when the object was deleted in the meantime.
        and (parent is None or "{" not in read.endpoint.path)
        and _is_refusal(read, error)
    ):
        reason = GapReason.NOT_LICENSED
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


def no_request_gap(read: Read, parent: Entity | None) -> Gap:
    """Return the gap of a listing whose request needs a value that is missing in the parent."""
    return Gap(
        entity=read.cls.__name__,
        reason=GapReason.PARENT,
        request=request_of(read),
        parent=None if parent is None else parent.id,
        detail="the object lacks the value for the filter of the request",
    )


def _is_refusal(read: Read, error: RequestError) -> bool:
    """Whether Okta refused this listing although no scope is missing."""
    refused = isinstance(error, PermissionDeniedError | NotFoundError | RequestRejectedError)
    refused = refused or error.status == 501
    scopes = error.missing_scopes if isinstance(error, PermissionDeniedError) else ()
    return refused and not scopes and error.error_code is not None and error.path == read.endpoint.path


def means_no_rows(read: Read, error: RequestError, ids: Mapping[str, str]) -> bool:
    """Whether an error response means that this listing has no rows.

    The failed request must be the listing itself, not a token request. The body must be Okta's error object
    with a declared code. If its summary names an object that was not found, that must be one of `ids`, which
    filled the path template.
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


def gap_of_missing_scopes(read: Read, missing: Sequence[str]) -> Gap:
    """Return the gap of a listing that was not requested, because the token lacks its scopes."""
    return Gap(
        entity=read.cls.__name__,
        reason=GapReason.FORBIDDEN,
        request=request_of(read),
        missing_scopes=tuple(missing),
        rows_read=0,
        detail=f"the token lacks {' and '.join(missing)}; nothing was requested",
    )


def gap_of_incomplete_parents(cls: type[Entity], source: Endpoint | Embedded, other: type[Entity]) -> Gap:
    """Return the gap of rows that are found through other rows, if those are incomplete."""
    if isinstance(source, Endpoint):
        request, through = request_of(Read(cls, source)), source.under
    else:
        request, through = f"{source.path} of {other.__name__}", source.inside
    lost = (
        f"rows that belong to an unread {other.__name__} are missing"
        if other is through
        else f"objects to which only an unread {other.__name__} leads were not requested"
    )
    return Gap(
        entity=cls.__name__,
        reason=GapReason.PARENT,
        request=request,
        detail=f"not every {other.__name__} was read, so {lost}",
    )


def gap_of_open_circuit(last: Gap, failed: int, not_requested: int) -> Gap:
    """Return the one gap of a per-object listing that was stopped by the circuit breaker."""
    return Gap(
        entity=last.entity,
        reason=last.reason,
        request=last.request,
        status=last.status,
        error_code=last.error_code,
        error_id=last.error_id,
        missing_scopes=last.missing_scopes,
        detail=f"it failed for {failed} objects; {not_requested} more were not requested: {last.detail}",
    )
