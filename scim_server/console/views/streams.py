"""Streams: to whom a tenant tells its changes as security event tokens, set up, tried, and what was told."""

from flask_babel import gettext
from werkzeug.wrappers import Response

from scim_server.console.answers import file_of, go, render
from scim_server.console.calls import Call
from scim_server.console.forms import one_of, text_of, words_of
from scim_server.console.views.settings import PAGES, settings
from scim_server.console.views.webhooks import EXPORTED, PERMISSION, SHOWN, log_file, tried
from scim_server.domain.streams import EVERY_SCIM_EVENT, Delivery, Form, Status, Stream
from scim_server.services import redelivering, stream_changes, streaming
from scim_server.services.addresses import poll_address
from scim_server.services.csv_rows import csv_lines
from scim_server.services.receivers import stream_called
from scim_server.services.stream_changes import StreamWishes
from scim_server.services.streaming import NewStream

STREAMS = f"{PAGES}/streams"
ONE = f"{STREAMS}/<stream>"
COLUMNS = (
    *("name", "delivery", "url", "audience", "form", "events", "filter", "status", "reason", "created", "position"),
    *("behind", "failing", "trouble"),
)


@settings.get(STREAMS, PERMISSION)
def list_streams(call: Call) -> str:
    """Every stream with how far it has come, and the form to add one."""
    return render("settings/streams.html", found=streaming.streams(call.units, call.tenant), all=EVERY_SCIM_EVENT)


@settings.post(STREAMS, PERMISSION)
def add_stream(call: Call) -> str | Response:
    """Make one; the token of one that is fetched from is shown this once."""
    new = NewStream(
        text_of(call, "name"),
        one_of(call, "delivery", Delivery.PUSH),
        text_of(call, "url") or None,
        text_of(call, "authorization") or None,
        words_of(call, "audience"),
        one_of(call, "told", Form.NOTICE),
        words_of(call, "events") or (EVERY_SCIM_EVENT,),
        text_of(call, "filter") or None,
    )
    made = streaming.create_stream(call.units, call.service.web, call.tenant, call.cause, new)
    if made.token is None:
        return go(call.url("show_stream", stream=made.id), gettext("The stream is made."))
    return render("settings/stream_token.html", shown=made, address=_address(call, made))


@settings.get(f"{STREAMS}/export", PERMISSION)
def export_streams(call: Call) -> Response:
    """The same as a file."""
    rows = (
        [
            *(each.name, each.delivery, each.url, " ".join(each.audience), each.form, " ".join(each.requested)),
            *(each.filter, each.status, each.reason, each.created),
            *(each.progress.position, each.behind, each.progress.failing, each.progress.trouble),
        ]
        for each in streaming.streams(call.units, call.tenant)
    )
    return file_of(csv_lines(COLUMNS, rows), f"{call.tenant.slug}-streams.csv")


@settings.get(ONE, PERMISSION)
def show_stream(call: Call) -> str:
    """One stream, what it is to be, and what it was told of late."""
    shown = streaming.stream(call.units, call.tenant, call.path["stream"])
    told = redelivering.deliveries(call.units, call.tenant, shown.id, SHOWN, called=stream_called)
    return render("settings/stream.html", shown=shown, told=told, address=_address(call, shown), all=EVERY_SCIM_EVENT)


@settings.post(ONE, PERMISSION)
def change_stream(call: Call) -> Response:
    """Change what it tells, and whom."""
    typed = text_of(call, "authorization")
    wishes = StreamWishes(
        name=text_of(call, "name"),
        url=text_of(call, "url") or None,
        authorization="" if "unauthorized" in call.form else typed or None,
        audience=words_of(call, "audience"),
        form=one_of(call, "told", Form.NOTICE),
        requested=words_of(call, "events") or (EVERY_SCIM_EVENT,),
        filter=text_of(call, "filter"),
    )
    return go(_changed(call, wishes), gettext("The stream is changed."))


@settings.post(f"{ONE}/status", PERMISSION)
def set_stream_status(call: Call) -> Response:
    """Enable, pause or disable it."""
    status = one_of(call, "status", Status.PAUSED)
    said = {
        Status.ENABLED: gettext("The stream goes on."),
        Status.PAUSED: gettext("The stream is paused. Its events are kept."),
        Status.DISABLED: gettext("The stream is disabled. Nothing is kept for it."),
    }
    return go(_changed(call, StreamWishes(status=status)), said[status])


def _changed(call: Call, wishes: StreamWishes) -> str:
    """Carries it out; answers the address of the stream's page."""
    named, web = call.path["stream"], call.service.web
    after = stream_changes.change_stream(call.units, web, call.tenant, call.cause, named, wishes)
    return call.url("show_stream", stream=after.id)


@settings.post(f"{ONE}/verification", PERMISSION)
def verify_stream(call: Call) -> Response:
    """Have it say that it works, in its turn."""
    found = streaming.verify_stream(call.units, call.tenant, call.cause, call.path["stream"])
    said = gettext("The stream will say that it works, in its turn.")
    return go(call.url("show_stream", stream=found.id), said)


@settings.post(f"{ONE}/test", PERMISSION)
def try_stream(call: Call) -> Response:
    """Push a verification now."""
    service, named = call.service, call.path["stream"]
    entry = redelivering.try_stream(call.units, service.web, service.signer, call.tenant, call.cause, named)
    return go(call.url("show_stream", stream=entry.webhook_id), tried(entry))


@settings.post(f"{ONE}/replay", PERMISSION)
def replay_stream_event(call: Call) -> Response:
    """Tell one event again."""
    named, event = call.path["stream"], call.form.get("event", "")
    replay = redelivering.replay_event(call.units, call.tenant, call.cause, named, event, called=stream_called)
    return go(call.url("show_stream", stream=replay.receiver.id), gettext("The event is sent again."))


@settings.get(f"{ONE}/log", PERMISSION)
def export_stream_deliveries(call: Call) -> Response:
    """What it was told, as a file."""
    told = redelivering.deliveries(call.units, call.tenant, call.path["stream"], EXPORTED, called=stream_called)
    return log_file(told, f"{call.tenant.slug}-told.csv")


@settings.get(f"{ONE}/remove", PERMISSION)
def remove_stream(call: Call) -> str:
    """What it means to remove it."""
    shown = streaming.stream(call.units, call.tenant, call.path["stream"])
    return render("settings/remove_stream.html", shown=shown, back=call.url("show_stream", stream=shown.id))


@settings.post(f"{ONE}/remove", PERMISSION)
def drop_stream(call: Call) -> Response:
    """Remove it."""
    streaming.remove_stream(call.units, call.tenant, call.cause, call.path["stream"])
    return go(call.url("list_streams"), gettext("The stream is removed."))


def _address(call: Call, stream: Stream) -> str | None:
    """Where its receiver fetches."""
    if stream.delivery is not Delivery.POLL:
        return None
    return poll_address(call.service.public_url, call.tenant.slug, stream.id)
