"""What a server says of an upload, and how far one has come: plain values."""

from __future__ import annotations

from enum import IntEnum

import attrs

__all__ = ["IngestJob", "IngestStatus", "UploadProgress"]


class IngestStatus(IntEnum):
    """Where an upload job of BloodHound stands, by BloodHound's own numbers.

    https://github.com/SpecterOps/BloodHound/blob/main/cmd/api/src/model/jobs.go
    """

    INVALID = -1
    READY = 0
    RUNNING = 1
    COMPLETE = 2
    CANCELED = 3
    TIMED_OUT = 4
    FAILED = 5
    INGESTING = 6
    ANALYZING = 7
    PARTIALLY_COMPLETE = 8

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen to the job."""
        return self not in _GOING_ON


_GOING_ON = frozenset(
    {IngestStatus.READY, IngestStatus.RUNNING, IngestStatus.INGESTING, IngestStatus.ANALYZING}
)


@attrs.frozen
class IngestJob:
    """One upload, as the server keeps it.

    Attributes:
        id: the job's number on the server.
        files: the names of the files in it, in the order in which they were sent.
        status: where it stood when it was last asked about; None when nobody asked.
        message: the server's word on that.
    """

    id: int
    files: tuple[str, ...]
    status: IngestStatus | None = None
    message: str | None = None


@attrs.frozen
class UploadProgress:
    """How far an upload has come. A file that is sent again begins at 0 again.

    Attributes:
        file: the name of the file that is being sent.
        number: which file this is, from 1.
        files: how many files there are.
        sent: bytes of this file handed to the connection.
        size: bytes of this file.
        accepted: whether the server has taken the file.
    """

    file: str
    number: int
    files: int
    sent: int
    size: int
    accepted: bool = False
