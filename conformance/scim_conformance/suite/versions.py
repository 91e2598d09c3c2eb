"""RFC 7644 section 3.14 and RFC 9110 sections 9 and 13: versions, conditional requests, other methods."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from scim_conformance.checks import Level, Section
from scim_conformance.clients import Reply
from scim_conformance.fixtures import Probe, Resource
from scim_conformance.verdicts import require, same

etag = Section("7644-3.14", "etag", needs="etag User.title")
methods = Section("9110-9", "method")
conditions = Section("9110-13", "condition", needs="etag User")

STALE = 'W/"no-such-version"'
CHANGE = {"op": "replace", "path": "title", "value": "New"}


def write(scim: Probe, method: str, made: Resource, headers: dict[str, str]) -> Reply:
    """A change by PUT, PATCH or DELETE under a condition."""
    if method == "PUT":
        return scim.put(made, scim.user_body(userName=made["userName"], title="New"), headers=headers)
    if method == "PATCH":
        return scim.patch(made, CHANGE, headers=headers)
    return scim.delete(made, headers=headers)


def tag(scim: Probe, made: Resource) -> str:
    """The resource's current ETag, which must be there."""
    came = scim.get(scim.path(made)).expect(200).headers.get("ETag")
    require(came, "the ETag header is missing")
    return str(came)


def _stale(method: str, scim: Probe) -> None:
    made = scim.user(title="Old")
    before = scim.read(made)
    write(scim, method, made, {"If-Match": STALE}).refused(412)
    same(scim.read(made), before, "the resource after the refusal")


def _current(method: str, form: str, scim: Probe) -> None:
    made = scim.user(title="Old")
    write(scim, method, made, {"If-Match": form.replace("{tag}", tag(scim, made))}).expect(200, 204)
    if method == "DELETE":
        scim.get(scim.path(made)).refused(404)
    else:
        same(scim.read(made).get("title"), "New", "title")


for method in ("PUT", "PATCH", "DELETE"):
    needs = "etag User.title" + (" patch" if method == "PATCH" else "")
    covers = "R-7644-3.14-03 C-113" + (" R-7644-3.6-04" if method == "DELETE" else "")
    says = f"{method} with a stale If-Match is refused with 412 and changes nothing."
    etag.add(Level.MUST, f"stale-{method.lower()}", says, partial(_stale, method), covers, needs)
    says = f"{method} with the current version in If-Match is carried out, weak tags included."
    run = partial(_current, method, "{tag}")
    etag.add(Level.MUST, f"current-{method.lower()}", says, run, "R-7644-3.14-03 R-7644-3.14-04 C-112", needs)

for name, form, says in (
    ("star", "*", "If-Match: * holds for a resource that exists."),
    ("list", '"a", {tag}, W/"b"', "If-Match may list several versions, one of which must match."),
):
    etag.add(Level.MUST, f"match-{name}", says, partial(_current, "PUT", form), "R-7644-3.14-03")


def _not_modified(form: str, scim: Probe) -> None:
    made = scim.user()
    current = tag(scim, made)
    condition = form.replace("{tag}", current).replace("{strong}", current.removeprefix("W/"))
    reply = scim.send("GET", scim.path(made), headers={"If-None-Match": condition}).expect(304)
    same(reply.text, "", "body")


for name, form, says in (
    ("same", "{tag}", "Reading with the current version in If-None-Match gives 304 and no body."),
    ("weak", "{strong}", "If-None-Match compares weakly: W/ makes no difference."),
    ("list", '"a", {tag}', "If-None-Match may list several versions."),
    ("star", "*", "If-None-Match: * matches whatever exists."),
):
    etag.add(Level.MUST, f"none-match-{name}", says, partial(_not_modified, form), "R-7644-3.14-02 C-111")


@etag.must(
    "none-match-other", "Reading with another version in If-None-Match gives 200 and the resource.", "R-7644-3.14-02"
)
def none_match_other(scim: Probe) -> None:
    made = scim.user()
    reply = scim.send("GET", scim.path(made), headers={"If-None-Match": STALE}).expect(200)
    same(reply.resource["id"], made["id"], "id")


@etag.must(
    "on-every-answer",
    "Every answer with one resource has an ETag: creating, reading, PUT and PATCH.",
    "R-7644-3.14-01 R-7644-3.5.2-06",
    needs="etag patch User.title",
)
def on_every_answer(scim: Probe) -> None:
    created = scim.post(scim.users, scim.user_body()).expect(201)
    made = created.resource
    replies = [created, scim.get(scim.path(made)), write(scim, "PUT", made, {})]
    for reply in replies:
        same(reply.headers.get("ETag"), reply.resource["meta"].get("version"), "ETag")
    patched = scim.patch(made, {**CHANGE, "value": "Newer"}).expect(200, 204)
    require(patched.headers.get("ETag"), "the ETag header is missing in the answer to PATCH")


