"""/tenants/{tenant}/users: people, what they hold, and why."""

from scim_server.api.answers import Answered, page_of
from scim_server.api.calls import Call
from scim_server.api.endpoints import TENANT, Noun
from scim_server.api.fields import Switch, Text
from scim_server.api.items.explanations import AccountItem
from scim_server.api.items.users import UserItem
from scim_server.api.shapes import PageQuery, Query
from scim_server.services import explaining, people
from scim_server.services.sought_people import SoughtPeople

users = Noun("users", "People, what they hold, and why. A person is named by user name or id.")


class UsersQuery(PageQuery):
    """Which people, and which part of their list."""

    user_name = Text(about="Whoever has that user name, letter case ignored.")
    email = Text(attribute="address", about="Whoever has that address, letter case ignored.")
    external_id = Text(about="Whoever has that id with the identity provider.")
    text = Text(about="Whose user name, or a word of whose display name, begins so.")
    active = Switch(about="What the identity provider says.")
    product = Text(about="Whoever has, or waits for, a seat of that product.")
    role = Text(about="Whoever has that role.")
    group = Text(about="Whoever is in the group of that name or id, or in one nested in it.")


class ExplanationQuery(Query):
    """What is to be explained."""

    product = Text(about="Code of one product.")


@users.get(f"{TENANT}/users", "people.read", shows=UserItem, lists=True, query=UsersQuery)
def list_users(call: Call) -> Answered:
    """List people, oldest first: those who meet every condition."""
    sought = SoughtPeople(**{name: value for name, value in call.query.items() if name not in {"after", "limit"}})
    found = people.page(call.units, call.tenant, sought, after=call.after or "", limit=call.limit + 1)
    return page_of(found, call.limit, lambda portrait: portrait.user.id)


@users.get(f"{TENANT}/users/{{user}}", "people.read", shows=UserItem)
def show_user(call: Call) -> Answered:
    """Show one person: status, seats, claims, roles, settings and open issues."""
    return people.person(call.units, call.tenant, call.path["user"])


@users.get(f"{TENANT}/users/{{user}}/explanation", "people.read", shows=AccountItem, query=ExplanationQuery)
def explain_user(call: Call) -> Answered:
    """Explain why a person has a product, or lacks it.

    The chain of group, rule, claim and seat, with who and when. Without `product` every one that concerns the person.
    """
    return explaining.explain(call.units, call.tenant, call.path["user"], call.query.get("product"))
