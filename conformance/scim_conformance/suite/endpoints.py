"""RFC 7644 sections 3.1, 3.2, 3.8 and 3.11 to 3.13: messages, methods, formats, /Me, errors, protocol versions."""

from functools import partial
from typing import Any

from scim_conformance.checks import Level, Section
from scim_conformance.clients import ERROR
from scim_conformance.fixtures import USER, Probe
from scim_conformance.verdicts import CheckSkipped, require, same

messages = Section("7644-3.1", "message")
endpoints = Section("7644-3.2", "endpoint")
formats = Section("7644-3.8", "format")
me = Section("7644-3.11", "me", needs="")
errors = Section("7644-3.12", "error")
version = Section("7644-3.13", "version", needs="")


@messages.must("malformed", "A body that is no JSON is refused with 400 invalidSyntax.", "R-7644-3.1-01")
def malformed(scim: Probe) -> None:
    scim.send("POST", scim.users, content=b'{"schemas": [').refused(400, types=("invalidSyntax",))


@messages.must("not-an-object", "A body that is no JSON object is refused with 400.", "R-7644-3.1-01")
def not_an_object(scim: Probe) -> None:
    bodies: tuple[Any, ...] = ([], "text", 5, None)
    for body in bodies:
        scim.post(scim.users, body).refused(400, types=("invalidSyntax", "invalidValue"))


@messages.must("empty", "A creation without a body is refused with 400.", "R-7644-3.1-01")
def empty_body(scim: Probe) -> None:
    scim.send("POST", scim.users, content=b"").refused(400)


@messages.should(
    "patch-malformed",
    "PATCH with a body that is no JSON is refused and changes nothing.",
    "R-7644-3.1-01",
    needs="patch User",
)
def patch_malformed(scim: Probe) -> None:
    made = scim.user()
    scim.send("PATCH", scim.path(made), content=b"{'op'").refused(400, types=("invalidSyntax",))
    same(scim.read(made), made, "the resource after the refusal")


@endpoints.must("unknown", "An address that is no endpoint is answered with 404 and an Error.", "R-7644-3.2-01")
def unknown(scim: Probe) -> None:
    scim.get("/NoSuchEndpoint").refused(404)


@endpoints.must("below", "An address below a resource is answered with 404.", "R-7644-3.2-01")
def below(scim: Probe) -> None:
    scim.get(f"{scim.path(scim.user())}/emails").refused(404)


@endpoints.must(
    "allow",
    "A method that an endpoint does not take is answered with 405, and Allow names those it takes.",
    "R-7644-3.2-02 R-9110-9-01",
)
def allow(scim: Probe) -> None:
    reply = scim.send("DELETE", scim.users).refused(405)
    came = {word.strip() for word in reply.headers.get("Allow", "").split(",")}
    require({"GET", "POST"} <= came, f"Allow is {reply.headers.get('Allow')!r}")


@endpoints.must("post-to-one", "POST to a resource's own address is refused.", "R-7644-3.2-02")
def post_to_one(scim: Probe) -> None:
    scim.post(scim.path(scim.user()), scim.user_body()).refused(404, 405, 501)


@endpoints.should("head", "HEAD answers as GET does, without a body.", "R-7644-3.2-03")
def head(scim: Probe) -> None:
    path = scim.path(scim.user())
    reply = scim.send("HEAD", path).expect(200)
    same(reply.text, "", "body")
    same(reply.headers.get("ETag"), scim.get(path).headers.get("ETag"), "ETag")


@endpoints.may("trailing-slash", "A trailing slash is served or redirected, not refused.", "R-7644-3.2-05")
def trailing_slash(scim: Probe) -> None:
    scim.get(f"{scim.users}/", count="1").expect(200, 307, 308)


FORMATS = (
    ("scim", "application/scim+json", "application/scim+json"),
    ("json", "application/json", "application/json"),
    ("with-charset", "application/scim+json; charset=utf-8", "application/scim+json"),
)


def _taken(content_type: str, accept: str, scim: Probe) -> None:
    reply = scim.post(scim.users, scim.user_body(), headers={"Content-Type": content_type, "Accept": accept})
    came = reply.expect(201).headers.get("Content-Type", "").partition(";")[0]
    require(came in ("application/scim+json", "application/json"), f"Content-Type is {came!r}")


for name, content_type, accept in FORMATS:
    says = f"A body in {content_type} is taken, and answered where {accept} is accepted."
    formats.add(Level.MUST, name, says, partial(_taken, content_type, accept), "R-7644-3.8-01 R-7644-3.8-02")


@formats.must("default", "Without a preference the answer is application/scim+json.", "R-7644-3.8-01")
def default_format(scim: Probe) -> None:
    came = scim.send("GET", scim.users, params={"count": "1"}, headers={"Accept": "*/*"}).expect(200)
    same(came.headers.get("Content-Type", "").partition(";")[0], "application/scim+json", "Content-Type")


@formats.must("other-body", "A body in another format is refused with 415.", "R-7644-3.8-02")
def other_body(scim: Probe) -> None:
    for content_type in ("text/plain", "application/xml", "application/x-www-form-urlencoded"):
        scim.post(scim.users, scim.user_body(), headers={"Content-Type": content_type}).refused(415, 400)


@formats.may(
    "other-answer",
    "An Accept header that excludes JSON is answered with 406, or with JSON all the same.",
    "R-7644-3.8-03",
)
def other_answer(scim: Probe) -> None:
    scim.send("GET", scim.users, params={"count": "1"}, headers={"Accept": "application/xml"}).expect(406, 200)


