"""scim2-tester, the checker of the Python SCIM libraries, against the application."""

from collections.abc import Mapping
from typing import Any

import pytest
from scim2_client.engines.wsgi import WSGISCIMClient
from scim2_models import Attribute, ResourceType, Schema, ScimProvider
from scim2_tester import CheckResult, Status, check_server
from scim2_tester.discovery import get_all_available_tags

from tests.worlds import Connection, World

BASE_URL = "https://seats.example.com/scim/acme/v2"
GOOD = {Status.SUCCESS, Status.COMPLIANT, Status.ACCEPTABLE}


def name_of(result: CheckResult) -> str:
    """The check and what it was about: the attribute, or the address that a check was skipped for."""
    subject = result.data.get("urn") if isinstance(result.data, dict) else None
    if result.status is Status.SKIPPED:
        subject = str(result.reason).partition(":")[0]
    about = [f"({subject})"] if subject else []
    return " ".join([*filter(None, [result.resource_type, result.title]), *about])


def name_what_is_known(client: WSGISCIMClient, known: Mapping[str, list[str]]) -> None:
    """Tell the checker what this tenant takes as an entitlement or a role, which it would make up at random."""
    published = ScimProvider(models=[Schema, ResourceType])
    client.provider = published
    schemas = client.query(Schema).resources or []
    kinds = client.query(ResourceType).resources or []
    for schema in schemas:
        for attribute in schema.attributes or []:
            if attribute.name in known:
                value_of(attribute).canonical_values = known[attribute.name]
    client.provider = ScimProvider.from_discovery(schemas, kinds)


def value_of(attribute: Attribute) -> Attribute:
    return next(sub for sub in attribute.sub_attributes or [] if sub.name == "value")


@pytest.mark.parametrize("profile", ["tolerant", "rfc"])
def test_every_check_succeeds(world: World, profile: str) -> None:
    okta: Connection = world.connect(world.tenant("acme", profile))
    client = WSGISCIMClient(world.app, base_url=BASE_URL, headers={"Authorization": f"Bearer {okta.token}"})
    if profile == "rfc":
        name_what_is_known(client, {"entitlements": ["meeting", "webinar", "training"], "roles": ["member", "admin"]})
    results: list[Any] = check_server(client)
    assert {tag for result in results for tag in result.tags} >= set(get_all_available_tags())
    assert {name_of(each): f"{each.status.name}, {each.reason}" for each in results if each.status not in GOOD} == {}
