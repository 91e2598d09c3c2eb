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
    care = call.visitor.care
    if care is None:
        return
    if not page.within_care:
        raise Forbidden(gettext("Your roles are limited to the people of some groups; this page is about everybody."))
    caring.check(call.units, call.tenant, care, list(_named(call)))


def in_care(call: Call, sought: SoughtPeople) -> SoughtPeople:
    """Those of the people sought whom the visitor looks after."""
    return replace(sought, within=call.visitor.care)


def _named(call: Call) -> Iterator[str]:
    for name in NAMING:
        if name in call.path:
            yield call.path[name]
        for values in (call.query, call.form):
            yield from filter(None, (text.strip() for text in values.getlist(name)))
