"""What a tenant decides: its name, its settings, and how strictly the protocol is taken."""

from collections.abc import Iterator, Mapping

from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response

from scim_server.console.answers import go, render
from scim_server.console.calls import Call
from scim_server.console.sections import TENANT, Section
from scim_server.domain.errors import Invalid
from scim_server.domain.settings import SETTINGS
from scim_server.services import tenancy
from scim_server.services.tenant_sheets import wrong_terms

settings = Section("settings", lazy_gettext("Settings"), "show_settings")
PERMISSION = "tenant.write"
PAGES = f"{TENANT}/settings"
PROTOCOL = f"{PAGES}/protocol"
PREFIX = "set."
"""Before the name of each term in a form."""


@settings.get(PAGES, PERMISSION)
def show_settings(call: Call) -> str:
    """The form with the name and every setting."""
    wrong = _wrong(call, settings=_typed(call, SETTINGS)) if call.refusal else {}
    return render("settings/show.html", known=SETTINGS, prefix=PREFIX, wrong=wrong)


@settings.post(PAGES, PERMISSION)
def save_settings(call: Call) -> Response:
    """Save those that can all be so; a setting left empty is as by default."""
    chosen = _typed(call, SETTINGS)
    _check(_wrong(call, settings=chosen))
    name = call.form.get("name", "").strip()
    tenancy.set_terms(call.units, call.tenant, call.cause, name=name, settings=chosen)
    return go(call.url("show_settings"), gettext("The settings are saved."), undo=call)


@settings.get(PROTOCOL, PERMISSION)
def show_protocol(call: Call) -> str:
    """The form with the profile and every switch beside it."""
    terms = call.service.terms
    wrong = _wrong(call, switches=_typed(call, terms.choices)) if call.refusal else {}
    return render(
        "settings/protocol.html",
        terms=terms,
        positions=terms.positions(call.tenant),
        switched=dict(call.tenant.switched),
        prefix=PREFIX,
        wrong=wrong,
    )


@settings.post(PROTOCOL, PERMISSION)
def save_protocol(call: Call) -> Response:
    """Save the profile and the switches; one without a position follows the profile."""
    chosen, profile = _typed(call, call.service.terms.choices), call.form.get("profile")
    _check(_wrong(call, profile=profile, switches=chosen))
    tenancy.set_terms(call.units, call.tenant, call.cause, profile=profile, switches=chosen)
    return go(call.url("show_protocol"), gettext("The protocol settings are saved."), undo=call)


def _typed(call: Call, known: Mapping[str, object]) -> dict[str, str | None]:
    """What the form says of terms that are known; None for one that it leaves empty."""
    fields = ((name, call.form.get(PREFIX + name)) for name in known)
    return {name: text.strip() or None for name, text in fields if text is not None}


def _wrong(
    call: Call,
    profile: str | None = None,
    switches: Mapping[str, str | None] | None = None,
    settings: Mapping[str, str | None] | None = None,
) -> dict[str, str]:
    """What cannot be so, by the name of its field."""
    return dict(_reasons(call, profile, switches or {}, settings or {}))


def _reasons(
    call: Call, profile: str | None, switches: Mapping[str, str | None], settings: Mapping[str, str | None]
) -> Iterator[tuple[str, str]]:
    for place, _ in wrong_terms(call.service.terms, profile, switches, settings):
        kind, name = place[0], place[-1]
        if kind == "settings":
            yield name, gettext("This cannot be taken. What can: %(wants)s.", wants=gettext(SETTINGS[name].wants))
        else:
            yield name, gettext("This cannot be taken.")


def _check(wrong: Mapping[str, str]) -> None:
    if wrong:
        raise Invalid(gettext("Nothing was saved: look at what is marked below."))
