"""Upload jobs with their ingest status, and the progress of an upload."""

from __future__ import annotations

from enum import IntEnum

import attrs

__all__ = ["IngestJob", "IngestStatus", "UploadProgress"]


class IngestStatus(IntEnum):
    """Status of an upload job, with BloodHound's numbers.

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
        """Whether the job has ended."""
        return self not in _GOING_ON


_GOING_ON = frozenset(
    {IngestStatus.READY, IngestStatus.RUNNING, IngestStatus.INGESTING, IngestStatus.ANALYZING}
)


@attrs.frozen
class IngestJob:
    """One upload job of the server.

    Attributes:
        id: the number of the job on the server.
        files: the names of the files, in the order in which they were sent.
        status: the status at the last poll; None if the job was never polled.
        message: the server's message about the status.
    """

    id: int
    files: tuple[str, ...]
    status: IngestStatus | None = None
    message: str | None = None


@attrs.frozen
class UploadProgress:
    """Progress of an upload. If a file is sent again, its count starts at 0 again.

    Attributes:
        file: the name of the file that is being sent.
        number: the number of the file, from 1.
        files: the number of files.
        sent: bytes of this file passed to the connection.
        size: size of this file in bytes.
        accepted: whether the server has accepted the file.
    """

    file: str
    number: int
    files: int
    sent: int
    size: int
    accepted: bool = False
