"""Settings templates, as they are shown."""

from marshmallow import fields

from scim_server.api.fields import Facts, Text
from scim_server.api.shapes import Item


class TemplateItem(Item):
    """Named settings of a product, which rules give and the application reads."""

    product = Text()
    name = Text()
    values = Facts(values=fields.String())
