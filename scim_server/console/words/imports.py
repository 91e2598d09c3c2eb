"""What is said of imports: how they stand, and what becomes of each row."""

from collections.abc import Mapping

from flask_babel import LazyString, lazy_gettext

IMPORTS: Mapping[str, Mapping[str, LazyString]] = {
    "import": {
        "reading": lazy_gettext("Being read"),
        "ready": lazy_gettext("Ready"),
        "running": lazy_gettext("Running"),
        "done": lazy_gettext("Done"),
        "refused": lazy_gettext("Refused"),
        "cancelled": lazy_gettext("Called off"),
    },
    "import_mode": {
        "all_or_nothing": lazy_gettext("All or nothing"),
        "best_effort": lazy_gettext("As far as it goes"),
    },
    "import_mode_means": {
        "all_or_nothing": lazy_gettext(
            "One step: where a single row cannot be carried out, nobody is changed. Other changes of this tenant wait "
            "meanwhile."
        ),
        "best_effort": lazy_gettext(
            "Every row that can be is carried out, each judged as things are then. The others are in the error file."
        ),
    },
    "import_column": {
        "email": lazy_gettext("Who it is: an address, or the user name of somebody who is here. The only one needed."),
        "first_name": lazy_gettext("First name"),
        "last_name": lazy_gettext("Last name"),
        "products": lazy_gettext("Codes of products to give."),
        "role": lazy_gettext("Codes of roles to grant, for everybody in the tenant."),
        "groups": lazy_gettext("Names of groups to join; they must be there already."),
        "language": lazy_gettext("A language tag such as fr or pt-BR."),
    },
    "row": {
        "create": lazy_gettext("Add"),
        "update": lazy_gettext("Change"),
        "restore": lazy_gettext("Bring back"),
        "unchanged": lazy_gettext("Nothing to do"),
        "pending": lazy_gettext("Add later"),
        "conflict": lazy_gettext("Refuse"),
        "would_wait": lazy_gettext("Would wait for a seat"),
    },
    "row_means": {
        "create": lazy_gettext("Somebody new"),
        "update": lazy_gettext("Somebody who is here gets what the row adds"),
        "restore": lazy_gettext("Somebody who was deleted comes back, and gets what the row adds"),
        "unchanged": lazy_gettext("The person has all of it"),
        "pending": lazy_gettext("The address is in use elsewhere; they are added once it is free"),
        "conflict": lazy_gettext("Cannot be carried out; the reason says what to do"),
        "would_wait": lazy_gettext("Carried out, but no seat is free of some product"),
    },
}
