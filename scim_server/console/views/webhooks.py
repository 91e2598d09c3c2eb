"""Webhooks: where a tenant's events are sent, set up, tried, and what was sent."""

from collections.abc import Iterable

from flask_babel import gettext
from werkzeug.wrappers import Response

from scim_server.console.answers import file_of, go, render
from scim_server.console.calls import Call
from scim_server.console.forms import text_of, words_of
from scim_server.console.views.settings import PAGES, settings
from scim_server.domain.webhooks import Attempt, Delivery
from scim_server.services import hooking, redelivering
from scim_server.services.csv_rows import csv_lines
from scim_server.services.hooking import Wishes

PERMISSION = "connections.write"
WEBHOOKS = f"{PAGES}/webhooks"
ONE = f"{WEBHOOKS}/<webhook>"
SHOWN, EXPORTED = 50, 10_000
"""Entries of the log on the page, and in the file."""
COLUMNS = ("name", "url", "types", "stopped", "created", "position", "behind", "failing", "trouble")
LOG_COLUMNS = (
    *("at", "event", "subject", "position", "kind", "state", "attempts", "status", "detail", "milliseconds", "due"),
    *("event_id", "id"),
)


@settings.get(WEBHOOKS, PERMISSION)
def list_webhooks(call: Call) -> str:
    """Every webhook with how far it has come, and the form to add one."""
    return render("settings/webhooks.html", found=hooking.webhooks(call.units, call.tenant))


@settings.post(WEBHOOKS, PERMISSION)
def add_webhook(call: Call) -> str:
    """Make one; its secret is shown this once."""
    name, url, types = text_of(call, "name"), text_of(call, "url"), words_of(call, "types")
    made = hooking.create_webhook(call.units, call.service.web, call.tenant, call.cause, name, url, types)
    return render("settings/webhook_secret.html", shown=made)


@settings.get(f"{WEBHOOKS}/export", PERMISSION)
def export_webhooks(call: Call) -> Response:
    """The same as a file."""
    rows = (
        [
            *(each.name, each.url, " ".join(each.types), each.stopped, each.created),
            *(each.progress.position, each.behind, each.progress.failing, each.progress.trouble),
        ]
        for each in hooking.webhooks(call.units, call.tenant)
    )
    return file_of(csv_lines(COLUMNS, rows), f"{call.tenant.slug}-webhooks.csv")


@settings.get(ONE, PERMISSION)
def show_webhook(call: Call) -> str:
    """One webhook, what it is to be, and what was sent of late."""
    shown = hooking.webhook(call.units, call.tenant, call.path["webhook"])
    sent = redelivering.deliveries(call.units, call.tenant, shown.id, SHOWN)
    return render("settings/webhook.html", shown=shown, sent=sent)


@settings.post(ONE, PERMISSION)
def change_webhook(call: Call) -> Response:
    """Change its name, address and types."""
    wishes = Wishes(text_of(call, "name"), text_of(call, "url"), words_of(call, "types"))
    return go(_changed(call, wishes), gettext("The webhook is changed."))


@settings.post(f"{ONE}/switch", PERMISSION)
def switch_webhook(call: Call) -> Response:
    """Switch it on or off."""
    on = call.form.get("on") == "yes"
    return go(_changed(call, Wishes(on=on)), switched(on=on))


def switched(*, on: bool) -> str:
    """What that comes to."""
    if on:
        return str(gettext("The webhook is switched on: it goes on where it was."))
    return str(gettext("The webhook is switched off. Its events are kept."))


def _changed(call: Call, wishes: Wishes) -> str:
    """Carries it out; answers the address of the webhook's page."""
    after = hooking.change_webhook(call.units, call.service.web, call.tenant, call.cause, call.path["webhook"], wishes)
    return call.url("show_webhook", webhook=after.id)


@settings.post(f"{ONE}/test", PERMISSION)
def try_webhook(call: Call) -> Response:
    """Send it an event that says nothing."""
    named = call.path["webhook"]
    entry = redelivering.try_webhook(call.units, call.service.web, call.tenant, call.cause, named)
    return go(call.url("show_webhook", webhook=entry.webhook_id), tried(entry))


def tried(entry: Attempt | Delivery) -> str:
    """What came of a trial."""
    if entry.detail is None:
        return str(gettext("The receiver took it."))
    return str(gettext("The receiver did not take it: %(why)s", why=entry.detail))


@settings.post(f"{ONE}/replay", PERMISSION)
def replay_event(call: Call) -> Response:
    """Send one event again."""
    event = call.form.get("event", "")
    replay = redelivering.replay_event(call.units, call.tenant, call.cause, call.path["webhook"], event)
    return go(call.url("show_webhook", webhook=replay.receiver.id), gettext("The event is sent again."))


@settings.get(f"{ONE}/log", PERMISSION)
def export_deliveries(call: Call) -> Response:
    """What was sent, as a file."""
    sent = redelivering.deliveries(call.units, call.tenant, call.path["webhook"], EXPORTED)
    return log_file(sent, f"{call.tenant.slug}-deliveries.csv")


def log_file(entries: Iterable[Delivery], name: str) -> Response:
    """Entries of the log as a file of that name."""
    rows = ([getattr(each, column) for column in LOG_COLUMNS] for each in entries)
    return file_of(csv_lines(LOG_COLUMNS, rows), name)


@settings.get(f"{ONE}/secret", PERMISSION)
def rotate_webhook(call: Call) -> str:
    """What it means to sign with another secret."""
    return _confirm(call, "settings/rotate_webhook.html")


@settings.post(f"{ONE}/secret", PERMISSION)
def rotate_webhook_secret(call: Call) -> str:
    """Sign with another secret, which is shown this once."""
    after = hooking.rotate_secret(call.units, call.tenant, call.cause, call.path["webhook"])
    return render("settings/webhook_secret.html", shown=after)


@settings.get(f"{ONE}/remove", PERMISSION)
def remove_webhook(call: Call) -> str:
    """What it means to remove it."""
    return _confirm(call, "settings/remove_webhook.html")


@settings.post(f"{ONE}/remove", PERMISSION)
def drop_webhook(call: Call) -> Response:
    """Remove it."""
    hooking.remove_webhook(call.units, call.tenant, call.cause, call.path["webhook"])
    return go(call.url("list_webhooks"), gettext("The webhook is removed."))


def _confirm(call: Call, template: str) -> str:
    shown = hooking.webhook(call.units, call.tenant, call.path["webhook"])
    return render(template, shown=shown, back=call.url("show_webhook", webhook=shown.id))
