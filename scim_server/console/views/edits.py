"""Who a person is, edited by hand, where no identity provider would write it again."""

from flask_babel import gettext
from werkzeug.wrappers import Response

from scim_server.console.answers import go, render
from scim_server.console.calls import Call
from scim_server.console.sections import Section
from scim_server.console.views.persons import PERSON, particulars
from scim_server.domain.employments import ATTRIBUTES, Employment
from scim_server.domain.errors import Forbidden
from scim_server.domain.particulars import Edit
from scim_server.services import editing, person_sheets

edits = Section("people", within_care=True)


@edits.get(f"{PERSON}/edit", "people.write")
def edit_person(call: Call) -> str:
    """The form; where a connection manages the person, what it says and nothing to type."""
    sheet = person_sheets.sheet(call.units, call.tenant, call.path["user"])
    return render("people/edit.html", sheet=sheet, values=particulars(sheet))


@edits.post(f"{PERSON}/edit", "people.write")
def save_person(call: Call) -> Response:
    """Write what was changed. Raises Forbidden where a connection manages the person."""
    sheet = person_sheets.sheet(call.units, call.tenant, call.path["user"])
    if sheet.connection is not None:
        sentence = gettext("The connection %(name)s manages this person: change them at the identity provider.",
                           name=sheet.connection.name)  # fmt: skip
        raise Forbidden(sentence)
    user = sheet.portrait.user
    cause = call.cause.quietly("quiet" in call.form)
    edited = editing.edit_person(call.units, call.tenant, cause, user.id, _edit(call, particulars(sheet)))
    back = call.url("show_person", user=user.id)
    return go(back, gettext("Saved."), undo=call) if edited.changed else go(back, gettext("Nothing was changed."))


def _edit(call: Call, before: dict[str, str]) -> Edit:
    """What differs from before. A display name that nobody touched goes with the names it was made of."""
    typed = {name: call.form[name].strip() for name in before if name in call.form}
    changed = {name: text for name, text in typed.items() if text != before[name]}
    employment = {name: changed.pop(name) for name in ("title", *ATTRIBUTES, "manager") if name in changed}
    return Edit(**changed, employment=Employment(**employment))
