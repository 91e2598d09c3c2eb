"""Input that breaks careless servers: it must be refused with 4xx and an Error, quickly, and change nothing."""

from collections.abc import Callable
from functools import partial

from scim_conformance.checks import Level, Section
from scim_conformance.fixtures import USER, Probe
from scim_conformance.populations import people
from scim_conformance.verdicts import require, same

hostile = Section("hostile", "hostile")

Body = Callable[[str], str]


def user(extra: str) -> Body:
    """A user of a name, with more JSON text inside."""
    return lambda name: f'{{"schemas":["{USER}"],"userName":"{name}"{extra}}}'


BODIES: tuple[tuple[str, Body, str, str], ...] = (
    (
        "duplicate-key",
        lambda name: f'{{"schemas":["{USER}"],"userName":"other-{name}","userName":"{name}"}}',
        "An attribute given twice is refused, not resolved silently.",
        "R-7643-2.1-04",
    ),
    ("nan", user(',"title":NaN'), "NaN is no JSON.", "R-7644-3.1-01"),
    ("infinity", user(',"title":-Infinity'), "Infinity is no JSON.", "R-7644-3.1-01"),
    ("lone-surrogate", user(',"displayName":"\\ud800"'), "Half of a surrogate pair is no text.", "R-7643-2.3.1-02"),
    ("nul", user(',"displayName":"a\\u0000b"'), "NUL is part of no text.", "R-7643-2.3.1-02"),
    (
        "nul-in-name",
        lambda name: f'{{"schemas":["{USER}"],"userName":"{name}\\u0000x"}}',
        "NUL is part of no user name.",
        "R-7643-2.3.1-02",
    ),
    ("raw-control", user(',"displayName":"a\x01b"'), "A raw control character is no JSON.", "R-7644-3.1-01"),
    ("trailing-data", lambda name: user("")(name) + "{}", "Data after the JSON object is refused.", "R-7644-3.1-01"),
    ("trailing-comma", user(","), "A trailing comma is no JSON.", "R-7644-3.1-01"),
    ("comment", user("/* a */"), "A comment is no JSON.", "R-7644-3.1-01"),
    (
        "single-quotes",
        lambda name: f"{{'schemas':['{USER}'],'userName':'{name}'}}",
        "Single quotes are no JSON.",
        "R-7644-3.1-01",
    ),
    ("deep-list", user(',"title":' + "[" * 5_000 + "]" * 5_000), "5,000 nested lists are refused.", "R-7644-3.1-02"),
    (
        "deep-object",
        user(',"title":' + '{"a":' * 5_000 + "1" + "}" * 5_000),
        "5,000 nested objects are refused.",
        "R-7644-3.1-02",
    ),
    ("huge-number", user(',"active":' + "9" * 5_000), "A number of 5,000 digits is refused.", "R-7644-3.1-02"),
    (
        "huge-exponent",
        user(',"active":1e999999999'),
        "A number with an exponent beyond all bounds is refused.",
        "R-7644-3.1-02",
    ),
    ("cut", lambda name: user("")(name)[:-1], "A body that ends too early is refused.", "R-7644-3.1-01"),
    ("utf-16", lambda name: user("")(name).encode("utf-16").decode("latin-1"), "UTF-16 is no UTF-8.", "R-7644-3.8-04"),
    (
        "long-user-name",
        lambda name: user("")(name + "x" * 100_000),
        "A user name of 100,000 characters is refused.",
        "R-7644-3.1-02",
    ),
)


def _body(make: Body, scim: Probe) -> None:
    name = scim.name()
    scim.send("POST", scim.users, content=make(name).encode("latin-1")).refused(400, 413)
    if not scim.server.lacks("filter"):
        same(scim.find(scim.users, f'userName sw "{name}"'), [], "users created by the refused request")


LENIENT = {"duplicate-key", "lone-surrogate", "nul", "nul-in-name", "long-user-name"}
"""Valid JSON that the standard does not forbid in so many words."""

for name, make, says, covers in BODIES:
    hostile.add(Level.SHOULD if name in LENIENT else Level.MUST, name, says, partial(_body, make), covers)


def _ignored_or_refused(extra: str, scim: Probe) -> None:
    """Unknown names may be ignored; what they hold must not come back, nor break the server."""
    name = scim.name()
    reply = scim.send("POST", scim.users, content=user(extra)(name).encode())
    if reply.status == 400:
        reply.refused(400)
        return
    made = reply.expect(201).resource
    require("polluted" not in reply.text and "polluted" not in str(scim.read(made)), "the unknown name was stored")


