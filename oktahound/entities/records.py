"""Every entity there is, in reading order: one typed tuple for each.

This class is the list: an entity that has a line here is collected, saved, loaded and put into the graph.
"""

from __future__ import annotations

from typing import get_args, get_type_hints

import attrs

from oktahound.entities.client_secrets import ClientSecret
from oktahound.entities.declare import Entity
from oktahound.entities.integrations import ApiServiceIntegration
from oktahound.entities.organization import Organization
from oktahound.entities.users import User

__all__ = ["ENTITIES", "Records"]


@attrs.frozen(kw_only=True, repr=False)
class Records:
    """What was read of an org. The attribute's name is the entity's `PLURAL`."""

    organizations: tuple[Organization, ...] = ()
    users: tuple[User, ...] = ()
    api_service_integrations: tuple[ApiServiceIntegration, ...] = ()
    client_secrets: tuple[ClientSecret, ...] = ()


ENTITIES: tuple[type[Entity], ...] = tuple(get_args(hint)[0] for hint in get_type_hints(Records).values())
"""The entity classes, in reading order."""
