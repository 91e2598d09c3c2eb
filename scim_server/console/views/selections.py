"""What is done to people who were chosen in the list, or to one on their page: looked at for each, then confirmed."""

from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from scim_server.console.answers import go, render
from scim_server.console.calls import Call
from scim_server.console.details import translated
from scim_server.console.preferences import language
from scim_server.console.sections import TENANT, Section
from scim_server.console.words import word
from scim_server.domain.errors import Invalid
from scim_server.services import chosen_people
from scim_server.services.chosen_people import ABOUT_PRODUCTS, PERMISSIONS, Deed, Outcome

selections = Section("people", within_care=True)
CHOSEN = f"{TENANT}/people/chosen"
SURE = "sure"
"""Sent by the page that shows what will happen."""


@selections.get(CHOSEN, "people.read")
def look_at_chosen(call: Call) -> str:
    """What would happen to each of those whom the address or the form names."""
    given = call.form if "deed" in call.form else call.query
    deed, product = _deed(call, given.get("deed", "")), given.get("product") or None
    product = product if deed in ABOUT_PRODUCTS else None
    chosen = list(dict.fromkeys(given.getlist("user")))
    if not chosen:
        return render("people/nobody_chosen.html")
    prospects = chosen_people.preview(call.units, call.tenant, deed, chosen, product)
    return render(
        "people/chosen.html",
        deed=deed.value,
        product=product,
        prospects=prospects,
        back=_back(call, chosen),
        danger=deed is not Deed.GIVE and deed is not Deed.REACTIVATE,
        days=call.tenant.settings.number("retention_days"),
    )


@selections.post(CHOSEN, "people.read")
def act_on_chosen(call: Call) -> str | Response:
    """Show what would happen; once that was seen, do it."""
    if SURE not in call.form:
        return look_at_chosen(call)
    deed, chosen = _deed(call, call.form.get("deed", "")), call.form.getlist("user")
    cause = call.cause.quietly("quiet" in call.form)
    product = call.form.get("product")
    outcome = chosen_people.carry_out(call.units, call.tenant, cause, deed, chosen, product)
    if outcome.refused and len(chosen) == 1:
        raise next(iter(outcome.refused.values()))
    return go(_back(call, [] if deed is Deed.DELETE else chosen), _told(deed, outcome), undo=call)


def _deed(call: Call, text: str) -> Deed:
    """The deed of that name, which the visitor may do. Raises Invalid, Forbidden."""
    if text not in set(Deed):
        raise Invalid(gettext("Choose what is to be done."))
    call.demand(PERMISSIONS[Deed(text)])
    return Deed(text)


def _back(call: Call, chosen: list[str]) -> str:
    return call.url("show_person", user=chosen[0]) if len(chosen) == 1 else call.url("list_people")


def _told(deed: Deed, outcome: Outcome) -> str:
    done = ngettext("%(deed)s: %(num)d person.", "%(deed)s: %(num)d people.", outcome.done, deed=word("done", deed))
    if not outcome.refused:
        return str(done)
    first = translated(next(iter(outcome.refused.values())).detail, language())
    rest = ngettext("%(num)d was refused: %(why)s", "%(num)d were refused, the first: %(why)s", len(outcome.refused),
                    why=first)  # fmt: skip
    return f"{done} {rest}"
