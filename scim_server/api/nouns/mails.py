"""/tenants/{tenant}/mails, /mail-templates, and welcomes: what people are told by mail, and in which words."""

from scim_server.api.answers import Answered, page_of, part_of
from scim_server.api.calls import Call
from scim_server.api.endpoints import TENANT, Noun
from scim_server.api.fields import Choice, Cursor, Text
from scim_server.api.items.mails import MailDraftItem, MailItem, MailTemplateItem, WelcomedItem
from scim_server.api.shapes import Body, PageQuery, Query
from scim_server.domain.mails import MailState
from scim_server.domain.notices import LONGEST_BODY, LONGEST_SUBJECT, WELCOME
from scim_server.services import mailing, welcoming, wording
from scim_server.services.wording import Wording

mails = Noun("mails", "Welcomes and notices of changes: their texts, and what became of them.")
TEMPLATE = f"{TENANT}/mail-templates/{{name}}/{{language}}"


class MailsQuery(PageQuery):
    """A part of the list of mails."""

    state = Choice(MailState, load_default=None)


class TemplatesQuery(PageQuery):
    """A part of the list of texts."""

    after = Cursor(str, str)


class TemplateText(Body):
    """The words of a mail. `{first_name}` and other placeholders are filled in."""

    subject = Text(required=True, most=LONGEST_SUBJECT)
    body = Text(required=True, most=LONGEST_BODY)


class PreviewQuery(Query):
    """Which mail, in which language."""

    template = Text(load_default=WELCOME)
    language = Text(load_default=None, about="As if the person read that language.")


@mails.get(f"{TENANT}/mails", "people.read", shows=MailItem, lists=True, query=MailsQuery)
def list_mails(call: Call) -> Answered:
    """List the mails of the last month, the newest first."""
    state = None if call.query["state"] is None else MailState(call.query["state"])
    found = mailing.mails(call.units, call.tenant, call.limit + 1, state, before=call.after)
    return page_of(found, call.limit, lambda posted: posted.mail.id)


@mails.get(f"{TENANT}/mail-templates", "people.read", shows=MailTemplateItem, lists=True, query=TemplatesQuery)
def list_mail_templates(call: Call) -> Answered:
    """List the texts of mails by name and language: those that come with the server, and the tenant's own."""
    return part_of(wording.wordings(call.units, call.tenant), call.after, call.limit, _key)


@mails.get(TEMPLATE, "people.read", shows=MailTemplateItem)
def read_mail_template(call: Call) -> Answered:
    """Read one text."""
    return wording.wording(call.units, call.tenant, call.path["name"], call.path["language"])


@mails.put(TEMPLATE, "tenant.write", shows=MailTemplateItem, body=TemplateText)
def write_mail_template(call: Call) -> Answered:
    """Write a text: `welcome`, `change`, or one of another name for rules."""
    return wording.set_wording(
        call.units, call.tenant, call.cause, call.path["name"], call.path["language"], **call.body
    )


@mails.delete(TEMPLATE, "tenant.write")
def reset_mail_template(call: Call) -> Answered:
    """Forget a text that the tenant wrote; the one that comes with the server, if there is one, holds again."""
    wording.reset_wording(call.units, call.tenant, call.cause, call.path["name"], call.path["language"])


@mails.get(f"{TENANT}/users/{{user}}/mail", "people.read", shows=MailDraftItem, query=PreviewQuery)
def preview_mail(call: Call) -> Answered:
    """Preview a mail as a person would get it, as if all they have were new. Nothing is sent."""
    name, language = call.query["template"], call.query["language"]
    return wording.preview(call.units, call.tenant, call.path["user"], name=name, language=language)


@mails.post(f"{TENANT}/users/{{user}}/welcome", "people.write", shows=WelcomedItem)
def welcome_user(call: Call) -> Answered:
    """Send a person the welcome, again or for the first time, whatever the tenant's settings."""
    return welcoming.welcome_person(
        call.units, call.tenant, call.cause, call.path["user"], by_mail=call.service.by_mail
    )


@mails.post(f"{TENANT}/welcomes", "people.write", shows=WelcomedItem)
def welcome_never_seen(call: Call) -> Answered:
    """Send the welcome to everybody who has a product or a role and was never seen by the application."""
    return welcoming.welcome_never_seen(call.units, call.tenant, call.cause, by_mail=call.service.by_mail)


def _key(shown: Wording) -> tuple[str, str]:
    return shown.template.name, shown.template.language
