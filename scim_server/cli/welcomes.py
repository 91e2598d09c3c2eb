"""`scim-server user welcome`: the welcome by mail, sent again or for the first time."""

import click

from scim_server.api.items.mails import WelcomedItem
from scim_server.api.shapes import dump
from scim_server.cli.installations import cause, migrated
from scim_server.cli.outputs import asks, counted, json_option, report, yes_option
from scim_server.services import tenancy, welcoming
from scim_server.services.welcoming import Welcomed


@click.command("welcome")
@click.argument("tenant")
@click.argument("user_name", metavar="[USERNAME]", required=False)
@click.option("--never-seen", is_flag=True, help="Everybody who has something and was never seen by the application.")
@yes_option
@json_option
def welcome(tenant: str, user_name: str | None, never_seen: bool, yes: bool, as_json: bool) -> None:
    """Send a person of TENANT the welcome by mail, again or for the first time, whatever the tenant's settings.

    Without a mail server (SCIM_SMTP_URL) it is refused.
    """
    if (user_name is None) == (not never_seen):
        raise click.UsageError("Name a person, or say --never-seen: one of them.")
    installation = migrated()
    units, by_mail = installation.units, installation.settings.smtp_url is not None
    owner = tenancy.tenant(units, tenant)
    if user_name is not None:
        welcomed = welcoming.welcome_person(units, owner, cause(), user_name, by_mail=by_mail)
    else:
        if by_mail and asks(yes=yes, as_json=as_json):
            click.confirm(f"Send a mail to {_people(len(welcoming.never_seen(units, owner)))}?", abort=True)
        welcomed = welcoming.welcome_never_seen(units, owner, cause(), by_mail=by_mail)
    installation.deliver_mails()
    report(dump(WelcomedItem, welcomed), _sentence(welcomed), as_json=as_json)


def _sentence(welcomed: Welcomed) -> str:
    if len(welcomed.people) == 1 and not welcomed.without_address:
        user, sent = welcomed.people[0]
        return f"'{user.user_name}' is welcomed at {user.address}, for the {_ordinal(sent.sent)} time."
    left = welcomed.without_address
    without = f" Left out, for want of an e-mail address: {_people(len(left))}." if left else ""
    return f"A welcome goes to {_people(len(welcomed.people))}.{without}"


def _people(number: int) -> str:
    return counted(number, "person", "people")


def _ordinal(number: int) -> str:
    ending = "th" if number % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