@formats.must("utf-8", "A body that is no UTF-8 is refused.", "R-7644-3.8-04")
def not_utf_8(scim: Probe) -> None:
    named = f'{{"schemas":["{USER}"],"userName":"{scim.name()}","displayName":"caf'
    content = named.encode() + b'\xe9"}'
    scim.send("POST", scim.users, content=content).refused(400, 415)


@formats.must("error", "Errors are answered as application/scim+json.", "R-7644-3.12-01")
def error_format(scim: Probe) -> None:
    reply = scim.get(f"{scim.users}/{scim.name('nobody')}").refused(404)
    came = reply.headers.get("Content-Type", "").partition(";")[0]
    require(came in ("application/scim+json", "application/json"), f"Content-Type is {came!r}")


@me.must(
    "get",
    "/Me is the subject's own resource; 404 or 501 where the token has none.",
    "R-7644-3.11-01 R-7644-3.11-02 C-128",
)
def get_me(scim: Probe) -> None:
    reply = scim.get("/Me").implemented(404)
    came = reply.expect(200).resource
    location = (came.get("meta") or {}).get("location", "")
    require("/Me" not in location and location.endswith(came["id"]), f"meta.location is {location}")
    same(scim.get(f"{scim.users}/{came['id']}").status in (200, 403), True, "the permanent address answers")


@me.must(
    "refusal",
    "Where /Me is not offered, it is refused with 404 or 501 and an Error.",
    "R-7644-3.11-02 R-7644-3.12-06 C-128",
)
def me_refusal(scim: Probe) -> None:
    reply = scim.get("/Me")
    if reply.status != 200:
        reply.refused(404, 501)


@errors.must("body", "An error has the Error URN and its status as text.", "R-7644-3.12-01")
def error_body(scim: Probe) -> None:
    for reply in (scim.get(f"{scim.users}/{scim.name('nobody')}"), scim.post(scim.users, {})):
        came = reply.expect(400, 404).resource
        same(came.get("schemas"), [ERROR], "schemas")
        same(came.get("status"), str(reply.status), "status")


@errors.should("detail", "An error explains itself in detail, to a person.", "R-7644-3.12-07")
def error_detail(scim: Probe) -> None:
    for reply in (scim.get(f"{scim.users}/{scim.name('nobody')}"), scim.post(scim.users, {"schemas": []})):
        reply.expect(400, 404)
        require(isinstance(reply.resource.get("detail"), str) and reply.resource["detail"], "detail is missing")


@errors.should(
    "detail-names-attribute", "detail names the attribute that is wrong.", "R-7644-3.12-07", needs="User.active"
)
def error_names_attribute(scim: Probe) -> None:
    came = scim.post(scim.users, scim.user_body(active="maybe")).expect(400).resource
    require("active" in str(came.get("detail")), f"detail is {came.get('detail')!r}")


@errors.must(
    "known-types", "scimType is one of the words of the standard.", "R-7644-3.12-02", needs="User filter patch"
)
def known_types(scim: Probe) -> None:
    words = {"invalidFilter", "tooMany", "uniqueness", "mutability", "invalidSyntax", "invalidPath", "noTarget"}
    words |= {"invalidValue", "invalidVers", "sensitive", "invalidCursor", "expiredCursor", "invalidCount"}
    made = scim.user()
    for reply in (
        scim.get(scim.users, filter="bogus"),
        scim.post(scim.users, scim.user_body(userName=made["userName"])),
        scim.post(scim.users, {}),
        scim.patch(made, {"op": "remove"}),
        scim.patch(made, {"op": "remove", "path": "id"}),
        scim.get(f"{scim.users}/{scim.name('nobody')}"),
    ):
        reply.expect(400, 404, 409)
        require(reply.resource.get("scimType") in (*words, None), f"scimType is {reply.resource.get('scimType')!r}")


@errors.must(
    "duplicate-is-409",
    "A duplicate is 409, not 400, for PUT and PATCH as for POST.",
    "R-7644-3.12-05 C-45",
    needs="User patch",
)
def duplicate_is_409(scim: Probe) -> None:
    other, made = scim.user(), scim.user()
    scim.put(made, scim.user_body(userName=other["userName"])).refused(409)
    scim.patch(made, {"op": "replace", "path": "userName", "value": other["userName"]}).refused(409)


def _other_version(segment: str, scim: Probe) -> None:
    base = str(scim.client.http.base_url).rstrip("/")
    if not base.endswith("/v2"):
        raise CheckSkipped("the base address does not end with /v2")
    scim.send("GET", f"{base.removesuffix('v2')}{segment}/Users").expect(400, 404, 401)


@version.must("none", "Without a version in the address, the newest is served or nothing is.", "R-7644-3.13-01")
def no_version(scim: Probe) -> None:
    base = str(scim.client.http.base_url).rstrip("/")
    if not base.endswith("/v2"):
        raise CheckSkipped("the base address does not end with /v2")
    scim.send("GET", f"{base.removesuffix('/v2')}/Users").expect(200, 400, 404, 401)


for segment in ("v1", "v3", "v99"):
    says = f"Version {segment} of the protocol is not served at its address."
    version.add(Level.MUST, segment, says, partial(_other_version, segment), "R-7644-3.13-02 R-7644-3.12-08")
