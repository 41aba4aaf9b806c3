"""Upload files to a BloodHound server, Community or Enterprise, and wait for the ingest."""

from __future__ import annotations

from oktahound.bloodhound.auth import BearerToken, ServerAuth, SignedToken
from oktahound.bloodhound.jobs import IngestJob, IngestStatus, UploadProgress
from oktahound.bloodhound.upload import upload, upload_async

__all__ = [
    "BearerToken",
    "IngestJob",
    "IngestStatus",
    "ServerAuth",
    "SignedToken",
    "UploadProgress",
    "upload",
    "upload_async",
]
