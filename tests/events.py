"""Events as they lie in the outbox, held against the catalogue."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import jsonschema_rs

from scim_server.domain.events import PlacedEvent, Subject
from scim_server.domain.tenants import Tenant
from scim_server.services.event_envelopes import envelope
from scim_server.services.event_schemas import event_schema
from scim_server.services.event_types import EVENT_TYPES


def faults_of(rows: list[dict[str, Any]], tenants: dict[str, Tenant]) -> list[str]:
    """What is wrong with events, rows of the outbox: unknown types, and what does not fit a type's schema.

    Where somebody was erased, events that spoke of them are empty.
    """
    erasing = {row["tenant_id"] for row in rows if row["event"] == "user.erased"}
    whole = [row for row in rows if data_of(row) or row["tenant_id"] not in erasing]
    return [fault for row in whole for fault in _faults(row, tenants[row["tenant_id"]])]


def _faults(row: dict[str, Any], tenant: Tenant) -> list[str]:
    name = row["event"]
    if name not in EVENT_TYPES:
        return [f"{name} is not in the catalogue"]
    event = envelope(tenant, placed(row))
    wrong = [f"{name}: {error.message}" for error in _validator(name).iter_errors(event)]
    unknown = event["data"].keys() - EVENT_TYPES[name].facts.keys()
    return wrong + [f"{name}: the catalogue does not know '{member}'" for member in sorted(unknown)]


def placed(row: dict[str, Any]) -> PlacedEvent:
    """The event of a row; one that has no position yet gets some."""
    return PlacedEvent(
        row["id"],
        row["event"],
        Subject.of(row["subject"], row["subject_name"]),
        row["number"],
        row["position"] or 1,
        row["at"],
        row["request_id"],
        data_of(row),
    )


def data_of(row: dict[str, Any]) -> dict[str, Any]:
    """What an event says; the driver of SQLite gives documents as text."""
    payload = row["payload"]
    return dict(json.loads(payload) if isinstance(payload, str) else payload)


def of_person(rows: list[dict[str, Any]], user_id: str) -> list[dict[str, Any]]:
    """The events of somebody among rows of the outbox, by number."""
    own = [row for row in rows if row["subject"] == Subject.person(user_id).key]
    return sorted(own, key=lambda row: int(row["number"]))


def made_up(name: str) -> dict[str, Any]:
    """Data that an event of that type may have."""
    return {member: _example(fact.schema) for member, fact in EVENT_TYPES[name].facts.items()}


def _example(schema: Mapping[str, Any]) -> Any:
    kind = schema.get("type")
    if "enum" in schema:
        return schema["enum"][0]
    if "properties" in schema:
        return {member: _example(each) for member, each in schema["properties"].items()}
    moment = "2026-11-30T08:15:00.000000Z" if schema.get("format") == "date-time" else "x"
    return {"string": moment, "integer": 0, "array": []}[str(kind)]


@cache
def _validator(name: str) -> Any:
    return jsonschema_rs.Draft202012Validator(event_schema(name), validate_formats=True)
