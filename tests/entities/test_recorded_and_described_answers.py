"""Recorded responses and responses generated from Okta's schemas give entities or faults.

Runs where OKTAHOUND_CORPUS names the folder of recorded answers.
"""

from __future__ import annotations

import os
import pathlib
import random
from typing import Any

import orjson
import pytest

from oktahound.entities import (
    ENTITIES,
    AdminAssignee,
    AgentPool,
    ApiServiceIntegration,
    ApiToken,
    AppGroupAssignment,
    Application,
    AppUser,
    AuthorizationServer,
    ClientSecret,
    ConsentGrant,
    CustomRole,
    Device,
    Embedded,
    Entity,
    Factor,
    Group,
    GroupMembership,
    GroupPushMapping,
    GroupRule,
    IdentityProvider,
    IdentityProviderUser,
    JsonWebKey,
    Organization,
    Policy,
    PolicyMapping,
    PolicyRule,
    Realm,
    Resource,
    ResourceSet,
    ResourceSetBinding,
    ResourceSetMember,
    RoleAppTarget,
    RoleAssignment,
    RoleGroupTarget,
    RolePermission,
    User,
    embedded_rows,
    saved_form,
    structure,
    structure_saved,
)
from oktahound.entities.parsers import wrapped_keys

CORPUS = os.environ.get("OKTAHOUND_CORPUS")

pytestmark = pytest.mark.skipif(not CORPUS, reason="OKTAHOUND_CORPUS is not set")

SERVED = {
    "/api/v1/org": Organization,
    "/api/v1/users": User,
    "/api/v1/users/{id}": User,
    "/api/v1/groups": Group,
    "/api/v1/groups/{groupId}": Group,
    "/api/v1/groups/{groupId}/users": GroupMembership,
    "/api/v1/users/{userId}/factors": Factor,
    "/api/v1/users/{userId}/roles": RoleAssignment,
    "/api/v1/groups/{groupId}/roles": RoleAssignment,
    "/oauth2/v1/clients/{clientId}/roles": RoleAssignment,
    "/api/v1/users/{userId}/roles/{roleAssignmentId}/targets/groups": RoleGroupTarget,
    "/api/v1/groups/{groupId}/roles/{roleAssignmentId}/targets/groups": RoleGroupTarget,
    "/api/v1/groups/{groupId}/roles/{roleAssignmentId}/targets/catalog/apps": RoleAppTarget,
    "/api/v1/iam/assignees/users": AdminAssignee,
    "/api/v1/iam/roles": CustomRole,
    "/api/v1/iam/roles/{roleIdOrLabel}": CustomRole,
    "/api/v1/iam/roles/{roleIdOrLabel}/permissions": RolePermission,
    "/api/v1/iam/resource-sets": ResourceSet,
    "/api/v1/iam/resource-sets/{resourceSetIdOrLabel}": ResourceSet,
    "/api/v1/iam/resource-sets/{resourceSetIdOrLabel}/resources": Resource,
    "/api/v1/iam/resource-sets/{resourceSetIdOrLabel}/bindings": ResourceSetBinding,
    "/api/v1/iam/resource-sets/{resourceSetIdOrLabel}/bindings/{roleIdOrLabel}/members": ResourceSetMember,
    "/api/v1/apps": Application,
    "/api/v1/apps/{appId}": Application,
    "/api/v1/apps/{appId}/users": AppUser,
    "/api/v1/apps/{appId}/users/{userId}": AppUser,
    "/api/v1/apps/{appId}/groups": AppGroupAssignment,
    "/api/v1/apps/{appId}/groups/{groupId}": AppGroupAssignment,
    "/api/v1/apps/{appId}/grants": ConsentGrant,
    "/api/v1/apps/{appId}/grants/{grantId}": ConsentGrant,
    "/api/v1/apps/{appId}/group-push/mappings": GroupPushMapping,
    "/api/v1/apps/{appId}/credentials/secrets": ClientSecret,
    "/api/v1/apps/{appId}/credentials/jwks": JsonWebKey,
    "/integrations/api/v1/api-services": ApiServiceIntegration,
    "/integrations/api/v1/api-services/{apiServiceId}": ApiServiceIntegration,
    "/integrations/api/v1/api-services/{apiServiceId}/credentials/secrets": ClientSecret,
    "/api/v1/api-tokens": ApiToken,
    "/api/v1/api-tokens/{apiTokenId}": ApiToken,
    "/api/v1/devices": Device,
    "/api/v1/devices/{deviceId}": Device,
    "/api/v1/groups/rules": GroupRule,
    "/api/v1/groups/rules/{groupRuleId}": GroupRule,
    "/api/v1/realms": Realm,
    "/api/v1/realms/{realmId}": Realm,
    "/api/v1/idps": IdentityProvider,
    "/api/v1/idps/{idpId}": IdentityProvider,
    "/api/v1/idps/{idpId}/users": IdentityProviderUser,
    "/api/v1/policies": Policy,
    "/api/v1/policies/{policyId}": Policy,
    "/api/v1/policies/{policyId}/rules": PolicyRule,
    "/api/v1/policies/{policyId}/rules/{ruleId}": PolicyRule,
    "/api/v1/policies/{policyId}/mappings": PolicyMapping,
    "/api/v1/authorizationServers": AuthorizationServer,
    "/api/v1/authorizationServers/{authServerId}": AuthorizationServer,
    "/api/v1/agentPools": AgentPool,
}

