"""`scim-server user add|edit|suspend|reactivate|delete|restore`: people by hand."""

import click

from scim_server.api.items.erasures import ErasedItem
from scim_server.api.items.users import PendingAddItem
from scim_server.api.shapes import dump
from scim_server.cli.installations import cause, migrated
from scim_server.cli.outputs import asks, counted, json_option, quiet_option, report, yes_option
from scim_server.cli.parameters import together
from scim_server.cli.users import departed_facts, facts
from scim_server.domain.employments import Employment
from scim_server.domain.particulars import Edit, Newcomer, PendingAdd
from scim_server.domain.seats import Seat
from scim_server.services import editing, erasing, joining, leaving, linking, people, tenancy
from scim_server.services.editing import Edited
from scim_server.services.erasing import Erased
from scim_server.services.issues import EMAIL_IN_USE
from scim_server.services.people import Portrait

tenant_argument = click.argument("tenant")
user_argument = click.argument("user_name", metavar="USERNAME")


employment_options = together(
    click.option("--title", help="What the person is in the company."),
    click.option("--department"),
    click.option("--division"),
    click.option("--organization"),
    click.option("--cost-center"),
    click.option("--employee-number"),
    click.option("--manager", metavar="USERNAME", help="Whom the person reports to."),
)
"""What a company says of somebody."""


@click.command("add")
@tenant_argument
@click.argument("address", metavar="EMAIL")
@click.option("--first", required=True, help="First name.")
@click.option("--last", required=True, help="Last name.")
@click.option("--product", "products", multiple=True, metavar="CODE", help="What the person gets; repeatable.")
@click.option("--role", metavar="ROLE", help="A role, for everybody in the tenant.")
@click.option("--language", metavar="TAG", help="Preferred language, for example pt-BR.")
@quiet_option
@json_option
def add(
    tenant: str,
    address: str,
    first: str,
    last: str,
    products: tuple[str, ...],
    role: str | None,
    language: str | None,
    quiet: bool,
    as_json: bool,
) -> None:
    """Add a person to TENANT. EMAIL is the user name as well.

    While the address is in use outside the tenant the add waits, and is carried out by itself once it is free:
    `pending-add list` shows it.
    """
    newcomer = Newcomer(address, first, last, products, role, quiet, language)
    units = migrated().units
    added = joining.add_person(units, tenancy.tenant(units, tenant), cause(), newcomer)
    if isinstance(added, PendingAdd):
        waits = (
            f"'{address}' is in use outside this tenant: the add waits, and is carried out once the address is free."
        )
        report(dump(PendingAddItem, added), waits, as_json=as_json)
        return
    shared = any(issue.code == EMAIL_IN_USE for issue in added.issues)
    whose = " The address stays that of another person of the tenant." if shared else ""
    report(facts(added), f"'{address}' is added{_holding(added)}.{whose}", as_json=as_json)


@click.command("edit")
@tenant_argument
@user_argument
@click.option("--first", help="First name.")
@click.option("--last", help="Last name.")
@click.option("--email", "address", help="E-mail address, in place of the one that counts now.")
@click.option("--user-name", "new_name", help="User name.")
@click.option("--display-name", help="Name as shown; one made of first and last name follows them by itself.")
@click.option("--language", metavar="TAG", help="Preferred language, for example pt-BR.")
@employment_options
@click.option("--add-product", "added", multiple=True, metavar="CODE", help="A product to give; repeatable.")
@click.option("--remove-product", "removed", multiple=True, metavar="CODE", help="A product to take; repeatable.")
@quiet_option
@json_option
def edit(
    tenant: str,
    user_name: str,
    first: str | None,
    last: str | None,
    address: str | None,
    new_name: str | None,
    display_name: str | None,
    language: str | None,
    added: tuple[str, ...],
    removed: tuple[str, ...],
    quiet: bool,
    as_json: bool,
    **employment: str | None,
) -> None:
    """Change a person of TENANT: all that is asked for, or nothing.

    An empty text takes away what a person need not have. An identity provider that manages the person may write
    its own values again. Somebody who loses a product by hand is kept out of it, whatever rules or entitlements say,
    until it is added by hand.
    """
    wanted = Edit(first, last, address, new_name, display_name, language, Employment(**employment))
    if wanted == Edit() and not (added or removed):
        raise click.UsageError("Say what is to change: at least one option.")
    units = migrated().units
    owner = tenancy.tenant(units, tenant)
    edited = editing.edit_person(units, owner, cause(quiet=quiet), user_name, wanted, added=added, removed=removed)
    report(facts(edited.portrait), edited_sentence(edited), as_json=as_json)


@click.command("suspend")
@tenant_argument
@user_argument
@json_option
def suspend(tenant: str, user_name: str, as_json: bool) -> None:
    """Suspend a person of TENANT: no seat and no role, until `user reactivate`.

    What the identity provider says of `active` stays its own and does not lift this.
    """
    units = migrated().units
    edited = editing.suspend_person(units, tenancy.tenant(units, tenant), cause(), user_name)
    already = "" if edited.changed else " already"
    report(facts(edited.portrait), f"'{_name(edited)}' is{already} suspended.", as_json=as_json)