for name, extra, says in (
    (
        "prototype",
        ',"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}',
        "Names of JavaScript's internals are unknown attributes.",
    ),
    (
        "dunder",
        ',"__class__":"polluted","__dict__":{"polluted":1}',
        "Names of Python's internals are unknown attributes.",
    ),
    ("empty-name", ',"":"polluted"', "An empty name is an unknown attribute."),
    ("dollar", ',"$where":"polluted","$ref":"polluted"', "Names of a database's operators are unknown attributes."),
    (
        "many-names",
        "," + ",".join(f'"polluted{n}":1' for n in range(2_000)),
        "2,000 unknown attributes do not break the server.",
    ),
):
    hostile.add(Level.MUST, name, says, partial(_ignored_or_refused, extra), "R-7643-2.1-03 R-7644-3.1-02")

FILTERS: tuple[tuple[str, str, bool | None, str], ...] = (
    ("filter-terms", " or ".join(["id pr"] * 4_000), True, "A filter of 4,000 terms is refused, or answered."),
    (
        "filter-depth",
        "(" * 3_000 + "userName pr" + ")" * 3_000,
        True,
        "A filter of 3,000 parentheses is refused, or answered.",
    ),
    (
        "filter-nots",
        "not (" * 1_000 + "userName pr" + ")" * 1_000,
        True,
        "A filter of 1,000 negations is refused, or answered.",
    ),
    (
        "filter-literal",
        f'userName eq "{"a" * 30_000}"',
        False,
        "A literal of 30,000 characters is refused, or answered.",
    ),
    ("filter-quotes", 'userName eq "' + "\\\\" * 5_000, None, "A literal that never ends is refused."),
    ("filter-nul", 'userName eq "a\\u0000b"', False, "NUL in a filter is refused, or finds nobody."),
    (
        "filter-surrogate",
        'userName eq "\\ud800"',
        False,
        "Half of a surrogate pair in a filter is refused, or finds nobody.",
    ),
    ("filter-brackets", "emails[" * 500, None, "500 open brackets are refused."),
    ("filter-number", f"meta.created gt {'9' * 5_000}", None, "A number of 5,000 digits in a filter is refused."),
)


def _filter(expression: str, finds: bool | None, scim: Probe) -> None:
    scim.shared(people)
    reply = scim.get(scim.users, filter=expression)
    if reply.status != 200 or finds is None:
        reply.expect(400, 413, 414, 431)
    else:
        same(bool(reply.resources), finds, "whether anybody is found")


for name, expression, finds, says in FILTERS:
    hostile.add(Level.MUST, name, says, partial(_filter, expression, finds), "R-7644-3.4.2.2-13 C-70", "filter User")


@hostile.must(
    "many-operations",
    "A PATCH of 20,000 operations is refused, or carried out; it never breaks the server.",
    "R-7644-3.1-02",
    needs="patch User.title",
)
def many_operations(scim: Probe) -> None:
    made = scim.user()
    reply = scim.patch(made, *[{"op": "replace", "path": "title", "value": "a"}] * 20_000)
    reply.expect(200, 204, 400, 413)
    same(scim.read(made)["id"], made["id"], "id afterwards")


@hostile.must("path-depth", "A PATCH path of 2,000 parentheses is refused.", "R-7644-3.1-02", needs="patch User.emails")
def path_depth(scim: Probe) -> None:
    made = scim.user()
    path = "emails[" + "(" * 2_000 + 'type eq "work"' + ")" * 2_000 + "]"
    scim.patch(made, {"op": "remove", "path": path}).expect(400, 413, 200, 204)
    same(scim.read(made)["id"], made["id"], "id afterwards")


@hostile.must("ids", "Strange ids are answered with 404, not with an error of the server.", "R-7644-3.4.1-01")
def ids(scim: Probe) -> None:
    for identifier in ("%00", "..%2F", "%27%20or%201%3D1", "a" * 4_000, "null", "*", "%25"):
        scim.get(f"{scim.users}/{identifier}").expect(400, 401, 403, 404, 414)


@hostile.must(
    "still-serving",
    "After all this the server still creates, reads and finds users.",
    "R-7644-3.1-02",
    needs="filter User",
)
def still_serving(scim: Probe) -> None:
    made = scim.user()
    same([each["id"] for each in scim.find(scim.users, f'id eq "{made["id"]}"')], [made["id"]], "found")
