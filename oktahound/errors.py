"""Exceptions of oktahound, in one tree.

::

    OktaHoundError
    ├── ConfigurationError              an argument or setting is invalid; raised before any request
    ├── ClientStateError                a client is used after it was closed, or in another process or event
    │                                   loop
    ├── SnapshotError                   a saved snapshot is missing, damaged, or of an unknown format
    ├── KindError                       an edge or a node does not match the declaration of its kind
    ├── UploadError                     BloodHound responded, but the upload did not succeed
    └── RequestError                    a request to Okta or to BloodHound failed
        ├── AuthenticationError         the credential was refused
        │   └── ScopeNotGrantedError    the org does not grant scopes that were requested by name
        ├── PermissionDeniedError       the credential is valid but lacks the permission
        ├── FeatureNotLicensedError     the org lacks the feature of the endpoint
        ├── NotFoundError               no such object, or no such endpoint
        ├── RequestRejectedError        Okta refused the request itself (400 and the other 4xx)
        │   └── CursorRejectedError     Okta no longer accepts the cursor of a listing
        ├── RateLimitError              Okta still answered 429 when the time budget was spent
        ├── ServerError                 Okta still answered 5xx when the time budget was spent
        ├── TransportError              no complete response: connection refused, reset, timed out
        └── ProtocolError               a response does not follow Okta's protocol
            └── ForeignOriginError      a link leads to another scheme, host or port

Every `RequestError` names its request. No error contains a credential, a query string or a body, because
those can contain secrets.
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = [
    "AuthenticationError",
    "ClientStateError",
    "ConfigurationError",
    "CursorRejectedError",
    "FeatureNotLicensedError",
    "ForeignOriginError",
    "KindError",
    "NotFoundError",
    "OktaHoundError",
    "PermissionDeniedError",
    "ProtocolError",
    "RateLimitError",
    "RequestError",
    "RequestRejectedError",
    "ScopeNotGrantedError",
    "ServerError",
    "SnapshotError",
    "TransportError",
    "UploadError",
]


class OktaHoundError(Exception):
    """The base class of all errors that oktahound raises deliberately."""


class ConfigurationError(OktaHoundError, ValueError):
    """An argument or setting is invalid. Raised before any request is sent."""


class ClientStateError(OktaHoundError, RuntimeError):
    """A client cannot be used here: it is closed, or belongs to another process or event loop."""


class SnapshotError(OktaHoundError):
    """A saved snapshot is missing, damaged or of an unknown format; or a folder cannot be collected into."""


class KindError(OktaHoundError):
    """An edge or a node does not match the declaration of its kind: an error in a rule, not in the org."""


class UploadError(OktaHoundError):
    """An upload to BloodHound did not succeed, although no request failed.

    A file changed while it was sent, or the server could not ingest the files.

    Attributes:
        job: the number of the upload job on the server; None if it was not started yet.
    """

    def __init__(self, message: str, *, job: int | None = None) -> None:
        super().__init__(message)
        self.job = job


class RequestError(OktaHoundError):
    """A request to Okta or to a BloodHound server failed.

    Attributes:
        method: the HTTP method.
        path: the path *template* (``/api/v1/users/{id}``), without ids and without a query.
        status: the HTTP status, or None if there was no response.
        error_code: Okta's ``errorCode`` (``E0000006``) or OAuth's ``error`` (``invalid_client``).
        error_id: Okta's ``errorId``, which Okta's support needs.
        summary: Okta's error text without control characters, cut to a few hundred characters.
    """

    def __init__(
        self,
        message: str,
        *,
        method: str,
        path: str,
        status: int | None = None,
        error_code: str | None = None,
        error_id: str | None = None,
        summary: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.method = method
        self.path = path
        self.status = status
        self.error_code = error_code
        self.error_id = error_id
        self.summary = summary

    def __str__(self) -> str:
        facts = [f"{self.method} {self.path}"]
        if self.status is not None:
            facts.append(f"status {self.status}")
        if self.error_code:
            facts.append(self.error_code)
        if self.error_id:
            facts.append(f"errorId {self.error_id}")
        text = f"{self.message} ({', '.join(facts)})"
        return f"{text}: {self.summary}" if self.summary else text

    def __reduce__(self) -> tuple[object, ...]:
        # BaseException pickles by its positional arguments alone and would lose the keywords.
        return (_rebuild, (type(self), self.__dict__))


def _rebuild(cls: type[RequestError], facts: dict[str, object]) -> RequestError:
    error = cls.__new__(cls)
    Exception.__init__(error, facts["message"])
    error.__dict__.update(facts)
    return error


class AuthenticationError(RequestError):
    """Okta refused the credential: a bad, revoked or expired token, key or proof."""


class ScopeNotGrantedError(AuthenticationError):
    """The org has not granted scopes that were explicitly requested.

    Attributes:
        scopes: the scopes that are not granted, sorted. If Okta refuses a token request without naming a
            scope, these are all requested scopes.
    """

    def __init__(self, message: str, *, scopes: Iterable[str], **about: object) -> None:
        super().__init__(message, **about)  # type: ignore[arg-type]  # RequestError's own keywords
        self.scopes = tuple(sorted(scopes))


class PermissionDeniedError(RequestError):
    """The credential is valid, but lacks the permission for the request (403).

    Attributes:
        missing_scopes: the scopes that Okta named as missing. Empty if it named none; then the owner of the
            credential lacks an admin role.
    """

    def __init__(self, message: str, *, missing_scopes: Iterable[str] = (), **about: object) -> None:
        super().__init__(message, **about)  # type: ignore[arg-type]  # RequestError's own keywords
        self.missing_scopes = tuple(sorted(missing_scopes))


class FeatureNotLicensedError(RequestError):
    """The org lacks the feature of the endpoint (401 or 403 with ``E0000015``)."""


class NotFoundError(RequestError):
    """The object, the endpoint or the org does not exist (404)."""


class RequestRejectedError(RequestError):
    """Okta refused the request itself: 400, or a 4xx that has no other error class."""


class CursorRejectedError(RequestRejectedError):
    """Okta no longer accepts the cursor of a listing (400 ``E0000029`` or ``E0000031``)."""


class RateLimitError(RequestError):
    """Okta still answered 429 when the time budget was spent.

    Attributes:
        retry_after: seconds until the rate limit resets, from Okta's headers; None if they do not contain it.
    """

    def __init__(self, message: str, *, retry_after: float | None = None, **about: object) -> None:
        super().__init__(message, **about)  # type: ignore[arg-type]  # RequestError's own keywords
        self.retry_after = retry_after


class ServerError(RequestError):
    """Okta still answered 5xx when the time budget was spent."""


class TransportError(RequestError):
    """There was no complete response: the connection was refused, reset or timed out in every attempt."""


class ProtocolError(RequestError):
    """A response does not follow Okta's protocol: not JSON, truncated, a loop of pages, a wrong shape."""


class ForeignOriginError(ProtocolError):
    """A link leads to another scheme, host or port. Following it would send the credential there."""