@click.command("reactivate")
@tenant_argument
@user_argument
@quiet_option
@json_option
def reactivate(tenant: str, user_name: str, quiet: bool, as_json: bool) -> None:
    """Bring a suspended person of TENANT back, with claims as of now."""
    units = migrated().units
    edited = editing.reactivate_person(units, tenancy.tenant(units, tenant), cause(quiet=quiet), user_name)
    if not edited.changed:
        sentence = f"'{_name(edited)}' is not suspended."
    elif edited.portrait.user.may_hold:
        sentence = f"'{_name(edited)}' is back{_holding(edited.portrait)}."
    else:
        sentence = f"'{_name(edited)}' stays suspended by the identity provider alone."
    report(facts(edited.portrait), sentence, as_json=as_json)


@click.command("delete")
@tenant_argument
@user_argument
@yes_option
@json_option
def delete(tenant: str, user_name: str, yes: bool, as_json: bool) -> None:
    """Delete a person of TENANT: name, address and seats are free at once.

    `user restore` brings them back while the tenant keeps deleted people (its setting retention_days). An add
    that waits for its address is called off by `pending-add cancel`.
    """
    units = migrated().units
    owner = tenancy.tenant(units, tenant)
    if asks(yes=yes, as_json=as_json):
        portrait = people.person(units, owner, user_name)
        click.confirm(f"'{portrait.user.user_name}' loses {_seats(portrait.seats) or 'no seat'}. Delete?", abort=True)
    gone = leaving.delete_person(units, owner, cause(), user_name)
    until = gone.restorable_until.partition("T")[0]
    sentence = f"'{user_name}' is deleted; `scim-server user restore` brings them back until {until}."
    report(departed_facts(gone), sentence, as_json=as_json)


@click.command("restore")
@tenant_argument
@user_argument
@click.option("--id", "user_id", metavar="ID", help="Whom, where several of that name were deleted; else the newest.")
@quiet_option
@json_option
def restore(tenant: str, user_name: str, user_id: str | None, quiet: bool, as_json: bool) -> None:
    """Bring a deleted person of TENANT back under the old id, with direct claims; memberships do not return."""
    units = migrated().units
    owner = tenancy.tenant(units, tenant)
    restored = leaving.restore_person(units, owner, cause(quiet=quiet), user_name, user_id)
    report(facts(restored), f"'{restored.user.user_name}' is restored{_holding(restored)}.", as_json=as_json)


@click.command("erase")
@tenant_argument
@click.argument("user", metavar="USERNAME|ID")
@click.option("--despite-retention", is_flag=True, help="Also where `user restore` could still bring the person back.")
@click.option("--preview", is_flag=True, help="Say what would go; nothing does.")
@yes_option
@json_option
def erase(tenant: str, user: str, despite_retention: bool, preview: bool, yes: bool, as_json: bool) -> None:
    """Erase a deleted person of TENANT for good, with all that is stored of them (GDPR, article 17).

    Their entries in the audit trail can never be read again; the trail stays whole. Backups keep what they have.
    """
    units = migrated().units
    owner = tenancy.tenant(units, tenant)
    if preview:
        foreseen = erasing.preview(units, owner, user)
        report(dump(ErasedItem, foreseen), f"Would go: {_gone(foreseen)}.", as_json=as_json)
        return
    if asks(yes=yes, as_json=as_json):
        click.confirm(f"Lose for good: {_gone(erasing.preview(units, owner, user))}?", abort=True)
    done = erasing.erase_person(units, owner, cause(), user, despite_retention=despite_retention)
    report(dump(ErasedItem, done), f"Erased for good: {_gone(done)}.", as_json=as_json)


def _gone(erased: Erased) -> str:
    """What went where."""
    parts = [f"{counted(rows, 'row')} of {table}" for table, rows in erased.removed.items()]
    return ", ".join([*parts, f"{counted(erased.keys, 'key')} of the audit trail"])


@click.command("link")
@tenant_argument
@user_argument
@click.argument("connection")
@json_option
def link(tenant: str, user_name: str, connection: str, as_json: bool) -> None:
    """Have CONNECTION manage a person of TENANT, as if it had created them; whatever managed them before does so no
    more."""
    units = migrated().units
    seen = linking.link_user(units, tenancy.tenant(units, tenant), cause(), user_name, connection)
    report(facts(seen), f"Connection '{connection}' manages '{seen.user.user_name}' now.", as_json=as_json)


BY_HAND = (add, edit, link, suspend, reactivate, delete, restore, erase)
"""The commands that stand beside `user list` and `user show`."""


def _name(edited: Edited) -> str:
    return edited.portrait.user.user_name


def edited_sentence(edited: Edited) -> str:
    """What became of somebody who was changed by hand."""
    if not edited.changed:
        return f"'{_name(edited)}' is so already."
    sentence = f"'{_name(edited)}' is changed{_holding(edited.portrait)}."
    if edited.excluded:
        given = ", ".join(edited.excluded)
        sentence += f" Rules or entitlements go on giving {given}: the person is kept out until you add it by hand."
    return sentence


def _holding(portrait: Portrait) -> str:
    held = _seats(portrait.seats)
    return f", with {held}" if held else ""


def _seats(seats: list[Seat]) -> str:
    return ", ".join(f"{seat.product} ({seat.state})" for seat in seats)
