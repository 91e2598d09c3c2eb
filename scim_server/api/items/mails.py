"""Mails and their texts, as they are shown."""

from scim_server.api.fields import Choice, Flag, Many, Moment, Number, Text, Texts
from scim_server.api.shapes import Item
from scim_server.domain.mails import MailState


class MailItem(Item):
    """A mail, and what became of it."""

    id = Text(attribute="mail.id")
    state = Choice(MailState, get=lambda posted: posted.mail.state.value)
    recipient = Text(attribute="mail.recipient")
    user_name = Text(allow_none=True, about="The person it is about, as long as they are there.")
    subject = Text(attribute="mail.subject")
    created = Moment(attribute="mail.created")
    attempts = Number(attribute="mail.attempts", about="How often the mail server was asked to take it.")
    next_attempt = Moment(
        get=lambda posted: posted.mail.next_attempt if posted.mail.state is MailState.WAITING else None,
        allow_none=True,
    )
    sent = Moment(attribute="mail.sent", allow_none=True)


class MailTemplateItem(Item):
    """The text of a mail in one language, with its placeholders."""

    name = Text(attribute="template.name")
    language = Text(attribute="template.language")
    subject = Text(attribute="template.subject")
    body = Text(attribute="template.body")
    own = Flag(about="Whether the tenant wrote it; else it comes with the server.")


class MailDraftItem(Item):
    """A mail as a person would get it."""

    user_name = Text(attribute="user.user_name")
    template = Text(attribute="template.name")
    language = Text(attribute="template.language")
    recipient = Text(allow_none=True)
    subject = Text()
    body = Text()


class WelcomeItem(Item):
    """A person who was sent a welcome."""

    user_name = Text(get=lambda pair: pair[0].user_name)
    address = Text(get=lambda pair: pair[0].address)
    sent = Number(get=lambda pair: pair[1].sent, about="How often they were welcomed by now.")
    first = Moment(get=lambda pair: pair[1].first)
    last = Moment(get=lambda pair: pair[1].last)


class WelcomedItem(Item):
    """Who was sent a welcome, and who has no address to send one to."""

    welcomed = Many(WelcomeItem, attribute="people")
    without_address = Texts(get=lambda welcomed: [user.user_name for user in welcomed.without_address])
