"""/tenants/{tenant}/users: people by hand, from the first day to the last."""

from collections.abc import Mapping
from typing import Any

from scim_server.api.answers import Accepted, Answered, Made
from scim_server.api.calls import Call, check_scope
from scim_server.api.endpoints import TENANT, Noun
from scim_server.api.fields import Flag, Text, Texts
from scim_server.api.items.users import DeletedUserItem, PendingAddItem, UserItem
from scim_server.api.nouns.groups import Link
from scim_server.api.shapes import Body
from scim_server.domain.employments import Employment
from scim_server.domain.particulars import LONGEST_NAME, Edit, Newcomer, PendingAdd
from scim_server.services import editing, joining, leaving, linking

people = Noun("people", "People by hand: added, edited, suspended and brought back, deleted.")
USERS = f"{TENANT}/users"
EMPLOYMENT = ("title", "department", "division", "organization", "cost_center", "employee_number", "manager")


def _quiet() -> Flag:
    return Flag(load_default=False, about="Tell the person nothing of it by mail.")


class NewUser(Body):
    """Somebody to be added. The address is the user name as well."""

    email = Text(required=True)
    first_name = Text(required=True, most=LONGEST_NAME)
    last_name = Text(required=True, most=LONGEST_NAME)
    products = Texts(load_default=(), about="Codes of what the person gets; needs the scope seats.write as well.")
    role = Text(
        load_default=None,
        allow_none=True,
        about="A role that permits no more than the caller's token; needs the scope roles.grant as well.",
    )
    preferred_language = Text(load_default=None, allow_none=True, about="For example pt-BR.")
    quiet = _quiet()


def _clearable(about: str | None = None, most: int | None = None) -> Text:
    return Text(allow_none=True, about=about) if most is None else Text(allow_none=True, about=about, most=most)


class UserEdit(Body):
    """What is to change of a person; what is left out stays, null takes away."""

    email = Text(about="In place of the address that counts now.")
    user_name = Text()
    first_name = _clearable(most=LONGEST_NAME)
    last_name = _clearable(most=LONGEST_NAME)
    display_name = _clearable("One that is made of first and last name follows them by itself.")
    preferred_language = _clearable("For example pt-BR.")
    title = _clearable()
    department = _clearable()
    division = _clearable()
    organization = _clearable()
    cost_center = _clearable()
    employee_number = _clearable()
    manager = _clearable("A person of the tenant, by user name or id.")
    add_products = Texts(load_default=(), about="Codes; needs the scope seats.write as well.")
    remove_products = Texts(load_default=(), about="Likewise. The person is kept out of what others go on giving.")
    quiet = _quiet()


class Quietly(Body):
    """How it is done."""

    quiet = _quiet()


@people.post(USERS, "people.write", shows=UserItem, defers=PendingAddItem, body=NewUser, status=201)
def add_user(call: Call) -> Answered:
    """Add a person.

    While the address is in use outside the tenant the add waits (202): it is among the pending adds until it is carried
    out by itself, once the address is free.
    """
    body = call.body
    _check_scopes(call, products=body["products"], role=body["role"])
    newcomer = Newcomer(
        body["email"],
        body["first_name"],
        body["last_name"],
        tuple(body["products"]),
        body["role"],
        body["quiet"],
        body["preferred_language"],
    )
    added = joining.add_person(call.units, call.tenant, call.cause, newcomer)
    if isinstance(added, PendingAdd):
        return Accepted(added)
    return Made(added, f"/tenants/{call.tenant.slug}/users/{added.user.id}")


@people.patch(f"{USERS}/{{user}}", "people.write", shows=UserItem, body=UserEdit)
def edit_user(call: Call) -> Answered:
    """Change who a person is, and give and take products: all of it, or nothing.

    An identity provider that manages the person may write its own values again.
    """
    added, removed = call.body["add_products"], call.body["remove_products"]
    _check_scopes(call, products=[*added, *removed])
    cause = call.cause.quietly(call.body["quiet"])
    return editing.edit_person(
        call.units, call.tenant, cause, call.path["user"], _edit(call.body), added=added, removed=removed
    ).portrait


@people.delete(f"{USERS}/{{user}}", "people.write", shows=DeletedUserItem)
def delete_user(call: Call) -> Answered:
    """Delete a person: name, address and seats are free at once. Answers until when they can be restored."""
    return leaving.delete_person(call.units, call.tenant, call.cause, call.path["user"])


@people.post(f"{USERS}/{{user}}/suspend", "people.write", shows=UserItem)
def suspend_user(call: Call) -> Answered:
    """Suspend a person, whatever the identity provider says: no seat and no role until they are reactivated."""
    return editing.suspend_person(call.units, call.tenant, call.cause, call.path["user"]).portrait


@people.post(f"{USERS}/{{user}}/reactivate", "people.write", shows=UserItem, body=Quietly)
def reactivate_user(call: Call) -> Answered:
    """Bring a suspended person back, with claims as of now."""
    cause = call.cause.quietly(call.body["quiet"])
    return editing.reactivate_person(call.units, call.tenant, cause, call.path["user"]).portrait


@people.post(f"{USERS}/{{user}}/link", "connections.write", shows=UserItem, body=Link)
def link_user(call: Call) -> Answered:
    """Have a connection manage a person, as if it had created them; whatever managed them before does so no more.

    A connection that is `creatorOnly` changes nobody but whom it created or who was linked to it.
    """
    return linking.link_user(call.units, call.tenant, call.cause, call.path["user"], call.body["connection"])


def _check_scopes(call: Call, *, products: Any, role: str | None = None) -> None:
    if products:
        check_scope(call.bearer, "seats.write", call.service.public_url)
    if role is not None:
        check_scope(call.bearer, "roles.grant", call.service.public_url)


def _edit(body: Mapping[str, Any]) -> Edit:
    """The edit that the body means: null is written as an empty text there."""
    said = {name: "" if value is None else value for name, value in body.items()}
    return Edit(
        said.get("first_name"),
        said.get("last_name"),
        said.get("email"),
        said.get("user_name"),
        said.get("display_name"),
        said.get("preferred_language"),
        Employment(**{name: said[name] for name in EMPLOYMENT if name in said}),
    )
