"""/me: what a person sees of themselves, with a token of their own."""

from scim_server.api.answers import Answered, page_of
from scim_server.api.calls import Call
from scim_server.api.endpoints import OWN, Noun
from scim_server.api.fields import Cursor
from scim_server.api.items.accesses import AccessItem
from scim_server.api.items.sessions import SessionItem
from scim_server.api.nouns.sessions import place
from scim_server.api.shapes import PageQuery
from scim_server.domain.tenants import Tenant
from scim_server.services import accessing, scheduling

me = Noun("me", "What a person sees of themselves, with a token of their own (`token issue TENANT --user USERNAME`).")


class OwnSessionsQuery(PageQuery):
    """A part of one's sessions."""

    after = Cursor(str, str)


@me.get("/me", OWN, shows=AccessItem)
def show_me(call: Call) -> Answered:
    """Show who one is here: products, roles, settings and language."""
    return accessing.access(call.units, _home(call), call.person.id)


@me.get("/me/sessions", OWN, shows=SessionItem, lists=True, query=OwnSessionsQuery)
def list_own_sessions(call: Call) -> Answered:
    """List what one organises by start, recordings included: nobody else is shown those."""
    found = scheduling.own_programme(
        call.units, _home(call), call.person.id, after=call.after or ("", ""), most=call.limit + 1
    )
    return page_of(found.listed, call.limit, place)


def _home(call: Call) -> Tenant:
    assert call.bearer.tenant is not None, "a person is of a tenant"
    return call.bearer.tenant
