"""Settings templates: named sets of key-value pairs per product, which rules name and the application reads."""

from collections.abc import Mapping

from scim_server.domain.errors import Invalid, Missing, Taken
from scim_server.domain.events import Cause, Change
from scim_server.domain.facts import of_template
from scim_server.domain.rules import Template
from scim_server.domain.tenants import Tenant
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.retrying import retried

LONGEST_NAME = 200
MOST_VALUES = 200
LONGEST_VALUE = 2_000
"""Characters of a value, as of a key."""


@retried
def set_template(
    units: Units, tenant: Tenant, cause: Cause, product: str, name: str, values: Mapping[str, str]
) -> Template:
    """Write the template, instead of an earlier one of that name. Raises Missing for an unknown product, Invalid."""
    _check(name, values)
    with units.write(tenant, cause) as uow:
        uow.guard(exclusive=True)
        catalogue = uow.products.catalogue()
        if product not in catalogue.products:
            raise catalogue.unknown(product)
        before = find_template(uow, product, name)
        template = Template(product, name, dict(values))
        if template != before:
            uow.templates.put(template)
            action = "template.changed" if before else "template.created"
            record_template(uow, action, before, template)
            uow.commit()
        return template


@retried
def delete_template(units: Units, tenant: Tenant, cause: Cause, product: str, name: str) -> None:
    """Take a template out. Raises Missing where there is none, Taken where rules name it."""
    with units.write(tenant, cause) as uow:
        uow.guard(exclusive=True)
        template = find_template(uow, product, name)
        if template is None:
            raise _no_template(product, name)
        remove_template(uow, template)
        uow.commit()


def remove_template(uow: UnitOfWork, template: Template) -> None:
    """The same in the caller's transaction, under the guard held exclusively. Raises Taken where rules name it."""
    product, name = template.product, template.name
    users = [rule for rule in uow.rules.all() if rule.templates.get(product) == name]
    if users:
        named = "; ".join(f"{rule.id} ({rule.audience})" for rule in users)
        raise Taken(f"Template '{name}' of '{product}' is in use. Take it out of these rules first: {named}")
    uow.templates.remove(product, name)
    record_template(uow, "template.deleted", template, None)


def templates(units: Units, tenant: Tenant) -> list[Template]:
    """Every template of the tenant by product and name."""
    with units.read(tenant) as uow:
        return uow.templates.all()


def template(units: Units, tenant: Tenant, product: str, name: str) -> Template:
    """One template; raises Missing."""
    with units.read(tenant) as uow:
        found = find_template(uow, product, name)
    if found is None:
        raise _no_template(product, name)
    return found


def _no_template(product: str, name: str) -> Missing:
    return Missing(f"There is no template '{name}' of '{product}'. `scim-server template list` shows all.")


def find_template(uow: UnitOfWork, product: str, name: str) -> Template | None:
    """The template of that name; None where there is none."""
    return next((each for each in uow.templates.all() if (each.product, each.name) == (product, name)), None)


def _check(name: str, values: Mapping[str, str]) -> None:
    if not name.strip() or len(name) > LONGEST_NAME or "/" in name:
        raise Invalid(f"A template needs a name of at most {LONGEST_NAME} characters, without '/'.")
    if not values or len(values) > MOST_VALUES:
        raise Invalid(f"A template has 1 to {MOST_VALUES} values, written KEY=VALUE.")
    for key, value in values.items():
        if not key.strip() or max(len(key), len(value)) > LONGEST_VALUE:
            raise Invalid(
                f"'{key[:50]}': a key is not empty, and keys and values have up to {LONGEST_VALUE} characters."
            )


def record_template(uow: UnitOfWork, action: str, before: Template | None, after: Template | None) -> None:
    """Note what has become of a template."""
    template = after or before
    if template is not None:
        key = f"{template.product}/{template.name}"
        then, now = (None if each is None else of_template(each) for each in (before, after))
        uow.record(Change("template", key, action, then, now))
