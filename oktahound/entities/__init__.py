"""What Okta's JSON means: typed, frozen entities. No network here, and no edges."""

from __future__ import annotations

from oktahound.entities.client_secrets import ClientSecret
from oktahound.entities.clients import (
    API_SERVICE_INTEGRATION,
    OAUTH_CLIENTS,
    SERVICE_APPLICATION,
    OAuthClientTraits,
)
from oktahound.entities.convert import Fault, make_converter, saved_form, structure, structure_saved
from oktahound.entities.declare import (
    Context,
    Derived,
    Embedded,
    Endpoint,
    Entity,
    Field,
    Known,
    Parent,
    Wire,
    camel,
    fields_of,
)
from oktahound.entities.integrations import ApiServiceIntegration
from oktahound.entities.organization import Organization
from oktahound.entities.records import ENTITIES, Records
from oktahound.entities.scopes import OAuthScope
from oktahound.entities.users import User
from oktahound.entities.values import configure_converter, time_text, time_texts, type_name

__all__ = [
    "API_SERVICE_INTEGRATION",
    "ENTITIES",
    "OAUTH_CLIENTS",
    "SERVICE_APPLICATION",
    "ApiServiceIntegration",
    "ClientSecret",
    "Context",
    "Derived",
    "Embedded",
    "Endpoint",
    "Entity",
    "Fault",
    "Field",
    "Known",
    "OAuthClientTraits",
    "OAuthScope",
    "Organization",
    "Parent",
    "Records",
    "User",
    "Wire",
    "camel",
    "configure_converter",
    "fields_of",
    "make_converter",
    "saved_form",
    "structure",
    "structure_saved",
    "time_text",
    "time_texts",
    "type_name",
]
