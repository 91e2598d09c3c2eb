"""RFC 7644 section 5 and RFC 8265: user names beyond ASCII. Draft roles and entitlements."""

from functools import partial

from scim_conformance.checks import Level, Section
from scim_conformance.fixtures import Probe
from scim_conformance.verdicts import require, same

precis = Section("7644-5", "precis")
roles = Section("roles-3", "roles")

VARIANTS = (
    (
        "full-width",
        "alice",
        "\uff21lice",
        "Full-width letters are the letters they stand for.",
        "R-7644-5-01 R-7643-2.2-11",
    ),
    (
        "composition",
        "jose\u0301",
        "jos\u00e9",
        "A letter with an accent is one, composed or not.",
        "R-7644-5-01 R-7643-2.2-11",
    ),
    (
        "greek-capitals",
        "\u03b1\u03bb\u03c6\u03b1",
        "\u0391\u039b\u03a6\u0391",
        "Case is ignored beyond ASCII.",
        "R-7644-5-01 C-86",
    ),
)


def _same_name(first: str, second: str, scim: Probe) -> None:
    """Two spellings of one name: the second user is refused."""
    tail = scim.name("")
    scim.user(userName=f"{first}{tail}")
    scim.post(scim.users, scim.user_body(userName=f"{second}{tail}")).refused(409, types=("uniqueness",))


def _found(first: str, second: str, scim: Probe) -> None:
    """Two spellings of one name: a filter with the second finds the first."""
    tail = scim.name("")
    made = scim.user(userName=f"{first}{tail}")
    found = scim.find(scim.users, f'userName eq "{second}{tail}"')
    same([each["id"] for each in found], [made["id"]], "found")


for name, first, second, says, covers in VARIANTS:
    precis.add(
        Level.SHOULD,
        f"duplicate-{name}",
        f"{says} A second user is refused.",
        partial(_same_name, first, second),
        covers,
    )
    precis.add(
        Level.SHOULD,
        f"found-{name}",
        f"{says} A filter finds them.",
        partial(_found, first, second),
        covers,
        "filter User",
    )


@precis.must("kept", "A user name beyond ASCII is answered as it was sent.", "R-7644-5-02")
def kept(scim: Probe) -> None:
    name = f"Jos\u00e9-\u6771\u4eac{scim.name('')}"
    same(scim.read(scim.user(userName=name))["userName"], name, "userName")


for name, character, says in (
    ("zero-width", "\u200b", "A zero-width space in a user name is refused."),
    ("control", "\u0007", "A control character in a user name is refused."),
    ("direction", "\u202e", "A character that reverses the direction of text is refused in a user name."),
):

    def _character(sign: str, scim: Probe) -> None:
        scim.post(scim.users, scim.user_body(userName=f"a{sign}{scim.name()}")).refused(400, types=("invalidValue",))

    precis.add(Level.SHOULD, f"refused-{name}", says, partial(_character, character), "R-7644-5-01 R-7644-7-09")


@precis.may(
    "outer-blanks",
    "Blanks around a user name are refused, or kept; they do not make a second user of one name.",
    "C-49",
)
def outer_blanks(scim: Probe) -> None:
    reply = scim.post(scim.users, scim.user_body(userName=f" {scim.name()} "))
    require(reply.status in (400, 201), f"status {reply.status} came")


def _read_only_list(path: str, scim: Probe) -> None:
    for each in scim.get(path).resources:
        require(each.get("id") and each.get("value"), "id or value is missing")
    scim.post(path, {"schemas": [], "value": "x"}).refused(403, 404, 405, 501)


def _assignments(path: str, scim: Probe) -> None:
    """Counters, where they are given, are whole numbers and within what is permitted."""
    for each in scim.get(path).resources:
        permitted, used = each.get("totalAssignmentsPermitted"), each.get("totalAssignmentsUsed")
        for number in (permitted, used):
            require(number is None or type(number) is int, f"a counter of {each.get('value')} is no whole number")
        require(permitted is None or used is None or 0 <= used <= permitted, f"{used} of {permitted} are used")


for kind, path in (("Role", "/Roles"), ("Entitlement", "/Entitlements")):
    name = path.strip("/").lower()
    says = f"{path} lists what can be assigned, with id and value, and cannot be written."
    roles.add(Level.SHOULD, f"{name}-listed", says, partial(_read_only_list, path), "R-ROLES-3-02", kind)
    says = f"The counters of {path} are whole numbers, and no more is used than permitted."
    roles.add(Level.SHOULD, f"{name}-counters", says, partial(_assignments, path), "R-ROLES-3-02 R-ROLES-3-04", kind)
