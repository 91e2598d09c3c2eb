"""Conditions: filters whose attributes need no URN, as long as it is clear which is meant."""

import pytest

from scim_server.protocol.conditions import paths_of, read_condition
from scim_server.protocol.errors import InvalidFilter
from scim_server.protocol.filters import parse_filter
from scim_server.protocol.registry import COMMON_URN, build
from scim_server.protocol.schemas import ResourceType

FIRST, SECOND = "urn:example:First", "urn:example:Second"


def _kind() -> ResourceType:
    documents = (
        (COMMON_URN, ["id"]),
        ("urn:example:Thing", ["name", "floor"]),
        (FIRST, ["site", "floor", "team"]),
        (SECOND, ["site", "desk"]),
    )
    schemas = [{"id": urn, "name": urn, "attributes": [{"name": name} for name in names]} for urn, names in documents]
    schemas[2]["attributes"].append(  # type: ignore[union-attr]
        {"name": "lead", "type": "complex", "multiValued": True, "subAttributes": [{"name": "value"}]}
    )
    extensions = [{"schema": urn, "required": False} for urn in (FIRST, SECOND)]
    thing = {"name": "Thing", "endpoint": "/Things", "schema": "urn:example:Thing", "schemaExtensions": extensions}
    return build(schemas=schemas, messages=[], resource_types=[thing]).resource_type("Thing")


THING = _kind()


@pytest.mark.parametrize(
    ("short", "written_out"),
    [
        ('team eq "a"', f'{FIRST}:team eq "a"'),
        ('TEAM eq "a" and DESK pr', f'{FIRST}:team eq "a" and {SECOND}:desk pr'),
        ('floor eq "1"', 'floor eq "1"'),
        (f'{SECOND}:site eq "x"', f'{SECOND}:site eq "x"'),
        ('lead[value eq "x"] or lead.value pr', f'{FIRST}:lead[value eq "x"] or {FIRST}:lead.value pr'),
    ],
)
def test_a_short_name_is_that_of_the_one_extension_that_has_it(short: str, written_out: str) -> None:
    """An attribute of the resource itself comes first."""
    assert read_condition(short, THING) == parse_filter(written_out, THING)


@pytest.mark.parametrize(
    ("condition", "complaint"),
    [
        ('site eq "x"', f"several schemas: write it as {FIRST}:site"),
        ('nothing eq "x"', "'nothing' is not an attribute of Thing"),
        ('team.lead eq "x"', "has no 'lead'"),
    ],
)
def test_what_a_name_could_not_mean_is_said(condition: str, complaint: str) -> None:
    with pytest.raises(InvalidFilter, match=complaint):
        read_condition(condition, THING)


def test_filters_of_clients_still_need_the_urn() -> None:
    with pytest.raises(InvalidFilter, match="'team' is not an attribute"):
        parse_filter('team eq "a"', THING)


def test_every_attribute_that_is_looked_at() -> None:
    looked_at = paths_of(read_condition('not (name pr) and (lead[value eq "x"] or team eq "a")', THING))
    assert sorted(map(str, looked_at)) == sorted(["name", f"{FIRST}:lead", f"{FIRST}:lead.value", f"{FIRST}:team"])
