"""/tenants/{tenant}/templates: named settings of a product, which rules give and the application reads."""

from scim_server.api.answers import Answered, part_of
from scim_server.api.calls import Call
from scim_server.api.endpoints import TENANT, Noun
from scim_server.api.fields import Cursor, Text, TextMap
from scim_server.api.items.templates import TemplateItem
from scim_server.api.shapes import Body, PageQuery
from scim_server.services import templating

templates = Noun("templates", "Named settings of a product, which rules give and the application reads.")
ALL, ONE = f"{TENANT}/templates", f"{TENANT}/templates/{{product}}/{{name}}"


class TemplateValues(Body):
    """All the values of a template."""

    values = TextMap(Text(least=0, most=templating.LONGEST_VALUE), most=templating.MOST_VALUES, required=True)


class TemplatesQuery(PageQuery):
    """A part of the list of templates."""

    after = Cursor(str, str)


@templates.get(ALL, "people.read", shows=TemplateItem, lists=True, query=TemplatesQuery)
def list_templates(call: Call) -> Answered:
    """List the tenant's templates by product and name."""
    found = templating.templates(call.units, call.tenant)
    return part_of(found, call.after, call.limit, lambda template: (template.product, template.name))


@templates.get(ONE, "people.read", shows=TemplateItem)
def show_template(call: Call) -> Answered:
    """Show a template."""
    return templating.template(call.units, call.tenant, call.path["product"], call.path["name"])


@templates.put(ONE, "rules.write", shows=TemplateItem, body=TemplateValues)
def set_template(call: Call) -> Answered:
    """Write a template, all its values at once. Whoever has it has the new values now."""
    product, name, values = call.path["product"], call.path["name"], call.body["values"]
    return templating.set_template(call.units, call.tenant, call.cause, product, name, values)


@templates.delete(ONE, "rules.write")
def delete_template(call: Call) -> Answered:
    """Take out a template that no rule names."""
    templating.delete_template(call.units, call.tenant, call.cause, call.path["product"], call.path["name"])
