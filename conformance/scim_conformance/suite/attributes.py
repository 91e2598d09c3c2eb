"""RFC 7643 section 2: names, characteristics, data types, lists, unset values."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Any

from scim_conformance.checks import Level, Section
from scim_conformance.fixtures import USER, Probe
from scim_conformance.servers import ENTERPRISE
from scim_conformance.verdicts import like, require, same

names = Section("7643-2.1", "attribute")
characteristics = Section("7643-2.2", "characteristic")
types = Section("7643-2.3", "type")
lists = Section("7643-2.4", "list", needs="User.emails")
unset = Section("7643-2.5", "unset")


@names.must(
    "any-case",
    "Attribute names in a body ignore case, and are answered in the schema's spelling.",
    "R-7643-2.1-01",
    needs="User.nickName",
)
def any_case(scim: Probe) -> None:
    name = scim.name()
    reply = scim.post(scim.users, {"schemas": [USER], "USERNAME": name, "NickName": "n"})
    read = scim.read(reply.expect(201).resource)
    like(read, {"userName": name, "nickName": "n"}, "user")
    require(not {"USERNAME", "NickName"} & set(read), "names came back in the client's spelling")


@names.must("any-case-part", "So do names of sub-attributes.", "R-7643-2.1-01", needs="User.name.givenName User.emails")
def any_case_part(scim: Probe) -> None:
    made = scim.user(name={"GIVENNAME": "Ana"}, Emails=[{"Value": scim.email("a"), "TYPE": "work"}])
    read = scim.read(made)
    like(read.get("name"), {"givenName": "Ana"}, "name")
    like(read.get("emails"), [{"value": scim.email("a"), "type": "work"}], "emails")


@names.must("unknown", "An unknown attribute is ignored, or refused with 400; it is never stored.", "R-7643-2.1-03")
def unknown(scim: Probe) -> None:
    reply = scim.post(scim.users, scim.user_body(bogus="x"))
    if reply.status == 400:
        reply.refused(400, types=("invalidSyntax", "invalidValue", "invalidPath"))
        return
    made = reply.expect(201).resource
    require("bogus" not in made and "bogus" not in scim.read(made), "the unknown attribute came back")


@names.must("unknown-part", "So is an unknown sub-attribute.", "R-7643-2.1-03", needs="User.name")
def unknown_part(scim: Probe) -> None:
    reply = scim.post(scim.users, scim.user_body(name={"givenName": "Ana", "bogus": "x"}))
    if reply.status == 400:
        reply.refused(400)
        return
    name = scim.read(reply.expect(201).resource).get("name") or {}
    same(("bogus" in name, name.get("givenName")), (False, "Ana"), "whether bogus is there, and givenName")


@names.may(
    "same-twice-by-case",
    "An attribute given twice in different case is refused, not resolved silently.",
    "R-7643-2.1-04",
    needs="User.title",
)
def same_twice_by_case(scim: Probe) -> None:
    scim.post(scim.users, scim.user_body(title="a", TITLE="b")).refused(400)


@characteristics.must(
    "password-never",
    "A password is in no answer: not on creation, reading, listing or PATCH.",
    "R-7643-2.2-06 R-7643-2.2-08 R-7644-3.5.1-03",
    needs="User filter",
)
def password_never(scim: Probe) -> None:
    secret = scim.name("Corr3ct-Horse")
    created = scim.post(scim.users, scim.user_body(password=secret))
    if created.status == 400:
        return
    made = created.expect(201).resource
    replies = [created, scim.get(scim.path(made)), scim.get(scim.users, filter=f'id eq "{made["id"]}"')]
    replies.append(scim.put(made, scim.user_body(userName=made["userName"], password=secret)))
    replies.append(scim.patch(made, {"op": "replace", "path": "displayName", "value": "New"}))
    for reply in replies:
        require(secret not in reply.text and '"password"' not in reply.text, "the password is in an answer")


@characteristics.must(
    "case-kept",
    "Values are answered in the client's case, also where comparison ignores it.",
    "R-7643-2.2-03 R-7644-5-02",
)
def case_kept(scim: Probe) -> None:
    name = scim.name("MiXeD")
    same(scim.read(scim.user(userName=name))["userName"], name, "userName")


@characteristics.must(
    "unique-among-inactive", "Uniqueness counts deactivated users too.", "R-7643-2.2-11", needs="User.active"
)
def unique_among_inactive(scim: Probe) -> None:
    name = scim.user(active=False)["userName"]
    scim.post(scim.users, scim.user_body(userName=name)).refused(409, types=("uniqueness",))


@characteristics.must(
    "unique-in-parallel",
    "Of several creations of one userName at the same time just one succeeds.",
    "R-7643-2.2-12 C-46",
    needs="User filter",
)
def unique_in_parallel(scim: Probe) -> None:
    body = scim.user_body()
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: scim.post(scim.users, body).status, range(8)))
    same(sorted(statuses), [201, *[409] * 7], "statuses")
    same(len(scim.find(scim.users, f'userName eq "{body["userName"]}"')), 1, "users of that name")


@characteristics.must(
    "canonical-values",
    "A type beyond the canonical ones is taken and kept, or refused with 400.",
    "R-7643-2.2-14",
    needs="User.emails.type",
)
def canonical_values(scim: Probe) -> None:
    email = {"value": scim.email("a"), "type": "office"}
    reply = scim.post(scim.users, scim.user_body(emails=[email]))
    if reply.status == 400:
        reply.refused(400, types=("invalidValue", "invalidSyntax"))
    else:
        like(scim.read(reply.expect(201).resource).get("emails"), [email], "emails")


def kept(attributes: dict[str, Any], scim: Probe) -> None:
    """What is stored is what was sent, code point for code point."""
    like(scim.read(scim.user(**attributes)), attributes, "user")


def refused(attributes: dict[str, Any], scim: Probe) -> None:
    """A value of the wrong type is refused, and nothing is created."""
    body = scim.user_body(**attributes)
    scim.post(scim.users, body).refused(400, types=("invalidValue", "invalidSyntax"))
    if not scim.server.lacks("filter"):
        same(scim.find(scim.users, f'userName eq "{body["userName"]}"'), [], "users created by the refused request")


KEPT: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("unicode", {"displayName": "Zoë 東京 \U0001f600 שלום e\u0301"}, "Any Unicode text is kept as it was sent."),
    ("outer-blanks", {"displayName": "  padded  "}, "Blanks around a text are kept."),
    ("line-breaks", {"displayName": "one\ntwo\ttab"}, "Line breaks and tabs in a text are kept."),
    (
        "markup",
        {"displayName": "<b>\"'&amp;</b> %00 \\u0041 ${x} {{y}}"},
        "Markup and escapes in a text are kept as text.",
    ),
    ("false", {"active": False}, "A boolean false is kept."),
    ("long-text", {"title": "x" * 200}, "A text of 200 characters is kept."),
    ("reference", {"profileUrl": "https://people.example.com/Ana?x=1#Y"}, "A reference is kept as it was sent."),
    ("binary", {"x509Certificates": [{"value": "MIIBAQ=="}]}, "Base64 is kept."),
    ("number-like-text", {"nickName": "007"}, "A text that looks like a number stays text."),
    ("phone", {"phoneNumbers": [{"value": "tel:+1-201-555-0123", "type": "work"}]}, "A telephone number is kept."),
)
for name, attributes, says in KEPT:
    needs = f"User.{next(iter(attributes))}"
    types.add(Level.MUST, f"kept-{name}", says, partial(kept, attributes), "R-7643-2.3.1-01", needs)

REFUSED: tuple[tuple[str, dict[str, Any], str, str], ...] = (
    ("boolean-word", {"active": "maybe"}, "A text that is no boolean is refused.", "R-7643-2.3.2-01"),
    ("boolean-number", {"active": 7}, "A number is no boolean.", "R-7643-2.3.2-01"),
    ("boolean-list", {"active": [True, False]}, "A list is no boolean.", "R-7643-2.3.2-01"),
    ("text-object", {"title": {"a": "b"}}, "An object is no text.", "R-7643-2.3.1-01"),
    ("text-list", {"title": ["a", "b"]}, "A list is no text.", "R-7643-2.3.1-01"),
    ("complex-text", {"name": "Ana Lima"}, "A text is no complex value.", "R-7643-2.3.8-01"),
    ("part-object", {"name": {"givenName": {"first": "Ana"}}}, "A sub-attribute takes no object.", "R-7643-2.3.8-01"),
    ("list-number", {"emails": 5}, "A number is no list.", "R-7643-2.4-05"),
    ("base64", {"x509Certificates": [{"value": "%%%"}]}, "What is no base64 is no binary value.", "R-7643-2.3.6-01"),
    ("user-name-number", {"userName": {"a": 1}}, "userName takes no object.", "R-7643-4.1-01"),
)
for name, attributes, says, covers in REFUSED:
    needs = f"User.{next(iter(attributes))}"
    types.add(Level.MUST, f"refused-{name}", says, partial(refused, attributes), covers, needs)


@types.must(
    "boolean-text",
    'The text "true" for a boolean is refused, or answered as a boolean.',
    "R-7643-2.3.2-01",
    needs="User.active",
)
def boolean_text(scim: Probe) -> None:
    reply = scim.post(scim.users, scim.user_body(active="true"))
    if reply.status == 400:
        reply.refused(400, types=("invalidValue", "invalidSyntax"))
    else:
        same(scim.read(reply.expect(201).resource).get("active"), True, "active")


@types.must("date-time", "created and lastModified are dateTimes with a time zone.", "R-7643-2.3.5-01")
def date_time(scim: Probe) -> None:
    meta = scim.user()["meta"]
    for name in ("created", "lastModified"):
        require(datetime.fromisoformat(meta[name]).tzinfo, f"meta.{name} has no time zone: {meta[name]}")


@lists.must("two-primaries", "Two primary elements are refused with 400.", "R-7643-2.4-01", needs="User.emails.primary")
def two_primaries(scim: Probe) -> None:
    emails = [{"value": scim.email(name), "primary": True} for name in ("a", "b")]
    scim.post(scim.users, scim.user_body(emails=emails)).refused(400, types=("invalidValue", "invalidSyntax"))


@lists.should("twin", "An element given twice is kept once, or refused.", "R-7643-2.4-03")
def twin(scim: Probe) -> None:
    email = {"value": scim.email("a"), "type": "work"}
    reply = scim.post(scim.users, scim.user_body(emails=[email, email]))
    if reply.status != 400:
        like(scim.read(reply.expect(201).resource).get("emails"), [email], "emails")


@lists.should("value-of-two-types", "One value may stand with two types.", "R-7643-2.4-04", needs="User.emails.type")
def value_of_two_types(scim: Probe) -> None:
    emails = [{"value": scim.email("a"), "type": kind} for kind in ("work", "home")]
    like(scim.read(scim.user(emails=emails)).get("emails"), emails, "emails")


@lists.must(
    "bare-object",
    "An object where a list is due is taken as its only element, or refused with 400.",
    "R-7643-2.4-05 C-20",
)
def bare_object(scim: Probe) -> None:
    email = {"value": scim.email("a"), "type": "work"}
    reply = scim.post(scim.users, scim.user_body(emails=email))
    if reply.status == 400:
        reply.refused(400, types=("invalidValue", "invalidSyntax"))
    else:
        like(scim.read(reply.expect(201).resource).get("emails"), [email], "emails")


@lists.must(
    "kept",
    "All elements of a list are kept with all their sub-attributes.",
    "R-7643-2.4-04",
    needs="User.emails.display",
)
def elements_kept(scim: Probe) -> None:
    emails = [
        {"value": scim.email("a"), "type": "work", "display": "A", "primary": True},
        {"value": scim.email("b"), "type": "home", "display": "B"},
    ]
    like(scim.read(scim.user(emails=emails)).get("emails"), emails, "emails")


@lists.must(
    "kept-case",
    "The type of an element is answered in the client's case, or refused.",
    "R-7643-2.2-03 R-7643-2.2-14",
    needs="User.emails.type",
)
def element_case_kept(scim: Probe) -> None:
    reply = scim.post(scim.users, scim.user_body(emails=[{"value": scim.email("a"), "type": "Work"}]))
    if reply.status == 400:
        reply.refused(400)
        return
    emails = scim.read(reply.expect(201).resource).get("emails") or [{}]
    same(emails[0].get("type"), "Work", "emails.type")


@unset.must(
    "not-shown",
    "An attribute without value is not shown as anything but null or an empty list.",
    "R-7643-2.5-01",
    needs="User.title User.emails User.name",
)
def not_shown(scim: Probe) -> None:
    read = scim.read(scim.user())
    for name in ("title", "emails", "name", "nickName", ENTERPRISE):
        require(read.get(name) in (None, [], {}), f"{name} is there although it was never set")


@unset.must(
    "empty-complex", "A complex attribute without any part is unset.", "R-7643-2.5-02", needs="User.name filter"
)
def empty_complex(scim: Probe) -> None:
    made = scim.user(name={"givenName": None})
    like(scim.read(made), {"name": None}, "user")
    same(scim.find(scim.users, f'id eq "{made["id"]}" and name pr'), [], "found by 'name pr'")


@unset.must("empty-list", "An empty list is unset: `pr` does not find it.", "R-7643-2.5-01", needs="User.emails filter")
def empty_list(scim: Probe) -> None:
    made = scim.user(emails=[])
    same(scim.find(scim.users, f'id eq "{made["id"]}" and emails pr'), [], "found by 'emails pr'")


@unset.should(
    "empty-text",
    "An empty text is taken and not present for `pr`, or refused.",
    "R-7643-2.5-03 C-57",
    needs="User.title filter",
)
def empty_text(scim: Probe) -> None:
    reply = scim.post(scim.users, scim.user_body(title=""))
    if reply.status != 400:
        identifier = reply.expect(201).resource["id"]
        same(scim.find(scim.users, f'id eq "{identifier}" and title pr'), [], "found by 'title pr'")
