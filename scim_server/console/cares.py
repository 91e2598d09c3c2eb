"""Visitors who are limited to the people of some groups: here, and nowhere else, it is decided whom they see.

They are let in to the sections alone that keep to those people, and whoever an address or a form names must be one of
them. Lists are narrowed by `in_care`.
"""

from collections.abc import Iterator
from dataclasses import replace

from flask_babel import gettext

from scim_server.console.calls import Call
from scim_server.console.sections import Page
from scim_server.domain.errors import Forbidden
from scim_server.services import caring
from scim_server.services.sought_people import SoughtPeople

NAMING = ("user", "receiver", "manager")
"""What names people in addresses and forms."""


def admit(call: Call, page: Page) -> None:
    """Raises Forbidden where the page is about everybody, Missing where it is about somebody else."""
    if not is_for(call, page):
        raise Forbidden(gettext("Your roles are limited to the people of some groups; this page is about everybody."))
    if call.visitor.care is not None:
        caring.check(call.units, call.tenant, call.visitor.care, list(_named(call)))


def is_for(call: Call, page: Page) -> bool:
    """Whether the page is for the visitor, or about people whom they do not look after."""
    return page.within_care or call.visitor.care is None


def in_care(call: Call, sought: SoughtPeople) -> SoughtPeople:
    """Those of the people sought whom the visitor looks after."""
    return replace(sought, within=call.visitor.care)


def _named(call: Call) -> Iterator[str]:
    for name in NAMING:
        if name in call.path:
            yield call.path[name]
        for values in (call.query, call.form):
            yield from filter(None, (text.strip() for text in values.getlist(name)))
