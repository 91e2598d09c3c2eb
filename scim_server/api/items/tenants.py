"""Tenants, and what they can choose, as they are shown."""

from marshmallow import fields

from scim_server.api.fields import Facts, Many, Moment, Text, Texts
from scim_server.api.shapes import Item
from scim_server.domain.settings import SETTINGS


class TenantItem(Item):
    """A customer organisation."""

    id = Text(attribute="tenant.id")
    slug = Text(attribute="tenant.slug", about="Its name in addresses.")
    name = Text(attribute="tenant.name")
    profile = Text(attribute="tenant.profile", about="How strictly its clients are held to the standard.")
    created = Moment(attribute="tenant.created")
    base_address = Text(about="What its clients are given as the SCIM base address.")
    cell = Text(attribute="tenant.cell", about="The database it lives in; home where there is only one.")


class TenantSheetItem(TenantItem):
    """A tenant with how each of its switches and settings stands."""

    switches = Facts(values=fields.String(), about="The position of each protocol switch, set here or by the profile.")
    settings = Facts(values=fields.String(), about="Every setting of people and seats, set here or as by default.")


class SwitchItem(Item):
    """A protocol switch that a tenant can set otherwise than its profile does."""

    name = Text()
    positions = Texts(get=lambda choice: list(choice.positions))
    decides = Text()


class SettingItem(Item):
    """A setting of a tenant's people and seats."""

    name = Text(get=lambda pair: pair[0])
    default = Text(get=lambda pair: pair[1].default)
    wants = Text(get=lambda pair: pair[1].wants, about="What it can be.")
    decides = Text(get=lambda pair: pair[1].decides)


class TermsItem(Item):
    """What a tenant can choose."""

    profiles = Texts()
    usual_profile = Text(about="What a tenant has unless another one is named.")
    switches = Many(SwitchItem, get=lambda terms: list(terms.choices.values()))
    settings = Many(SettingItem, get=lambda _: list(SETTINGS.items()))