ENVELOPES = ("roles", "permissions", "resource-sets", "resources", "members", "value")


class AnyParent:
    """A parent with any attribute, because these tests check rows independent of their parents."""

    def __getattr__(self, name: str) -> str:
        return f"the {name}"


def rows_in(cls: type[Entity], body: Any) -> list[Any]:
    if cls is JsonWebKey:
        # A collection reads the keys that are embedded in applications, and does not request this listing.
        try:
            return wrapped_keys(body)
        except TypeError:
            return []
    if isinstance(body, dict):
        return next((body[key] for key in ENVELOPES if isinstance(body.get(key), list)), [body])
    return body if isinstance(body, list) else []


def read_all(cls: type[Entity], rows: list[Any]) -> tuple[int, list[str]]:
    """Structure rows and embedded rows; return the number of entities, and the problems with their places."""
    kept, problems = 0, []
    for row in rows:
        entity, faults = structure(cls, row, AnyParent())
        problems += [f"{cls.__name__}.{fault.path}: {fault.problem}" for fault in faults]
        assert (entity is None) == any(fault.fatal for fault in faults)
        if entity is None:
            continue
        kept += 1
        assert structure_saved(cls, orjson.loads(orjson.dumps(saved_form(entity)))) == entity
        for inner in ENTITIES:
            for source in inner.SOURCES:
                if isinstance(source, Embedded) and source.inside is cls:
                    inside, losses = embedded_rows(source, row)
                    problems += [f"{inner.__name__}.{loss.path}: {loss.problem}" for loss in losses]
                    more, worse = read_all(inner, list(inside))
                    kept, problems = kept + more, problems + worse
    return kept, problems


def recorded(file: pathlib.Path) -> list[dict[str, Any]]:
    lines = [orjson.loads(line) for line in file.read_bytes().splitlines()]
    return [line for line in lines if line["status"] < 300 and line["path_template"] in SERVED]


def test_every_recorded_response_is_read_without_a_fault():
    kept: dict[type[Entity], int] = {}
    faults: dict[bool, set[str]] = {True: set(), False: set()}
    for file in sorted(pathlib.Path(CORPUS).glob("*.jsonl")):
        for line in recorded(file):
            cls = SERVED[line["path_template"]]
            read, problems = read_all(cls, rows_in(cls, line["body"]))
            kept[cls] = kept.get(cls, 0) + read
            faults[line["provenance"] in ("recorded", "testdata")].update(problems)
    assert faults[True] == set()
    # Lines that people wrote: two of them have something else where times should stand, and it is told where.
    assert {fault.partition(":")[0] for fault in faults[False]} == {
        "Policy.created",
        "Policy.lastUpdated",
        *(
            f"User.{name}"
            for name in ("activated", "created", "lastUpdated", "passwordChanged", "statusChanged")
        ),
    }
    assert all("expected a time as in" in fault for fault in faults[False])
    often = (Organization, User, Group, Application, AppUser, Policy, Device)
    assert [cls.__name__ for cls in often if not kept.get(cls)] == []
    assert sum(kept.values()) > 500


def described() -> dict[str, Any]:
    schemas: dict[str, Any] = orjson.loads(
        (pathlib.Path(CORPUS).parent / "okta-api" / "schemas.json").read_bytes()
    )
    operations = orjson.loads((pathlib.Path(CORPUS).parent / "okta-api" / "operations.json").read_bytes())
    return {
        "schemas": schemas,
        "paths": {name: each["path"] for name, each in operations["operations"].items()},
    }


