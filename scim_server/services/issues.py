"""Issues by name: what each is about, who can act on it, and how."""

from collections.abc import Mapping
from dataclasses import dataclass

from scim_server.services.ports import Issue, UnitOfWork

LONGEST_SUBJECT = 512
"""Characters of what an issue is about."""

NO_SEAT = "NO_SEAT"
OVERAGE = "OVERAGE"
LOW_SEATS = "LOW_SEATS"
HELD_REMOVAL = "HELD_REMOVAL"
EMAIL_IN_USE = "EMAIL_IN_USE"
UNKNOWN_ENTITLEMENT = "UNKNOWN_ENTITLEMENT"
UNKNOWN_ROLE = "UNKNOWN_ROLE"
UNKNOWN_MEMBER = "UNKNOWN_MEMBER"
ORPHAN_RULE = "ORPHAN_RULE"
ROLE_ABOVE_MAX = "ROLE_ABOVE_MAX"
LAST_SUPER_ADMIN = "LAST_SUPER_ADMIN"
ISSUER_UNREACHABLE = "ISSUER_UNREACHABLE"
TOKEN_EXPIRES = "TOKEN_EXPIRES"  # noqa: S105 a code
WEBHOOK_FAILING = "WEBHOOK_FAILING"

LEAVER_NOT_CONFIRMED = "LEAVER_NOT_CONFIRMED"

OUTLIVING = frozenset({LEAVER_NOT_CONFIRMED})
"""Codes of issues that stay open when the person whom they are about is deleted."""

ADMIN = "an admin of the tenant"
IDP_ADMIN = "whoever runs the identity provider"


@dataclass(frozen=True, slots=True)
class Kind:
    """What an issue of one code means, who can act on it, and how. It closes by itself when it no longer holds."""

    means: str
    acts: str
    cure: str


KINDS: Mapping[str, Kind] = {
    NO_SEAT: Kind(
        "A person waits for a seat of the product: all are assigned.",
        ADMIN,
        "Buy seats (`subscription set`) or release one; whoever waits first gets it at once.",
    ),
    OVERAGE: Kind(
        "More seats of a product are assigned than were bought, within the allowance.",
        ADMIN,
        "Buy the difference (`subscription set`), or release seats.",
    ),
    LOW_SEATS: Kind(
        "Fewer seats of a product are free than the tenant's setting `low_water` wants.",
        ADMIN,
        "Buy seats (`subscription set`) before somebody has to wait, or lower the setting (`tenant set`).",
    ),
    HELD_REMOVAL: Kind(
        "Changes of groups or rules would have taken away many seats at once; those beyond the threshold are held and "
        "go on working until they are due.",
        ADMIN,
        "Look at them (`removal list`), then release them now (`removal approve`) or keep them (`removal restore`).",
    ),
    EMAIL_IN_USE: Kind(
        "The address belongs to somebody else: to another person of the tenant, where the issue names a person, or "
        "outside of it, where it names the address alone.",
        ADMIN,
        "Give one of the two people another address; for an address outside the tenant send its owner an invitation "
        "(`invitation send`).",
    ),
    UNKNOWN_ENTITLEMENT: Kind(
        "The identity provider assigned something that is no product here.",
        IDP_ADMIN,
        "Correct the value there, or have the operator add the product (`product create`); `issue reprocess` then "
        "gives it.",
    ),
    UNKNOWN_ROLE: Kind(
        "The identity provider assigned a role that the tenant does not have.",
        IDP_ADMIN,
        "Correct the value there, or make the role (`role create`), which then gives it.",
    ),
    UNKNOWN_MEMBER: Kind(
        "The identity provider put somebody into a group whom nobody here knows.",
        IDP_ADMIN,
        "Assign the person to the application, so that they are created, and push the group again; or take them out.",
    ),
    ORPHAN_RULE: Kind(
        "The group that a rule was bound to is gone; the rule gives nothing.",
        ADMIN,
        "Delete the rule or give it another group (`rule edit`); the next group that gets the old name binds it again.",
    ),
    ROLE_ABOVE_MAX: Kind(
        "The identity provider assigned a role above the highest that its connection may grant; it was not given.",
        ADMIN,
        "Give the role by hand (`role grant`), or correct the assignment at the identity provider.",
    ),
    LAST_SUPER_ADMIN: Kind(
        "The last super admin of the tenant was to be suspended, deleted or demoted; that was refused, and the role "
        "that a rule no longer gives was kept.",
        ADMIN,
        "Make somebody else a super admin (`role grant`); what was kept then ends, and the identity provider can send "
        "what was refused again.",
    ),
    ISSUER_UNREACHABLE: Kind(
        "The keys of an issuer that a connection trusts cannot be fetched. Its tokens are checked with those fetched "
        "last, for a day; then they are refused.",
        ADMIN,
        "See what the issuer's address answers (`issuer show` has it), and that the server may connect to it; the "
        "next token of the issuer then closes this.",
    ),
    TOKEN_EXPIRES: Kind(
        "What a connection, a program or an OAuth client proves itself with expires within 30 days, 7 days or a day, "
        "or has expired; from then on its requests are refused. It is said again each time.",
        ADMIN,
        "Replace it and give the new one to the client: `token rotate` for a connection, `token issue --api` with the "
        "same name for a program, `oauth secret issue` for an OAuth client. One that nobody uses is revoked "
        "(`token revoke`, `oauth secret revoke`).",
    ),
    WEBHOOK_FAILING: Kind(
        "The receiver of a webhook or a stream has not worked for an hour, or wants no more events. After a day of "
        "that, or at once where it wants none, it is switched off; its events are kept.",
        ADMIN,
        "See what it answers (`webhook log`, `stream log`), mend it and try it (`webhook test`, `stream test`); one "
        "that was switched off goes on where it was (`webhook edit --on`, `stream resume`). The next event that it "
        "takes closes this.",
    ),
    LEAVER_NOT_CONFIRMED: Kind(
        "Somebody was suspended or deleted, and the application has not acknowledged in time that their sessions, keys "
        "and access to data have ended.",
        ADMIN,
        "See what is missing (`receipt list`) and end it in the application, which then acknowledges it; where it "
        "cannot, acknowledge by hand what has ended (`receipt acknowledge`).",
    ),
}
"""Every code."""


def issue(
    uow: UnitOfWork,
    code: str,
    *,
    user_id: str | None = None,
    product: str | None = None,
    subject: str = "",
    connection_id: str | None = None,
    group_id: str | None = None,
) -> Issue:
    """A new issue as of now."""
    return Issue(uow.new_id(), code, subject, uow.now, user_id, product, connection_id, group_id)


def keep_open(uow: UnitOfWork, code: str, subjects: Mapping[str, Mapping[str, str | None]]) -> None:
    """Leave people with open issues of that code about just those subjects, each cut at the longest length.

    `subjects` has those of each person, by id, with the connection that brought each up, if known.
    """
    opened = {(each.user_id, each.subject): each for each in uow.issues.of(subjects.keys()) if each.code == code}
    wanted = {
        (user_id, subject[:LONGEST_SUBJECT]): connection_id
        for user_id, about in subjects.items()
        for subject, connection_id in about.items()
    }
    uow.issues.close_these([each for key, each in opened.items() if key not in wanted])
    uow.issues.open(
        *(
            issue(uow, code, user_id=user_id, subject=subject, connection_id=connection_id)
            for (user_id, subject), connection_id in wanted.items()
            if (user_id, subject) not in opened
        )
    )
