"""Settings templates: named settings of a product, which rules give and the application reads."""

from collections.abc import Iterable

from flask_babel import gettext
from werkzeug.wrappers import Response

from scim_server.console.answers import file_of, go, render
from scim_server.console.calls import Call
from scim_server.console.sections import TENANT, Section
from scim_server.console.trials import lines
from scim_server.domain.errors import Invalid
from scim_server.domain.rules import Rule
from scim_server.services import ruling, templating, tenancy
from scim_server.services.csv_rows import csv_lines

settings_templates = Section("rules")
TEMPLATES = f"{TENANT}/templates"
TEMPLATE = f"{TEMPLATES}/<product>/<name>"
COLUMNS = ("product", "name", "key", "value")


@settings_templates.get(TEMPLATES, "people.read")
def list_templates(call: Call) -> str:
    """Every template with the rules that give it."""
    found = templating.templates(call.units, call.tenant)
    rules = ruling.rules(call.units, call.tenant)
    giving = {(each.product, each.name): _giving(rules, each.product, each.name) for each in found}
    return render("settings_templates/list.html", found=found, giving=giving)


@settings_templates.get(f"{TEMPLATES}/export", "people.read")
def export_templates(call: Call) -> Response:
    """Every value of every template as a file."""
    found = templating.templates(call.units, call.tenant)
    rows = ((each.product, each.name, key, value) for each in found for key, value in each.values.items())
    return file_of(csv_lines(COLUMNS, rows), "templates.csv")


@settings_templates.get(f"{TEMPLATES}/new", "rules.write")
def create_template(call: Call) -> str:
    """The form of a new template."""
    return render("settings_templates/form.html", shown=None, products=tenancy.products(call.units))


@settings_templates.post(f"{TEMPLATES}/new", "rules.write")
def make_template(call: Call) -> Response:
    """Make it; one of that name is not written over."""
    product, name = call.form.get("product", ""), call.form.get("name", "").strip()
    if any((each.product, each.name) == (product, name) for each in templating.templates(call.units, call.tenant)):
        raise Invalid(gettext("There is such a template already: edit that one, or choose another name."))
    templating.set_template(call.units, call.tenant, call.cause, product, name, _values(call))
    return go(call.url("list_templates"), gettext("The template is made: rules can give it now."), undo=call)


@settings_templates.get(TEMPLATE, "rules.write")
def edit_template(call: Call) -> str:
    """The form of a template. Whoever has it has the new values at once."""
    template = templating.template(call.units, call.tenant, call.path["product"], call.path["name"])
    giving = _giving(ruling.rules(call.units, call.tenant), template.product, template.name)
    return render("settings_templates/form.html", shown=template, giving=giving, products=())


@settings_templates.post(TEMPLATE, "rules.write")
def change_template(call: Call) -> Response:
    """Write its values."""
    product, name = call.path["product"], call.path["name"]
    templating.set_template(call.units, call.tenant, call.cause, product, name, _values(call))
    return go(call.url("list_templates"), gettext("The template has its new values."), undo=call)


@settings_templates.get(f"{TEMPLATE}/delete", "rules.write")
def delete_template(call: Call) -> str:
    """What stands against it, if anything does."""
    template = templating.template(call.units, call.tenant, call.path["product"], call.path["name"])
    giving = _giving(ruling.rules(call.units, call.tenant), template.product, template.name)
    back = call.url("list_templates")
    return render("settings_templates/delete.html", shown=template, giving=giving, back=back)


@settings_templates.post(f"{TEMPLATE}/delete", "rules.write")
def drop_template(call: Call) -> Response:
    """Delete it."""
    templating.delete_template(call.units, call.tenant, call.cause, call.path["product"], call.path["name"])
    return go(call.url("list_templates"), gettext("The template is deleted."), undo=call)


def _giving(rules: Iterable[Rule], product: str, name: str) -> list[Rule]:
    return [rule for rule in rules if rule.templates.get(product) == name]


def _values(call: Call) -> dict[str, str]:
    pairs = (line.partition("=") for line in lines(call.form.get("values")))
    return {key.strip(): value.strip() for key, _, value in pairs}
