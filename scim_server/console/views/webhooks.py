"""Webhooks: where a tenant's events are sent, set up, tried, and what was sent."""

from flask_babel import gettext
from werkzeug.wrappers import Response

from scim_server.console.answers import file_of, go, render
from scim_server.console.calls import Call
from scim_server.console.views.settings import PAGES, settings
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
    name, url = (call.form.get(field, "").strip() for field in ("name", "url"))
    made = hooking.create_webhook(call.units, call.tenant, call.cause, name, url, _types(call))
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
    wishes = Wishes(call.form.get("name", "").strip(), call.form.get("url", "").strip(), _types(call))
    after = hooking.change_webhook(call.units, call.tenant, call.cause, call.path["webhook"], wishes)
    return go(call.url("show_webhook", webhook=after.id), gettext("The webhook is changed."))


@settings.post(f"{ONE}/switch", PERMISSION)
def switch_webhook(call: Call) -> Response:
    """Switch it on or off."""
    on = call.form.get("on") == "yes"
    after = hooking.change_webhook(call.units, call.tenant, call.cause, call.path["webhook"], Wishes(on=on))
    said = (
        gettext("The webhook is switched on: it goes on where it was.")
        if after.enabled
        else gettext("The webhook is switched off. Its events are kept.")
    )
    return go(call.url("show_webhook", webhook=after.id), said)


@settings.post(f"{ONE}/test", PERMISSION)
def try_webhook(call: Call) -> Response:
    """Send it an event that says nothing."""
    named = call.path["webhook"]
    entry = redelivering.try_webhook(call.units, call.service.web, call.tenant, call.cause, named)
    why = entry.detail
    said = (
        gettext("The receiver took it.") if why is None else gettext("The receiver did not take it: %(why)s", why=why)
    )
    return go(call.url("show_webhook", webhook=entry.webhook_id), said)


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
    rows = ([getattr(each, name) for name in LOG_COLUMNS] for each in sent)
    return file_of(csv_lines(LOG_COLUMNS, rows), f"{call.tenant.slug}-deliveries.csv")


@settings.get(f"{ONE}/secret", PERMISSION)
def rotate_webhook(call: Call) -> str:
    """What it means to sign with another secret."""
    shown = hooking.webhook(call.units, call.tenant, call.path["webhook"])
    return render("settings/rotate_webhook.html", shown=shown, back=call.url("show_webhook", webhook=shown.id))


@settings.post(f"{ONE}/secret", PERMISSION)
def rotate_webhook_secret(call: Call) -> str:
    """Sign with another secret, which is shown this once."""
    after = hooking.rotate_secret(call.units, call.tenant, call.cause, call.path["webhook"])
    return render("settings/webhook_secret.html", shown=after)


@settings.get(f"{ONE}/remove", PERMISSION)
def remove_webhook(call: Call) -> str:
    """What it means to remove it."""
    shown = hooking.webhook(call.units, call.tenant, call.path["webhook"])
    return render("settings/remove_webhook.html", shown=shown, back=call.url("show_webhook", webhook=shown.id))


@settings.post(f"{ONE}/remove", PERMISSION)
def drop_webhook(call: Call) -> Response:
    """Remove it."""
    hooking.remove_webhook(call.units, call.tenant, call.cause, call.path["webhook"])
    return go(call.url("list_webhooks"), gettext("The webhook is removed."))


def _types(call: Call) -> tuple[str, ...]:
    return tuple(call.form.get("types", "").replace(",", " ").split())
