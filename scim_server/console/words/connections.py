"""What is said of connections: identity providers, ways in, and what the doctor finds."""

from collections.abc import Mapping

from flask_babel import LazyString, lazy_gettext

CONNECTIONS: Mapping[str, Mapping[str, LazyString | str]] = {
    "idp": {
        "okta": "Okta",
        "entra": "Microsoft Entra ID",
        "onelogin": "OneLogin",
        "jumpcloud": "JumpCloud",
        "ping": "PingOne, PingFederate",
        "google": "Google Workspace",
        "generic": lazy_gettext("Any other with SCIM 2.0"),
    },
    "manages": {
        "auto": lazy_gettext("keeps them, until entitlements were sent once"),
        "yes": lazy_gettext("loses them"),
        "no": lazy_gettext("keeps them"),
    },
    "way": {
        "token": lazy_gettext("By a token that is pasted into it"),
        "client": lazy_gettext("As an OAuth client: it gets short-lived tokens by itself"),
        "issuer": lazy_gettext("By tokens that it signs itself: no secret is kept here"),
    },
    "token": {
        "live": lazy_gettext("Live"),
        "revoked": lazy_gettext("Revoked"),
        "expired": lazy_gettext("Expired"),
        "suspended": lazy_gettext("Suspended"),
    },
    "box": {
        "{token}": lazy_gettext("the token, which is made here"),
        "{client_id}": lazy_gettext("the client ID, which is made here"),
        "{secret}": lazy_gettext("the secret, which is made here"),
        "{nothing}": lazy_gettext("nothing: leave it empty"),
    },
    "verdict": {
        "good": lazy_gettext("In order."),
        "warning": lazy_gettext("Look at this:"),
        "bad": lazy_gettext("Wrong:"),
    },
    "diagnosis": {
        "good": lazy_gettext("All is in order."),
        "warning": lazy_gettext("It works; some things want to be looked at."),
        "bad": lazy_gettext("Something is wrong."),
    },
    "step": {
        "probe": lazy_gettext("Tests the connection"),
        "discover": lazy_gettext("Asks what the server can do"),
        "discover_types": lazy_gettext("Asks which types there are"),
        "discover_schemas": lazy_gettext("Asks for the attributes"),
        "list_users": lazy_gettext("Lists people"),
        "list_groups": lazy_gettext("Lists groups"),
        "list_entitlements": lazy_gettext("Lists products"),
        "list_roles": lazy_gettext("Lists roles"),
        "next_page": lazy_gettext("Asks for the next page"),
        "match": lazy_gettext("Looks for a person who is not there"),
        "match_external": lazy_gettext("Looks for a person by its own id"),
        "match_group": lazy_gettext("Looks for a group that is not there"),
        "create": lazy_gettext("Creates a person"),
        "create_again": lazy_gettext("Creates the same person again, and is refused"),
        "read": lazy_gettext("Reads the person"),
        "replace": lazy_gettext("Changes the person, whole"),
        "change": lazy_gettext("Changes the person, in parts"),
        "change_flagged": lazy_gettext("The same in the other dialect, behind the flag"),
        "set_manager": lazy_gettext("Names the person’s manager"),
        "check_manager": lazy_gettext("Asks whether that is the manager"),
        "deactivate": lazy_gettext("Suspends the person"),
        "still_found": lazy_gettext("Finds the person, suspended"),
        "reactivate": lazy_gettext("Reactivates the person"),
        "push_group": lazy_gettext("Creates a group"),
        "add_member": lazy_gettext("Puts the person into the group"),
        "check_member": lazy_gettext("Asks whether the person is in the group"),
        "remove_member": lazy_gettext("Takes the person out of the group"),
        "rename_group": lazy_gettext("Renames the group"),
        "delete_group": lazy_gettext("Deletes the group"),
        "delete": lazy_gettext("Deletes the person"),
        "gone": lazy_gettext("Reads the deleted person, and finds nobody"),
    },
}