@etag.must("changes", "Every stored change gives a new version.", "R-7644-3.14-06", needs="etag patch User.title")
def changes(scim: Probe) -> None:
    made = scim.user()
    versions = [tag(scim, made)]
    for value in ("a", "b", "c"):
        scim.patch(made, {**CHANGE, "value": value}).expect(200, 204)
        versions.append(tag(scim, made))
    same(len(set(versions)), 4, f"number of distinct versions among {versions}")


@etag.must(
    "unchanged",
    "A request that changes nothing keeps the version.",
    "R-7644-3.14-06 R-7644-3.5.2-10",
    needs="etag patch User.title",
)
def unchanged(scim: Probe) -> None:
    made = scim.user(title="New")
    before = tag(scim, made)
    scim.patch(made, CHANGE).expect(200, 204)
    same(tag(scim, made), before, "ETag")


@etag.must(
    "members",
    "A change of a group's members changes the group's version.",
    "R-7644-3.14-06",
    needs="etag patch User Group.members",
)
def members(scim: Probe) -> None:
    group, person = scim.group(), scim.user()
    before = tag(scim, group)
    scim.patch(group, {"op": "add", "path": "members", "value": [{"value": person["id"]}]}).expect(200, 204)
    require(tag(scim, group) != before, "the version did not change")


@etag.should(
    "member-deleted",
    "A group whose member is deleted has another version: who holds the old one must not be told that it is current.",
    "R-7644-3.14-06",
    needs="etag User Group.members",
)
def member_deleted(scim: Probe) -> None:
    person = scim.user()
    group = scim.group(person)
    before = tag(scim, group)
    scim.delete(person).expect(204)
    if not scim.read(group).get("members"):
        require(tag(scim, group) != before, "the version did not change")


@etag.must(
    "old-version",
    "The version from before a change is refused afterwards.",
    "R-7644-3.14-03 R-7644-3.14-07",
    needs="etag patch User.title",
)
def old_version(scim: Probe) -> None:
    made = scim.user()
    old = tag(scim, made)
    scim.patch(made, CHANGE, headers={"If-Match": old}).expect(200, 204)
    scim.patch(made, {**CHANGE, "value": "Lost"}, headers={"If-Match": old}).refused(412)
    same(scim.read(made).get("title"), "New", "title")


@etag.must(
    "parallel",
    "Of several changes on one version at the same time just one succeeds; the others are refused with 412.",
    "R-7644-3.14-07",
)
def parallel(scim: Probe) -> None:
    made = scim.user()
    headers = {"If-Match": tag(scim, made)}
    bodies = [scim.user_body(userName=made["userName"], title=f"New {number}") for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda body: scim.put(made, body, headers=headers).status, bodies))
    same(sorted(statuses), [200, *[412] * 7], "statuses")


@etag.must("missing-first", "A missing resource is 404, whatever the condition.", "R-7644-3.14-05 C-114")
def missing_first(scim: Probe) -> None:
    nobody: dict[str, Any] = scim.user_body(id=scim.name("nobody"))
    scim.put(nobody, headers={"If-Match": STALE}).refused(404)


@etag.should("put-none-match-star", "PUT with If-None-Match: * at a resource that exists is refused with 412.", "C-115")
def put_none_match_star(scim: Probe) -> None:
    made = scim.user(title="Old")
    write(scim, "PUT", made, {"If-None-Match": "*"}).refused(412)
    same(scim.read(made).get("title"), "Old", "title")


@conditions.should("unquoted", "A condition that is no entity tag is refused, not ignored.", "R-9110-13-01")
def unquoted(scim: Probe) -> None:
    made = scim.user()
    scim.delete(made, headers={"If-Match": "abc"}).refused(400, 412)
    same(scim.read(made)["id"], made["id"], "id")


@conditions.should(
    "before-body",
    "The condition is judged before the body: stale version and bad body give 412.",
    "R-9110-13-02 C-37",
    needs="etag patch User",
)
def before_body(scim: Probe) -> None:
    made = scim.user()
    scim.patch(made, {"op": "replace", "path": "bogus", "value": 1}, headers={"If-Match": STALE}).refused(412)


@conditions.must(
    "authentication-first", "Who is not authenticated is told 401, whatever else is wrong.", "R-9110-13-02"
)
def authentication_first(scim: Probe) -> None:
    path = f"{scim.users}/{scim.name('nobody')}"
    scim.send("DELETE", path, headers={"If-Match": STALE}, anonymous=True).refused(401)


@methods.must("options", "OPTIONS is answered or refused; it never breaks the server.", "R-9110-9-01")
def options(scim: Probe) -> None:
    reply = scim.send("OPTIONS", scim.users)
    require(reply.status < 500 or reply.status == 501, f"status {reply.status} came")


@methods.must("trace", "TRACE is refused.", "R-9110-9-01")
def trace(scim: Probe) -> None:
    require(scim.send("TRACE", scim.users).status in (400, 403, 404, 405, 501), "TRACE was not refused")


@methods.must("unknown", "A method that does not exist is refused, without breaking the server.", "R-9110-9-01")
def unknown(scim: Probe) -> None:
    require(scim.send("FROBNICATE", scim.users).status in (400, 403, 404, 405, 501), "the method was not refused")
