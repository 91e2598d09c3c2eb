"""Schemathesis against the admin API: calls made from its OpenAPI document, each answer held against the document."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from schemathesis import GenerationMode, openapi
from schemathesis.config import ProjectConfig, SchemathesisConfig
from schemathesis.engine import events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder

from scim_server.api.documents import document
from scim_server.api.nouns import ENDPOINTS
from tests.api.callers import Caller
from tests.api.seeds import Seeds
from tests.worlds import World

PLACE = " in path - "
"""What is said of a place that holds none of the seeds; it may hold any text, for the server as for the document."""
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "negative_data_rejection",
    "unsupported_method",
    "allow_header_conformance",
)
OFF: Mapping[str, str] = {
    "positive_data_acceptance": "A schema cannot say which texts are cursors, products or names that are there.",
    "missing_required_header": "No header is required but that of the token, which other tests leave out.",
    "ignored_auth": "It cannot call a WSGI application (schemathesis 4.32); other tests leave the token out.",
    "use_after_free": "What was deleted may still be asked for: who was deleted, a token that was revoked.",
    "ensure_resource_availability": "The address of an add that waits shows nobody yet.",
    "object_level_authorization": "It needs two users of the API; other tests stand before the wall between tenants.",
    "max_response_time": "Time proves nothing on a machine that others share.",
}
MEMBERS: Mapping[str, str] = {
    **dict.fromkeys(("user", "userName", "email", "organiser", "coOrganisers", "users"), "user"),
    **dict.fromkeys(("addUsers", "removeUsers", "from", "to"), "user"),
    **dict.fromkeys(("group", "groups", "addGroups", "removeGroups", "roleGroups"), "group"),
    **dict.fromkeys(("product", "products", "give", "take", "includes", "addProducts", "removeProducts"), "product"),
    **dict.fromkeys(("rule", "rules", "delete", "reorder"), "rule"),
    **dict.fromkeys(("request", "requestId"), "request"),
    **dict.fromkeys(("object", "resource"), "user"),
    **dict.fromkeys(("scopes", "permissions"), "scope"),
    "role": "role",
    "connection": "connection",
    "entryId": "entry",
    "ids": "removal",
    "language": "language",
}
"""Members of bodies and parameters of queries that may hold what a place of an address may."""
SEED = 7


@dataclass
class Probe:
    """What calls by machine came to: how many were answered with which status, by operation; and what was wrong."""

    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    wrong: dict[str, str] = field(default_factory=dict)

    def note(self, recorder: ScenarioRecorder) -> None:
        """Count the calls of one operation, and keep one example of everything that was wrong."""
        for call in recorder.interactions.values():
            if call.response is not None:
                self.answers[recorder.label, call.response.status_code] += 1
        for checks in recorder.checks.values():
            for check in checks:
                failure = check.failure_info and check.failure_info.failure
                if failure is not None and PLACE not in failure.message:
                    problem = f"{recorder.label}: {check.name}: {failure.title}"
                    self.wrong.setdefault(problem, f"{failure.message}\n{check.failure_info.code_sample}")


def probe(world: World, seeds: Seeds, caller: Caller, examples: int, *, coverage: bool) -> Probe:
    """Call every operation as `caller`: so many calls at random, and where wanted one for each limit of its schema."""
    described = openapi.from_dict(_seeded(document(ENDPOINTS, "http://localhost"), seeds), config=_config(caller))
    described.app = world.app
    phases = described.config.phases
    phases.coverage.enabled, phases.examples.enabled, phases.stateful.enabled = coverage, False, False
    phases.coverage.unexpected_methods = set()
    described.config.generation.max_examples = examples
    found = Probe()
    for event in from_schema(described).execute():
        if isinstance(event, events.ScenarioFinished):
            found.note(event.recorder)
        elif isinstance(event, events.NonFatalError):
            found.wrong[event.label] = event.info.format()
        elif isinstance(event, events.FatalError):
            raise event.exception
    return found


def _config(caller: Caller) -> SchemathesisConfig:
    config = SchemathesisConfig(seed=SEED)
    project: ProjectConfig = config.projects.default
    project.headers = {"Authorization": f"Bearer {caller.token}"}
    project.continue_on_failure = True
    project.generation.modes = list(GenerationMode)
    project.generation.deterministic = True
    project.generation.database = "none"
    for name in OFF:
        project.checks.get_by_name(name=name).enabled = False
    return config


def _seeded(described: dict[str, Any], seeds: Seeds) -> dict[str, Any]:
    """The document with ids, names and codes of what is there, so that calls reach further than 404.

    Of the places of addresses nothing else is tried. Members and queries take them beside whatever they take.
    """
    bodies: list[Any] = []
    for operations in described["paths"].values():
        for operation in operations.values():
            bodies.append(operation.get("requestBody", {}))
            for parameter in operation["parameters"]:
                if parameter["in"] == "path":
                    parameter["schema"] = {"type": "string", "enum": list(_there(seeds, parameter["name"]))}
                elif parameter["name"] in MEMBERS:
                    parameter["schema"] = _offering(parameter["schema"], seeds, parameter["name"])
    for schema in _referred(bodies, described["components"]["schemas"]):
        for name, member in schema.get("properties", {}).items():
            if name in MEMBERS and "items" in member:
                member["items"] = _offering(member["items"], seeds, name)
            elif name in MEMBERS:
                schema["properties"][name] = _offering(member, seeds, name)
    return described


def _offering(schema: dict[str, Any], seeds: Seeds, member: str) -> dict[str, Any]:
    return {"anyOf": [{"type": "string", "enum": list(_there(seeds, MEMBERS[member]))}, schema]}


def _referred(value: Any, schemas: dict[str, Any], seen: set[str] | None = None) -> Iterator[dict[str, Any]]:
    """The schemas that a part of the document refers to, and those that these refer to."""
    seen = set() if seen is None else seen
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _referred(each, schemas, seen)
    name = str(value.get("$ref", "")).rpartition("/")[2] if isinstance(value, dict) else ""
    if name and name not in seen:
        seen.add(name)
        yield schemas[name]
        yield from _referred(schemas[name], schemas, seen)


def _there(seeds: Seeds, place: str) -> Sequence[str]:
    assert seeds.places.get(place), f"tests/api/seeds.py plants nothing for the place {{{place}}} of an address"
    return seeds.places[place]
