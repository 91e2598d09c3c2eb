"""Notices: mails that tell people what they have got and what has ended, and the texts that they are made of.

A text has placeholders, `{first_name}`, and no logic; a brace of its own is written twice.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from scim_server.domain.errors import Invalid
from scim_server.domain.instants import Instant
from scim_server.domain.languages import TAG, tag

WELCOME, CHANGE = "welcome", "change"
SHIPPED = (WELCOME, CHANGE)
"""The names of the texts that every tenant has."""
QUIET = "none"
"""What a rule names that sends nothing."""
RESERVED = (QUIET, "default")

PLACEHOLDERS: Mapping[str, str] = {
    "first_name": "the first name, else whatever the person is called",
    "name": "the name as shown, else the user name",
    "user_name": "the user name",
    "address": "the e-mail address",
    "tenant": "the tenant's name",
    "products": "the products that the person can use now, separated by commas",
    "roles": "the roles that the person has now, likewise",
    "gained": "the products and roles that are new, likewise",
    "lost": "the products and roles that have ended, likewise",
    "access": "what the person has now: a line for products, a line for roles",
    "changes": "what is new and what has ended: a line for each kind",
    "app_url": "the tenant's setting app_url",
    "link": "a line that leads to app_url; nothing where that is not set",
}
"""Everything that a text may have filled in."""

LONGEST_SUBJECT, LONGEST_BODY = 200, 20_000
"""Characters of a template."""
LONGEST_HEADER = 400
"""Characters of a subject once it is filled in."""
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?")
_PART = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_EMPTY_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class MailTemplate:
    """The text of a mail under its name, in one language."""

    name: str
    language: str
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Welcome:
    """How often somebody was welcomed by mail, and when."""

    sent: int
    first: Instant
    last: Instant


def mail_template(name: str, language: str, subject: str, body: str) -> MailTemplate:
    """A template as it is kept; raises Invalid, naming what is wrong and where."""
    check_mail_name(name)
    if not TAG.fullmatch(tag(language)):
        raise Invalid(f"'{language}' is no language: write a tag like en, de or pt-BR.")
    text = body.replace("\r\n", "\n").rstrip() + "\n"
    if not subject.strip() or not subject.isprintable() or len(subject) > LONGEST_SUBJECT:
        raise Invalid(f"A subject is one line of 1 to {LONGEST_SUBJECT} printable characters.")
    if not text.strip() or len(text) > LONGEST_BODY or not all(each.isprintable() or each in "\n\t" for each in text):
        raise Invalid(f"A body is plain text of 1 to {LONGEST_BODY} characters, without control characters.")
    _check_placeholders("subject", subject)
    _check_placeholders("body", text)
    return MailTemplate(name, tag(language), subject.strip(), text)


def check_mail_name(name: str) -> str:
    """`name`, if a template can be called that; raises Invalid."""
    if name in RESERVED or not _NAME.fullmatch(name):
        raise Invalid(
            f"'{name}' cannot be the name of a mail template: use 1 to 64 lower-case letters, digits, hyphens and "
            f"underscores, beginning and ending with a letter or digit, and none of {', '.join(RESERVED)}."
        )
    return name


def rendered(template: MailTemplate, values: Mapping[str, str]) -> tuple[str, str]:
    """Subject and body, filled in. A value is text and never looked at again; the subject stays one line."""
    subject = " ".join(_filled(template.subject, values).split())[:LONGEST_HEADER]
    body = _EMPTY_LINES.sub("\n\n", _filled(template.body, values))
    return subject, body.strip("\n") + "\n"


def one_line(text: str) -> str:
    """Text from other people's directories as it may stand in a mail: one line, nothing that cannot be seen."""
    if not text.isprintable():
        text = "".join(each for each in text if each.isprintable() or each.isspace())
    return " ".join(text.split())


def _filled(text: str, values: Mapping[str, str]) -> str:
    return _PART.sub(lambda part: values[part[1]] if part[1] is not None else part[0][0], text)


def _check_placeholders(where: str, text: str) -> None:
    for part in _PART.finditer(text):
        if part[0] in {"{", "}"}:
            raise Invalid(f"The {where} has a single '{part[0]}': write it twice where it is to be read.")
        if part[1] is not None and part[1] not in PLACEHOLDERS:
            known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
            raise Invalid(f"The {where} has the unknown placeholder '{part[0]}'. Known ones: {known}.")
