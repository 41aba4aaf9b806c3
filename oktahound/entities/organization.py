"""The organization: the Okta tenant itself."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import attrs

from oktahound.entities.schema import Derived, Entity, Wire
from oktahound.entities.sources import Endpoint

__all__ = ["Organization"]


@attrs.frozen(kw_only=True, repr=False)
class Organization(Entity):
    """The Okta tenant: exactly one in a snapshot, and the root of the graph."""

    KIND = "Okta_Organization"
    PLURAL = "organizations"
    SOURCES = (Endpoint("/api/v1/org", scope="okta.orgs.read", single=True),)
    DERIVED = (
        Derived("name", "The host of the org's URL.", lambda org, context: context.domain),
        Derived("collected", "Always true: the collection read this tenant.", lambda org, context: True),
    )

    company_name: Annotated[str | None, Wire(prop="displayName")] = None
    """The name of the company that the org belongs to."""
    subdomain: str | None = None
    """The first label of the org's host name: `contoso` in `contoso.okta.com`."""
    status: str | None = None
    """`ACTIVE` or `INACTIVE`."""
    created: datetime | None = None
    """The time at which the org was created."""
    last_updated: datetime | None = None
    """The time at which the org's settings were last changed."""
