"""Language and settings by rules: named templates, of which the highest rule that names one decides."""

from typing import Any

import pytest

from scim_server.domain.errors import Invalid, Missing, Refusal, Taken
from scim_server.domain.rules import Rule
from scim_server.domain.tenants import Tenant
from scim_server.services import ruling, templating
from scim_server.services.configuring import ApplicationSettings, application_settings
from scim_server.services.rule_parts import RuleParts
from tests.worlds import CAUSE, Connection, World, contents


@pytest.fixture
def ana(world: World, acme: Tenant, okta: Connection) -> str:
    """Ana's id; she is in the groups Staff and Sales."""
    ana = str(okta.create_user("ana")["id"])
    for name in ("Staff", "Sales"):
        okta.create_group(name, ana)
    okta.create_user("ben")
    return ana


def create(world: World, tenant: Tenant, group: str, **parts: Any) -> Rule:
    return ruling.create_rule(world.units, tenant, CAUSE, RuleParts(group=group, **parts))


def template(world: World, tenant: Tenant, product: str, name: str, **values: str) -> None:
    templating.set_template(world.units, tenant, CAUSE, product, name, values)


def settings(world: World, tenant: Tenant, user_name: str = "ana") -> ApplicationSettings:
    return world.person(tenant, user_name).settings


def test_who_meets_no_rule_has_no_settings(world: World, acme: Tenant, ana: str) -> None:
    template(world, acme, "meeting", "std", recording="off")
    create(world, acme, "Staff", products=["meeting"], language="fr", templates={"meeting": "std"})
    assert settings(world, acme, "ben") == ApplicationSettings(None, {})


def test_each_setting_is_that_of_the_highest_rule_that_decides_it(world: World, acme: Tenant, ana: str) -> None:
    for product in ("meeting", "webinar"):
        template(world, acme, product, "std", recording="off", size="100")
        template(world, acme, product, "big", size="1000")
    create(world, acme, "Staff", products=["meeting"], templates={"meeting": "std"})
    everything = {"meeting": "big", "webinar": "big"}
    second = create(world, acme, "Sales", products=["meeting", "webinar"], language="de", templates=everything)
    create(world, acme, "Sales", products=["webinar"], language="fr", templates={"webinar": "std"})
    std, big = {"recording": "off", "size": "100"}, {"size": "1000"}
    assert settings(world, acme) == ApplicationSettings("de", {"meeting": std, "webinar": big})
    ruling.reorder_rules(world.units, acme, CAUSE, [second.id])
    assert settings(world, acme) == ApplicationSettings("de", {"meeting": big, "webinar": big})
    ruling.edit_rule(world.units, acme, CAUSE, second.id, {"enabled": False})
    assert settings(world, acme) == ApplicationSettings("fr", {"meeting": std, "webinar": std})


def test_a_template_that_changes_changes_for_everybody(world: World, acme: Tenant, ana: str) -> None:
    template(world, acme, "meeting", "std", recording="off")
    create(world, acme, "Staff", products=["meeting"], templates={"meeting": "std"})
    template(world, acme, "meeting", "std", recording="on", chat="off")
    assert settings(world, acme).products == {"meeting": {"recording": "on", "chat": "off"}}
    assert [row["action"] for row in world.rows("audit") if row["object_type"] == "template"] == [
        "template.created",
        "template.changed",
    ]


def test_a_template_in_use_stays(world: World, acme: Tenant, ana: str) -> None:
    template(world, acme, "meeting", "std", recording="off")
    rule = create(world, acme, "Staff", products=["meeting"], templates={"meeting": "std"})
    before = contents(world)
    with pytest.raises(Taken, match=f"{rule.id} \\(group 'Staff'\\)"):
        templating.delete_template(world.units, acme, CAUSE, "meeting", "std")
    assert contents(world) == before
    edited = ruling.edit_rule(world.units, acme, CAUSE, rule.id, {"templates": {"meeting": None}})
    assert edited.templates == {}
    templating.delete_template(world.units, acme, CAUSE, "meeting", "std")
    assert templating.templates(world.units, acme) == []
    with pytest.raises(Missing, match="template list"):
        templating.delete_template(world.units, acme, CAUSE, "meeting", "std")


def test_a_rule_without_the_product_has_not_its_template(world: World, acme: Tenant, ana: str) -> None:
    template(world, acme, "meeting", "std", recording="off")
    rule = create(world, acme, "Staff", products=["meeting"], templates={"meeting": "std"})
    edited = ruling.edit_rule(world.units, acme, CAUSE, rule.id, {"products": ["webinar"]})
    assert edited.templates == {}


def test_templates_of_another_tenant_are_unknown(world: World, acme: Tenant, ana: str) -> None:
    template(world, world.tenant("other"), "meeting", "std", recording="off")
    with pytest.raises(Missing, match="no template 'std'"):
        create(world, acme, "Staff", products=["meeting"], templates={"meeting": "std"})


@pytest.mark.parametrize(
    ("product", "name", "values", "refusal"),
    [
        ("nothing", "std", {"a": "b"}, Missing),
        ("meeting", " ", {"a": "b"}, Invalid),
        ("meeting", "x" * 201, {"a": "b"}, Invalid),
        ("meeting", "std", {}, Invalid),
        ("meeting", "std", {" ": "b"}, Invalid),
        ("meeting", "std", {"a": "b" * 2_001}, Invalid),
        ("meeting", "std", {str(number): "b" for number in range(201)}, Invalid),
    ],
)
def test_what_makes_no_template_is_refused(
    world: World, acme: Tenant, product: str, name: str, values: dict[str, str], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        templating.set_template(world.units, acme, CAUSE, product, name, values)
    assert world.rows("templates") == []


def test_settings_of_many_are_read_at_once(world: World, acme: Tenant, ana: str) -> None:
    create(world, acme, "Staff", language="fr")
    with world.units.read(acme) as uow:
        found = application_settings(uow, uow.users.ids())
    assert sorted(settings.language or "" for settings in found.values()) == ["", "fr"]
