"""What each kind of issue means, who can act on it and how, in words of the console, and the page where that is."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import LazyString, lazy_gettext

from scim_server.services import issues
from scim_server.services.issue_reports import Report

_ADMIN = lazy_gettext("An admin of the tenant")
_IDP_ADMIN = lazy_gettext("Whoever runs the identity provider")


@dataclass(frozen=True, slots=True)
class IssueWords:
    """A kind of issue in words. `page` is where something is done about one, `goes` what the link there says, and
    `names` what its address names; where that is not known, or gone, `beyond` is the page to go to."""

    title: LazyString
    means: LazyString
    acts: LazyString
    cure: LazyString
    page: str
    goes: LazyString
    names: tuple[str, ...] = ()
    beyond: str | None = None

    def place(self, report: Report) -> tuple[str, dict[str, str]] | None:
        """The page about one issue, and what its address names; None where there is none."""
        issue = report.issue
        known = {
            "user": issue.user_id if report.user_name else None,
            "product": issue.product,
            "group": issue.group_id if report.group else None,
            "connection": report.connection,
        }
        found = {name: known[name] for name in self.names}
        if all(found.values()):
            return self.page, {name: text for name, text in found.items() if text}
        return None if self.beyond is None else (self.beyond, {})


WORDS: Mapping[str, IssueWords] = {
    issues.NO_SEAT: IssueWords(
        lazy_gettext("No free seat"),
        lazy_gettext("A person waits for a seat of the product: all are assigned."),
        _ADMIN,
        lazy_gettext("Add licences, or take a seat from somebody; whoever waits first gets it at once."),
        "show_subscription",
        lazy_gettext("To the subscription"),
        ("product",),
    ),
    issues.OVERAGE: IssueWords(
        lazy_gettext("More seats assigned than bought"),
        lazy_gettext("More seats of a product are assigned than were bought, within the allowance."),
        _ADMIN,
        lazy_gettext("Add licences for the difference, or take seats from people."),
        "show_subscription",
        lazy_gettext("To the subscription"),
        ("product",),
    ),
    issues.LOW_SEATS: IssueWords(
        lazy_gettext("Few seats left"),
        lazy_gettext("Fewer seats of a product are free than the tenant’s settings ask for."),
        _ADMIN,
        lazy_gettext("Add licences before somebody has to wait, or lower the share of free seats in the settings."),
        "show_subscription",
        lazy_gettext("To the subscription"),
        ("product",),
    ),
    issues.HELD_REMOVAL: IssueWords(
        lazy_gettext("Seat held after a mass removal"),
        lazy_gettext(
            "Changes of groups or rules would have taken away many seats at once. Those beyond the threshold go on "
            "working until they are due."
        ),
        _ADMIN,
        lazy_gettext("Look at the held seats, then release them now or let people keep them."),
        "list_held",
        lazy_gettext("To the held seats"),
        ("product",),
    ),
    issues.EMAIL_IN_USE: IssueWords(
        lazy_gettext("E-mail address in use"),
        lazy_gettext(
            "The address belongs to somebody else: to another person of the tenant where the issue names a person, "
            "else to somebody outside of it."
        ),
        _ADMIN,
        lazy_gettext(
            "Give one of the two people another address. For an address outside the tenant, invite its owner."
        ),
        "show_person",
        lazy_gettext("To the person"),
        ("user",),
        "list_invitations",
    ),
    issues.UNKNOWN_ENTITLEMENT: IssueWords(
        lazy_gettext("Unknown product assigned"),
        lazy_gettext("The identity provider assigned something that is no product here."),
        _IDP_ADMIN,
        lazy_gettext("Correct the value there, or have the operator add the product and then look at the issue again."),
        "show_person",
        lazy_gettext("To the person"),
        ("user",),
    ),
    issues.UNKNOWN_ROLE: IssueWords(
        lazy_gettext("Unknown role assigned"),
        lazy_gettext("The identity provider assigned a role that the tenant does not have."),
        _IDP_ADMIN,
        lazy_gettext("Correct the value there, or make a role of that code, which then gives it."),
        "show_person",
        lazy_gettext("To the person"),
        ("user",),
    ),
    issues.UNKNOWN_MEMBER: IssueWords(
        lazy_gettext("Unknown member of a group"),
        lazy_gettext("The identity provider put somebody into a group whom nobody here knows."),
        _IDP_ADMIN,
        lazy_gettext(
            "Assign the person to the application, so that they are created, and push the group again; or take them "
            "out of it."
        ),
        "show_group",
        lazy_gettext("To the group"),
        ("group",),
    ),
    issues.ORPHAN_RULE: IssueWords(
        lazy_gettext("Rule without its group"),
        lazy_gettext("The group that a rule was bound to is gone; the rule gives nothing."),
        _ADMIN,
        lazy_gettext("Delete the rule or give it another group. The next group that gets the old name binds it again."),
        "list_rules",
        lazy_gettext("To the rules"),
    ),
    issues.ROLE_ABOVE_MAX: IssueWords(
        lazy_gettext("Role above the connection’s limit"),
        lazy_gettext(
            "The identity provider assigned a role above the highest that its connection may grant; it was not given."
        ),
        _ADMIN,
        lazy_gettext("Give the role by hand, or correct the assignment at the identity provider."),
        "show_person",
        lazy_gettext("To the person"),
        ("user",),
    ),
    issues.LAST_SUPER_ADMIN: IssueWords(
        lazy_gettext("Last super admin"),
        lazy_gettext(
            "The last super admin of the tenant was to be suspended, deleted or demoted. That was refused, and a role "
            "that a rule no longer gives was kept."
        ),
        _ADMIN,
        lazy_gettext(
            "Make somebody else a super admin. What was kept then ends, and the identity provider can send what was "
            "refused again."
        ),
        "show_person",
        lazy_gettext("To the person"),
        ("user",),
    ),
    issues.ISSUER_UNREACHABLE: IssueWords(
        lazy_gettext("Issuer’s keys out of reach"),
        lazy_gettext(
            "The keys of an issuer that a connection trusts cannot be fetched. Its tokens are checked with those "
            "fetched last, for a day; then they are refused."
        ),
        _ADMIN,
        lazy_gettext(
            "See what the issuer’s address answers, and that the server may connect to it. The next token of the "
            "issuer then closes this."
        ),
        "show_connection",
        lazy_gettext("To the connection"),
        ("connection",),
    ),
    issues.TOKEN_EXPIRES: IssueWords(
        lazy_gettext("Credential expires"),
        lazy_gettext(
            "What a connection, a program or an OAuth client proves itself with expires within 30 days, or has "
            "expired. From then on its requests are refused."
        ),
        _ADMIN,
        lazy_gettext(
            "Rotate it on the page of the connection and give the new one to the identity provider; revoke one that "
            "nobody uses."
        ),
        "show_connection",
        lazy_gettext("To the connection"),
        ("connection",),
        "list_connections",
    ),
    issues.WEBHOOK_FAILING: IssueWords(
        lazy_gettext("Webhook or stream fails"),
        lazy_gettext(
            "The receiver of a webhook or a stream has not worked for an hour, or wants no more events. After a day of "
            "that, or at once where it wants none, it is switched off. Its events are kept."
        ),
        _ADMIN,
        lazy_gettext(
            "See what it answers, mend it and try it. One that was switched off goes on where it was when it is "
            "switched on again; streams have a page of their own."
        ),
        "list_webhooks",
        lazy_gettext("To the webhooks"),
    ),
    issues.LEAVER_NOT_CONFIRMED: IssueWords(
        lazy_gettext("End of access not confirmed"),
        lazy_gettext(
            "Somebody was suspended or deleted, and the application has not acknowledged in time that their sessions, "
            "keys and access to data have ended."
        ),
        _ADMIN,
        lazy_gettext(
            "See on the person’s page what is missing and end it in the application, which then acknowledges it."
        ),
        "show_person",
        lazy_gettext("To the person"),
        ("user",),
    ),
}
"""Every code that `services.issues` has."""
