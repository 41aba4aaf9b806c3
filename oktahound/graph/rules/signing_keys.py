"""Signing keys of applications: the applications that sign with a key, and the service providers that trust
it.

Only oktahound defines these kinds. Okta never returns a private key. But an attacker who controls an
application controls the assertions that Okta signs with its key: the issuer, the audience, the subject and
the attributes. If applications share a key, the service providers of all of them accept it.
"""

from __future__ import annotations

from collections.abc import Iterator

from oktahound.entities import AcsEndpoint, Application, SamlSettings, SigningKey
from oktahound.graph.foreign import Foreign
from oktahound.graph.lifecycle import node_state, state_of
from oktahound.graph.model import Edge, EdgeKind, rule
from oktahound.graph.org_index import OrgIndex
from oktahound.graph.rules.hybrid_apps import organization_of
from oktahound.graph.rules.hybrid_trust import OUTBOUND_ORG_SSO
from oktahound.graph.saml.ids import ASSERTION_CONSUMER_SERVICE, acs_node
from oktahound.graph.saml.routes import routes_of, settings_of
from oktahound.graph.saml.signing import SIGNING_KEY, key_node, key_uses

__all__ = ["CATALOGUE_SETTINGS", "RULES", "SIGNS_WITH", "SPEAKS_TO"]

SIGNS_WITH = EdgeKind(
    "OktaHound_SignsWith",
    starts={"Okta_Application"},
    ends={SIGNING_KEY},
    traversable=True,
    why="Control of the application is control of the choice of its key and of the signed assertions.",
    abuse=(
        "Change issuer, audience and subject of the application to those that a service provider "
        "expects, and sign in with the signed assertion. To persist, clone the key to another application."
    ),
    cut=(
        "Give the application a separate key, and keep administrators of less important applications out of "
        "applications that share a key."
    ),
    same_tier=True,
)
SPEAKS_TO = EdgeKind(
    "OktaHound_SpeaksTo",
    starts={SIGNING_KEY},
    ends={ASSERTION_CONSUMER_SERVICE, *OUTBOUND_ORG_SSO.ends},
    traversable=True,
    why="The service provider accepts assertions that are signed with the key, for any of its accounts.",
    abuse="Have an assertion signed about an administrator of the service provider, and post it there.",
    cut=(
        "Generate a new key for the application, install its certificate at the service provider and remove "
        "the old one there; keep administrators of the service provider out of the federation."
    ),
    same_tier=True,
)

CATALOGUE_SETTINGS = (
    "the issuer and audience of an application of Okta's catalogue can be set to those that another service "
    "provider expects"
)
"""The assumption about the use of a key by an application from the catalogue."""


@rule(SIGNS_WITH, needs=(Application, SamlSettings, SigningKey))
def signs_with(org: OrgIndex) -> Iterator[Edge]:
    """The key with which each application signs, and the other keys to which it can be switched.

    Okta documents that administrators can change these settings of applications that they created. For
    applications from the catalogue, this is an assumption.
    """
    for app, key_id, in_use in key_uses(org):
        settings = settings_of(org, app)
        by_hand = settings is not None and settings.is_made_by_hand
        yield SIGNS_WITH(
            app.id, key_node(key_id, org), inUse=in_use, assumption=None if by_hand else CATALOGUE_SETTINGS
        )


@rule(SPEAKS_TO, needs=(Application, SamlSettings, AcsEndpoint))
def speaks_to(org: OrgIndex) -> Iterator[Edge]:
    """The service provider of each application that signs with the key, if the settings identify it."""
    for app, key_id, in_use in key_uses(org):
        if not in_use:
            # It is unknown to Okta whether a service provider still trusts an earlier key.
            continue
        ends: list[str | Foreign] = []
        if app.sign_on_mode == "SAML_2_0":
            ends += [acs_node(app.id, route.index) for route in routes_of(org, app).routes]
        if isinstance(organization := organization_of(app), Foreign):
            ends.append(organization)
        for end in ends:
            yield SPEAKS_TO(key_node(key_id, org), end, **state_of(node_state(org, app.id)))


RULES = (signs_with, speaks_to)
