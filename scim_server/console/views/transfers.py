"""Moving seats and sessions from one person to another, or somebody new into their place: seen, then done."""

from dataclasses import replace
from functools import partial

from flask_babel import gettext
from werkzeug.wrappers import Response

from scim_server.console.answers import answered, go, hand_out, render
from scim_server.console.calls import Call
from scim_server.console.details import translated
from scim_server.console.preferences import language
from scim_server.console.refusals import refusal_of, remedy_of
from scim_server.console.sections import Section
from scim_server.console.views.persons import PERSON
from scim_server.domain.errors import Invalid, Refusal
from scim_server.domain.transfers import Mode
from scim_server.services import people, people_facets, transferring
from scim_server.services.transferring import Wish

transfers = Section("people", within_care=True)


@transfers.get(f"{PERSON}/transfer", "seats.write")
def look_at_transfer(call: Call) -> Response:
    """The form, and below it exactly what the transfer that was filled in would do."""
    portrait = people.person(call.units, call.tenant, call.path["user"])
    given = call.form or call.query
    status, plan = 200, None
    if "mode" in given and call.refusal is None:
        try:
            plan = transferring.preview(call.units, call.tenant, _wish(call, portrait.user.user_name))
        except Refusal as error:
            status, sentence = refusal_of(error)
            hand_out(replace(call, refusal=sentence, remedy=remedy_of(call, error)))
    page = render(
        "people/transfer.html",
        portrait=portrait,
        given=given,
        modes=[mode.value for mode in Mode],
        products=people_facets.products(call.units, call.tenant),
        plan=plan,
        told=partial(translated, language=language()),
    )
    return answered(page, status)


@transfers.post(f"{PERSON}/transfer", "seats.write")
def transfer(call: Call) -> Response:
    """Carry out what was seen."""
    portrait = people.person(call.units, call.tenant, call.path["user"])
    plan = transferring.run(call.units, call.tenant, call.cause, _wish(call, portrait.user.user_name))
    said = gettext("Transferred to %(receiver)s.", receiver=plan.receiver.user_name)
    return go(call.url("show_person", user=plan.receiver.id), said, undo=call)


def _wish(call: Call, giver: str) -> Wish:
    """What the form says. Raises Invalid."""
    given = call.form or call.query
    if given.get("mode") not in set(Mode):
        raise Invalid(gettext("Choose what is to be transferred."))
    mode = Mode(given["mode"])
    takes_over = mode is Mode.TAKE_OVER
    texts = {name: given.get(name, "").strip() or None for name in ("first", "last") if takes_over}
    return Wish.asked(
        mode,
        giver,
        given.get("newcomer" if takes_over else "receiver", "").strip(),
        () if takes_over else tuple(given.getlist("product")),
        add_co_organiser="add_co_organiser" in given,
        keep_recordings=takes_over and "keep_recordings" in given,
        **texts,
    )