class MakeUp:
    """Generates responses from a JSON Schema: valid ones, and sometimes invalid ones."""

    WORDS = ("ACTIVE", "SOMETHING_NEW", "", "00u1", "https://contoso.okta.com/api/v1/apps/0oa1", "P30D")
    HOSTILE = (None, True, 0, -1, 2.5, 10**18, "", "\x00", "x" * 300, [], [None], {}, {"a": {"b": []}})

    def __init__(self, defs: dict[str, Any], seed: int, hostility: float) -> None:
        self._defs, self._random, self._hostility = defs, random.Random(seed), hostility

    def value(self, schema: Any, depth: int = 0) -> Any:
        if depth and self._random.random() < self._hostility:
            return self._random.choice(self.HOSTILE)
        if not isinstance(schema, dict) or depth > 9:
            return self._random.choice(self.WORDS)
        if "$ref" in schema:
            return self.value(self._defs[schema["$ref"].rsplit("/", 1)[-1]], depth + 1)
        if "const" in schema or "enum" in schema:
            return (
                schema["const"]
                if "const" in schema
                else self._random.choice([*schema["enum"], "SOMETHING_NEW"])
            )
        for choice in ("oneOf", "anyOf"):
            if choice in schema:
                return self._joined(schema, [self._random.choice(schema[choice])], depth)
        if "allOf" in schema:
            return self._joined(schema, schema["allOf"], depth)
        return self._of_type(schema, depth)

    def _joined(self, schema: dict[str, Any], parts: list[Any], depth: int) -> Any:
        own = self._of_type(schema, depth) if "properties" in schema else {}
        made = [self.value(part, depth + 1) for part in parts]
        if all(isinstance(each, dict) for each in made):
            return {key: value for each in (*made, own) for key, value in each.items()}
        return made[0]

    def _of_type(self, schema: dict[str, Any], depth: int) -> Any:
        kind = schema.get("type", "object")
        kind = self._random.choice(kind) if isinstance(kind, list) else kind
        match kind:
            case "object":
                properties = schema.get("properties", {})
                return {
                    key: self.value(each, depth + 1)
                    for key, each in properties.items()
                    if self._random.random() < 0.8
                }
            case "array":
                return [
                    self.value(schema.get("items", {}), depth + 1) for _ in range(self._random.randint(0, 2))
                ]
            case "string" if schema.get("format") == "date-time":
                return self._random.choice(
                    ["2026-01-15T12:25:42.000Z", "2025-01-01T00:00:00Z", "2024-12-09 14:17:22.0"]
                )
            case "string":
                return self._random.choice(self.WORDS)
            case "integer":
                return self._random.choice([0, 1, 1628263766000])
            case "number":
                return 0.5
            case "boolean":
                return self._random.random() < 0.5
        return None


@pytest.mark.parametrize("hostility", [0.0, 0.05, 0.3])
def test_responses_generated_from_oktas_schemas_give_entities_or_faults(hostility):
    found = described()
    schemas, reached, kept, problems = found["schemas"], set(), 0, 0
    for name, answers in sorted(schemas["operations"].items()):
        cls = SERVED.get(found["paths"].get(name, ""))
        if cls is None:
            continue
        for status, schema in answers.items():
            for seed in range(12):
                body = MakeUp(schemas["$defs"], seed, hostility).value(schema)
                assert status.startswith("2")
                read, faults = read_all(cls, rows_in(cls, body)) if isinstance(body, list | dict) else (0, [])
                kept, problems = kept + read, problems + len(faults)
                assert all(
                    ": expected" in fault or ": required" in fault or ": a scope" in fault for fault in faults
                )
        reached.add(cls)
    assert len(reached) > 30
    assert kept > 100
    assert problems > 0


def test_the_examples_of_oktas_schemas_are_read():
    found = described()
    kept, problems = 0, []
    for name, statuses in sorted(found["schemas"]["examples"].items()):
        cls = SERVED.get(found["paths"].get(name, ""))
        bodies = [
            body for status, each in statuses.items() if status.startswith("2") for body in each.values()
        ]
        for body in bodies if cls is not None else ():
            read, faults = read_all(cls, rows_in(cls, body))
            kept += read
            problems += [f"{name}: {fault}" for fault in faults]
    assert kept > 50
    assert [problem for problem in problems if ": expected a time" not in problem] == []
