"""What one person was given by hand: roles granted and revoked, exclusions lifted, the welcome sent again."""

from flask_babel import gettext
from werkzeug.wrappers import Response

from scim_server.console.answers import go, render
from scim_server.console.calls import Call
from scim_server.console.sections import Section
from scim_server.console.views.persons import PERSON
from scim_server.console.words import called
from scim_server.services import authorising, lifting, people, people_facets, welcoming

privileges = Section("people", within_care=True)


@privileges.get(f"{PERSON}/roles", "roles.grant")
def choose_role(call: Call) -> str:
    """The roles that the visitor may grant, and the groups that one of them can be limited to."""
    facets = people_facets.facets(call.units, call.tenant)
    mine = [role for role in facets.roles[1:] if role.permissions <= call.visitor.permits]
    return render(
        "people/grant.html",
        portrait=people.person(call.units, call.tenant, call.path["user"]),
        roles=[(role.code, called(role)) for role in mine],
        groups=facets.groups,
    )


@privileges.post(f"{PERSON}/roles", "roles.grant")
def grant_role(call: Call) -> Response:
    """Grant one, for everybody or for the people of the groups that were named, one a line."""
    user, role = call.path["user"], call.form.get("role", "")
    groups = [line.strip() for line in call.form.get("groups", "").splitlines() if line.strip()]
    authorising.grant_role(call.units, call.tenant, call.cause, user, role, groups)
    return go(call.url("show_person", user=user), gettext("The role was granted."), undo=call)


@privileges.get(f"{PERSON}/roles/<role>/revoke", "roles.grant")
def look_at_role(call: Call) -> str:
    """What revoking takes away, and what goes on giving it."""
    portrait = people.person(call.units, call.tenant, call.path["user"])
    post = authorising.role(call.units, call.tenant, call.path["role"])
    others = [grant.source for grant in portrait.grants if grant.role == post.role.code]
    return render(
        "people/revoke.html",
        portrait=portrait,
        role=called(post.role),
        sources=others,
        back=call.url("show_person", user=portrait.user.id),
        danger=True,
    )


@privileges.post(f"{PERSON}/roles/<role>/revoke", "roles.grant")
def revoke_role(call: Call) -> Response:
    """Take it back."""
    user = call.path["user"]
    authorising.revoke_role(call.units, call.tenant, call.cause, user, call.path["role"])
    return go(call.url("show_person", user=user), gettext("The role was revoked."), undo=call)


@privileges.get(f"{PERSON}/exclusions/<product>", "seats.write")
def look_at_exclusion(call: Call) -> str:
    """What keeps the person out of a product, and what lifting it means."""
    portrait = people.person(call.units, call.tenant, call.path["user"])
    back = call.url("show_person", user=portrait.user.id)
    return render("people/lift.html", portrait=portrait, product=call.path["product"], back=back)


@privileges.post(f"{PERSON}/exclusions/<product>", "seats.write")
def lift_exclusion(call: Call) -> Response:
    """Let rules and entitlements give it again."""
    user, product = call.path["user"], call.path["product"]
    lifting.lift_exclusions(call.units, call.tenant, call.cause, user, [product])
    return go(call.url("show_person", user=user), gettext("Rules and entitlements give it again."), undo=call)


@privileges.get(f"{PERSON}/welcome", "people.write")
def look_at_welcome(call: Call) -> str:
    """Whom the mail goes to, and how often it went before."""
    portrait = people.person(call.units, call.tenant, call.path["user"])
    back = call.url("show_person", user=portrait.user.id)
    return render("people/welcome.html", portrait=portrait, by_mail=call.service.by_mail, back=back)


@privileges.post(f"{PERSON}/welcome", "people.write")
def welcome_person(call: Call) -> Response:
    """Send it."""
    user = call.path["user"]
    welcoming.welcome_person(call.units, call.tenant, call.cause, user, by_mail=call.service.by_mail)
    return go(call.url("show_person", user=user), gettext("The welcome is on its way."))
