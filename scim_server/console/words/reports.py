"""Reports in words: what each is called and says, its columns, and what narrows it."""

from collections.abc import Mapping

from flask_babel import LazyString, lazy_gettext

TITLES: Mapping[str, tuple[LazyString, LazyString]] = {
    "user-status": (
        lazy_gettext("People and their status"),
        lazy_gettext("Everybody in the tenant with status, what they hold, and when they were last seen."),
    ),
    "seat-use": (
        lazy_gettext("Seat use over time"),
        lazy_gettext("How each subscription was used on each day, as last seen that day; today as it is now."),
    ),
    "idle-seats": (
        lazy_gettext("Idle seats"),
        lazy_gettext("Seats that somebody has had for so many days without being seen in the application."),
    ),
    "idle-products": (
        lazy_gettext("Idle seats by product"),
        lazy_gettext("How many seats of each product lie idle, and how many people wait for one."),
    ),
    "waiting-list": (
        lazy_gettext("Waiting lists"),
        lazy_gettext("Who waits for a seat of which product, in the order in which they get one."),
    ),
    "upcoming-sessions": (
        lazy_gettext("Upcoming sessions"),
        lazy_gettext("Meetings, webinars and trainings by start, from now on unless a day is chosen."),
    ),
    "sync-issues": (
        lazy_gettext("Issues of provisioning"),
        lazy_gettext("Open issues by kind, with whom each is about and what to do."),
    ),
    "leaver-receipts": (
        lazy_gettext("Leaver receipts"),
        lazy_gettext("Who was suspended or deleted, and what the application has acknowledged to have ended."),
    ),
}
"""The title of each report, and what it says."""

COLUMNS: Mapping[str, LazyString] = {
    "assigned": lazy_gettext("Assigned"),
    "bought": lazy_gettext("Bought"),
    "closed": lazy_gettext("Closed"),
    "coOrganisers": lazy_gettext("Co-organisers"),
    "code": lazy_gettext("Issue"),
    "connection": lazy_gettext("Connection"),
    "dataAccessEnded": lazy_gettext("Access to data ended"),
    "day": lazy_gettext("Day"),
    "displayName": lazy_gettext("Name"),
    "due": lazy_gettext("Due"),
    "email": lazy_gettext("E-mail"),
    "ends": lazy_gettext("Ends"),
    "escalated": lazy_gettext("Escalated"),
    "free": lazy_gettext("Free"),
    "group": lazy_gettext("Group"),
    "groups": lazy_gettext("Groups"),
    "held": lazy_gettext("Held"),
    "idle": lazy_gettext("Idle"),
    "keysEnded": lazy_gettext("Keys revoked"),
    "kind": lazy_gettext("Kind"),
    "lastSeen": lazy_gettext("Last seen"),
    "left": lazy_gettext("How they left"),
    "missing": lazy_gettext("Not acknowledged"),
    "opened": lazy_gettext("Open since"),
    "organiser": lazy_gettext("Organiser"),
    "peak": lazy_gettext("Most assigned"),
    "place": lazy_gettext("Place"),
    "product": lazy_gettext("Product"),
    "products": lazy_gettext("Products"),
    "reason": lazy_gettext("Reason"),
    "receipt": lazy_gettext("Receipt"),
    "roles": lazy_gettext("Roles"),
    "sessionsEnded": lazy_gettext("Sessions ended"),
    "since": lazy_gettext("Since"),
    "source": lazy_gettext("Source"),
    "starts": lazy_gettext("Starts"),
    "status": lazy_gettext("Status"),
    "subject": lazy_gettext("About"),
    "title": lazy_gettext("Title"),
    "userName": lazy_gettext("User name"),
    "waiting": lazy_gettext("Waiting"),
}
"""What a column of a table is called; one of that name is the same in every report."""

OPTIONS: Mapping[str, LazyString] = {
    "product": lazy_gettext("Product"),
    "group": lazy_gettext("Group, by name"),
    "user": lazy_gettext("Person, by user name"),
    "days": lazy_gettext("Days without a sign-in"),
    "from": lazy_gettext("From"),
    "to": lazy_gettext("To"),
    "status": lazy_gettext("Status"),
}
"""What narrows a report."""
