"""Webhooks of the operator: where events of all tenants are sent."""

from flask_babel import gettext
from werkzeug.wrappers import Response

from scim_server.console.answers import file_of, go, render
from scim_server.console.calls import Call
from scim_server.console.forms import text_of, words_of
from scim_server.console.views.operations import OPERATES
from scim_server.console.views.tenants import tenants
from scim_server.console.views.webhooks import switched, tried
from scim_server.services import operator_hooking
from scim_server.services.csv_rows import csv_lines
from scim_server.services.operator_hooking import WishesAbove

WEBHOOKS = "/webhooks"
ONE = f"{WEBHOOKS}/<operator_webhook>"
COLUMNS = (
    *("name", "url", "types", "tenants", "stopped", "created", "reaches", "behind", "failing", "trouble", "accepted"),
)


@tenants.get(WEBHOOKS, OPERATES)
def list_operator_webhooks(call: Call) -> str:
    """Every one with how it does, and the form to add one."""
    return render("tenants/webhooks.html", found=operator_hooking.operator_webhooks(call.units))


@tenants.post(WEBHOOKS, OPERATES)
def add_operator_webhook(call: Call) -> str:
    """Make one; its secret is shown this once."""
    name, url = text_of(call, "name"), text_of(call, "url")
    types, whose = words_of(call, "types"), words_of(call, "tenants")
    made = operator_hooking.create_operator_webhook(call.units, call.service.web, call.cause, name, url, types, whose)
    return render("tenants/webhook_secret.html", shown=made)


@tenants.get(f"{WEBHOOKS}/export", OPERATES)
def export_operator_webhooks(call: Call) -> Response:
    """The same as a file."""
    rows = (
        [
            *(each.name, each.url, " ".join(each.types), " ".join(each.tenants), each.stopped, each.created),
            *(each.condition.tenants, each.condition.behind, each.condition.failing),
            *(each.condition.trouble, each.condition.accepted),
        ]
        for each in operator_hooking.operator_webhooks(call.units)
    )
    return file_of(csv_lines(COLUMNS, rows), "operator-webhooks.csv")


@tenants.get(ONE, OPERATES)
def show_operator_webhook(call: Call) -> str:
    """One of them, and what it is to be."""
    return render("tenants/webhook.html", shown=_shown(call))


@tenants.post(ONE, OPERATES)
def change_operator_webhook(call: Call) -> Response:
    """Change its name, address, types and tenants."""
    types, whose = words_of(call, "types"), words_of(call, "tenants")
    wishes = WishesAbove(text_of(call, "name"), text_of(call, "url"), types, tenants=whose)
    return _changed(call, wishes, gettext("The webhook is changed."))


@tenants.post(f"{ONE}/switch", OPERATES)
def switch_operator_webhook(call: Call) -> Response:
    """Switch it on or off."""
    on = call.form.get("on") == "yes"
    return _changed(call, WishesAbove(on=on), switched(on=on))


def _changed(call: Call, wishes: WishesAbove, said: str) -> Response:
    after = operator_hooking.change_operator_webhook(
        call.units, call.service.web, call.cause, call.path["operator_webhook"], wishes
    )
    return go(call.url("show_operator_webhook", operator_webhook=after.id), said)


@tenants.post(f"{ONE}/test", OPERATES)
def try_operator_webhook(call: Call) -> Response:
    """Send it an event that says nothing."""
    named = call.path["operator_webhook"]
    attempt = operator_hooking.try_operator_webhook(call.units, call.service.web, call.cause, named)
    return go(call.url("show_operator_webhook", operator_webhook=named), tried(attempt))


@tenants.get(f"{ONE}/secret", OPERATES)
def rotate_operator_webhook(call: Call) -> str:
    """What it means to sign with another secret."""
    return _confirm(call, "settings/rotate_webhook.html")


@tenants.post(f"{ONE}/secret", OPERATES)
def rotate_operator_webhook_secret(call: Call) -> str:
    """Sign with another secret, which is shown this once."""
    after = operator_hooking.rotate_operator_secret(call.units, call.cause, call.path["operator_webhook"])
    return render("tenants/webhook_secret.html", shown=after)


@tenants.get(f"{ONE}/remove", OPERATES)
def remove_operator_webhook(call: Call) -> str:
    """What it means to remove it."""
    return _confirm(call, "settings/remove_webhook.html")


@tenants.post(f"{ONE}/remove", OPERATES)
def drop_operator_webhook(call: Call) -> Response:
    """Remove it."""
    operator_hooking.remove_operator_webhook(call.units, call.cause, call.path["operator_webhook"])
    return go(call.url("list_operator_webhooks"), gettext("The webhook is removed."))


def _confirm(call: Call, template: str) -> str:
    shown = _shown(call)
    return render(template, shown=shown, back=call.url("show_operator_webhook", operator_webhook=shown.id))


def _shown(call: Call) -> operator_hooking.Overseen:
    return operator_hooking.operator_webhook(call.units, call.path["operator_webhook"])
