"""Texts of mails: those that come with the server, and what a tenant writes in their place."""

from flask_babel import gettext
from werkzeug.wrappers import Response

from scim_server.console.answers import file_of, go, render
from scim_server.console.calls import Call
from scim_server.console.views.settings import PAGES, PERMISSION, settings
from scim_server.domain.notices import PLACEHOLDERS
from scim_server.services import wording
from scim_server.services.csv_rows import csv_lines

TEXTS = f"{PAGES}/mails"
ONE = f"{TEXTS}/<name>/<language>"
COLUMNS = ("name", "language", "own", "subject", "body")


@settings.get(TEXTS, PERMISSION)
def list_mail_texts(call: Call) -> str:
    """Every text by name and language."""
    return render("settings/mails.html", found=wording.wordings(call.units, call.tenant))


@settings.get(f"{TEXTS}/export", PERMISSION)
def export_mail_texts(call: Call) -> Response:
    """The same as a file."""
    found = wording.wordings(call.units, call.tenant)
    rows = (
        (each.template.name, each.template.language, str(each.own).lower(), each.template.subject, each.template.body)
        for each in found
    )
    return file_of(csv_lines(COLUMNS, rows), f"{call.tenant.slug}-mails.csv")


@settings.get(f"{TEXTS}/new", PERMISSION)
def create_mail_text(call: Call) -> str:
    """The form of a text in another language, or of a name of its own for rules."""
    del call
    return render("settings/mail.html", shown=None, placeholders=PLACEHOLDERS)


@settings.post(f"{TEXTS}/new", PERMISSION)
def make_mail_text(call: Call) -> Response:
    """Write it."""
    return _written(call, call.form.get("name", "").strip(), call.form.get("language", "").strip())


@settings.get(ONE, PERMISSION)
def edit_mail_text(call: Call) -> str:
    """The form of a text; with a person, the mail as they would get it."""
    shown = wording.wording(call.units, call.tenant, call.path["name"], call.path["language"])
    whom = call.query.get("user", "").strip()
    draft = None
    if whom:
        template = shown.template
        draft = wording.preview(call.units, call.tenant, whom, name=template.name, language=template.language)
    return render("settings/mail.html", shown=shown, placeholders=PLACEHOLDERS, draft=draft, whom=whom)


@settings.post(ONE, PERMISSION)
def change_mail_text(call: Call) -> Response:
    """Write it anew."""
    return _written(call, call.path["name"], call.path["language"])


@settings.get(f"{ONE}/reset", PERMISSION)
def reset_mail_text(call: Call) -> str:
    """What is forgotten."""
    shown = wording.wording(call.units, call.tenant, call.path["name"], call.path["language"])
    return render("settings/reset_mail.html", shown=shown, back=call.url("list_mail_texts"))


@settings.post(f"{ONE}/reset", PERMISSION)
def forget_mail_text(call: Call) -> Response:
    """Forget what the tenant wrote."""
    wording.reset_wording(call.units, call.tenant, call.cause, call.path["name"], call.path["language"])
    return go(call.url("list_mail_texts"), gettext("The tenant’s own text is gone."), undo=call)


def _written(call: Call, name: str, language: str) -> Response:
    subject, body = call.form.get("subject", ""), call.form.get("body", "").replace("\r\n", "\n")
    written = wording.set_wording(call.units, call.tenant, call.cause, name, language, subject, body).template
    address = call.url("edit_mail_text", name=written.name, language=written.language)
    return go(address, gettext("The text is saved: mails have it from now on."), undo=call)
