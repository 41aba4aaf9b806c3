"""Log streams, which send the System Log to another system."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import attrs

from oktahound.entities.schema import Derived, Entity, Wire
from oktahound.entities.sources import TRUST_BOUNDARIES, Endpoint

__all__ = ["LogStream"]


@attrs.frozen(kw_only=True, repr=False)
class LogStream(Entity):
    """A stream of the System Log to AWS EventBridge or Splunk Cloud. Its token is not kept."""

    KIND = "OktaHound_LogStream"
    PART = "trust_boundaries"
    PLURAL = "log_streams"
    SOURCES = (
        Endpoint(
            "/api/v1/logStreams",
            scope="okta.logStreams.read",
            params={"limit": 200},
            option=TRUST_BOUNDARIES,
        ),
    )
    DERIVED = (
        Derived("displayName", "The name.", lambda stream, context: stream.name),
        Derived(
            "destination",
            "The Splunk host, or account, region and event source in AWS.",
            lambda stream, context: stream.destination,
        ),
    )

    name: str | None = None
    """The stream's name."""
    type: str | None = None
    """`aws_eventbridge` or `splunk_cloud_logstreaming`."""
    status: str | None = None
    """`ACTIVE` or `INACTIVE`."""
    splunk_host: Annotated[str | None, Wire("settings.host", prop="")] = None
    """The host in Splunk Cloud."""
    aws_account_id: Annotated[str | None, Wire("settings.accountId", prop="")] = None
    """The AWS account."""
    aws_region: Annotated[str | None, Wire("settings.region", prop="")] = None
    """The AWS region."""
    aws_event_source: Annotated[str | None, Wire("settings.eventSourceName", prop="")] = None
    """The name of the event source in AWS EventBridge."""
    created: datetime | None = None
    """The time at which the stream was created."""
    last_updated: datetime | None = None
    """The time at which the stream was last changed."""

    @property
    def destination(self) -> str | None:
        """The destination of the events: the Splunk host, or account, region and event source in AWS."""
        aws = (self.aws_account_id, self.aws_region, self.aws_event_source)
        return self.splunk_host or "/".join(each for each in aws if each) or None
