"""What each kind of client sends when its connection is tested, and the life of a person and a group as it sends it.

Sources are those of docs/clients. In addresses and bodies `$user` and `$group` are ids that answers gave before,
`$mark` is a text that nobody else has, `$address` an e-mail address that nobody else has.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from scim_server.dialects.samples import ENTERPRISE, GROUP, USER, patch

SCIM_JSON, JSON = "application/scim+json", "application/json"
MS_GROUP = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"


@dataclass(frozen=True, slots=True)
class Step:
    """One request, by a word for what the client does with it, and what it takes for an answer.

    `total` is how many resources a list must say there are, `shows` what the answer must have in it, `keeps` the name
    under which the id in it is known later on.
    """

    does: str
    method: str
    path: str
    body: Any = None
    expects: frozenset[int] = frozenset({200})
    total: int | None = None
    shows: Mapping[str, Any] = field(default_factory=dict)
    keeps: str | None = None


@dataclass(frozen=True, slots=True)
class CheckUp:
    """The requests of one kind of client, in order, and the headers that it sends with each."""

    steps: Sequence[Step]
    headers: Mapping[str, str] = field(default_factory=lambda: {"Accept": SCIM_JSON, "Content-Type": SCIM_JSON})


CREATED, EITHER, GONE = frozenset({201}), frozenset({200, 204}), frozenset({204})
NOT_THERE, DUPLICATE = frozenset({404}), frozenset({409})
ACTIVE, INACTIVE = {"active": True}, {"active": False}
_PERSON = {
    "schemas": [USER],
    "userName": "$address",
    "externalId": "$mark",
    "name": {"givenName": "Check", "familyName": "Up"},
    "displayName": "Check Up",
    "emails": [{"primary": True, "type": "work", "value": "$address"}],
    "active": True,
}
_MATCH = '/Users?filter=userName eq "$address"'
_MATCH_GROUP = '/Groups?filter=displayName eq "$mark"'
_CHANGED = {**_PERSON, "displayName": "Check Up 2"}


USERS, GROUPS, PERSON, TEAM = "/Users", "/Groups", "/Users/$user", "/Groups/$group"
FIRST_PAGE, SECOND_PAGE = "startIndex=1&count=100", "startIndex=101&count=100"


def _get(does: str, path: str, total: int | None = None, **shows: Any) -> Step:
    return Step(does, "GET", path, total=total, shows=shows)


def _create(body: Mapping[str, Any]) -> Step:
    return Step("create", "POST", USERS, body, CREATED, shows=ACTIVE, keeps="user")


def _push(**more: Any) -> Step:
    return Step(
        "push_group", "POST", GROUPS, {"schemas": [GROUP], "displayName": "$mark", **more}, CREATED, keeps="group"
    )


def _change(does: str, path: str, *operations: Mapping[str, Any]) -> Step:
    return Step(does, "PATCH", path, patch(*operations), EITHER)


def _entra(op: str, path: str, value: Any) -> dict[str, Any]:
    return {"op": op, "path": path, "value": value}


DISCOVER = _get("discover", "/ServiceProviderConfig")
DISCOVER_TYPES = _get("discover_types", "/ResourceTypes")
DISCOVER_SCHEMAS = _get("discover_schemas", "/Schemas")
LIST_USERS = _get("list_users", f"{USERS}?{FIRST_PAGE}")
LIST_GROUPS = _get("list_groups", f"{GROUPS}?{FIRST_PAGE}")
CREATE = _create(_PERSON)
REPEAT = Step("create_again", "POST", USERS, _PERSON, DUPLICATE)
READ = _get("read", PERSON, userName="$address")
REPLACE = Step("replace", "PUT", PERSON, _CHANGED, shows={"displayName": "Check Up 2"})
PUT_INACTIVE = Step("deactivate", "PUT", PERSON, {**_CHANGED, "active": False}, shows=INACTIVE)
STILL_FOUND = _get("still_found", _MATCH, total=1)
ADD = _change("add_member", TEAM, {"op": "add", "path": "members", "value": [{"value": "$user"}]})
REMOVE = _change("remove_member", TEAM, {"op": "remove", "path": 'members[value eq "$user"]'})
GROUP_GONE = Step("delete_group", "DELETE", TEAM, expects=GONE)
PERSON_GONE = (
    Step("delete", "DELETE", PERSON, expects=GONE),
    Step("gone", "GET", PERSON, expects=NOT_THERE),
)

OKTA = (
    _get("probe", f"{USERS}?startIndex=1&count=2"),
    LIST_GROUPS,
    LIST_USERS,
    _get("next_page", f"{USERS}?{SECOND_PAGE}"),
    DISCOVER_TYPES,
    DISCOVER_SCHEMAS,
    _get("list_entitlements", f"/Entitlements?{FIRST_PAGE}"),
    _get("list_roles", f"/Roles?{FIRST_PAGE}"),
    _get("match", f"{_MATCH}&{FIRST_PAGE}", total=0),
    _create({**_PERSON, "locale": "en-US", "groups": [], "password": "never-kept-9"}),
    REPEAT,
    READ,
    REPLACE,
    _change("deactivate", PERSON, {"op": "replace", "value": INACTIVE}),
    STILL_FOUND,
    _change("reactivate", PERSON, {"op": "replace", "value": ACTIVE}),
    _get("match_group", f"{_MATCH_GROUP}&{FIRST_PAGE}", total=0),
    _push(members=[]),
    ADD,
    REMOVE,
    _change("rename_group", TEAM, {"op": "replace", "value": {"id": "$group", "displayName": "$mark-2"}}),
    GROUP_GONE,
    PUT_INACTIVE,
)

_MEMBER = [{"$$ref": None, "value": "$user"}]
_FLAGGED = {"name.givenName": "Checked", f"{ENTERPRISE}:department": "Up"}
ENTRA = (
    _get("probe", _MATCH, total=0),
    _get("match_group", f"{_MATCH_GROUP}&excludedAttributes=members", total=0),
    DISCOVER_SCHEMAS,
    _get("match_external", f'{USERS}?filter=externalId eq "$mark"', total=0),
    _create({**_PERSON, "schemas": [USER, ENTERPRISE], "roles": [], ENTERPRISE: {"department": "Check"}}),
    REPEAT,
    READ,
    _change(
        "change",
        PERSON,
        _entra("Replace", "displayName", "Check Up 2"),
        _entra("Add", 'addresses[type eq "work"].locality', "Oslo"),
    ),
    _change("change_flagged", f"{PERSON}?aadOptscim062020", {"op": "replace", "value": _FLAGGED}),
    _change("set_manager", PERSON, _entra("Add", f"{ENTERPRISE}:manager", "$user")),
    _get("check_manager", f'{USERS}?filter=id eq "$user" and manager eq "$user"&attributes=id', total=1),
    _change("deactivate", PERSON, _entra("Replace", "active", "False")),
    STILL_FOUND,
    _change("reactivate", PERSON, _entra("Replace", "active", "True")),
    _push(schemas=[GROUP, MS_GROUP], externalId="$mark", meta={"resourceType": "Group"}),
    _change("add_member", TEAM, _entra("Add", "members", _MEMBER)),
    _get("check_member", f'{GROUPS}?filter=id eq "$group" and members eq "$user"&excludedAttributes=members', total=1),
    _change("remove_member", TEAM, _entra("Remove", "members", _MEMBER)),
    GROUP_GONE,
    *PERSON_GONE,
)

_ONELOGINS = {"schemas": ["urn:scim:schemas:core:2.0"], "emails": [{"value": "$address", "type": "work"}]}
ONELOGIN = (
    _get("probe", f"{USERS}?filter=userName+eq+%22$mark%22&", total=0),
    _create({**_PERSON, **_ONELOGINS}),
    REPEAT,
    Step("replace", "PUT", f"{PERSON}?", _CHANGED, shows={"displayName": "Check Up 2"}),
    _get("list_groups", GROUPS),
    _push(),
    ADD,
    GROUP_GONE,
    *PERSON_GONE,
)

JUMPCLOUD = (CREATE, _push(), GROUP_GONE, *PERSON_GONE)

PING = (
    _get("match", f'{USERS}?filter=username Eq "$address"', total=0),
    CREATE,
    REPEAT,
    REPLACE,
    LIST_GROUPS,
    _get("next_page", f"{GROUPS}?{SECOND_PAGE}"),
    _push(),
    ADD,
    GROUP_GONE,
    PUT_INACTIVE,
    *PERSON_GONE,
)

GOOGLE = (_get("probe", f"{USERS}?count=1"), CREATE, REPEAT, READ, REPLACE, PUT_INACTIVE, *PERSON_GONE)

GENERIC = (
    DISCOVER,
    DISCOVER_TYPES,
    DISCOVER_SCHEMAS,
    LIST_USERS,
    LIST_GROUPS,
    _get("match", _MATCH, total=0),
    CREATE,
    REPEAT,
    READ,
    REPLACE,
    _change("deactivate", PERSON, {"op": "replace", "path": "active", "value": False}),
    STILL_FOUND,
    _push(),
    ADD,
    REMOVE,
    GROUP_GONE,
    *PERSON_GONE,
)

WITH_CHARSET = f"{SCIM_JSON}; charset=utf-8"
CHECK_UPS: Mapping[str, CheckUp] = {
    "okta": CheckUp(OKTA, {"Accept": SCIM_JSON, "Content-Type": WITH_CHARSET, "User-Agent": "Okta SCIM Client 1.0.0"}),
    "entra": CheckUp(ENTRA),
    "onelogin": CheckUp(ONELOGIN, {"Accept": JSON, "Content-Type": JSON}),
    "jumpcloud": CheckUp(JUMPCLOUD),
    "ping": CheckUp(PING),
    "google": CheckUp(GOOGLE),
    "generic": CheckUp(GENERIC),
}
"""By what `domain.tenants.IDPS` calls them."""
