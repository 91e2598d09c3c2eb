"""`scim-server mail`: what people are told by mail, in which words, and what became of it."""

from typing import TextIO

import click

from scim_server.api.items.mails import MailDraftItem, MailItem, MailTemplateItem
from scim_server.api.shapes import dump, dump_all
from scim_server.cli.installations import cause, migrated
from scim_server.cli.outputs import json_option, listing, print_json, printable, report
from scim_server.domain.mails import MailState
from scim_server.domain.notices import PLACEHOLDERS, WELCOME
from scim_server.services import mailing, tenancy, wording

COLUMNS = {
    "Created": "created",
    "State": "state",
    "To": "recipient",
    "User": "userName",
    "Subject": "subject",
    "Attempts": "attempts",
    "Next attempt": "nextAttempt",
    "Sent": "sent",
}
TEMPLATE_COLUMNS = {"Name": "name", "Language": "language", "Subject": "subject", "Own": "own"}
DEFAULT_LANGUAGE = "en"

name_argument = click.argument("name")
language_option = click.option(
    "--language", metavar="TAG", default=DEFAULT_LANGUAGE, show_default=True, help="Of the text, for example pt-BR."
)


@click.group("mail")
def mails() -> None:
    """Mails: welcomes and notices of changes, their texts, and what became of them."""


@mails.command("list")
@click.argument("tenant")
@click.option(
    "--state", type=click.Choice([*map(str, MailState)]), help="Those that wait, were sent, or were given up."
)
@click.option("--limit", type=click.IntRange(1, 100_000), default=100, show_default=True, help="So many at most.")
@json_option
def list_(tenant: str, state: str | None, limit: int, as_json: bool) -> None:
    """The mails of TENANT, the newest first; one that is over is forgotten after a month."""
    units = migrated().units
    chosen = None if state is None else MailState(state)
    found = mailing.mails(units, tenancy.tenant(units, tenant), limit, chosen)
    listing(dump_all(MailItem, found), COLUMNS, f"Tenant '{tenant}' has no such mail.", as_json=as_json)


@mails.command("preview")
@click.argument("tenant")
@click.argument("user_name", metavar="USERNAME")
@click.option("--template", "name", metavar="NAME", default=WELCOME, show_default=True, help="Which mail.")
@click.option("--language", metavar="TAG", help="As if the person read that language.")
@json_option
def preview(tenant: str, user_name: str, name: str, language: str | None, as_json: bool) -> None:
    """The mail as a person of TENANT would get it, as if all they have were new. Nothing is sent."""
    units = migrated().units
    draft = wording.preview(units, tenancy.tenant(units, tenant), user_name, name=name, language=language)
    letter = f"To: {draft.recipient or '(no e-mail address)'}\nSubject: {draft.subject}\n\n{draft.body.rstrip()}"
    report(dump(MailDraftItem, draft), letter, as_json=as_json)


@mails.group("template")
def mail_templates() -> None:
    """The texts of mails, by name and language: those that come with the server, and the tenant's own."""


@mail_templates.command("list")
@click.argument("tenant")
@json_option
def list_templates(tenant: str, as_json: bool) -> None:
    """Every text of TENANT; `own` are those that it wrote."""
    units = migrated().units
    found = dump_all(MailTemplateItem, wording.wordings(units, tenancy.tenant(units, tenant)))
    listing(found, TEMPLATE_COLUMNS, "", as_json=as_json)


@mail_templates.command("show")
@click.argument("tenant")
@name_argument
@language_option
@json_option
def show(tenant: str, name: str, language: str, as_json: bool) -> None:
    """One text as it is written, with its placeholders."""
    units = migrated().units
    found = wording.wording(units, tenancy.tenant(units, tenant), name, language)
    if as_json:
        print_json(dump(MailTemplateItem, found))
        return
    click.echo(printable(f"Subject: {found.template.subject}\n\n{found.template.body.rstrip()}"))


@mail_templates.command("set")
@click.argument("tenant")
@name_argument
@language_option
@click.option("--subject", required=True, help="One line.")
@click.option("--body", "body", type=click.File(encoding="utf-8"), metavar="FILE", required=True, help="- for stdin.")
@json_option
def set_(tenant: str, name: str, language: str, subject: str, body: TextIO, as_json: bool) -> None:
    """Write a text of TENANT: `welcome`, `change`, or one of a name of your own for rules (`rule edit --mail NAME`).

    Placeholders are filled in; `mail template placeholders` lists them.
    """
    try:
        text = body.read()
    except UnicodeDecodeError as error:
        raise click.BadParameter("The body is no text in UTF-8: save the file so.") from error
    units = migrated().units
    written = wording.set_wording(units, tenancy.tenant(units, tenant), cause(), name, language, subject, text)
    template = written.template
    sentence = f"The mail template '{template.name}' in '{template.language}' is the tenant's own now."
    report(dump(MailTemplateItem, written), sentence, as_json=as_json)


@mail_templates.command("reset")
@click.argument("tenant")
@name_argument
@language_option
@json_option
def reset(tenant: str, name: str, language: str, as_json: bool) -> None:
    """Forget a text that TENANT wrote; the one that comes with the server, if there is one, holds again."""
    units = migrated().units
    shipped = wording.reset_wording(units, tenancy.tenant(units, tenant), cause(), name, language)
    if shipped is None:
        report(
            {"name": name, "language": language},
            f"The mail template '{name}' is gone in '{language}'.",
            as_json=as_json,
        )
        return
    sentence = f"The mail template '{name}' in '{language}' is the server's own again."
    report(dump(MailTemplateItem, shipped), sentence, as_json=as_json)


@mail_templates.command("placeholders")
@json_option
def placeholders(as_json: bool) -> None:
    """Everything that a text may have filled in."""
    found = [{"placeholder": f"{{{name}}}", "means": means} for name, means in PLACEHOLDERS.items()]
    listing(found, {"Placeholder": "placeholder", "Stands for": "means"}, "", as_json=as_json)
